package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"socialvalue/internal/extract"
	"socialvalue/internal/proposal"
	"socialvalue/internal/workspace"
)

func newImpact(a *app) *cobra.Command {
	group := &cobra.Command{Use: "impact", Short: "Proposals: assess a workbook, or make an empty one"}
	group.AddCommand(newAssess(a), newProposalTemplate())
	return group
}

func newAssess(a *app) *cobra.Command {
	var asOf, page, shared string
	verb := &cobra.Command{
		Use:   "assess FILE.xlsx",
		Short: "Say what a proposal adds beyond what would have happened anyway",
		Long: `Reads an applicant's workbook by the contracts of the pipeline impact and assesses it as the nightly
run would: inherent and additional value, net of what would have been anyway, level by level; the
way from gross to net; what is not certain; which adjustment is worth most for what it costs; and
every row that does not count, with the reason and what to do. Nothing of it is kept.

Exit code 0: everything counts; 3: something does not.`,
		Example: `  svw impact template my-bid.xlsx
  svw impact assess my-bid.xlsx
  svw impact assess my-bid.xlsx --html my-bid.html
  svw impact assess my-bid.xlsx --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			request := proposal.Request{File: args[0], Shared: shared}
			env := builtIn()
			env.Sleep = extract.Wait
			self, err := os.Executable()
			if err != nil {
				return fmt.Errorf("find this program: %w", err)
			}
			env.Verifier = []string{self, "internal", "verify-duckdb"}
			if request.AsOf, err = parseDay("as-of", asOf); err != nil {
				return err
			}
			if request.AsOf.IsZero() {
				request.AsOf = env.Now().UTC()
			}
			if _, err := os.Stat(args[0]); err != nil {
				return usageError{err}
			}
			if request.Dir, err = os.MkdirTemp("", "svw-assess-"); err != nil {
				return fmt.Errorf("make a folder to work in: %w", err)
			}
			defer func() { err = errors.Join(err, os.RemoveAll(request.Dir)) }()
			return a.assess(cmd, env, request, page)
		},
	}
	flags := verb.Flags()
	flags.StringVar(&asOf, "as-of", "", "day up to which years are over, YYYY-MM-DD (default: today)")
	flags.StringVar(&page, "html", "", "write the assessment as a page to this file too")
	flags.StringVar(&shared, "shared", "", "folder with parameters.csv and proxies.csv that every project may use")
	return verb
}

func (a *app) assess(cmd *cobra.Command, env workspace.Environment, request proposal.Request, page string) error {
	assessment, err := proposal.Assess(cmd.Context(), env, request)
	if err != nil {
		return err
	}
	if page != "" {
		if err := writePage(assessment, page); err != nil {
			return err
		}
	}
	if a.json {
		err = printJSON(cmd.OutOrStdout(), assessment)
	} else {
		err = printAssessment(cmd.OutOrStdout(), assessment)
	}
	return outcome(err, assessment.Refused())
}

func writePage(assessment *proposal.Assessment, file string) (err error) {
	out, err := os.OpenFile(file, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o640)
	if err != nil {
		return usageError{err}
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	return assessment.Page(out)
}

func newProposalTemplate() *cobra.Command {
	return &cobra.Command{
		Use:     "template FILE.xlsx",
		Short:   "Write the empty workbook for an applicant",
		Example: "  svw impact template my-bid.xlsx",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := proposal.Template(builtIn(), args[0]); err != nil {
				return usageError{err}
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "wrote %s; its first sheet says how to fill it in\n", args[0])
			return err
		},
	}
}

// printAssessment prints an assessment for a person at a terminal.
func printAssessment(w io.Writer, a *proposal.Assessment) error {
	for _, p := range a.Projects {
		fmt.Fprintf(w, "%s  %s, as of %s\n", p.ID, p.Title, a.AsOf)
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(table, "\nstage\tlevel\tsystem\tinherent\tadditional\tnet\t5%\t95%\tbelow 0\tcost\tnpsv\tbcr\tevidence\t")
		for _, v := range p.Values {
			ratio := proposal.Text(v.BCRReason)
			if v.BCR != nil {
				ratio = strconv.FormatFloat(*v.BCR, 'f', 2, 64)
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", v.Stage, v.Level, v.System,
				proposal.Pounds(v.Inherent), proposal.Pounds(v.Additional), proposal.Pounds(v.Net), proposal.Pounds(v.P5), proposal.Pounds(v.P95),
				proposal.Share(v.PNegative), proposal.Pounds(v.Cost), proposal.Pounds(v.NPSV), ratio, proposal.Grade(v.EvidenceGrade))
		}
		fmt.Fprintln(table, "\nfrom gross to net\tlevel\tgross\tleakage\tdisplacement\tsubstitution\tmultiplier\tanyway\tothers\tfading\tnet\tvalue\t")
		for _, o := range p.Outcomes {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", o.ID, o.Level, proposal.Quantity(o.Gross), proposal.Quantity(o.Leakage),
				proposal.Quantity(o.Displacement), proposal.Quantity(o.Substitution), proposal.Quantity(o.Multiplier), proposal.Quantity(o.Reference),
				proposal.Quantity(o.Attribution), proposal.Quantity(o.DropOff), proposal.Quantity(o.Net), proposal.Pounds(o.PV))
		}
		printHeadline(table, p)
		if err := table.Flush(); err != nil {
			return fmt.Errorf("print the assessment: %w", err)
		}
		if p.WorthMost != "" {
			fmt.Fprintf(w, "worth most for each pound: %s\n", p.WorthMost)
		}
		for _, note := range p.Notes {
			fmt.Fprintf(w, "note      %s\n", note)
		}
	}
	return printNotCounted(w, a)
}

// printHeadline prints what is told at the level and in the system of the headline alone.
func printHeadline(table io.Writer, p proposal.Project) {
	fmt.Fprintf(table, "\nadjustments (%s, %s)\tcommitted\tadds\tcosts\tfor each pound\t\n", p.HeadlineLevel, p.HeadlineSystem)
	for _, x := range p.Adjustments {
		if x.IsHeadline {
			fmt.Fprintf(table, "%s\t%v\t%s\t%s\t%s\t\n", x.ID, x.Committed, proposal.Pounds(x.Contribution), proposal.Pounds(x.ExtraCost), proposal.Quantity(x.ValueForCost))
		}
	}
	fmt.Fprintln(table, "\nleast certain\tat low\tat high\t")
	for _, s := range p.Sensitivity {
		if s.Level == p.HeadlineLevel && s.System == p.HeadlineSystem {
			fmt.Fprintf(table, "%s\t%s\t%s\t\n", s.Parameter, proposal.Pounds(s.AtLow), proposal.Pounds(s.AtHigh))
		}
	}
}

// printNotCounted prints every row that does not count.
func printNotCounted(w io.Writer, a *proposal.Assessment) error {
	for _, sheet := range a.RefusedSheets {
		fmt.Fprintf(w, "refused   sheet of %s: %s\n", sheet.Feed, sheet.Reason)
	}
	for _, row := range a.QuarantinedRows {
		fmt.Fprintf(w, "unread    %s line %d, %s: %s (%s)\n", row.File, row.Row, proposal.Text(row.Column), proposal.Text(row.Reason), proposal.Text(row.Shown))
	}
	for _, r := range a.Refusals {
		fmt.Fprintf(w, "refused   %s %s %s", proposal.Text(r.Project), r.Subject, proposal.Text(r.ID))
		if r.Level != nil {
			fmt.Fprintf(w, " at %s", *r.Level)
		}
		fmt.Fprintf(w, ": %s (%s). %s\n", proposal.Text(r.Reason), r.Code, proposal.Text(r.Remedy))
	}
	_, err := fmt.Fprintf(w, "%d projects, %d rows do not count\n", len(a.Projects), len(a.Refusals)+len(a.QuarantinedRows))
	return err
}
