package paygaps_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
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

// worked is the example of GOV.UK, Making your calculations.
type worked struct {
	FullPay  struct{ Men, Women int } `json:"full_pay_relevant_employees"`
	Quarters struct {
		Men, Women map[string]int
		PctWomen   map[string]float64 `json:"expected_pct_women"`
		PctMen     map[string]float64 `json:"expected_pct_men"`
	}
	Mean struct {
		SumMen   float64 `json:"sum_men"`
		Men      int     `json:"n_men"`
		SumWomen float64 `json:"sum_women"`
		Women    int     `json:"n_women"`
		Gap      float64 `json:"unrounded_gap_pct"`
	} `json:"mean_hourly"`
	Median struct {
		Gap float64 `json:"gap_1dp"`
	} `json:"median_hourly"`
	Proportion struct {
		MenWith   int `json:"men_with_bonus"`
		Men       int
		WomenWith int `json:"women_with_bonus"`
		Women     int
		PctMen    float64 `json:"expected_pct_men"`
		PctWomen  float64 `json:"expected_pct_women"`
	} `json:"bonus_proportion"`
	BonusMean   bonusVector `json:"bonus_mean"`
	BonusMedian bonusVector `json:"bonus_median"`
}

type bonusVector struct {
	Men, Women float64
	Gap        float64 `json:"expected_gap_pct_1dp"`
}

func TestVectorGOVUKWorkedExamples(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/govuk_worked_examples.json")
	if err != nil {
		t.Fatal(err)
	}
	var v worked
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	// The quarters: in each band its men and women, at the band's rate.
	var quarters workforce
	for i, band := range []string{"lower", "lower_middle", "upper_middle", "upper"} {
		quarters = quarters.times(v.Quarters.Men[band], men, 10+5*float64(i)).times(v.Quarters.Women[band], women, 10+5*float64(i))
	}
	got := figures(t, quarters)
	for band, share := range v.Quarters.PctWomen {
		wantShare(t, got["quarter_share_"+band], share)
		if math.Abs(share+v.Quarters.PctMen[band]-100) > 1e-9 {
			t.Errorf("%s: %v and %v", band, share, v.Quarters.PctMen[band])
		}
	}
	if r := got["quarter_share_lower"]; *r.Denominator != 1112 || r.Focal != int64(v.FullPay.Women) || r.Comparator != int64(v.FullPay.Men) {
		t.Errorf("sizes: %+v", r)
	}
	// The mean: everybody at the mean of their sex.
	mean := run(t, workforce{}.times(v.Mean.Men, men, v.Mean.SumMen/float64(v.Mean.Men)).times(v.Mean.Women, women, v.Mean.SumWomen/float64(v.Mean.Women)),
		map[string]any{"decimals": 10})
	if math.Abs(*mean[0].Value-v.Mean.Gap) > 1e-9 {
		t.Errorf("mean gap %v, want %v", *mean[0].Value, v.Mean.Gap)
	}
	// The median: 1,345 men of whom the middle one has 15; 3,100 women of whom the two middle ones have 13 and 15.
	median := figures(t, workforce{}.times(672, men, 10).times(1, men, 15).times(672, men, 20).
		times(1549, women, 10).with(women, 13, 15).times(1549, women, 20))["median_hourly"]
	wantValue(t, median, v.Median.Gap)
	if *median.Pence != 93.3 {
		t.Errorf("%v pence", *median.Pence)
	}
	// Bonuses: who was paid one, and how much.
	p := v.Proportion
	for measure, bonus := range map[string]bonusVector{"mean_bonus": v.BonusMean, "median_bonus": v.BonusMedian} {
		got := figures(t, workforce{}.bonus(p.MenWith, men, bonus.Men).bonus(p.Men-p.MenWith, men, 0).
			bonus(p.WomenWith, women, bonus.Women).bonus(p.Women-p.WomenWith, women, 0))
		wantValue(t, got[measure], bonus.Gap)
		wantShare(t, got["bonus_share_comparator"], p.PctMen)
		wantShare(t, got["bonus_share_focal"], p.PctWomen)
		if r := got[measure]; r.Focal != int64(p.WomenWith) || r.Comparator != int64(p.MenWith) || got["bonus_share_focal"].Focal != int64(p.Women) {
			t.Errorf("headcounts: %+v", r)
		}
	}
}

// wantShare wants a share that reads as so many per cent.
func wantShare(t *testing.T, r result, pct float64) {
	t.Helper()
	if r.Value == nil || math.Abs(100**r.Value-pct) > 1e-9 || r.Unit != "share" {
		t.Errorf("%s is %s, want %v per cent", r.Measure, shown(r.Value), pct)
	}
}
