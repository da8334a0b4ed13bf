//go:build duckdb_arrow

package run_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/run"
)

// TestAFileThatVanishes removes a file after the listing: the run goes on
// without it, and the next one takes it in if it is there again.
func TestAFileThatVanishes(t *testing.T) {
	t.Parallel()
	f := newSmallFlow(t)
	env, err := environment(f.dir, f.now)
	if err != nil {
		t.Fatal(err)
	}
	const late = "drop/spend/lcrca/lcrca_ledger_2022-06.csv"
	text := f.read(t, late)
	env.Progress = func(stage, _ string) {
		if stage == "load" {
			_ = os.Remove(f.path(late))
		}
	}
	report, err := run.Run(t.Context(), env, run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if pending := filesBy(report, run.FilePending); !slices.Equal(pending, []string{late}) || report.Release == nil {
		t.Errorf("pending %v, release %v", pending, report.Release)
	}
	f.write(t, late, text)
	f.now = f.now.Add(time.Hour)
	if loaded := filesBy(f.run(t), run.FileLoaded); !slices.Equal(loaded, []string{late}) {
		t.Errorf("loaded then: %v", loaded)
	}
}

// TestAFileThatCannotBeRead becomes readable without being changed: it must not
// stay refused.
func TestAFileThatCannotBeRead(t *testing.T) {
	t.Parallel()
	f := newSmallFlow(t)
	const name = "drop/spend/lcrca/lcrca_ledger_2022-06.csv"
	env, err := environment(f.dir, f.now)
	if err != nil {
		t.Fatal(err)
	}
	env.Progress = func(stage, subject string) {
		if stage == "load" && subject == name {
			_ = os.Chmod(f.path(name), 0)
		}
	}
	report, err := run.Run(t.Context(), env, run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		t.Skip("the superuser may read any file")
	}
	if refused := filesBy(report, run.FileRefused); !slices.Contains(refused, name) || report.Release == nil {
		t.Errorf("refused %s, release %v", strings.Join(refused, ", "), report.Release)
	}
	if err := os.Chmod(f.path(name), 0o600); err != nil {
		t.Fatal(err)
	}
	if loaded := filesBy(f.run(t), run.FileLoaded); !slices.Equal(loaded, []string{name}) {
		t.Errorf("loaded then: %v", loaded)
	}
}

// TestStatusAfterAReissue expects that the file a newer one replaced does not
// count any more for those who read the state file.
func TestStatusAfterAReissue(t *testing.T) {
	t.Parallel()
	f := newSmallFlow(t)
	rows := func() map[string]int64 {
		env, err := environment(f.dir, f.now)
		if err != nil {
			t.Fatal(err)
		}
		standing, err := run.Status(t.Context(), env)
		if err != nil {
			t.Fatal(err)
		}
		counts := map[string]int64{}
		for _, source := range standing.Sources {
			counts[source.Source] = source.Rows
		}
		return counts
	}
	f.run(t)
	before := rows()
	const name = "drop/spend/lcrca/lcrca_ledger_2022-06.csv"
	f.write(t, name, f.read(t, name)+"\n")
	f.run(t)
	if diff := cmp.Diff(before, rows()); diff != "" {
		t.Errorf("the re-issued file has the same rows (-before +after):\n%s", diff)
	}
}
