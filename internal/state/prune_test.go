package state_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"socialvalue/internal/state"
)

func day(n int) time.Time { return noon().AddDate(0, 0, n) }

// What is over for long goes; what is open stays, and what something open may ask for.
func TestPrune(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := open(t, filepath.Join(t.TempDir(), "state.db"))
	ran := func(job string, n int) state.Slot {
		return state.Slot{Job: job, DueAt: day(n), Enrolled: day(n), State: "ran", Outcome: "succeeded", Finished: day(n)}
	}
	skip := state.Slot{Job: "nightly", DueAt: day(2), Enrolled: day(2), State: "skipped", Why: "missed", Reason: "x", Finished: day(2)}
	check := func(errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	check(db.ApplySlots(ctx, state.SlotChange{New: []state.Slot{ran("nightly", 0), ran("nightly", 1), skip, ran("nightly", 9), ran("yearly", 0)}}))
	for n, id := range []string{"r0", "r1"} {
		_, err := db.StartRun(ctx, state.Run{ID: id, Started: day(n)})
		check(err, db.FinishRun(ctx, state.Run{ID: id, Status: state.Succeeded, Finished: day(n)}))
	}
	check(db.StartBeside(ctx, state.Run{ID: "under way", Started: day(0), Verb: "digest"}))
	check(db.PutMessages(ctx, []state.Message{{Channel: "email", Kind: "alert", Created: day(0)}, {Channel: "email", Kind: "digest", Created: day(0)}}))
	messages, err := db.Unsent(ctx)
	check(err)
	messages[0].Sent = day(0)
	check(db.MarkMessage(ctx, messages[0]))
	for _, id := range []string{"done", "half"} {
		check(db.StartBackfill(ctx, state.Backfill{ID: id, Pipeline: id, From: day(0), To: day(9), Started: day(0)}),
			db.PutBackfillStep(ctx, id, state.BackfillStep{From: day(0), To: day(1), RunID: "r0", Finished: day(0)}))
	}
	check(db.FinishBackfill(ctx, "done", day(0)))
	check(db.UpdateAlerts(ctx, day(0), nil, []state.Alert{{Cause: "failed:nightly", Scope: "job:nightly", Text: "x"}}, func(_, _ []state.Alert) []state.Message { return nil }))
	before, err := db.CountSlots(ctx)
	check(err)

	// A slot waits since the first day.
	waiting := state.Slot{Job: "monthly", DueAt: day(0), Enrolled: day(0), State: "waiting"}
	check(db.ApplySlots(ctx, state.SlotChange{New: []state.Slot{waiting}}))
	removed, err := db.Prune(ctx, day(5))
	check(err)
	if removed != (state.Removed{}) {
		t.Errorf("with a slot open since before: %+v", removed)
	}
	waiting.State, waiting.Outcome, waiting.Finished = "ran", "failed", day(9)
	check(db.ApplySlots(ctx, state.SlotChange{Changed: []state.Slot{waiting}}))

	// Alerts have looked at the first day only.
	check(db.SetNote(ctx, state.NoteAlertsUntil, day(0).Add(time.Minute).Format(time.RFC3339Nano)))
	removed, err = db.Prune(ctx, day(5))
	check(err)
	if want := (state.Removed{Slots: 1, Runs: 2, Messages: 1, Backfills: 1}); removed != want {
		t.Errorf("removed %+v, want %+v", removed, want)
	}
	check(db.SetNote(ctx, state.NoteAlertsUntil, day(9).Format(time.RFC3339Nano)))
	removed, err = db.Prune(ctx, day(5))
	check(err)
	if want := (state.Removed{Slots: 2}); removed != want {
		t.Errorf("removed %+v, want %+v", removed, want)
	}
	left, err := db.Slots(ctx, "", day(-1), day(99), 100)
	check(err)
	var names []string
	for _, s := range left {
		names = append(names, s.Job+" "+s.DueAt.Format(time.DateOnly))
	}
	if diff := cmp.Diff([]string{"nightly 2025-07-09", "monthly 2025-06-30", "yearly 2025-06-30"}, names); diff != "" {
		t.Errorf("slots that stay (-want +got):\n%s", diff)
	}
	after, err := db.CountSlots(ctx)
	check(err)
	before = append([]state.SlotCount{{Job: "monthly", State: "ran", Outcome: "failed", N: 1}}, before...)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("counts of all time (-before +after):\n%s", diff)
	}
	runs, err := db.LastRuns(ctx, 10)
	check(err)
	unsent, err := db.Unsent(ctx)
	check(err)
	alerts, err := db.Alerts(ctx)
	check(err)
	half, _, err := db.OpenBackfill(ctx, "half", day(0), day(9))
	check(err)
	if len(runs) != 1 || runs[0].ID != "under way" || runs[0].Verb != "digest" || len(unsent) != 1 || len(alerts) != 1 || len(half.Steps) != 1 {
		t.Errorf("runs %+v, %d messages, %d alerts, %+v", runs, len(unsent), len(alerts), half)
	}
}

// Whatever there is, and however often it is pruned: no open slot goes, and the counts of all time stay.
func TestPruneKeepsWhatIsOpenAndEveryCount(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := 0
	rapid.Check(t, func(t *rapid.T) {
		files++
		ctx := context.Background()
		db, err := state.Open(ctx, filepath.Join(dir, fmt.Sprint(files)))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close() //nolint:errcheck // the test is over
		counts := map[string]int64{}
		open := map[string]bool{}
		for n := range rapid.IntRange(0, 12).Draw(t, "slots") {
			s := state.Slot{
				Job: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "job"), DueAt: day(n), Enrolled: day(n), State: rapid.SampledFrom([]string{"waiting", "running", "ran", "skipped"}).Draw(t, "state"),
			}
			switch s.State {
			case "ran":
				s.Outcome = "succeeded"
			case "skipped":
				s.Why, s.Reason = "missed", "x"
			default:
				open[s.Job+s.DueAt.String()] = true
			}
			if !open[s.Job+s.DueAt.String()] {
				s.Finished = s.DueAt.Add(time.Hour)
			}
			if err := db.ApplySlots(ctx, state.SlotChange{New: []state.Slot{s}}); err != nil {
				t.Fatal(err)
			}
			counts[s.Job+s.State]++
		}
		for range rapid.IntRange(1, 3).Draw(t, "times") {
			if _, err := db.Prune(ctx, day(rapid.IntRange(0, 14).Draw(t, "before"))); err != nil {
				t.Fatal(err)
			}
		}
		left, err := db.OpenSlots(ctx)
		if err != nil || len(left) != len(open) {
			t.Fatalf("%d open, want %d: %v", len(left), len(open), err)
		}
		list, err := db.CountSlots(ctx)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int64{}
		for _, c := range list {
			got[c.Job+c.State] += c.N
		}
		if diff := cmp.Diff(counts, got); diff != "" {
			t.Fatalf("counts (-want +got):\n%s", diff)
		}
	})
}
