package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	socialvalue "socialvalue"
	"socialvalue/internal/demo"
	"socialvalue/internal/query"
	"socialvalue/internal/run"
	"socialvalue/internal/site"
)

func newDemo(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "demo DIR",
		Short: "The whole main job on the built-in fixtures",
		Long: `Makes DIR a site folder with synthetic ledgers of two bodies and real geography of the six
districts, runs the whole flow, and shows what came out. Some of the files are bad on purpose.`,
		Example: "  svw demo var/demo",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := demo.Prepare(args[0], socialvalue.Assets); err != nil {
				return usageError{err}
			}
			a.siteDir = args[0]
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			report, err := run.Run(cmd.Context(), env, run.Options{Trigger: "demo", Args: []string{"demo", args[0]}})
			if report != nil {
				if printErr := a.printReport(cmd.OutOrStdout(), report); printErr != nil {
					return printErr
				}
			}
			if err != nil || a.json {
				return err
			}
			return headlines(cmd, env.Site, args[0])
		},
	}
}

// headlines shows the figures of the demonstration and queries to try.
func headlines(cmd *cobra.Command, s *site.Site, dir string) error {
	current := filepath.Join(s.Warehouse.Releases(), "current")
	out := cmd.OutOrStdout()
	shown, err := demo.Headlines(socialvalue.Assets)
	if err != nil {
		return err
	}
	for _, headline := range shown {
		fmt.Fprintf(out, "\n%s\n", headline.Title)
		if err := answer(cmd, databaseFile(current, headline.Tier), limitsOf(s), headline.SQL, out); err != nil {
			return err
		}
	}
	queries, err := demo.Queries(socialvalue.Assets)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nQueries to try:\n")
	for _, try := range queries {
		tier := ""
		if try.Tier != "open" {
			tier = " --tier " + try.Tier
		}
		fmt.Fprintf(out, "  svw --site %s query%s \"%s\"\n", dir, tier, try.SQL)
	}
	_, err = fmt.Fprintf(out, "\nor open %s with any DuckDB client, read-only.\n", databaseFile(current, "open"))
	return err
}

func answer(cmd *cobra.Command, file string, limits query.Limits, question string, out io.Writer) (err error) {
	db, err := query.Open(cmd.Context(), file, limits)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.Ask(cmd.Context(), question)
	if err != nil {
		return err
	}
	return rows.Write(out, query.Table)
}
