package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"socialvalue/internal/contract"
	"socialvalue/internal/query"
	"socialvalue/internal/site"
	"socialvalue/internal/templates"
	"socialvalue/internal/workspace"
)

func newTemplates(a *app) *cobra.Command {
	var output, year string
	verb := &cobra.Command{
		Use:   "templates NAME --out FILE.xlsx",
		Short: "Make a workbook to send out: the registers, or the return of a supplier",
		Long: `Makes a workbook that people fill in and that is read when it comes back: sheets with locked headings,
lists to choose from, a hint for every column, and the rows of last year from the current release.
Its headings and lists are those of the contracts, so what is asked and what is read cannot differ.

svw templates list says which there are. What is printed after a workbook was made are the lines
of svw.yaml by which it is read. A mistake in a workbook that came back is told with file, sheet and
cell: svw sources test NAME tries it, svw quarantine show FILE lists the cells.

The year is the last financial year that is over, unless --year says another.

Exit code 2: there is no such template, or the file is there already.`,
		Example: `  svw templates list
  svw templates registers --out registers.xlsx
  svw templates supplier-return --out return.xlsx --year 2025-26`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			all, err := allTemplates(env)
			if err != nil {
				return usageError{err}
			}
			if args[0] == "list" {
				return a.listTemplates(cmd.OutOrStdout(), all)
			}
			t := all[args[0]]
			switch {
			case t == nil:
				return usageError{fmt.Errorf("%w: %s; there are %s", templates.ErrUnknown, args[0], strings.Join(slices.Sorted(maps.Keys(all)), ", "))}
			case output == "":
				return usageError{errors.New("say where it goes: --out FILE.xlsx")}
			case year != "" && !regexp.MustCompile(`^\d{4}-\d{2}$`).MatchString(year):
				return usageError{fmt.Errorf("%q is no financial year: write it as 2024-25", year)}
			case year == "":
				year = lastYear(env.Site, env.Site.AsOf(env.Now()))
			}
			request := templates.Request{Year: year, Today: env.Now().In(env.Site.Location), Site: env.Site.Name, Files: env.Files}
			if err := writeTemplate(cmd.Context(), env.Site, t, request, output); err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), map[string]string{"wrote": output, "year": year, "sources": t.Sources})
			}
			return printTemplate(cmd.OutOrStdout(), env.Site, t, output, year)
		},
	}
	verb.Flags().StringVarP(&output, "out", "o", "", "the workbook to write")
	verb.Flags().StringVar(&year, "year", "", "the financial year that is filled in, as 2024-25")
	return verb
}

func allTemplates(env workspace.Environment) (map[string]*templates.Template, error) {
	contracts, err := contract.LoadAll(env.Files)
	if err != nil {
		return nil, err
	}
	return templates.Load(env.Files, contracts)
}

func (a *app) listTemplates(w io.Writer, all map[string]*templates.Template) error {
	type listed struct {
		Name        string `json:"name"`
		Pipeline    string `json:"pipeline"`
		For         string `json:"for"`
		Minutes     int    `json:"minutes"`
		Description string `json:"description"`
	}
	list := []listed{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t := all[name]
		list = append(list, listed{name, t.Pipeline, t.For, t.Minutes, t.Description})
	}
	if a.json {
		return printJSON(w, list)
	}
	for _, t := range list {
		if _, err := fmt.Fprintf(w, "%-16s for %s, %d minutes: %s\n", t.Name, t.For, t.Minutes, t.Description); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%-16s for an applicant: svw impact template FILE.xlsx\n", "proposal")
	return err
}

// lastYear is the last financial year that is over on a day.
func lastYear(s *site.Site, day time.Time) string {
	first := day.Year() - 1
	if day.Before(time.Date(day.Year(), s.FinancialYearStart.Month, s.FinancialYearStart.Day, 0, 0, 0, 0, day.Location())) {
		first--
	}
	return templates.FinancialYear(first)
}

// writeTemplate writes the workbook with what the current release has, if there is one.
func writeTemplate(ctx context.Context, s *site.Site, t *templates.Template, request templates.Request, output string) (err error) {
	if current, linkErr := filepath.EvalSymlinks(filepath.Join(s.Warehouse.Releases(), "current")); linkErr == nil && len(t.Questions) > 0 {
		file, err := query.Open(ctx, databaseFile(current, "open"), limitsOf(s))
		if err != nil {
			return err
		}
		defer file.Close() //nolint:errcheck // it was only read
		request.Release, request.Ask = filepath.Base(current), answered(file)
	}
	out, err := os.OpenFile(output, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return usageError{err}
	}
	if err := errors.Join(templates.Write(ctx, out, t, request), out.Close()); err != nil {
		return errors.Join(err, os.Remove(output))
	}
	return nil
}

// answered asks a released file.
func answered(file *query.File) templates.Ask {
	return func(ctx context.Context, question string) (columns []string, rows [][]*string, err error) {
		answer, err := file.Ask(ctx, question)
		if err != nil {
			return nil, nil, err
		}
		for _, column := range answer.Columns {
			columns = append(columns, column.Name)
		}
		for _, values := range answer.Rows {
			row := make([]*string, len(values))
			for i := range values {
				if !values[i].Null {
					row[i] = &values[i].Text
				}
			}
			rows = append(rows, row)
		}
		return columns, rows, nil
	}
}

// printTemplate says what was made, and what svw.yaml needs to read it when it comes back.
func printTemplate(w io.Writer, s *site.Site, t *templates.Template, output, year string) error {
	fmt.Fprintf(w, "wrote %s for %s\n", output, year)
	fmt.Fprintf(w, "When it comes back, put it into %s.\n", strings.ReplaceAll(t.File, "{year}", year))
	var missing []string
	for _, line := range strings.Split(strings.TrimSpace(t.Sources), "\n") {
		_, rest, _ := strings.Cut(line, "name: ")
		name, _, _ := strings.Cut(rest, ",")
		if _, there := s.Source(name); !there {
			missing = append(missing, "  "+line)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err := fmt.Fprintf(w, "To read it, svw.yaml needs under sources:\n%s\n", strings.Join(missing, "\n"))
	return err
}
