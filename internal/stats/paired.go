package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// MeanInterval is the mean of a sample with its interval, mean ± t sd/√n with n-1 degrees of freedom: of differences of
// pairs it is the paired t interval. ErrEmpty with fewer than two values, ErrRange for a level that is none. Values that
// are all one give an interval of no width.
//
// Source: Student (1908), Biometrika 6:1; R's t.test(x)$conf.int.
func MeanInterval(s Sample, level float64) (float64, Interval, error) {
	if err := checkLevel(level); err != nil {
		return 0, Interval{}, err
	}
	variance, err := s.Variance()
	if err != nil {
		return 0, Interval{}, fmt.Errorf("interval of a mean: %w", err)
	}
	mean, err := s.Mean()
	if err != nil {
		return 0, Interval{}, err
	}
	n := float64(s.Len())
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(1 - (1-level)/2)
	half := t * math.Sqrt(variance/n)
	return mean, Interval{mean - half, mean + half}, nil
}
