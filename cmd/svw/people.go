package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"socialvalue/internal/durable"
	"socialvalue/internal/payreturn"
	"socialvalue/internal/query"
	"socialvalue/internal/site"
	"socialvalue/pipelines/people/govuk"
)

func newPeople(a *app) *cobra.Command {
	group := &cobra.Command{
		Use:     "people",
		Short:   "What the employer sends and mends: the gender pay gap return, the people left out of it",
		Example: "  svw people return E47000004 --output return.csv\n  svw people exclusions E47000004 --for-hr",
	}
	group.AddCommand(newReturn(a), newExclusions(a))
	return group
}

func newReturn(a *app) *cobra.Command {
	var snapshot, output, compare string
	verb := &cobra.Command{
		Use:   "return [BODY]",
		Short: "The gender pay gap return of a body, as the GOV.UK service takes it",
		Long: `Writes the return of a body as CSV: the employer and the fourteen figures, named and ordered as in
the service's downloads. The latest snapshot is taken unless another is named, and the body may be
left out where there is one. It reads the restricted file of people.

What the service would refuse is not written: each figure is told with its reason.

--compare FILE reads a download of the service and tells which of its figures are others than ours.

Exit code 3: the service would refuse the return, or figures differ.`,
		Example: `  svw people return E47000004 --output return.csv
  svw people return --snapshot 2024-03-31
  svw people return --compare "UK Gender Pay Gap Data - 2024 to 2025.csv"`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := site.Load(a.siteDir)
			if err != nil {
				return usageError{err}
			}
			body := ""
			if len(args) > 0 {
				body = args[0]
			}
			row, err := chosenReturn(cmd, s, body, snapshot)
			if err != nil {
				return err
			}
			if compare != "" {
				return compareReturn(cmd.OutOrStdout(), a.json, row, compare)
			}
			return writeReturn(cmd, row, output)
		},
	}
	verb.Flags().StringVar(&snapshot, "snapshot", "", "the snapshot day, YYYY-MM-DD; the latest, if it is not said")
	verb.Flags().StringVarP(&output, "output", "o", "", "write the return to this file")
	verb.Flags().StringVar(&compare, "compare", "", "a download of the service to compare the return with")
	verb.MarkFlagsMutuallyExclusive("output", "compare")
	return verb
}

func chosenReturn(cmd *cobra.Command, s *site.Site, body, snapshot string) (row payreturn.Row, err error) {
	current := filepath.Join(s.Warehouse.Releases(), "current")
	if err := mayAsk(current, payreturn.Tier, query.Table, ""); err != nil {
		return payreturn.Row{}, usageError{err}
	}
	file, err := query.Open(cmd.Context(), databaseFile(current, payreturn.Tier), limitsOf(s))
	if err != nil {
		return payreturn.Row{}, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	rows, err := payreturn.Rows(cmd.Context(), file)
	if err != nil {
		return payreturn.Row{}, asMistake(err)
	}
	row, err = payreturn.Choose(rows, body, snapshot)
	if err != nil {
		return payreturn.Row{}, usageError{err}
	}
	return row, nil
}

// writeReturn writes the file, or says why the service would refuse it.
func writeReturn(cmd *cobra.Command, row payreturn.Row, output string) error {
	var text bytes.Buffer
	err := govuk.WriteCSV(&text, row.Return)
	var invalid *govuk.InvalidError
	if errors.As(err, &invalid) {
		out := cmd.ErrOrStderr()
		fmt.Fprintf(out, "the service would refuse the return of %s at %s:\n", row.Body, row.Snapshot)
		for _, p := range invalid.Problems {
			fmt.Fprintf(out, "  %s\n", p.Error())
		}
		return errRefused
	}
	if err != nil {
		return err
	}
	if output == "" {
		fmt.Fprint(cmd.OutOrStdout(), text.String())
		return nil
	}
	if err := durable.WriteFile(output, text.Bytes(), 0o640); err != nil {
		return fmt.Errorf("write the return: %w", err)
	}
	return nil
}

// compareReturn tells the figures that differ from a published file.
func compareReturn(out io.Writer, asJSON bool, row payreturn.Row, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return usageError{err}
	}
	published, err := govuk.ReadPublished(file)
	if err := errors.Join(err, file.Close()); err != nil {
		return usageError{fmt.Errorf("%s: %w", path, err)}
	}
	theirs, err := payreturn.Counterpart(published, row.Return)
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", path, err)}
	}
	differences := govuk.Compare(row.Return, theirs.Return)
	if asJSON {
		if err := printJSON(out, told(row, differences)); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(out, "%s at %s, published as %s: %d of %d figures differ\n", row.Body, row.Snapshot, theirs.EmployerName, len(differences), len(govuk.All()))
		for _, d := range differences {
			fmt.Fprintf(out, "%-28s ours %8s   published %8s\n", d.Figure.Column(), figureText(d.Ours), figureText(d.Published))
		}
	}
	if len(differences) > 0 {
		return errRefused
	}
	return nil
}

// differing is a comparison as a program reads it.
type differing struct {
	Body     string          `json:"body_code"`
	Snapshot string          `json:"snapshot_date"`
	Figures  []figureDiffers `json:"differences"`
}

type figureDiffers struct {
	Figure    string   `json:"figure"`
	Ours      *float64 `json:"ours"`
	Published *float64 `json:"published"`
}

func told(row payreturn.Row, differences []govuk.Difference) differing {
	all := differing{row.Body, row.Snapshot, []figureDiffers{}}
	for _, d := range differences {
		all.Figures = append(all.Figures, figureDiffers{d.Figure.Column(), d.Ours, d.Published})
	}
	return all
}

func figureText(value *float64) string {
	if value == nil {
		return "blank"
	}
	return strconv.FormatFloat(*value, 'f', 1, 64)
}
