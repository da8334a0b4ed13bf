package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/user"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"socialvalue/internal/inspect"
	"socialvalue/internal/load"
	"socialvalue/internal/run"
)

func newLoads(a *app) *cobra.Command {
	verb := &cobra.Command{
		Use:   "loads",
		Short: "What was loaded from which file; take a load back, or let it count again",
		Example: `  svw loads list --source ledger
  svw loads show 3f9a1c
  svw loads revert 3f9a1c --reason "the sender says the file is a draft"`,
	}
	verb.AddCommand(newLoadsList(a), newLoadsShow(a), newLoadsRevert(a), newLoadsRestore(a))
	return verb
}

func newLoadsList(a *app) *cobra.Command {
	var filter inspect.LoadFilter
	var status string
	var all bool
	verb := &cobra.Command{
		Use:   "list",
		Short: "The loads that count, by source and file; --all lists those that do not, too",
		Long: `Lists the loads that count. --all adds those that a newer file replaced (superseded) and those
that were taken back (reverted); their rows are kept. It can be asked during a run.`,
		Example: `  svw loads list
  svw loads list --source ledger --all
  svw loads list --file 2024-04 --status superseded --json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			filter.Status = load.Status(status)
			known := []load.Status{"", load.StatusActive, load.StatusSuperseded, load.StatusReverted, load.StatusPurged}
			switch {
			case !slices.Contains(known, filter.Status):
				return usageError{fmt.Errorf("there is no status %q: use active, superseded, reverted or purged", status)}
			case status == "" && !all:
				filter.Status = load.StatusActive
			}
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			loads, err := inspect.Loads(cmd.Context(), env, filter)
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), loads)
			}
			return printLoads(cmd.OutOrStdout(), loads)
		},
	}
	verb.Flags().StringVar(&filter.Source, "source", "", "only loads of this source")
	verb.Flags().StringVar(&filter.File, "file", "", "only files with this in their name")
	verb.Flags().StringVar(&status, "status", "", "only active, superseded, reverted or purged ones")
	verb.Flags().BoolVar(&all, "all", false, "those that do not count, too")
	return verb
}

func printLoads(w io.Writer, loads []inspect.LoadStatus) error {
	fmt.Fprintf(w, "%-12s  %-20s %-10s %-23s %9s %9s %11s  %s\n", "load", "source", "status", "period", "rows", "duplicate", "quarantined", "file")
	for _, l := range loads {
		fmt.Fprintf(w, "%-12.12s  %-20s %-10s %-23s %9d %9d %11d  %s\n", l.ID, l.Source, l.Status, claimText(l.Record), l.Rows-l.Duplicates, l.Duplicates, l.Quarantined, fileText(l.Record))
	}
	_, err := fmt.Fprintf(w, "(%d loads)\n", len(loads))
	return err
}

// claimText is what a load's file claims to be.
func claimText(r *load.Record) string {
	switch {
	case r.Slice != "":
		return r.Slice
	case r.PeriodStart != "":
		return r.PeriodStart + "/" + r.PeriodEnd
	}
	return "·"
}

func fileText(r *load.Record) string {
	if r.Member == "" {
		return r.File
	}
	return r.File + "!" + r.Member
}

func newLoadsShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "show LOAD",
		Short:   "Everything about one load: its file, how it was read, its equation and control totals",
		Example: "  svw loads show 3f9a1c\n  svw loads show 3f9a1c --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			loads, err := inspect.Loads(cmd.Context(), env, inspect.LoadFilter{})
			if err != nil {
				return err
			}
			records := make([]*load.Record, len(loads))
			for i := range loads {
				records[i] = loads[i].Record
			}
			found, err := load.Find(records, args[0])
			if err != nil {
				return usageError{err}
			}
			shown := loads[slices.Index(records, found)]
			if a.json {
				return printJSON(cmd.OutOrStdout(), shown)
			}
			return printLoad(cmd.OutOrStdout(), shown)
		},
	}
}

func printLoad(w io.Writer, l inspect.LoadStatus) error {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-13s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("load", "%s", l.ID)
	line("status", "%s", statusText(l))
	if len(l.Supersedes) > 0 {
		line("supersedes", "%s", strings.Join(l.Supersedes, ", "))
	}
	line("file", "%s", fileText(l.Record))
	line("sha256", "%s", l.FileSHA256)
	line("bytes", "%d, changed %s", l.FileBytes, l.FileModified.Format(time.DateTime))
	line("source", "%s, body %s", l.Source, l.Body)
	line("loaded into", "%s by contract %s version %d, layout %s, %s", l.Relation, l.Contract, l.ContractVersion, l.Layout, l.Encoding)
	line("claims", "%s", claimText(l.Record))
	if l.DataFrom != "" {
		line("data", "%s to %s", l.DataFrom, l.DataTo)
	}
	line("received", "%s in run %s", l.ReceivedAt.Format(time.DateTime), l.RunID)
	line("equation", "%d records = %d loaded + %d duplicate + %d quarantined + %d skipped", l.Records, l.Rows-l.Duplicates, l.Duplicates, l.Quarantined, l.SkippedTotal())
	for _, rule := range slices.Sorted(maps.Keys(l.Skipped)) {
		line("", "skipped by rule %s: %d", rule, l.Skipped[rule])
	}
	for _, rule := range slices.Sorted(maps.Keys(l.Warnings)) {
		line("warning", "%s: %d", rule, l.Warnings[rule])
	}
	for _, c := range l.Controls {
		total := "the file has no total of its own"
		if c.Footer != "" {
			total = fmt.Sprintf("the file's own total %s, difference %s", c.Footer, c.Difference)
		}
		line("control", "%s: rows %s + quarantined %s (%d unreadable); %s", c.Column, c.SumRows, c.SumQuarantined, c.Unreadable, total)
	}
	for _, c := range l.Corrections {
		applied := "not applied: there is no such cell"
		if c.Applied {
			applied = "applied"
		}
		line("correction", "line %d, %s: %s, %s on %s (%s)", c.Row, c.Column, applied, c.Who, c.When, c.Reason)
	}
	line("object", "%s, %d bytes", l.ObjectSHA256, l.ObjectBytes)
	return nil
}

func statusText(l inspect.LoadStatus) string {
	text := string(l.Status)
	switch {
	case l.Reverted != nil:
		text += fmt.Sprintf(" by %s on %s: %s", l.Reverted.By, l.Reverted.At.Format(time.DateOnly), l.Reverted.Reason)
	case l.SupersededBy != "":
		text += " by " + l.SupersededBy
	}
	if !l.Configured {
		text += "; svw.yaml has no such source, so its rows do not count"
	}
	return text
}

func newLoadsRevert(a *app) *cobra.Command {
	options := run.RevertOptions{}
	verb := &cobra.Command{
		Use:   "revert LOAD...",
		Short: "Take loads back: what they had replaced counts again",
		Long: `Takes loads back. Their rows do not count any more; the file that they had superseded, or the next
copy of equal rows, counts again. Nothing is deleted, and svw loads restore undoes it. A reverted
file that still lies in drop/ does not come back, nor with svw run --full.

The next svw run builds and releases what changed.`,
		Example: `  svw loads revert 3f9a1c --reason "the sender says the file is a draft"
  svw loads revert 3f9a1c 77b2e0 --by "J. Smith" --reason "wrong year"`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(options.Reason) == "" {
				return usageError{errors.New(`say why: --reason "…"`)}
			}
			return a.changeLoads(cmd, args, options, run.Revert)
		},
	}
	verb.Flags().StringVar(&options.Reason, "reason", "", "why, in a sentence (required)")
	verb.Flags().StringVar(&options.By, "by", "", "who decided it; without it, the user of this machine")
	return verb
}

func newLoadsRestore(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "restore LOAD...",
		Short:   "Let reverted loads count again",
		Long:    "Undoes svw loads revert. The next svw run builds and releases what changed.",
		Example: "  svw loads restore 3f9a1c",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeLoads(cmd, args, run.RevertOptions{}, run.Restore)
		},
	}
}

// changeLoads takes loads back or lets them count again, and says what counts now.
func (a *app) changeLoads(cmd *cobra.Command, args []string, options run.RevertOptions, change loadsVerb) error {
	options.Loads, options.Args = args, os.Args[1:]
	if options.By == "" {
		options.By = userName()
	}
	env, err := a.environment(cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	changes, err := change(cmd.Context(), env, options)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(cmd.OutOrStdout(), changes)
	}
	for _, c := range changes {
		fmt.Fprintf(cmd.OutOrStdout(), "%-10s was %-10s %.12s  %s\n", c.Is, c.Was, c.LoadID, c.File)
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), "\nNext: svw run builds and releases what changed")
	return err
}

// userName is who runs the program, for the record.
func userName() string {
	if me, err := user.Current(); err == nil {
		return me.Username
	}
	return fmt.Sprintf("uid %d", os.Getuid())
}
