//go:build duckdb_arrow

package people_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDeclarationRateThatDropsIsTold: methods 5.4, a declaration rate that falls by more than five points against the year
// before; five points are none.
func TestDeclarationRateThatDropsIsTold(t *testing.T) {
	t.Parallel()
	w := workforce{}
	addElements(w, ourBody)
	enter := func(snapshot string, n int, answers func(i int) (orientation, religion string)) {
		for i := range n {
			payrollPerson{ID: fmt.Sprint("p", i)}.enter(w, snapshot)
			r := w["raw.people_person"][len(w["raw.people_person"])-1]
			orientation, religion := answers(i)
			r.set("orientation", orientation)
			r.set("religion", religion)
		}
	}
	said := func(yes bool, value string) string {
		if yes {
			return value
		}
		return "PREFER_NOT_TO_SAY"
	}
	// Of 40: orientation falls from 40 to 37 (7.5 points), religion from 40 to 38 (5 points).
	enter("2024-03-31", 40, func(int) (string, string) { return "HETEROSEXUAL", "NO_RELIGION" })
	enter("2025-03-31", 40, func(i int) (string, string) { return said(i >= 3, "HETEROSEXUAL"), said(i >= 2, "NO_RELIGION") })
	c := newCalculator(t, "stage.people_members")
	c.of(t, w)
	if diff := cmp.Diff([]string{"declaration_rate_does_not_drop"}, c.failing(t, "stage.people_members")); diff != "" {
		t.Errorf("what is told (-want +got):\n%s", diff)
	}
	check := c.project.Nodes["stage.people_members"].Spec.Checks[0].SQL
	got := c.ask(t, "select concat_ws('|', snapshot_date, characteristic) from ("+check+")")
	if diff := cmp.Diff([]string{"2025-03-31|orientation"}, got); diff != "" {
		t.Errorf("of which (-want +got):\n%s", diff)
	}
}

// TestCrossOfAFewIsToldInNoPart: methods 2.6, ten in every cell of a cross or the whole of it is withheld.
func TestCrossOfAFewIsToldInNoPart(t *testing.T) {
	t.Parallel()
	for disabledWomen, want := range map[int][]string{
		9:  {"disability|3|0|small_cross", "working_pattern|3|0|small_cross"},
		10: {"disability|3|3|", "working_pattern|3|0|small_cross"}, // nobody works part time
	} {
		w := workforce{}
		addElements(w, ourBody)
		for cell, n := range map[string]int{"F YES": disabledWomen, "F NO": 12, "M YES": 11, "M NO": 15} {
			for i := range n {
				sex := cell[:1]
				payrollPerson{ID: fmt.Sprint(cell, i), Sex: &sex, saidSex: true, Lines: []payrollLine{{Element: "BASIC", Amount: fmt.Sprintf("%d.00", 2000+10*i)}}}.enter(w, ourSnapshot)
				w["raw.people_person"][len(w["raw.people_person"])-1]["disability"] = cell[2:]
			}
		}
		c := newCalculator(t, "people.pay_gaps")
		c.project.Nodes["stage.pay_figures"].Spec.Parameters = map[string]any{"replicates": 1000}
		c.fill(t, "ref.pay_contrasts", []row{{"characteristic": "sex", "comparator_group": "male", "focal_group": "female", "has_breakdowns": "true", "without_apprentices": "false", "is_internal": "false"}})
		c.of(t, w)
		got := c.ask(t, `select concat_ws('|', breakdown, count(*), count(value), coalesce(max(null_reason), '')) from people.pay_gaps
			where measure = 'median_hourly' and comparator_group in ('male_not_disabled', 'male_full_time') group by breakdown order by breakdown`)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("with %d disabled women: cross, contrasts, told, why not (-want +got):\n%s", disabledWomen, diff)
		}
		// The gap of all by sex stays.
		if got := c.ask(t, "select cast(count(value) as varchar) from people.pay_gaps where measure = 'median_hourly' and breakdown = 'all'"); got[0] != "1" {
			t.Errorf("%s gaps of all, want 1", got[0])
		}
	}
}

// TestQuarterTiesAreAnOption: methods 1.9. A tenth of 2,145.43 a month is rounded to pence by payroll; to ten-thousandths the
// rates of those who work a tenth then stand below those of full-timers, to pence they are tied, and the quarters have the
// same mix.
func TestQuarterTiesAreAnOption(t *testing.T) {
	t.Parallel()
	w := workforce{}
	addElements(w, ourBody)
	tenth := "3.7"
	for i := range 8 {
		sex, pay, hours := "M", "2145.43", (*string)(nil)
		if i%2 == 0 {
			sex, pay, hours = "F", "214.54", &tenth
		}
		p := payrollPerson{ID: fmt.Sprint("p", i), Sex: &sex, saidSex: true, Lines: []payrollLine{{Element: "BASIC", Amount: pay}}}
		if hours != nil {
			p.Posts = []payrollPost{{Hours: hours, saidHours: true}}
		}
		p.enter(w, ourSnapshot)
	}
	c := newCalculator(t, "stage.pay_figures")
	c.project.Nodes["stage.pay_figures"].Spec.Parameters = map[string]any{"replicates": 1000}
	c.fill(t, "ref.pay_intersections", nil)
	for ties, want := range map[string]string{
		"ten_thousandths": "[quarter_share_lower|1.0 quarter_share_lower_middle|1.0 quarter_share_upper|0.0 quarter_share_upper_middle|0.0]",
		"pence":           "[quarter_share_lower|0.5 quarter_share_lower_middle|0.5 quarter_share_upper|0.5 quarter_share_upper_middle|0.5]",
	} {
		c.chooseAll(t, "person", "literal", ties)
		c.of(t, w)
		got := c.ask(t, `select concat_ws('|', measure, value) from stage.pay_figures where characteristic = 'sex' and breakdown = 'all' and population = 'all'
			and starts_with(measure, 'quarter_share') order by measure`)
		if fmt.Sprint(got) != want {
			t.Errorf("tied to %s: %v, want %s", ties, got, want)
		}
		options := c.ask(t, "select distinct options from stage.pay_people")
		if diff := cmp.Diff([]string{"jobs=person;part_period=literal;quarter_ties=" + ties}, options); diff != "" {
			t.Errorf("the choices stored (-want +got):\n%s", diff)
		}
	}
}
