package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"socialvalue/internal/durable"
	"socialvalue/internal/query"
	"socialvalue/internal/report"
	"socialvalue/internal/site"
)

func newReport(a *app) *cobra.Command {
	output := "report.html"
	verb := &cobra.Command{
		Use:   "report",
		Short: "Write the page of the current release: measures, commitments, what is missing",
		Long: `Writes one HTML file from the open file of the current release: the measures of the framework in its
own words (then, last year, now, whether the change is real, why there is no value), commitments, what is
not measured yet and by whom it will be, what will be done, the seal of the baseline, how fresh and
complete the data are, and where the datasets lie.

The file needs nothing else: no script, nothing from outside. It can be read on a phone, printed, and
read out. It is a candidate like the release itself: publishing it is a person's act.

Exit code 2: there is no release, it has no indicators, or the file cannot be written there.`,
		Example: `  svw report
  svw --site my-site report --output social-value.html`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			request := report.Request{Site: env.Site.Name, Made: env.Now().In(env.Site.Location)}
			page, err := releasedPage(cmd, env.Site, request)
			if err != nil {
				return err
			}
			if err := durable.WriteFile(output, page, 0o640); err != nil {
				if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrExist) || errors.Is(err, os.ErrPermission) {
					return usageError{fmt.Errorf("write the page: %w", err)}
				}
				return fmt.Errorf("write the page: %w", err)
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), map[string]string{"wrote": output})
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "wrote", output)
			return err
		},
	}
	verb.Flags().StringVarP(&output, "output", "o", output, "the file to write")
	return verb
}

func releasedPage(cmd *cobra.Command, s *site.Site, request report.Request) (page []byte, err error) {
	// The folder of the release, so that a release that arrives meanwhile does not mix with it.
	current := filepath.Join(s.Warehouse.Releases(), "current")
	if err := mayAsk(current, "open", query.Table, ""); err != nil {
		return nil, usageError{err}
	}
	folder, err := filepath.EvalSymlinks(current)
	if err != nil {
		return nil, fmt.Errorf("find the current release: %w", err)
	}
	file, err := query.Open(cmd.Context(), databaseFile(folder, "open"), limitsOf(s))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	request.Exists = func(path string) bool {
		_, err := os.Stat(filepath.Join(folder, filepath.FromSlash(path)))
		return err == nil
	}
	var out bytes.Buffer
	if err := report.Write(cmd.Context(), file, request, &out); err != nil {
		if errors.Is(err, report.ErrNoIndicators) {
			return nil, usageError{err}
		}
		return nil, asMistake(err)
	}
	return out.Bytes(), nil
}
