package main

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	socialvalue "socialvalue"
	"socialvalue/internal/fixtures"
)

func newFixtures() *cobra.Command {
	group := &cobra.Command{Use: "fixtures", Short: "Make the synthetic inputs of tests and demonstrations"}
	options := fixtures.DefaultOptions()
	generate := &cobra.Command{
		Use:   "generate DIR",
		Short: "Write the ledgers of two synthetic bodies, the same for the same seed",
		Long: `Writes the ledgers of an authority like the Liverpool City Region Combined Authority and of a body
like Merseytravel: synthetic suppliers at real postcodes, with the mess real ledgers have, and
truth.json, which says what is in them.`,
		Example: "  svw fixtures generate /tmp/ledgers\n  svw fixtures generate /tmp/large --seed 7 --lines-per-month 20000 --lines-per-quarter 40000",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o750); err != nil {
				return fmt.Errorf("make the folder: %w", err)
			}
			dst, err := os.OpenRoot(args[0])
			if err != nil {
				return fmt.Errorf("open the folder: %w", err)
			}
			geography, err := fs.Sub(socialvalue.Assets, "fixtures/geography")
			if err != nil {
				return fmt.Errorf("read the built-in geography: %w", err)
			}
			summary, err := fixtures.GenerateSpend(cmd.Context(), geography, dst, options)
			if err != nil {
				return err
			}
			if err := dst.Close(); err != nil {
				return fmt.Errorf("close the folder: %w", err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "wrote %d files to %s with seed %d; truth.json says what is in them\n", len(summary.Files), args[0], options.Seed)
			return err
		},
	}
	flags := generate.Flags()
	flags.Uint64Var(&options.Seed, "seed", options.Seed, "seed of the random numbers")
	flags.IntVar(&options.FirstYear, "first-year", options.FirstYear, "calendar year in which the first financial year begins")
	flags.IntVar(&options.Years, "years", options.Years, "how many financial years")
	flags.IntVar(&options.LinesPerMonth, "lines-per-month", options.LinesPerMonth, "lines of a monthly file of the authority")
	flags.IntVar(&options.LinesPerQuarter, "lines-per-quarter", options.LinesPerQuarter, "lines of a quarterly file of the other body")
	group.AddCommand(generate)
	return group
}
