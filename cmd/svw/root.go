package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/user"
	"time"

	"github.com/spf13/cobra"

	socialvalue "socialvalue"
	"socialvalue/internal/estimators"
	"socialvalue/internal/extract"
	"socialvalue/internal/site"
	"socialvalue/internal/workspace"
)

// app is what every verb shares: where the site is and how to print.
type app struct {
	siteDir string
	json    bool
	quiet   bool
}

func newRoot() *cobra.Command {
	a := &app{}
	root := &cobra.Command{
		Use:   "svw",
		Short: "The Social Value warehouse",
		Long: `svw takes in what departments export (payments, payroll, travel, housing), joins it
with the Indices of Deprivation, and releases documented datasets: a DuckDB file and
Parquet folders that analysts query.

A warehouse lives in a site folder. Make one with "svw init", or see the whole job on
built-in fixtures with "svw demo".`,
		Example: `  svw demo var/demo                    the whole job on the built-in fixtures
  svw init my-site                     a site folder to fill in
  svw --site my-site run               take in, build, check and release
  svw --site my-site query "select * from geo.district"`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	flags := root.PersistentFlags()
	flags.StringVar(&a.siteDir, "site", ".", "the site folder")
	flags.BoolVar(&a.json, "json", false, "print facts as JSON")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "no progress on the way")
	root.AddCommand(
		newInit(a), newSources(a), newDoctor(a), newRun(a), newBackfill(a), newPlan(a), newStatus(a), newRuns(a), newSchedule(a), newLoads(a), newQuarantine(a), newQuery(a),
		newDatasets(a), newLineage(a), newReleases(a), newExplain(a), newPublish(a), newDisclosure(a), newPeople(a), newHousingFirst(a), newImpact(a), newBaseline(a), newReport(a), newTemplates(a), newTest(a), newDemo(a), newFixtures(), newBackup(a), newRestore(a), newVersion(a), newInternal(),
	)
	wrapUsage(root)
	return root
}

// wrapUsage makes a wrong number of arguments a mistake of usage, of a verb and of those below it. A verb that has
// others below it and does nothing itself says which they are.
func wrapUsage(verb *cobra.Command) {
	for _, below := range verb.Commands() {
		wrapUsage(below)
	}
	if verb.Args == nil {
		verb.Args = cobra.NoArgs
	}
	if verb.RunE == nil && verb.HasSubCommands() {
		verb.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	check := verb.Args
	verb.Args = func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())}
		}
		return nil
	}
}

// environment opens the site and everything a run works with.
func (a *app) environment(stderr io.Writer) (workspace.Environment, error) {
	s, err := site.Load(a.siteDir)
	if err != nil {
		return workspace.Environment{}, usageError{err}
	}
	files, err := s.Files(socialvalue.Assets)
	if err != nil {
		return workspace.Environment{}, usageError{err}
	}
	self, err := os.Executable()
	if err != nil {
		return workspace.Environment{}, fmt.Errorf("find this program: %w", err)
	}
	env := workspace.Environment{
		Site: s, Files: files, Estimators: estimators.All(), Version: programVersion(),
		Now: time.Now, Sleep: extract.Wait, Environ: os.LookupEnv, Verifier: []string{self, "internal", "verify-duckdb"},
		Call: workspace.Call{Trigger: trigger(), Args: os.Args[1:]},
	}
	if !a.quiet && !a.json {
		env.Progress = func(stage, subject string) { fmt.Fprintf(stderr, "%-8s %s\n", stage, subject) }
	}
	return env, nil
}

// accountName is the account of the person at the keyboard, also behind sudo.
func accountName() string {
	if name := os.Getenv("SUDO_USER"); name != "" {
		return name
	}
	if account, err := user.Current(); err == nil {
		return account.Username
	}
	return ""
}

// builtIn is what there is to work with where there is no site.
func builtIn() workspace.Environment {
	return workspace.Environment{Files: socialvalue.Assets, Estimators: estimators.All(), Version: programVersion(), Now: time.Now, Sleep: extract.Wait}
}

// printJSON prints a fact for programs.
func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	return nil
}

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version of this program",
		Example: "  svw version\n  svw version --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.json {
				return printJSON(cmd.OutOrStdout(), map[string]string{"version": programVersion()})
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "svw", programVersion())
			return err
		},
	}
}
