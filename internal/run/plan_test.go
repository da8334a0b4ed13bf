//go:build duckdb_arrow

package run_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/inspect"
	"socialvalue/internal/intake"
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
