package appraisal

import "fmt"

// Reasons why a ratio has no value.
const (
	ZeroCost     = "zero_cost"
	NegativeCost = "negative_cost"
	ZeroBase     = "zero_base"
	NegativeBase = "negative_base"
)

// WithOptimism raises a cost by the bias that its kind of work is known for, less what was done against it.
func WithOptimism(cost, bias, mitigated float64) float64 { return cost * (1 + bias*(1-mitigated)) }

// Ratio compares the present values of benefits and costs.
type Ratio struct {
	NPSV   float64
	BCR    float64
	Reason string // why there is no BCR; empty when there is
	Band   string // of the BCR, or financially_positive
	Switch float64
	// HasSwitch tells whether there is a switching value: the share of benefits that may be lost before NPSV is zero.
	HasSwitch bool
}

// Compare makes a ratio. NPSV always stands beside it.
func Compare(benefits, costs float64) Ratio {
	r := Ratio{NPSV: benefits - costs}
	switch {
	case costs == 0:
		r.Reason = ZeroCost
	case costs < 0:
		r.Reason, r.Band = NegativeCost, "financially_positive"
	default:
		r.BCR = benefits / costs
		r.Band = BandOf(r.BCR)
	}
	if benefits != 0 {
		r.Switch, r.HasSwitch = 1-costs/benefits, true
	}
	return r
}

// BandOf names the band of a ratio; a boundary belongs to the band above.
func BandOf(bcr float64) string {
	switch {
	case bcr < 0:
		return "very_poor"
	case bcr < 1:
		return "poor"
	case bcr < 1.5:
		return "low"
	case bcr < 2:
		return "medium"
	case bcr < 4:
		return "high"
	default:
		return "very_high"
	}
}

// Delivery is ex post over ex ante; a reason stands for a ratio that means nothing.
func Delivery(before, after float64) (float64, string) {
	switch {
	case before == 0:
		return 0, ZeroBase
	case before < 0:
		return 0, NegativeBase
	default:
		return after / before, ""
	}
}

// Chain is the SROI chain of one outcome (A6): shares are multiplied, never added.
type Chain struct {
	Quantity, Proxy                             float64
	Deadweight, Attribution, Displacement, Drop float64 // shares
	Years                                       int
	Rate                                        float64 // of discount
	FirstYearDiscounted                         bool    // a convention, to be stored with the figure
}

// First is the impact of the first year.
func (c Chain) First() float64 {
	return c.Quantity * c.Proxy * (1 - c.Deadweight) * (1 - c.Attribution) * (1 - c.Displacement)
}

// Present is the present value of all years.
func (c Chain) Present() float64 {
	impact, df, sum := c.First(), 1.0, 0.0
	if c.FirstYearDiscounted {
		df /= 1 + c.Rate
	}
	for range c.Years {
		sum += impact * df
		impact *= 1 - c.Drop
		df /= 1 + c.Rate
	}
	return sum
}

// Group is a part of the people who gain, by their equivalised disposable household income.
type Group struct{ Income, Gain float64 }

// Weighted is the gain of groups, each weighted by (reference income / income)^elasticity. It stands beside the
// unweighted sum, never in its place.
func Weighted(groups []Group, reference, elasticity float64) (float64, error) {
	sum := 0.0
	for _, group := range groups {
		w, err := Weight(group.Income, reference, elasticity)
		if err != nil {
			return 0, err
		}
		sum += w * group.Gain
	}
	return sum, nil
}

// TooManyShares tells that partners claim more of one outcome than there is.
const TooManyShares = "shares_over_one"

// shareTolerance lets shares of a third add up to one.
const shareTolerance = 1e-9

// SharesFit tells whether the shares of partners in one outcome add up to at most one.
func SharesFit(shares []float64) bool {
	sum := 0.0
	for _, share := range shares {
		sum += share
	}
	return sum <= 1+shareTolerance
}

// DifferenceInDifferences is the change of those who took part less that of those who did not.
func DifferenceInDifferences(controlBefore, controlAfter, treatedBefore, treatedAfter float64) float64 {
	return (treatedAfter - treatedBefore) - (controlAfter - controlBefore)
}

// IncomeError says that an income cannot be weighted.
type IncomeError struct{ Income float64 }

func (e *IncomeError) Error() string {
	return fmt.Sprintf("an income of %g has no weight: give incomes above zero", e.Income)
}
