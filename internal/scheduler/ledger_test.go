package scheduler_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/schedule"
	"socialvalue/internal/scheduler"
	"socialvalue/internal/slots"
	"socialvalue/internal/state"
)

func openState(t *testing.T) *state.DB {
	t.Helper()
	db, err := state.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// The ledger in the state file says what the ledger of the test world says, word for word, of the same fortnight.
func TestTheStateFileIsALedgerToo(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)
	w := newWorld(t, 7, start)
	w.jobs["a"] = spec{minute: "30", hours: "1", extra: "catch_up: latest\n"}
	w.jobs["b"] = spec{minute: "45", hours: "1,2", extra: "overlap: queue\nneeds: {jobs: [a]}\n"}
	db := openState(t)
	both := &mirror{world: w, kept: scheduler.StateLedger{DB: db}}
	engine := &scheduler.Engine{Ledger: both, Now: func() time.Time { return w.now }, Jobs: w.files()}
	w.engine = engine
	for w.now.Before(start.AddDate(0, 0, 14)) {
		wake, err := w.turn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		w.now = wake
		if w.now.Day() == 24 {
			w.now = w.now.AddDate(0, 0, 2) // nobody was there
		}
	}
	got, err := db.Slots(t.Context(), "", start, w.now, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(w.slots) || len(got) < 30 {
		t.Errorf("%d slots, want %d", len(got), len(w.slots))
	}
	for _, s := range scheduler.FromState(got) {
		if diff := cmp.Diff(w.slots[s.Key()], s); diff != "" {
			t.Errorf("slot (-world +state):\n%s", diff)
		}
	}
}

// mirror writes to two ledgers and expects the same of both.
type mirror struct {
	*world
	kept scheduler.StateLedger
}

func (m *mirror) Apply(ctx context.Context, change slots.Change) error {
	return errors.Join(m.world.Apply(ctx, change), m.kept.Apply(ctx, change))
}

func (m *mirror) Open(ctx context.Context) ([]slots.Slot, error) {
	want, _ := m.world.Open(ctx)
	got, err := m.kept.Open(ctx)
	if diff := cmp.Diff(append([]slots.Slot{}, want...), got); diff != "" {
		m.t.Fatalf("open (-world +state):\n%s", diff)
	}
	return got, err
}

func (m *mirror) Watches(ctx context.Context) ([]slots.Watch, error) {
	want, _ := m.world.Watches(ctx)
	got, err := m.kept.Watches(ctx)
	if diff := cmp.Diff(append([]slots.Watch{}, want...), got); diff != "" {
		m.t.Fatalf("watches (-world +state):\n%s", diff)
	}
	return got, err
}

func (m *mirror) Facts(ctx context.Context) (slots.Facts, error) {
	want, _ := m.world.Facts(ctx)
	got, err := m.kept.Facts(ctx)
	if diff := cmp.Diff(want.Ended, got.Ended); diff != "" {
		m.t.Fatalf("facts (-world +state):\n%s", diff)
	}
	return got, err
}

// A settled slot never changes, and one that is there is not made again.
func TestASettledSlotStays(t *testing.T) {
	t.Parallel()
	ledger := scheduler.StateLedger{DB: openState(t)}
	at := time.Date(2026, 3, 20, 2, 30, 0, 0, time.UTC)
	s := slots.Slot{Job: "a", At: at, State: slots.Waiting, Enrolled: at}
	done := slots.Settled(schedule.Schedule{}, slots.Begun(s, at), slots.Result{Ending: slots.EndedWell, RunID: "r"}, at)
	for _, change := range []slots.Change{{New: []slots.Slot{s}}, {Changed: []slots.Slot{done}}, {New: []slots.Slot{s}}} {
		if err := ledger.Apply(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
	err := ledger.Apply(t.Context(), slots.Change{
		Changed: []slots.Slot{s}, Watches: []slots.Watch{{Job: "a", Timing: "x", Until: at}},
	})
	if !errors.Is(err, state.ErrSettled) {
		t.Errorf("a settled slot changed: %v", err)
	}
	if watches, err := ledger.Watches(t.Context()); err != nil || len(watches) != 0 {
		t.Errorf("half of a change was taken up: %v, %v", watches, err)
	}
	if open, err := ledger.Open(t.Context()); err != nil || len(open) != 0 {
		t.Errorf("open: %v, %v", open, err)
	}
}
