package appraisal_test

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"

	"socialvalue/pipelines/impact/netting"
)

// shipped are the rows of a table of reference data, by its first columns joined with a slash.
func shipped(t *testing.T, name string, keys, value int) map[string]float64 {
	t.Helper()
	file, err := os.Open("../../../sql/ref/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, row := range rows[1:] {
		if row[value] == "" {
			continue
		}
		key := row[0]
		for _, more := range row[1:keys] {
			key += "/" + more
		}
		values[key] = number(t, row[value])
	}
	return values
}

// same fails unless every expected value is shipped, and nothing else.
func same(t *testing.T, what string, got, want map[string]float64) {
	t.Helper()
	if len(got) != len(want) || len(want) == 0 {
		t.Errorf("%s: %d values are shipped, want %d", what, len(got), len(want))
	}
	for key, value := range want {
		if shipped, ok := got[key]; !ok || shipped != value {
			t.Errorf("%s: %s is %v, want %v", what, key, shipped, value)
		}
	}
}

// TestReferenceDataAreTheVectors proves that what is shipped are the figures of the vectors: no rate, index, bias or value of
// carbon was changed on the way.
func TestReferenceDataAreTheVectors(t *testing.T) {
	t.Parallel()
	rates := map[string]float64{}
	for _, row := range table(t, "stpr-schedules.csv") {
		for i, schedule := range []string{"standard", "health", "lower_rate"} {
			rates[schedule+"/"+row[0]+"/"+row[1]] = number(t, row[2+i])
		}
	}
	same(t, "discount rates", shipped(t, "impact_discount_rates.csv", 3, 3), rates)
	indices := map[string]float64{}
	for _, row := range table(t, "gdp-deflator-calendar-2024eq100.csv") {
		indices["calendar/"+row[0]] = number(t, row[1])
	}
	same(t, "deflators", shipped(t, "impact_deflators.csv", 2, 2), indices)
	capital := map[string]float64{}
	for _, row := range table(t, "optimism-bias-upper-bounds.csv") {
		capital[row[0]] = number(t, row[1])
	}
	same(t, "optimism bias", shipped(t, "impact_optimism_bias.csv", 1, 1), capital)
	carbon := map[string]float64{}
	for _, row := range table(t, "carbon-values-2022-prices.csv") {
		carbon[row[1]+"/"+row[0]] = number(t, row[2])
	}
	same(t, "carbon", shipped(t, "impact_carbon_values.csv", 2, 2), carbon)
}

// TestFinancialDeflatorsAreDerived proves that each is three quarters of a calendar year and one of the next.
func TestFinancialDeflatorsAreDerived(t *testing.T) {
	t.Parallel()
	calendar := shipped(t, "impact_deflators.csv", 2, 2)
	financial := shipped(t, "impact_financial_deflators.csv", 1, 1)
	if len(financial) != len(calendar)-1 {
		t.Errorf("%d financial years of %d calendar years", len(financial), len(calendar))
	}
	for year, index := range financial {
		n, err := strconv.Atoi(year)
		if err != nil {
			t.Fatal(err)
		}
		near(t, year, index, 0.75*calendar["calendar/"+year]+0.25*calendar["calendar/"+strconv.Itoa(n+1)], 5.1e-5)
	}
}

// TestReadyReckonersCanBeUsed proves that each step is a factor that is accepted, and the figures of A4: the sums of each scale, and
// that econstack's standard preset leaves 0.54 of the gross, its conservative one 0.2964.
func TestReadyReckonersCanBeUsed(t *testing.T) {
	t.Parallel()
	reckoners := shipped(t, "impact_ready_reckoners.csv", 1, 5)
	factors := map[string]int{"leakage": 0, "displacement": 0, "substitution": 0, "deadweight": 0, "attribution": 0, "multiplier": 0}
	file := table(t, "../../../../sql/ref/impact_ready_reckoners.csv")
	for _, row := range file {
		factors[row[2]]++
		value := number(t, row[5])
		if row[2] == "multiplier" && value < 1 || row[2] != "multiplier" && !netting.IsShare(value) {
			t.Errorf("%s is %v", row[0], value)
		}
		if row[6] != "verified" && row[6] != "recalled" || row[7] == "" {
			t.Errorf("%s has mark %q and source %q", row[0], row[6], row[7])
		}
	}
	if len(factors) != 6 || len(file) != len(reckoners) {
		t.Errorf("factors %v, %d rows", factors, len(file))
	}
	for id, want := range map[string]float64{
		"RR-LEAKAGE-LOW": 0.1, "RR-LEAKAGE-VERY-HIGH": 0.75, "RR-DISPLACEMENT-LOW": 0.25, "RR-DISPLACEMENT-TOTAL": 1, "SROI5-ATTRIBUTION-PART": 0.5,
		"RR-MULTIPLIER-NEIGHBOURHOOD-MEDIUM": 1.1, "RR-MULTIPLIER-REGION-HIGH": 1.7,
	} {
		if got, ok := reckoners[id]; !ok || got != want {
			t.Errorf("%s is %v, want %v", id, got, want)
		}
	}
	for preset, want := range map[string]float64{"STANDARD": 0.54, "CONSERVATIVE": 0.2964, "OPTIMISTIC": 0.7695} {
		kept := 1.0
		for _, factor := range []string{"DEADWEIGHT", "DISPLACEMENT", "LEAKAGE", "SUBSTITUTION"} {
			kept *= 1 - reckoners["ECONSTACK-"+preset+"-"+factor]
		}
		if math.Abs(kept-want) > 1e-12 {
			t.Errorf("%s leaves %v, want %v", preset, kept, want)
		}
	}
}
