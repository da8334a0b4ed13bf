//go:build duckdb_arrow

package run_test

import (
	"path"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/runreport"
	"socialvalue/internal/workspace"
)

// oneNewFile adds a month: what hangs on payments is built again and nothing
// else. The release of all this is the same when the build database and the run
// state are lost and made again.
func oneNewFile(t *testing.T, f *flow, first *runreport.Report) {
	const month = "drop/spend/lcrca/lcrca_ledger_2022-07.csv"
	before := f.hashes(t)
	text, err := builtIn("fixtures/spend/lcrca/lcrca_ledger_2022-07.csv")
	if err != nil {
		t.Fatal(err)
	}
	f.write(t, month, text)
	env, err := f.environment()
	if err != nil {
		t.Fatal(err)
	}
	project, err := workspace.Project(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	want := project.Descendants("raw.spend_payments")
	slices.Sort(want)
	report := f.run(t)
	if diff := cmp.Diff([]string{month}, filesBy(report, runreport.FileLoaded)); diff != "" {
		t.Errorf("loaded files (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, modelsBy(report, runreport.StatusBuilt)); diff != "" {
		t.Errorf("built (-want +got):\n%s", diff)
	}
	if report.Unchanged != len(first.Models)-len(want) {
		t.Errorf("%d unchanged, want %d", report.Unchanged, len(first.Models)-len(want))
	}
	if report.Release == nil {
		t.Fatalf("no release: %s", report.ReleaseNote)
	}
	for _, dataset := range report.Release.Changed {
		if !slices.Contains(want, dataset) {
			t.Errorf("%s is released as changed", dataset)
		}
	}
	after := f.hashes(t)
	for name, hash := range before {
		if !slices.Contains(want, path.Base(path.Dir(name))) && after[name] != hash {
			t.Errorf("%s changed", name)
		}
	}
	if name := "open/datasets/spend.local_spend/spend.local_spend.parquet"; before[name] == after[name] {
		t.Errorf("%s did not change", name)
	}

	f.remove(t, "warehouse/state/state.db", "warehouse/state/state.db-wal", "warehouse/state/state.db-shm")
	report = f.run(t)
	if built := modelsBy(report, runreport.StatusBuilt); len(built) > 0 || report.Release != nil {
		t.Errorf("without the run state %v are built and %v is released", built, report.Release)
	}
	if loaded := filesBy(report, runreport.FileLoaded); len(loaded) > 0 {
		t.Errorf("without the run state %v are loaded again", loaded)
	}
	if diff := cmp.Diff(after, f.hashes(t)); diff != "" {
		t.Errorf("without the run state the release differs:\n%s", diff)
	}

	f.remove(t, "warehouse/build", "warehouse/releases")
	report = f.run(t)
	if report.Unchanged > 0 || report.Release == nil {
		t.Errorf("without build %d are unchanged, release %v", report.Unchanged, report.Release)
	}
	if loaded := filesBy(report, runreport.FileLoaded); len(loaded) > 0 {
		t.Errorf("without build %v are loaded again", loaded)
	}
	if diff := cmp.Diff(after, f.hashes(t)); diff != "" {
		t.Errorf("from the store alone the release differs:\n%s", diff)
	}
}
