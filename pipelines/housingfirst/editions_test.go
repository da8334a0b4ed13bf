//go:build duckdb_arrow

package housingfirst_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue"
	"socialvalue/internal/disclosure/attack"
	"socialvalue/internal/disclosure/rehearsal"
)

// Neither the order in which people stand in an extract nor their keys move a figure.
func TestOrderOfPeopleMovesNoOpenFigure(t *testing.T) {
	t.Parallel()
	r := rehearse(t)
	dice := rand.New(rand.NewPCG(7, 1))
	people := tenants(dice)
	extract := time.Date(2025, time.May, 31, 0, 0, 0, 0, time.UTC)
	figures := func() []rehearsal.Row {
		sustainment, curve := open(t, r, people, extract)
		return append(r.Rows(sustainment, "true", "cohort", "landmark_label", "people", "at_risk", "events", "survival", "ci_low", "ci_high", "withheld"),
			r.Rows(curve, "true", "cohort", "landmark_label", "people", "at_risk", "events_so_far", "survival", "ci_low", "ci_high", "withheld")...)
	}
	first := figures()
	for range 3 {
		dice.Shuffle(len(people), func(i, k int) { people[i], people[k] = people[k], people[i] })
		if diff := cmp.Diff(first, figures()); diff != "" {
			t.Fatalf("open figures (-first order +another):\n%s", diff)
		}
	}
}

// A year that was told stays as it was told: another year of follow-up moves no point that was final (B4), so two editions
// cannot be subtracted.
func TestALaterExtractMovesNoFinalPoint(t *testing.T) {
	t.Parallel()
	r := rehearse(t)
	people := tenants(rand.New(rand.NewPCG(3, 1)))
	final := func(extract time.Time) map[string]rehearsal.Row {
		open(t, r, people, extract)
		found := map[string]rehearsal.Row{}
		for _, row := range r.Rows("stage.housing_first_open_points", "is_final and cohort <> 'all'", "cohort", "landmark_label", "financial_year", "people", "at_risk", "events", "survival", "is_shown") {
			found[row["cohort"]+" "+row["landmark_label"]] = row
		}
		return found
	}
	early := final(time.Date(2024, time.May, 31, 0, 0, 0, 0, time.UTC))
	late := final(time.Date(2025, time.May, 31, 0, 0, 0, 0, time.UTC))
	if len(early) < 8 || len(late) <= len(early) {
		t.Fatalf("%d final points, %d a year later", len(early), len(late))
	}
	for name, row := range early {
		// A day between landmarks waits for the one after it.
		if strings.HasPrefix(row["landmark_label"], "18") || strings.HasPrefix(row["landmark_label"], "30") {
			delete(row, "is_shown")
			delete(late[name], "is_shown")
		}
		if diff := cmp.Diff(row, late[name]); diff != "" {
			t.Errorf("%s (-first extract +a year later):\n%s", name, diff)
		}
	}
}

// A year later all years together have moved by those who came and those who were followed further. Whoever has both editions can
// tell neither, while they are few.
func TestNoSmallNumberFollowsFromTwoEditions(t *testing.T) {
	t.Parallel()
	r := rehearse(t)
	targets, both := 0, 0
	for seed := range uint64(12) {
		people := tenants(rand.New(rand.NewPCG(seed, 5)))
		s := attack.NewSystem()
		numbers, shownIn := map[string]map[string]float64{}, map[string]int{}
		for _, edition := range []string{"2024 ", "2025 "} {
			year := map[string]int{"2024 ": 2024, "2025 ": 2025}[edition]
			sustainment, curve := open(t, r, people, time.Date(year, time.May, 31, 0, 0, 0, 0, time.UTC))
			figures := shown(r, sustainment, curve)
			cohorts := r.Texts("select distinct cohort from stage.housing_first_open_points where cohort <> 'all' order by 1")
			tell(s, edition, cohorts, figures, 9)
			numbers[edition] = truth(r)
			for _, row := range figures {
				if _, told := row["survival"]; told && row["cohort"] == "all" {
					shownIn[row["landmark_label"]]++
				}
			}
		}
		grew := []string{"people all"}
		for _, label := range labels() {
			grew = append(grew, "lost all "+label)
		}
		for _, name := range grew { // nobody starts or loses a home less than a year before
			s.Between(0, math.Inf(1), attack.Term{V: s.Var("2025 " + name), By: 1}, attack.Term{V: s.Var("2024 " + name), By: -1})
		}
		for _, name := range grew {
			if numbers["2025 "][name]-numbers["2024 "][name] >= 10 {
				continue
			}
			targets++
			if shownIn[strings.TrimPrefix(name, "lost all ")] == 4 { // in both tables of both editions
				both++
			}
			low, high, err := s.Range(attack.Term{V: s.Var("2025 " + name), By: 1}, attack.Term{V: s.Var("2024 " + name), By: -1})
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if math.Floor(high+1e-6)-math.Ceil(low-1e-6)+1 < 10 {
				t.Errorf("seed %d: %s grew by %v, known to be %v to %v", seed, name, numbers["2025 "][name]-numbers["2024 "][name], low, high)
			}
		}
	}
	if targets < 8 || both < 3 {
		t.Errorf("%d small differences, %d of them of figures that both editions show: the test shows too little", targets, both)
	}
	t.Logf("%d small differences, %d of them of figures that both editions show", targets, both)
}

// What is shown is rounded, of enough people, and made of what is shown.
func TestOpenCurvesSayNoMoreThanTheyMay(t *testing.T) {
	t.Parallel()
	r := rehearse(t)
	people := tenants(rand.New(rand.NewPCG(2, 1)))
	sustainment, curve := open(t, r, people, time.Date(2025, time.May, 31, 0, 0, 0, 0, time.UTC))
	for name, question := range map[string]string{
		"counts are multiples of ten, and ten at the least": `select events from FORM where events % 10 <> 0 or people % 10 <> 0 or at_risk % 10 <> 0 or least(events, people, at_risk) < 10`,
		"shares are steps of five people, of all years ten": `select survival from FORM where survival <> open_survival(survival, PEOPLE) or survival is not null and people is null`,
		"the interval is made of what is shown":             `select ci_low from FORM where ci_low <> open_survival_low(survival, PEOPLE, at_risk, 1.959963984540) or ci_high <> open_survival_high(survival, PEOPLE, at_risk, 1.959963984540) or ci_low > survival or ci_high < survival`,
		"no part of the service":                            `select 1 from FORM where breakdown <> 'all'`,
		"nothing else over the same people":                 `select 1 from FORM where coalesce(std_error, rmst_days, median_days, one_minus_cif, survival_if_unknown_ended, survival_anniversary, unknown_ends, no_event_bound) is not null`,
	} {
		if found := r.Texts("select count(*)::varchar from (" + strings.NewReplacer("FORM", sustainment, "PEOPLE", "if(cohort = 'all', people / 2, people)").Replace(question) + ")"); found[0] != "0" {
			t.Errorf("%s: %s rows are not so", name, found[0])
		}
	}
	if found := r.Texts("select count(*)::varchar from " + curve + " where points <> 'half_years' or events is not null or censored is not null or std_error is not null"); found[0] != "0" {
		t.Errorf("%s rows of the open curve are of single days", found[0])
	}
	if found := r.Texts("select count(survival)::varchar from " + sustainment); found[0] == "0" {
		t.Error("nothing is shown: the test shows nothing")
	}
}

// Counts of Housing First follow policy B of the vector at every level: below ten withheld, to the nearest ten, half up; and a
// nought is withheld too, since it says something of each (methods, D6).
func TestVectorRoundingAndSuppression(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/rounding_suppression.csv")
	if err != nil {
		t.Fatal(err)
	}
	r := rehearsal.New(t, socialvalue.Assets, "housing_first.outcomes")
	var rows [][]any
	var want []string
	for i, row := range cells(t, data)[1:] {
		body := fmt.Sprintf("body %02d", i)
		rows = append(rows, []any{body, "2022-23", "all", "all", row[0], true})
		shown := row[4]
		if row[0] == "0" {
			shown = "c"
		}
		want = append(want, body+" "+shown)
	}
	if len(want) != 41 {
		t.Fatalf("%d rows, want 41", len(want))
	}
	r.Give("housing_first.outcomes", []string{"body_code", "financial_year", "breakdown", "breakdown_value", "referrals", "in_open_table"}, rows)
	form := r.Protect("housing_first.outcomes")["housing_first.outcomes"]
	got := r.Texts("select concat_ws(' ', body_code, coalesce(referrals::varchar, 'c')) from " + form + " order by 1")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("count as it is shown (-vector +open form):\n%s", diff)
	}
}
