package main

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	socialvalue "socialvalue"
	"socialvalue/internal/fixtures/travel"
)

func newFixturesTravel() *cobra.Command {
	o := travel.DefaultOptions()
	cmd := &cobra.Command{
		Use:   "travel DIR",
		Short: "Write invented holders of passes and their journeys, the same for the same seed",
		Long: `Writes what the travel pipeline reads: holders, passes, their history, deaths, a file of journeys for each
day, operators, stops, accounts of the tunnels and households. truth.json says what is in them, and how
many journeys have which problem.`,
		Example: "  svw fixtures travel /tmp/travel\n  svw fixtures travel /tmp/large --journeys 10000000 --days 0 --holders 0",
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
			summary, err := travel.Generate(cmd.Context(), geography, dst, o)
			if err != nil {
				return err
			}
			if err := dst.Close(); err != nil {
				return fmt.Errorf("close the folder: %w", err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "wrote %d journeys of %d holders in %d files to %s; truth.json says what is in them\n",
				summary.Rows, summary.Holders, summary.Files, args[0])
			return err
		},
	}
	flags := cmd.Flags()
	flags.Uint64Var(&o.Seed, "seed", o.Seed, "seed of the random numbers")
	flags.IntVar(&o.Journeys, "journeys", o.Journeys, "boardings, about")
	flags.IntVar(&o.FirstYear, "first-year", o.FirstYear, "calendar year in which the financial year begins")
	flags.IntVar(&o.Days, "days", o.Days, "days of the year with journeys; 0: all")
	flags.IntVar(&o.Holders, "holders", o.Holders, "holders of passes; 0: as many as the journeys need")
	return cmd
}
