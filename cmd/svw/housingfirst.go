package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"socialvalue/internal/curves"
	"socialvalue/internal/durable"
	"socialvalue/internal/query"
	"socialvalue/internal/site"
)

func newHousingFirst(a *app) *cobra.Command {
	group := &cobra.Command{
		Use:     "housing-first",
		Short:   "What the service looks at: curves of homes kept",
		Example: "  svw housing-first curves --output curves",
	}
	group.AddCommand(newCurves(a))
	return group
}

func newCurves(a *app) *cobra.Command {
	output := "curves"
	verb := &cobra.Command{
		Use:   "curves",
		Short: "Draw the survival curves with interval and numbers at risk",
		Long: `Writes one picture (SVG) for each curve of the current release, and curves.html with all of them, into
a folder: homes kept, people kept housed, time from referral to a home, of all years and of each.
A curve ends where fewer than five are at risk, and the definition stands below it.

It reads the restricted file of housing_first. The pictures are as restricted: others may not read
the files, and they are not for publication.`,
		Example: "  svw housing-first curves --output curves",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := site.Load(a.siteDir)
			if err != nil {
				return usageError{err}
			}
			charts, err := releasedCurves(cmd, s)
			if err != nil {
				return err
			}
			if len(charts) == 0 {
				return usageError{fmt.Errorf("%s is empty: nothing was loaded, or too few people are at risk anywhere", curves.Dataset)}
			}
			if err := writeCurves(output, charts); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "wrote %d curves and %s\n", len(charts), filepath.Join(output, "curves.html"))
			return err
		},
	}
	verb.Flags().StringVarP(&output, "output", "o", output, "the folder to write to")
	return verb
}

func releasedCurves(cmd *cobra.Command, s *site.Site) (charts []curves.Chart, err error) {
	current := filepath.Join(s.Warehouse.Releases(), "current")
	if err := mayAsk(current, curves.Tier, query.Table, ""); err != nil {
		return nil, usageError{err}
	}
	file, err := query.Open(cmd.Context(), databaseFile(current, curves.Tier), limitsOf(s))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	charts, err = curves.Read(cmd.Context(), file)
	if err != nil {
		return nil, asMistake(err)
	}
	return charts, nil
}

func writeCurves(folder string, charts []curves.Chart) error {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	for _, c := range charts {
		var picture bytes.Buffer
		if err := c.SVG(&picture); err != nil {
			return err
		}
		if err := durable.WriteFile(filepath.Join(folder, c.Name()+".svg"), picture.Bytes(), 0o640); err != nil {
			return fmt.Errorf("write the curves: %w", err)
		}
	}
	var page bytes.Buffer
	if err := curves.Page(&page, "Housing First: curves",
		"Restricted to those who may see Housing First. A curve of few people says of some when their home ended: do not pass it on, and do not publish it.", charts); err != nil {
		return err
	}
	if err := durable.WriteFile(filepath.Join(folder, "curves.html"), page.Bytes(), 0o640); err != nil {
		return fmt.Errorf("write the curves: %w", err)
	}
	return nil
}
