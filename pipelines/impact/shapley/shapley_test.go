package shapley_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"socialvalue/pipelines/impact/shapley"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-6 {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func game(values ...float64) func(shapley.Set) float64 {
	return func(s shapley.Set) float64 { return values[s] }
}

// TestRow86AndI1 proves two overlapping adjustments: 67,500 and 52,500, overlap −15,000.
func TestRow86AndI1(t *testing.T) {
	t.Parallel()
	v := game(480000, 555000, 540000, 600000)
	shares, err := shapley.Shares(2, v)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "A", shares[0], 67500)
	near(t, "B", shares[1], 52500)
	near(t, "overlap", shapley.Overlap(2, v), -15000)
}

// TestI3 proves that an adjustment that lowers value keeps its sign.
func TestI3(t *testing.T) {
	t.Parallel()
	shares, err := shapley.Shares(1, game(480000, 470000))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "contribution", shares[0], -10000)
}

// TestE1 proves the split over quantity, net factor and unit value: 1,590,000 to 1,701,000.
func TestE1(t *testing.T) {
	t.Parallel()
	before, after := [3]float64{750, 0.53, 4000}, [3]float64{630, 0.60, 4500}
	shares, err := shapley.Shares(3, func(s shapley.Set) float64 {
		product := 1.0
		for i := range 3 {
			if s.Has(i) {
				product *= after[i]
			} else {
				product *= before[i]
			}
		}
		return product
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{-288500, 204925, 194575} {
		near(t, "share", shares[i], want)
	}
}

func TestMoreThanTenAreRefused(t *testing.T) {
	t.Parallel()
	var tooMany *shapley.TooManyError
	if _, err := shapley.Shares(11, func(shapley.Set) float64 { return 0 }); !errors.As(err, &tooMany) || tooMany.Players != 11 {
		t.Errorf("eleven adjustments: %v", err)
	}
	if shares, err := shapley.Shares(0, game(5)); err != nil || len(shares) != 0 {
		t.Errorf("none: %v, %v", shares, err)
	}
}

// TestShares proves that contributions add up, that one who adds nothing gets nothing, and that two who do the same get the same.
func TestShares(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 6).Draw(t, "n")
		random := rapid.SliceOfN(rapid.Float64Range(-1e6, 1e6), 1<<n, 1<<n).Draw(t, "values")
		shares, err := shapley.Shares(n, game(random...))
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, share := range shares {
			sum += share
		}
		if want := random[1<<n-1] - random[0]; math.Abs(sum-want) > 1e-6 {
			t.Fatalf("shares add up to %v, not %v", sum, want)
		}
		idle := func(s shapley.Set) float64 { return random[s&^1] }
		if shares, _ = shapley.Shares(n, idle); math.Abs(shares[0]) > 1e-6 {
			t.Fatalf("who adds nothing gets %v", shares[0])
		}
		alike := func(s shapley.Set) float64 {
			if s.Has(1) && !s.Has(0) { // 1 in the place of 0
				s = s&^2 | 1
			}
			return random[s]
		}
		if shares, _ = shapley.Shares(n, alike); math.Abs(shares[0]-shares[1]) > 1e-6 {
			t.Fatalf("two who do the same get %v and %v", shares[0], shares[1])
		}
	})
}
