package assess_test

import (
	"math"
	"testing"

	"socialvalue/pipelines/impact/assess"
)

// beforeAndAfter is vector E1 in one year: 750 × 0.53 × 4,000 expected, 630 × 0.60 × 4,500 come.
func beforeAndAfter() assess.Input {
	in := priced(func(p *assess.Proxy) { p.Value, p.PriceYear = ptr(4000), 2024 })
	in.Factors = []assess.Factor{factor(assess.Leakage, 0.47), factor(assess.Leakage, 0.4), factor(assess.Displacement, 0)}
	in.Factors[0].Stage, in.Factors[1].Stage = assess.ExAnte, assess.ExPostFinal
	in.Quantities[0].Gross, in.Quantities[0].Reference = 750, ptr(0)
	after := in.Quantities[0]
	after.Stage, after.Gross = assess.ExPostFinal, 630
	in.Quantities = append(in.Quantities, after)
	dearer := in.Proxies[0]
	dearer.Version, dearer.Value = "2", ptr(4500)
	in.Proxies = append(in.Proxies, dearer)
	return in
}

// TestE1AndRow89ProxyVersionChanged proves that ex ante is told with the new version beside the one approved, so that the unit value
// explains nothing; as the approved one stands it would explain 194,575.
func TestE1AndRow89ProxyVersionChanged(t *testing.T) {
	t.Parallel()
	in := beforeAndAfter()
	in.Outcomes[0].VersionAfter = "2"
	r := run(t, in)
	c := r.Comparisons[0]
	near(t, "as approved", c.ExAnte, 1590000, 1e-6)
	near(t, "restated", c.Restated, 750*0.53*4500, 1e-6)
	near(t, "ex post", c.ExPost, 1701000, 1e-6)
	near(t, "by unit value", c.ByUnitValue, 0, 1e-6)
	near(t, "split", c.ByQuantity+c.ByNetFactor+c.ByUnitValue+c.ByTiming, c.ExPost-c.Restated, 1e-6)
	stages := map[string]float64{}
	for _, l := range r.Lines {
		stages[l.Stage] = l.Totals.PV
	}
	if len(stages) != 3 || stages[assess.AsApproved] == stages[assess.Restated] {
		t.Errorf("stages %v", stages)
	}

	// The same change as vector E1 has it: in the unit value itself.
	in = beforeAndAfter()
	up := factor(assess.ValueScale, 4500./4000)
	up.Stage = assess.ExPostFinal
	in.Factors = append(in.Factors, up)
	c = run(t, in).Comparisons[0]
	near(t, "E1 quantity", c.ByQuantity, -288500, 1e-6)
	near(t, "E1 net factor", c.ByNetFactor, 204925, 1e-6)
	near(t, "E1 unit value", c.ByUnitValue, 194575, 1e-6)
	near(t, "E1 timing", c.ByTiming, 0, 1e-6)
	near(t, "delivery", c.DeliveryRatio, 1701000./1590000, 1e-12)
}

// TestRow87Pending proves that what is not due is pending and not zero, by year and by day.
func TestRow87Pending(t *testing.T) {
	t.Parallel()
	in := beforeAndAfter()
	in.Projects[0].LastYearOver = 2023
	if c := run(t, in).Comparisons[0]; !c.Pending || c.Reason != assess.NotDue || c.Split {
		t.Errorf("%+v", c)
	}
	in = beforeAndAfter()
	in.Outcomes[0].Due, in.Projects[0].AsOf = 200, 100
	if c := run(t, in).Comparisons[0]; !c.Pending {
		t.Errorf("%+v", c)
	}
	in = beforeAndAfter()
	later := in.Quantities[0]
	later.Year = 2030
	in.Quantities = append(in.Quantities, later)
	c := run(t, in).Comparisons[0]
	if c.Pending || c.PendingYears != 1 {
		t.Errorf("%+v", c)
	}
	near(t, "the year that is over", c.ExAnte, 1590000, 1e-6)
	in = beforeAndAfter()
	in.Quantities = in.Quantities[:1]
	if c := run(t, in).Comparisons[0]; c.Pending || c.Reason != assess.NotMeasured {
		t.Errorf("due and not measured: %+v", c)
	}
}

// TestRow88ExAnteZero proves that there is no ratio to nothing, and the difference stands.
func TestRow88ExAnteZero(t *testing.T) {
	t.Parallel()
	in := beforeAndAfter()
	in.Quantities[0].Gross = 0
	c := run(t, in).Comparisons[0]
	if c.RatioReason != "zero_base" || c.Reason != assess.NotDecomposable {
		t.Errorf("%+v", c)
	}
	near(t, "ex post", c.ExPost-c.Restated, 630*0.6*4000, 1e-6)
}

// TestRow90OneDraw proves U2: the shared factors of both sides are one draw in the sum as well.
func TestRow90OneDraw(t *testing.T) {
	t.Parallel()
	in := proposal()
	uncertain(&in)
	r, err := assess.Run(t.Context(), in, assess.Settings{Draws: 40000, Seed: 3, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	l := r.Lines[0]
	near(t, "mean", l.Mean, 136.265625, 5e-7)
	near(t, "deviation", l.SD, 10.455437, 5e-7)
	near(t, "deviation drawn", l.Drawn.SD, l.SD, 4*l.SD/math.Sqrt(80000))
	near(t, "low", l.Low, 98.15, 0.05)
	near(t, "high", l.High, 182.58, 0.05)
	if len(r.Swings) != 3 || r.Swings[0].Parameter != "s/displacement" || r.Swings[0].Rank != 1 {
		t.Errorf("swings %+v", r.Swings)
	}
	near(t, "displacement low", r.Swings[0].AtLow, 170*0.9*0.85*0.95*1.25, 1e-9)
	s := r.Sums[0]
	if !(s.Drawn.P5 < s.Drawn.P50 && s.Drawn.P50 < s.Drawn.P95) || s.Drawn.PNegative != 0 {
		t.Errorf("%+v", s.Drawn)
	}
}

// TestSharedParameterWidensThePortfolio proves that projects which share a parameter are not sure together.
func TestSharedParameterWidensThePortfolio(t *testing.T) {
	t.Parallel()
	spread := func(submission string) float64 {
		var in assess.Input
		for _, id := range []string{"P", "Q", "R", "S"} {
			one := proposal()
			uncertain(&one)
			one.Projects[0].Submission, one.Projects[0].ID = id, id
			one.Outcomes[0].Submission, one.Outcomes[0].Project = id, id
			one.Quantities[0].Submission, one.Quantities[0].Project = id, id
			for i := range one.Factors {
				one.Factors[i].Submission, one.Factors[i].Project = id, id
			}
			for i := range one.Parameters {
				if one.Parameters[i].Submission = submission; submission == "" {
					one.Parameters[i].Submission = id
				}
			}
			one.Costs = nil
			in.Projects, in.Outcomes = append(in.Projects, one.Projects...), append(in.Outcomes, one.Outcomes...)
			in.Quantities, in.Factors = append(in.Quantities, one.Quantities...), append(in.Factors, one.Factors...)
			in.Parameters = append(in.Parameters, one.Parameters...)
			in.Reference = one.Reference
		}
		r, err := assess.Run(t.Context(), in, assess.Settings{Draws: 20000, Seed: 5, Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Portfolio) != 1 || r.Portfolio[0].Projects != 4 {
			t.Fatalf("%+v", r.Portfolio)
		}
		near(t, "mean", r.Portfolio[0].Mean, 4*136.265625, 1e-6)
		return r.Portfolio[0].Drawn.SD
	}
	near(t, "one city-region parameter", spread(assess.SharedSubmission), 4*10.455437, 0.8)
	near(t, "one of each project", spread(""), 2*10.455437, 0.4)
}

// TestLinesKeepTheirInvariants proves A14: net recomputes from its columns, and inherent and additional add up.
func TestLinesKeepTheirInvariants(t *testing.T) {
	t.Parallel()
	r := run(t, portfolio(4, 5, 6))
	for _, l := range r.Lines {
		p := l.Plain
		for _, y := range l.Years {
			kept := (1 - p.Leakage) * (1 - p.Displacement) * (1 - p.Substitution) * p.Multiplier
			keptRef := (1 - p.LeakageRef) * (1 - p.DisplacementRef) * (1 - p.SubstitutionRef) * p.MultiplierRef
			net := (y.Gross*kept - y.Reference*keptRef) * (1 - p.Attribution) * y.Persistence
			near(t, "net", y.Net, net, 1e-9*(1+math.Abs(net)))
			near(t, "inherent and additional", y.Inherent+y.Additional, y.PV, 1e-9*(1+math.Abs(y.PV)))
		}
		bars := l.Totals.Gross
		for _, bar := range l.Totals.Waterfall {
			bars += bar
		}
		near(t, "waterfall", bars, l.Totals.Net, 1e-9*(1+math.Abs(bars)))
	}
}
