package state_test

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"socialvalue/internal/state"
)

func noon() time.Time { return time.Date(2025, 6, 30, 12, 0, 0, 123456000, time.UTC) }

func open(t *testing.T, path string) *state.DB {
	t.Helper()
	db, err := state.Open(t.Context(), path)
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

func TestRuns(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := open(t, filepath.Join(t.TempDir(), "state.db"))
	first := state.Run{ID: "r1", Started: noon(), Verb: "run", Trigger: "hand", Args: []string{"run", "--full"}, Version: "v1"}
	if got, err := db.StartRun(ctx, first); err != nil || len(got) != 0 {
		t.Fatalf("got %v, %v", got, err)
	}
	first.Finished, first.Status, first.Counts, first.Error = noon().Add(time.Minute), state.Failed, map[string]int64{"loaded": 3}, "a: b"
	if err := db.FinishRun(ctx, first); err != nil {
		t.Fatal(err)
	}
	second := state.Run{ID: "r2", Started: noon().Add(time.Hour), Verb: "run", Trigger: "schedule:nightly", Version: "v1"}
	if _, err := db.StartRun(ctx, second); err != nil {
		t.Fatal(err)
	}
	got, err := db.LastRuns(ctx, 5)
	if err != nil {
		t.Fatal(err)
	}
	second.Status, second.Args, second.Counts = state.Running, []string{}, map[string]int64{}
	if diff := cmp.Diff([]state.Run{second, first}, got); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	if one, err := db.Run(ctx, "r1"); err != nil || one.ID != "r1" {
		t.Errorf("Run(r1) = %v, %v", one, err)
	}
	if _, err := db.Run(ctx, "r9"); !errors.Is(err, state.ErrNotFound) {
		t.Errorf("Run(r9): %v, want ErrNotFound", err)
	}
	if err := db.FinishRun(ctx, state.Run{ID: "r9", Status: state.Failed}); !errors.Is(err, state.ErrNotFound) {
		t.Errorf("FinishRun(r9): %v, want ErrNotFound", err)
	}
	if _, err := db.StartRun(ctx, first); err == nil {
		t.Error("a run was started twice")
	}
}

func TestKilledRunIsMarkedAtTheNextStart(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := open(t, filepath.Join(t.TempDir(), "state.db"))
	if _, err := db.StartRun(ctx, state.Run{ID: "killed", Started: noon()}); err != nil {
		t.Fatal(err)
	}
	found, err := db.StartRun(ctx, state.Run{ID: "next", Started: noon().Add(time.Hour)})
	if err != nil || len(found) != 1 || found[0].ID != "killed" {
		t.Fatalf("got %v, %v, want the killed run", found, err)
	}
	got, err := db.Run(ctx, "killed")
	if err != nil || got.Status != state.Interrupted || !got.Finished.IsZero() || !strings.Contains(got.Error, "next") {
		t.Errorf("got %+v, %v, want it interrupted", got, err)
	}
}

func TestSightingsRoundTrip(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		db := open(t, filepath.Join(dir, fmt.Sprint(n, ".db")))
		seen := rapid.SliceOfNDistinct(rapid.Custom(func(rt *rapid.T) state.Sighting {
			return state.Sighting{
				Source: "leeds", Name: rapid.String().Draw(rt, "name"), Size: rapid.Int64().Draw(rt, "size"),
				MtimeNS: rapid.Int64().Draw(rt, "mtime"), Inode: rapid.Uint64().Draw(rt, "inode"), SHA256: "ab",
				FirstSeen: noon(), LastSeen: noon(), Outcome: "loaded",
			}
		}), 0, 20, func(s state.Sighting) string { return s.Name }).Draw(rt, "sightings")
		if err := db.PutSightings(t.Context(), seen); err != nil {
			rt.Fatal(err)
		}
		got, err := db.Sightings(t.Context(), "leeds")
		if err != nil {
			rt.Fatal(err)
		}
		want := make(map[string]state.Sighting)
		for _, s := range seen {
			want[s.Name] = s
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("sightings (-want +got):\n%s", diff)
		}
	})
}

func TestSightingKeepsWhenItWasFirstSeen(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := open(t, filepath.Join(t.TempDir(), "state.db"))
	s := state.Sighting{Source: "a", Name: "x.csv", Inode: math.MaxUint64, FirstSeen: noon(), LastSeen: noon(), Outcome: "waiting"}
	later := s
	later.FirstSeen, later.LastSeen, later.Outcome = noon().Add(time.Hour), noon().Add(time.Hour), "loaded"
	other := s
	other.Source = "b"
	for _, batch := range [][]state.Sighting{{s, other}, {later}, nil} {
		if err := db.PutSightings(ctx, batch); err != nil {
			t.Fatal(err)
		}
	}
	got, err := db.Sightings(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	want := later
	want.FirstSeen = noon()
	if diff := cmp.Diff(map[string]state.Sighting{"x.csv": want}, got); diff != "" {
		t.Errorf("sightings (-want +got):\n%s", diff)
	}
}

func TestLoadsAndNotes(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := open(t, filepath.Join(t.TempDir(), "state.db"))
	a := state.Load{ID: "a", Source: "leeds", Relation: "spend_payments", Status: "active", RowsRead: 10, RowsLoaded: 9, RowsSkipped: 1, LoadedAt: noon()}
	b := a
	b.ID, b.PeriodStart, b.PeriodEnd = "b", time.Date(2010, 12, 1, 0, 0, 0, 0, time.UTC), time.Date(2011, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := db.PutLoads(ctx, []state.Load{b, a}); err != nil {
		t.Fatal(err)
	}
	a.Status = "superseded"
	if err := db.PutLoads(ctx, []state.Load{a}); err != nil {
		t.Fatal(err)
	}
	got, err := db.Loads(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]state.Load{a, b}, got); diff != "" {
		t.Errorf("loads (-want +got):\n%s", diff)
	}
	if _, ok, err := db.Note(ctx, "k"); ok || err != nil {
		t.Errorf("an unwritten note is there (%v), %v", ok, err)
	}
	for _, want := range []string{"one", "two"} {
		if err := db.SetNote(ctx, "k", want); err != nil {
			t.Fatal(err)
		}
		if got, ok, err := db.Note(ctx, "k"); got != want || !ok || err != nil {
			t.Errorf("note is %q, %v, %v, want %q", got, ok, err, want)
		}
	}
}

func TestNewerFileIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.db")
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.ExecContext(t.Context(), "pragma user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = state.Open(t.Context(), path)
	if !errors.Is(err, state.ErrNewer) || !strings.Contains(err.Error(), "install the newer version") || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want ErrNewer with a remedy and the path", err)
	}
}

func TestDamagedFileIsNamed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("not a database. ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := state.Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), "move it away") {
		t.Errorf("got %v, want the remedy", err)
	}
}

func TestPathMayHoldAnyCharacter(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a?b#c %20 é.db")
	open(t, path)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode&0o007 != 0 {
		t.Errorf("mode is %o: others can read it", mode)
	}
}

// Several processes may open a new file at once; each sees it migrated.
func TestOpenAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.db")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			db, err := state.Open(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			if err := db.SetNote(t.Context(), fmt.Sprint(i), "x"); err != nil {
				t.Error(err)
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "state.db")
	for b.Loop() {
		db, err := state.Open(b.Context(), path)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := db.LastRuns(b.Context(), 1); err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
