package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"socialvalue/internal/intake"
	"socialvalue/internal/run"
)

func newExclusions(a *app) *cobra.Command {
	var snapshot, by string
	var forHR bool
	verb := &cobra.Command{
		Use:   "exclusions [BODY] --for-hr",
		Short: "Who is in no pay figure, or not in all, and why, with payroll numbers: one file for HR alone",
		Long: `Writes who is left out of the pay figures of a body, with the reason, so that HR can put right what is
wrong. The warehouse knows people by keys; their payroll numbers are read from the received files
again, here and nowhere else.

The file is warehouse/for_hr/BODY_SNAPSHOT_TIME.csv. Only the group that svw.yaml names may read it:

  groups: {hr: svw-hr}
  for_hr: {keep_days: 14}

It replaces an earlier one of the same body and snapshot, and the first run or svw releases prune
after keep_days removes it. The journal says who asked, when, and how many people; no number of
anybody. The latest snapshot is taken unless another is named.

Without --for-hr nothing is written: the same list with keys is
  svw query --tier people "select * from people.pay_exclusions"

Exit code 3: the received files were removed when their time was up. Put them into drop/ again.`,
		Example: `  svw people exclusions E47000004 --for-hr
  svw people exclusions --for-hr --snapshot 2025-03-31 --by "A. Analyst"`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !forHR {
				return usageError{errors.New("say --for-hr: the file names people by their payroll numbers, for HR alone")}
			}
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			options := run.ExclusionsOptions{Snapshot: snapshot, By: by, Args: append([]string{"--for-hr", "--snapshot", snapshot, "--by", by}, args...)}
			if len(args) > 0 {
				options.Body = args[0]
			}
			written, err := run.ExclusionsForHR(cmd.Context(), env, options)
			if errors.Is(err, intake.ErrPurged) {
				fmt.Fprintln(cmd.ErrOrStderr(), err)
				return errRefused
			}
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), written)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s at %s: %d rows of %d people in %s, removed after %s\n",
				written.Body, written.Snapshot, written.Rows, written.People, written.File, written.Until.Format(time.DateOnly))
			if written.Unknown > 0 {
				fmt.Fprintf(cmd.OutOrStdout(), "%d people have no payroll number: no received file of people or posts names them\n", written.Unknown)
			}
			return nil
		},
	}
	verb.Flags().BoolVar(&forHR, "for-hr", false, "write payroll numbers, into the folder of the group hr")
	verb.Flags().StringVar(&snapshot, "snapshot", "", "the snapshot day, YYYY-MM-DD; the latest, if it is not said")
	verb.Flags().StringVar(&by, "by", accountName(), "who asks")
	return verb
}
