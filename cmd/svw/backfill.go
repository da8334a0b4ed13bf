package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"socialvalue/internal/run"
)

func newBackfill(a *app) *cobra.Command {
	var from, to string
	verb := &cobra.Command{
		Use:   "backfill PIPELINE --from DAY --to DAY",
		Short: "Read a span of days of one pipeline again, month by month",
		Long: `Reads every file of a pipeline again whose name claims days of the span, under the present contracts,
layouts and corrections: from the drop folder, or else from what was landed. It goes month by month
and then builds and releases once. Until then the current release stays.

A backfill that was killed, stopped or failed goes on with the month it was at when the same one is
asked for again. A file that is refused leaves what counted; the others go on.

Exit code 0: done; 3: done, and something was refused or held; 4: another run is under way.`,
		Example: "  svw backfill spend --from 2022-04-01 --to 2024-03-31",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			options := run.BackfillOptions{Pipeline: args[0], Args: os.Args[1:]}
			var err error
			if options.From, err = parseDay("from", from); err != nil {
				return err
			}
			if options.To, err = parseDay("to", to); err != nil {
				return err
			}
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if !a.json {
				options.Step = func(m run.BackfillMonth) {
					note := ""
					if m.Earlier {
						note = ", done before"
					}
					fmt.Fprintf(out, "read      %s to %s: %d files, %d refused%s\n", m.From, m.To, m.Files, m.Refused, note)
				}
			}
			began := time.Now()
			report, err := run.Backfill(cmd.Context(), env, options)
			if report == nil {
				return err
			}
			if a.json {
				if printErr := printJSON(out, report); printErr != nil {
					return printErr
				}
			} else if report.Final != nil {
				if printErr := a.printReport(out, report.Final); printErr != nil {
					return printErr
				}
				fmt.Fprintf(out, "backfill %s done in %s\n", report.ID, time.Since(began).Round(time.Second))
			}
			return outcome(err, report.Refused())
		},
	}
	verb.Flags().StringVar(&from, "from", "", "the first day, YYYY-MM-DD")
	verb.Flags().StringVar(&to, "to", "", "the last day, YYYY-MM-DD")
	return verb
}
