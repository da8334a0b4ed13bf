package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"socialvalue/internal/publication"
	"socialvalue/internal/upkeep"
)

func newPublish(a *app) *cobra.Command {
	var request publication.Request
	var explain, accept []string
	var explainFile string
	var standing bool
	verb := &cobra.Command{
		Use:   "publish PERIOD",
		Short: "Make public what a person approves: a sealed edition of the open datasets",
		Long: `Composes an edition in publications/ from the current release and makes it the published one.
Datasets about people hold the rows of closed periods up to PERIOD; what is not approved this
time stays as it was published, byte for byte. Whatever differs from what was published before
wants an explanation, and nothing is published on the days that svw.yaml excludes.

PERIOD is a financial year (2024-25), a quarter ("2024-25 Q3"), a month (2025-03) or a day.

Exit code 0: published, or nothing would be new; 3: refused, and nothing was published.`,
		Example: `  svw publish 2024-25 --dry-run --approved-by "Ann Example"
  svw publish 2024-25 --dry-run --approved-by "Ann Example" --cells 20
  svw publish 2024-25 --approved-by "Ann Example" --reason "Annual Review 2025"
  svw publish 2024-25 --approved-by "Ann Example" --only spend.local_spend --explain "spend.local_spend: three late invoices"
  svw publish 2024-25 --approved-by "Ann Example" --corrects 20250901T090000Z-1f3a --note "Halton was counted twice"
  svw publish --standing
  svw publish list`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			request.Period = strings.Join(args, "")
			if explainFile != "" {
				data, err := os.ReadFile(explainFile)
				if err != nil {
					return usageError{fmt.Errorf("read the explanations: %w", err)}
				}
				explain = append(explain, strings.Split(string(data), "\n")...)
			}
			if request.Explain, err = publication.Explanations(explain); err != nil {
				return usageError{err}
			}
			if request.Accept, err = publication.Explanations(accept); err != nil {
				return usageError{err}
			}
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			outcome, err := upkeep.Publish(cmd.Context(), env, request, standing)
			if outcome != nil {
				if printErr := a.printOutcome(cmd.OutOrStdout(), outcome); printErr != nil {
					return printErr
				}
			}
			var refused *publication.RefusedError
			if errors.As(err, &refused) {
				return errRefused
			}
			return err
		},
	}
	flags := verb.Flags()
	flags.StringVar(&request.ApprovedBy, "approved-by", "", "who approves it: a person's name")
	flags.StringVar(&request.Reason, "reason", "", "why it is published")
	flags.StringSliceVar(&request.Only, "only", nil, "approve these datasets; all others stay as they were published")
	flags.StringArrayVar(&explain, "explain", nil, `why a dataset differs, or goes out though held or stale: "dataset: why"`)
	flags.StringVar(&explainFile, "explain-file", "", "a file of such lines")
	flags.StringArrayVar(&accept, "accept", nil, `who decided that cells the ledger speaks against may go out: "dataset: who, and why"`)
	flags.StringVar(&request.Corrects, "corrects", "", "an earlier edition that this one corrects")
	flags.StringVar(&request.Note, "note", "", "what was wrong in it")
	flags.BoolVar(&standing, "standing", false, "publish what svw.yaml lets be republished, by its standing approval")
	flags.IntVar(&request.Cells, "cells", 0, "list so many of the cells that differ from what was published, of each dataset")
	flags.BoolVar(&request.DryRun, "dry-run", false, "say what would be published, and change nothing")
	verb.AddCommand(newPublishList(a), newPublishShow(a), newPublishDiff(a), newPublishVerify(a))
	for _, sub := range verb.Commands() {
		wrapUsage(sub)
	}
	return verb
}

// printOutcome says what was published, or would be, or why not.
func (a *app) printOutcome(w io.Writer, outcome *publication.Outcome) error {
	if a.json {
		return printJSON(w, outcome)
	}
	for _, d := range outcome.Datasets {
		fmt.Fprintf(w, "%-9s %-32s %8d rows%s\n", d.Status, d.Dataset, d.Rows, outcomeNotes(d))
		if f := d.Difference; f != nil {
			printChanges(w, d.Changes, f.Otherwise())
		}
	}
	if outcome.OnHold != nil {
		fmt.Fprintf(w, "on hold   %s; what is published is the release it went back to\n", outcome.OnHold)
	}
	for _, reason := range outcome.Refusals {
		fmt.Fprintf(w, "refused   %s\n", reason)
	}
	var err error
	switch seal := outcome.Seal; {
	case len(outcome.Refusals) > 0:
		_, err = fmt.Fprintln(w, "published nothing")
	case outcome.Unchanged:
		_, err = fmt.Fprintln(w, "published nothing: nothing would be new")
	case outcome.DryRun:
		_, err = fmt.Fprintf(w, "would be  edition %d, approved by %s\n", seal.Number, seal.ApprovedBy)
	default:
		_, err = fmt.Fprintf(w, "published edition %d, %s, approved by %s\n          %s\n", seal.Number, outcome.Edition, seal.ApprovedBy, outcome.Folder)
	}
	return err
}

func outcomeNotes(d publication.DatasetOutcome) string {
	var notes []string
	if d.RowsCut > 0 {
		notes = append(notes, fmt.Sprintf("%d left out: their period is not closed, or later", d.RowsCut))
	}
	if f := d.Difference; f != nil && f.Changed+f.Gone+f.Fresh > 0 {
		note := fmt.Sprintf("cells: %d changed, %d gone, %d new", f.Changed, f.Gone, f.Fresh)
		if f.Late > 0 {
			note += fmt.Sprintf(", %d of them in periods published before", f.Late)
		}
		notes = append(notes, note)
	}
	if len(notes) == 0 {
		return ""
	}
	return "  " + strings.Join(notes, "; ")
}

func newPublishVerify(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "verify",
		Short:   "Read every edition and the disclosure ledger again",
		Example: "  svw publish verify",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			editions, err := upkeep.VerifyPublications(cmd.Context(), env)
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), map[string]int{"editions": editions})
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d editions and the disclosure ledger are as they were sealed\n", editions)
			return err
		},
	}
}

// dayText is the day of an instant.
func dayText(t time.Time) string { return t.Format("2006-01-02 15:04 UTC") }
