package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// z is the quantile of the standard normal distribution that leaves (1-level)/2 above it.
func z(level float64) float64 {
	return distuv.UnitNormal.Quantile(1 - (1-level)/2)
}

func checkShare(share float64, n int) error {
	switch {
	case n < 1:
		return fmt.Errorf("a share of %d: %w", n, ErrEmpty)
	case !(share >= 0 && share <= 1):
		return fmt.Errorf("share %v is not between 0 and 1: %w", share, ErrRange)
	}
	return nil
}

func checkCounts(k, n int) error {
	switch {
	case n < 1:
		return fmt.Errorf("%d of %d: %w", k, n, ErrEmpty)
	case k < 0 || k > n:
		return fmt.Errorf("%d of %d: %w", k, n, ErrRange)
	}
	return nil
}

// Wilson is the score interval of a share of n people, as fractions:
// (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n). The share need not be a whole number of people: people tied at the
// edge of two quarters count in both in part. ErrEmpty for n < 1, ErrRange for a share or level that is none.
//
// Source: Wilson (1927), JASA 22:209, without continuity correction.
func Wilson(share float64, n int, level float64) (Interval, error) {
	if err := checkShare(share, n); err != nil {
		return Interval{}, err
	}
	if err := checkLevel(level); err != nil {
		return Interval{}, err
	}
	z, size := z(level), float64(n)
	middle := share + z*z/(2*size)
	half := z * math.Sqrt(share*(1-share)/size+z*z/(4*size*size))
	under := 1 + z*z/size
	interval := Interval{(middle - half) / under, (middle + half) / under}
	// At the ends the terms cancel, but for their last digits.
	if share == 0 {
		interval.Low = 0
	}
	if share == 1 {
		interval.High = 1
	}
	return interval, nil
}

// NewcombeDifference is the interval of share a of m less share b of n, from the Wilson intervals of the two:
// d - sqrt((a-la)² + (ub-b)²) to d + sqrt((ua-a)² + (b-lb)²). The groups are taken as independent. Errors as of Wilson.
//
// Source: Newcombe (1998), Statistics in Medicine 17:873, method 10.
func NewcombeDifference(a float64, m int, b float64, n int, level float64) (Interval, error) {
	first, err := Wilson(a, m, level)
	if err != nil {
		return Interval{}, err
	}
	second, err := Wilson(b, n, level)
	if err != nil {
		return Interval{}, err
	}
	return Interval{
		a - b - math.Hypot(a-first.Low, second.High-b),
		a - b + math.Hypot(first.High-a, b-second.Low),
	}, nil
}

// ClopperPearson is the exact interval of k of n, as fractions: the shares under which k or more, and k or fewer, have
// probability (1-level)/2. ErrEmpty for n < 1, ErrRange for other counts or levels that are none.
//
// Source: Clopper and Pearson (1934), Biometrika 26:404, as quantiles of beta distributions.
func ClopperPearson(k, n int, level float64) (Interval, error) {
	if err := checkCounts(k, n); err != nil {
		return Interval{}, err
	}
	if err := checkLevel(level); err != nil {
		return Interval{}, err
	}
	interval, tail := Interval{0, 1}, (1-level)/2
	if k > 0 {
		interval.Low = mathext.InvRegIncBeta(float64(k), float64(n-k+1), tail)
	}
	if k < n {
		interval.High = mathext.InvRegIncBeta(float64(k+1), float64(n-k), 1-tail)
	}
	return interval, nil
}

// BinomialAtMost is the probability of k or fewer of n when each has probability share: the one-sided p-value of falling
// short of a target share. Errors as of ClopperPearson.
func BinomialAtMost(k, n int, share float64) (float64, error) {
	if err := checkCounts(k, n); err != nil {
		return 0, err
	}
	if err := checkShare(share, n); err != nil {
		return 0, err
	}
	switch {
	case k == n || share == 0:
		return 1, nil
	case share == 1:
		return 0, nil
	}
	return mathext.RegIncBeta(float64(n-k), float64(k+1), 1-share), nil
}

// RiskRatio is how many times as likely the reference group is, (a/m)/(b/n), with its interval on the logarithm:
// exp(ln ratio ± z sqrt(1/a - 1/m + 1/b - 1/n)). ErrZeroBase when either share is nought, so that the ratio or its
// logarithm is not defined; else errors as of ClopperPearson.
//
// Source: Katz and others (1978), Biometrics 34:469; the ratio is the relative likelihood of NHS WRES indicator 2.
func RiskRatio(a, m, b, n int, level float64) (float64, Interval, error) {
	if err := checkCounts(a, m); err != nil {
		return 0, Interval{}, err
	}
	if err := checkCounts(b, n); err != nil {
		return 0, Interval{}, err
	}
	if err := checkLevel(level); err != nil {
		return 0, Interval{}, err
	}
	if a == 0 || b == 0 {
		return 0, Interval{}, fmt.Errorf("ratio of %d of %d to %d of %d: %w", a, m, b, n, ErrZeroBase)
	}
	ratio := float64(a) / float64(m) / (float64(b) / float64(n))
	half := z(level) * math.Sqrt(1/float64(a)-1/float64(m)+1/float64(b)-1/float64(n))
	return ratio, Interval{ratio * math.Exp(-half), ratio * math.Exp(half)}, nil
}
