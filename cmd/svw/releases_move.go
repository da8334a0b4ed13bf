package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"socialvalue/internal/manifest"
	"socialvalue/internal/retention"
	"socialvalue/internal/shelf"
	"socialvalue/internal/upkeep"
	"socialvalue/internal/verify"
	"socialvalue/internal/workspace"
)

func newReleasesRollback(a *app) *cobra.Command {
	var by, reason string
	verb := &cobra.Command{
		Use:   "rollback [RELEASE]",
		Short: "Make an earlier release the current one, and hold releasing",
		Long: `Makes an earlier release the current one: the one before, or the one named. It is verified
first. From then on runs build and do not release, until svw releases resume. Who did it and
why is kept beside the releases, and shown by status, list, doctor and every run.`,
		Example: `  svw releases rollback --reason "the June ledger was the wrong one"
  svw releases rollback 20260305T023041Z-9915 --by "A. Analyst" --reason "class of grants wrong"`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(reason) == "" {
				return usageError{errors.New(`say why: --reason "…"`)}
			}
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			hold, err := upkeep.Rollback(cmd.Context(), env, strings.Join(args, ""), by, reason)
			if err != nil {
				return asMissing(err)
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), hold)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "current is %s, verified; it was %s\nruns build and do not release until svw releases resume\n", hold.Release, hold.From)
			return err
		},
	}
	verb.Flags().StringVar(&reason, "reason", "", "why (required)")
	verb.Flags().StringVar(&by, "by", accountName(), "who")
	return verb
}

func newReleasesResume(a *app) *cobra.Command {
	var by string
	verb := &cobra.Command{
		Use:     "resume",
		Short:   "End the hold: the next run releases again",
		Example: "  svw releases resume\n  svw run",
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			hold, err := upkeep.Resume(env, by)
			if errors.Is(err, shelf.ErrNoHold) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), hold)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "ended: %s\nthe next run releases\n", hold)
			return err
		},
	}
	verb.Flags().StringVar(&by, "by", accountName(), "who")
	return verb
}

func newReleasesPrune(a *app) *cobra.Command {
	var dryRun bool
	policy := retention.Usual()
	verb := &cobra.Command{
		Use:   "prune",
		Short: "Remove releases that are past their time, as every run does",
		Long: fmt.Sprintf(`Keeps the current release and the one before it, the last one of each of the latest %d days and %d months that had
one, what a publication or a baseline names, and what is on hold; removes the others.
Restricted parts with personal data go after %d days, also out of releases that stay. Who has a
file open keeps it until it is closed.`, policy.Days, policy.Months, policy.PersonalDays),
		Example: "  svw releases prune --dry-run\n  svw releases prune",
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			plan, err := upkeep.Prune(env, dryRun)
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), plan)
			}
			does := "removed"
			if dryRun {
				does = "would remove"
			}
			for _, kept := range plan.Kept {
				fmt.Fprintf(cmd.OutOrStdout(), "%-13s %s: %s\n", "keeps", kept.Release, strings.Join(kept.Because, ", "))
			}
			for _, removal := range plan.Removals {
				fmt.Fprintf(cmd.OutOrStdout(), "%-13s %s\n", does, removalText(removal))
			}
			if len(plan.Removals) == 0 {
				fmt.Fprintln(cmd.OutOrStdout(), "nothing to remove")
			}
			return nil
		},
	}
	verb.Flags().BoolVar(&dryRun, "dry-run", false, "only say what would be removed")
	return verb
}

func removalText(removal retention.Removal) string {
	if removal.Place == "" {
		return removal.Release + ": " + removal.Because
	}
	return "restricted/" + removal.Place + " of " + removal.Release + ": " + removal.Because
}

// verified is what svw releases verify found of one release.
type verified struct {
	Release string                 `json:"release"`
	Sound   bool                   `json:"sound"`
	Problem string                 `json:"problem,omitempty"`
	Exposed string                 `json:"access_problem,omitempty"` // who may read it is not as the site says
	Removed []manifest.RemovedPart `json:"removed_parts,omitempty"`
}

func newReleasesVerify(a *app) *cobra.Command {
	var all bool
	verb := &cobra.Command{
		Use:   "verify [RELEASE]",
		Short: "Read a release back: every file, as its readers do",
		Long: `Compares every file of the current release, of the one named, or of all, with the manifest:
size and hash; reads Parquet with a second implementation; opens every DuckDB file read-only in
a process of its own; and looks whether groups and modes let in whom the site says, and nobody
else. Exit code 1 when one does not verify.`,
		Example: "  svw releases verify\n  svw releases verify --all --json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if all && len(args) > 0 {
				return usageError{errors.New("name a release, or --all")}
			}
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			root := env.Site.Warehouse.Releases()
			ids, err := shelf.IDs(root)
			if err != nil {
				return err
			}
			if !all {
				manifest, err := shelf.Find(root, strings.Join(args, ""))
				if err != nil {
					return asMissing(err)
				}
				ids = []string{manifest.Release}
			}
			groups, err := workspace.Access(env)
			if err != nil {
				return err
			}
			results, bad := []verified{}, 0
			if err := shelf.VerifyTwin(root); err != nil {
				return fmt.Errorf("%w: svw run writes it again", err)
			}
			for _, id := range ids {
				result := verified{Release: id, Sound: true}
				if result.Removed, err = manifest.RemovedParts(filepath.Join(root, id)); err != nil {
					return err
				}
				if err := verify.Release(cmd.Context(), filepath.Join(root, id), env.Verifier); err != nil {
					if cmd.Context().Err() != nil {
						return err
					}
					result.Sound, result.Problem = false, err.Error()
				}
				if err := groups.Verify(root, id); err != nil {
					result.Exposed = err.Error()
				}
				if !result.Sound || result.Exposed != "" {
					bad++
				}
				results = append(results, result)
				if !a.json {
					printVerified(cmd, result)
				}
			}
			if a.json {
				if err := printJSON(cmd.OutOrStdout(), results); err != nil {
					return err
				}
			}
			if bad > 0 {
				return fmt.Errorf("%d of %d releases do not verify: of damaged ones, roll back to one that does, or restore it from a backup; who may read them is set by svw run", bad, len(ids))
			}
			return nil
		},
	}
	verb.Flags().BoolVar(&all, "all", false, "every release there is")
	return verb
}

func printVerified(cmd *cobra.Command, result verified) {
	if result.Exposed != "" {
		fmt.Fprintf(cmd.OutOrStdout(), "exposed  %s\n", strings.ReplaceAll(result.Exposed, "\n", "\n         "))
	}
	if !result.Sound {
		fmt.Fprintf(cmd.OutOrStdout(), "damaged  %s\n", result.Problem)
	}
	if !result.Sound || result.Exposed != "" {
		return
	}
	without := ""
	for _, part := range result.Removed {
		without += ", without " + part.Place + " (removed on " + part.On.Format("2006-01-02") + ")"
	}
	fmt.Fprintf(cmd.OutOrStdout(), "sound    %s%s\n", result.Release, without)
}
