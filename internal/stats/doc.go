// Package stats holds the statistics that figures about groups of people need: quantiles, gaps between two groups,
// survival curves, intervals, tests and a regression. Each is a function of its arguments: the same values in another order give the same
// bits, and what is drawn by chance is drawn from a seed that is passed in.
//
// Shares are fractions from 0 to 1, gaps are per cent of the comparator, levels are fractions (0.95). Nothing is rounded.
// What cannot be computed is an error, one of those declared here, and never NaN or infinity.
//
// It imports gonum and nothing of the engine.
package stats

import (
	"errors"
	"fmt"
	"math"
)

// Errors of the functions here; callers tell them apart with errors.Is.
var (
	// ErrEmpty says that there is no value, or too few for what was asked.
	ErrEmpty = errors.New("too few values")
	// ErrNotFinite says that a value is NaN or infinite.
	ErrNotFinite = errors.New("a value is not a finite number")
	// ErrRange says that an argument lies outside what it can be.
	ErrRange = errors.New("argument out of range")
	// ErrZeroBase says that what would be divided by is zero.
	ErrZeroBase = errors.New("the base is zero")
	// ErrNotPositive says that a logarithm was asked of a value that has none.
	ErrNotPositive = errors.New("a value is not above zero")
	// ErrNotIdentified says that a coefficient cannot be told apart from others.
	ErrNotIdentified = errors.New("not identified")
)

// Interval is a confidence interval, both ends included.
type Interval struct{ Low, High float64 }

// Contains reports whether the interval contains a value.
func (i Interval) Contains(value float64) bool { return i.Low <= value && value <= i.High }

// checkLevel refuses a confidence level that is none.
func checkLevel(level float64) error {
	if !(level > 0 && level < 1) {
		return fmt.Errorf("level %v is not between 0 and 1: %w", level, ErrRange)
	}
	return nil
}

// finite refuses NaN and infinity.
func finite(values []float64) error {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return ErrNotFinite
		}
	}
	return nil
}

// total adds values with a correction of what each addition lost (Neumaier), so that a sum of many is good to the last
// digits.
func total(values []float64) float64 {
	var sum, lost float64
	for _, v := range values {
		next := sum + v
		if math.Abs(sum) >= math.Abs(v) {
			lost += (sum - next) + v
		} else {
			lost += (v - next) + sum
		}
		sum = next
	}
	return sum + lost
}
