package stats

import (
	"fmt"
	"math"
)

// Ranks are two ranks of a sample in ascending order, the smallest value having rank 1, and the probability that the
// quantile of the population lies between their values.
type Ranks struct {
	Low, High int
	Coverage  float64
}

// QuantileRanks are the ranks whose values bound the quantile p of the population: the highest and the lowest that leave
// probability (1-level)/2 at most outside on their side. Nothing is assumed of the distribution; with ties the interval is
// wider than it needs be. ErrEmpty when n is too small for any, ErrRange for p or a level that is none.
//
// Source: Thompson (1936), Annals of Mathematical Statistics 7:122; the probabilities are those of Bin(n, p).
func QuantileRanks(n int, p, level float64) (Ranks, error) {
	if err := checkLevel(level); err != nil {
		return Ranks{}, err
	}
	if !(p > 0 && p < 1) {
		return Ranks{}, fmt.Errorf("quantile %v is not between 0 and 1: %w", p, ErrRange)
	}
	atMost := func(k int) float64 {
		probability, err := BinomialAtMost(k, n, p)
		if err != nil {
			return math.NaN()
		}
		return probability
	}
	tail := (1 - level) / 2
	if n < 1 || !(atMost(0) <= tail) || !(1-atMost(n-1) <= tail) {
		return Ranks{}, fmt.Errorf("ranks around quantile %v of %d: %w", p, n, ErrEmpty)
	}
	// The greatest low for which low - 1 or fewer below is improbable, and the least high for which high or more is.
	low := 1 + lastTrue(0, n-1, func(k int) bool { return atMost(k) <= tail })
	high := 1 + lastTrue(0, n-1, func(k int) bool { return 1-atMost(k) > tail }) + 1
	return Ranks{Low: low, High: high, Coverage: atMost(high-1) - atMost(low-1)}, nil
}

// lastTrue is the last of first … last that fits; those that fit come before those that do not. It is first - 1 when none
// does.
func lastTrue(first, last int, fits func(int) bool) int {
	for first <= last {
		middle := (first + last) / 2
		if fits(middle) {
			first = middle + 1
		} else {
			last = middle - 1
		}
	}
	return last
}

// QuantileInterval is the interval of a quantile by order statistics, in the unit of the values. Errors as of
// QuantileRanks.
func QuantileInterval(s Sample, p, level float64) (Interval, error) {
	ranks, err := QuantileRanks(s.Len(), p, level)
	if err != nil {
		return Interval{}, err
	}
	return Interval{s.At(ranks.Low - 1), s.At(ranks.High - 1)}, nil
}

// QuantileGap is the gap at a quantile in per cent, with an interval made of those of the two groups by order statistics
// (the method of variance estimates recovery on the logarithm): with r = f/m,
// ln r ∓ sqrt((ln f - ln f_low)² + (ln m_high - ln m)²), and accordingly above. The groups are taken as independent.
// ErrNotPositive unless the values it is made of are above zero, else as of QuantileInterval.
//
// Source: Zou and Donner (2008), Statistics in Medicine 27:1693.
func QuantileGap(comparator, focal Sample, p, level float64) (float64, Interval, error) {
	type side struct{ value, low, high float64 }
	of := func(s Sample) (side, error) {
		value, err := s.Quantile(p)
		if err != nil {
			return side{}, err
		}
		interval, err := QuantileInterval(s, p, level)
		if err != nil {
			return side{}, err
		}
		if interval.Low <= 0 {
			return side{}, fmt.Errorf("quantile gap: %w", ErrNotPositive)
		}
		return side{math.Log(value), math.Log(interval.Low), math.Log(interval.High)}, nil
	}
	m, err := of(comparator)
	if err != nil {
		return 0, Interval{}, fmt.Errorf("comparator: %w", err)
	}
	f, err := of(focal)
	if err != nil {
		return 0, Interval{}, fmt.Errorf("focal group: %w", err)
	}
	ratio := f.value - m.value
	low := ratio - math.Hypot(f.value-f.low, m.high-m.value)
	high := ratio + math.Hypot(f.high-f.value, m.value-m.low)
	return 100 * (1 - math.Exp(ratio)), Interval{100 * (1 - math.Exp(high)), 100 * (1 - math.Exp(low))}, nil
}

// DifferenceOf is the interval of a less b from the intervals of each, taken as independent:
// d - sqrt((a-la)² + (ub-b)²) to d + sqrt((ua-a)² + (b-lb)²).
//
// Source: Zou and Donner (2008), Statistics in Medicine 27:1693; Newcombe's method 10 is the case of two shares.
func DifferenceOf(a float64, ofA Interval, b float64, ofB Interval) Interval {
	return Interval{a - b - math.Hypot(a-ofA.Low, ofB.High-b), a - b + math.Hypot(ofA.High-a, b-ofB.Low)}
}
