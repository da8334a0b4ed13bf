package digest_test

import (
	"strings"
	"testing"
	"time"

	"socialvalue/internal/digest"
	"socialvalue/internal/inspect"
	"socialvalue/internal/slots"
	"socialvalue/internal/state"
)

func week() digest.Week {
	to := time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)
	built := to.AddDate(0, 0, -1)
	w := digest.Week{
		Site: "Ours", From: to.AddDate(0, 0, -7), To: to, Location: time.UTC, FreeGB: 12.5,
		Runs: []state.Run{{Status: state.Succeeded}, {Status: state.Succeeded}, {Status: state.Interrupted}},
		Standing: &inspect.Standing{
			Release: "20260308T023000Z-aaaa", BuiltAt: &built, Sources: []inspect.SourceStatus{{Source: "ledger", Rows: 10, ReceivedAt: &built}},
			Schedules: []inspect.Firing{{Schedule: "nightly", Next: to.Add(18 * time.Hour)}, {Schedule: "yearly-review", Next: to.AddDate(1, 0, 0)}},
		},
	}
	for day := range 6 {
		w.Slots = append(w.Slots, slots.Slot{Job: "nightly", At: to.AddDate(0, 0, -day-1), State: slots.Ran, Outcome: slots.Succeeded})
	}
	return w
}

func expect(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+text, "\n"+line+"\n") {
			t.Errorf("no line %q in\n%s", line, text)
		}
	}
}

func TestAWeekInWhichAllIsWell(t *testing.T) {
	t.Parallel()
	w := week()
	if got := w.Subject(); got != "the week to 9 March 2026: all is well" {
		t.Error(got)
	}
	expect(t, w.Text(), "Nothing is wrong that is known of.", "- nightly: due 6, ran 6, failed 0, skipped 0, open 0",
		"- ledger: last delivered 8 March 2026, 10 rows, 0 quarantined, 0 files refused", "Runs of the week: 2 succeeded, 1 interrupted.",
		"Free disk: 12.5 GB.", "Next nightly: Tue 10 Mar 02:00.", "Next yearly-review: Tue 9 Mar 2027 08:00.")
}

func TestAWeekThatWantsAPerson(t *testing.T) {
	t.Parallel()
	for name, worsen := range map[string]func(w *digest.Week){
		"an alert":        func(w *digest.Week) { w.Alerts = []state.Alert{{Text: "a.csv is empty", Since: w.From}} },
		"a failed night":  func(w *digest.Week) { w.Slots[0].Outcome = slots.Failed },
		"a missed night":  func(w *digest.Week) { w.Slots[0].State, w.Slots[0].Why = slots.Skipped, slots.WhyMissed },
		"held":            func(w *digest.Week) { w.Standing.Held = []string{"spend.payments"} },
		"silence":         func(w *digest.Week) { w.Standing.Sources[0].Stale = true },
		"unsent messages": func(w *digest.Week) { w.Unsent = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := week()
			worsen(&w)
			if w.Well() || strings.Contains(w.Subject(), "all is well") {
				t.Error("all is well")
			}
		})
	}
	w := week()
	w.Alerts = []state.Alert{{Text: "a.csv is empty", Since: w.From}}
	w.Slots[5].State, w.Slots[5].Outcome, w.Slots[5].Why, w.Slots[5].Reason = slots.Skipped, "", slots.WhyMissed, "nobody was there"
	expect(t, w.Text(), "- since Mon 2 Mar 08:00: a.csv is empty", "  nightly, due Tue 3 Mar 08:00: nobody was there")
}
