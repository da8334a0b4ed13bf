package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"socialvalue/internal/inspect"
)

func newDisclosure(a *app) *cobra.Command {
	group := &cobra.Command{
		Use:     "disclosure",
		Short:   "What is withheld and why, and what the ledger of published cells says",
		Example: "  svw disclosure audit\n  svw disclosure explain people.pay_gaps characteristic=disability breakdown=grade",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	group.AddCommand(newAudit(a), newExplainWithheld(a))
	for _, sub := range group.Commands() {
		wrapUsage(sub)
	}
	return group
}

func newAudit(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "audit [RELEASE]",
		Short: "Hold the open tables about people against everything that was published",
		Long: `Counts, for every open table about people of a release, the cells that are withheld and shown,
and those that speak against publishing it: withheld now and shown before, shown now and withheld
before, and counts that differ by a few people from an earlier edition.

Exit code 3: something speaks against it.`,
		Example: "  svw disclosure audit\n  svw disclosure audit 20250630T023000Z-1f3a --json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			audit, err := inspect.AuditRelease(cmd.Context(), env, strings.Join(args, ""))
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if a.json {
				if err := printJSON(out, audit); err != nil {
					return err
				}
			} else {
				fmt.Fprintf(out, "release %s, %d editions published\n", audit.Release, audit.Editions)
				for _, d := range audit.Datasets {
					fmt.Fprintf(out, "%-32s %6d cells shown, %6d withheld", d.Dataset, d.Shown, d.Withheld)
					if f := d.Difference; f.Unsafe() > 0 {
						fmt.Fprintf(out, "; against publishing: %d withheld now and shown before, %d shown now and withheld before, %d small changes", f.HiddenAgain, f.ShownAfter, f.SmallChanges)
					}
					fmt.Fprintln(out)
				}
				if len(audit.Datasets) == 0 {
					fmt.Fprintln(out, "no open table is about people")
				}
			}
			if audit.Unsafe() > 0 {
				return errRefused
			}
			return nil
		},
	}
}

func newExplainWithheld(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "explain DATASET [COLUMN=VALUE...]",
		Short: "Why cells of a dataset are withheld, for readers of its domain",
		Long: `Lists the withheld cells of the rows with these key values in the current release, each with its
rule, and what was ever published of those rows. It reads the restricted file of the dataset's domain.`,
		Example: "  svw disclosure explain people.workforce_profile characteristic=disability",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			key := map[string]string{}
			for _, arg := range args[1:] {
				name, value, ok := strings.Cut(arg, "=")
				if !ok {
					return usageError{fmt.Errorf("%q names no value: write COLUMN=VALUE, as financial_year=2024-25", arg)}
				}
				key[name] = value
			}
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			explained, err := inspect.ExplainWithheld(cmd.Context(), env, args[0], key)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if a.json {
				return printJSON(out, explained)
			}
			for _, c := range explained.Cells {
				fmt.Fprintf(out, "%-9s %-24s %s\n          %s (%s)\n", c.Withholding, c.Column, c.CellKey, c.Means, c.Rule)
			}
			if len(explained.Cells) == 0 {
				fmt.Fprintln(out, "nothing is withheld there")
			}
			for _, e := range explained.History {
				fmt.Fprintf(out, "edition %d  %-24s %s %s\n", e.Number, e.Column, e.State, e.Value)
			}
			return nil
		},
	}
}
