//go:build duckdb_arrow

package people_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// funnelCases is the vector recruitment_funnel_cases.json.
type funnelCases struct {
	Intervals []struct {
		A    int        `json:"a"`
		M    int        `json:"m"`
		B    int        `json:"b"`
		N    int        `json:"n"`
		Ref  float64    `json:"rate_ref"`
		Foc  float64    `json:"rate_focal"`
		RL   float64    `json:"relative_likelihood"`
		CI95 [2]float64 `json:"ci95"`
	} `json:"intervals_from_R"`
}

// stageCounts are applications of a group by stage: applied, shortlisted, interviewed, offered, appointed.
type stageCounts [5]int

// apply enters applications of one sex that reach the stages.
func apply(w workforce, body, sex string, counts stageCounts) {
	for i := range counts[0] {
		r := row{
			"body_code": body, "candidate_key": keyOf(fmt.Sprint(body, sex, i)), "line_key": keyOf(fmt.Sprint("application", body, sex, i)),
			"vacancy_ref": "V1", "closed_on": "2024-06-30", "applied_on": "2024-05-01", "home_place_status": "missing",
		}
		r.set("sex", sex)
		for stage, name := range []string{"", "shortlisted_on", "interviewed_on", "offered_on", "appointed_on"} {
			if stage > 0 && i < counts[stage] {
				r[name] = "2024-06-01"
			}
		}
		w.add("applications", r)
	}
}

// TestFunnelVector works out the vector's cases: each pair of groups is the applications of a body of its own. The
// reference group is men, the other women.
func TestFunnelVector(t *testing.T) {
	t.Parallel()
	var vector funnelCases
	readVector(t, "recruitment_funnel_cases.json", &vector)
	w := workforce{}
	for i, c := range vector.Intervals {
		body := fmt.Sprint("interval", i)
		apply(w, body, "M", stageCounts{c.M, c.A, c.A, c.A, c.A})
		apply(w, body, "F", stageCounts{c.N, c.B, c.B, c.B, c.B})
	}
	// "equal overall success hides opposite effects at the two stages"; "constructed zero cell"; "reference rate undefined".
	apply(w, "opposite", "M", stageCounts{600, 200, 200, 200, 60})
	apply(w, "opposite", "F", stageCounts{100, 60, 60, 60, 10})
	apply(w, "zero", "M", stageCounts{150, 150, 150, 150, 45})
	apply(w, "zero", "F", stageCounts{8, 8, 8, 8, 0})
	apply(w, "undefined", "M", stageCounts{10, 0, 0, 0, 0})
	apply(w, "undefined", "F", stageCounts{20, 20, 20, 20, 4})
	c := newCalculator(t, "people.recruitment_funnel")
	c.of(t, w)
	cell := func(body, group, stage string) []string {
		got := c.ask(t, fmt.Sprintf(`select concat_ws('|', applications, coalesce(cast(rate_from_previous_stage as varchar), 'null'),
			coalesce(cast(relative_likelihood as varchar), 'null'), coalesce(cast(ci_low as varchar), 'null'), coalesce(cast(ci_high as varchar), 'null'),
			coalesce(cast(impact_ratio as varchar), 'null'), coalesce(cast(four_fifths_flag as varchar), 'null'))
			from stage.recruitment_cells where body_code = '%s' and characteristic = 'sex' and group_code = '%s' and stage = '%s'`, body, group, stage))
		if len(got) != 1 {
			t.Fatalf("%s %s %s: %d cells", body, group, stage, len(got))
		}
		return strings.Split(got[0], "|")
	}
	same := func(what, got string, want float64) {
		if g, err := strconv.ParseFloat(got, 64); err != nil || g-want > 1e-6*want || want-g > 1e-6*want {
			t.Errorf("%s is %s, want %v", what, got, want)
		}
	}
	for i, v := range vector.Intervals {
		got := cell(fmt.Sprint("interval", i), "female", "shortlisted")
		same("rate", got[1], v.Foc)
		same("relative likelihood", got[2], v.RL)
		same("lower end", got[3], v.CI95[0])
		same("upper end", got[4], v.CI95[1])
		same("rate of the reference group", cell(fmt.Sprint("interval", i), "male", "shortlisted")[1], v.Ref)
	}
	got := cell("opposite", "female", "shortlisted")
	same("shortlisting", got[1], 0.6)
	same("relative likelihood of shortlisting", got[2], 0.5555555555555556)
	got = cell("opposite", "female", "appointed")
	same("relative likelihood of appointment", got[2], 1.8)
	same("impact ratio of appointment", got[5], 0.5555555555555556)
	if got[6] != "true" {
		t.Error("an impact ratio of 0.56 is not flagged")
	}
	// Edge case 54: nobody of the focal group is appointed.
	if got := cell("zero", "female", "appointed"); got[2] != "null" || got[5] != "0.0" || got[0] != "0" {
		t.Errorf("edge case 54: applications, rate, likelihood, interval, impact ratio are %v", got)
	}
	if got := cell("undefined", "female", "appointed"); got[2] != "null" {
		t.Errorf("without a rate of the reference group the likelihood is %s", got[2])
	}
	reasons := c.ask(t, `select concat_ws('|', body_code, null_reasons) from people.recruitment_funnel where characteristic = 'sex' and characteristic_group = 'female'
		and stage = 'appointed' and body_code in ('zero', 'undefined') order by body_code`)
	want := []string{`undefined|{"relative_likelihood":"zero_base"}`, `zero|{"relative_likelihood":"nobody_passed"}`}
	if fmt.Sprint(reasons) != fmt.Sprint(want) {
		t.Errorf("reasons are %v, want %v", reasons, want)
	}
	if found := c.failing(t, "stage.recruitment_cells"); len(found) > 0 {
		t.Errorf("checks find something: %v", found)
	}
}

// TestOpenCampaignsAreCountedApart: nothing of a campaign that is open is final.
func TestOpenCampaignsAreCountedApart(t *testing.T) {
	t.Parallel()
	w := workforce{}
	apply(w, "a", "F", stageCounts{12, 3, 2, 1, 1})
	for i := range w["raw.people_applications"] {
		if i%2 == 0 {
			delete(w["raw.people_applications"][i], "closed_on")
		}
	}
	c := newCalculator(t, "people.recruitment_funnel")
	c.of(t, w)
	got := c.ask(t, "select concat_ws('|', financial_year, stage, count_rounded) from people.recruitment_funnel where characteristic = 'all' and stage in ('applied', 'in_open_campaign') order by stage")
	if fmt.Sprint(got) != "[2024-25|applied|6 2024-25|in_open_campaign|6]" {
		t.Errorf("got %v", got)
	}
}

// TestEdgeCase55HomeInWales: a home in Wales has no decile, and the row outside_england in its place.
func TestEdgeCase55HomeInWales(t *testing.T) {
	t.Parallel()
	w := workforce{}
	apply(w, "a", "F", stageCounts{1, 0, 0, 0, 0})
	w["raw.people_applications"][0]["home_place_status"] = "not_england"
	c := newCalculator(t, "people.recruitment_funnel")
	c.of(t, w)
	got := c.ask(t, "select concat_ws('|', home_place_status, home_imd_decile is null) from stage.recruitment_applications")
	got = append(got, c.ask(t, "select concat_ws('|', characteristic_group, count_rounded) from people.recruitment_funnel where characteristic = 'home_imd_decile' and stage = 'applied' and group_level = 'group' and count_rounded > 0")...)
	if fmt.Sprint(got) != "[outside_england|true outside_england|1]" {
		t.Errorf("got %v", got)
	}
}
