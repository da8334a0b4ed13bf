package main

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	socialvalue "socialvalue"
	"socialvalue/internal/contract"
	"socialvalue/internal/fixtures"
	"socialvalue/internal/fixtures/impact"
	"socialvalue/internal/fixtures/staff"
)

func newFixtures() *cobra.Command {
	group := &cobra.Command{Use: "fixtures", Short: "Make the synthetic inputs of tests and demonstrations"}
	options, people, proposals := fixtures.DefaultOptions(), staff.DefaultOptions(), impact.DefaultOptions()
	kind := "spend"
	generate := &cobra.Command{
		Use:   "generate DIR",
		Short: "Write the ledgers or the staff of two synthetic bodies, the same for the same seed",
		Long: `Writes the ledgers of an authority like the Liverpool City Region Combined Authority and of a body
like Merseytravel: synthetic suppliers at real postcodes, with the mess real ledgers have, and
truth.json, which says what is in them. With --kind people it writes their staff in their place:
HR and payroll extracts of three snapshots, applications, and what staff took part in. With --kind
impact it writes proposals, agreements and claims.`,
		Example: "  svw fixtures generate /tmp/ledgers\n  svw fixtures generate /tmp/large --seed 7 --lines-per-month 20000 --lines-per-quarter 40000\n" +
			"  svw fixtures generate /tmp/staff --kind people --authority-staff 50000 --transport-staff 50000",
		Args: cobra.ExactArgs(1),
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
			var what string
			switch kind {
			case "spend":
				summary, err := fixtures.GenerateSpend(cmd.Context(), geography, dst, options)
				if err != nil {
					return err
				}
				what = fmt.Sprintf("%d files to %s with seed %d; truth.json says what is in them", len(summary.Files), args[0], options.Seed)
			case "people":
				if cmd.Flags().Changed("seed") {
					people.Seed = options.Seed
				}
				summary, err := staff.Generate(cmd.Context(), geography, dst, people)
				if err != nil {
					return err
				}
				what = fmt.Sprintf("%d snapshots to %s with seed %d; truth.json says what is in them", len(summary.Truth), args[0], people.Seed)
			case "impact":
				contracts, err := contract.LoadAll(socialvalue.Assets)
				if err != nil {
					return fmt.Errorf("read the contracts: %w", err)
				}
				if cmd.Flags().Changed("seed") {
					proposals.Seed = options.Seed
				}
				summary, err := impact.Generate(cmd.Context(), contracts, dst, proposals)
				if err != nil {
					return err
				}
				what = fmt.Sprintf("%d files to %s with seed %d", len(summary.Files), args[0], proposals.Seed)
			default:
				return usageError{fmt.Errorf("--kind is spend, people or impact, not %q", kind)}
			}
			if err := dst.Close(); err != nil {
				return fmt.Errorf("close the folder: %w", err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "wrote %s\n", what)
			return err
		},
	}
	flags := generate.Flags()
	flags.Uint64Var(&options.Seed, "seed", options.Seed, "seed of the random numbers")
	flags.IntVar(&options.FirstYear, "first-year", options.FirstYear, "calendar year in which the first financial year begins")
	flags.IntVar(&options.Years, "years", options.Years, "how many financial years")
	flags.IntVar(&options.LinesPerMonth, "lines-per-month", options.LinesPerMonth, "lines of a monthly file of the authority")
	flags.IntVar(&options.LinesPerQuarter, "lines-per-quarter", options.LinesPerQuarter, "lines of a quarterly file of the other body")
	flags.StringVar(&kind, "kind", kind, "what to write: spend, people or impact")
	flags.IntVar(&proposals.Projects, "projects", proposals.Projects, "projects of the register, with --kind impact")
	flags.IntVar(&people.FirstSnapshot, "first-snapshot", people.FirstSnapshot, "year of the first 31 March, with --kind people")
	flags.IntVar(&people.Years, "snapshots", people.Years, "how many snapshots, with --kind people")
	flags.IntVar(&people.Authority, "authority-staff", people.Authority, "employees of the authority, with --kind people")
	flags.IntVar(&people.Transport, "transport-staff", people.Transport, "employees of the other body, with --kind people")
	group.AddCommand(generate)
	return group
}
