//go:build duckdb_arrow

package run_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/runreport"
)

// TestDemo makes the demonstration's run once and looks at it from many sides.
func TestDemo(t *testing.T) {
	t.Parallel()
	base := newFlow(t)
	first := base.run(t)
	if failed := append(modelsBy(first, "failed"), modelsBy(first, "held")...); len(failed) > 0 {
		t.Fatalf("not built: %v", failed)
	}
	if first.Release == nil {
		t.Fatal("no release")
	}
	nothingNew(t, base, first)
	servicesAgree(t, base) // not beside golden, which has the same files open
	if twice {             // the golden hashes say so each time, of two threads
		t.Run("reproducible", func(t *testing.T) {
			t.Parallel()
			reproducible(t, base)
		})
	}
	t.Run("files agree with the truth", func(t *testing.T) {
		t.Parallel()
		filesAgree(t, base, first)
	})
	t.Run("money agrees with the truth", func(t *testing.T) {
		t.Parallel()
		moneyAgrees(t, base)
	})
	t.Run("indicators of money agree with the files", func(t *testing.T) {
		t.Parallel()
		moneyIndicatorsAgree(t, base)
	})
	t.Run("golden", func(t *testing.T) {
		t.Parallel()
		golden(t, base)
	})
}

// reproducible runs from scratch again: one thread instead of two, another
// folder, another day, another order of nothing but the clock.
func reproducible(t *testing.T, base *flow) {
	again := newFlow(t)
	again.configure(t, "threads: 2", "threads: 1")
	again.now = time.Date(2027, time.February, 28, 23, 59, 58, 0, time.UTC)
	again.run(t)
	if diff := cmp.Diff(base.hashes(t), again.hashes(t)); diff != "" {
		t.Errorf("files differ between two threads and one (-two +one):\n%s", diff)
	}
}

// nothingNew expects that a second run does nothing at all.
func nothingNew(t *testing.T, f *flow, first *runreport.Report) {
	folders := []string{"warehouse/store", "warehouse/landing", "warehouse/releases"}
	before := map[string]map[string]string{}
	for _, folder := range folders {
		before[folder] = fileHashes(t, f.path(folder))
	}
	report := f.run(t)
	if report.Release != nil || report.ReleaseNote == "" {
		t.Errorf("release %v, note %q", report.Release, report.ReleaseNote)
	}
	if len(report.Models) > 0 || report.Unchanged != len(first.Models) {
		t.Errorf("built %d, unchanged %d of %d", len(report.Models), report.Unchanged, len(first.Models))
	}
	want := slices.Concat(filesBy(first, runreport.FileLoaded), filesBy(first, runreport.FileSameBytes))
	slices.Sort(want)
	if diff := cmp.Diff(want, filesBy(report, runreport.FileUnchanged)); diff != "" {
		t.Errorf("unchanged files (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(filesBy(first, runreport.FileRefused), filesBy(report, runreport.FileRefused)); diff != "" {
		t.Errorf("refused files (-want +got):\n%s", diff)
	}
	for _, folder := range folders {
		if diff := cmp.Diff(before[folder], fileHashes(t, f.path(folder))); diff != "" {
			t.Errorf("%s changed:\n%s", folder, diff)
		}
	}
}

func BenchmarkNothingNew(b *testing.B) {
	f := newFlow(b)
	f.run(b)
	for b.Loop() {
		if report := f.run(b); report.Release != nil {
			b.Fatal("something was new")
		}
	}
}
