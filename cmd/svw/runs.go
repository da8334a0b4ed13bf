package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"socialvalue/internal/inspect"
	"socialvalue/internal/journal"
	"socialvalue/internal/runreport"
	"socialvalue/internal/state"
	"socialvalue/internal/workspace"
)

func newRuns(a *app) *cobra.Command {
	verb := &cobra.Command{
		Use:   "runs",
		Short: "What runs did: the journal",
		Long: `The journal: every run of the program that may have changed the warehouse or told people something.
The verb is run (also of what reads files again), publish, backup, baseline or digest; what started it is hand,
or schedule:JOB@TIME#ATTEMPT. It can be asked while a run is under way. How long it is kept is said by
operations.keep_days of svw.yaml.`,
		Example: `  svw runs list
  svw runs show 20260305T023001Z-9915
  svw runs logs 20260305T023001Z-9915`,
	}
	verb.AddCommand(newRunsList(a), newRunsShow(a), newRunsLogs(a))
	return verb
}

func newRunsList(a *app) *cobra.Command {
	var most int
	var of string
	verb := &cobra.Command{
		Use:     "list",
		Short:   "The last runs, the newest first",
		Example: "  svw runs list\n  svw runs list --verb backup\n  svw runs list --most 100 --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			runs, err := inspect.Runs(cmd.Context(), env, of, most)
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), runs)
			}
			for _, r := range runs {
				fmt.Fprintf(cmd.OutOrStdout(), "%s  %-7s %-11s %8s  %s\n", r.ID, r.Verb, r.Status, took(r), r.Trigger)
			}
			return nil
		},
	}
	verb.Flags().IntVar(&most, "most", 20, "so many at most")
	verb.Flags().StringVar(&of, "verb", "", "of this verb alone: run, publish, backup, baseline, digest")
	return verb
}

func took(r state.Run) string {
	if r.Finished.IsZero() {
		return ""
	}
	return r.Finished.Sub(r.Started).Round(time.Second).String()
}

func newRunsShow(a *app) *cobra.Command {
	var of string
	verb := &cobra.Command{
		Use:     "show RUN",
		Short:   "What one run did: its files, relations, checks and release",
		Long:    "Shows what one run did, with all that it reported. RUN is its id or the beginning of it; last is the newest whose verb is run.",
		Example: "  svw runs show last\n  svw runs show 20260305T023001Z-9915 --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			r, report, err := inspect.ShowRun(cmd.Context(), env, of, args[0])
			if err != nil {
				return err
			}
			if r.Verb != state.VerbRun {
				return a.printAct(cmd.OutOrStdout(), env, r)
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), map[string]any{"run": r, "report": report})
			}
			return a.printRun(cmd.OutOrStdout(), r, report)
		},
	}
	verb.Flags().StringVar(&of, "verb", "", ofVerb)
	return verb
}

// ofVerb describes the flag by which one run is found among those of a verb.
const ofVerb = "look among the runs of this verb alone, as backup; last is otherwise the newest svw run"

// printAct shows what a verb other than run did.
func (a *app) printAct(w io.Writer, env workspace.Environment, r state.Run) error {
	kept, err := inspect.ShowAct(env, r)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(w, map[string]any{"run": r, "outcome": kept})
	}
	printJournalled(w, r)
	if kept == nil {
		_, err = fmt.Fprintln(w, "\nIt left no outcome: its process was killed.")
		return err
	}
	_, err = fmt.Fprintf(w, "\n%s", kept)
	return err
}

func printJournalled(w io.Writer, r state.Run) {
	fmt.Fprintf(w, "%-9s %s %s\nstarted   %s by %s, svw %s\n", r.Verb, r.ID, r.Status, r.Started.Format(time.DateTime), r.Trigger, r.Version)
	if !r.Finished.IsZero() {
		fmt.Fprintf(w, "finished  %s\n", r.Finished.Format(time.DateTime))
	}
	if r.Error != "" {
		fmt.Fprintf(w, "error     %s\n", r.Error)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Counts)) {
		fmt.Fprintf(w, "%9d %s\n", r.Counts[name], name)
	}
}

func (a *app) printRun(w io.Writer, r state.Run, report *runreport.Report) error {
	printJournalled(w, r)
	if report == nil {
		_, err := fmt.Fprintln(w, "\nIt left no report: its process was killed, or an earlier version made it.")
		return err
	}
	fmt.Fprintln(w)
	return a.printReport(w, report)
}

func newRunsLogs(a *app) *cobra.Command {
	var of string
	verb := &cobra.Command{
		Use:     "logs RUN",
		Short:   "What one run wrote on the way, a JSON object a line",
		Long:    "Prints the log of a run, also of one that is under way or was killed. RUN is its id or the beginning of it; last is the newest whose verb is run.",
		Example: "  svw runs logs last\n  svw runs logs 20260305T023001Z-9915 | jq .msg",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			r, err := inspect.FindRun(cmd.Context(), env, of, args[0])
			if err != nil {
				return err
			}
			err = journal.Folder(env.Site.Warehouse.Runs()).CopyLog(r.ID, cmd.OutOrStdout())
			if errors.Is(err, journal.ErrNone) {
				return usageError{err}
			}
			return err
		},
	}
	verb.Flags().StringVar(&of, "verb", "", ofVerb)
	return verb
}
