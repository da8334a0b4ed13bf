package paydrivers

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"socialvalue/internal/stats"
	"socialvalue/pipelines/people/contrast"
)

// weeksOfKit is what testdata/eu_article9_10_cases.json counts as a year: it says so in its origin.
const weeksOfKit = 52

type euRow struct {
	sex                     string
	base, components, hours float64
}

func (r *euRow) UnmarshalJSON(text []byte) error {
	var cells [4]any
	if err := json.Unmarshal(text, &cells); err != nil {
		return err
	}
	r.sex, r.base, r.components, r.hours = cells[0].(string), cells[1].(float64), cells[2].(float64), cells[3].(float64)
	return nil
}

// TestVectorArticle9And10 holds means, medians, the five per cent flag and the cost to close to hand-checked cases of
// Directive (EU) 2023/970, Articles 9 and 10. The flag there looks at hourly and at annual pay.
func TestVectorArticle9And10(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/eu_article9_10_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Cases []struct {
			Name   string
			Rows   []euRow
			Counts [][3]any
			Expect struct {
				Mean       *float64 `json:"mean_gap_hourly_pct"`
				Median     *float64 `json:"median_gap_hourly_pct"`
				Annual     *float64 `json:"mean_gap_annual_pct"`
				Flag       *bool    `json:"art10_flag"`
				Components *float64 `json:"mean_gap_components_pct"`
				WomenPaid  *float64 `json:"share_women_receiving_pct"`
				MenPaid    *float64 `json:"share_men_receiving_pct"`
				Cost       *float64 `json:"remedy_cost"`
			}
		}
	}
	if err := json.Unmarshal(text, &v); err != nil || len(v.Cases) < 8 {
		t.Fatalf("%d cases, %v", len(v.Cases), err)
	}
	for _, c := range v.Cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if len(c.Counts) > 0 {
				// A table of counts hides groups of fewer than five there. Ours asks for ten of pay, so it hides those too.
				for _, row := range c.Counts {
					got := component{focal: int(row[0].(float64)), comparator: int(row[1].(float64))}
					if row[2].(bool) && got.reliability() != suppressed && got.reliability() != notApplicable {
						t.Errorf("%v women and %v men are %s", row[0], row[1], got.reliability())
					}
				}
				return
			}
			hourly := groupsOf(t, c.Rows, func(r euRow) (float64, bool) { return r.base / r.hours / weeksOfKit, true })
			annual := groupsOf(t, c.Rows, func(r euRow) (float64, bool) { return r.base, true })
			extra := groupsOf(t, c.Rows, func(r euRow) (float64, bool) { return r.components, r.components > 0 })
			byHour, byYear := gapOf("grade_gap", "G1", hourly), gapOf("grade_gap", "G1", annual)
			near(t, "hourly gap", byHour.value, c.Expect.Mean)
			near(t, "annual gap", byYear.value, c.Expect.Annual)
			if c.Expect.Median != nil {
				m, errM := hourly.Comparator.Median()
				f, errF := hourly.Focal.Median()
				gap, err := stats.Gap(m, f)
				if errM != nil || errF != nil || err != nil {
					t.Fatal(errM, errF, err)
				}
				near(t, "median gap", gap, c.Expect.Median)
			}
			if c.Expect.Components != nil {
				near(t, "components", gapOf("bonus", "all", extra).value, c.Expect.Components)
				near(t, "women with components", 100*float64(extra.Focal.Len())/float64(hourly.Focal.Len()), c.Expect.WomenPaid)
				near(t, "men with components", 100*float64(extra.Comparator.Len())/float64(hourly.Comparator.Len()), c.Expect.MenPaid)
			}
			if c.Expect.Flag != nil && flagged(byHour.value, byYear.value) != *c.Expect.Flag {
				t.Errorf("gaps of %v and %v: flagged is %v", byHour.value, byYear.value, !*c.Expect.Flag)
			}
			if c.Expect.Cost != nil {
				g := gradePay{name: "G1", pay: hourly}
				for _, r := range c.Rows {
					side := contrast.Comparator
					if r.sex == "F" {
						side = contrast.Focal
					}
					g.hours[side].hours = append(g.hours[side].hours, r.hours)
				}
				near(t, "cost", g.cost(byHour, weeksOfKit).value, c.Expect.Cost)
			}
		})
	}
}

func groupsOf(t *testing.T, rows []euRow, pay func(euRow) (float64, bool)) contrast.Groups {
	t.Helper()
	values := map[string][]float64{}
	for _, r := range rows {
		if value, has := pay(r); has {
			values[r.sex] = append(values[r.sex], value)
		}
	}
	m, err := stats.NewSample(values["M"])
	if err != nil {
		t.Fatal(err)
	}
	f, err := stats.NewSample(values["F"])
	if err != nil {
		t.Fatal(err)
	}
	return contrast.Groups{Comparator: m, Focal: f}
}

func near(t *testing.T, what string, got float64, want *float64) {
	t.Helper()
	if want != nil && math.Abs(got-*want) > 1e-9 {
		t.Errorf("%s is %v, want %v", what, got, *want)
	}
}
