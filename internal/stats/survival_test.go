package stats_test

import (
	"encoding/csv"
	"errors"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"socialvalue/internal/stats"
)

// The vectors: testdata/km_input.csv holds two published data sets, km_expected.csv every step of their curves with what R
// prints, km_summary.csv medians, restricted means and log-rank tests.

// records are the rows of a vector file by the names of its columns.
func records(t *testing.T, name string) []map[string]string {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	reader := csv.NewReader(file)
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%s has %d rows: %v", name, len(rows), err)
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

func number(t *testing.T, text string) float64 {
	t.Helper()
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// groupsOf are the people of km_input.csv by data set and group; the group "all" is everybody of a set.
func groupsOf(t *testing.T) map[string][]stats.Followed {
	t.Helper()
	groups := map[string][]stats.Followed{}
	for _, r := range records(t, "km_input.csv") {
		ending := stats.Censored
		if r["event"] == "1" {
			ending = stats.Event
		}
		one := stats.Followed{Time: number(t, r["time"]), Ending: ending}
		for _, group := range []string{r["group"], "all"} {
			groups[r["dataset"]+" "+group] = append(groups[r["dataset"]+" "+group], one)
		}
	}
	return groups
}

func TestVectorKMExpected(t *testing.T) {
	t.Parallel()
	groups, rows := groupsOf(t), records(t, "km_expected.csv")
	if len(rows) != 66 {
		t.Fatalf("%d steps, want 66", len(rows))
	}
	steps := map[string]int{}
	for _, r := range rows {
		key := r["dataset"] + " " + r["group"]
		curve := must[stats.Curve](t)(stats.KaplanMeier(groups[key]))
		step := curve.Steps[steps[key]]
		steps[key]++
		what := key + " at " + r["time"]
		near(t, what+", time", step.Time, number(t, r["time"]), 0)
		near(t, what+", at risk", float64(step.AtRisk), number(t, r["n_risk"]), 0)
		near(t, what+", events", float64(step.Events), number(t, r["n_event"]), 0)
		near(t, what+", censored", float64(step.Censored), number(t, r["n_censor"]), 0)
		near(t, what+", survival", step.Survival, number(t, r["survival"]), digits)
		near(t, what+", hazard", step.Hazard, number(t, r["nelson_aalen"]), digits)
		checkSpread(t, what, step, r)
		checkPrinted(t, what, step, r)
	}
	for key, n := range steps {
		if got := len(must[stats.Curve](t)(stats.KaplanMeier(groups[key])).Steps); got != n {
			t.Errorf("%s has %d steps, want %d", key, got, n)
		}
	}
}

// checkSpread holds error and intervals to the vector; blank there is not defined here (B-12).
func checkSpread(t *testing.T, what string, step stats.Step, r map[string]string) {
	t.Helper()
	se, err := step.StdErr()
	if r["greenwood_se"] == "" {
		if !errors.Is(err, stats.ErrZeroBase) {
			t.Errorf("%s has a standard error: %v, %v", what, se, err)
		}
	} else {
		near(t, what+", error", se, number(t, r["greenwood_se"]), digits)
	}
	for scale, column := range map[stats.Scale]string{stats.Plain: "plain", stats.Log: "log", stats.LogLog: "loglog"} {
		interval, err := step.Interval(scale, 0.95)
		if r[column+"_lo95"] == "" {
			if !errors.Is(err, stats.ErrZeroBase) {
				t.Errorf("%s has an interval %s: %v, %v", what, column, interval, err)
			}
			continue
		}
		nearInterval(t, what+", "+column, interval, [2]float64{number(t, r[column+"_lo95"]), number(t, r[column+"_hi95"])}, digits)
	}
}

// checkPrinted holds what R printed to as many digits as it printed.
func checkPrinted(t *testing.T, what string, step stats.Step, r map[string]string) {
	t.Helper()
	se, _ := step.StdErr()
	interval, _ := step.Interval(stats.Log, 0.95)
	for column, value := range map[string]float64{"r_survival": step.Survival, "r_std_err": se, "r_log_lo95": interval.Low, "r_log_hi95": interval.High} {
		printed := r[column]
		if printed == "" || printed == "NaN" || printed == "NA" {
			continue
		}
		_, decimals, _ := strings.Cut(printed, ".")
		if math.Abs(value-number(t, printed)) > 0.5000001*math.Pow10(-len(decimals)) {
			t.Errorf("%s, %s is %.6f, R prints %s", what, column, value, printed)
		}
	}
}

func TestVectorKMSummary(t *testing.T) {
	t.Parallel()
	groups := groupsOf(t)
	for _, r := range records(t, "km_summary.csv") {
		if names, is := strings.CutPrefix(r["group_or_test"], "logrank "); is {
			a, b, _ := strings.Cut(names, " v ")
			test := must[stats.LogRankTest](t)(stats.LogRank(groups[r["dataset"]+" "+a], groups[r["dataset"]+" "+b]))
			near(t, names, test.ChiSquared, number(t, strings.TrimPrefix(r["median_or_chisq"], "chisq=")), 5e-7)
			parts := strings.Fields(r["rmst_to_20_or_parts"])
			near(t, names+", observed", test.Observed, number(t, strings.TrimPrefix(parts[0], "O=")), 0)
			near(t, names+", expected", test.Expected, number(t, strings.TrimPrefix(parts[1], "E=")), 5e-7)
			near(t, names+", variance", test.Variance, number(t, strings.TrimPrefix(parts[2], "V=")), 5e-7)
			continue
		}
		key := r["dataset"] + " " + r["group_or_test"]
		curve, events := must[stats.Curve](t)(stats.KaplanMeier(groups[key])), 0
		for _, step := range curve.Steps {
			events += step.Events
		}
		near(t, key+", people", float64(curve.People), number(t, r["n"]), 0)
		near(t, key+", events", float64(events), number(t, r["events"]), 0)
		near(t, key+", median", must[float64](t)(curve.Median()), number(t, r["median_or_chisq"]), 0)
		near(t, key+", restricted mean", must[float64](t)(curve.RestrictedMean(20)), number(t, r["rmst_to_20_or_parts"]), 5e-7)
	}
}

// R 4.2, survdiff(Surv(time, status) ~ x, aml): 3.4 on one degree of freedom, p = 0.07.
func TestLogRankPrintsWhatRPrints(t *testing.T) {
	t.Parallel()
	groups := groupsOf(t)
	test := must[stats.LogRankTest](t)(stats.LogRank(groups["aml Maintained"], groups["aml Nonmaintained"]))
	near(t, "chi squared", test.ChiSquared, 3.4, 0.05)
	near(t, "p", test.P, 0.07, 0.005)
}

func TestEventBeforeCensoringOfTheSameDay(t *testing.T) {
	t.Parallel()
	// B-11: aml, time 13.
	step := must[stats.Step](t)(must[stats.Curve](t)(stats.KaplanMeier(groupsOf(t)["aml Maintained"])).At(13))
	if step.AtRisk != 10 || step.Events != 1 || step.Censored != 1 {
		t.Errorf("at 13 %+v", step)
	}
}

func TestCurveAtATime(t *testing.T) {
	t.Parallel()
	curve := must[stats.Curve](t)(stats.KaplanMeier([]stats.Followed{{0, stats.Censored}, {10, stats.Event}, {20, stats.Censored}, {30, stats.Censored}}))
	for _, want := range []struct {
		time, survival float64
		atRisk         int
	}{{0, 1, 4}, {5, 1, 3}, {9.9, 1, 3}, {10, 2.0 / 3, 3}, {10.1, 2.0 / 3, 2}, {20, 2.0 / 3, 2}, {21, 2.0 / 3, 1}, {30, 2.0 / 3, 1}} {
		step := must[stats.Step](t)(curve.At(want.time))
		if step.AtRisk != want.atRisk || math.Abs(step.Survival-want.survival) > 1e-15 {
			t.Errorf("at %v: %d at risk, survival %v; want %d and %v", want.time, step.AtRisk, step.Survival, want.atRisk, want.survival)
		}
	}
	if _, err := curve.At(31); !errors.Is(err, stats.ErrEmpty) {
		t.Errorf("after the last day: %v", err)
	}
	if _, err := curve.RestrictedMean(31); !errors.Is(err, stats.ErrEmpty) {
		t.Errorf("mean after the last day: %v", err)
	}
	near(t, "restricted mean", must[float64](t)(curve.RestrictedMean(25)), 10+15*2.0/3, 1e-12)
	if _, err := curve.Median(); !errors.Is(err, stats.ErrEmpty) {
		t.Errorf("a median that was not reached: %v", err)
	}
}

// B-13: no failure at all. Survival 1, error 0, no interval, and the rule of three beside it.
func TestNoFailures(t *testing.T) {
	t.Parallel()
	step := must[stats.Step](t)(must[stats.Curve](t)(stats.KaplanMeier([]stats.Followed{{5, stats.Censored}, {9, stats.Censored}})).At(9))
	near(t, "survival", step.Survival, 1, 0)
	near(t, "error", must[float64](t)(step.StdErr()), 0, 0)
	if _, err := step.Interval(stats.LogLog, 0.95); !errors.Is(err, stats.ErrZeroBase) {
		t.Errorf("interval: %v", err)
	}
	near(t, "bound of 20", must[float64](t)(stats.RuleOfThree(20)), 0.85, 1e-15)
	near(t, "bound of 2", must[float64](t)(stats.RuleOfThree(2)), 0, 0)
}

func TestSurvivalRefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		people []stats.Followed
		err    error
	}{
		"nobody":        {nil, stats.ErrEmpty},
		"before it was": {[]stats.Followed{{-1, stats.Event}}, stats.ErrRange},
		"for ever":      {[]stats.Followed{{math.Inf(1), stats.Event}}, stats.ErrNotFinite},
		"no number":     {[]stats.Followed{{math.NaN(), stats.Event}}, stats.ErrNotFinite},
		"no ending":     {[]stats.Followed{{1, 7}}, stats.ErrRange},
	} {
		if _, err := stats.KaplanMeier(want.people); !errors.Is(err, want.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	one := []stats.Followed{{1, stats.Event}}
	if _, err := stats.LogRank(one, nil); !errors.Is(err, stats.ErrEmpty) {
		t.Errorf("against nobody: %v", err)
	}
	if _, err := stats.LogRank(one, []stats.Followed{{0.5, stats.Censored}}); !errors.Is(err, stats.ErrZeroBase) {
		t.Errorf("no common event: %v", err)
	}
}

// someTime draws people on few days, so that several end on one.
func someTime(t *rapid.T, name string) []stats.Followed {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) stats.Followed {
		return stats.Followed{
			Time:   float64(rapid.IntRange(0, 25).Draw(t, "days")),
			Ending: rapid.SampledFrom([]stats.Ending{stats.Censored, stats.Event, stats.Competing}).Draw(t, "ending"),
		}
	}), 1, 60).Draw(t, name)
}

func curveOf(t *rapid.T, people []stats.Followed) stats.Curve {
	curve, err := stats.KaplanMeier(people)
	if err != nil {
		t.Fatal(err)
	}
	return curve
}

func TestOrderOfPeopleDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		people := someTime(t, "people")
		again := rapid.Permutation(people).Draw(t, "in another order")
		if diff := cmp.Diff(curveOf(t, people), curveOf(t, again), cmp.AllowUnexported(stats.Step{})); diff != "" {
			t.Fatal(diff)
		}
		others := someTime(t, "others")
		a, errA := stats.LogRank(people, others)
		b, errB := stats.LogRank(again, rapid.Permutation(others).Draw(t, "others in another order"))
		if a != b || (errA == nil) != (errB == nil) {
			t.Fatalf("%+v, %v; in another order %+v, %v", a, errA, b, errB)
		}
	})
}

// The same people observed for longer: what the curve said of the time before stays word for word.
func TestALongerFollowUpNeverShortensACurveBeforeIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		long := someTime(t, "people")
		until := float64(rapid.IntRange(0, 25).Draw(t, "first look"))
		short := make([]stats.Followed, len(long))
		for i, p := range long {
			if short[i] = p; p.Time > until {
				short[i] = stats.Followed{Time: until, Ending: stats.Censored}
			}
		}
		before, after := curveOf(t, short), curveOf(t, long)
		for day := 0.0; day <= until; day++ {
			first, err := before.At(day)
			if err != nil {
				continue
			}
			second, err := after.At(day)
			if err != nil {
				t.Fatalf("on day %v the longer follow-up knows nothing: %v", day, err)
			}
			first.Censored, second.Censored = 0, 0 // on the day of the first look everybody is
			if diff := cmp.Diff(first, second, cmp.AllowUnexported(stats.Step{})); diff != "" {
				t.Fatalf("on day %v: %s", day, diff)
			}
		}
	})
}

// A second calculation in plain loops over days, and what must hold of any curve.
func TestCurveAgreesWithASecondCalculation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		people := someTime(t, "people")
		curve := curveOf(t, people)
		survival, free, incidence, area := 1.0, 1.0, 0.0, 0.0
		for day := 0.0; day <= 25; day++ {
			n, d, other := 0.0, 0.0, 0.0
			for _, p := range people {
				if p.Time >= day {
					n++
				}
				if p.Time == day && p.Ending == stats.Event {
					d++
				}
				if p.Time == day && p.Ending == stats.Competing {
					other++
				}
			}
			mean, meanErr := curve.RestrictedMean(day)
			if n > 0 {
				survival *= 1 - d/n
				incidence += free * d / n
				free *= 1 - (d+other)/n
			}
			step, err := curve.At(day)
			if n == 0 && survival > 0 {
				if err == nil || meanErr == nil {
					t.Fatalf("day %v is after everybody, and has %+v", day, step)
				}
				return
			}
			if err != nil || meanErr != nil {
				t.Fatal(err, meanErr)
			}
			if math.Abs(step.Survival-survival) > 1e-12 || math.Abs(step.Incidence-incidence) > 1e-12 || float64(step.AtRisk) != n || math.Abs(mean-area) > 1e-9 {
				t.Fatalf("day %v: %+v, mean %v; by the second calculation survival %v, incidence %v, %v at risk, area %v", day, step, mean, survival, incidence, n, area)
			}
			// Where others can end it first, one minus the curve says too much of the event.
			if step.Incidence > 1-step.Survival+1e-12 {
				t.Fatalf("day %v: incidence %v, one minus survival %v", day, step.Incidence, 1-step.Survival)
			}
			if interval, err := step.Interval(stats.LogLog, 0.95); err == nil && (!(interval.Low >= 0 && interval.High <= 1) || !interval.Contains(step.Survival)) {
				t.Fatalf("day %v: %v in %v", day, step.Survival, interval)
			}
			area += survival
		}
	})
}
