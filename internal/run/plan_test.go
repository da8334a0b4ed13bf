//go:build duckdb_arrow

package run_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/inspect"
	"socialvalue/internal/intake"
	"socialvalue/internal/lock"
	"socialvalue/internal/run"
)

// A plan says what a run would do and does nothing: neither does it clear away what
// a killed run left, nor the build database of the version before an upgrade.
func TestAPlanChangesNothing(t *testing.T) {
	t.Parallel()
	f := newTinyFlow(t)
	plan := func(version string) *inspect.Planned {
		env, err := f.environment()
		if err != nil {
			t.Fatal(err)
		}
		env.Version = version
		planned, err := inspect.Plan(t.Context(), env, intake.Wanted{})
		if err != nil {
			t.Fatal(err)
		}
		return planned
	}
	if first := plan("test"); len(first.Files) != 1 || len(first.Models) != 2 {
		t.Errorf("before the first run: %+v", first)
	}
	if found := fileHashes(t, f.path("warehouse/build")); len(found) != 0 {
		t.Errorf("a plan made %v", found)
	}
	f.run(t)
	f.write(t, "warehouse/build/temp/leftover/rows.csv", "of a killed run")
	for _, version := range []string{"test", "next"} {
		before := fileHashes(t, f.path("warehouse"))
		planned := plan(version)
		build := 0
		if version == "next" {
			build = 2
		}
		if len(planned.Files) != 0 || len(planned.Models) != build || planned.Unchanged != 2-build {
			t.Errorf("as version %s: %+v", version, planned)
		}
		after := fileHashes(t, f.path("warehouse"))
		opened := []string{"state/state.db-wal", "state/state.db-shm"} // opening makes them
		if version == "test" {
			opened = append(opened, "build/build.duckdb") // its pages move when it is opened
		}
		for _, name := range opened {
			delete(before, name)
			delete(after, name)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("the warehouse after a plan of version %s (-before +after):\n%s", version, diff)
		}
	}
}

// A plan can be asked for while a run is under way, and is no hindrance to it: it says what was to do when that began,
// without the files that were read since.
func TestAPlanBesideARun(t *testing.T) {
	t.Parallel()
	f := newTinyFlow(t)
	plan := func() *inspect.Planned {
		t.Helper()
		env, err := f.environment()
		if err != nil {
			t.Fatal(err)
		}
		planned, err := inspect.Plan(t.Context(), env, intake.Wanted{})
		if err != nil {
			t.Fatal(err)
		}
		return planned
	}
	during := func() (planned *inspect.Planned) {
		t.Helper()
		env, err := f.environment()
		if err != nil {
			t.Fatal(err)
		}
		env.Progress = func(stage, _ string) {
			if stage == "build" && planned == nil {
				planned = plan()
			}
		}
		if _, err := run.Run(t.Context(), env, run.Options{}); err != nil {
			t.Fatal(err)
		}
		return planned
	}
	if first := during(); first == nil || first.Beside == nil || len(first.Files) != 0 || len(first.Models) != 2 {
		t.Errorf("during the first run: %+v", first)
	}
	f.write(t, "drop/lines_2025-02.csv", tinyHeader+"2025-02-01,1,Example Ltd,1.00\n")
	second := during()
	if second == nil || second.Beside == nil || second.Beside.Process != os.Getpid() || len(second.Files) != 0 || len(second.Models) == 0 {
		t.Fatalf("during the second run: %+v", second)
	}
	for _, m := range second.Models {
		if m.Reason == "new" {
			t.Errorf("%s was built by the first run, and is planned as new", m.Relation)
		}
	}
	// What the run keeps for those who look is what the build database says.
	want := plan()
	env, err := f.environment()
	if err != nil {
		t.Fatal(err)
	}
	held, err := lock.Acquire(env.Site.Warehouse.Lock(), f.now)
	if err != nil {
		t.Fatal(err)
	}
	got := plan()
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	if got.Beside == nil || want.Beside != nil || len(want.Models) != 0 || want.Unchanged != 2 {
		t.Errorf("beside a run %+v, alone %+v", got, want)
	}
	got.Beside = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("planned (-alone +beside a run):\n%s", diff)
	}
}
