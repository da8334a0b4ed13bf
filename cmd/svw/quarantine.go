package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"socialvalue/internal/candidate"
	"socialvalue/internal/correction"
	"socialvalue/internal/inspect"
	"socialvalue/internal/run"
	"socialvalue/internal/workspace"
)

// loadsVerb changes which loads count.
type loadsVerb func(context.Context, workspace.Environment, run.RevertOptions) ([]run.StatusChange, error)

func newQuarantine(a *app) *cobra.Command {
	verb := &cobra.Command{
		Use:   "quarantine",
		Short: "Rows that were kept aside: list, show, export them to be mended, read their files again",
		Example: `  svw quarantine list
  svw quarantine show ledger_2024-04.csv
  svw quarantine export --source ledger --to overrides/raw.spend_payments.csv
  svw quarantine replay --source ledger`,
	}
	verb.AddCommand(newQuarantineList(a), newQuarantineShow(a), newQuarantineExport(a), newQuarantineReplay(a))
	return verb
}

// quarantine lists the documents with rows in quarantine.
func (a *app) quarantine(cmd *cobra.Command, source string, subjects ...string) ([]inspect.QuarantinedFile, error) {
	env, err := a.environment(cmd.ErrOrStderr())
	if err != nil {
		return nil, err
	}
	return inspect.Quarantine(cmd.Context(), env, source, subjects...)
}

func newQuarantineList(a *app) *cobra.Command {
	var source string
	verb := &cobra.Command{
		Use:     "list",
		Short:   "Files with rows in quarantine: how many, which part of the file, by which rules",
		Long:    "Lists the files that count and have rows in quarantine. It can be asked during a run.",
		Example: "  svw quarantine list\n  svw quarantine list --source ledger --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			files, err := a.quarantine(cmd, source)
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), files)
			}
			return printQuarantine(cmd.OutOrStdout(), files)
		},
	}
	verb.Flags().StringVar(&source, "source", "", "only files of this source")
	return verb
}

func printQuarantine(w io.Writer, files []inspect.QuarantinedFile) error {
	fmt.Fprintf(w, "%-12s  %-20s %6s %8s  %s\n", "load", "source", "rows", "share", "file")
	var rows int64
	for _, file := range files {
		rows += file.Rows
		fmt.Fprintf(w, "%-12.12s  %-20s %6d %7.2f%%  %s\n", file.LoadID, file.Source, file.Rows, 100*file.Share(), file.File)
		for _, rule := range slices.Sorted(maps.Keys(file.Rules)) {
			fmt.Fprintf(w, "%-12s  %-20s %6d %8s  %s\n", "", "", file.Rules[rule], "", rule)
		}
	}
	_, err := fmt.Fprintf(w, "(%d rows of %d files)\n", rows, len(files))
	return err
}

func newQuarantineShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show LOAD|FILE...",
		Short: "The rows of a file in quarantine: line, column, rule, what is wrong, the value",
		Long: `Shows why each row was kept aside. A file is named by its load's id or by a part of its name. The
line is that of the file as it was sent. Values of personal columns are never shown.`,
		Example: "  svw quarantine show ledger_2024-04.csv\n  svw quarantine show 3f9a1c --json",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			files, err := a.quarantine(cmd, "", args...)
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), files)
			}
			out := cmd.OutOrStdout()
			for _, file := range files {
				fmt.Fprintf(out, "%s (load %.12s): %d of %d rows\n", file.File, file.LoadID, file.Rows, file.DataRows)
				for _, r := range file.Reasons {
					fmt.Fprintf(out, "  line %-7d %-24s %-18s %-24s %s\n", r.Row, or(r.Column, "(whole row)"), r.Rule, shownText(r), r.Reason)
				}
			}
			if len(files) == 0 {
				fmt.Fprintln(out, "no row in quarantine: svw quarantine list lists the files that have some")
			}
			return nil
		},
	}
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func shownText(r candidate.QuarantinedRow) string {
	if r.Personal {
		return "(personal)"
	}
	return or(r.Shown, "·")
}

func newQuarantineExport(a *app) *cobra.Command {
	var source, to string
	verb := &cobra.Command{
		Use:   "export --to FILE.csv",
		Short: "Write a file of corrections to fill in, a line for each cell in quarantine",
		Long: `Writes a CSV file with a line for each cell in quarantine: fill in value, reason, who, when and, if
it shall end, expires. Under the name overrides/raw.<pipeline>_<contract>.csv it is a file of
corrections; lines in which nothing is filled in are passed over. Cells of personal columns, and
records that are not well formed, cannot be corrected here: ask the sender.`,
		Example: "  svw quarantine export --source ledger --to overrides/raw.spend_payments.csv",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if to == "" {
				return usageError{errors.New("say where: --to overrides/raw.<pipeline>_<contract>.csv")}
			}
			files, err := a.quarantine(cmd, source)
			if err != nil {
				return err
			}
			lines, left, err := exported(files)
			if err != nil {
				return usageError{err}
			}
			if err := writeExport(to, lines); err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), map[string]any{"file": to, "lines": len(lines), "left_out": left})
			}
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "wrote %d lines to %s\n", len(lines), to)
			if left > 0 {
				fmt.Fprintf(out, "left out %d that no correction can mend (personal, or not well formed): ask the sender\n", left)
			}
			if len(files) > 0 {
				fmt.Fprintf(out, "\nNext: fill in value, reason, who and when; keep it as overrides/%s; svw run\n", correction.FileName(files[0].Relation))
			}
			return nil
		},
	}
	verb.Flags().StringVar(&source, "source", "", "only rows of this source")
	verb.Flags().StringVar(&to, "to", "", "the file to write, which must not be there yet (required)")
	return verb
}

// exported are the lines of an export, and how many reasons no line can mend.
func exported(files []inspect.QuarantinedFile) (lines []correction.Line, left int, err error) {
	for _, file := range files {
		if file.Relation != files[0].Relation {
			return nil, 0, fmt.Errorf("rows of %s and %s are in quarantine, and a file corrects one of them: choose with --source", files[0].Relation, file.Relation)
		}
		for _, r := range file.Reasons {
			if !r.Mendable {
				left++
				continue
			}
			lines = append(lines, correction.Line{
				SourceFile: file.File, Row: r.Row, SHA256: file.SHA256, Column: r.Column, Rule: r.Rule, Problem: r.Reason, Shown: r.Shown,
			})
		}
	}
	return lines, left, nil
}

// writeExport writes a new file that its owner alone can read.
func writeExport(to string, lines []correction.Line) error {
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return usageError{fmt.Errorf("%s is there already, perhaps with corrections in it: choose another name or a folder in overrides/", to)}
	}
	if err != nil {
		return usageError{err}
	}
	return errors.Join(correction.Write(out, lines), out.Close())
}

func newQuarantineReplay(a *app) *cobra.Command {
	var options run.ReplayOptions
	verb := &cobra.Command{
		Use:   "replay [LOAD...]",
		Short: "Read files again under the present contracts, layouts and corrections",
		Long: `Reads the files again as they were received, also when they are no longer in drop/, and makes what
it finds count in the place of what counted. --source and --all take the files that have rows in
quarantine. A file that is refused leaves all as it was.

The next svw run builds and releases what changed.`,
		Example: `  svw quarantine replay 3f9a1c
  svw quarantine replay --source ledger
  svw quarantine replay --all --json`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && options.Source == "" && !options.All {
				return usageError{errors.New("say which: LOAD…, --source NAME or --all; svw quarantine list lists them")}
			}
			options.Loads, options.Args = args, os.Args[1:]
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			report, err := run.Replay(cmd.Context(), env, options)
			if report != nil {
				if printErr := a.printReplay(cmd.OutOrStdout(), report); printErr != nil {
					return printErr
				}
			}
			return outcome(err, report != nil && report.Refused())
		},
	}
	verb.Flags().StringVar(&options.Source, "source", "", "files of this source with rows in quarantine")
	verb.Flags().BoolVar(&options.All, "all", false, "files of all sources with rows in quarantine")
	return verb
}

func (a *app) printReplay(w io.Writer, report *run.ReplayReport) error {
	if a.json {
		return printJSON(w, report)
	}
	for _, f := range report.Files {
		if f.After == nil {
			fmt.Fprintf(w, "%-9s %s: %s; what was loaded before still counts\n", f.Status, f.File, f.Reason)
			continue
		}
		fmt.Fprintf(w, "%-9s %s: rows %d → %d, quarantined %d → %d, skipped %d → %d, corrected cells %d → %d\n", "read", f.File,
			f.Before.Rows, f.After.Rows, f.Before.Quarantined, f.After.Quarantined, f.Before.Skipped, f.After.Skipped, f.Before.Corrected, f.After.Corrected)
	}
	_, err := fmt.Fprintf(w, "(%d files)\n\nNext: svw run builds and releases what changed\n", len(report.Files))
	return err
}
