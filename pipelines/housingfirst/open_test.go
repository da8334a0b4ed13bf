//go:build duckdb_arrow

package housingfirst_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"socialvalue"
	"socialvalue/internal/disclosure/attack"
	"socialvalue/internal/disclosure/rehearsal"
)

// tenant is somebody who had a home: since when, how it went, and for how long it would go on.
type tenant struct {
	cohort  string
	start   time.Time
	days    int
	outcome string
}

// points are the days of an open curve, by their labels.
func points() map[string]int {
	return map[string]int{"6 months": 183, "12 months": 365, "18 months": 548, "24 months": 730, "30 months": 913, "36 months": 1095}
}

// tenants draws people who started in four years, a large year beside a small one, and lose their home sooner or later.
func tenants(dice *rand.Rand) (people []tenant) {
	for year := 2020; year < 2024; year++ {
		began := time.Date(year, time.April, 1, 0, 0, 0, 0, time.UTC)
		mean := 300 + dice.Float64()*2500
		for range 5 + int(math.Pow(dice.Float64(), 2)*300) {
			one := tenant{
				cohort: fmt.Sprintf("%d-%02d", year, (year+1)%100), start: began.AddDate(0, 0, dice.IntN(365)), days: int(dice.ExpFloat64() * mean),
				outcome: []string{"event", "event", "event", "event", "censored", "censored", "competing", "unknown"}[dice.IntN(8)],
			}
			people = append(people, one)
		}
	}
	return people
}

// rehearse makes the open tables of people as an extract of a day would have them.
func rehearse(t *testing.T) *rehearsal.Rehearsal {
	t.Helper()
	return rehearsal.New(t, socialvalue.Assets, "stage.hf_curves", "stage.hf_landmarks", "stage.housing_first_open_points", "housing_first.sustainment", "housing_first.sustainment_curve")
}

func open(t *testing.T, r *rehearsal.Rehearsal, people []tenant, extract time.Time) (sustainment, curve string) {
	t.Helper()
	var episodes, marks, calendar [][]any
	for i, p := range people {
		followed := int(extract.Sub(p.start).Hours() / 24)
		if followed < 0 {
			continue
		}
		days, outcome := p.days, p.outcome
		if days > followed {
			days, outcome = followed, "censored"
		}
		for _, cohort := range []string{"all", p.cohort} {
			episodes = append(episodes, []any{"ours", "first_tenancy", cohort, "all", "all", fmt.Sprintf("00000000-0000-0000-0000-%012d", i), days, float64(days) / 30.4, followed, outcome})
		}
	}
	for months, days := range map[int]int{6: 183, 12: 365, 24: 730, 36: 1095} {
		marks = append(marks, []any{"first_tenancy", months, days})
	}
	for year := 2019; year < 2030; year++ {
		calendar = append(calendar, []any{fmt.Sprintf("%d-03-31", year+1), fmt.Sprintf("%d-%02d", year, (year+1)%100)})
	}
	r.Give("stage.hf_episodes", []string{"body_code", "measure", "cohort", "breakdown", "breakdown_value", "person_key", "time_days", "time_months", "followed_days", "outcome"}, episodes)
	r.Give("stage.survival_landmarks", []string{"measure", "landmark_months", "landmark_days"}, marks)
	r.Give("stage.hf_calendar", []string{"calendar_date", "financial_year"}, calendar)
	r.Give("stage.hf_cases", []string{"body_code", "person_key", "extract_date"}, [][]any{{"ours", "00000000-0000-0000-0000-000000000000", extract.Format(time.DateOnly)}})
	r.Give("site.settings", []string{"financial_year_start_month", "financial_year_start_day"}, [][]any{{4, 1}})
	r.Make("stage.hf_curves", "stage.hf_landmarks", "stage.housing_first_open_points", "housing_first.sustainment", "housing_first.sustainment_curve")
	r.Check("stage.housing_first_open_points")
	forms := r.Protect("housing_first.sustainment", "housing_first.sustainment_curve")
	return forms["housing_first.sustainment"], forms["housing_first.sustainment_curve"]
}

// shown are the figures that both open tables tell.
func shown(r *rehearsal.Rehearsal, sustainment, curve string) []rehearsal.Row {
	rows := r.Rows(sustainment, "survival is not null or people is not null", "cohort", "landmark_label", "people", "at_risk", "events", "survival")
	for _, row := range r.Rows(curve, "survival is not null or people is not null", "cohort", "landmark_label", "people", "at_risk", "events_so_far", "survival") {
		if events, told := row["events_so_far"]; told {
			row["events"] = events
		}
		rows = append(rows, row)
	}
	return rows
}

// truth are the numbers themselves, of all cohorts at all points.
func truth(r *rehearsal.Rehearsal) map[string]float64 {
	numbers := map[string]float64{}
	for _, row := range r.Rows("stage.housing_first_open_points", "true", "cohort", "landmark_label", "people", "at_risk", "events") {
		for column, name := range map[string]string{"people": "people " + row["cohort"], "at_risk": "at risk " + row["cohort"] + " " + row["landmark_label"], "events": "lost " + row["cohort"] + " " + row["landmark_label"]} {
			numbers[name], _ = row.Number(column)
		}
	}
	return numbers
}

func labels() []string {
	names := []string{}
	for name := range points() {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return points()[a] - points()[b] })
	return names
}

// system is what a reader can know: who lost a home by one day lost it by every later one, cohorts make all, and what is shown
// within so much of what is true.
func system(cohorts []string, figures []rehearsal.Row, slack float64) *attack.System {
	s := attack.NewSystem()
	tell(s, "", cohorts, figures, slack)
	return s
}

// tell adds an edition, whose numbers have names that begin so.
func tell(s *attack.System, edition string, cohorts []string, figures []rehearsal.Row, slack float64) {
	v := func(parts ...string) int { return s.Var(edition + strings.Join(parts, " ")) }
	atMost := func(small, large int) {
		s.Between(0, math.Inf(1), attack.Term{V: large, By: 1}, attack.Term{V: small, By: -1})
	}
	sum := func(what string) {
		terms := []attack.Term{{V: v(what, "all"), By: -1}}
		for _, cohort := range cohorts {
			terms = append(terms, attack.Term{V: v(what, cohort), By: 1})
		}
		s.Between(0, 0, terms...)
	}
	sum("people")
	for i, label := range labels() {
		sumAt := func(what string) {
			terms := []attack.Term{{V: v(what, "all", label), By: -1}}
			for _, cohort := range cohorts {
				terms = append(terms, attack.Term{V: v(what, cohort, label), By: 1})
			}
			s.Between(0, 0, terms...)
		}
		sumAt("lost")
		sumAt("at risk")
		for _, cohort := range append([]string{"all"}, cohorts...) {
			atMost(v("at risk", cohort, label), v("people", cohort))
			atMost(v("lost", cohort, label), v("people", cohort))
			if i > 0 {
				before := labels()[i-1]
				atMost(v("lost", cohort, before), v("lost", cohort, label))
				atMost(v("at risk", cohort, label), v("at risk", cohort, before))
				// Who lost a home before is not at risk any more.
				s.Between(0, math.Inf(1), attack.Term{V: v("people", cohort), By: 1}, attack.Term{V: v("lost", cohort, before), By: -1}, attack.Term{V: v("at risk", cohort, label), By: -1})
			}
		}
	}
	for _, row := range figures {
		cohort, label := row["cohort"], row["landmark_label"]
		for column, of := range map[string]int{"people": v("people", cohort), "at_risk": v("at risk", cohort, label), "events": v("lost", cohort, label)} {
			if number, told := row.Number(column); told {
				s.Between(number-slack, number+slack, attack.Term{V: of, By: 1})
			}
		}
		survival, told := row.Number("survival")
		people, _ := row.Number("people")
		if !told {
			continue
		}
		// Each loss takes at least one in all who started, and at most one in those still at risk at the end.
		half := 0.5 / steps(people, cohort)
		s.Between(math.Inf(-1), 0, attack.Term{V: v("lost", cohort, label), By: 1}, attack.Term{V: v("people", cohort), By: -(1 - survival + half)})
		most := -math.Log(math.Min(1, survival+half))
		s.Between(-most, math.Inf(1), attack.Term{V: v("lost", cohort, label), By: 1}, attack.Term{V: v("at risk", cohort, label), By: -most})
	}
}

func steps(people float64, cohort string) float64 {
	if cohort == "all" {
		people /= 2
	}
	switch {
	case people >= 500:
		return 100
	case people >= 250:
		return 50
	case people >= 100:
		return 20
	}
	return 10
}

// small are the numbers that nobody may find out: of people who started, who lost their home up to a day or between two, who
// did not; of one cohort, and of those that no table tells of together.
func small(cohorts []string, numbers map[string]float64, figures []rehearsal.Row) map[string][]string {
	targets := map[string][]string{} // what it is → names, the first less the others
	told := map[string]bool{}
	for _, row := range figures {
		told[row["cohort"]+" "+row["landmark_label"]] = true
	}
	add := func(what string, names ...string) {
		value := numbers[names[0]]
		for _, name := range names[1:] {
			value -= numbers[name]
		}
		if value < 10 {
			targets[fmt.Sprintf("%s (truly %v)", what, value)] = names
		}
	}
	for _, cohort := range append([]string{"all"}, cohorts...) {
		add("started in "+cohort, "people "+cohort)
		for i, label := range labels() {
			lost := "lost " + cohort + " " + label
			add(lost, lost)
			add("not "+lost, "people "+cohort, lost)
			for _, before := range labels()[:i] {
				add(lost+" after "+before, lost, "lost "+cohort+" "+before)
			}
		}
	}
	for _, label := range labels() {
		rest, people := []string{"lost all " + label}, []string{"people all"}
		for _, cohort := range cohorts {
			if told[cohort+" "+label] {
				rest, people = append(rest, "lost "+cohort+" "+label), append(people, "people "+cohort)
			}
		}
		if len(rest) > 1 && len(rest) <= len(cohorts) {
			add("lost in the other years by "+label, rest...)
			add("started in the other years", people...)
		}
	}
	return targets
}

// What is withheld cannot be worked out from the differences of cohorts, landmarks and the two open tables: every small number
// keeps ten values (methods, D6).
func TestNoSmallNumberFollowsFromTheOpenCurves(t *testing.T) {
	t.Parallel()
	r := rehearse(t)
	figuresSeen, cohortsSeen, between, targetsSeen, beaten := 0, 0, 0, 0, 0
	for seed := range uint64(40) {
		people := tenants(rand.New(rand.NewPCG(seed, 1)))
		sustainment, curve := open(t, r, people, time.Date(2025, time.May, 31, 0, 0, 0, 0, time.UTC))
		figures, numbers := shown(r, sustainment, curve), truth(r)
		cohorts := r.Texts("select distinct cohort from stage.housing_first_open_points where cohort <> 'all' order by 1")
		for _, row := range figures {
			figuresSeen++
			if row["cohort"] != "all" {
				cohortsSeen++
			}
			if row["landmark_label"] == "18 months" || row["landmark_label"] == "30 months" {
				between++
			}
		}
		targets := small(cohorts, numbers, figures)
		targetsSeen += len(targets)
		bounds := func(s *attack.System, names []string) (low, high float64) {
			terms := []attack.Term{{V: s.Var(names[0]), By: 1}}
			for _, name := range names[1:] {
				terms = append(terms, attack.Term{V: s.Var(name), By: -1})
			}
			low, high, err := s.Range(terms...)
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			return math.Ceil(low - 1e-6), math.Floor(high + 1e-6)
		}
		// For certain a count is one of those between its two neighbours; for one who takes it for the nearest, half of them.
		certain, nearest := system(cohorts, figures, 9), system(cohorts, figures, 5)
		for what, names := range targets {
			if low, high := bounds(certain, names); high-low+1 < 10 {
				t.Errorf("seed %d: %s is known to be %v to %v", seed, what, low, high)
			}
			if low, high := bounds(nearest, names); high-low < 5 {
				t.Errorf("seed %d: %s is as good as known to be %v to %v", seed, what, low, high)
			}
		}
		// The same attack on the exact numbers finds them.
		exact := r.Rows("stage.housing_first_open_points", "is_final", "cohort", "landmark_label", "people", "at_risk", "events")
		bare := system(cohorts, exact, 0)
		for _, names := range targets {
			if low, high := bounds(bare, names); low == high {
				beaten++
			}
		}
	}
	if figuresSeen < 30 || cohortsSeen < 8 || between < 2 || targetsSeen < 300 || beaten < 200 {
		t.Errorf("%d figures, %d of single years, %d between landmarks, %d small numbers, %d found in the internal form: the test shows too little", figuresSeen, cohortsSeen, between, targetsSeen, beaten)
	}
	t.Logf("%d figures, %d of single years, %d between landmarks; %d small numbers, %d of them found in the internal form", figuresSeen, cohortsSeen, between, targetsSeen, beaten)
}
