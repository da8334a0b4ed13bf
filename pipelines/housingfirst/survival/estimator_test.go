package survival_test

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"socialvalue/internal/estimator"
	"socialvalue/pipelines/housingfirst/survival"
)

// vector reads a file of testdata, without its line of origin.
func vector(t *testing.T, name string) []map[string]string {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	reader := csv.NewReader(file)
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]string
	for _, row := range rows[1:] {
		record := map[string]string{}
		for i, column := range rows[0] {
			record[column] = row[i]
		}
		all = append(all, record)
	}
	return all
}

func parsed(t *testing.T, text string) float64 {
	t.Helper()
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// dataset are the people of km_input.csv, its groups being those of a breakdown.
func dataset(t *testing.T, name string) []followed {
	t.Helper()
	var rows []followed
	for _, r := range vector(t, "km_input.csv") {
		if r["dataset"] == name {
			rows = append(rows, followed{group: r["group"], days: int64(parsed(t, r["time"])), outcome: map[string]string{"1": "event", "0": "censored"}[r["event"]]})
		}
	}
	return grouped(rows)
}

func TestVectorKMExpectedBySteps(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, name := range []string{"aml", "leukemia_6mp"} {
		got := map[string]result{}
		for _, r := range mustRun(t, survival.Curve{}, dataset(t, name)) {
			got[fmt.Sprint(r.texts["breakdown_value"], r.numbers["time_days"])] = r
		}
		for _, want := range vector(t, "km_expected.csv") {
			if want["dataset"] != name || want["group"] == "all" {
				continue
			}
			r := got[want["group"]+want["time"]]
			checked++
			for column, as := range map[string]string{"n_risk": "at_risk", "n_event": "events", "n_censor": "censored", "survival": "survival", "greenwood_se": "std_error", "loglog_lo95": "ci_low", "loglog_hi95": "ci_high"} {
				if want[column] == "" {
					null(t, r, as)
					continue
				}
				number(t, r, as, parsed(t, want[column]))
			}
		}
	}
	if checked != 48 {
		t.Errorf("%d steps, want 48", checked)
	}
}

func TestVectorKMSummaryByTests(t *testing.T) {
	t.Parallel()
	for _, want := range vector(t, "km_summary.csv") {
		names, is := strings.CutPrefix(want["group_or_test"], "logrank ")
		if !is {
			continue
		}
		first, _, _ := strings.Cut(names, " v ")
		for _, r := range mustRun(t, survival.Tests{}, dataset(t, want["dataset"])) {
			// Of two groups both have the same statistic.
			if chi := parsed(t, strings.TrimPrefix(want["median_or_chisq"], "chisq=")); math.Abs(r.numbers["chi_squared"]-chi) > 5e-7 {
				t.Errorf("%s: %v, want %v", names, r.numbers["chi_squared"], chi)
			}
			if r.texts["breakdown_value"] == first {
				if parts := strings.Fields(want["rmst_to_20_or_parts"]); math.Abs(r.numbers["expected"]-parsed(t, strings.TrimPrefix(parts[1], "E="))) > 5e-7 {
					t.Errorf("%s: expected %v", names, r.numbers["expected"])
				}
			}
		}
	}
}

func someEpisodes(t *rapid.T) []followed {
	return grouped(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) followed {
		days := int64(rapid.IntRange(0, 900).Draw(t, "days"))
		return followed{
			group: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "group"), days: days, months: float64(days) / 30.4375,
			followed: days + int64(rapid.IntRange(0, 400).Draw(t, "more")), outcome: rapid.SampledFrom([]string{"event", "competing", "unknown", "censored"}).Draw(t, "outcome"),
		}
	}), 1, 50).Draw(t, "people"))
}

func TestOrderOfPeopleDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := someEpisodes(t)
		again := grouped(rapid.Permutation(rows).Draw(t, "in another order"))
		for name, e := range map[string]estimator.Estimator{"curve": survival.Curve{}, "landmarks": survival.Landmarks{}, "tests": survival.Tests{}} {
			var landmarks []int64
			if name == "landmarks" {
				landmarks = []int64{183, 365, 730}
			}
			first, err := run(t.Context(), e, rows, landmarks...)
			if err != nil {
				t.Fatal(err)
			}
			second, err := run(t.Context(), e, again, landmarks...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(first, second, cmp.AllowUnexported(result{})); diff != "" {
				t.Fatalf("%s: %s", name, diff)
			}
		}
	})
}

// The same people in a later extract: what was said of the time that all had been followed for stays.
func TestALongerFollowUpNeverShortensTheCurveBeforeIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		long := someEpisodes(t)
		short := make([]followed, len(long))
		for i, r := range long {
			if short[i] = r; r.days > 365 {
				short[i].days, short[i].months, short[i].outcome = 365, 365/30.4375, "censored"
			}
		}
		before, err := run(t.Context(), survival.Landmarks{}, short, 183, 365)
		if err != nil {
			t.Fatal(err)
		}
		after, err := run(t.Context(), survival.Landmarks{}, long, 183, 365)
		if err != nil {
			t.Fatal(err)
		}
		for i := range before {
			for _, column := range []string{"at_risk", "events", "survival", "std_error", "ci_low", "one_minus_cif", "rmst_days", "survival_if_unknown_ended"} {
				value, known := before[i].numbers[column]
				if later, still := after[i].numbers[column]; known && (!still || math.Abs(later-value) > 1e-12) {
					t.Fatalf("%s was %v and is %v", column, value, later)
				}
			}
		}
	})
}

func TestInputsThatAreNone(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string][]followed{
		"negative":        {{days: -1, outcome: "event"}, {outcome: "event"}},
		"no such outcome": {{outcome: "evicted"}, {outcome: "event"}},
		"torn apart":      {{group: "a", outcome: "event"}, {group: "b", outcome: "event"}, {group: "a", outcome: "event"}},
	} {
		if _, err := run(t.Context(), survival.Curve{}, rows); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if _, err := run(t.Context(), survival.Curve{}, homes(2), 365); err == nil {
		t.Error("an input too many was taken")
	}
	if _, err := run(t.Context(), survival.Landmarks{}, homes(2)); err == nil {
		t.Error("an input too few was taken")
	}
	results, err := run(t.Context(), survival.Curve{}, nil)
	if err != nil || len(results) != 0 {
		t.Errorf("of nobody: %v, %v", results, err)
	}
	if r := mustRun(t, survival.Tests{}, homes(4)); len(r) != 0 {
		t.Errorf("one group was compared with nothing: %v", r)
	}
	if r := mustRun(t, survival.Tests{}, grouped([]followed{{group: "a", days: 5, outcome: "censored"}, {group: "b", days: 9, outcome: "censored"}})); r[0].texts["null_reason"] != "no_event_to_compare" {
		t.Errorf("without an event: %v", r)
	}
}
