//go:build duckdb_arrow

package run_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/crashtest"
	"socialvalue/internal/inspect"
	"socialvalue/internal/intake"
	"socialvalue/internal/load"
	"socialvalue/internal/run"
	"socialvalue/internal/runreport"
)

// files are the files of rows that retention names.
func filesOf(rows []runreport.PurgedRows) []string {
	var files []string
	for _, r := range rows {
		files = append(files, strings.TrimPrefix(r.File, "drop/"))
	}
	slices.Sort(files)
	return files
}

// TestRowsPastTheirTime lets store_years pass: the rows about people go, with the
// file they came from; counts stay; nothing comes in again. In an upsert feed
// what is the present state stays.
func TestRowsPastTheirTime(t *testing.T) {
	t.Parallel()
	y := newTiny(t)
	// Received files are kept for ever, so that only their rows' time counts.
	files, _, err := tinyProject()
	if err != nil {
		t.Fatal(err)
	}
	const name = "pipelines/tiny/pipeline.yaml"
	y.write(t, name, strings.Replace(string(files[name].Data), "landing_days: 30", "landing_days: 0", 1))
	received := y.now
	y.write(t, "drop/added/a.csv", text([]line{{"a", 100}, {"b", 50}})+"c,2024-01-01,1e3\n")
	y.write(t, "drop/monthly/m_2024-01.csv", text([]line{{"m", 10}}))
	y.write(t, "drop/keyed/k1.csv", text([]line{{"k", 1}, {"l", 2}}))
	y.write(t, "drop/keyed/k2.csv", text([]line{{"n", 5}}))
	y.run(t)
	y.now = received.AddDate(2, 0, 0)
	y.write(t, "drop/added/later.csv", text([]line{{"d", 25}}))
	y.write(t, "drop/monthly/m_2024-01_again.csv", text([]line{{"m", 11}}))
	y.write(t, "drop/keyed/k3.csv", text([]line{{"k", 3}, {"l", 4}}))
	y.run(t)
	before := y.totals(t)
	if diff := cmp.Diff([]string{"added 1.75 3", "keyed 0.12 3", "monthly 0.11 1"}, before); diff != "" {
		t.Fatal(diff)
	}
	plan := func() *inspect.Planned {
		env, err := tinyEnvironment(y.dir, y.now)
		if err != nil {
			t.Fatal(err)
		}
		planned, err := inspect.Plan(t.Context(), env, intake.Wanted{})
		if err != nil {
			t.Fatal(err)
		}
		return planned
	}

	y.now = received.AddDate(7, 0, -10)
	report := y.run(t)
	if soon := filesOf(report.Rows.Soon); len(report.Rows.Gone) > 0 || !slices.Equal(soon, []string{"added/a.csv", "keyed/k1.csv", "keyed/k2.csv", "monthly/m_2024-01.csv"}) {
		t.Errorf("ten days before: %+v", report.Rows)
	}
	y.now = received.AddDate(7, 0, 1)
	objects, planned := y.record(t), plan()
	if diff := cmp.Diff([]string{"added/a.csv", "keyed/k1.csv", "monthly/m_2024-01.csv"}, filesOf(planned.Rows.Gone)); diff != "" {
		t.Errorf("planned (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"keyed/k2.csv"}, filesOf(planned.Rows.Stays)); diff != "" {
		t.Errorf("stays (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(objects, y.record(t)); diff != "" {
		t.Errorf("a plan changes nothing:\n%s", diff)
	}
	report = y.run(t)
	if diff := cmp.Diff(planned.Rows.Gone, report.Rows.Gone); diff != "" || report.Release == nil {
		t.Errorf("gone (-planned +run):\n%s\nrelease %v", diff, report.Release)
	}
	want := []string{"added 0.25 1", "keyed 0.12 3", "monthly 0.11 1"}
	y.expectPurged(t, want)
	for file, record := range y.loads(t) {
		gone := slices.Contains(filesOf(planned.Rows.Gone), strings.TrimPrefix(file, "drop/"))
		if (record.Status == load.StatusPurged) != gone || (record.LandingPurgedAt != nil) != gone || record.Rows == 0 {
			t.Errorf("%s: %s, %d rows, landing purged %v", file, record.Status, record.Rows, record.LandingPurgedAt)
		}
		if gone && file == "drop/added/a.csv" && (record.Records != 3 || record.Quarantined != 1) {
			t.Errorf("what stays of %s: %+v", file, record)
		}
	}
	for _, lost := range []string{"", "warehouse/state", "warehouse/build"} {
		if lost != "" {
			y.remove(t, lost)
		}
		env, err := tinyEnvironment(y.dir, y.now)
		if err != nil {
			t.Fatal(err)
		}
		y.now = y.now.Add(time.Hour)
		report, err := run.Run(t.Context(), env, run.Options{Trigger: "test", Full: lost == "warehouse/build"})
		if err != nil {
			t.Fatal(err)
		}
		if report.Refused() || len(report.Rows.Gone) > 0 {
			t.Errorf("without %q: refused %t, gone %v, lost %v", lost, report.Refused(), report.Rows.Gone, report.Lost)
		}
		y.expectPurged(t, want)
	}
	// Two years on the rest of it has its turn, but for the present state.
	y.now = received.AddDate(9, 0, 2)
	if gone := filesOf(y.run(t).Rows.Gone); !slices.Equal(gone, []string{"added/later.csv", "monthly/m_2024-01_again.csv"}) {
		t.Errorf("gone: %v", gone)
	}
	y.expectPurged(t, []string{"keyed 0.12 3"})
}

// expectPurged expects what is released, and that the store and the landing
// folder hold what the loads that were not purged are made of and no more.
func (y *tiny) expectPurged(t testing.TB, totals []string) {
	t.Helper()
	if diff := cmp.Diff(totals, y.totals(t)); diff != "" {
		t.Errorf("released (-want +got):\n%s", diff)
	}
	env, err := tinyEnvironment(y.dir, y.now)
	if err != nil {
		t.Fatal(err)
	}
	loads, err := inspect.Loads(t.Context(), env, inspect.LoadFilter{})
	if err != nil {
		t.Fatal(err)
	}
	objects, landed := map[string]bool{}, map[string]bool{}
	for _, record := range loads {
		if record.Status == load.StatusPurged {
			continue
		}
		objects[record.ObjectSHA256+".parquet"] = true
		if record.QuarantineSHA256 != "" {
			objects[record.QuarantineSHA256+".parquet"] = true
		}
		landed[record.Source+"/"+record.FileSHA256] = true
	}
	if diff := cmp.Diff(objects, y.record(t)); diff != "" {
		t.Errorf("the store (-noted +there):\n%s", diff)
	}
	there := map[string]bool{}
	for name := range fileHashes(t, y.path("warehouse/landing")) {
		there[name] = true
	}
	if diff := cmp.Diff(landed, there); diff != "" {
		t.Errorf("landing (-noted +there):\n%s", diff)
	}
}

// TestPurgesKilledAtAnyMoment kills runs that remove rows past their time: the
// next run completes it, nothing of them is left and what is newer is whole.
func TestPurgesKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	y := newTiny(t)
	files, _, err := tinyProject()
	if err != nil {
		t.Fatal(err)
	}
	const name = "pipelines/tiny/pipeline.yaml"
	y.write(t, name, strings.Replace(string(files[name].Data), "landing_days: 30, store_years: 7", "landing_days: 0, store_years: 1", 1))
	for i := range 1 + *kills/8 {
		y.write(t, "drop/added/old.csv", text([]line{{fmt.Sprint("old", i), 100}})+"c,2024-01-01,1e3\n")
		y.write(t, "drop/keyed/old.csv", text([]line{{"k", 100 + i}}))
		y.run(t)
		y.now = y.now.AddDate(0, 6, 0)
		y.write(t, "drop/added/new.csv", text([]line{{fmt.Sprint("new", i), 7}}))
		y.write(t, "drop/keyed/new.csv", text([]line{{"k", 1000 + i}}))
		began := time.Now()
		y.run(t)
		usual := time.Since(began) + time.Second/2
		y.now = y.now.AddDate(0, 6, 1)
		crashtest.Kill(t, y.child(t), usual) // or it had just finished
		if rand.IntN(3) == 0 {
			y.remove(t, "warehouse/build")
		}
		crashtest.Succeed(t, y.child(t), fmt.Sprintf("%d: the run after the kill", i))
		y.expectPurged(t, []string{"added 0.07 1", fmt.Sprintf("keyed %d.%02d 1", (1000+i)/100, (1000+i)%100)})
		if t.Failed() {
			t.Fatalf("after kill %d", i)
		}
		y.now = y.now.AddDate(1, 0, 0)
		y.prune(t)
	}
}
