package assess

import "socialvalue/pipelines/impact/appraisal"

// costs are the present values of a project's costs, by stage.
type costs struct {
	byStage map[string]float64
	reason  map[string]string
}

// presentCosts reckons the costs of each stage at the prices and in the year of the project. A stage of which one cost cannot
// be reckoned has none: a part of the costs would make a project look cheap.
func (b *bundle) presentCosts(ref *Reference) costs {
	c := costs{map[string]float64{}, map[string]string{}}
	for _, stage := range []string{ExAnte, ExPostInterim, ExPostFinal} {
		found := false
		for _, cost := range b.costs {
			if cost.Stage != stage && (cost.Stage != "" || stage != ExAnte) {
				continue
			}
			found = true
			if cost.Sunk || cost.Transfer && b.Perspective != "public_accounts" {
				continue
			}
			amount, code := cost.Amount, ""
			if cost.Optimism != "" && cost.Capital {
				bias, known := ref.OptimismBias[cost.Optimism]
				if !known {
					code = UnknownOptimism
				}
				amount = appraisal.WithOptimism(amount, bias, cost.Mitigated)
			}
			present := 0.0
			if code == "" {
				present, code = b.present(ref, amount, cost.Year, cost.PriceYear)
			}
			if code != "" {
				b.refuse(Refusal{Subject: "cost", ID: cost.ID, Stage: stage, Code: code})
				c.reason[stage] = code
				continue
			}
			c.byStage[stage] += present
		}
		if !found {
			c.reason[stage] = NoCosts
		}
	}
	return c
}

// price takes prices of a year to those of a project. A unit value has a kind of year of its own.
func (b *bundle) price(ref *Reference, basis string, year int) (float64, bool) {
	if basis == "" || basis == b.YearBasis {
		return ref.Prices[b.YearBasis].Factor(year, b.PriceYear)
	}
	return appraisal.Across(ref.Prices[basis], year, ref.Prices[b.YearBasis], b.PriceYear)
}

// present takes an amount of a year to the decision year and its prices. Without a price year it is money of its own year.
func (b *bundle) present(ref *Reference, amount float64, year, priceYear int) (float64, string) {
	if priceYear == 0 {
		priceYear = year
	}
	switch {
	case year == 0 || b.PriceYear == 0:
		return 0, NoPriceYear
	case b.DecisionYear == 0:
		return 0, NoDecisionYear
	case year < b.DecisionYear:
		return 0, BeforeDecision
	}
	price, ok := b.price(ref, b.YearBasis, priceYear)
	if !ok {
		return 0, NoDeflator
	}
	factors, err := ref.Schedules[ref.CostSchedule].Factors(year - b.DecisionYear)
	if err != nil {
		return 0, NoSchedule
	}
	return amount * price * factors[len(factors)-1], ""
}

// extra is what an adjustment costs.
func (c costs) extra(ref *Reference, b *bundle, a Adjustment) (float64, string) {
	if a.ExtraCost == nil {
		return 0, NoCosts
	}
	if *a.ExtraCost == 0 {
		return 0, ""
	}
	year := a.CostYear
	if year == 0 {
		year = b.DecisionYear
	}
	return b.present(ref, *a.ExtraCost, year, a.PriceYear)
}

// of is what a stage costs; before the event with the adjustments that are committed.
func (c costs) of(ref *Reference, b *bundle, stage string) (float64, string) {
	in := stage
	if stage == AsApproved || stage == Restated {
		in = ExAnte
	}
	sum, reason := c.byStage[in], c.reason[in]
	if in != ExAnte || reason != "" {
		return sum, reason
	}
	for _, a := range b.adjustments {
		if !a.Committed {
			continue
		}
		extra, code := c.extra(ref, b, a)
		if code != "" {
			return 0, code
		}
		sum += extra
	}
	return sum, ""
}

// overCost is value over cost, where that means something.
func overCost(value, cost float64) (float64, string) {
	r := appraisal.Compare(value, cost)
	return r.BCR, r.Reason
}
