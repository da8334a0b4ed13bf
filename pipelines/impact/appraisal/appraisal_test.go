package appraisal_test

import (
	"encoding/csv"
	"errors"
	"math"
	"os"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"socialvalue/pipelines/impact/appraisal"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s is %.9f, want %.9f", what, got, want)
	}
}

func table(t *testing.T, name string) [][]string {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// schedule is a column of stpr-schedules.csv: 2 standard, 3 health, 4 the lower rate.
func schedule(t *testing.T, column int) appraisal.Schedule {
	t.Helper()
	var bands []appraisal.Band
	for _, row := range table(t, "stpr-schedules.csv") {
		band := appraisal.Band{From: int(number(t, row[0])), To: appraisal.Forever, Rate: number(t, row[column])}
		if row[1] != "" {
			band.To = int(number(t, row[1]))
		}
		bands = append(bands, band)
	}
	s, err := appraisal.NewSchedule(bands)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestRow83AndP20DiscountFactors proves every factor of discount-factors-expected.csv, kinks and all three schedules.
func TestRow83AndP20DiscountFactors(t *testing.T) {
	t.Parallel()
	rows := table(t, "discount-factors-expected.csv")
	last := int(number(t, rows[len(rows)-1][0]))
	for column, name := range []string{"standard", "health", "lower rate"} {
		factors, err := schedule(t, column+2).Factors(last)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			near(t, name+" "+row[0], factors[int(number(t, row[0]))], number(t, row[column+1]), 6e-10)
		}
	}
}

// TestAnnuitiesAndD6 proves the annuities of A9 and a million a year for 60 years, at both rates.
func TestAnnuitiesAndD6(t *testing.T) {
	t.Parallel()
	standard, lower := schedule(t, 2), schedule(t, 4)
	for years, want := range map[int]float64{10: 8.316605, 20: 14.212403, 30: 18.392045, 60: 25.375260, 100: 28.863363} {
		got, err := standard.Annuity(years)
		if err != nil {
			t.Fatal(err)
		}
		near(t, strconv.Itoa(years)+" years", got, want, 6e-7)
	}
	for s, want := range map[*appraisal.Schedule]float64{&standard: 25375259.50, &lower: 28143509.14} {
		got, err := s.Annuity(60)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "D6", got*1e6, want, 0.005)
	}
}

func TestSchedulesWithGapsAreRefused(t *testing.T) {
	t.Parallel()
	for name, bands := range map[string][]appraisal.Band{
		"none":     nil,
		"late":     {{1, appraisal.Forever, 0.03}},
		"gap":      {{0, 10, 0.03}, {12, appraisal.Forever, 0.03}},
		"overlap":  {{0, 10, 0.03}, {10, appraisal.Forever, 0.03}},
		"per cent": {{0, appraisal.Forever, 3.5}},
	} {
		if _, err := appraisal.NewSchedule(bands); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	short, err := appraisal.NewSchedule([]appraisal.Band{{0, 10, 0.035}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := short.Factors(11); err == nil {
		t.Error("a year beyond the schedule is discounted")
	}
}

// TestPriceBase proves the deflators of A9, CR2.0 in 2024 prices and the WELLBY by deflator alone.
func TestPriceBase(t *testing.T) {
	t.Parallel()
	index := map[int]float64{}
	for _, row := range table(t, "gdp-deflator-calendar-2024eq100.csv") {
		index[int(number(t, row[0]))] = number(t, row[1])
	}
	prices, err := appraisal.NewPrices(index)
	if err != nil {
		t.Fatal(err)
	}
	for from, want := range map[int]float64{2019: 1.232916, 2022: 1.104966, 2024: 1} {
		got, ok := prices.Factor(from, 2024)
		if !ok {
			t.Fatalf("no factor of %d", from)
		}
		near(t, strconv.Itoa(from), got, want, 6e-7)
	}
	factor, _ := prices.Factor(2019, 2024)
	near(t, "WELLBY in 2024 prices", 13000*factor, 16027.91, 0.005)
	if _, ok := prices.Factor(2019, 2031); ok {
		t.Error("prices of a year that the index does not know")
	}
	if factor, ok := prices.Factor(2031, 2031); !ok || factor != 1 {
		t.Error("prices of the base year itself need no index")
	}
	if _, err := appraisal.NewPrices(map[int]float64{2020: 0}); err == nil {
		t.Error("an index of nought is accepted")
	}
}

// TestP07AndD1 proves two schemes with costs, and optimism bias half mitigated.
func TestP07AndD1(t *testing.T) {
	t.Parallel()
	annuity := func(years int) float64 {
		a, err := schedule(t, 2).Annuity(years)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	p07 := appraisal.Compare(280000*annuity(20), 3e6+50000*annuity(20))
	near(t, "P07 NPSV", p07.NPSV, 268852.76, 0.005)
	near(t, "P07 BCR", p07.BCR, 1.072455, 6e-7)
	costs := appraisal.WithOptimism(2e6, 0.24, 0.5) + 50000*annuity(10)
	near(t, "D1 costs", costs, 2655830.27, 0.005)
	d1 := appraisal.Compare(450000*annuity(10), costs)
	near(t, "D1 NPSV", d1.NPSV, 1086642.13, 0.005)
	near(t, "D1 BCR", d1.BCR, 1.409153, 6e-7)
	near(t, "D1 switching value", d1.Switch, 1-costs/(450000*annuity(10)), 1e-12)
	if d1.Band != "low" {
		t.Errorf("D1 is %s", d1.Band)
	}
}

// TestRow79ToRow82Ratios proves D7 to D9 and the boundary of 2.
func TestRow79ToRow82Ratios(t *testing.T) {
	t.Parallel()
	if r := appraisal.Compare(100, 0); r.Reason != appraisal.ZeroCost || r.NPSV != 100 || r.Band != "" {
		t.Errorf("row 79, no cost: %+v", r)
	}
	if r := appraisal.Compare(100, -20); r.Reason != appraisal.NegativeCost || r.NPSV != 120 || r.Band != "financially_positive" {
		t.Errorf("row 80, a cost below nought: %+v", r)
	}
	if r := appraisal.Compare(-100, 50); r.Reason != "" || r.BCR != -2 || r.Band != "very_poor" {
		t.Errorf("row 81, benefits below nought: %+v", r)
	}
	if r := appraisal.Compare(100, 50); r.Band != "high" {
		t.Errorf("row 82, exactly 2: %s", r.Band)
	}
	for bcr, want := range map[float64]string{-0.1: "very_poor", 0: "poor", 1: "low", 1.5: "medium", 1.99: "medium", 3.99: "high", 4: "very_high"} {
		if got := appraisal.BandOf(bcr); got != want {
			t.Errorf("%g is %s, want %s", bcr, got, want)
		}
	}
	if r := appraisal.Compare(0, 50); r.HasSwitch {
		t.Error("no benefits have a switching value")
	}
}

// TestOptimismBiasBounds proves that the bound for outsourcing of works time is not known, and D1's category is 24%.
func TestOptimismBiasBounds(t *testing.T) {
	t.Parallel()
	for _, row := range table(t, "optimism-bias-upper-bounds.csv") {
		if row[0] == "outsourcing" && row[2] != "" {
			t.Error("a works time of outsourcing")
		}
		if row[0] == "standard_buildings" {
			near(t, "standard buildings", appraisal.WithOptimism(100, number(t, row[1]), 0), 124, 1e-9)
		}
	}
}

// TestSROIP05P06 proves the chain of two published reports, and that year 1 discounted is a convention.
func TestSROIP05P06(t *testing.T) {
	t.Parallel()
	p05 := appraisal.Chain{Quantity: 60, Proxy: 8500, Deadweight: 0.4, Attribution: 0.3, Drop: 0.3, Years: 2, Rate: 0.035}
	near(t, "P05", p05.Present(), 359069.57, 0.005)
	near(t, "P05 ratio", p05.Present()/250000, 1.436278, 6e-7)
	p05.FirstYearDiscounted = true
	near(t, "P05b ratio", p05.Present()/250000, 1.39, 0.005)
	p06 := appraisal.Chain{Quantity: 1, Proxy: 88000, Deadweight: 0.35, Attribution: 0.15, Years: 1}
	near(t, "P06", p06.First(), 48620, 1e-6)
	near(t, "P06 ratio", p06.First()/60000, 0.810333, 6e-7)
	added := appraisal.Chain{Quantity: 1, Proxy: 1, Deadweight: 0.4, Attribution: 0.3}
	near(t, "40% and 30%", 1-added.First(), 0.58, 1e-12)
}

// TestRow84AndD4Weights proves that an income of nought is refused, D4, and the weights that others print wrong.
func TestRow84AndD4Weights(t *testing.T) {
	t.Parallel()
	var income *appraisal.IncomeError
	if _, err := appraisal.Weighted([]appraisal.Group{{0, 1}}, 35000, 1.3); !errors.As(err, &income) {
		t.Errorf("an income of nought: %v", err)
	}
	got, err := appraisal.Weighted([]appraisal.Group{{15000, 1e5}, {35000, 1e5}, {75000, 1e5}}, 35000, 1.3)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "D4", got, 437992.34, 0.005)
	for income, want := range map[float64]float64{25000: 1.55, 50000: 0.63, 75000: 0.37, 100000: 0.26} {
		w, err := appraisal.Weight(income, 35000, 1.3)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "weight", w, want, 0.005)
	}
}

// TestRow92AndP04Shares proves that partners may claim the whole of an outcome and no more.
func TestRow92AndP04Shares(t *testing.T) {
	t.Parallel()
	if !appraisal.SharesFit([]float64{0.4, 0.35, 0.25}) {
		t.Error("P04: 40, 35 and 25 per cent are refused")
	}
	if !appraisal.SharesFit([]float64{1. / 3, 1. / 3, 1. / 3}) {
		t.Error("three thirds are refused")
	}
	if appraisal.SharesFit([]float64{0.7, 0.5}) {
		t.Error("1.2 of an outcome is accepted")
	}
}

// TestRow88Delivery proves the ratio of nothing, and of less than nothing.
func TestRow88Delivery(t *testing.T) {
	t.Parallel()
	if _, reason := appraisal.Delivery(0, 5); reason != appraisal.ZeroBase {
		t.Errorf("ex ante 0: %q", reason)
	}
	if _, reason := appraisal.Delivery(-5, 5); reason != appraisal.NegativeBase {
		t.Errorf("ex ante below 0: %q", reason)
	}
	if ratio, reason := appraisal.Delivery(4, 5); reason != "" || ratio != 1.25 {
		t.Errorf("5 of 4: %v %q", ratio, reason)
	}
}

// TestP29 proves the difference in differences of cells 1, 2, 3 and 6.
func TestP29(t *testing.T) {
	t.Parallel()
	near(t, "P29", appraisal.DifferenceInDifferences(1, 2, 3, 6), 2, 0)
}

func TestDiscountingProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.Float64Range(0.001, 0.2).Draw(t, "rate")
		s, err := appraisal.NewSchedule([]appraisal.Band{{0, appraisal.Forever, rate}})
		if err != nil {
			t.Fatal(err)
		}
		n := rapid.IntRange(1, 80).Draw(t, "years")
		factors, err := s.Factors(n)
		if err != nil {
			t.Fatal(err)
		}
		if want := math.Pow(1+rate, -float64(n)); math.Abs(factors[n]-want) > 1e-12 {
			t.Fatalf("one band: %v, want %v", factors[n], want)
		}
		for i := 1; i <= n; i++ {
			if !(factors[i] < factors[i-1]) {
				t.Fatalf("year %d is worth no less than the year before", i)
			}
		}
	})
}
