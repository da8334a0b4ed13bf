package main

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	socialvalue "socialvalue"
	"socialvalue/internal/contract"
	"socialvalue/internal/fixtures/contracts"
	"socialvalue/internal/fixtures/housingfirst"
	"socialvalue/internal/fixtures/impact"
	"socialvalue/internal/fixtures/skills"
	"socialvalue/internal/fixtures/spend"
	"socialvalue/internal/fixtures/staff"
)

func newFixtures() *cobra.Command {
	group := &cobra.Command{Use: "fixtures", Short: "Make the synthetic inputs of tests and demonstrations"}
	options, people := spend.DefaultOptions(), staff.DefaultOptions()
	housed, skilled := housingfirst.DefaultOptions(), skills.DefaultOptions()
	proposals, bought := impact.DefaultOptions(), contracts.DefaultOptions()
	kind := "spend"
	generate := &cobra.Command{
		Use:   "generate DIR",
		Short: "Write ledgers, staff or people helped by synthetic bodies, the same for the same seed",
		Long: `Writes the ledgers of an authority like the Liverpool City Region Combined Authority and of a body
like Merseytravel: synthetic suppliers at real postcodes, with the mess real ledgers have, and
truth.json, which says what is in them. With --kind people it writes their staff in their place:
HR and payroll extracts of three snapshots, applications, and what staff took part in. With --kind
housingfirst it writes one extract of a case system of Housing First, with --kind skills participants
of Households into Work and learners of adult education, with --kind impact proposals, agreements and claims,
with --kind contracts a register of contracts with the payees of the ledgers, notices, award criteria and KPIs.`,
		Example: "  svw fixtures generate /tmp/ledgers\n  svw fixtures generate /tmp/large --seed 7 --lines-per-month 20000 --lines-per-quarter 40000\n" +
			"  svw fixtures generate /tmp/staff --kind people --authority-staff 50000 --transport-staff 50000\n" +
			"  svw fixtures generate /tmp/homes --kind housingfirst --helped 2000",
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
				summary, err := spend.Generate(cmd.Context(), geography, dst, options)
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
			case "housingfirst":
				if cmd.Flags().Changed("seed") {
					housed.Seed = options.Seed
				}
				summary, err := housingfirst.Generate(cmd.Context(), geography, dst, housed)
				if err != nil {
					return err
				}
				what = fmt.Sprintf("an extract of %d people to %s with seed %d; truth.json says what is in it", summary.People, args[0], housed.Seed)
			case "skills":
				if cmd.Flags().Changed("seed") {
					skilled.Seed = options.Seed
				}
				summary, err := skills.Generate(cmd.Context(), geography, dst, skilled)
				if err != nil {
					return err
				}
				what = fmt.Sprintf("%d participants and %d academic years to %s with seed %d; truth.json says what is in them", summary.Participants, len(summary.Aims), args[0], skilled.Seed)
			case "impact":
				feeds, err := contract.LoadAll(socialvalue.Assets)
				if err != nil {
					return fmt.Errorf("read the contracts: %w", err)
				}
				if cmd.Flags().Changed("seed") {
					proposals.Seed = options.Seed
				}
				summary, err := impact.Generate(cmd.Context(), feeds, dst, proposals)
				if err != nil {
					return err
				}
				what = fmt.Sprintf("%d files to %s with seed %d", len(summary.Files), args[0], proposals.Seed)
			case "contracts":
				if cmd.Flags().Changed("seed") {
					bought.Seed = options.Seed
				}
				summary, err := contracts.Generate(cmd.Context(), geography, dst, bought)
				if err != nil {
					return err
				}
				what = fmt.Sprintf("%d contracts and %d releases to %s with seed %d; truth.json says what is in them", summary.Contracts, summary.Releases, args[0], bought.Seed)
			default:
				return usageError{fmt.Errorf("--kind is spend, people, housingfirst, skills, impact or contracts, not %q", kind)}
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
	flags.StringVar(&kind, "kind", kind, "what to write: spend, people, housingfirst, skills, impact or contracts")
	flags.IntVar(&bought.PerYear, "contracts-per-year", bought.PerYear, "contracts let in a year, with --kind contracts")
	flags.IntVar(&proposals.Projects, "projects", proposals.Projects, "projects of the register, with --kind impact")
	flags.IntVar(&people.FirstSnapshot, "first-snapshot", people.FirstSnapshot, "year of the first 31 March, with --kind people")
	flags.IntVar(&people.Years, "snapshots", people.Years, "how many snapshots, with --kind people")
	flags.IntVar(&people.Authority, "authority-staff", people.Authority, "employees of the authority, with --kind people")
	flags.IntVar(&people.Transport, "transport-staff", people.Transport, "employees of the other body, with --kind people")
	flags.IntVar(&housed.People, "helped", housed.People, "people beside those who show an edge case, with --kind housingfirst")
	group.AddCommand(generate, newFixturesTravel())
	return group
}
