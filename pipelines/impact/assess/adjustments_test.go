package assess_test

import (
	"slices"
	"testing"

	"socialvalue/pipelines/impact/assess"
)

// TestRow85 proves that what the law asks for adds nothing.
func TestRow85LegalMinimum(t *testing.T) {
	t.Parallel()
	in := adjusted()
	in.Adjustments[0].LegalMinimum = true
	r := refused(t, in, assess.LegalMinimumCode)
	if len(r.Adjustments) != 1 {
		t.Errorf("%d adjustments", len(r.Adjustments))
	}
}

// adjusted is vector I1: 480,000 without adjustments, 555,000 with A, 540,000 with B, 600,000 with both.
func adjusted() assess.Input {
	in := proposal()
	in.Factors = []assess.Factor{factor(assess.Leakage, 0), factor(assess.Displacement, 0)}
	in.Quantities[0].Gross, in.Quantities[0].Reference = 480000, ptr(0)
	for id, cost := range map[string]float64{"A": 33750, "B": 26250} {
		in.Adjustments = append(in.Adjustments, assess.Adjustment{Submission: "s", Project: "P", ID: id, Committed: true, ExtraCost: ptr(cost)})
	}
	slices.SortFunc(in.Adjustments, func(a, b assess.Adjustment) int { return int(a.ID[0]) - int(b.ID[0]) })
	effect := func(id string, amount float64, of ...string) assess.Effect {
		return assess.Effect{Submission: "s", Project: "P", ID: id, Adjustments: of, Outcome: "jobs", Change: assess.GrossQuantity, Operation: "add", Amount: amount}
	}
	in.Effects = []assess.Effect{effect("1", 75000, "A"), effect("2", 60000, "B"), effect("3", -15000, "A", "B")}
	return in
}

// TestRow86 proves I1, I2 and the overlap: inherent 480,000, additional 120,000, Shapley 67,500 and 52,500.
func TestRow86AndI1I2OverlappingAdjustments(t *testing.T) {
	t.Parallel()
	r := run(t, adjusted())
	s := r.Sums[0]
	near(t, "inherent", s.Inherent, 480000, 1e-6)
	near(t, "additional", s.Additional, 120000, 1e-6)
	near(t, "overlap", s.Overlap, -15000, 1e-6)
	for i, want := range []float64{67500, 52500} {
		near(t, r.Adjustments[i].ID, r.Adjustments[i].Contribution, want, 1e-6)
		near(t, "I2, value over cost", r.Adjustments[i].ValueForCost, 2, 1e-9)
	}
	near(t, "cost with the adjustments", s.Cost, 100+60000, 1e-9)
	near(t, "I2 of both", s.Additional/(s.Cost-100), 2, 1e-9)
}

// TestI3AndI4 prove that signs are kept: an adjustment that lowers value, and a design that is worth less than nothing.
func TestI3AndI4SignsAreKept(t *testing.T) {
	t.Parallel()
	in := adjusted()
	in.Adjustments, in.Effects = in.Adjustments[:1], in.Effects[:1]
	in.Effects[0].Amount = -10000
	near(t, "I3", run(t, in).Adjustments[0].Contribution, -10000, 1e-6)
	in.Quantities[0].Reference = ptr(500000)
	near(t, "I4", run(t, in).Sums[0].Inherent, -20000, 1e-6)
}

// TestUncommittedStandApart proves that only what is committed is in the headline; the rest is what could be delivered.
func TestUncommittedStandApart(t *testing.T) {
	t.Parallel()
	in := adjusted()
	in.Adjustments[1].Committed = false
	r := run(t, in)
	s := r.Sums[0]
	near(t, "additional", s.Additional, 75000, 1e-6)
	near(t, "could deliver", s.CouldDeliver, 45000, 1e-6)
	near(t, "A", r.Adjustments[0].Contribution, 75000, 1e-6)
	near(t, "B, given A", r.Adjustments[1].Contribution, 45000, 1e-6)
	near(t, "cost", s.Cost, 100+33750, 1e-9)
}

func TestElevenAdjustmentsAreRefused(t *testing.T) {
	t.Parallel()
	in := adjusted()
	for i := range 9 {
		in.Adjustments = append(in.Adjustments, assess.Adjustment{Submission: "s", Project: "P", ID: string(rune('C' + i)), Committed: true, ExtraCost: ptr(0)})
	}
	r := refused(t, in, assess.TooManyAdjustments)
	for _, a := range r.Adjustments {
		if a.Reason != assess.TooManyAdjustments {
			t.Errorf("%s has a contribution", a.ID)
		}
	}
	near(t, "additional of all together", r.Sums[0].Additional, 120000, 1e-6)
}
