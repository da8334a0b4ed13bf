package assess

import (
	"socialvalue/pipelines/impact/appraisal"
	"socialvalue/pipelines/impact/shapley"
)

// compare sets what was expected beside what came of it, outcome by outcome, over the years that are over. What is not due is
// pending, not zero.
func (b *bundle) compare(lines []*Line) []Comparison {
	var out []Comparison
	for _, l := range lines {
		if l.Stage != AsApproved || l.NetReason != "" || l.ValueReason != "" {
			continue
		}
		find := func(stage string) *Line {
			for _, o := range lines {
				if o.ID == l.ID && o.Level == l.Level && o.System == l.System && o.Stage == stage && o.NetReason == "" && o.ValueReason == "" {
					return o
				}
			}
			return nil
		}
		out = append(out, b.comparison(l, find))
	}
	return out
}

func (b *bundle) comparison(approved *Line, find func(stage string) *Line) Comparison {
	c := Comparison{Project: b.ID, Outcome: approved.ID, Level: approved.Level, System: approved.System}
	restated, after := find(Restated), find(ExPostFinal)
	if restated == nil {
		restated = approved
	}
	if after == nil {
		after = find(ExPostInterim)
	}
	for _, y := range approved.Years {
		if y.Year > b.LastYearOver {
			c.PendingYears++
		}
	}
	c.ExAnte, c.Restated = over(approved.Years, b.LastYearOver).pv, over(restated.Years, b.LastYearOver).pv
	switch {
	case c.PendingYears == len(approved.Years), approved.Due > b.AsOf:
		c.Pending, c.Reason = true, NotDue
		c.ExAnte, c.Restated = 0, 0
		return c
	case after == nil:
		c.Reason = NotMeasured
		return c
	}
	c.Stage = after.Stage
	from, to := over(restated.Years, b.LastYearOver), over(after.Years, b.LastYearOver)
	c.ExPost = to.pv
	c.DeliveryRatio, c.RatioReason = appraisal.Delivery(c.Restated, c.ExPost)
	if !from.known || !to.known {
		c.Reason = NotDecomposable
		return c
	}
	shares, err := shapley.Shares(4, func(s shapley.Set) float64 {
		product := 1.0
		for i := range 4 {
			if s.Has(i) {
				product *= to.of[i]
			} else {
				product *= from.of[i]
			}
		}
		return product
	})
	if err != nil {
		c.Reason = NotDecomposable
		return c
	}
	c.ByQuantity, c.ByNetFactor, c.ByUnitValue, c.ByTiming = shares[0], shares[1], shares[2], shares[3]
	c.Split = true
	return c
}

// parts are gross quantity, net over gross, value of a net unit, and present over undiscounted value: their product is the
// present value.
type parts struct {
	known bool // there is something of each
	of    [4]float64
	pv    float64
}

func over(years []Year, last int) parts {
	var gross, net, value, pv float64
	for _, y := range years {
		if y.Year <= last {
			gross += y.Gross
			net += y.Net
			value += y.Undiscounted
			pv += y.PV
		}
	}
	if gross == 0 || net == 0 || value == 0 {
		return parts{pv: pv}
	}
	return parts{true, [4]float64{gross, net / gross, value / net, pv / value}, pv}
}
