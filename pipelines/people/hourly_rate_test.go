//go:build duckdb_arrow

package people_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// hourlyRateCases is the vector hourly_rate_cases.json.
type hourlyRateCases struct {
	Cases []struct {
		Name     string      `json:"name"`
		Ordinary json.Number `json:"ordinary_pay_in_period"`
		Period   string      `json:"pay_period"`
		Hours    json.Number `json:"weekly_hours"`
		Bonuses  []struct {
			Amount json.Number `json:"amount"`
			Period string      `json:"bonus_period"`
		} `json:"bonuses"`
		Rate string `json:"expected_hourly_rate"`
	} `json:"cases"`
	WeeklyHours []struct {
		Origin      string        `json:"origin"`
		ByMonth     []json.Number `json:"hours_by_month"`
		Weeks       int           `json:"weeks"`
		Service     int           `json:"service_weeks"`
		ExpectedHrs json.Number   `json:"expected_weekly_hours"`
		Latest      []json.Number `json:"weekly_hours_latest_first"`
		Expected    *struct {
			Method string       `json:"method"`
			Used   int          `json:"weeks_used"`
			Hours  *json.Number `json:"weekly_hours"`
		} `json:"expected"`
	} `json:"weekly_hours_cases"`
	Traps []struct {
		Period string      `json:"period"`
		Days   json.Number `json:"correct_days"`
	} `json:"vendor_table_traps"`
}

func readVector(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/vectors", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// TestHourlyRateVector works out every case of the vector through DuckDB: rates of paragraph 6, and hours of paragraph 7.
func TestHourlyRateVector(t *testing.T) {
	t.Parallel()
	var vector hourlyRateCases
	readVector(t, "hourly_rate_cases.json", &vector)
	frequencies := map[string][3]string{
		"monthly": {"MONTH", "2025-03-01", "2025-03-31"}, "weekly": {"WEEK", "2025-03-28", "2025-04-03"},
		"fortnightly": {"FORTNIGHT", "2025-03-21", "2025-04-03"}, "four_weekly": {"FOUR_WEEKS", "2025-03-07", "2025-04-03"},
	}
	bonuses := map[string]string{"year": "BONUS_YEAR", "quarter": "BONUS_QUARTER", "six_months": "BONUS_HALF", "same": "BONUS_SAME"}
	w := workforce{}
	addElements(w, ourBody)
	for _, c := range vector.Cases {
		period, ok := frequencies[c.Period]
		if !ok {
			t.Fatalf("%s: pay period %s", c.Name, c.Period)
		}
		hours := c.Hours.String()
		p := payrollPerson{ID: c.Name, Posts: []payrollPost{{Frequency: period[0], Hours: &hours, saidHours: true}}}
		p.Lines = []payrollLine{{Element: "BASIC", Amount: c.Ordinary.String(), From: period[1], To: period[2]}}
		for _, bonus := range c.Bonuses {
			p.Lines = append(p.Lines, payrollLine{Element: bonuses[bonus.Period], Amount: bonus.Amount.String(), From: period[1], To: period[2]})
		}
		p.enter(w, ourSnapshot)
	}
	for i, c := range vector.WeeklyHours {
		p := payrollPerson{ID: fmt.Sprint("hours ", i), Posts: []payrollPost{{Type: "CASUAL", Vary: true, saidHours: true}}}
		if c.Service > 0 {
			p.Posts[0].Started = day("2025-03-31").AddDate(0, 0, -7*c.Service).Format(time.DateOnly)
		}
		for _, hours := range c.Latest {
			p.Weeks = append(p.Weeks, hours.String())
		}
		p.enter(w, ourSnapshot)
		// A vendor's hours by month: three months stand for twelve weeks.
		for m, hours := range c.ByMonth {
			w.add("weekly_hours", row{
				"body_code": ourBody, "snapshot_date": ourSnapshot, "person_key": keyOf(p.ID), "assignment_key": keyOf(p.ID),
				"week_ending": day("2025-03-28").AddDate(0, -m, 0).Format(time.DateOnly), "weeks_covered": fmt.Sprint(c.Weeks / len(c.ByMonth)), "hours": hours.String(),
			})
		}
	}
	calculator := newCalculator(t, "stage.pay_people")
	calculator.of(t, w)
	for _, c := range vector.Cases {
		got := calculator.person(t, c.Name)
		if !near(got["literal_rate_gbp"], c.Rate, 5e-9) {
			t.Errorf("%s: %s, want %s", c.Name, got["literal_rate_gbp"], c.Rate)
		}
	}
	methods := []string{"look_back", "look_back", "fair_representation", "none"}
	for i, c := range vector.WeeklyHours {
		want, method, weeks := c.ExpectedHrs.String(), methods[i], c.Weeks
		if c.Expected != nil {
			want = "null"
			if c.Expected.Hours != nil {
				want = c.Expected.Hours.String()
			}
			if c.Expected.Method != "" {
				method = c.Expected.Method
			}
			weeks = c.Expected.Used
		}
		got := calculator.ask(t, fmt.Sprintf("select concat_ws('|', coalesce(cast(weekly_hours as varchar), 'null'), hours_method, weeks_used) from stage.pay_post_hours where person_key = '%s'", keyOf(fmt.Sprint("hours ", i))))
		if weeks == 0 && method == "fair_representation" {
			weeks = len(c.Latest)
		}
		if expected := fmt.Sprintf("%s|%s|%d", decimal(want), method, weeks); len(got) != 1 || got[0] != expected {
			t.Errorf("%s: %v, want %s", c.Origin, got, expected)
		}
	}
	for _, trap := range vector.Traps {
		if trap.Period != "quarterly" {
			continue
		}
		if days := calculator.ask(t, "select cast(days as varchar) from ref.pay_periods where period = 'quarter'"); days[0] != trap.Days.String() {
			t.Errorf("a quarter has %s days, want %s", days[0], trap.Days)
		}
	}
}

// decimal writes a whole number as DuckDB writes a DOUBLE.
func decimal(text string) string {
	var f float64
	if _, err := fmt.Sscan(text, &f); err == nil && f == float64(int(f)) {
		return fmt.Sprintf("%.1f", f)
	}
	return text
}
