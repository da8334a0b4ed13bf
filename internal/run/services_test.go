//go:build duckdb_arrow

package run_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// servicesAgree holds the datasets of Housing First and of skills against what their fixtures say of themselves.
func servicesAgree(t *testing.T, f *flow) {
	var housed struct {
		People    int `json:"people"`
		Referrals int `json:"referrals"`
		Accepted  int `json:"people_accepted"`
		Housed    int `json:"people_housed"`
	}
	readJSON(t, "../../fixtures/housingfirst/truth.json", &housed)
	for question, want := range map[string]int{
		"select count(*) from housing_first.cases":                                                                                                               housed.People,
		"select cast(sum(referrals) as bigint) from housing_first.outcomes_internal where breakdown = 'all'":                                                     housed.Referrals,
		"select count(*) from housing_first.cases where decision = 'accepted'":                                                                                   housed.Accepted,
		"select people from housing_first.time_to_housed where cohort = 'all' and breakdown = 'all' and landmark_months = 1":                                     housed.Accepted,
		"select people from housing_first.sustainment_internal where cohort = 'all' and breakdown = 'all' and landmark_months = 6":                               housed.Housed,
		"select cast(sum(people) as bigint) from housing_first.sustainment_internal where cohort = 'all' and breakdown = 'imd_quintile' and landmark_months = 6": housed.Housed,
	} {
		if diff := cmp.Diff([]string{fmt.Sprint(want)}, f.texts(t, "housing_first", question)); diff != "" {
			t.Errorf("%s (-truth +released):\n%s", question, diff)
		}
	}
	var skills struct {
		Participants int            `json:"participants"`
		Households   int            `json:"households"`
		Learners     map[string]int `json:"funded_learners"`
	}
	readJSON(t, "../../fixtures/skills/truth.json", &skills)
	questions := map[string]int{
		"select participants_rounded from skills.households_into_work_internal where financial_year = 'all' and breakdown = 'all' and base = 'participant'": skills.Participants,
		"select participants_rounded from skills.households_into_work_internal where financial_year = 'all' and breakdown = 'all' and base = 'household'":   skills.Households,
	}
	for year, learners := range skills.Learners {
		questions["select learners_rounded from skills.adult_education_internal where breakdown = 'all' and provider_name = 'all' and academic_year = '"+year+"'"] = learners
	}
	for question, want := range questions {
		if diff := cmp.Diff([]string{fmt.Sprint(want)}, f.texts(t, "skills", question)); diff != "" {
			t.Errorf("%s (-truth +released):\n%s", question, diff)
		}
	}
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}
