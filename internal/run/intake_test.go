//go:build duckdb_arrow

package run_test

import (
	"archive/zip"
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/inspect"
	"socialvalue/internal/run"
	"socialvalue/internal/runreport"
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
	if pending := filesBy(report, runreport.FilePending); !slices.Equal(pending, []string{late}) || report.Release == nil {
		t.Errorf("pending %v, release %v", pending, report.Release)
	}
	f.write(t, late, text)
	f.now = f.now.Add(time.Hour)
	if loaded := filesBy(f.run(t), runreport.FileLoaded); !slices.Equal(loaded, []string{late}) {
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
		standing, err := inspect.Status(t.Context(), env)
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

// TestFromAndTo takes in one month, and the others when they are asked for.
func TestFromAndTo(t *testing.T) {
	t.Parallel()
	f := newSmallFlow(t)
	f.keepSources(t, func(name string) bool { return name == "lcrca" || name == "postcodes_derived" })
	month := func(n string) string { return "drop/spend/lcrca/lcrca_ledger_2022-" + n + ".csv" }
	may := run.Options{
		Pipelines: []string{"spend"}, From: time.Date(2022, time.May, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2022, time.May, 31, 0, 0, 0, 0, time.UTC),
	}
	report, err := f.try(t.Context(), may)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{month("05")}, filesBy(report, runreport.FileLoaded)); diff != "" {
		t.Errorf("loaded (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{month("04"), month("06")}, filesBy(report, runreport.FileSkipped)); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if report, err = f.try(t.Context(), run.Options{Pipelines: []string{"spend"}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{month("04"), month("06")}, filesBy(report, runreport.FileLoaded)); diff != "" {
		t.Errorf("loaded then (-want +got):\n%s", diff)
	}
}

// TestARefusalIsRemembered only by the program that refused: another version may
// read the file.
func TestARefusalIsRemembered(t *testing.T) {
	t.Parallel()
	f := newSmallFlow(t)
	f.keepSources(t, func(name string) bool { return name == "lcrca" || name == "postcodes_derived" })
	const strange = "drop/spend/lcrca/lcrca_ledger_2022-08.csv"
	f.write(t, strange, "When,Who,How much\n2022-08-01,Nobody,1.00\n")
	for _, step := range []struct {
		version string
		read    bool
	}{{"test", true}, {"test", false}, {"newer", true}} {
		env, err := environment(f.dir, f.now)
		if err != nil {
			t.Fatal(err)
		}
		f.now = f.now.Add(time.Hour)
		read := false
		env.Version = step.version
		env.Progress = func(stage, subject string) { read = read || stage == "load" && subject == strange }
		report, err := run.Run(t.Context(), env, run.Options{Pipelines: []string{"spend"}})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(filesBy(report, runreport.FileRefused), strange) || read != step.read {
			t.Errorf("%s: read %t, want %t; refused %v", step.version, read, step.read, filesBy(report, runreport.FileRefused))
		}
	}
}

// TestStatusAfterASourceIsTakenOut expects that rows which were another source's
// duplicates count for the one that is left, without a file coming in.
func TestStatusAfterASourceIsTakenOut(t *testing.T) {
	t.Parallel()
	f := newTinyFlow(t)
	f.write(t, "drop/quarter_2025-Q1.csv", january)
	f.run(t)
	standing := func() map[string]inspect.SourceStatus {
		env, err := f.environment()
		if err != nil {
			t.Fatal(err)
		}
		standing, err := inspect.Status(t.Context(), env)
		if err != nil {
			t.Fatal(err)
		}
		sources := map[string]inspect.SourceStatus{}
		for _, source := range standing.Sources {
			sources[source.Source] = source
		}
		return sources
	}
	goes, stays := "ours", "quarters"
	if standing()[goes].Rows == 0 {
		goes, stays = stays, goes
	}
	if before := standing(); before[goes].Rows != 3 || before[stays].Rows != 0 || before[stays].Duplicates != 3 {
		t.Fatalf("before: %+v", before)
	}
	f.keepSources(t, func(name string) bool { return name != goes })
	f.run(t)
	if after := standing()[stays]; after.Rows != 3 || after.Duplicates != 0 {
		t.Errorf("%s has %d rows and %d duplicates", stays, after.Rows, after.Duplicates)
	}
	env, err := f.environment()
	if err != nil {
		t.Fatal(err)
	}
	loads, err := inspect.Loads(t.Context(), env, inspect.LoadFilter{Source: stays})
	if err != nil || len(loads) != 1 || loads[0].Duplicates != 0 {
		t.Errorf("loads %+v, %v", loads, err)
	}
}

// TestWhatIsTriedIsRefusedAsInARun refuses a zip without data, a damaged one and a
// name that says no month in the same words, whether it is tried or run.
func TestWhatIsTriedIsRefusedAsInARun(t *testing.T) {
	t.Parallel()
	f := newTinyFlow(t)
	var empty bytes.Buffer
	archive := zip.NewWriter(&empty)
	if _, err := archive.Create("readme.pdf"); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	f.write(t, "drop/lines_2025-04.zip", empty.String())
	f.write(t, "drop/lines_2025-05.zip", "PK\x03\x04 and no more")
	f.write(t, "drop/lines_latest.csv", january)
	env, err := f.environment()
	if err != nil {
		t.Fatal(err)
	}
	trials, err := inspect.TestSource(t.Context(), env, "ours", 0)
	if err != nil {
		t.Fatal(err)
	}
	tried := map[string]string{}
	for _, trial := range trials {
		if trial.Refused != "" {
			tried[trial.File] = trial.Refused
		}
	}
	ran := map[string]string{}
	for _, file := range f.run(t).Files {
		if file.Status == runreport.FileRefused {
			ran[file.File] = file.Reason
		}
	}
	if diff := cmp.Diff(ran, tried); diff != "" || len(ran) != 3 {
		t.Errorf("%d refused (-run +tried):\n%s", len(ran), diff)
	}
	if !strings.Contains(ran["drop/lines_2025-04.zip"], "the zip holds no .csv, .txt, .xlsx or .json file") {
		t.Errorf("refused: %v", ran)
	}
}
