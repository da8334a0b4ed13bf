package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"socialvalue/internal/explain"
	"socialvalue/internal/query"
	"socialvalue/internal/workspace"
)

func newExplain(a *app) *cobra.Command {
	var limit int
	verb := &cobra.Command{
		Use:   "explain DATASET COLUMN=VALUE...",
		Short: "From a figure to its rows: what it means, what it is made from, and whether that adds up",
		Long: `Shows one row of a dataset of the current release, with what its columns mean and why they are
empty; what it is built from; and the rows behind it with the file and line they came from. Their
sums are compared with the figure, to the penny; exit code 1 when one differs.

The row is named by columns of its key, as many as it takes; COLUMN= means that there is no value.`,
		Example: `  svw explain spend.local_spend body_code=E47000004 financial_year=2023-24 breakdown=all local_definition=delivery_branch
  svw explain geo.area_summary area_code=E08000012 iod_edition=2025 --limit 5`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			key := map[string]string{}
			for _, arg := range args[1:] {
				column, value, found := strings.Cut(arg, "=")
				if !found {
					return usageError{fmt.Errorf("%q is no COLUMN=VALUE", arg)}
				}
				key[column] = value
			}
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			project, err := workspace.Project(cmd.Context(), env)
			if err != nil {
				return err
			}
			current := filepath.Join(env.Site.Warehouse.Releases(), "current")
			report, err := explain.Figure(cmd.Context(), project, args[0], key, func(tier string) (*query.File, error) {
				if err := mayAsk(current, tier, query.Table, ""); err != nil {
					return nil, usageError{err}
				}
				return query.Open(cmd.Context(), databaseFile(current, tier), limitsOf(env.Site))
			})
			if errors.Is(err, explain.ErrKey) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
			if a.json {
				err = printJSON(cmd.OutOrStdout(), report)
			} else {
				printExplained(cmd.OutOrStdout(), report, limit)
			}
			if err == nil && !report.Agrees() {
				err = errors.New("the rows do not add up to the figure: the dataset and its explanation differ, or the release is not of one piece")
			}
			return err
		},
	}
	verb.Flags().IntVar(&limit, "limit", 20, "rows to show; --json has all")
	return verb
}

func printExplained(w io.Writer, r *explain.Report, limit int) {
	fmt.Fprintf(w, "%s: %s\none row: %s\n\n", r.Dataset, r.Description, r.Grain)
	for _, cell := range r.Cells {
		value := "·"
		switch {
		case cell.Value != nil:
			value = *cell.Value
			if cell.Unit != "" {
				value += " " + cell.Unit
			}
		case cell.NullReason != "":
			value = "· (" + cell.NullReason + ")"
		}
		fmt.Fprintf(w, "%-24s %-28s %s\n", cell.Column, value, cell.Description)
	}
	fmt.Fprintf(w, "\nbuilt from %s\n", strings.Join(r.Inputs, ", "))
	if r.Note != "" {
		fmt.Fprintf(w, "\n%s\n", r.Note)
		return
	}
	fmt.Fprintf(w, "\nrows behind it: %d\n", r.RowCount)
	fmt.Fprintln(w, strings.Join(r.Columns, "  "))
	for i, row := range r.Rows {
		if i == limit {
			fmt.Fprintf(w, "… and %d more: --limit %d, or --json\n", r.RowCount-limit, r.RowCount)
			break
		}
		cells := make([]string, len(row))
		for k, value := range row {
			cells[k] = "·"
			if text, ok := value.(string); ok {
				cells[k] = text
			}
		}
		fmt.Fprintln(w, strings.Join(cells, "  "))
	}
	fmt.Fprintln(w)
	for _, total := range r.Totals {
		verdict := "="
		switch {
		case !total.Agrees:
			verdict = "≠"
		case total.Figure == "":
			fmt.Fprintf(w, "%-24s is not given\n", total.Measure)
			continue
		}
		fmt.Fprintf(w, "%-24s %s of the rows %s %s of the figure\n", total.Measure, total.Rows, verdict, total.Figure)
	}
}
