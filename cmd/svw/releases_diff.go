package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"socialvalue/internal/difference"
	"socialvalue/internal/manifest"
	"socialvalue/internal/shelf"
)

func newReleasesDiff(a *app) *cobra.Command {
	var tiers []string
	verb := &cobra.Command{
		Use:   "diff [EARLIER] [LATER]",
		Short: "What is different between two releases, headline figures in words",
		Long: `Compares two releases: without names, the current one with the one before; with one name, that
one with the current. Datasets and columns that came and went, rows by key, and each headline
figure in a sentence with what is behind it.

Restricted datasets are compared for those who ask for their tier and may read it: --tier spend
tells of their rows, and of what is behind a figure also file, line, amount and what changed.
Without it nothing is said of them but how many rows are behind an open figure.`,
		Example: `  svw releases diff
  svw releases diff 20260304 current --tier spend`,
		Args: cobra.MaximumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			root := env.Site.Warehouse.Releases()
			earlier, later, err := twoReleases(root, args)
			if err != nil {
				return asMissing(err)
			}
			report, err := difference.Compare(cmd.Context(), root, earlier, later, difference.Options{Tiers: tiers, TempDir: env.Site.Warehouse.Temp()})
			if errors.Is(err, difference.ErrTier) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), report)
			}
			return printDifference(cmd.OutOrStdout(), report)
		},
	}
	verb.Flags().StringSliceVar(&tiers, "tier", nil, "compare the restricted datasets of this domain too, for example spend")
	return verb
}

// twoReleases finds what is to be compared.
func twoReleases(root string, names []string) (earlier, later *manifest.Manifest, err error) {
	name := func(i int) string {
		if i < len(names) {
			return names[i]
		}
		return ""
	}
	if later, err = shelf.Find(root, name(1)); err != nil {
		return nil, nil, err
	}
	if len(names) > 0 {
		earlier, err = shelf.Find(root, names[0])
	} else {
		earlier, err = shelf.Before(root, later.Release)
	}
	if err == nil && earlier.Release == later.Release {
		err = usageError{errors.New("these are one release: name two; svw releases list shows them")}
	}
	return earlier, later, err
}

func printDifference(w io.Writer, r *difference.Report) error {
	fmt.Fprintf(w, "from %s to %s\n", r.From, r.To)
	for _, note := range r.Notes {
		fmt.Fprintf(w, "note: %s\n", note)
	}
	last := ""
	for _, f := range r.Figures {
		if head := f.Dataset + " " + f.Name; head != last {
			fmt.Fprintf(w, "\n%s: %s\n", f.Dataset, f.Name)
			last = head
		}
		fmt.Fprintf(w, "  %s\n", f.Sentence)
		for _, cause := range f.Causes {
			printCause(w, cause)
		}
	}
	fmt.Fprintln(w)
	if len(r.Unasked) > 0 {
		defer fmt.Fprintf(w, "restricted datasets are not compared; ask for those you may read with --tier %s\n", strings.Join(r.Unasked, ", --tier "))
	}
	if len(r.Datasets) == 0 {
		_, err := fmt.Fprintln(w, "every dataset compared has the same rows")
		return err
	}
	for _, d := range r.Datasets {
		fmt.Fprintf(w, "%-9s %s%s\n", d.State, d.Name, rowsText(d))
		for _, columns := range []struct {
			what  string
			names []string
		}{{"new columns", d.NewColumns}, {"columns gone", d.DroppedColumns}, {"other types", d.RetypedColumns}} {
			if len(columns.names) > 0 {
				fmt.Fprintf(w, "          %s: %s\n", columns.what, strings.Join(columns.names, ", "))
			}
		}
		if d.Note != "" {
			fmt.Fprintf(w, "          %s\n", d.Note)
		}
		if len(d.Changes) > 0 {
			var parts []string
			for _, column := range slices.Sorted(maps.Keys(d.Changes)) {
				parts = append(parts, fmt.Sprintf("%s (%d)", column, d.Changes[column]))
			}
			fmt.Fprintf(w, "          changed: %s\n", strings.Join(parts, ", "))
		}
		if d.Rows != nil {
			for _, key := range d.Rows.Keys {
				fmt.Fprintf(w, "          %s\n", key)
			}
		}
	}
	return nil
}

func printCause(w io.Writer, cause difference.Cause) {
	if len(cause.Rows) == 0 {
		return
	}
	fmt.Fprintf(w, "    %s\n", cause.Text)
	for _, row := range cause.Rows {
		fmt.Fprintf(w, "      %s line %s  %s  %s\n", row.File, row.Line, row.Amount, row.Text)
	}
}

func rowsText(d difference.Dataset) string {
	if d.Rows == nil {
		return fmt.Sprintf(": %d rows, before %d", d.RowsAfter, d.RowsBefore)
	}
	return fmt.Sprintf(": %d rows new, %d gone, %d changed, now %d", d.Rows.New, d.Rows.Gone, d.Rows.Changed, d.RowsAfter)
}
