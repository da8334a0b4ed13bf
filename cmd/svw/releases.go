package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"socialvalue/internal/manifest"
	"socialvalue/internal/retention"
	"socialvalue/internal/shelf"
	"socialvalue/internal/upkeep"
	"socialvalue/internal/workspace"
)

func newReleases(a *app) *cobra.Command {
	group := &cobra.Command{
		Use:   "releases",
		Short: "List, show, compare, verify and prune releases; move back to an earlier one",
		Long: `Releases are folders below warehouse/releases; "current" points to the one in force. A
release is named by its name, by the beginning of its name where no other begins so, or as
"current".`,
		Example: `  svw releases list
  svw releases diff
  svw releases rollback --reason "the June ledger was the wrong one"
  svw releases resume`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	group.AddCommand(newReleasesList(a), newReleasesShow(a), newReleasesDiff(a), newReleasesRollback(a), newReleasesResume(a), newReleasesPrune(a), newReleasesVerify(a))
	return group
}

// listed is one release as it is listed.
type listed struct {
	Release  string                 `json:"release"`
	BuiltAt  time.Time              `json:"built_at"`
	Current  bool                   `json:"current"`
	Datasets int                    `json:"datasets"`
	Held     []string               `json:"held,omitempty"`
	Bytes    int64                  `json:"bytes"`
	Kept     []string               `json:"kept_because"` // empty: the next prune removes it
	Removed  []manifest.RemovedPart `json:"removed_parts,omitempty"`
}

// releaseList is what svw releases list says.
type releaseList struct {
	Releases []listed    `json:"releases"`
	OnHold   *shelf.Hold `json:"on_hold,omitempty"`
}

func newReleasesList(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "The releases there are, newest first, and why each is kept",
		Example: "  svw releases list\n  svw releases list --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			list, err := listReleases(env)
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), list)
			}
			return printReleases(cmd.OutOrStdout(), list)
		},
	}
}

func listReleases(env workspace.Environment) (releaseList, error) {
	root := env.Site.Warehouse.Releases()
	list := releaseList{Releases: []listed{}}
	manifests, err := shelf.List(root)
	if err != nil {
		return list, err
	}
	current, err := shelf.Current(root)
	if err != nil && !errors.Is(err, shelf.ErrNoRelease) {
		return list, err
	}
	if list.OnHold, err = shelf.Holding(root); err != nil {
		return list, err
	}
	plan, err := upkeep.Retained(env.Site).Decide(retention.Usual(), env.Now())
	if err != nil {
		return list, err
	}
	for _, m := range manifests {
		entry := listed{
			Release: m.Release, BuiltAt: m.BuiltAt, Current: current != nil && current.Release == m.Release,
			Datasets: len(m.Datasets), Held: heldNames(m), Bytes: sizeOf(m), Kept: []string{},
		}
		if i := slices.IndexFunc(plan.Kept, func(k retention.Kept) bool { return k.Release == m.Release }); i >= 0 {
			entry.Kept = plan.Kept[i].Because
		}
		if entry.Removed, err = manifest.RemovedParts(filepath.Join(root, m.Release)); err != nil {
			return list, err
		}
		list.Releases = append(list.Releases, entry)
	}
	return list, nil
}

func printReleases(w io.Writer, list releaseList) error {
	for _, entry := range list.Releases {
		mark := " "
		if entry.Current {
			mark = "*"
		}
		fmt.Fprintf(w, "%s %-22s %s  %3d datasets  %9s  %s\n", mark, entry.Release, entry.BuiltAt.Format(time.DateTime), entry.Datasets, bytesText(entry.Bytes), keptText(entry.Kept))
		for _, held := range entry.Held {
			fmt.Fprintf(w, "%26sheld %s\n", "", held)
		}
		for _, part := range entry.Removed {
			fmt.Fprintf(w, "%26swithout %s, removed on %s\n", "", part.Place, part.On.Format(time.DateOnly))
		}
	}
	if len(list.Releases) == 0 {
		fmt.Fprintln(w, "there is no release yet: make one with svw run")
	}
	if list.OnHold != nil {
		fmt.Fprintf(w, "on hold: %s; svw releases resume ends it\n", list.OnHold)
	}
	return nil
}

func keptText(because []string) string {
	if len(because) == 0 {
		return "the next prune removes it"
	}
	return strings.Join(because, ", ")
}

func heldNames(m *manifest.Manifest) []string {
	var names []string
	for _, held := range m.Held {
		name := held.Dataset
		if held.Missing {
			name += " (never released: it is missing)"
		}
		names = append(names, name)
	}
	return names
}

// sizeOf is the size of a release's files, each name counted.
func sizeOf(manifest *manifest.Manifest) (bytes int64) {
	for _, file := range slices.Concat(manifest.Files, manifest.RunFiles) {
		bytes += file.Bytes
	}
	return bytes
}

// shown is one release with its datasets.
type shown struct {
	listed
	RunID    string         `json:"run_id"`
	Software string         `json:"software_version"`
	DuckDB   string         `json:"duckdb_version"`
	Path     string         `json:"path"`
	Contents []shownDataset `json:"contents"`
}

type shownDataset struct {
	Name    string        `json:"name"`
	Kind    manifest.Kind `json:"kind"`
	Rows    *int64        `json:"rows,omitempty"`
	Columns int           `json:"columns"`
	Held    bool          `json:"held"`
	Places  []string      `json:"places"`
}

func newReleasesShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "show [RELEASE]",
		Short:   "What is in a release",
		Example: "  svw releases show\n  svw releases show 20260305 --json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			root := env.Site.Warehouse.Releases()
			m, err := shelf.Find(root, strings.Join(args, ""))
			if err != nil {
				return asMissing(err)
			}
			list, err := listReleases(env)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(list.Releases, func(l listed) bool { return l.Release == m.Release })
			if i < 0 {
				return fmt.Errorf("release %s has gone meanwhile", m.Release)
			}
			entry := shown{
				listed: list.Releases[i], RunID: m.RunID, Software: m.Software, DuckDB: m.DuckDB,
				Path: filepath.Join(root, m.Release), Contents: []shownDataset{},
			}
			for _, record := range m.Datasets {
				one := shownDataset{Name: record.Name, Kind: record.Kind, Columns: len(record.Columns), Held: record.Held, Places: record.Places}
				if record.Kind == manifest.KindTable {
					rows := m.Rows(record.Name)
					one.Rows = &rows
				}
				entry.Contents = append(entry.Contents, one)
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), entry)
			}
			return printShown(cmd.OutOrStdout(), entry)
		},
	}
}

func printShown(w io.Writer, entry shown) error {
	if err := printReleases(w, releaseList{Releases: []listed{entry.listed}}); err != nil {
		return err
	}
	fmt.Fprintf(w, "  %s\n  made by run %s, svw %s, DuckDB %s\n\n", entry.Path, entry.RunID, entry.Software, entry.DuckDB)
	for _, one := range entry.Contents {
		rows := string(one.Kind)
		if one.Rows != nil {
			rows = fmt.Sprint(*one.Rows)
		}
		held := ""
		if one.Held {
			held = "  held"
		}
		fmt.Fprintf(w, "%-30s %10s rows %4d columns  %s%s\n", one.Name, rows, one.Columns, strings.Join(one.Places, " "), held)
	}
	return nil
}

// asMissing makes the name of a release that is not there a mistake of usage.
func asMissing(err error) error {
	if errors.Is(err, shelf.ErrUnknown) || errors.Is(err, shelf.ErrNoRelease) {
		return usageError{err}
	}
	return err
}
