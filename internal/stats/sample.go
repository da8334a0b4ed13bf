package stats

import (
	"fmt"
	"math"
	"slices"
)

// Sample is values of one group, in ascending order. Its zero value has none.
type Sample struct{ sorted []float64 }

// NewSample makes a sample of values in any order; the values are copied. NaN and infinity are ErrNotFinite.
func NewSample(values []float64) (Sample, error) {
	if err := finite(values); err != nil {
		return Sample{}, err
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return Sample{sorted}, nil
}

// Len is the number of values.
func (s Sample) Len() int { return len(s.sorted) }

// At is the value of a rank; the smallest has rank 0.
func (s Sample) At(rank int) float64 { return s.sorted[rank] }

// Values are the values in ascending order, a copy.
func (s Sample) Values() []float64 { return slices.Clone(s.sorted) }

// Mean is the sum over the number, in the unit of the values. ErrEmpty without values.
func (s Sample) Mean() (float64, error) {
	if s.Len() == 0 {
		return 0, fmt.Errorf("mean: %w", ErrEmpty)
	}
	return total(s.sorted) / float64(s.Len()), nil
}

// Variance is the sum of squared differences from the mean over n - 1. ErrEmpty with fewer than two values.
func (s Sample) Variance() (float64, error) {
	if s.Len() < 2 {
		return 0, fmt.Errorf("variance of %d: %w", s.Len(), ErrEmpty)
	}
	mean, err := s.Mean()
	if err != nil {
		return 0, err
	}
	squares := make([]float64, s.Len())
	for i, v := range s.sorted {
		squares[i] = (v - mean) * (v - mean)
	}
	return total(squares) / float64(s.Len()-1), nil
}

// Median is the middle value, or the mean of the two middle ones.
func (s Sample) Median() (float64, error) { return s.Quantile(0.5) }

// Quantile is the quantile p by linear interpolation between order statistics: with h = (n-1)p,
// x[floor h] + (h - floor h)(x[floor h + 1] - x[floor h]). ErrEmpty without values, ErrRange unless 0 <= p <= 1.
//
// Source: Hyndman and Fan (1996), type 7; R's default, DuckDB's quantile_cont, Excel's PERCENTILE.INC.
func (s Sample) Quantile(p float64) (float64, error) {
	if s.Len() == 0 {
		return 0, fmt.Errorf("quantile: %w", ErrEmpty)
	}
	if !(p >= 0 && p <= 1) {
		return 0, fmt.Errorf("quantile %v: %w", p, ErrRange)
	}
	rank, part := quantileRank(s.Len(), p)
	if part == 0 {
		return s.sorted[rank], nil
	}
	return between(s.sorted[rank], s.sorted[rank+1], part), nil
}

// quantileRank is the rank at or below a quantile, and the part of the way to the next.
func quantileRank(n int, p float64) (rank int, part float64) {
	h := float64(n-1) * p
	below := math.Floor(h)
	return int(below), h - below
}

// between is the point part of the way from low to high. Half way it is their mean, exactly so for equal ones.
func between(low, high, part float64) float64 {
	if low == high {
		return low
	}
	return low + part*(high-low)
}

// Gap is how much less the focal group has, in per cent of the comparator: 100 (comparator - focal) / comparator.
// Positive: the focal group has less. ErrZeroBase when the comparator is zero, ErrNotFinite for NaN and infinity.
func Gap(comparator, focal float64) (float64, error) {
	if err := finite([]float64{comparator, focal}); err != nil {
		return 0, err
	}
	if comparator == 0 {
		return 0, fmt.Errorf("gap: %w", ErrZeroBase)
	}
	return (comparator - focal) / comparator * 100, nil
}

// RoundHalfAway rounds to a number of decimals, halves away from zero, and gives no negative zero. What binary
// fractions cannot say exactly counts as what is meant: within 10⁻¹² of a half is a half, 0.15 becomes 0.2.
// A value beyond 10^15 has no decimals and stays.
func RoundHalfAway(value float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	scaled := value * scale
	if math.IsNaN(value) || math.Abs(scaled) >= 1e15 {
		return value
	}
	// A product that is a half but for its last digits is one: 1.005 * 100 is 100.49999999999999.
	rounded := math.Round(scaled)
	if nearest := math.Floor(math.Abs(scaled)) + 0.5; math.Abs(math.Abs(scaled)-nearest) <= nearest*1e-12 {
		rounded = math.Copysign(nearest+0.5, scaled)
	}
	if rounded == 0 {
		return 0
	}
	return rounded / scale
}
