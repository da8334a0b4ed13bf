package stats

import (
	"cmp"
	"fmt"
	"slices"
)

// BenjaminiHochberg adjusts p-values of m tests for there being many: in ascending order q(i) = min over j >= i of
// m p(j) / j, at most 1. The results stand in the order of the arguments. ErrRange for a p outside 0 to 1.
//
// Source: Benjamini and Hochberg (1995), JRSS B 57:289; R's p.adjust(method = "BH").
func BenjaminiHochberg(p []float64) ([]float64, error) {
	order := make([]int, len(p))
	for i, value := range p {
		if !(value >= 0 && value <= 1) {
			return nil, fmt.Errorf("p-value %v: %w", value, ErrRange)
		}
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(p[j], p[i]) })
	q, lowest := make([]float64, len(p)), 1.0
	for place, i := range order {
		rank := float64(len(p) - place)
		lowest = min(lowest, float64(len(p))/rank*p[i])
		q[i] = lowest
	}
	return q, nil
}
