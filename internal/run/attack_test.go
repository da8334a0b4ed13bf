//go:build duckdb_arrow

package run_test

import (
	"fmt"
	"strings"
	"testing"

	"socialvalue/internal/disclosure/attack"
)

// What an attacker must not find out of a small number (methods 3.2, rule 3): to how many values it can be narrowed down by
// what is certain, and how wide it stays for one who takes every count for the nearest multiple of five.
const (
	fewestPeople = 10
	fewestValues = 10
	leastWidth   = 5
)

// nothingSmallFollows attacks the open tables about staff, and sees that the attack would find what is in the internal ones.
func nothingSmallFollows(t *testing.T, f *flow) {
	built := func(sql string) ([]string, error) { return f.built(t, sql), nil }
	open := func(sql string) ([]string, error) { return f.texts(t, "open", sql), nil }
	internal := func(sql string) ([]string, error) {
		for _, name := range []string{"pay_gaps", "pay_gap_drivers", "workforce_profile", "recruitment_funnel", "participation", "living_wage", "wellbeing"} {
			sql = strings.ReplaceAll(sql, "people."+name+" ", "people."+name+"_internal ")
		}
		return f.texts(t, "people", sql), nil
	}
	staff, err := attack.ReadStaff(open, built)
	if err != nil {
		t.Fatal(err)
	}
	applications, err := attack.ReadApplications(open, built)
	if err != nil {
		t.Fatal(err)
	}
	told, err := attack.ReadTold(open)
	if err != nil {
		t.Fatal(err)
	}
	if len(applications.ShownPeople) == 0 || len(applications.TruePeople) == 0 {
		t.Fatal("no people are told beside applications")
	}
	if len(staff.Counts) < 100 || len(staff.Shares) < 20 || len(applications.Shown) < 100 || len(told) != 6 {
		t.Fatalf("the open tables tell too little: %d counts, %d shares, %d of applications, %d snapshots with pay", len(staff.Counts), len(staff.Shares), len(applications.Shown), len(told))
	}
	safe := func(found []attack.Finding, slack float64) {
		for _, one := range found {
			if slack == 4 && one.Values() < fewestValues || one.High-one.Low < leastWidth {
				t.Errorf("with counts within %v: %v", slack, one)
			}
		}
	}
	small := 0
	for of, groups := range told {
		for _, slack := range []float64{4, 2} {
			staff.Slack = slack
			found, err := staff.Attack(of[0], of[1], fewestPeople)
			if err != nil {
				t.Fatal(err)
			}
			safe(found, slack)
			small += len(found)
		}
		for _, pay := range staff.PayOf(of[0], of[1], groups, fewestPeople) {
			t.Errorf("%s on %s: %s", of[0], of[1], pay)
		}
	}
	for _, year := range f.built(t, "select distinct concat_ws('|', body_code, financial_year) from stage.recruitment_cells order by 1") {
		body, year, _ := strings.Cut(year, "|")
		for _, slack := range []float64{4, 2} {
			applications.Slack, applications.OneAnswer = slack, slack == 2
			found, err := applications.Attack(body, year, fewestPeople)
			if err != nil {
				t.Fatal(err)
			}
			safe(found, slack)
			small += len(found)
		}
	}
	if small < 100 {
		t.Errorf("only %d small numbers were looked for", small)
	}
	t.Run("the attacker finds what is there to be found", func(t *testing.T) { internalIsBeaten(t, internal, built) })
}

// internalIsBeaten attacks the tables as they were before they were protected: every hole that is closed in the open tables
// is one through which the attacker gets here.
func internalIsBeaten(t *testing.T, internal, built attack.Ask) {
	staff, err := attack.ReadStaff(internal, built)
	if err != nil {
		t.Fatal(err)
	}
	staff.Half = 0.0005
	if err := staff.AddRated(internal); err != nil {
		t.Fatal(err)
	}
	const body, snapshot = "E47000004", "2024-03-31"
	found, err := staff.Attack(body, snapshot, fewestPeople)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, one := range found {
		if one.Low == one.High {
			known[one.What] = true
		}
	}
	for what, hole := range map[string]string{
		"ethnicity5 other employees":      "groups of ethnicity",
		"sex not_known employees":         "people without a declared sex: all without women and men",
		"sex male without rate":           "people on reduced pay: employees without those that a gap is made of",
		"sex male in G14 employees":       "a cell of a breakdown",
		"religion hindu employees":        "a small group",
		"age not_recorded employees":      "those of unknown group",
		"living_wage not_known employees": "people without a rate: all without those paid more and less",
	} {
		if !known[what] {
			t.Errorf("%s was not found: %s", what, hole)
		}
	}
	told, err := attack.ReadTold(internal)
	if err != nil {
		t.Fatal(err)
	}
	if pay := staff.PayOf(body, snapshot, told[[2]string{body, snapshot}], fewestPeople); len(pay) == 0 {
		t.Error("nobody's pay was found in the internal table")
	}
	applications, err := attack.ReadApplications(internal, built)
	if err != nil {
		t.Fatal(err)
	}
	if found, err = applications.Attack(body, "2023-24", fewestPeople); err != nil {
		t.Fatal(err)
	}
	known = map[string]bool{}
	for _, one := range found {
		if one.Low == one.High {
			known[one.What] = true
		}
	}
	for _, what := range []string{"age 16_to_24 appointed", "age people 16_to_24 appointed"} {
		if !known[what] {
			t.Errorf("%s was not found: %v", what, found)
		}
	}
}

// sharesOf are the shares that an open table shows, each with the counts beside it. What a share may be is worked out from
// these by the test itself, not by the macro that made it.
func sharesOf(table, share, part, whole string) string {
	return fmt.Sprintf("select %s as share, cast(%s as double) as part, cast(%s as double) as whole from %s", share, part, whole, table)
}

// saysNoMore holds each other rule against the open tables: every question must have no answer.
func saysNoMore(t *testing.T, f *flow) {
	for _, test := range []struct{ name, place, question string }{
		{"counts are multiples of five, and ten at the least", "open", `select headcount_rounded from people.workforce_profile where headcount_rounded % 5 <> 0 or headcount_rounded < 10
			union all select known_rounded from people.workforce_profile where known_rounded % 5 <> 0 or known_rounded < 10
			union all select least(n_focal_rounded, n_comparator_rounded) from people.pay_gaps where n_focal_rounded % 5 + n_comparator_rounded % 5 <> 0 or least(n_focal_rounded, n_comparator_rounded) < 10
			union all select count_rounded from people.recruitment_funnel where count_rounded % 5 <> 0 or count_rounded < 10
			union all select people_rounded from people.participation where people_rounded % 5 <> 0 or people_rounded < 10
			union all select starters_rounded from people.new_starters where starters_rounded % 5 <> 0 or starters_rounded < 10
			union all select unnest([paid_rounded, below_rounded, apprentices_rounded]) as people from people.living_wage where paid_rounded % 5 + below_rounded % 5 <> 0 or apprentices_rounded % 5 <> 0
			or paid_rounded < 10 or below_rounded between 1 and 9 or apprentices_rounded between 1 and 9 or without_rate is not null`},
		{"answers on well-being are ten and more, in the band and beside it", "people", `select shown.question from people.wellbeing as shown inner join people.wellbeing_internal as exact using (body_code, financial_year, question)
			where shown.answered_rounded % 5 <> 0 or shown.unwell_rounded % 5 <> 0 or shown.mean_points is not null and exact.answered_rounded < 10
			or coalesce(shown.unwell_rounded, shown.unwell_share) is not null and (exact.unwell_rounded < 10 or exact.answered_rounded - exact.unwell_rounded < 10)
			or shown.mean_points <> open_mean(exact.mean_points, shown.answered_rounded) or shown.unwell_share <> open_share(shown.unwell_rounded, shown.answered_rounded)`},
		{"a share is that of the counts beside it", "open", "select share from (" + strings.Join([]string{
			sharesOf("people.workforce_profile", "share_all", "headcount_rounded", "everybody_rounded"),
			sharesOf("people.workforce_profile", "share_known", "headcount_rounded", "known_rounded"),
			sharesOf("people.recruitment_funnel", "share_of_stage", "count_rounded", "known_rounded"),
			sharesOf("people.recruitment_funnel", "share_of_all", "count_rounded", "everybody_rounded"),
			sharesOf("people.recruitment_funnel", "rate_from_previous_stage", "count_rounded", "previous_stage_rounded"),
			sharesOf("people.participation", "participation_share", "people_rounded", "eligible_rounded"),
			sharesOf("people.living_wage", "paid_share", "paid_rounded", "paid_rounded + below_rounded"),
			sharesOf("people.new_starters", "starters_share", "starters_rounded", "everybody_rounded"),
		}, " union all ") + `) where share is not null and (part is null or whole is null or whole <= 0 or share > 1
			or share <> 1 and abs(share - part / whole) > case when whole >= 30 then 0.0005 else 0.005 end + 1e-9
			or share = 1 and part / whole < case when whole >= 30 then 0.9995 else 0.995 end - 1e-9)`},
		{"no group of ethnicity that another could be subtracted from", "open", `select characteristic from people.pay_gaps where characteristic in ('ethnicity19', 'ethnicity6', 'ethnicity_white_british')
			union all select characteristic from people.workforce_profile where characteristic in ('ethnicity19', 'ethnicity6', 'ethnicity_white_british')`},
		{"one population, no costs, no quantity of money", "open", `select population from people.pay_gaps where population <> 'all'
			union all select component from people.pay_gap_drivers where value_gbp is not null or component in ('cost_to_close', 'grade_gap', 'upper_quarter_representation') or breakdown <> 'all'
			union all select measure from people.pay_gaps where numerator_rounded is not null or denominator_rounded is not null or unit = 'share' and ci_low is not null`},
		{"no body but those that employ", "open", `select body_code from people.pay_gaps where body_code not in ('E47000004', 'merseytravel') union all select body_code from people.workforce_profile where body_code not in ('E47000004', 'merseytravel')`},
		// One person more or less, in another group or another year, moves a figure of n people by a tenth of the average
		// pay before it moves its last digit. A few of a group have no rate, so nine hundredths are enough here.
		{"a figure is as exact as its people are many, in both years", "people", `select concat_ws(' ', shown.characteristic, shown.focal_group, shown.breakdown_value, shown.measure, shown.snapshot_date)
			from people.pay_gaps as shown inner join people.pay_figures as figures using (body_code, snapshot_date, population, characteristic, comparator_group, focal_group, breakdown, breakdown_value, measure)
			left join people.pay_figures as prior on prior.body_code = shown.body_code and prior.snapshot_date = shown.snapshot_date - to_years(1) and prior.population = shown.population and prior.characteristic = shown.characteristic
			and prior.comparator_group = shown.comparator_group and prior.focal_group = shown.focal_group and prior.breakdown = shown.breakdown and prior.breakdown_value = shown.breakdown_value and prior.measure = shown.measure
			where shown.value is not null and shown.unit = 'pct' and (least(figures.n_focal, figures.n_comparator) < 10 or least(prior.n_focal, prior.n_comparator) < 10
			or least(figures.n_focal, figures.n_comparator) * case when shown.value <> round(shown.value) then 0.1 else 1 end < 9)`},
		{"quarters and bonus: ten on either side", "people", `select concat_ws(' ', shown.characteristic, shown.measure, shown.snapshot_date) from people.pay_gaps as shown
			inner join people.pay_figures as figures using (body_code, snapshot_date, population, characteristic, comparator_group, focal_group, breakdown, breakdown_value, measure)
			where shown.value is not null and shown.unit = 'share' and (figures.numerator < 10 or figures.denominator - figures.numerator < 10 or shown.value <> round(shown.value, 2))`},
		{"those who took part, and those who did not, are ten", "people", `select concat_ws(' ', shown.measure, shown.breakdown_value) from people.participation as shown
			inner join people.participation_internal as exact using (body_code, financial_year, measure, breakdown, breakdown_value)
			where shown.people_rounded is not null and (exact.people_rounded < 10 or exact.eligible_rounded - exact.people_rounded < 10)`},
		{"people are told beside all applications of the first stage alone, and are ten at the least", "open", `select concat_ws(' ', characteristic, characteristic_group, stage, people_rounded) from people.recruitment_funnel
			where people_rounded is not null and (characteristic <> 'all' or stage <> 'applied' or people_rounded % 5 <> 0 or people_rounded < 10)`},
		{"a flag is of the rates that are shown", "open", `select characteristic_group from people.recruitment_funnel where four_fifths_flag and not exists (select 1 from people.recruitment_funnel as other
			where other.body_code = recruitment_funnel.body_code and other.financial_year = recruitment_funnel.financial_year and other.characteristic = recruitment_funnel.characteristic and other.stage = recruitment_funnel.stage
			and share(recruitment_funnel.count_rounded, recruitment_funnel.previous_stage_rounded) < 0.8 * share(other.count_rounded, other.previous_stage_rounded))`},
	} {
		if got := f.texts(t, test.place, test.question); len(got) > 0 {
			t.Errorf("%s: %d rows, such as %s", test.name, len(got), fmt.Sprint(got[:min(len(got), 5)]))
		}
	}
	for _, measure := range []string{
		"people.pay_gaps where characteristic = 'sex' and breakdown = 'all' and measure in ('mean_hourly', 'median_hourly', 'quarter_share_upper') and value is not null",
		"people.pay_gaps where characteristic = 'ethnicity_white' and measure = 'mean_hourly' and value is not null",
		"people.pay_gaps where characteristic = 'disability' and measure = 'mean_hourly' and value is not null",
		"people.workforce_profile where characteristic = 'ethnicity_white' and share_known is not null and gap_to_target is not null",
		"people.recruitment_funnel where stage = 'applied' and characteristic = 'home_imd_decile' and share_of_stage is not null",
		"people.recruitment_funnel where stage = 'applied' and characteristic = 'all' and people_rounded is not null",
		"people.recruitment_funnel where stage = 'shortlisted' and characteristic = 'ethnicity_white' and relative_likelihood is not null",
		"people.recruitment_funnel where stage = 'appointed' and characteristic = 'sex' and share_of_stage is not null",
		"people.participation where measure = 'sv_training' and participation_share is not null",
		"people.participation where measure = 'good_health_and_wellbeing' and participation_share is not null",
		"people.participation where measure = 'volunteers' and hours is not null",
		"people.new_starters where starters_rounded is not null",
		"people.wellbeing where mean_points is not null and unwell_share is not null",
		"people.participation where measure = 'volunteers' and full_time_equivalents % 10 = 0",
		"people.living_wage where paid_share = 1 and paid_rounded >= 10 and below_rounded = 0",
		"people.workforce_profile where characteristic_group = 'prefer_not_to_say' and headcount_rounded >= 10",
		"people.pay_gap_drivers where component = 'within_grades' and characteristic = 'sex' and value_pct is not null",
	} {
		if got := f.texts(t, "open", "select count(*) from "+measure); len(got) != 1 || got[0] == "0" {
			t.Errorf("nothing is told: %s", measure)
		}
	}
}
