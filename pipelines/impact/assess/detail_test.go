package assess_test

import (
	"slices"
	"testing"

	"socialvalue/pipelines/impact/appraisal"
	"socialvalue/pipelines/impact/assess"
	"socialvalue/pipelines/impact/chance"
)

// TestA14YearsHaveTheirOwnDraws proves that the draws of a year are those of a project that has this year alone: where both sides
// share their factors, where each has its own, and where a year is worth less than nothing.
func TestA14YearsHaveTheirOwnDraws(t *testing.T) {
	t.Parallel()
	for name, sides := range map[string][]string{"shared": {assess.Both}, "apart": {assess.Intervention, assess.ReferenceOf}} {
		whole := portfolio(1, 1, 3, sides...)
		for i := range whole.Quantities {
			if whole.Quantities[i].Year == 2025 {
				whole.Quantities[i].Reference = ptr(whole.Quantities[i].Gross * 4)
			}
		}
		run := func(in assess.Input) []assess.Line {
			r, err := assess.Run(t.Context(), in, assess.Settings{Draws: 500, Seed: 4, Workers: 1, ByYear: true})
			if err != nil {
				t.Fatal(err)
			}
			return r.Lines
		}
		for i, l := range run(whole) {
			for _, y := range l.Years {
				one := whole
				one.Quantities = slices.DeleteFunc(slices.Clone(whole.Quantities), func(q assess.Quantity) bool { return q.Year != y.Year })
				want, got := run(one)[i].Drawn, y.Drawn
				for _, pair := range [][2]float64{{got.P5, want.P5}, {got.P50, want.P50}, {got.P95, want.P95}, {got.SD, want.SD}, {got.PNegative, want.PNegative}} {
					near(t, name, pair[0], pair[1], 1e-7)
				}
				if (y.Year == 2025) != (got.PNegative == 1) || got.P5 >= got.P95 {
					t.Errorf("%s %d: %+v", name, y.Year, got)
				}
			}
		}
	}
}

// TestA14OverlapOfYears proves that the overlap of the years is that of the line and of the project (I1).
func TestA14OverlapOfYears(t *testing.T) {
	t.Parallel()
	in := adjusted()
	later := in.Quantities[0]
	later.Year = 2025
	in.Quantities = append(in.Quantities, later)
	r := run(t, in)
	l := r.Lines[0]
	near(t, "first year", l.Years[0].Overlap, -15000, 1e-6)
	near(t, "second year", l.Years[1].Overlap, -15000/1.035, 1e-6)
	near(t, "line", l.Totals.Overlap, -15000-15000/1.035, 1e-6)
	near(t, "project", r.Sums[0].Overlap, l.Totals.Overlap, 1e-9)
}

// TestA14Sources proves that a line names all that its figures rest on, each once.
func TestA14Sources(t *testing.T) {
	t.Parallel()
	in := priced(func(p *assess.Proxy) { p.Source = "licensed copy" })
	in.Outcomes[0].Source = "business case"
	in.Factors[0].Evidence, in.Factors[1].Evidence = "evaluation", "business case"
	in.Factors[2].Value, in.Factors[2].Parameter = nil, "s"
	in.Parameters = []assess.Parameter{{Submission: "s", ID: "s", Distribution: chance.Exactly(0.05), Source: "guide"}}
	want := []string{"business case", "evaluation", "guide", "licensed copy"}
	if got := line(t, in).Sources; !slices.Equal(got, want) {
		t.Errorf("sources %v, want %v", got, want)
	}
	in.Outcomes[0].Global = true // takes none of these factors
	if got := line(t, in).Sources; !slices.Equal(got, []string{"business case", "licensed copy"}) {
		t.Errorf("sources of what is global: %v", got)
	}
}

// TestReadyReckonersAreFlagged proves that a reckoner nobody has checked stands as a flag on what rests on it.
func TestReadyReckonersAreFlagged(t *testing.T) {
	t.Parallel()
	for recalled := range map[bool]bool{true: true, false: true} {
		in := proposal()
		in.Factors[1].Value, in.Factors[1].Parameter, in.Factors[1].Basis = nil, "RR-DISPLACEMENT-LOW", "ready_reckoner"
		in.Parameters = []assess.Parameter{{Submission: assess.SharedSubmission, ID: "RR-DISPLACEMENT-LOW", Distribution: chance.Exactly(0.25), Recalled: recalled}}
		l := line(t, in)
		near(t, "net", l.Totals.Net, 136.265625, 1e-9)
		if slices.Contains(l.Flags, assess.FlagRecalled) != recalled {
			t.Errorf("recalled %v: %v", recalled, l.Flags)
		}
	}
}

// TestPriceBases proves that a unit value of a financial year is taken along the index of financial years, to the prices of a project
// of either kind, and that costs and own values are in years of the project's kind.
func TestPriceBases(t *testing.T) {
	t.Parallel()
	financial, err := appraisal.NewPrices(map[int]float64{2019: 84, 2023: 97, 2024: 102})
	if err != nil {
		t.Fatal(err)
	}
	value := func(basis, of string, year int) assess.Line {
		in := priced(func(p *assess.Proxy) { p.PriceBasis, p.PriceYear = of, year })
		in.Reference.Prices["financial"] = financial
		in.Projects[0].YearBasis = basis
		return line(t, in)
	}
	for _, tc := range []struct {
		project, value string
		factor         float64
	}{
		{"calendar", "calendar", 100. / 80},
		{"calendar", "", 100. / 80},
		{"calendar", "financial", 100. / 84},
		{"financial", "financial", 102. / 84},
		{"financial", "calendar", 102. / 80},
	} {
		near(t, tc.value+" to "+tc.project, value(tc.project, tc.value, 2019).Years[0].UnitValue, 2*tc.factor, 1e-12)
	}
	near(t, "2024 of another kind is not 2024", value("calendar", "financial", 2024).Years[0].UnitValue, 2*100./102, 1e-12)
	if l := value("calendar", "financial", 2022); l.ValueReason != assess.NoDeflator {
		t.Errorf("a financial year without an index: %q", l.ValueReason)
	}
	in := proposal()
	in.Reference.Prices["financial"], in.Projects[0].YearBasis = financial, "financial"
	in.Outcomes[0].UnitPriceYear, in.Costs[0].PriceYear = 2019, 2023
	s := run(t, in).Sums[0]
	near(t, "own value", s.PV, 136.265625*102/84, 1e-9)
	near(t, "cost", s.Cost, 100*102./97, 1e-9)
}

// TestRow84IncomeOfNought proves that weights stand beside the value, that an income of nought is refused without one, and D4: three
// groups with 100,000 each are worth 437,992.34 with weights.
func TestRow84IncomeOfNoughtAndD4(t *testing.T) {
	t.Parallel()
	in := proposal()
	in.Projects[0].ReferenceIncome, in.Reference.Elasticity = ptr(35000), 1.3
	in.Factors = []assess.Factor{factor(assess.Leakage, 0), factor(assess.Displacement, 0)}
	first, quantity := in.Outcomes[0], in.Quantities[0]
	in.Outcomes, in.Quantities = nil, nil
	for id, income := range map[string]float64{"a": 15000, "b": 35000, "c": 75000} {
		o, q := first, quantity
		o.ID, o.Income, q.Outcome, q.Gross, q.Reference = id, ptr(income), id, 1e5, ptr(0)
		in.Outcomes, in.Quantities = append(in.Outcomes, o), append(in.Quantities, q)
	}
	s := run(t, in).Sums[0]
	near(t, "D4", s.Weighted, 437992.34, 0.005)
	near(t, "without weights", s.PV, 3e5, 1e-9)
	if !s.HasWeighted {
		t.Error("no weighted sum")
	}
	in.Outcomes[0].Income = ptr(0)
	r := refused(t, in, assess.IncomeRange)
	if s := r.Sums[0]; s.HasWeighted || s.PV != 3e5 || s.Lines != 3 {
		t.Errorf("%+v", s)
	}
	in.Outcomes[0].Income = nil
	if s := run(t, in).Sums[0]; s.HasWeighted {
		t.Error("a sum in which one outcome has no income is weighted")
	}
}

// TestRow92SharesOfTwoProjects proves that the partners may be projects of two submissions.
func TestRow92SharesOfTwoProjects(t *testing.T) {
	t.Parallel()
	in, other := proposal(), proposal()
	other.Projects[0].Submission, other.Projects[0].ID = "t", "Q"
	other.Outcomes[0].Submission, other.Outcomes[0].Project = "t", "Q"
	other.Quantities[0].Submission, other.Quantities[0].Project = "t", "Q"
	for i := range other.Factors {
		other.Factors[i].Submission, other.Factors[i].Project = "t", "Q"
	}
	in.Outcomes[0].SharedRef, other.Outcomes[0].SharedRef = "job", "job"
	in.Outcomes[0].Share, other.Outcomes[0].Share = ptr(0.7), ptr(0.5)
	in.Projects, in.Outcomes = append(in.Projects, other.Projects...), append(in.Outcomes, other.Outcomes...)
	in.Quantities, in.Factors = append(in.Quantities, other.Quantities...), append(in.Factors, other.Factors...)
	r := refused(t, in, assess.SharesOverOne)
	for _, s := range r.Sums {
		if s.PV != 0 {
			t.Errorf("%s is counted", s.Project.ID)
		}
	}
}

// TestSROIP05InAnAssessment proves the chain of a published report in an assessment: with the year of the decision as its first year
// it gives what was published, with the year before it discounts the first year once (P05b).
func TestSROIP05InAnAssessment(t *testing.T) {
	t.Parallel()
	for decision, want := range map[int]float64{2024: 1.436278, 2023: 1.387708} {
		in := proposal()
		in.Projects[0].DecisionYear = decision
		in.Outcomes[0].UnitValue = ptr(8500)
		in.Factors = []assess.Factor{
			factor(assess.Deadweight, 0.4), factor(assess.Attribution, 0.3), factor(assess.DropOff, 0.3), factor(assess.Leakage, 0), factor(assess.Displacement, 0),
		}
		in.Quantities[0].Gross, in.Quantities[0].Reference = 60, nil
		second := in.Quantities[0]
		second.Year = 2025
		in.Quantities = append(in.Quantities, second)
		in.Costs[0].Amount, in.Costs[0].Year, in.Costs[0].PriceYear = 250000, decision, 2024
		near(t, "P05 ratio", run(t, in).Sums[0].BCR, want, 6e-7)
	}
}

// TestPortfolioTellsItsEvidence proves that the ratio of a portfolio stands beside the weakest evidence in it.
func TestPortfolioTellsItsEvidence(t *testing.T) {
	t.Parallel()
	in := two(func(_, b *assess.Outcome) { b.Design = "before_after" })
	if r := run(t, in); r.Portfolio[0].Grade != 1 || r.Sums[0].Grade != 1 {
		t.Errorf("%+v", r.Portfolio[0])
	}
}

// TestUndecidedBidsAreInNoPortfolio proves that what is not announced enters no sum of projects.
func TestUndecidedBidsAreInNoPortfolio(t *testing.T) {
	t.Parallel()
	in := proposal()
	in.Projects[0].Announced = false
	if r := run(t, in); len(r.Portfolio) != 0 || len(r.Sums) != 1 || r.Sums[0].PV == 0 {
		t.Errorf("%d portfolios, %d sums", len(r.Portfolio), len(r.Sums))
	}
}
