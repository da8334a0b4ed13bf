package assess_test

import (
	"math"
	"slices"
	"testing"

	"socialvalue/pipelines/impact/appraisal"
	"socialvalue/pipelines/impact/assess"
	"socialvalue/pipelines/impact/chance"
)

func ptr(v float64) *float64 { return &v }

// reference is a small world: one schedule of 3.5% for 30 years and 3% after, another of 1.5%, and prices that double in 2030.
func reference() assess.Reference {
	schedule := func(bands ...appraisal.Band) appraisal.Schedule {
		s, err := appraisal.NewSchedule(bands)
		if err != nil {
			panic(err)
		}
		return s
	}
	prices, err := appraisal.NewPrices(map[int]float64{2019: 80, 2024: 100, 2030: 200})
	if err != nil {
		panic(err)
	}
	return assess.Reference{
		Schedules: map[string]appraisal.Schedule{
			"standard": schedule(appraisal.Band{From: 0, To: 30, Rate: 0.035}, appraisal.Band{From: 31, To: appraisal.Forever, Rate: 0.03}),
			"health":   schedule(appraisal.Band{From: 0, To: appraisal.Forever, Rate: 0.015}),
			"lower":    schedule(appraisal.Band{From: 0, To: appraisal.Forever, Rate: 0.03}),
		},
		Lower: "lower", LongHorizon: 50, CostSchedule: "standard", HighMultiple: 2,
		ScheduleOf:   map[string]string{"economic": "standard", "social": "standard", "fiscal": "standard", "wellbeing": "health", "environmental": "standard"},
		Prices:       map[string]appraisal.Prices{"calendar": prices},
		OptimismBias: map[string]float64{"standard_buildings": 0.24},
		Grades:       map[string]int{"before_after": 1, "difference_in_differences": 3, "randomised": 5},
		NotNet:       map[string]bool{"lm3": true},
	}
}

// proposal is one project with one outcome: A02 in one year, a pound a unit, at the level of the city region.
func proposal() assess.Input {
	return assess.Input{
		Projects: []assess.Project{{
			Submission: "s", ID: "P", FinancialYear: "2024-25", DecisionYear: 2024, PriceYear: 2024, YearBasis: "calendar",
			Perspective: "all_society", HeadlineLevel: "LCR", System: "open", Announced: true, LastYearOver: 2024,
		}},
		Outcomes: []assess.Outcome{{
			Submission: "s", Project: "P", ID: "jobs", Concept: "jobs", System: "open", ValueType: "economic",
			UnitValue: ptr(1), UnitPriceYear: 2024, Headline: true, Design: "difference_in_differences",
		}},
		Quantities: []assess.Quantity{{Submission: "s", Project: "P", Outcome: "jobs", Stage: assess.ExAnte, Level: "LCR", Year: 2024, Gross: 250, Reference: ptr(80)}},
		Factors: []assess.Factor{
			factor(assess.Leakage, 0.1), factor(assess.Displacement, 0.25), factor(assess.Substitution, 0.05), factor(assess.Multiplier, 1.25),
		},
		Costs:     []assess.Cost{{Submission: "s", Project: "P", ID: "grant", Year: 2024, Amount: 100}},
		Reference: reference(),
	}
}

func factor(name string, value float64) assess.Factor {
	return assess.Factor{Submission: "s", Project: "P", Side: assess.Both, Name: name, Value: ptr(value), Basis: "assumed"}
}

func run(t *testing.T, in assess.Input) *assess.Result {
	t.Helper()
	r, err := assess.Run(t.Context(), in, assess.Settings{Draws: 200, Seed: 3, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s is %.9f, want %.9f", what, got, want)
	}
}

// line is the only line of an assessment.
func line(t *testing.T, in assess.Input) assess.Line {
	t.Helper()
	r := run(t, in)
	if len(r.Lines) != 1 {
		t.Fatalf("%d lines", len(r.Lines))
	}
	return r.Lines[0]
}

// refused fails unless something was refused with a code.
func refused(t *testing.T, in assess.Input, code string) *assess.Result {
	t.Helper()
	r := run(t, in)
	if !slices.ContainsFunc(r.Refusals, func(x assess.Refusal) bool { return x.Code == code }) {
		t.Errorf("nothing is refused with %s: %+v", code, r.Refusals)
	}
	return r
}

// replace changes a factor of the proposal.
func replace(in *assess.Input, name string, value float64) {
	for i := range in.Factors {
		if in.Factors[i].Name == name {
			in.Factors[i].Value = ptr(value)
			return
		}
	}
	in.Factors = append(in.Factors, factor(name, value))
}

// uncertain gives the proposal's factors the distributions of vectors U1 to U3.
func uncertain(in *assess.Input) {
	for name, d := range map[string]chance.Distribution{
		assess.Leakage:      {Kind: chance.Triangular, Low: 0.05, Mode: 0.1, High: 0.15},
		assess.Displacement: {Kind: chance.Triangular, Low: 0.15, Mode: 0.25, High: 0.35},
		assess.Multiplier:   {Kind: chance.Triangular, Low: 1.1, Mode: 1.25, High: 1.4},
	} {
		for i := range in.Factors {
			if in.Factors[i].Name == name {
				in.Factors[i].Value, in.Factors[i].Parameter = nil, name
			}
		}
		in.Parameters = append(in.Parameters, assess.Parameter{Submission: "s", ID: name, Distribution: d})
	}
}
