package paygaps_test

import (
	"fmt"
	"testing"
)

// workforce is rows of one contrast of sex.
type workforce []row

// with adds people of a side, one for each rate; who has a key has the same in every year.
func (w workforce) with(side string, rates ...float64) workforce {
	for _, rate := range rates {
		w = append(w, person(side, len(w), ptr(rate), 0))
	}
	return w
}

// times adds so many people of a side and rate.
func (w workforce) times(n int, side string, rate float64) workforce {
	for range n {
		w = w.with(side, rate)
	}
	return w
}

// bonus adds relevant employees of a side who were paid a bonus, or not, and have no rate.
func (w workforce) bonus(n int, side string, amount float64) workforce {
	for range n {
		w = append(w, person(side, len(w), nil, amount))
	}
	return w
}

func person(side string, number int, rate *float64, bonus float64) row {
	return row{
		body: "E47000004", population: "all", characteristic: "sex", comparator: "male", focal: "female",
		breakdown: "all", value: "all", snapshot: "2025-03-31", side: side, person: fmt.Sprintf("p%06d", number), rate: rate, bonus: bonus,
	}
}

// figures are the rows of a contrast by measure.
func figures(t *testing.T, rows []row) map[string]result {
	t.Helper()
	all := map[string]result{}
	for _, r := range run(t, rows, nil) {
		all[r.Measure] = r
	}
	return all
}

const (
	men   = "comparator"
	women = "focal"
)

func wantValue(t *testing.T, r result, want float64) {
	t.Helper()
	if r.Value == nil || *r.Value != want {
		t.Errorf("%s is %s, want %v", r.Measure, shown(r.Value), want)
	}
}

func wantNull(t *testing.T, r result, reason string) {
	t.Helper()
	if r.Value != nil || r.NullReason != reason || r.Pence != nil || r.Low != nil || r.High != nil || r.Method != "" {
		t.Errorf("%s is %s (%s), want null with %s", r.Measure, shown(r.Value), r.NullReason, reason)
	}
}

func shown(value *float64) string {
	if value == nil {
		return "null"
	}
	return fmt.Sprint(*value)
}

func TestGOVUKWorkedExampleMedian(t *testing.T) {
	t.Parallel()
	// 1,345 men of whom the middle one has 15; 3,100 women of whom the two middle ones have 13 and 15.
	w := workforce{}.times(672, men, 10).times(1, men, 15).times(672, men, 20).
		times(1549, women, 10).with(women, 13, 15).times(1549, women, 20)
	got := figures(t, w)
	wantValue(t, got["median_hourly"], 6.7)
	if got["median_hourly"].Focal != 3100 || got["median_hourly"].Comparator != 1345 || *got["median_hourly"].Pence != 93.3 {
		t.Errorf("headcounts or pence: %+v", got["median_hourly"])
	}
	if *got["quarter_share_lower"].Denominator != 1112 || *got["quarter_share_upper"].Denominator != 1111 {
		t.Errorf("sizes of quarters: %d and %d", *got["quarter_share_lower"].Denominator, *got["quarter_share_upper"].Denominator)
	}
}
