package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// MeanGapError is the standard error of a mean gap in percentage points, by the delta method for a ratio of means:
// 100 (f/m) sqrt(s_f²/(n_f f²) + s_m²/(n_m m²)), the groups taken as independent. ErrEmpty with fewer than two on a side,
// ErrZeroBase when the mean of the comparator is zero.
//
// Source: Casella and Berger (2002), 5.5.4; the formula of the methods, 4.1, written so that a focal mean of zero is none
// to divide by.
func MeanGapError(comparator, focal Sample) (float64, error) {
	c, err := describe(comparator)
	if err != nil {
		return 0, fmt.Errorf("comparator: %w", err)
	}
	f, err := describe(focal)
	if err != nil {
		return 0, fmt.Errorf("focal group: %w", err)
	}
	if c.mean == 0 {
		return 0, fmt.Errorf("mean gap: %w", ErrZeroBase)
	}
	ratio := f.mean / c.mean
	return 100 * math.Sqrt(f.variance/f.n+ratio*ratio*c.variance/c.n) / math.Abs(c.mean), nil
}

// MeanGapDelta is the interval of a mean gap in per cent by the delta method: gap ± z se. Errors as of MeanGapError, and
// ErrRange for a level that is none.
func MeanGapDelta(comparator, focal Sample, level float64) (Interval, error) {
	if err := checkLevel(level); err != nil {
		return Interval{}, err
	}
	se, err := MeanGapError(comparator, focal)
	if err != nil {
		return Interval{}, err
	}
	gap, err := meanGap(comparator, focal)
	if err != nil {
		return Interval{}, err
	}
	return Interval{gap - z(level)*se, gap + z(level)*se}, nil
}

func meanGap(comparator, focal Sample) (float64, error) {
	c, err := comparator.Mean()
	if err != nil {
		return 0, err
	}
	f, err := focal.Mean()
	if err != nil {
		return 0, err
	}
	return Gap(c, f)
}

// MeanGapFieller is the interval of a mean gap in per cent from Fieller's theorem, for comparators whose own mean is
// uncertain: the ratios r of means for which f - r m is not further from zero than t of its standard errors, t with
// Welch's degrees of freedom. ErrZeroBase when the comparator's mean cannot be told from zero, so that the ratios have
// no bounds; else as of MeanGapDelta.
//
// Source: Fieller (1954), JRSS B 16:175.
func MeanGapFieller(comparator, focal Sample, level float64) (Interval, error) {
	welch, err := WelchTest(comparator, focal, level)
	if err != nil {
		return Interval{}, err
	}
	c, err := describe(comparator)
	if err != nil {
		return Interval{}, err
	}
	f, err := describe(focal)
	if err != nil {
		return Interval{}, err
	}
	t := studentQuantile(welch.Freedom, level)
	// (f - r m)² <= t² (s_f²/n_f + r² s_m²/n_m), a quadratic in r.
	square := c.mean*c.mean - t*t*c.variance/c.n
	if square <= 0 {
		return Interval{}, fmt.Errorf("Fieller interval: the comparator's mean is not told from zero: %w", ErrZeroBase)
	}
	middle := f.mean * c.mean
	room := middle*middle - square*(f.mean*f.mean-t*t*f.variance/f.n)
	root := math.Sqrt(max(0, room))
	return Interval{100 * (1 - (middle+root)/square), 100 * (1 - (middle-root)/square)}, nil
}

// Welch is a comparison of two means whose groups vary differently.
type Welch struct {
	T, Freedom float64  // the statistic and Satterthwaite's degrees of freedom
	P          float64  // two-sided
	Difference Interval // of the first mean less the second, in the unit of the values
}

// WelchTest compares two means: t = (m1 - m2) / sqrt(s1²/n1 + s2²/n2). ErrEmpty with fewer than two on a side,
// ErrZeroBase when neither group varies, ErrRange for a level that is none.
//
// Source: Welch (1947), Biometrika 34:28; R's t.test.
func WelchTest(first, second Sample, level float64) (Welch, error) {
	if err := checkLevel(level); err != nil {
		return Welch{}, err
	}
	a, err := describe(first)
	if err != nil {
		return Welch{}, err
	}
	b, err := describe(second)
	if err != nil {
		return Welch{}, err
	}
	va, vb := a.variance/a.n, b.variance/b.n
	if va+vb == 0 {
		return Welch{}, fmt.Errorf("Welch's test: nobody differs within the groups: %w", ErrZeroBase)
	}
	se := math.Sqrt(va + vb)
	w := Welch{T: (a.mean - b.mean) / se, Freedom: (va + vb) * (va + vb) / (va*va/(a.n-1) + vb*vb/(b.n-1))}
	w.P = 2 * distuv.StudentsT{Sigma: 1, Nu: w.Freedom}.CDF(-math.Abs(w.T))
	half := studentQuantile(w.Freedom, level) * se
	w.Difference = Interval{a.mean - b.mean - half, a.mean - b.mean + half}
	return w, nil
}

// studentQuantile is the quantile of Student's distribution that leaves (1-level)/2 above it.
func studentQuantile(freedom, level float64) float64 {
	return distuv.StudentsT{Sigma: 1, Nu: freedom}.Quantile(1 - (1-level)/2)
}

type description struct{ n, mean, variance float64 }

func describe(s Sample) (description, error) {
	variance, err := s.Variance()
	if err != nil {
		return description{}, err
	}
	mean, err := s.Mean()
	if err != nil {
		return description{}, err
	}
	return description{float64(s.Len()), mean, variance}, nil
}
