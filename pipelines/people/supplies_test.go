//go:build duckdb_arrow

package people_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Framework 3.6: a feed that is absent is a normal state. Of a snapshot that lacks something which pay figures are made of
// there are none, with the reason; nothing is taken for a mistake, and another body's figures stand.
func TestPayFiguresNeedAllThatTheyAreMadeOf(t *testing.T) {
	t.Parallel()
	c := newCalculator(t, "stage.pay_contrasts")
	fed := readPayroll(t).workforce(ourSnapshot).complete()
	for _, r := range slices.Concat(fed["raw.people_control_totals"], nil) {
		if r["measure"] == "leave" {
			t.Fatal("the made-up payroll is to have an absence")
		}
	}
	both := workforce{}
	for relation, rows := range fed {
		for _, r := range rows {
			other := row{}
			for name, value := range r {
				other[name] = value
			}
			other["body_code"] = "other"
			both[relation] = append(both[relation], r, other)
		}
	}
	figures := func() []string {
		return c.ask(t, "select concat_ws(' ', body_code, count(*), count(hourly_rate_gbp), sum(bonus_gbp)) from stage.pay_contrasts group by body_code order by body_code")
	}
	c.asSent(t, both)
	whole := figures()
	if len(whole) != 2 {
		t.Fatalf("%q", whole)
	}
	for contract, want := range map[string]string{
		"assignment": "posts_not_supplied", "pay_lines": "pay_not_supplied", "element_map": "elements_not_supplied",
		"weekly_hours": "hours_not_supplied", "absence": "leave_not_supplied",
	} {
		less := workforce{}
		for relation, rows := range both {
			for _, r := range rows {
				if relation != "raw.people_"+contract || r["body_code"] != ourBody {
					less[relation] = append(less[relation], r)
				}
			}
		}
		c.asSent(t, less)
		if got := c.ask(t, "select coalesce(no_pay_figures_because, 'null') from stage.people_supplies order by body_code"); !cmp.Equal(got, []string{want, "null"}) {
			t.Errorf("without %s: %q", contract, got)
		}
		if got := figures(); !cmp.Equal(got, whole[1:]) {
			t.Errorf("without %s: %q, want %q", contract, got, whole[1:])
		}
		if got := c.ask(t, "select distinct unnest(exclusion_reasons) from stage.pay_people where body_code = '"+ourBody+"'"); !slices.Contains(got, want) {
			t.Errorf("without %s the reasons are %q", contract, got)
		}
		if got := c.ask(t, "select cast(count(*) as varchar) from stage.pay_people where body_code = '"+ourBody+"' and hourly_rate_gbp is not null"); got[0] != "0" {
			t.Errorf("without %s %s people have a rate", contract, got[0])
		}
		for _, relation := range []string{"stage.people_posts", "stage.pay_lines", "stage.pay_people"} {
			for _, check := range c.project.Nodes[relation].Spec.Checks {
				if n := c.ask(t, "select cast(count(*) as varchar) from ("+check.SQL+") where body_code = '"+ourBody+"'"); n[0] != "0" && check.Severity == "error" {
					t.Errorf("without %s the check %s.%s finds %s rows", contract, relation, check.Name, n[0])
				}
			}
		}
		if got := c.failing(t, "stage.people_supplies"); (contract == "pay_lines") != (len(got) == 0) {
			t.Errorf("without %s: %q", contract, got)
		}
	}
}

// HR says by a total of nought that nobody was on leave, and the total is held against the file.
func TestNobodyOnLeaveIsSaid(t *testing.T) {
	t.Parallel()
	c := newCalculator(t, "stage.pay_people")
	fed := readPayroll(t).workforce(ourSnapshot).complete()
	absences := fed["raw.people_absence"]
	delete(fed, "raw.people_absence")
	total := row{"body_code": ourBody, "snapshot_date": ourSnapshot, "measure": "leave", "total": "0"}
	fed["raw.people_control_totals"] = []row{total}
	c.asSent(t, fed)
	if got := c.ask(t, "select coalesce(no_pay_figures_because, 'null') from stage.people_supplies"); !cmp.Equal(got, []string{"null"}) {
		t.Errorf("%q", got)
	}
	fed["raw.people_absence"] = absences
	c.asSent(t, fed)
	if got := c.failing(t, "stage.people_posts"); !slices.Contains(got, "leave_is_as_much_as_hr_counted") {
		t.Errorf("a total of nought against %d absences: %q", len(absences), got)
	}
}
