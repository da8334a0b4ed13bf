//go:build duckdb_arrow

package housingfirst_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"socialvalue"
	"socialvalue/internal/disclosure/rehearsal"
)

// feed is what came of a contract in an extract; every row begins with the body and the day of the extract.
type feed struct {
	columns []string
	rows    [][]any
}

const (
	thisExtract = "2025-05-31"
	nextExtract = "2025-06-30"
)

// service draws what a case system would send of people over three years, gaps in the record included.
func service(dice *rand.Rand) map[string]*feed {
	feeds := map[string]*feed{}
	for contract, columns := range map[string]string{
		"person":         "person_key registered_on age_band sex",
		"referral":       "referral_key person_key referral_date decision decision_date referrer_type referring_lad_code",
		"tenancy":        "tenancy_key person_key start_date end_date tenancy_status end_reason landlord_type",
		"closure":        "person_key closed_date closure_reason",
		"housing_status": "person_key housing_status from_date to_date",
		"need":           "person_key assessed_date need_type need_level",
		"support":        "person_key support_date is_achieved",
		"assessment":     "assessment_key person_key wave instrument due_date done_date item_1 item_2 item_3 item_4 item_5 item_6 item_7",
		"contact":        "person_key period_start period_end contact_type contacts information_source",
		"control_totals": "feed total",
	} {
		feeds[contract] = &feed{columns: append([]string{"body_code", "extract_date"}, strings.Fields(columns)...)}
	}
	add := func(contract string, values ...any) {
		for i, value := range values {
			if day, is := value.(time.Time); is {
				values[i] = day.Format(time.DateOnly)
			}
		}
		feeds[contract].rows = append(feeds[contract].rows, append([]any{"ours", thisExtract}, values...))
	}
	keys := 0
	key := func() string {
		keys++
		return fmt.Sprintf("00000000-0000-0000-0000-%012d", keys)
	}
	extract := time.Date(2025, time.May, 31, 0, 0, 0, 0, time.UTC)
	for range 240 {
		person, referred := key(), time.Date(2021, time.May, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, dice.IntN(1200))
		add("person", person, referred, []any{"25-34", "35-44"}[dice.IntN(2)], "F")
		if dice.IntN(5) == 0 {
			add("referral", key(), person, referred, "DECLINED", referred, "PRISON", "E08000012")
			continue
		}
		add("referral", key(), person, referred, "ACCEPTED", referred.AddDate(0, 0, 9), "PRISON", []any{"E08000012", "E08000014"}[dice.IntN(2)])
		add("need", person, referred, "DEBT", []any{"HIGH", nil}[dice.IntN(2)])
		add("housing_status", person, "ROUGH_SLEEPING", referred.AddDate(-1, 0, 0), referred)
		housed, days := referred.AddDate(0, 0, 20+dice.IntN(200)), 30+dice.IntN(1400)
		end := housed.AddDate(0, 0, days)
		add("support", person, housed.AddDate(0, 0, dice.IntN(400)), true)
		for wave, due := range map[string]time.Time{"BASELINE": referred, "12": housed.AddDate(1, 0, 0)} {
			items, done := make([]any, 7), any(due)
			for i := range items {
				items[i] = 1 + dice.IntN(5)
			}
			if dice.IntN(6) == 0 {
				items, done = make([]any, 7), nil
			}
			add("assessment", append([]any{key(), person, wave, "SWEMWBS", due, done}, items...)...)
		}
		switch found := dice.IntN(20); {
		case found == 0:
		case found == 1: // a home of one's own
			add("housing_status", person, "OWN_TENANCY", housed, nil)
		case found == 2:
			add("tenancy", key(), person, housed, nil, "CLOSED", nil, "COUNCIL")
		case end.After(extract):
			add("tenancy", key(), person, housed, nil, "OPEN", nil, "COUNCIL")
		default:
			add("tenancy", key(), person, housed, end, "CLOSED", []any{"EVICTION", "PLANNED_MOVE", "ABANDONMENT", "DECEASED"}[dice.IntN(4)], "COUNCIL")
			if dice.IntN(3) == 0 {
				add("housing_status", person, "OWN_TENANCY", end.AddDate(0, 0, 5), nil)
			}
		}
		if dice.IntN(4) == 0 {
			add("closure", person, housed.AddDate(0, 0, dice.IntN(300)), []any{"GRADUATED", "DECEASED"}[dice.IntN(2)])
		}
		add("contact", person, housed.AddDate(0, 0, -365), housed.AddDate(0, 0, -1), "ARRESTS", dice.IntN(9), "SELF_REPORT")
		add("contact", person, housed, housed.AddDate(0, 0, 364), "ARRESTS", dice.IntN(5), "SELF_REPORT")
	}
	return feeds
}

// made are the models of the pipeline, each after those that it is made of.
func made() []string {
	return []string{
		"stage.survival_landmarks", "stage.hf_calendar", "stage.hf_supplies", "stage.hf_persons", "stage.hf_referrals", "stage.hf_closures",
		"stage.hf_last_contacts", "stage.hf_tenancies", "stage.hf_spells", "stage.hf_cases", "stage.hf_episodes", "stage.hf_curves", "stage.hf_landmarks",
		"stage.hf_scores", "stage.hf_contacts", "stage.hf_changes", "stage.hf_paired", "stage.hf_field_supplies", "stage.hf_fields",
		"stage.hf_years", "stage.housing_first_open_points",
		"housing_first.sustainment", "housing_first.spell_sustainment", "housing_first.time_to_housed", "housing_first.contact_rates",
		"housing_first.outcome_changes", "housing_first.record_completeness", "housing_first.outcomes", "housing_first.impact_inputs",
		"stage.housing_first_indicator_figures",
	}
}

// told are all figures of Housing First that can be made of what was sent.
func told(r *rehearsal.Rehearsal, feeds map[string]*feed) map[string]rehearsal.Figure {
	for contract, f := range feeds {
		r.Give("raw.housingfirst_"+contract, f.columns, f.rows)
	}
	r.Make(made()...)
	figures := map[string]rehearsal.Figure{}
	for _, relation := range made() {
		if strings.HasPrefix(relation, "housing_first.") || relation == "stage.housing_first_indicator_figures" {
			maps.Copy(figures, r.Figures(relation, map[string]map[string]string{
				"housing_first.record_completeness":     {"": "fields_without"},
				"housing_first.outcomes":                {"record_completeness_share": "record_completeness_without"},
				"stage.housing_first_indicator_figures": {"": "figure_basis"},
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

// stage is where the service is rehearsed.
func stage(t *testing.T) *rehearsal.Rehearsal {
	t.Helper()
	r := rehearsal.New(t, socialvalue.Assets, made()...)
	r.Give("site.settings", []string{"financial_year_start_month", "financial_year_start_day"}, [][]any{{4, 1}})
	r.Give("site.bodies", []string{"body_code", "body_name", "role"}, [][]any{{"ours", "Authority", "authority"}})
	r.Give("stage.indicator_years", []string{"financial_year"}, [][]any{{"2021-22"}, {"2022-23"}, {"2023-24"}, {"2024-25"}})
	return r
}

// Framework 3.6: a feed that is absent is a normal state. What is made of it has that reason or is not there, and no other
// figure moves.
func TestAFeedThatNeverCameMovesNoFigure(t *testing.T) {
	t.Parallel()
	r := stage(t)
	feeds := service(rand.New(rand.NewPCG(11, 4)))
	whole := told(r, feeds)
	for what, atLeast := range map[string]int{
		"housing_first.sustainment ours": 200, "spell_sustainment": 200, "time_to_housed": 50, "contact_rates": 3, "outcome_changes": 20,
		"record_completeness": 50, "impact_inputs": 3, "2023-24 all all housed_share": 1, " SP11 ": 1, " SP12 ": 4, " SP13 ": 2, " SP14 ": 2,
	} {
		if n := telling(whole, what); n < atLeast {
			t.Errorf("%d figures of %s: the test shows too little", n, what)
		}
	}
	// What nothing at all is told of, without the contract.
	for contract, gone := range map[string][]string{
		"person":         {" age_band ", " person.sex "},
		"referral":       {"housing_first.outcomes", "time_to_housed", " service_district ", " SP12 "},
		"tenancy":        {"housing_first.sustainment", "spell_sustainment", "time_to_housed", " started", "2023-24 all all housed_share", " SP11 ", " SP12 coverage housed"},
		"closure":        {"housing_first.sustainment", "spell_sustainment", "time_to_housed", " active", "2023-24 all all housed", "record_completeness", " SP11 ", " SP14 "},
		"housing_status": {"spell_sustainment", "2023-24 all all housed_share", " housing_status.status "},
		"need":           {" need.need_level "},
		"support":        {"housing_first.sustainment", "2023-24 all all housed_share", " support.contact "},
		"assessment":     {"outcome_changes ours 2023-24 swemwbs", "swemwbs_change", " assessment.baseline ", " SP13 "},
		"contact":        {"contact_rates", "impact_inputs"},
	} {
		less := maps.Clone(feeds)
		less[contract] = &feed{columns: feeds[contract].columns}
		figures := told(r, less)
		if moved := rehearsal.Moved(whole, figures); len(moved) > 0 {
			t.Errorf("without %s %d figures moved, for example\n  %s", contract, len(moved), strings.Join(moved[:min(5, len(moved))], "\n  "))
		}
		for _, what := range gone {
			if n := telling(figures, what); n > 0 {
				t.Errorf("without %s %d figures of %s are told", contract, n, what)
			}
		}
		if n := telling(figures, ""); n < 20 {
			t.Errorf("without %s %d figures are left", contract, n)
		}
	}
}

// A feed that is late holds the others back: the last whole extract stands. When it comes, all that was sent counts.
func TestALateFeedLeavesTheLastWholeExtract(t *testing.T) {
	t.Parallel()
	r := stage(t)
	feeds := service(rand.New(rand.NewPCG(12, 4)))
	whole := told(r, feeds)
	next := map[string]*feed{}
	for contract, f := range feeds {
		next[contract] = &feed{columns: f.columns, rows: slices.Clone(f.rows)}
		for i, row := range f.rows {
			if later := slices.Clone(row); i%3 > 0 {
				later[1] = nextExtract
				next[contract].rows = append(next[contract].rows, later)
			}
		}
	}
	for _, late := range []string{"person", "referral", "tenancy", "closure"} {
		partly := maps.Clone(next)
		partly[late] = feeds[late]
		figures := told(r, partly)
		if moved := rehearsal.Moved(whole, figures); len(moved) > 0 || len(figures) != len(whole) {
			t.Errorf("while %s is late %d of %d figures moved to %d, for example %s", late, len(moved), len(whole), len(figures), strings.Join(moved[:min(5, len(moved))], "\n"))
		}
	}
	if moved := rehearsal.Moved(whole, told(r, next)); len(moved) == 0 {
		t.Error("a whole extract moves nothing")
	}
}

// A file without lines leaves no trace: that nobody's case was closed is said by a total of nought.
func TestNoClosingsAreSaid(t *testing.T) {
	t.Parallel()
	r := stage(t)
	feeds := service(rand.New(rand.NewPCG(13, 4)))
	feeds["closure"].rows = nil
	if n := telling(told(r, feeds), "2023-24 all all housed_share"); n != 0 {
		t.Errorf("%d shares of people housed without a word on closings", n)
	}
	feeds["control_totals"].rows = [][]any{{"ours", thisExtract, "closure", 0}}
	if n := telling(told(r, feeds), "2023-24 all all housed_share"); n == 0 {
		t.Error("no share of people housed, though no case was closed")
	}
}
