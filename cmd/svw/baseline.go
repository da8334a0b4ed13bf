package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"socialvalue/internal/baseline"
	"socialvalue/internal/upkeep"
)

func newBaseline(a *app) *cobra.Command {
	group := &cobra.Command{
		Use:   "baseline",
		Short: "Freeze what was measured in a year, and hold later figures against it",
		Long: `A baseline is what was measured in a year, as it was known on the day it was frozen: definitions,
values, the hashes of everything they were made from, and a seal over all of it. Later years are
compared with it (indicators.comparison). It is never changed and never removed; a restatement is
the next version, with its reason.`,
	}
	group.AddCommand(newBaselineFreeze(a), newBaselineList(a), newBaselineShow(a), newBaselineVerify(a), newBaselineCompare(a))
	return group
}

func newBaselineFreeze(a *app) *cobra.Command {
	var request upkeep.FreezeRequest
	var due bool
	verb := &cobra.Command{
		Use:   "freeze YEAR | --due",
		Short: "Freeze the baseline of a financial year from the current release",
		Long: `Writes the next version of the year's baseline below baselines/ and prints its seal. Keep the seal
somewhere else too, such as in the minutes of the meeting that decided on it.

It is refused while a measure of the framework has no value, a source is silent for too long or a
dataset is held, unless you say why it is frozen all the same. The reason and what was missing are
part of what is sealed.

With --due it freezes the baseline_year of svw.yaml once, when that year is over; when it is frozen
already, or goes on, it says so and does nothing. The schedule yearly-baseline asks for that.

Exit code 0: frozen, or not due; 3: refused, and nothing was written.`,
		Example: `  svw baseline freeze 2022-23
  svw baseline freeze 2022-23 --force --reason "agreed by the board on 3 May 2023; suppliers' evidence follows"
  svw baseline freeze --due`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			switch {
			case due && (len(args) > 0 || request.Force || request.Reason != ""):
				return usageError{errors.New("--due goes alone: the year is baseline_year of svw.yaml")}
			case !due && len(args) == 0:
				return usageError{errors.New("say which year: svw baseline freeze 2022-23, or --due for baseline_year of svw.yaml")}
			}
			var found upkeep.Due
			if due {
				found, err = upkeep.FreezeDue(cmd.Context(), env)
			} else {
				request.Year = args[0]
				var seal baseline.Seal
				seal, err = upkeep.FreezeBaseline(cmd.Context(), env, request)
				found.Frozen = &seal
			}
			var refused *baseline.RefusedError
			if errors.As(err, &refused) {
				if a.json {
					return errors.Join(printJSON(cmd.OutOrStdout(), map[string][]string{"refused": refused.Reasons}), errRefused)
				}
				for _, reason := range refused.Reasons {
					fmt.Fprintf(cmd.OutOrStdout(), "refused   %s\n", reason)
				}
				return errRefused
			}
			if err != nil {
				return err
			}
			switch {
			case a.json && due:
				return printJSON(cmd.OutOrStdout(), found)
			case a.json:
				return printJSON(cmd.OutOrStdout(), found.Frozen)
			case found.Frozen == nil:
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "not due   %s\n", found.Because)
				return err
			}
			return printBaseline(cmd.OutOrStdout(), *found.Frozen)
		},
	}
	verb.Flags().BoolVar(&due, "due", false, "the baseline_year of svw.yaml, if it is over and was not frozen")
	verb.Flags().BoolVar(&request.Force, "force", false, "freeze although something is missing; needs a reason")
	verb.Flags().StringVar(&request.Reason, "reason", "", "why it is frozen all the same, or stated again")
	return verb
}

func printBaseline(w io.Writer, seal baseline.Seal) error {
	fmt.Fprintf(w, "baseline  %s, frozen %s from release %s\n", seal.Name(), seal.FrozenAt.Format(time.RFC3339), seal.Release)
	if seal.Reason != "" {
		fmt.Fprintf(w, "reason    %s\n", seal.Reason)
	}
	for _, missing := range seal.Missing {
		fmt.Fprintf(w, "missing   %s\n", missing)
	}
	_, err := fmt.Fprintf(w, "seal      %s\n", seal.Seal)
	return err
}

func newBaselineList(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "Every baseline that was frozen",
		Example: "  svw baseline list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			seals, err := baseline.List(env.Site.Warehouse.Baselines())
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), append([]baseline.Seal{}, seals...))
			}
			if len(seals) == 0 {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "no baseline has been frozen yet")
				return err
			}
			for _, seal := range seals {
				fmt.Fprintf(cmd.OutOrStdout(), "%s  v%-3d %s  %s  %s\n", seal.Year, seal.Version, dayText(seal.FrozenAt), seal.Release, seal.Seal)
			}
			return nil
		},
	}
}

func newBaselineShow(a *app) *cobra.Command {
	var version int
	verb := &cobra.Command{
		Use:     "show YEAR",
		Short:   "What was frozen of a year, and when, why and from what",
		Example: "  svw baseline show 2022-23\n  svw baseline show 2022-23 --version 1 --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			found, err := upkeep.OpenBaseline(env, args[0], version)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if a.json {
				type value struct {
					IndicatorID    string  `json:"indicator_id"`
					FinancialYear  string  `json:"financial_year"`
					Breakdown      string  `json:"breakdown"`
					BreakdownValue string  `json:"breakdown_value"`
					Value          *string `json:"value"`
					NullReason     string  `json:"null_reason,omitempty"`
				}
				values := []value{}
				for i, row := range found.Values.Rows {
					cell := func(name string) string { return found.Values.Cell(i, name) }
					values = append(values, value{cell("indicator_id"), cell("financial_year"), cell("breakdown"), cell("breakdown_value"), row[found.Values.Column("measured_value")], cell("null_reason")})
				}
				return printJSON(out, map[string]any{"seal": found.Seal, "values": values})
			}
			if err := printBaseline(out, found.Seal); err != nil {
				return err
			}
			for i := range found.Values.Rows {
				cell := func(name string) string { return found.Values.Cell(i, name) }
				value := cell("measured_value")
				if value == "" {
					value = cell("null_reason")
				}
				fmt.Fprintf(out, "%-6s %s  %-8s %-14s %s\n", cell("indicator_id"), cell("financial_year"), cell("breakdown"), cell("breakdown_value"), value)
			}
			return nil
		},
	}
	verb.Flags().IntVar(&version, "version", 0, "which version; the latest if not said")
	return verb
}

func newBaselineVerify(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "verify",
		Short:   "Read every baseline again and hold it to its seal",
		Example: "  svw baseline verify",
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			seals, err := upkeep.VerifyBaselines(cmd.Context(), env)
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), append([]baseline.Seal{}, seals...))
			}
			for _, seal := range seals {
				fmt.Fprintf(cmd.OutOrStdout(), "whole     %s  %s\n", seal.Name(), seal.Seal)
			}
			if len(seals) == 0 {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "no baseline has been frozen yet")
				return err
			}
			return nil
		},
	}
}

func newBaselineCompare(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "compare YEAR",
		Short: "What is computed for a frozen year now, and where it differs",
		Long: `Compares the latest version of a year's baseline with what the current release computes for the same
year. value_changed: the same definition gives another value; definition_changed: it is defined in
another way; gone, new: it is measured in one of the two only.

Exit code 0: nothing differs; 3: something does.`,
		Example: "  svw baseline compare 2022-23",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			seal, differences, err := upkeep.CompareBaseline(cmd.Context(), env, args[0])
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if a.json {
				err = printJSON(out, map[string]any{"baseline": seal.Name(), "differences": append([]baseline.Difference{}, differences...)})
			} else {
				err = printDifferences(out, seal, differences)
			}
			if err == nil && len(differences) > 0 {
				return errRefused
			}
			return err
		},
	}
}

func printDifferences(w io.Writer, seal baseline.Seal, differences []baseline.Difference) error {
	if len(differences) == 0 {
		_, err := fmt.Fprintf(w, "same      everything is as it was frozen in %s\n", seal.Name())
		return err
	}
	text := func(value *string) string {
		if value == nil {
			return "no value"
		}
		return *value
	}
	for _, d := range differences {
		place := d.Breakdown
		if d.Breakdown != d.BreakdownValue {
			place += " " + d.BreakdownValue
		}
		if d.IoDEdition != "" {
			place += ", Indices of " + d.IoDEdition
		}
		fmt.Fprintf(w, "%-18s %-5s %s (%s): %s when frozen, %s now\n", d.What, d.IndicatorID, d.FinancialYear, place, text(d.Frozen), text(d.Now))
	}
	return nil
}
