package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"socialvalue/internal/disclosure"
	"socialvalue/internal/manifest"
	"socialvalue/internal/publication"
	"socialvalue/internal/site"
	"socialvalue/internal/warehouse"
)

// publications is the folder of the site's editions.
func (a *app) publications() (string, error) {
	s, err := site.Load(a.siteDir)
	if err != nil {
		return "", usageError{err}
	}
	return s.Warehouse.Publications(), nil
}

func newPublishList(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "Every edition, the newest first",
		Example: "  svw publish list",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			root, err := a.publications()
			if err != nil {
				return err
			}
			editions, published, err := publication.List(root)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if a.json {
				type entry struct {
					Name      string `json:"edition"`
					Published bool   `json:"published"`
					*manifest.Edition
				}
				list := []entry{}
				for _, e := range editions {
					list = append(list, entry{e.Release, e.Release == published, e.Edition})
				}
				return printJSON(out, list)
			}
			if len(editions) == 0 {
				_, err := fmt.Fprintln(out, "nothing has been published yet")
				return err
			}
			for _, e := range editions {
				mark := " "
				if e.Release == published {
					mark = "*"
				}
				fmt.Fprintf(out, "%s %4d  %s  %s  %-10s  %s\n", mark, e.Edition.Number, e.Release, dayText(e.Edition.PublishedAt), e.Edition.Period, e.Edition.ApprovedBy)
			}
			return nil
		},
	}
}

func newPublishShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "show [EDITION]",
		Short:   "The seal of an edition: who, when, why, and what was approved",
		Example: "  svw publish show\n  svw publish show 3",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			root, err := a.publications()
			if err != nil {
				return err
			}
			edition, err := findEdition(root, args)
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), edition.Edition)
			}
			return printSeal(cmd.OutOrStdout(), edition)
		},
	}
}

func findEdition(root string, args []string) (*manifest.Manifest, error) {
	name := ""
	if len(args) > 0 {
		name = args[0]
	}
	edition, err := publication.Find(root, name)
	var mistake *publication.RequestError
	if errors.As(err, &mistake) {
		return nil, usageError{err}
	}
	return edition, err
}

func printSeal(w io.Writer, edition *manifest.Manifest) error {
	seal := edition.Edition
	fmt.Fprintf(w, "edition      %d, %s\npublished    %s\napproved by  %s\n", seal.Number, edition.Release, dayText(seal.PublishedAt), seal.ApprovedBy)
	for _, line := range [][2]string{
		{"period", seal.Period},
		{"reason", seal.Reason},
		{"from", "release " + seal.Candidate},
		{"before", seal.Previous},
		{"corrects", seal.Corrects},
		{"note", seal.Note},
	} {
		if line[1] != "" {
			fmt.Fprintf(w, "%-12s %s\n", line[0], line[1])
		}
	}
	for _, name := range seal.Approved {
		fmt.Fprintf(w, "approved     %s\n", name)
	}
	for _, held := range edition.Held {
		fmt.Fprintf(w, "carried      %s\n", held.Dataset)
	}
	for _, e := range seal.Explanations {
		fmt.Fprintf(w, "explained    %s\n", explanationText(e))
	}
	for _, e := range seal.Accepted {
		fmt.Fprintf(w, "accepted     %s\n", explanationText(e))
	}
	for _, c := range seal.Earlier {
		if c.Note != "" {
			fmt.Fprintf(w, "earlier      edition %d corrected %s: %s\n", c.Number, c.Corrects, c.Note)
		}
		for _, e := range c.Explanations {
			fmt.Fprintf(w, "earlier      edition %d explained %s\n", c.Number, explanationText(e))
		}
	}
	return nil
}

func explanationText(e manifest.Explanation) string {
	switch e.Cells {
	case 0:
		return e.Dataset + ": " + e.Text
	case 1:
		return e.Dataset + ", one cell: " + e.Text
	}
	return fmt.Sprintf("%s, %d cells: %s", e.Dataset, e.Cells, e.Text)
}

func newPublishDiff(a *app) *cobra.Command {
	var cells int
	verb := &cobra.Command{
		Use:     "diff EDITION [EDITION]",
		Short:   "In which datasets and cells two editions differ, the second being the published one if not named",
		Example: "  svw publish diff 1\n  svw publish diff 1 2 --cells 20",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			root, err := a.publications()
			if err != nil {
				return err
			}
			from, err := findEdition(root, args[:1])
			if err != nil {
				return err
			}
			to, err := findEdition(root, args[1:])
			if err != nil {
				return err
			}
			db, err := warehouse.Open(cmd.Context(), "", warehouse.Options{MemoryLimit: "1GB", Threads: 1})
			if err != nil {
				return fmt.Errorf("open a database to compare with: %w", err)
			}
			defer func() { err = errors.Join(err, db.Close()) }()
			diffs, err := publication.Diff(cmd.Context(), db, root, from, to, cells)
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), diffs)
			}
			for _, d := range diffs {
				fmt.Fprintf(cmd.OutOrStdout(), "%-32s %d cells changed, %d new, %d gone\n", d.Dataset, d.Cells, d.New, d.Gone)
				printChanges(cmd.OutOrStdout(), d.Changes, d.Cells+d.New+d.Gone)
			}
			if len(diffs) == 0 {
				_, err = fmt.Fprintln(cmd.OutOrStdout(), "every dataset is the same")
			}
			return err
		},
	}
	verb.Flags().IntVar(&cells, "cells", 0, "list so many of the cells that differ, of each dataset")
	return verb
}

// printChanges lists cells that differ, and says how many more there are.
func printChanges(w io.Writer, changes []disclosure.Change, all int64) {
	for _, c := range changes {
		fmt.Fprintf(w, "          %s of %s: %s → %s", c.Column, c.CellKey, c.Was, c.Is)
		if c.Edition > 0 {
			fmt.Fprintf(w, " (edition %d)", c.Edition)
		}
		if c.Unsafe != "" {
			fmt.Fprintf(w, ": %s", c.Unsafe)
		}
		fmt.Fprintln(w)
	}
	if more := all - int64(len(changes)); len(changes) > 0 && more > 0 {
		fmt.Fprintf(w, "          and %d more: --cells %d lists them all\n", more, all)
	}
}
