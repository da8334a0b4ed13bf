package survival_test

import (
	"math"
	"testing"

	"socialvalue/pipelines/housingfirst/survival"
)

// The edge cases of methods F, rows B, that concern the curve. Those of files, tenancies and scores are unit tests of the
// models (svw test), and tests of the pipeline.

// homes are tenancies of which nothing is out of the ordinary: so many open after 1500 days.
func homes(n int) []followed {
	var rows []followed
	for range n {
		rows = append(rows, followed{days: 1500, followed: 1500, months: 49, outcome: "censored"})
	}
	return rows
}

func lost(days int64, months float64) followed {
	return followed{days: days, followed: 1500, months: months, outcome: "event"}
}

func at(t *testing.T, landmark int64, rows ...followed) result {
	t.Helper()
	return mustRun(t, survival.Landmarks{}, rows, landmark)[0]
}

func number(t *testing.T, r result, column string, want float64) {
	t.Helper()
	got, known := r.numbers[column]
	if !known || math.Abs(got-want) > 1e-9 {
		t.Errorf("%s is %v (%v), want %v", column, got, known, want)
	}
}

func null(t *testing.T, r result, columns ...string) {
	t.Helper()
	for _, column := range columns {
		if value, known := r.numbers[column]; known {
			t.Errorf("%s is %v, want null", column, value)
		}
	}
}

func TestB01OpenAtExtractIsNeverAFailure(t *testing.T) {
	t.Parallel()
	r := at(t, 365, append(homes(9), followed{days: 100, followed: 100, months: 3.2, outcome: "censored"})...)
	number(t, r, "survival", 1)
	number(t, r, "events", 0)
	number(t, r, "censored", 1)
	number(t, r, "at_risk", 9)
}

func TestB02StartedOnTheDayOfTheExtract(t *testing.T) {
	t.Parallel()
	rows := append(homes(9), lost(100, 3.2))
	with := append(homes(9), lost(100, 3.2), followed{outcome: "censored"})
	first := mustRun(t, survival.Curve{}, with)[0]
	number(t, first, "time_days", 0)
	number(t, first, "at_risk", 11)
	number(t, first, "censored", 1)
	for _, column := range []string{"survival", "std_error", "ci_low", "ci_high", "rmst_days"} {
		number(t, at(t, 365, with...), column, at(t, 365, rows...).numbers[column])
	}
}

func TestB04EvictedOnDay364IsLostBeforeTwelveMonths(t *testing.T) {
	t.Parallel()
	number(t, at(t, 365, append(homes(9), lost(364, 11.98))...), "survival", 0.9)
}

func TestB05EndOnTheLandmarkDayIsEndedByIt(t *testing.T) {
	t.Parallel()
	rows := append(homes(9), lost(730, 24))
	r := at(t, 730, rows...)
	number(t, r, "survival", 0.9)
	number(t, r, "at_risk", 10)
	number(t, r, "events", 1)
	number(t, r, "matured_open", 9)
	// The left limit is the value of the step before, and not the figure.
	rows = append(homes(8), lost(400, 13.1), lost(730, 24))
	steps := mustRun(t, survival.Curve{}, rows)
	number(t, steps[0], "survival", 0.9)
	number(t, steps[1], "time_days", 730)
	number(t, at(t, 730, rows...), "survival", 0.8)
}

func TestB06ADayShortOfTheSecondAnniversaryIsLostUnderBothRules(t *testing.T) {
	t.Parallel()
	r := at(t, 730, append(homes(9), lost(730, 24-1.0/31))...)
	number(t, r, "survival", 0.9)
	number(t, r, "survival_anniversary", 0.9)
	// On the anniversary itself, 731 days: lost by the calendar, and not yet by days.
	r = at(t, 730, append(homes(9), lost(731, 24))...)
	number(t, r, "survival", 1)
	number(t, r, "survival_anniversary", 0.9)
}

func TestB07AndB08PlannedMoveAndDeathAreNoFailuresAndDeathCompetes(t *testing.T) {
	t.Parallel()
	rows := []followed{
		{days: 50, followed: 1500, outcome: "competing"},
		{days: 60, followed: 1500, outcome: "censored"},
		{days: 100, followed: 1500, outcome: "event"},
		{days: 200, followed: 1500, outcome: "event"},
	}
	r := at(t, 365, append(rows, homes(6)...)...)
	// Eight at risk on day 100, seven on day 200. The death ends the risk: incidence is fed by 9/10.
	number(t, r, "survival", 7.0/8*6/7)
	number(t, r, "one_minus_cif", 1-(0.9*1/8+0.9*7/8*1/7))
	number(t, r, "competing", 1)
	number(t, r, "censored", 1)
	if r.numbers["one_minus_cif"] <= r.numbers["survival"] {
		t.Error("Kaplan-Meier alone overstates the chance of a loss")
	}
}

// In the aml data one person of ten has the event in week 13 and another is seen no longer: that one is still at risk then.
func TestB11EventComesBeforeCensoringOfTheSameDay(t *testing.T) {
	t.Parallel()
	for _, s := range mustRun(t, survival.Curve{}, dataset(t, "aml")) {
		if s.texts["breakdown_value"] != "Maintained" || s.numbers["time_days"] != 13 {
			continue
		}
		number(t, s, "at_risk", 10)
		number(t, s, "events", 1)
		number(t, s, "censored", 1)
		number(t, s, "survival", 10.0/11*9/10)
		return
	}
	t.Error("no step at 13")
}

func TestB12LastObservationIsAnEvent(t *testing.T) {
	t.Parallel()
	steps := mustRun(t, survival.Curve{}, []followed{lost(10, 0.3), lost(20, 0.6)})
	number(t, steps[1], "survival", 0)
	null(t, steps[1], "std_error", "ci_low", "ci_high")
	r := at(t, 365, lost(10, 0.3), lost(20, 0.6))
	number(t, r, "survival", 0)
	number(t, r, "rmst_days", 15)
	null(t, r, "std_error", "ci_low", "ci_high")
}

func TestB13NoFailuresAtAll(t *testing.T) {
	t.Parallel()
	r := at(t, 365, homes(20)...)
	number(t, r, "survival", 1)
	number(t, r, "std_error", 0)
	number(t, r, "no_event_bound", 0.85)
	null(t, r, "ci_low", "ci_high", "median_days")
}

func TestB14FewAtRiskAreCountedHereAndWithheldByTheDataset(t *testing.T) {
	t.Parallel()
	r := at(t, 1095, append(homes(4), lost(100, 3.2), followed{days: 700, followed: 700, months: 23, outcome: "censored"})...)
	number(t, r, "at_risk", 4)
	if r.texts["null_reason"] != "" {
		t.Errorf("reason %q", r.texts["null_reason"])
	}
}

func TestB15RecentStartsAreNoFailures(t *testing.T) {
	t.Parallel()
	// Nine of 24 are open after two years, eight started too lately to be: the share of all starters is forbidden.
	rows := homes(9)
	for i := range int64(8) {
		rows = append(rows, followed{days: 300 + i, followed: 300 + i, months: 10, outcome: "censored"})
	}
	for i := range int64(7) {
		rows = append(rows, lost(400+i, 13.2))
	}
	r := at(t, 730, rows...)
	number(t, r, "people", 24)
	number(t, r, "matured", 16)
	number(t, r, "matured_open", 9)
	number(t, r, "survival", 9.0/16)
	for column, value := range r.numbers {
		if math.Abs(value-9.0/24) < 1e-12 {
			t.Errorf("%s is the share of all starters", column)
		}
	}
}

func TestUnknownEndsAreCensoredAndTheirWorstIsTold(t *testing.T) {
	t.Parallel()
	r := at(t, 365, append(homes(8), lost(100, 3.2), followed{days: 200, followed: 1500, months: 6.5, outcome: "unknown"})...)
	number(t, r, "survival", 0.9)
	number(t, r, "survival_if_unknown_ended", 0.8)
	number(t, r, "unknown_ends", 1)
}
