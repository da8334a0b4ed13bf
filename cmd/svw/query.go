package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"socialvalue/internal/manifest"
	"socialvalue/internal/query"
	"socialvalue/internal/site"
	"socialvalue/internal/spreadsheet"
)

func newQuery(a *app) *cobra.Command {
	var tier, saved, format, output string
	verb := &cobra.Command{
		Use:   "query [SQL]",
		Short: "Ask the current release a question, read-only",
		Long: `Asks the current release a question. The file is opened read-only and the question can read
nothing else. Without --tier the open file answers; --tier spend asks the restricted file of
spend, which holds its own tables and the open ones.

--saved NAME asks a named question; svw query --saved list lists them.`,
		Example: `  svw query "select lad_name, imd_decile_1_share from geo.district order by 2 desc"
  svw query --tier spend "select flow_class, sum(amount_gbp) from spend.payments group by 1"
  svw query --saved list
  svw query --format xlsx --output wards.xlsx "select * from geo.ward"`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := site.Load(a.siteDir)
			if err != nil {
				return usageError{err}
			}
			current := filepath.Join(s.Warehouse.Releases(), "current")
			question := strings.Join(args, "")
			switch {
			case saved == "list":
				return listSaved(cmd, current)
			case saved != "":
				if question, tier, err = savedQuestion(current, saved, tier); err != nil {
					return err
				}
			case question == "":
				return usageError{errors.New("give a question in SQL, or --saved NAME; see svw query --help")}
			}
			if a.json {
				format = string(query.JSON)
			}
			if err := mayAsk(current, tier, query.Format(format), output); err != nil {
				return usageError{err}
			}
			return ask(cmd, databaseFile(current, tier), limitsOf(s), question, query.Format(format), output)
		},
	}
	verb.Flags().StringVar(&tier, "tier", "open", "open, or the domain of a restricted file, for example spend")
	verb.Flags().StringVar(&saved, "saved", "", "a named question of the release")
	verb.Flags().StringVar(&format, "format", "table", strings.Join(query.Formats(), ", "))
	verb.Flags().StringVarP(&output, "output", "o", "", "write the answer to this file")
	return verb
}

// databaseFile is the DuckDB file of a tier in a release.
func databaseFile(current, tier string) string {
	return filepath.Join(current, filepath.FromSlash(manifest.DatabasePath(tier)))
}

// mayAsk says what is wrong with how a question is asked, before any file is opened.
func mayAsk(current, tier string, format query.Format, output string) error {
	switch formats := query.Formats(); {
	case !slices.Contains(formats, string(format)):
		last := len(formats) - 1
		return fmt.Errorf("there is no format %q: use %s or %s", format, strings.Join(formats[:last], ", "), formats[last])
	case (format == query.Parquet || format == query.XLSX) && output == "":
		return fmt.Errorf("%s needs a file: add --output FILE", format)
	}
	if _, err := os.Stat(current); err != nil {
		return errNoRelease
	}
	if _, err := os.Stat(databaseFile(current, tier)); err != nil {
		restricted, globErr := filepath.Glob(filepath.Join(current, "restricted", "*"))
		if globErr != nil {
			return fmt.Errorf("list the tiers: %w", globErr)
		}
		tiers := []string{"open"}
		for _, folder := range restricted {
			tiers = append(tiers, filepath.Base(folder))
		}
		return fmt.Errorf("the current release has no tier %q that you can open: use %s", tier, strings.Join(tiers, " or "))
	}
	return nil
}

// errNoRelease says that there is nothing to ask yet.
var errNoRelease = errors.New("there is no release yet: make a release with svw run")

// limitsOf are the site's limits for DuckDB, which hold for questions too.
func limitsOf(s *site.Site) query.Limits {
	return query.Limits{Memory: s.DuckDB.MemoryLimit.Text, Threads: s.DuckDB.Threads, Temp: s.DuckDB.TempLimit.Text}
}

func ask(cmd *cobra.Command, file string, limits query.Limits, question string, format query.Format, output string) (err error) {
	db, err := query.Open(cmd.Context(), file, limits)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if format == query.Parquet {
		return asMistake(db.Export(cmd.Context(), question, output))
	}
	answer, err := db.Ask(cmd.Context(), question)
	if err != nil {
		return asMistake(err)
	}
	if output == "" {
		return answer.Write(cmd.OutOrStdout(), format)
	}
	out, err := os.Create(output)
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	if err := errors.Join(answer.Write(out, format), out.Close()); err != nil {
		return asMistake(errors.Join(err, os.Remove(output)))
	}
	return nil
}

// asMistake makes a question that DuckDB does not understand, or whose answer the
// format cannot hold, a mistake of usage.
func asMistake(err error) error {
	var large *spreadsheet.TooLargeError
	if errors.Is(err, query.ErrQuestion) || errors.As(err, &large) {
		return usageError{err}
	}
	return err
}

// savedQuestion reads a named question of the release and the tier that
// answers it, unless another is asked for.
func savedQuestion(current, name, tier string) (question, answeredBy string, err error) {
	text, err := os.ReadFile(filepath.Join(current, "queries", name+".sql"))
	if errors.Is(err, fs.ErrNotExist) || strings.ContainsAny(name, `/\`) {
		return "", "", usageError{fmt.Errorf("there is no question %q; svw query --saved list lists them", name)}
	}
	if err != nil {
		return "", "", fmt.Errorf("read the question: %w", err)
	}
	if tier == "open" {
		tier = query.TierOf(string(text))
	}
	return string(text), tier, nil
}

func listSaved(cmd *cobra.Command, current string) error {
	files, err := filepath.Glob(filepath.Join(current, "queries", "*.sql"))
	if err != nil {
		return fmt.Errorf("list the questions: %w", err)
	}
	if len(files) == 0 {
		if _, err := os.Stat(current); err != nil {
			return usageError{errNoRelease}
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), "the current release has no named questions")
		return err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("read the question: %w", err)
		}
		title, _, _ := strings.Cut(strings.TrimPrefix(string(text), "-- "), "\n")
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%-36s %-8s %s\n", strings.TrimSuffix(filepath.Base(file), ".sql"), query.TierOf(string(text)), title)
		if err != nil {
			return err
		}
	}
	return nil
}
