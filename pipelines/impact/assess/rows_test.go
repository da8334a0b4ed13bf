package assess_test

import (
	"slices"
	"testing"

	"socialvalue/pipelines/impact/assess"
	"socialvalue/pipelines/impact/chance"
)

// TestA02 proves the base case with the same factors on both sides.
func TestA02(t *testing.T) {
	t.Parallel()
	l := line(t, proposal())
	near(t, "net", l.Totals.Net, 136.265625, 1e-9)
	near(t, "present value", l.Totals.PV, 136.265625, 1e-9)
	if l.Form != assess.TwoSidedForm || l.Grade != 3 || l.Confidence != "medium" || !l.Counted {
		t.Errorf("%+v", l)
	}
	for i, want := range []float64{-25, -56.25, -8.4375, 40.078125, -64.125, 0, 0} {
		near(t, "waterfall", l.Totals.Waterfall[i], want, 1e-9)
	}
}

// TestA03Shorthand proves that deadweight of 32% is the same as a reference case of 80.
func TestA03Shorthand(t *testing.T) {
	t.Parallel()
	in := proposal()
	in.Quantities[0].Reference = nil
	replace(&in, assess.Deadweight, 0.32)
	l := line(t, in)
	near(t, "net", l.Totals.Net, 136.265625, 1e-9)
	near(t, "reference", l.Totals.Reference, 80, 1e-9)
	if l.Form != assess.ShorthandForm {
		t.Error(l.Form)
	}
}

// TestRow61 proves that a leakage of 100% leaves nothing.
func TestRow61LeakageOfEverything(t *testing.T) {
	t.Parallel()
	in := proposal()
	replace(&in, assess.Leakage, 1)
	near(t, "net", line(t, in).Totals.Net, 0, 0)
}

// TestRows62To64 proves that impossible factors are refused, also when only a parameter's end is impossible.
func TestRow62Row63Row64ImpossibleFactors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		factor string
		value  float64
		code   string
	}{
		"row 62, leakage given as 10":  {assess.Leakage, 10, "factor_range"},
		"row 63, negative leakage":     {assess.Leakage, -0.1, "factor_range"},
		"row 64, multiplier 0.8":       {assess.Multiplier, 0.8, "multiplier_range"},
		"deadweight given as per cent": {assess.DropOff, 30, "factor_range"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := proposal()
			replace(&in, tc.factor, tc.value)
			r := refused(t, in, tc.code)
			if l := r.Lines[0]; l.NetReason != tc.code || l.Counted || len(r.Sums) != 1 || r.Sums[0].NotValued != 1 || r.Sums[0].PV != 0 {
				t.Errorf("%+v", l)
			}
		})
	}
	in := proposal()
	in.Factors[0].Value, in.Factors[0].Parameter = nil, "wide"
	in.Parameters = []assess.Parameter{{Submission: "s", ID: "wide", Distribution: chance.Distribution{Kind: chance.Normal, Mean: 0.1, SD: 0.05}}}
	refused(t, in, assess.UnboundedFactor)
}

// TestRow65 proves that a multiplier of 2.4 of type I is accepted with a flag.
func TestRow65HighMultiplier(t *testing.T) {
	t.Parallel()
	in := proposal()
	replace(&in, assess.Multiplier, 2.4)
	in.Factors[3].MultiplierType = "type_1"
	l := line(t, in)
	if !l.Counted || !slices.Contains(l.Flags, assess.FlagMultiplierHigh) {
		t.Errorf("%v %v", l.Counted, l.Flags)
	}
}

// TestRow66 proves that deadweight is never taken twice (A04 shows 72.14 for 136.27).
func TestRow66DoubleDeadweight(t *testing.T) {
	t.Parallel()
	in := proposal()
	replace(&in, assess.Deadweight, 0.32)
	r := refused(t, in, "double_deadweight")
	if r.Lines[0].Counted {
		t.Error("counted")
	}
	compared := proposal()
	compared.Outcomes[0].ComparisonGroup = true
	refused(t, compared, "double_deadweight")
	compared.Quantities[0].Reference = nil
	if l := line(t, compared); l.Form != assess.ComparisonForm {
		t.Error(l.Form)
	}
	neither := proposal()
	neither.Quantities[0].Reference = nil
	refused(t, neither, "no_reference_case")
}

// TestRows67To69 prove that a net below nought is a result, with a ratio only where there is a gross.
func TestRow67Row68Row69NegativeNet(t *testing.T) {
	t.Parallel()
	in := proposal()
	in.Quantities[0].Gross, in.Quantities[0].Reference = 100, ptr(120)
	in.Factors = []assess.Factor{
		sided(assess.Intervention, assess.Leakage, 0.25), sided(assess.Intervention, assess.Displacement, 0.5),
		sided(assess.Intervention, assess.Substitution, 0.05), sided(assess.Intervention, assess.Multiplier, 1.1),
		sided(assess.ReferenceOf, assess.Leakage, 0.1), sided(assess.ReferenceOf, assess.Displacement, 0.25),
		sided(assess.ReferenceOf, assess.Multiplier, 1.1),
	}
	near(t, "row 67, A08", line(t, in).Totals.Net, -49.9125, 1e-9)
	in = proposal()
	in.Quantities[0].Gross, in.Quantities[0].Reference = 0, ptr(40)
	replace(&in, assess.Substitution, 0)
	near(t, "row 68, A14", line(t, in).Totals.Net, -33.75, 1e-9)
	in.Quantities[0].Gross, in.Quantities[0].Reference = -50, ptr(0)
	near(t, "row 69, A15", line(t, in).Totals.Net, -42.1875, 1e-9)
}

func sided(side, name string, value float64) assess.Factor {
	f := factor(name, value)
	f.Side = side
	return f
}

// TestRow70 proves that levels stand by themselves: no sum holds two of them.
func TestRow70LevelsAreNeverAdded(t *testing.T) {
	t.Parallel()
	in := proposal()
	district := in.Quantities[0]
	district.Level = "LAD"
	in.Quantities = append(in.Quantities, district)
	r := run(t, in)
	if len(r.Sums) != 2 || len(r.Portfolio) != 2 {
		t.Fatalf("%d sums, %d portfolios", len(r.Sums), len(r.Portfolio))
	}
	for _, sum := range r.Sums {
		near(t, sum.Level, sum.PV, 136.265625, 1e-9)
	}
}

// two is the proposal with its outcome twice.
func two(change func(first, second *assess.Outcome)) assess.Input {
	in := proposal()
	second, quantity := in.Outcomes[0], in.Quantities[0]
	second.ID, quantity.Outcome = "other", "other"
	in.Outcomes = append(in.Outcomes, second)
	in.Quantities = append(in.Quantities, quantity)
	change(&in.Outcomes[0], &in.Outcomes[1])
	return in
}

// TestRow71 proves that two who claim one job have shares of at most one, or one headline.
func TestRow71OneJobTwoFunders(t *testing.T) {
	t.Parallel()
	both := two(func(a, b *assess.Outcome) { a.SharedRef, b.SharedRef = "job", "job" })
	if r := refused(t, both, assess.TwoHeadlines); r.Sums[0].PV != 0 {
		t.Error("counted twice, or once by chance")
	}
	one := two(func(a, b *assess.Outcome) { a.SharedRef, b.SharedRef, b.Headline = "job", "job", false })
	near(t, "one headline", run(t, one).Sums[0].PV, 136.265625, 1e-9)
	shares := two(func(a, b *assess.Outcome) {
		a.SharedRef, b.SharedRef, a.Share, b.Share = "job", "job", ptr(0.6), ptr(0.4)
	})
	near(t, "shares of one", run(t, shares).Sums[0].PV, 136.265625, 1e-9)
}

// TestRow72 proves that one apprentice in two systems is two rows and one headline.
func TestRow72OneApprenticeTwoSystems(t *testing.T) {
	t.Parallel()
	in := two(func(a, b *assess.Outcome) {
		b.System, b.Headline = "hact", false
		a.OverlapGroup, b.OverlapGroup = "apprentice", "apprentice"
	})
	r := run(t, in)
	if len(r.Lines) != 2 || !r.Lines[0].Counted || r.Lines[1].Counted || r.Lines[1].NotCounted != assess.NotHeadline {
		t.Fatalf("%+v", r.Lines)
	}
	near(t, "the other is shown", r.Lines[1].Totals.PV, 136.265625, 1e-9)
	if len(r.Portfolio) != 1 {
		t.Errorf("%d portfolios", len(r.Portfolio))
	}
	in.Outcomes[1].Headline = true
	refused(t, in, assess.TwoHeadlines)
	in.Outcomes[0].Headline, in.Outcomes[1].Headline = false, false
	refused(t, in, assess.NoHeadline)
}

// priced gives the outcomes of the proposal unit values of a system.
func priced(change func(*assess.Proxy)) assess.Input {
	in := proposal()
	in.Outcomes[0].UnitValue, in.Outcomes[0].Proxy, in.Outcomes[0].Version = nil, "CODE", "1"
	p := assess.Proxy{
		Submission: assess.SharedSubmission, System: "open", Version: "1", Code: "CODE", ValueType: "economic", Duration: "per_year",
		NetOfDeadweight: "no", NetOfAttribution: "no", NetOfDisplacement: "no", Value: ptr(2), PriceYear: 2019,
	}
	change(&p)
	in.Proxies = []assess.Proxy{p}
	return in
}

// TestRow73 proves that a unit cost and one it is part of are not both used.
func TestRow73ParentAndChild(t *testing.T) {
	t.Parallel()
	in := priced(func(*assess.Proxy) {})
	child := in.Proxies[0]
	child.Code, child.Parent = "CODE.1", "CODE"
	grandchild := child
	grandchild.Code, grandchild.Parent = "CODE.1.1", "CODE.1"
	in.Proxies = append(in.Proxies, child, grandchild)
	second, quantity := in.Outcomes[0], in.Quantities[0]
	second.ID, second.Proxy, quantity.Outcome = "other", "CODE.1.1", "other"
	in.Outcomes, in.Quantities = append(in.Outcomes, second), append(in.Quantities, quantity)
	if r := refused(t, in, assess.ParentChild); r.Sums[0].PV != 0 {
		t.Error("one of the two is counted")
	}
	in.Outcomes[0].OverlapGroup, in.Outcomes[1].OverlapGroup, in.Outcomes[1].Headline = "crime", "crime", false
	near(t, "as alternatives", run(t, in).Sums[0].PV, 2*1.25*136.265625, 1e-9)
}

// TestRow74 proves that what a proxy took off is not taken off again, and that what is not known is told.
func TestRow74ProxyNetOfDeadweight(t *testing.T) {
	t.Parallel()
	for answer, flag := range map[string]string{"yes": assess.FlagDeadweightInProxy, "unknown": assess.FlagDeadweightUnknown} {
		l := line(t, priced(func(p *assess.Proxy) { p.NetOfDeadweight = answer }))
		near(t, answer, l.Totals.Net, 250*0.8015625, 1e-9)
		if l.Form != assess.InProxyForm || !slices.Contains(l.Flags, flag) {
			t.Errorf("%s: %s %v", answer, l.Form, l.Flags)
		}
	}
	displaced := line(t, priced(func(p *assess.Proxy) { p.NetOfDisplacement = "yes" }))
	near(t, "displacement", displaced.Totals.Net, 170*0.9*0.95*1.25, 1e-9)
}

// TestRow75 proves that without a price year there is a quantity and no value.
func TestRow75NoPriceYear(t *testing.T) {
	t.Parallel()
	in := priced(func(p *assess.Proxy) { p.PriceYear = 0 })
	r := refused(t, in, assess.NoPriceYear)
	near(t, "net", r.Lines[0].Totals.Net, 136.265625, 1e-9)
	if r.Lines[0].ValueReason != assess.NoPriceYear || r.Lines[0].Counted {
		t.Errorf("%+v", r.Lines[0])
	}
	refused(t, priced(func(p *assess.Proxy) { p.PriceYear = 2025 }), assess.NoDeflator)
	refused(t, priced(func(p *assess.Proxy) { p.Value = nil }), assess.NoValue)
}

// TestRow76 proves that a value for life is not given again each year, unless each year's are new people.
func TestRow76LifetimeEveryYear(t *testing.T) {
	t.Parallel()
	in := priced(func(p *assess.Proxy) { p.Duration = "lifetime" })
	again := in.Quantities[0]
	again.Year = 2025
	in.Quantities = append(in.Quantities, again)
	refused(t, in, assess.DurationBasis)
	in.Outcomes[0].NewCases = true
	if l := line(t, in); !l.Counted {
		t.Error(l.ValueReason)
	}
}

// TestRow77 proves that a discounted value is not discounted again.
func TestRow77DiscountedTwice(t *testing.T) {
	t.Parallel()
	in := priced(func(p *assess.Proxy) { p.Discounted = true })
	if l := line(t, in); !l.Counted {
		t.Error("a discounted value in year 0 is refused")
	}
	in.Quantities[0].Year = 2025
	refused(t, in, assess.AlreadyDiscounted)
}

// TestRow78 proves that carbon takes no leakage, displacement, substitution or multiplier.
func TestRow78CarbonWithDisplacement(t *testing.T) {
	t.Parallel()
	in := proposal()
	in.Outcomes[0].Global = true
	l := line(t, in)
	near(t, "net", l.Totals.Net, 170, 1e-9)
	if !slices.Contains(l.Flags, assess.FlagGlobal) || l.Plain.Displacement != 0 {
		t.Errorf("%v", l.Flags)
	}
}

// TestRows79To82 prove ratios of a project (D7 to D9).
func TestRow79Row80Row81Row82Ratios(t *testing.T) {
	t.Parallel()
	sum := func(cost float64) assess.Sum {
		in := proposal()
		in.Costs[0].Amount = cost
		return run(t, in).Sums[0]
	}
	if s := sum(0); s.BCRReason != "zero_cost" || s.NPSV != s.PV {
		t.Errorf("row 79: %+v", s)
	}
	if s := sum(-10); s.BCRReason != "negative_cost" || s.Band != "financially_positive" {
		t.Errorf("row 80: %+v", s)
	}
	if s := sum(136.265625 / 2); s.Band != "high" || s.BCR != 2 {
		t.Errorf("row 82: %+v", s)
	}
	worse := proposal()
	worse.Quantities[0].Reference = ptr(400)
	if s := run(t, worse).Sums[0]; s.Band != "very_poor" || s.BCR >= 0 {
		t.Errorf("row 81: %+v", s)
	}
	none := proposal()
	none.Costs = nil
	if s := run(t, none).Sums[0]; s.BCRReason != assess.NoCosts {
		t.Errorf("no costs: %+v", s)
	}
}

// TestRow83 proves that a horizon of 60 years has the lower rate beside it, and one of 50 has not.
func TestRow83LongHorizon(t *testing.T) {
	t.Parallel()
	for last, long := range map[int]bool{2074: false, 2084: true} {
		in := proposal()
		in.Quantities = nil
		for year := 2025; year <= last; year++ {
			in.Quantities = append(in.Quantities, assess.Quantity{Submission: "s", Project: "P", Outcome: "jobs", Stage: assess.ExAnte, Level: "LCR", Year: year, Gross: 1, Reference: ptr(0)})
		}
		s := run(t, in).Sums[0]
		if s.HasLowerRate != long || long && !(s.LowerRatePV > s.PV) {
			t.Errorf("to %d: %v, %v at the lower rate, %v at the usual", last, s.HasLowerRate, s.LowerRatePV, s.PV)
		}
	}
}

// TestRow92 proves that partners who claim 1.2 of an outcome are refused, also of two projects.
func TestRow92SharesOverOne(t *testing.T) {
	t.Parallel()
	in := two(func(a, b *assess.Outcome) {
		a.SharedRef, b.SharedRef, a.Share, b.Share = "job", "job", ptr(0.7), ptr(0.5)
	})
	if r := refused(t, in, assess.SharesOverOne); r.Sums[0].PV != 0 {
		t.Error("counted all the same")
	}
}

// TestFiscalStandsBeside proves that a wage gain and the tax on it are not added.
func TestFiscalStandsBeside(t *testing.T) {
	t.Parallel()
	in := two(func(_, b *assess.Outcome) { b.ValueType = "fiscal" })
	s := run(t, in).Sums[0]
	near(t, "social", s.PV, 136.265625, 1e-9)
	near(t, "fiscal", s.Fiscal, 136.265625, 1e-9)
	in.Projects[0].Perspective = "public_accounts"
	near(t, "fiscal view", run(t, in).Sums[0].PV, 136.265625, 1e-9)
}

// TestFactorsAreSaid proves that leakage and displacement which nobody gave are not taken for nought.
func TestFactorsAreSaid(t *testing.T) {
	t.Parallel()
	in := proposal()
	in.Factors = []assess.Factor{}
	if r := refused(t, in, assess.NoFactors); r.Sums[0].PV != 0 {
		t.Error("valued all the same")
	}
	in.Factors = []assess.Factor{factor(assess.Leakage, 0)}
	refused(t, in, assess.NoFactors)
	in.Factors = append(in.Factors, factor(assess.Displacement, 0))
	near(t, "nought, and said", line(t, in).Totals.Net, 170, 1e-9)
}

// TestTheSameMistakeIsTold proves that of several mistakes in the factors always the same is told.
func TestTheSameMistakeIsTold(t *testing.T) {
	t.Parallel()
	for range 50 {
		in := proposal()
		in.Factors[0].Value = nil
		in.Factors[1].Value, in.Factors[1].Parameter = nil, "nowhere"
		if l := line(t, in); l.NetReason != assess.UnknownParameter {
			t.Fatal(l.NetReason)
		}
	}
}

// TestLM3NeverEnters proves that a system whose values are no net impact is refused.
func TestLM3NeverEnters(t *testing.T) {
	t.Parallel()
	in := proposal()
	in.Outcomes[0].System = "lm3"
	refused(t, in, assess.NotNetSystem)
}
