//go:build duckdb_arrow

package people_test

import (
	"fmt"
	"slices"
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
	apply(w, "christie", "M", stageCounts{10000, 4699, 0, 0, 0})
	apply(w, "christie", "F", stageCounts{10000, 1465, 0, 0, 0})
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
	// The published example, 46.99% and 14.65%: of 10,000 on either side.
	got := cell("christie", "female", "shortlisted")
	same("published relative likelihood", got[2], 3.2075085324232084)
	same("published impact ratio", got[5], 0.3117684613747606)
	got = cell("opposite", "female", "shortlisted")
	same("shortlisting", got[1], 0.6)
	same("relative likelihood of shortlisting", got[2], 0.5555555555555556)
	got = cell("opposite", "female", "appointed")
	same("relative likelihood of appointment", got[2], 1.8)
	same("impact ratio of appointment", got[5], 0.5555555555555556)
	if got[6] != "true" {
		t.Error("an impact ratio of 0.56 is not flagged")
	}
	if got := cell("zero", "female", "appointed"); got[2] != "null" || got[5] != "0.0" || got[0] != "0" {
		t.Errorf("zero cell: applications, rate, likelihood, interval, impact ratio are %v", got)
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

// fillDistricts enters a district of the area, one that stands for it, and one outside.
func (c *calculator) fillDistricts(t *testing.T) {
	t.Helper()
	c.fill(t, "stage.district", []row{
		{"lad_code": "E08000012", "lad_name": "Inside", "active_lad_code": "E08000012", "in_area": "true"},
		{"lad_code": "E08000099", "lad_name": "Inside as it was", "active_lad_code": "E08000012", "in_area": "false"},
		{"lad_code": "E06000007", "lad_name": "Outside", "active_lad_code": "E06000007", "in_area": "false"},
	})
}

// TestHomesByDecileAndDistrict: methods 4.6. The decile is of the edition that ref.pay_parameters chooses; homes outside are
// outside; and a home whose district or decile nobody knows is not placed, and is no home outside.
func TestHomesByDecileAndDistrict(t *testing.T) {
	t.Parallel()
	w := workforce{}
	apply(w, "a", "F", stageCounts{6, 0, 0, 0, 0})
	for i, home := range []row{
		{"home_place_status": "live", "home_lad_code": "E08000012", "home_imd_decile_2019": "3", "home_imd_decile_2025": "5"},
		{"home_place_status": "terminated", "home_lad_code": "E08000099", "home_imd_decile_2019": "3", "home_imd_decile_2025": "5"},
		{"home_place_status": "live", "home_lad_code": "E06000007", "home_imd_decile_2019": "9", "home_imd_decile_2025": "9"},
		{"home_place_status": "live", "home_lad_code": "E08000012"},
		{"home_place_status": "live"}, // kept under version 1 of the contract
		{"home_place_status": "nfa"},
	} {
		for name, value := range home {
			w["raw.people_applications"][i][name] = value
		}
	}
	c := newCalculator(t, "people.recruitment_funnel")
	c.fillDistricts(t)
	for _, test := range []struct{ edition, decile string }{{"2019", "3"}, {"2025", "5"}} {
		if _, err := c.db.Exec(t.Context(), "update ref.pay_parameters set parameter_value = "+test.edition+" where parameter = 'home_iod_edition'"); err != nil {
			t.Fatal(err)
		}
		c.of(t, w)
		got := c.ask(t, "select concat_ws('|', home_place_status, coalesce(cast(home_imd_decile as varchar), '·'), coalesce(home_lad_code, '·'), count(*)) from stage.recruitment_applications group by home_place_status, home_imd_decile, home_lad_code order by all")
		want := []string{"no_fixed_abode|·|·|1", "outside_area|·|·|1", "placed|" + test.decile + "|E08000012|2", "unplaced|·|E08000012|1", "unplaced|·|·|1"}
		slices.Sort(got)
		slices.Sort(want)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: homes are\n%v, want\n%v", test.edition, got, want)
		}
	}
}

// TestFunnelCountsPeopleBesideApplications: methods 4.6. Who applied twice is two applications and one person, in each group
// that they named; and homes are held against the residents of each decile, not against a tenth.
func TestFunnelCountsPeopleBesideApplications(t *testing.T) {
	t.Parallel()
	w := workforce{}
	apply(w, "a", "F", stageCounts{4, 2, 1, 1, 1})
	apply(w, "a", "M", stageCounts{3, 1, 0, 0, 0})
	// The second application of a woman, to another vacancy, with another answer; and one to a campaign that is open, twice.
	twice := row{}
	for name, value := range w["raw.people_applications"][0] {
		twice[name] = value
	}
	twice["line_key"], twice["vacancy_ref"] = keyOf("second"), "V2"
	delete(twice, "sex")
	w.add("applications", twice)
	for i := range 2 {
		open := row{}
		for name, value := range w["raw.people_applications"][1] {
			open[name] = value
		}
		open["line_key"], open["vacancy_ref"] = keyOf(fmt.Sprint("open", i)), fmt.Sprint("OPEN", i)
		delete(open, "closed_on")
		w.add("applications", open)
	}
	for i := range w["raw.people_applications"][:7] {
		w["raw.people_applications"][i]["home_lad_code"] = "E08000012"
		w["raw.people_applications"][i]["home_imd_decile_2019"] = map[bool]string{true: "1", false: "4"}[i < 6]
		w["raw.people_applications"][i]["home_place_status"] = "live"
	}
	c := newCalculator(t, "people.recruitment_funnel")
	area := func(code, decile, population string) row {
		return row{"lsoa_code": code, "vintage": "2011", "iod_edition": "2019", "in_area": "true", "imd_decile": decile, "active_lad_code": "E08000012", "population": population, "population_year": "2020"}
	}
	c.fill(t, "geo.lsoa", []row{area("E01000001", "1", "1000"), area("E01000002", "4", "3000")})
	c.fillDistricts(t)
	c.of(t, w)
	got := c.ask(t, `select concat_ws('|', characteristic, characteristic_group, stage, count_rounded, people_rounded) from people.recruitment_funnel
		where characteristic in ('sex', 'all') and stage in ('applied', 'shortlisted', 'in_open_campaign') and count_rounded > 0 and group_level <> 'declared' order by all`)
	want := []string{
		"all|all|applied|8|7", "all|all|in_open_campaign|2|1", "all|all|shortlisted|4|3",
		"sex|female|applied|4|4", "sex|female|shortlisted|2|2", "sex|male|applied|3|3", "sex|male|shortlisted|1|1",
		"sex|not_recorded|applied|1|1", "sex|not_recorded|shortlisted|1|1",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("applications and people are\n%v, want\n%v", got, want)
	}
	got = c.ask(t, `select concat_ws('|', characteristic_group, count_rounded, share_of_stage, residents, residents_share, parity_ratio) from people.recruitment_funnel
		where characteristic = 'home_imd_decile' and stage = 'applied' and group_level = 'group' and count_rounded > 0 order by all`)
	want = []string{"decile_1|6|0.857142857143|1000|0.25|3.42857142857", "decile_4|1|0.142857142857|3000|0.75|0.190476190476", "unplaced|1"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("homes are\n%v, want\n%v", got, want)
	}
	reasons := c.ask(t, `select null_reasons from people.recruitment_funnel where characteristic_group = 'decile_2' and stage = 'applied'`)
	if len(reasons) != 1 || !strings.Contains(reasons[0], `"parity_ratio":"no_residents"`) {
		t.Errorf("reasons of a decile in which nobody lives: %v", reasons)
	}
}

// TestEdgeCase54NobodyOfTheFocalGroupIsAppointed: the relative likelihood is null and says why, the impact ratio is 0.
func TestEdgeCase54NobodyOfTheFocalGroupIsAppointed(t *testing.T) {
	t.Parallel()
	w := workforce{}
	apply(w, "zero", "M", stageCounts{150, 150, 150, 150, 45})
	apply(w, "zero", "F", stageCounts{12, 12, 12, 12, 0})
	c := newCalculator(t, "people.recruitment_funnel")
	c.of(t, w)
	got := c.ask(t, `select concat_ws('|', relative_likelihood is null, impact_ratio, four_fifths_flag) from stage.recruitment_cells where characteristic = 'sex' and group_code = 'female' and stage = 'appointed'`)
	got = append(got, c.ask(t, `select concat_ws('|', relative_likelihood is null, rate_from_previous_stage, null_reasons) from people.recruitment_funnel where characteristic = 'sex' and characteristic_group = 'female' and stage = 'appointed'`)...)
	want := []string{"true|0.0|true", `true|0.0|{"relative_likelihood":"nobody_passed"}`}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestVectorRepresentationTargetAndDeciles: methods 2.2 and 4.6, the vector's cases of the target of 6%, on unrounded counts
// of those known, and of deciles by rank.
func TestVectorRepresentationTargetAndDeciles(t *testing.T) {
	t.Parallel()
	var vector struct {
		Target struct {
			Cases []struct {
				Minority      int      `json:"minority"`
				Known         int      `json:"known"`
				All           int      `json:"all"`
				ShareKnownPct *float64 `json:"share_known_pct"`
				ShareAllPct   *float64 `json:"share_all_pct"`
				Met           *bool    `json:"met"`
			} `json:"cases"`
		} `json:"representation_target"`
		Deprivation struct {
			Cases []struct {
				N      int `json:"N"`
				Rank   int `json:"rank"`
				Decile int `json:"decile"`
			} `json:"cases"`
		} `json:"deprivation"`
	}
	readVector(t, "recruitment_funnel_cases.json", &vector)
	if len(vector.Target.Cases) < 4 || len(vector.Deprivation.Cases) < 6 {
		t.Fatalf("%d cases of the target, %d of deciles", len(vector.Target.Cases), len(vector.Deprivation.Cases))
	}
	c := newCalculator(t, "people.workforce_profile")
	var members []row
	for i, v := range vector.Target.Cases {
		for n := range v.All {
			group := map[bool]string{true: "asian_black_mixed_other", false: "white"}[n < v.Minority]
			if n >= v.Known {
				group = "not_recorded"
			}
			members = append(members, row{
				"body_code": fmt.Sprint("case", i), "snapshot_date": ourSnapshot, "person_key": keyOf(fmt.Sprint(i, n)), "characteristic": "ethnicity_white",
				"group_code": group, "is_known": strconv.FormatBool(n < v.Known), "has_breakdowns": "false", "has_grades": "false",
			})
		}
	}
	c.fill(t, "stage.people_members", members)
	c.make(t, []string{"people.workforce_profile"})
	for i, v := range vector.Target.Cases {
		got := c.ask(t, fmt.Sprintf(`select concat_ws('|', coalesce(cast(share_known as varchar), 'null'), share_all, coalesce(cast(gap_to_target >= 0 as varchar), 'null')) from people.workforce_profile
			where body_code = 'case%d' and characteristic_group = 'asian_black_mixed_other'`, i))
		if len(got) != 1 {
			t.Fatalf("case %d: %d rows", i, len(got))
		}
		field := strings.Split(got[0], "|")
		known, met := "null", "null"
		if v.ShareKnownPct != nil {
			known, met = fmt.Sprint(*v.ShareKnownPct/100), strconv.FormatBool(*v.Met)
		}
		if !near(field[0], known, 1e-12) || field[2] != met {
			t.Errorf("case %d: share of known %s, met %s; want %s, %s", i, field[0], field[2], known, met)
		}
		if v.ShareAllPct != nil && !near(field[1], fmt.Sprint(*v.ShareAllPct/100), 1e-12) {
			t.Errorf("case %d: share of all %s, want %v%%", i, field[1], *v.ShareAllPct)
		}
	}
	for _, v := range vector.Deprivation.Cases {
		if got := c.ask(t, fmt.Sprintf("select cast(quantile_of_rank(%d, %d, 10) as varchar)", v.Rank, v.N)); got[0] != fmt.Sprint(v.Decile) {
			t.Errorf("rank %d of %d is in decile %s, want %d", v.Rank, v.N, got[0], v.Decile)
		}
	}
}
