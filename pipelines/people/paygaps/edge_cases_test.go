package paygaps_test

import (
	"math"
	"testing"
)

// The edge cases of the methods, chapter 6, that belong to figures. Each test is named for its number; 37 stands with the
// quarters. 46, 57 and 58 have a second half in the package that makes the return.

func quarterShareNames() []string {
	return []string{"quarter_share_lower", "quarter_share_lower_middle", "quarter_share_upper_middle", "quarter_share_upper"}
}

func TestEdge38EveryoneOnTheSameRate(t *testing.T) {
	t.Parallel()
	got := figures(t, workforce{}.times(80, men, 13.05).times(120, women, 13.05))
	for _, measure := range []string{"mean_hourly", "median_hourly", "gap_p25", "gap_p75"} {
		wantValue(t, got[measure], 0)
		if math.Signbit(*got[measure].Value) || *got[measure].Pence != 100 {
			t.Errorf("%s: %v, %v pence", measure, *got[measure].Value, *got[measure].Pence)
		}
		if *got[measure].Low != 0 || *got[measure].High != 0 {
			t.Errorf("%s: interval %v to %v", measure, *got[measure].Low, *got[measure].High)
		}
	}
	for _, measure := range quarterShareNames() {
		wantValue(t, got[measure], 0.6)
	}
}

func TestEdge39ThreePeople(t *testing.T) {
	t.Parallel()
	got := figures(t, workforce{}.with(women, 1).with(men, 2, 3))
	for i, size := range []int64{1, 1, 1, 0} {
		if r := got[quarterShareNames()[i]]; *r.Denominator != size {
			t.Errorf("%s has %d people, want %d", r.Measure, *r.Denominator, size)
		}
	}
	wantValue(t, got["quarter_share_lower"], 1)
	wantNull(t, got["quarter_share_upper"], "empty_quarter")
}

func TestEdge40OnePersonOrOneSex(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rows   []row
		reason string
	}{
		"one woman":          {workforce{}.with(women, 14), "no_comparator_people"},
		"one man":            {workforce{}.with(men, 14), "no_focal_people"},
		"women alone":        {workforce{}.times(60, women, 14), "no_comparator_people"},
		"nobody on full pay": {append(workforce{}.bonus(20, men, 0), workforce{}.bonus(20, women, 0)[0]), "no_people"},
	}
	tests["nobody on full pay"].rows[20].person = "w1"
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := figures(t, tc.rows)
			for _, measure := range []string{"mean_hourly", "median_hourly", "gap_p10", "gap_p25", "gap_p75", "gap_p90"} {
				wantNull(t, got[measure], tc.reason)
				if got[measure].Reliability != "not_applicable" {
					t.Errorf("%s is %s", measure, got[measure].Reliability)
				}
			}
			if len(got) != 14 {
				t.Errorf("%d figures, want every measure with a row", len(got))
			}
		})
	}
}

func TestEdge41NoWomanGotABonus(t *testing.T) {
	t.Parallel()
	got := figures(t, workforce{}.bonus(12, men, 500).bonus(30, men, 0).bonus(40, women, 0))
	wantValue(t, got["mean_bonus"], 100)
	wantValue(t, got["median_bonus"], 100)
	wantValue(t, got["bonus_share_focal"], 0)
	wantValue(t, got["bonus_share_comparator"], 0.286)
	if got["mean_bonus"].Low != nil || got["mean_bonus"].Reliability != "not_applicable" {
		t.Errorf("a rule has an interval: %+v", got["mean_bonus"])
	}
}

func TestEdge42NoManGotABonus(t *testing.T) {
	t.Parallel()
	got := figures(t, workforce{}.bonus(30, men, 0).bonus(40, women, 250))
	wantNull(t, got["mean_bonus"], "no_comparator_paid_bonus")
	wantNull(t, got["median_bonus"], "no_comparator_paid_bonus")
	wantValue(t, got["bonus_share_focal"], 1)
	wantValue(t, got["bonus_share_comparator"], 0)
}

func TestEdge43NobodyGotABonus(t *testing.T) {
	t.Parallel()
	got := figures(t, workforce{}.bonus(30, men, 0).bonus(40, women, 0))
	wantNull(t, got["mean_bonus"], "nobody_paid_bonus")
	wantNull(t, got["median_bonus"], "nobody_paid_bonus")
	wantValue(t, got["bonus_share_focal"], 0)
	wantValue(t, got["bonus_share_comparator"], 0)
}

func TestEdge44ComparatorOfZero(t *testing.T) {
	t.Parallel()
	got := figures(t, workforce{}.times(2, men, 0).times(1, men, 9).times(3, women, 9))
	wantNull(t, got["median_hourly"], "zero_base")
	wantValue(t, got["mean_hourly"], -200)
	got = figures(t, workforce{}.times(3, men, 0).times(3, women, 9))
	wantNull(t, got["mean_hourly"], "zero_base")
}

func TestEdge45NeverNegativeZero(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{99.96, 100.04} { // a gap of 0.04, and of -0.04
		got := figures(t, workforce{}.times(10, men, 100).times(10, women, rate))
		wantValue(t, got["mean_hourly"], 0)
		if math.Signbit(*got["mean_hourly"].Value) || math.Signbit(*got["mean_hourly"].Low) || *got["mean_hourly"].Pence != 100 {
			t.Errorf("women at %v: %v, from %v", rate, *got["mean_hourly"].Value, *got["mean_hourly"].Low)
		}
	}
	// Halves go away from zero: 12.25 and -12.25.
	wantValue(t, figures(t, workforce{}.with(men, 100).with(women, 87.75))["mean_hourly"], 12.3)
	wantValue(t, figures(t, workforce{}.with(men, 100).with(women, 112.25))["mean_hourly"], -12.3)
}

func TestEdge46OneWomanOfSixteen(t *testing.T) {
	t.Parallel()
	w := workforce{}.with(women, 1).times(15, men, 1)
	for band := 2.0; band <= 4; band++ {
		w = w.times(8, women, band).times(8, men, band)
	}
	got := figures(t, w)["quarter_share_lower"]
	wantValue(t, got, 0.063) // 6.25 per cent; the return makes the men of it 93.7
	if *got.Numerator != 1 || *got.Denominator != 16 {
		t.Errorf("%v of %d", *got.Numerator, *got.Denominator)
	}
}

func TestEdge47EvenCount(t *testing.T) {
	t.Parallel()
	// The median of 13 and 15 is 14: of 20 men that is 30 per cent less.
	wantValue(t, figures(t, workforce{}.with(men, 20).with(women, 13, 15))["median_hourly"], 30)
}

func TestEdge48FocalGroupOfNine(t *testing.T) {
	t.Parallel()
	got := figures(t, workforce{}.times(60, men, 20).times(9, women, 18).bonus(20, men, 100).bonus(12, women, 90))
	hourly := got["mean_hourly"]
	if hourly.Reliability != "suppressed" || hourly.Low != nil || hourly.Method != "" || hourly.Focal != 9 || hourly.Comparator != 60 {
		t.Errorf("nine women: %+v", hourly)
	}
	wantNull(t, got["gap_p25"], "few_beyond_quantile")
	if got["mean_bonus"].Reliability != "low_reliability" || got["mean_bonus"].Focal != 12 {
		t.Errorf("twelve recipients: %+v", got["mean_bonus"])
	}
	if got["quarter_share_upper"].Reliability != "suppressed" || got["quarter_share_upper"].Low != nil {
		t.Errorf("a quarter tells of nine women: %+v", got["quarter_share_upper"])
	}
}

func TestEdge49OneOfTwoGroupsReachesTen(t *testing.T) {
	t.Parallel()
	// Whichever side is the small one, the figure speaks of both.
	for _, small := range []string{men, women} {
		large := men
		if small == men {
			large = women
		}
		got := figures(t, workforce{}.times(10, large, 20).times(4, small, 18))
		for _, r := range got {
			if r.Measure != "mean_bonus" && r.Measure != "median_bonus" && r.Reliability != "suppressed" {
				t.Errorf("four of %s: %s is %s", small, r.Measure, r.Reliability)
			}
		}
	}
}

func TestLadderOfReliability(t *testing.T) {
	t.Parallel()
	// The methods, 2.8.
	for n, want := range map[int]string{0: "not_applicable", 1: "suppressed", 9: "suppressed", 10: "low_reliability", 29: "low_reliability", 30: "reliable"} {
		got := figures(t, workforce{}.times(40, men, 20).times(n, women, 18))["median_hourly"]
		if got.Reliability != want || (got.Low != nil) != (n >= 10) {
			t.Errorf("%d women: %s, interval from %s", n, got.Reliability, shown(got.Low))
		}
	}
}

// years are a contrast in two years; the second year's people have the numbers from shift on.
func years(before, after workforce, shift int) []row {
	rows := make([]row, 0, len(before)+len(after))
	for _, r := range before {
		r.snapshot = "2024-03-31"
		rows = append(rows, r)
	}
	for i, r := range after {
		r.person = person("", shift+i, nil, 0).person
		rows = append(rows, r)
	}
	return rows
}

// latest are the figures of the second year by measure.
func latest(t *testing.T, rows []row) map[string]result {
	t.Helper()
	all := map[string]result{}
	for _, r := range run(t, rows, nil) {
		if r.Snapshot == "2025-03-31" {
			all[r.Measure] = r
		}
	}
	return all
}

func TestEdge50NineBecomeTen(t *testing.T) {
	t.Parallel()
	// The change is known, and has no interval: a year of nine says nothing of chance. Whether the second year may be
	// shown is decided where both are published.
	got := latest(t, years(workforce{}.times(60, men, 20).times(9, women, 18), workforce{}.times(60, men, 20).times(10, women, 19), 0))
	mean := got["mean_hourly"]
	if mean.Reliability != "low_reliability" || *mean.Prior != 10 || *mean.Change != -5 || mean.ChangeLow != nil || mean.Low == nil {
		t.Errorf("ten after nine: %+v", mean)
	}
}

func TestEdge51UnknownGroupsHaveNoPart(t *testing.T) {
	t.Parallel()
	// Whose group is known and neither of the two counts in the quarters alone.
	w := workforce{}.times(8, men, 10).times(8, women, 10)
	with := figures(t, w.times(16, "other", 50))
	without := figures(t, w)
	for _, measure := range []string{"mean_hourly", "bonus_share_focal"} {
		if *with[measure].Value != *without[measure].Value || with[measure].Focal != 8 || with[measure].Comparator != 8 {
			t.Errorf("%s changes with others: %+v", measure, with[measure])
		}
	}
	wantValue(t, without["quarter_share_upper"], 0.5)
	wantValue(t, with["quarter_share_upper"], 0)
	wantValue(t, with["quarter_share_lower"], 0.5)
}

func TestEdge58RestatedYear(t *testing.T) {
	t.Parallel()
	// The change is against the year before as it now stands in the input, from unrounded values.
	now := workforce{}.times(40, men, 20).times(40, women, 18)
	stated := latest(t, years(workforce{}.times(40, men, 20).times(40, women, 17), now, 0))["mean_hourly"]
	restated := latest(t, years(workforce{}.times(40, men, 20).times(40, women, 17.99), now, 0))["mean_hourly"]
	if *stated.Prior != 15 || *stated.Change != -5 {
		t.Errorf("as stated: %+v", stated)
	}
	if *restated.Prior != 10.1 || *restated.Change != -0.1 { // 10.05 is shown as 10.1, and the change is 0.05
		t.Errorf("as restated: prior %v, change %v", *restated.Prior, *restated.Change)
	}
	// A year left out is no year before.
	rows := years(now, now, 0)
	for i := range now {
		rows[i].snapshot = "2023-03-31"
	}
	if r := latest(t, rows)["mean_hourly"]; r.Prior != nil || r.Change != nil {
		t.Errorf("two years before: %+v", r)
	}
}
