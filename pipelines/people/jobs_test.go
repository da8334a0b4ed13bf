//go:build duckdb_arrow

package people_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// choose makes the choices of all bodies other than the shipped ones.
func (c *calculator) choose(t testing.TB, jobs, partPeriod string) {
	t.Helper()
	c.chooseAll(t, jobs, partPeriod, "ten_thousandths")
}

func (c *calculator) chooseAll(t testing.TB, jobs, partPeriod, ties string) {
	t.Helper()
	c.fill(t, "ref.pay_options", []row{
		{"body_code": "all", "option_name": "jobs", "choice": "person"},
		{"body_code": ourBody, "option_name": "jobs", "choice": jobs},
		{"body_code": "all", "option_name": "part_period", "choice": partPeriod},
		{"body_code": "all", "option_name": "quarter_ties", "choice": ties},
	})
}

// contracts are the rows of a person as rate, hours, bonus, reasons and flags.
func (c *calculator) contracts(t testing.TB, id string) []string {
	t.Helper()
	return c.ask(t, fmt.Sprintf(`select concat_ws('|', coalesce(cast(round(hourly_rate_gbp, 8) as varchar), 'null'), weekly_hours, bonus_gbp, exclusion_reasons, flags)
		from stage.pay_people where hr_person_key = '%s' order by weekly_hours, bonus_gbp`, keyOf(id)))
}

// TestOptionJobsContract: methods 1.2, one row for each contract. Each post of a person has a rate of its own; acting up is
// part of the contract whose hours it is paid for; who moved from one post to the next has one contract; a post that ended
// is no contract of somebody who holds another; and a rate of the payroll system is one of the person.
func TestOptionJobsContract(t *testing.T) {
	t.Parallel()
	p := readPayroll(t)
	hours := func(text string) *string { return &text }
	p.People = append(p.People,
		payrollPerson{
			ID: "left one of two", Posts: []payrollPost{{Hours: hours("20"), saidHours: true}, {ID: "left one of two-2", Kind: "ADDITIONAL", Ended: "2024-12-31"}},
			Lines: []payrollLine{{Element: "BASIC", Amount: "1400.00"}, {Post: "left one of two-2", Element: "BONUS_MONTH", Amount: "75.00", Paid: "2024-11-27", From: "2024-11-01", To: "2024-11-30"}},
		},
		payrollPerson{
			ID: "bonus in one", Posts: []payrollPost{{Hours: hours("20"), saidHours: true}, {ID: "bonus in one-2", Kind: "ADDITIONAL", Hours: hours("10"), saidHours: true}},
			Lines: []payrollLine{{Element: "BASIC", Amount: "1400.00"}, {Post: "bonus in one-2", Element: "BASIC", Amount: "600.00"}, {Post: "bonus in one-2", Element: "VOUCHER", Amount: "50.00", Paid: "2024-11-27", From: "2024-11-01", To: "2024-11-30"}},
		},
		payrollPerson{
			ID: "acting up alone", Posts: []payrollPost{{Kind: "ACTING_UP", Hours: hours("37"), saidHours: true}},
			Lines: []payrollLine{{Element: "BASIC", Amount: "2500.00"}},
		},
		payrollPerson{ID: "rate of the system", Posts: []payrollPost{{Hours: hours("20"), saidHours: true}, {ID: "rate of the system-2", Kind: "ADDITIONAL", Hours: hours("10"), saidHours: true}}},
		payrollPerson{ID: "left both", Posts: []payrollPost{{Ended: "2025-03-10"}, {ID: "left both-2", Kind: "ADDITIONAL", Ended: "2025-03-12"}}, Lines: []payrollLine{{Element: "BASIC", Amount: "800.00"}}},
	)
	w := p.workforce(ourSnapshot)
	w.add("pay_summary", row{"body_code": ourBody, "snapshot_date": ourSnapshot, "person_key": keyOf("rate of the system"), "hourly_rate_gbp": "15.5379", "bonus_12_months_gbp": "250.00"})
	c := newCalculator(t, "people.workforce_profile", "people.pay_exclusion_counts")
	headcounts := func() []string {
		return c.ask(t, `select concat_ws('|', characteristic, characteristic_group, breakdown, breakdown_value, headcount_rounded) from people.workforce_profile
			where headcount_rounded > 0 order by all`)
	}
	excluded := func() []string {
		return c.ask(t, "select concat_ws('|', exclusion_reason, people_rounded) from people.pay_exclusion_counts where people_rounded > 0 order by all")
	}
	c.choose(t, "person", "literal")
	c.of(t, w)
	people, reasons := headcounts(), excluded()
	if got := c.contracts(t, "acting up alone"); len(got) != 1 || !strings.HasPrefix(got[0], "15.5378769|37.0|") {
		t.Errorf("acting up without another post has its own hours: %v", got)
	}
	c.choose(t, "contract", "literal")
	c.of(t, w)
	for id, want := range map[string][]string{
		"P016":               {"16.09724047|10.0|0.00|[]|[]", "16.09724047|20.0|0.00|[]|[]"},
		"P016B":              {"null|10.0|0.00|[reduced_pay_because_of_leave]|[]", "16.09724047|20.0|0.00|[]|[]"}, // edge case 15
		"P016C":              {"15.5378769|37.0|0.00|[]|[several_posts]"},
		"P019B":              {"15.5378769|37.0|0.00|[]|[pay_of_ended_post]"},
		"P048":               {"15.5378769|37.0|0.00|[]|[]"},
		"P041":               {"15.5378769|37.0|0.00|[]|[]"},
		"P021":               {"null|0.00|[left_before_snapshot]|[]"},
		"P030":               {"null|0.00|[agency]|[]"},
		"left one of two":    {"16.09724047|20.0|75.00|[]|[]"},
		"bonus in one":       {"13.79763469|10.0|50.00|[]|[]", "16.09724047|20.0|0.00|[]|[]"},
		"acting up alone":    {"15.5378769|37.0|0.00|[]|[]"},
		"rate of the system": {"15.5379|250.00|[]|[several_posts, rate_of_payroll_system]"},
		"left both":          {"null|0.00|[left_before_snapshot]|[]"},
	} {
		if diff := cmp.Diff(want, c.contracts(t, id)); diff != "" {
			t.Errorf("contracts of %s (-want +got):\n%s", id, diff)
		}
	}
	// The tables about staff count people, whatever the pay figures count.
	if diff := cmp.Diff(people, headcounts()); diff != "" {
		t.Errorf("headcounts of people and of contracts (-people +contracts):\n%s", diff)
	}
	if diff := cmp.Diff(reasons, excluded()); diff != "" {
		t.Errorf("people left out, of people and of contracts (-people +contracts):\n%s", diff)
	}
	options := c.ask(t, "select distinct options from stage.pay_people")
	if diff := cmp.Diff([]string{"jobs=contract;part_period=literal;quarter_ties=ten_thousandths"}, options); diff != "" {
		t.Errorf("the choices stored (-want +got):\n%s", diff)
	}
}

// TestEdgeCase19Normalised: where LCRCA elects otherwise, who started within the period has the rate of a whole one; and no
// more than that, where the salary or the days of the lines say what was paid for.
func TestEdgeCase19Normalised(t *testing.T) {
	t.Parallel()
	p := readPayroll(t)
	w := p.workforce(ourSnapshot)
	late := func(id, started, salary string, lines ...payrollLine) {
		payrollPerson{ID: id, Posts: []payrollPost{{Started: started}}, Lines: lines}.enter(w, ourSnapshot)
		w["raw.people_assignment"][len(w["raw.people_assignment"])-1].set("annual_salary_gbp", salary)
	}
	whole, half := payrollLine{Element: "BASIC", Amount: "2500.00"}, payrollLine{Element: "BASIC", Amount: "1290.32"}
	late("full pay from the first working day", "2025-03-03", "30000.00", whole)
	late("full pay by the days of the line", "2025-03-03", "", payrollLine{Element: "BASIC", Amount: "2500.00", EarnedFrom: "2025-03-01", EarnedTo: "2025-03-31"})
	late("half pay by the days of the line", "2025-03-12", "", payrollLine{Element: "BASIC", Amount: "1290.32", EarnedFrom: "2025-03-16", EarnedTo: "2025-03-31"})
	late("half pay and a salary", "2025-03-16", "30000.00", half)
	late("half pay, and an allowance of the whole period", "2025-03-16", "30000.00", half, payrollLine{Element: "ALLOWANCE", Amount: "100.00", EarnedFrom: "2025-03-01", EarnedTo: "2025-03-31"})
	late("nothing says how much", "2025-03-03", "", whole)
	c := newCalculator(t, "stage.pay_people")
	c.choose(t, "person", "normalised")
	c.of(t, w)
	for id, want := range map[string]string{
		"P019": "15.53784583", "P001": "15.53787690",
		"full pay from the first working day":            "15.53787690",
		"full pay by the days of the line":               "15.53787690",
		"half pay by the days of the line":               "15.53784583",
		"half pay and a salary":                          "15.53784583",
		"half pay, and an allowance of the whole period": "16.1593609049",
		"nothing says how much":                          "16.60945462", // 2500 for 29 of 31 days
	} {
		got := c.person(t, id)
		if !near(got["hourly_rate_gbp"], want, 5e-9) || !strings.Contains(got["options"], "part_period=normalised") {
			t.Errorf("%s: rate %s, options %s; want %s", id, got["hourly_rate_gbp"], got["options"], want)
		}
	}
	if got := c.person(t, "P019"); !near(got["literal_rate_gbp"], "8.01953333", 5e-9) || got["flags"] != "[part_period]" {
		t.Errorf("the literal rate is %s, flags %s", got["literal_rate_gbp"], got["flags"])
	}
}

// TestBonusWithoutAPeriod: methods 1.6 and 5.4. Of a bonus that does not say over what time it was earned no rate is made,
// and the line is told; it is bonus of the year all the same. Taken back in the period it matters no more.
func TestBonusWithoutAPeriod(t *testing.T) {
	t.Parallel()
	w := workforce{}
	addElements(w, ourBody)
	w.add("element_map", row{"body_code": ourBody, "valid_from": "2017-04-01", "element_code": "BONUS_UNSAID", "element_class": "BONUS"})
	basic := payrollLine{Element: "BASIC", Amount: "2500.00"}
	unsaid := payrollLine{Element: "BONUS_UNSAID", Amount: "1200.00"}
	payrollPerson{ID: "not said", Lines: []payrollLine{basic, unsaid}}.enter(w, ourSnapshot)
	payrollPerson{ID: "taken back", Lines: []payrollLine{basic, unsaid, {Element: "BONUS_UNSAID", Amount: "-1200.00"}}}.enter(w, ourSnapshot)
	payrollPerson{ID: "paid before", Lines: []payrollLine{basic, {Element: "BONUS_UNSAID", Amount: "1200.00", Paid: "2024-11-27", From: "2024-11-01", To: "2024-11-30"}}}.enter(w, ourSnapshot)
	payrollPerson{ID: "of the line", Lines: []payrollLine{basic, unsaid}}.enter(w, ourSnapshot)
	w["raw.people_pay_lines"][len(w["raw.people_pay_lines"])-1]["bonus_period"] = "YEAR"
	payrollPerson{ID: "in days", Lines: []payrollLine{basic, unsaid}}.enter(w, ourSnapshot)
	w["raw.people_pay_lines"][len(w["raw.people_pay_lines"])-1]["bonus_days"] = "91.32"
	c := newCalculator(t, "stage.pay_people")
	c.of(t, w)
	for id, want := range map[string][4]string{
		"not said":    {"null", "1200.00", "true", "[bonus_period_unknown]"},
		"taken back":  {"15.53787690", "0.00", "false", "[]"},
		"paid before": {"15.53787690", "1200.00", "true", "[]"},
		"of the line": {"16.15944303", "1200.00", "true", "[]"}, // (2500 + 1200 × 30.44 / 365.25) × 7 / 30.44 / 37
		"in days":     {"18.02393721", "1200.00", "true", "[]"}, // (2500 + 1200 × 30.44 / 91.32) × 7 / 30.44 / 37
	} {
		got := c.person(t, id)
		if !near(got["hourly_rate_gbp"], want[0], 5e-9) || got["bonus_gbp"] != want[1] || got["paid_bonus"] != want[2] || got["exclusion_reasons"] != want[3] {
			t.Errorf("%s: rate %s, bonus %s, paid %s, reasons %s; want %v", id, got["hourly_rate_gbp"], got["bonus_gbp"], got["paid_bonus"], got["exclusion_reasons"], want)
		}
	}
	if diff := cmp.Diff([]string{"bonus_of_the_period_says_what_it_was_earned_in"}, c.failing(t, "stage.pay_lines")); diff != "" {
		t.Errorf("what is told (-want +got):\n%s", diff)
	}
}

// TestLookBackGoesAsFarAsItMust: methods 1.7. Weeks without hours are skipped and earlier ones brought in, however far back;
// where the file ends before twelve are found, and the service goes on, it is told and no fair representation.
func TestLookBackGoesAsFarAsItMust(t *testing.T) {
	t.Parallel()
	w := workforce{}
	addElements(w, ourBody)
	casual := func(id, started string, weeks ...string) {
		payrollPerson{ID: id, Posts: []payrollPost{{Type: "CASUAL", Vary: true, saidHours: true, Started: started}}, Weeks: weeks, Lines: []payrollLine{{Element: "BASIC", Amount: "835.20"}}}.enter(w, ourSnapshot)
	}
	repeat := func(n int, hours string) (weeks []string) {
		for range n {
			weeks = append(weeks, hours)
		}
		return weeks
	}
	// Every other week for 24 weeks, the earliest of them 30 hours, and one week before them that is not needed.
	var far []string
	for i := range 12 {
		hours := "15"
		if i == 11 {
			hours = "27"
		}
		far = append(far, "0", hours)
	}
	casual("far back", "2019-09-01", append(far, "40")...)
	casual("service is short", "2025-02-01", repeat(6, "16")...)
	casual("file is short", "2019-09-01", repeat(6, "16")...)
	// A vendor's months of 4, 4 and 5 weeks: of the third the four weeks up to the twelfth count.
	payrollPerson{ID: "by month", Posts: []payrollPost{{Type: "CASUAL", Vary: true, saidHours: true}}, Lines: []payrollLine{{Element: "BASIC", Amount: "835.20"}}}.enter(w, ourSnapshot)
	for m, month := range [][2]string{{"4", "60"}, {"4", "70"}, {"5", "77.5"}, {"4", "400"}} {
		w.add("weekly_hours", row{
			"body_code": ourBody, "snapshot_date": ourSnapshot, "person_key": keyOf("by month"), "assignment_key": keyOf("by month"),
			"week_ending": day("2025-03-28").AddDate(0, -m, 0).Format("2006-01-02"), "weeks_covered": month[0], "hours": month[1],
		})
	}
	c := newCalculator(t, "stage.pay_people")
	c.of(t, w)
	got := c.ask(t, `select concat_ws('|', hours_method, round(weekly_hours, 8), weeks_used) from stage.pay_post_hours order by hours_method, weekly_hours`)
	want := []string{"fair_representation|16.0|6", "look_back|16.0|12", "look_back|16.0|12", "look_back_too_short|16.0|6"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("method, hours, weeks (-want +got):\n%s", diff)
	}
	for id, flags := range map[string]string{"far back": "[]", "service is short": "[fair_representation_hours]", "file is short": "[look_back_too_short]", "by month": "[monthly_average_hours]"} {
		if got := c.person(t, id); got["flags"] != flags || !near(got["hourly_rate_gbp"], "12.00394218", 5e-9) {
			t.Errorf("%s: flags %s, rate %s", id, got["flags"], got["hourly_rate_gbp"])
		}
	}
	if diff := cmp.Diff([]string{"look_back_reaches_twelve_weeks_with_hours"}, c.failing(t, "stage.pay_post_hours")); diff != "" {
		t.Errorf("what is told (-want +got):\n%s", diff)
	}
}
