package appraisal

import "math"

// Weight is the distributional weight of an income.
func Weight(income, reference, elasticity float64) (float64, error) {
	for _, amount := range []float64{income, reference} {
		if !(amount > 0) || math.IsInf(amount, 1) {
			return 0, &IncomeError{amount}
		}
	}
	return math.Pow(reference/income, elasticity), nil
}
