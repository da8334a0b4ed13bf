package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	socialvalue "socialvalue"
	"socialvalue/internal/inspect"
	"socialvalue/internal/layout"
	"socialvalue/internal/load"
	"socialvalue/internal/site"
)

func newSources(a *app) *cobra.Command {
	verb := &cobra.Command{
		Use:     "sources",
		Short:   "List the site's sources, try their files, look at a new file",
		Long:    "Sources are where files come from. These verbs read and keep nothing, and can be asked during a run.",
		Example: "  svw sources list\n  svw sources test ledger\n  svw sources preview export.csv --contract spend/payments",
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	verb.AddCommand(newSourcesList(a), newSourcesTest(a), newSourcesPreview(a), newSourcesDiff(a))
	for _, sub := range verb.Commands() {
		wrapUsage(sub)
	}
	return verb
}

func newSourcesList(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "The sources, their contracts, files that match, when the last was received, which are stale",
		Example: "  svw sources list\n  svw sources list --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			sources, err := inspect.Sources(cmd.Context(), env)
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), sources)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%-24s %-28s %6s  %-20s %s\n", "source", "contract", "files", "received", "from")
			for _, source := range sources {
				received := "never"
				if source.ReceivedAt != nil {
					received = source.ReceivedAt.Format(time.DateTime)
				}
				if source.Stale {
					received += " STALE"
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%-24s %-28s %6d  %-20s %s\n", source.Source, source.Contract, source.Matching, received, source.From)
			}
			return nil
		},
	}
}

func newSourcesTest(a *app) *cobra.Command {
	const usual = 10_000
	var most int64
	verb := &cobra.Command{
		Use:   "test NAME",
		Short: "Say whether the files of a source would be accepted; nothing is loaded",
		Long: `Judges the files of a source as a run would: their layout, their columns, their first rows. With
--rows 0 it judges whole files, with their totals and limits. Exit code 3 when a file would be
refused or a row quarantined.`,
		Example: "  svw sources test ledger\n  svw sources test ledger --rows 0 --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			trials, err := inspect.TestSource(cmd.Context(), env, args[0], most)
			if err != nil {
				return err
			}
			if a.json {
				err = printJSON(cmd.OutOrStdout(), trials)
			} else {
				err = printTrials(cmd.OutOrStdout(), args[0], trials)
			}
			for _, trial := range trials {
				if err == nil && (trial.Refused != "" || trial.Quarantined > 0) {
					return errRefused
				}
			}
			return err
		},
	}
	verb.Flags().Int64Var(&most, "rows", usual, "rows of each file to judge; 0: all")
	return verb
}

func printTrials(w io.Writer, source string, trials []load.Trial) error {
	if len(trials) == 0 {
		_, err := fmt.Fprintf(w, "no file matches source %s\n", source)
		return err
	}
	for _, trial := range trials {
		if trial.Refused != "" {
			fmt.Fprintln(w, "refused  ", strings.TrimSpace(trial.Refused))
			if err := layout.WriteTable(w, trial.Differences); err != nil {
				return err
			}
			continue
		}
		extent := "first "
		if trial.Whole {
			extent = ""
		}
		fmt.Fprintf(w, "accepted  %s: layout %s, %s, %s%d rows right, %d wrong, %d skipped\n",
			trial.File, trial.Layout, trial.Encoding, extent, trial.Rows, trial.Quarantined, trial.Skipped)
		if trial.Reasons != "" {
			fmt.Fprintln(w, "          ", trial.Reasons)
		}
	}
	return nil
}

func newSourcesPreview(a *app) *cobra.Command {
	var ref string
	verb := &cobra.Command{
		Use:   "preview FILE",
		Short: "Look at a new file: encoding, columns, what they hold, and a layout to paste",
		Long: `Looks at the beginning of a file that need not belong to the site and proposes a layout for it.
Without --contract the contract that knows most of its columns is taken. Values of columns that
are or may be personal are shown by their shape (A for a capital, a for a letter, 9 for a digit).`,
		Example: "  svw sources preview export.csv\n  svw sources preview export.csv --contract spend/payments --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			env := builtIn()
			if _, err := os.Stat(filepath.Join(a.siteDir, site.FileName)); err == nil || cmd.Flags().Changed("site") {
				if env, err = a.environment(cmd.ErrOrStderr()); err != nil {
					return err
				}
			}
			shown, err := inspect.PreviewFile(cmd.Context(), env, args[0], ref)
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), shown)
			}
			return shown.Write(cmd.OutOrStdout())
		},
	}
	verb.Flags().StringVar(&ref, "contract", "", "the contract to hold it against, as pipeline/contract")
	return verb
}

func newSourcesDiff(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "diff CONTRACT [CONTRACT]",
		Short: "How two versions of a contract differ: missing, extra, type, order",
		Long: `Compares two contracts, each named as pipeline/contract (as the site has it) or by the path of
its YAML file. With one, the built-in contract is compared with the site's own.`,
		Example: "  svw sources diff spend/payments\n  svw sources diff old/contracts/payments.yaml spend/payments --json",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			differences, err := inspect.Difference(env, socialvalue.Assets, args[0], strings.Join(args[1:], ""))
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), append([]layout.Difference{}, differences...))
			}
			if len(differences) == 0 {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "their columns are the same")
				return err
			}
			return layout.WriteTable(cmd.OutOrStdout(), differences)
		},
	}
}
