package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"socialvalue/internal/inspect"
	"socialvalue/internal/run"
	"socialvalue/internal/runreport"
)

func newPlan(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "plan [PIPELINE...]",
		Short: "Say what a run would do, and why",
		Long: `Lists the files a run would read and the relations it would build, each with the reason. It
changes nothing: what a killed run left is not cleared away, and after an upgrade the build
database stays as it is. It waits, like a run, two seconds for files it has never seen.

It disturbs no run: one that is to begin waits for it, and beside one that is under way it says what
was to do when that began, without the files that it has read by now.`,
		Example: "  svw plan\n  svw plan spend --json",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.plan(cmd, run.Options{Pipelines: args})
		},
	}
}

func (a *app) plan(cmd *cobra.Command, options run.Options) error {
	env, err := a.environment(cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	planned, err := inspect.Plan(cmd.Context(), env, options.Wanted())
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if a.json {
		return printJSON(out, planned)
	}
	if b := planned.Beside; b != nil {
		fmt.Fprintf(out, "beside   a run is under way since %s (process %d): what it has built by now is listed, too\n", b.Since.In(env.Site.Location).Format(time.DateTime), b.Process)
	}
	for _, file := range planned.Files {
		verb := "read"
		if file.Status != runreport.FileLoaded {
			verb = string(file.Status)
		}
		fmt.Fprintf(out, "%-8s %-40s %s\n", verb, file.File, file.Reason)
	}
	for _, m := range planned.Models {
		fmt.Fprintf(out, "build    %-40s %s\n", m.Relation, m.Reason)
	}
	for _, relation := range planned.Dropped {
		fmt.Fprintf(out, "drop     %-40s its model is gone\n", relation)
	}
	for _, file := range planned.Purge {
		fmt.Fprintf(out, "purge    %-40s received %s, kept %d days\n", file.Source+"/"+file.SHA256[:12], file.ReceivedAt.Format(time.DateOnly), file.KeptDays)
	}
	printRowRetention(out, planned.Rows, "purge")
	_, err = fmt.Fprintf(out, "%d files to look at, %d relations to build, %d unchanged\n", len(planned.Files), len(planned.Models), planned.Unchanged)
	return err
}
