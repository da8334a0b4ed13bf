//go:build duckdb_arrow

package skills_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"socialvalue"
	"socialvalue/internal/disclosure/rehearsal"
)

// feed is what came of a contract; every row begins with the body.
type feed struct {
	columns []string
	rows    [][]any
}

// sent draws what the programme and the data collection would send: participants of two years, aims of as many.
func sent(dice *rand.Rand) map[string]*feed {
	feeds := map[string]*feed{}
	for contract, columns := range map[string]string{
		"participants":  "extract_date participant_key household_key joined_on left_on age_band job_started_on evidence_type week13_status week26_status longest_gap_days",
		"actions":       "extract_date participant_key action_date action_kind",
		"barriers":      "extract_date participant_key barrier",
		"scores":        "extract_date participant_key score_date score",
		"aims":          "academic_year provider_ukprn learner_ref_key learner_key aim_number started_on planned_end fund_model funding_source completion outcome",
		"providers":     "academic_year provider_ukprn provider_name social_value_statement",
		"funding_codes": "academic_year funding_source",
	} {
		feeds[contract] = &feed{columns: append([]string{"body_code"}, strings.Fields(columns)...)}
	}
	add := func(contract string, values ...any) {
		for i, value := range values {
			if day, is := value.(time.Time); is {
				values[i] = day.Format(time.DateOnly)
			}
		}
		feeds[contract].rows = append(feeds[contract].rows, append([]any{"ours"}, values...))
	}
	const extract = "2025-05-31"
	key := func(n int) string { return fmt.Sprintf("00000000-0000-0000-0000-%012d", n) }
	for i := range 220 {
		joined := time.Date(2022, time.April, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, dice.IntN(700))
		var started, evidence, week13, week26 any
		if dice.IntN(2) == 0 {
			started, evidence = joined.AddDate(0, 0, dice.IntN(300)), "PAYSLIP"
			week13, week26 = []any{"IN_WORK", "IN_WORK", "NOT_IN_WORK"}[dice.IntN(3)], []any{"IN_WORK", "NOT_IN_WORK"}[dice.IntN(2)]
			if dice.IntN(10) == 0 {
				week13, week26 = "NOT_KNOWN", nil
			}
		}
		add("participants", extract, key(i), key(1000+i/2), joined, nil, "25-34", started, evidence, week13, week26, nil)
		if dice.IntN(3) == 0 {
			add("actions", extract, key(i), joined, "DIGITAL_INCLUSION")
		}
		add("barriers", extract, key(i), []any{"DEBT", "CARING", "HEALTH"}[dice.IntN(3)])
		add("scores", extract, key(i), joined, 1+dice.IntN(5))
		add("scores", extract, key(i), joined.AddDate(0, 3, 0), 1+dice.IntN(5))
	}
	for year := 2022; year < 2025; year++ {
		name := fmt.Sprintf("%d-%02d", year, (year+1)%100)
		add("funding_codes", name, 999)
		for provider := range 3 {
			add("providers", name, fmt.Sprint("1000000", provider), fmt.Sprint("College ", provider), "Invented")
		}
		for i := range 300 {
			ends := time.Date(year, time.September, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, dice.IntN(320))
			completion, outcome := 2, any([]int{1, 1, 3}[dice.IntN(3)])
			switch {
			case year == 2024 && ends.After(time.Date(2025, time.May, 1, 0, 0, 0, 0, time.UTC)):
				completion, outcome = 1, nil
			case dice.IntN(12) == 0:
				completion, outcome = 3, 3
			}
			add("aims", name, fmt.Sprint("1000000", i%3), key(5000+i), key(7000+1000*year+i), 1, ends.AddDate(0, -6, 0), ends, 35, []any{999, 999, 999, 105}[dice.IntN(4)], completion, outcome)
		}
	}
	return feeds
}

// made are the models of the pipeline, each after those that it is made of.
func made() []string {
	return []string{
		"stage.survival_landmarks", "stage.hiw_supplies", "stage.hiw_participants", "stage.hiw_members", "stage.hiw_changes", "stage.hiw_paired",
		"stage.hiw_episodes", "stage.hiw_landmarks", "stage.skills_aims", "stage.skills_returns", "stage.skills_providers",
		"skills.households_into_work", "skills.time_to_job", "skills.distance_travelled", "skills.adult_education", "skills.supporting_measures",
		"stage.skills_indicator_figures",
	}
}

func stage(t *testing.T) *rehearsal.Rehearsal {
	t.Helper()
	r := rehearsal.New(t, socialvalue.Assets, made()...)
	r.Give("site.settings", []string{"financial_year_start_month", "financial_year_start_day"}, [][]any{{4, 1}})
	r.Give("site.bodies", []string{"body_code", "body_name", "role"}, [][]any{{"ours", "Authority", "authority"}})
	r.Give("site.as_of", []string{"as_of"}, [][]any{{"2025-06-30"}})
	r.Give("stage.indicator_years", []string{"financial_year"}, [][]any{{"2022-23"}, {"2023-24"}, {"2024-25"}})
	return r
}

// told are all figures of skills that can be made of what was sent.
func told(r *rehearsal.Rehearsal, feeds map[string]*feed) map[string]rehearsal.Figure {
	for contract, f := range feeds {
		r.Give("raw.skills_"+contract, f.columns, f.rows)
	}
	r.Make(made()...)
	figures := map[string]rehearsal.Figure{}
	for _, relation := range made() {
		if strings.HasPrefix(relation, "skills.") || relation == "stage.skills_indicator_figures" {
			maps.Copy(figures, r.Figures(relation, map[string]map[string]string{
				"skills.adult_education":         {"": "funding_basis"},
				"skills.supporting_measures":     {"": "funding_basis"},
				"stage.skills_indicator_figures": {"": "figure_basis"},
			}[relation]))
		}
	}
	return figures
}

func telling(figures map[string]rehearsal.Figure, what string) (n int) {
	for name, figure := range figures {
		if figure.Value != "" && strings.Contains(name, what) {
			n++
		}
	}
	return n
}

// Framework 3.6: a feed that is absent is a normal state. What is made of it has that reason or is not there, and no other
// figure moves; learners told from others in another way are figures on another basis.
func TestAFeedThatNeverCameMovesNoFigure(t *testing.T) {
	t.Parallel()
	r := stage(t)
	feeds := sent(rand.New(rand.NewPCG(21, 4)))
	whole := told(r, feeds)
	for what, atLeast := range map[string]int{
		"digital_inclusion_share": 5, "sustained_13_weeks_share": 5, "skills.distance_travelled": 10, "skills.time_to_job": 10,
		"barrier debt": 5, "achievement_share": 10, " SP16 ": 2, " SP19 ": 2, "College": 10,
	} {
		if n := telling(whole, what); n < atLeast {
			t.Errorf("%d figures of %s: the test shows too little", n, what)
		}
	}
	for contract, gone := range map[string][]string{
		"participants":  {"skills.households_into_work", "skills.time_to_job", "skills.distance_travelled", " SP15 ", " SP16 ", " SP17 "},
		"actions":       {"digital_inclusion"},
		"barriers":      {" barrier "},
		"scores":        {"mean_change", "pairs"},
		"aims":          {"skills.adult_education", " SP18 ", " SP19 "},
		"providers":     {"College"},
		"funding_codes": {},
	} {
		less := maps.Clone(feeds)
		less[contract] = &feed{columns: feeds[contract].columns}
		figures := told(r, less)
		moved := rehearsal.Moved(whole, figures)
		if contract == "providers" { // they stand under their numbers
			for i := len(moved) - 1; i >= 0; i-- {
				if strings.Contains(moved[i], " 1000000") {
					moved = append(moved[:i], moved[i+1:]...)
				}
			}
		}
		if contract == "funding_codes" {
			if got := r.Texts("select distinct figure_basis from stage.skills_indicator_figures where indicator_id in ('SP18', 'SP19') or breakdown_value = 'adult_education'"); len(got) != 1 || got[0] != "academic_year, as_sent" {
				t.Errorf("without codes the basis is %q", got)
			}
		}
		if len(moved) > 0 {
			t.Errorf("without %s %d figures moved, for example\n  %s", contract, len(moved), strings.Join(moved[:min(5, len(moved))], "\n  "))
		}
		for _, what := range gone {
			if n := telling(figures, what); n > 0 {
				t.Errorf("without %s %d figures of %s are told", contract, n, what)
			}
		}
	}
}

// Learners still come, and outcomes are not there yet, until the final return of the academic year: until then its year has
// no figure, and the years before stay as they are.
func TestAnAcademicYearIsToldWhenItIsOver(t *testing.T) {
	t.Parallel()
	r := stage(t)
	feeds := sent(rand.New(rand.NewPCG(22, 4)))
	told(r, feeds)
	states := "select concat_ws(' ', financial_year, coalesce(null_reason, 'told')) from stage.skills_indicator_figures where indicator_id = 'SP19' and breakdown = 'all' order by 1"
	want := "2022-23 told, 2023-24 told, 2024-25 not_followed_so_long"
	if got := strings.Join(r.Texts(states), ", "); got != want {
		t.Errorf("at the end of June: %s", got)
	}
	// The same file in November is not the final return: a third of the outcomes are missing.
	r.Give("site.as_of", []string{"as_of"}, [][]any{{"2025-11-01"}})
	told(r, feeds)
	if got := strings.Join(r.Texts(states), ", "); got != want {
		t.Errorf("in November, with the file of May: %s", got)
	}
	if got := r.Texts("select return_state from stage.skills_returns where academic_year = '2024-25'"); len(got) != 1 || got[0] != "early_return" {
		t.Errorf("the file of May is %q", got)
	}
	for _, row := range feeds["aims"].rows {
		if row[1] == "2024-25" && row[10] == 1 {
			row[10], row[11] = 2, 1
		}
	}
	told(r, feeds)
	if got := strings.Join(r.Texts(states), ", "); got != "2022-23 told, 2023-24 told, 2024-25 told" {
		t.Errorf("after the final return: %s", got)
	}
}
