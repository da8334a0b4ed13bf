//go:build duckdb_arrow

package people_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRatesOfThePayrollSystem: without pay lines the system's own rate counts, what was put right by hand before what it
// worked out, and it is marked; with lines it does not count.
func TestRatesOfThePayrollSystem(t *testing.T) {
	t.Parallel()
	w := workforce{}
	addElements(w, ourBody)
	for _, id := range []string{"cintra", "esr", "reduced", "lines"} {
		p := payrollPerson{ID: id}
		if id == "lines" {
			p.Lines = []payrollLine{{Element: "BASIC", Amount: "2500.00"}}
		}
		p.enter(w, ourSnapshot)
	}
	summary := func(id string, r row) {
		r["body_code"], r["snapshot_date"], r["person_key"] = ourBody, ourSnapshot, keyOf(id)
		w.add("pay_summary", r)
	}
	summary("cintra", row{"weekly_ordinary_gbp": "574.90", "weekly_bonus_gbp": "99.00", "weekly_bonus_override_gbp": "0.00", "weekly_hours": "36", "weekly_hours_override": "37", "hourly_rate_gbp": "18.72", "on_full_pay": "true", "bonus_12_months_gbp": "250.00"})
	summary("esr", row{"hourly_rate_gbp": "15.5379"})
	summary("reduced", row{"weekly_ordinary_gbp": "300.00", "weekly_hours": "37", "on_full_pay": "false"})
	summary("lines", row{"hourly_rate_gbp": "99"})
	c := newCalculator(t, "stage.pay_people")
	c.of(t, w)
	wants := map[string][3]string{
		"cintra": {"15.53783784", "[rate_of_payroll_system, put_right_by_hand]", "[]"}, "esr": {"15.5379", "[rate_of_payroll_system]", "[]"},
		"reduced": {"null", "[]", "[reduced_pay_because_of_leave]"}, "lines": {"15.53787690", "[]", "[]"},
	}
	for id, want := range wants {
		got := c.person(t, id)
		if !near(got["hourly_rate_gbp"], want[0], 5e-9) || got["flags"] != want[1] || got["exclusion_reasons"] != want[2] {
			t.Errorf("%s: rate %s, flags %s, reasons %s; want %v", id, got["hourly_rate_gbp"], got["flags"], got["exclusion_reasons"], want)
		}
	}
	if got := c.person(t, "cintra"); got["bonus_gbp"] != "250.00" || got["paid_bonus"] != "true" {
		t.Errorf("bonus %s, paid %s", got["bonus_gbp"], got["paid_bonus"])
	}
}

// TestContrasts: who stands on which side. Edge case 28: who has no recorded sex is in no contrast of sex, and in those of
// other characteristics. Edge case 51: who prefers not to say is on no side. Methods 2.6: crosses have one comparator.
func TestContrasts(t *testing.T) {
	t.Parallel()
	w := workforce{}
	addElements(w, ourBody)
	declared := []struct{ id, sex, ethnicity string }{
		{"white man", "M", "WHITE_BRITISH"},
		{"white woman", "F", "WHITE_BRITISH"},
		{"asian woman", "F", "ASIAN_INDIAN"},
		{"black woman", "F", "BLACK_AFRICAN"},
		{"sex unknown", "", "ASIAN_INDIAN"},
		{"silent man", "M", "PREFER_NOT_TO_SAY"},
	}
	for _, d := range declared {
		p := payrollPerson{ID: d.id, Lines: []payrollLine{{Element: "BASIC", Amount: "2500.00"}}}
		p.enter(w, ourSnapshot)
		r := w["raw.people_person"][len(w["raw.people_person"])-1]
		delete(r, "sex")
		r.set("sex", d.sex)
		r["ethnicity"] = d.ethnicity
		w["raw.people_assignment"][len(w["raw.people_assignment"])-1]["grade"] = "G5"
	}
	c := newCalculator(t, "stage.pay_contrasts")
	c.of(t, w)
	names := map[string]string{}
	for _, d := range declared {
		names[keyOf(d.id)] = d.id
	}
	sides := func(characteristic, focal, breakdown string) map[string]string {
		got := map[string]string{}
		for _, line := range c.ask(t, fmt.Sprintf(`select concat_ws('|', person_key, side) from stage.pay_contrasts where characteristic = '%s' and focal_group = '%s'
			and breakdown = '%s' and population = 'all'`, characteristic, focal, breakdown)) {
			key, side, _ := strings.Cut(line, "|")
			got[names[key]] = side
		}
		return got
	}
	for _, test := range []struct {
		characteristic, focal, breakdown string
		want                             map[string]string
	}{
		{"sex", "female", "all", map[string]string{"white man": "comparator", "silent man": "comparator", "asian woman": "focal", "black woman": "focal", "white woman": "focal"}},
		{"sex", "female", "grade", map[string]string{"white man": "comparator", "silent man": "comparator", "asian woman": "focal", "black woman": "focal", "white woman": "focal"}},
		// Methods 2.6: every cell of a cross against one and the same, white men. The others of the cross count in its quarters.
		{"sex", "female_asian_black_mixed_other", "ethnicity_white", map[string]string{"white man": "comparator", "asian woman": "focal", "black woman": "focal", "white woman": "other"}},
		{"sex", "female_white", "ethnicity_white", map[string]string{"white man": "comparator", "white woman": "focal", "asian woman": "other", "black woman": "other"}},
		{"sex", "male_asian_black_mixed_other", "ethnicity_white", map[string]string{"white man": "comparator", "white woman": "other", "asian woman": "other", "black woman": "other"}},
		{"sex", "female_full_time", "working_pattern", map[string]string{"white man": "comparator", "silent man": "comparator", "asian woman": "focal", "black woman": "focal", "white woman": "focal"}},
		{"ethnicity5", "asian", "all", map[string]string{"white man": "comparator", "white woman": "comparator", "asian woman": "focal", "sex unknown": "focal", "black woman": "other"}},
		{"ethnicity5", "asian", "grade", map[string]string{}},
		{"ethnicity_white", "asian_black_mixed_other", "all", map[string]string{"white man": "comparator", "white woman": "comparator", "asian woman": "focal", "sex unknown": "focal", "black woman": "focal"}},
	} {
		if diff := cmp.Diff(test.want, sides(test.characteristic, test.focal, test.breakdown)); diff != "" {
			t.Errorf("%s, %s, by %s (-want +got):\n%s", test.characteristic, test.focal, test.breakdown, diff)
		}
	}
}
