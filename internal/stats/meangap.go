package stats

import (
	"fmt"
	"math"
	"slices"

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
		return Interval{}, fmt.Errorf("interval of a ratio: the comparator's mean is not told from zero: %w", ErrZeroBase)
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
		return Welch{}, fmt.Errorf("test of two means: nobody differs within the groups: %w", ErrZeroBase)
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

// MeanGapChange is the interval of the change of a mean gap in percentage points from the first round to the second, by
// the delta method: change ± z sqrt(sum over people of (d_after - d_before)²), where d is what a person adds to the gap of
// a round, -100 (x - f)/(n_f m) for one of the focal group and 100 f (x - m)/(n_m m²) for one of the comparator. People
// who are in both rounds so count once. ErrEmpty with fewer than two on a side in either round, ErrZeroBase when a
// comparator's mean is zero, ErrNotFinite for other values than numbers, ErrRange for a level that is none.
//
// Source: the delta method for clustered data, Kish and Frankel (1974), JRSS B 36:1, the clusters being persons.
func MeanGapChange(people []Person, level float64) (Interval, error) {
	if err := checkLevel(level); err != nil {
		return Interval{}, err
	}
	before, gapBefore, err := roundOf(people, func(p Person) Standing { return p.Before })
	if err != nil {
		return Interval{}, fmt.Errorf("first round: %w", err)
	}
	after, gapAfter, err := roundOf(people, func(p Person) Standing { return p.After })
	if err != nil {
		return Interval{}, fmt.Errorf("second round: %w", err)
	}
	squares := make([]float64, len(people))
	for i, p := range people {
		d := after(p.After) - before(p.Before)
		squares[i] = d * d
	}
	slices.Sort(squares) // so that the order of people changes no bit
	half := z(level) * math.Sqrt(total(squares))
	return Interval{gapAfter - gapBefore - half, gapAfter - gapBefore + half}, nil
}

// roundOf is what a standing adds to the gap of a round, and the gap. A sum of n squares stands for n-1 of a variance, so
// each is made n/(n-1) larger, as the standard error of one round has it.
func roundOf(people []Person, standing func(Person) Standing) (func(Standing) float64, float64, error) {
	var pay [2][]float64
	for _, p := range people {
		if s := standing(p); s.Group != Absent {
			pay[s.Group-Comparator] = append(pay[s.Group-Comparator], s.Pay)
		}
	}
	comparator, err := NewSample(pay[0])
	if err != nil {
		return nil, 0, err
	}
	focal, err := NewSample(pay[1])
	if err != nil {
		return nil, 0, err
	}
	m, err := describe(comparator)
	if err != nil {
		return nil, 0, err
	}
	f, err := describe(focal)
	if err != nil {
		return nil, 0, err
	}
	gap, err := Gap(m.mean, f.mean)
	if err != nil {
		return nil, 0, err
	}
	adds := func(s Standing) float64 {
		switch s.Group {
		case Focal:
			return -100 * (s.Pay - f.mean) / (f.n * m.mean) * math.Sqrt(f.n/(f.n-1))
		case Comparator:
			return 100 * f.mean * (s.Pay - m.mean) / (m.n * m.mean * m.mean) * math.Sqrt(m.n/(m.n-1))
		default:
			return 0
		}
	}
	return adds, gap, nil
}
