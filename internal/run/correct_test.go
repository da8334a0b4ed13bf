//go:build duckdb_arrow

package run_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/inspect"
	"socialvalue/internal/intake"
	"socialvalue/internal/load"
	"socialvalue/internal/lock"
	"socialvalue/internal/run"
	"socialvalue/internal/runreport"
	"socialvalue/internal/workspace"
)

const (
	february = "drop/lines_2025-02.csv"
	// Line 4 has a day that does not exist, line 5 an amount that is none.
	februaryText = tinyHeader + "2025-02-01,1,A,1.00\n2025-02-02,2,B,2.00\n2025-02-31,3,C,3.00\n2025-02-04,4,D,4.005\n2025-02-05,5,E,5.00\n"
)

// corrected is the line of a file of corrections.
func corrected(sha string, line int, column, value, expires string) string {
	return fmt.Sprintf("%s,%d,%s,%s,,,,%s,the invoice says so,J. Smith,2025-06-01,%s\n", february, line, sha, column, value, expires)
}

const correctionsHeader = "_source_file,_source_row,file_sha256,column,rule,problem,shown_value,value,reason,who,when,expires\n"

// released are the amounts of February in the current release, by document.
func (f *flow) released(t testing.TB) string {
	t.Helper()
	return strings.Join(f.texts(t, "feed", "select document_ref || ' ' || posted || ' ' || amount_gbp from feed.lines where posted > date '2025-01-31' order by 1"), ", ")
}

// loadOf is the load of a file that counts.
func (f *flow) loadOf(t testing.TB, file string) inspect.LoadStatus {
	t.Helper()
	env, err := f.environment()
	if err != nil {
		t.Fatal(err)
	}
	loads, err := inspect.Loads(t.Context(), env, inspect.LoadFilter{File: file, Status: load.StatusActive})
	if err != nil || len(loads) != 1 {
		t.Fatalf("%d loads of %s, %v", len(loads), file, err)
	}
	return loads[0]
}

// A row in quarantine is mended by a line in a file: the next run takes it in,
// and each release counts it. The correction changes, ends and is withdrawn, with
// the file in its place and without it (architecture §2.4).
func TestCorrectionsOfCells(t *testing.T) {
	t.Parallel()
	const (
		none    = "1 2025-02-01 1.00, 2 2025-02-02 2.00, 5 2025-02-05 5.00"
		mended  = "1 2025-02-01 1.00, 2 2025-02-02 2.00, 3 2025-02-28 3.00, 5 2025-02-05 5.00"
		changed = "1 2025-02-01 1.00, 2 2025-02-02 2.00, 3 2025-02-27 3.00, 5 2025-02-05 5.00"
	)
	base := newTinyFlow(t)
	base.write(t, february, februaryText)
	base.run(t)
	sha := base.loadOf(t, february).FileSHA256
	for _, gone := range []bool{false, true} {
		t.Run(fmt.Sprintf("file gone %t", gone), func(t *testing.T) {
			t.Parallel()
			f := base.clone(t)
			f.run(t) // in another folder, files are looked at again
			if gone {
				f.remove(t, february)
			}
			const overrides = "overrides/raw.feed_lines.csv"
			steps := []struct{ name, file, text, want string }{
				{"mended", overrides, corrected(sha, 4, "posted", "2025-02-28", ""), mended},
				{"changed", overrides, corrected(sha, 4, "posted", "2025-02-27", ""), changed},
				{"on its last day", overrides, corrected(sha, 4, "posted", "2025-02-28", "2025-06-30"), mended},
				{"expired", overrides, corrected(sha, 4, "posted", "2025-02-28", "2025-06-29"), none},
				{"another file of the name", overrides, corrected(strings.Repeat("0", 64), 4, "posted", "2025-02-28", ""), none},
			}
			if gone {
				steps = slices.Delete(steps, 2, 5)
			}
			for _, step := range steps {
				f.write(t, step.file, correctionsHeader+step.text)
				if !strings.HasPrefix(step.name, "another") {
					f.planned(t, february)
				}
				report := f.run(t)
				if got := f.released(t); got != step.want {
					t.Errorf("%s: %s, want %s (%v)", step.name, got, step.want, report.Files)
				}
				warned := len(report.Warnings) == 1 && strings.HasPrefix(report.Warnings[0], "overrides/raw.feed_lines.csv:2:1: no file with this hash")
				if step.name == "another file of the name" != warned {
					t.Errorf("%s: warnings %v", step.name, report.Warnings)
				}
			}
			f.write(t, overrides, correctionsHeader+corrected(sha, 4, "posted", "2025-02-28", "")+corrected(sha, 6, "posted", "2025-02-05", "")+corrected(sha, 77, "posted", "2025-02-05", ""))
			report := f.run(t)
			if len(report.Warnings) != 1 || !strings.HasPrefix(report.Warnings[0], "overrides/raw.feed_lines.csv:4:1: the file has no such cell") {
				t.Errorf("warnings %v", report.Warnings)
			}
			told := f.texts(t, "feed", "select dataset, column_name, record_key, override_value, reason, decided_by, decided_on, expires_on, rows_changed from meta.overrides order by all")
			want := []string{
				"raw.feed_lines posted drop/lines_2025-02.csv:4 2025-02-28 the invoice says so J. Smith 2025-06-01 · 1",
				"raw.feed_lines posted drop/lines_2025-02.csv:6 2025-02-05 the invoice says so J. Smith 2025-06-01 · 1",
				"raw.feed_lines posted drop/lines_2025-02.csv:77 2025-02-05 the invoice says so J. Smith 2025-06-01 · 0",
			}
			if diff := cmp.Diff(want, told); diff != "" {
				t.Errorf("meta.overrides (-want +got):\n%s", diff)
			}
			f.remove(t, "overrides")
			f.run(t)
			if got := f.released(t); got != none {
				t.Errorf("withdrawn: %s", got)
			}
			if report := f.run(t); report.Release != nil || len(report.Models) > 0 {
				t.Errorf("a run with nothing new does something: %+v", report)
			}
		})
	}
}

// planned expects that a plan says that one file, and no other, would be read.
func (f *flow) planned(t testing.TB, file string) {
	t.Helper()
	env, err := f.environment()
	if err != nil {
		t.Fatal(err)
	}
	planned, err := inspect.Plan(t.Context(), env, intake.Wanted{})
	if err != nil || len(planned.Files) != 1 || planned.Files[0].File != file || planned.Files[0].Status != runreport.FileLoaded {
		t.Errorf("planned: %+v, %v", planned, err)
	}
}

// A mistake in a correction is a mistake of configuration: nothing is done, and
// all of them are named at their places.
func TestMistakesInCorrections(t *testing.T) {
	t.Parallel()
	f := newTinyFlow(t)
	f.run(t)
	before := f.release(t)
	f.write(t, "overrides/feed.lines.payee.csv", "line_key,value,reason,who,when,expires\nx,y,,z,2025-06-01,\n")
	_, err := f.try(t.Context(), run.Options{})
	var mistake *workspace.ConfigurationError
	if !errors.As(err, &mistake) || !strings.Contains(err.Error(), "overrides/feed.lines.payee.csv:2:5: no reason") || !strings.Contains(err.Error(), ":2:1: no value of the key column line_key") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(before, f.release(t)); diff != "" {
		t.Errorf("the release changed:\n%s", diff)
	}
}

// What a model gives in one row is corrected, counted in the release, and as it
// was when the correction is withdrawn.
func TestCorrectionsOfModels(t *testing.T) {
	t.Parallel()
	f := newTinyFlow(t)
	f.run(t)
	before := f.lines(t)
	key := f.texts(t, "feed", "select line_key from feed.lines where document_ref = '2'")[0]
	f.write(t, "overrides/feed.lines.payee.csv", "line_key,value,reason,who,when,expires\n"+
		key+",Right Ltd,the register says so,J. Smith,2025-06-01,2025-12-31\n"+
		"00000000-0000-0000-0000-000000000000,Right Ltd,a slip,J. Smith,2025-06-01,\n")
	report := f.run(t)
	if got := f.texts(t, "feed", "select document_ref, payee from feed.lines order by 1"); !slices.Equal(got, []string{"1 Example Ltd", "2 Right Ltd", "3 Pretend Ltd"}) {
		t.Errorf("payees: %v", got)
	}
	if len(report.Warnings) != 1 || !strings.HasPrefix(report.Warnings[0], "overrides/feed.lines.payee.csv:3:1: no row of feed.lines has this key") {
		t.Errorf("warnings %v", report.Warnings)
	}
	if got := modelsBy(report, runreport.StatusBuilt); !slices.Equal(got, []string{"feed.lines"}) {
		t.Errorf("built: %v", got)
	}
	told := f.texts(t, "feed", "select dataset, column_name, record_key = '"+key+"', override_value, decided_by, expires_on, rows_changed from meta.overrides order by rows_changed desc")
	if diff := cmp.Diff([]string{"feed.lines payee true Right Ltd J. Smith 2025-12-31 1", "feed.lines payee false Right Ltd J. Smith · 0"}, told); diff != "" {
		t.Errorf("meta.overrides (-want +got):\n%s", diff)
	}
	if again := f.run(t); again.Release != nil || len(again.Models) > 0 || len(again.Warnings) != 1 {
		t.Errorf("a second run: %+v", again)
	}
	f.remove(t, "overrides")
	f.run(t)
	if diff := cmp.Diff(before, f.lines(t)); diff != "" {
		t.Errorf("withdrawn (-want +got):\n%s", diff)
	}
}

// lines are the files of the dataset in the current release.
func (f *flow) lines(t testing.TB) map[string]string {
	t.Helper()
	files := f.release(t)
	for name := range files {
		if !strings.Contains(name, "datasets/feed.lines/") {
			delete(files, name)
		}
	}
	if len(files) != 2 {
		t.Fatalf("files of the dataset: %v", files)
	}
	return files
}

// withContract is the site with a changed contract.
func (f *flow) withContract(t testing.TB, old, replacement string) *flow {
	t.Helper()
	const name = "pipelines/feed/contracts/lines.yaml"
	files := tinyFiles()
	text := string(files[name].Data)
	if !strings.Contains(text, old) {
		t.Fatalf("the contract has no %q", old)
	}
	files[name] = &fstest.MapFile{Data: []byte(strings.Replace(text, old, replacement, 1))}
	return &flow{dir: f.dir, now: f.now, builtIn: files}
}

// Files are read again as they were received, also when nobody has them any
// more; one that is refused leaves all as it was.
func TestReplay(t *testing.T) {
	t.Parallel()
	f := newTinyFlow(t)
	f.write(t, february, februaryText)
	f.run(t)
	f.remove(t, february)
	replay := func(f *flow, options run.ReplayOptions) (*run.ReplayReport, error) {
		env, err := f.environment()
		if err != nil {
			t.Fatal(err)
		}
		f.now = f.now.Add(time.Hour)
		return run.Replay(t.Context(), env, options)
	}
	looser := f.withContract(t, "{name: amount_gbp, type: money, required: true, aliases: [Net]}", "{name: amount_gbp, type: money, required: true, aliases: [Net], recode: {\"4.005\": \"4.01\"}}")
	before := looser.release(t)
	report, err := replay(looser, run.ReplayOptions{All: true})
	if err != nil || len(report.Files) != 1 || report.Refused() {
		t.Fatalf("%+v, %v", report, err)
	}
	got := report.Files[0]
	if got.File != february || got.Before.Rows != 3 || got.Before.Quarantined != 2 || got.After == nil || got.After.Rows != 4 || got.After.Quarantined != 1 {
		t.Errorf("replayed: %+v, after %+v", got, got.After)
	}
	if diff := cmp.Diff(before, looser.release(t)); diff != "" {
		t.Errorf("a replay releases nothing by itself:\n%s", diff)
	}
	looser.run(t)
	if got := looser.released(t); got != "1 2025-02-01 1.00, 2 2025-02-02 2.00, 4 2025-02-04 4.01, 5 2025-02-05 5.00" {
		t.Errorf("released: %s", got)
	}
	if again := looser.run(t); again.Release != nil {
		t.Errorf("a second run: %+v", again.Files)
	}

	stricter := looser.withContract(t, "quarantine_share: 0.4", "quarantine_share: 0")
	report, err = replay(stricter, run.ReplayOptions{Source: "ours"})
	if err != nil || !report.Refused() || report.Files[0].After != nil || !strings.Contains(report.Files[0].Reason, "drop/lines_2025-02.csv:4: refused") {
		t.Errorf("%+v, %v", report, err)
	}
	if now := stricter.loadOf(t, february); now.Rows != 4 {
		t.Errorf("%d rows count", now.Rows)
	}

	f.now = looser.now
	id := looser.loadOf(t, february).ID
	report, err = replay(looser, run.ReplayOptions{Loads: []string{id[:8]}}) // nothing changed: the same load
	if err != nil || len(report.Files) != 1 || report.Files[0].To != id {
		t.Errorf("%+v, %v", report, err)
	}
	for _, options := range []run.ReplayOptions{{Loads: []string{"abc"}}, {Loads: []string{"ffffffffffff"}}, {Source: "theirs"}} {
		var mistake *workspace.ConfigurationError
		if _, err := replay(looser, options); !errors.As(err, &mistake) {
			t.Errorf("%+v: got %v", options, err)
		}
	}
	looser.remove(t, "warehouse/landing")
	report, err = replay(looser, run.ReplayOptions{Loads: []string{id}})
	if err != nil || report.Files[0].Status != runreport.FileSkipped || !strings.Contains(report.Files[0].Reason, "drop the file again") {
		t.Errorf("without the landed file: %+v, %v", report, err)
	}
}

// A load that was taken back stays back, whatever runs come, and what it had
// replaced is released again (architecture §2.4).
func TestRevertAndRestore(t *testing.T) {
	t.Parallel()
	f := newTinyFlow(t)
	f.run(t)
	first := f.lines(t)
	const amended = "drop/lines_2025-01_v2.csv"
	f.write(t, amended, strings.Replace(january, "30.50", "99.50", 1))
	f.run(t)
	second := f.lines(t)
	change := func(verb func(context.Context, workspace.Environment, run.RevertOptions) ([]run.StatusChange, error), options run.RevertOptions) ([]run.StatusChange, error) {
		env, err := f.environment()
		if err != nil {
			t.Fatal(err)
		}
		f.now = f.now.Add(time.Hour)
		return verb(t.Context(), env, options)
	}
	id := f.loadOf(t, amended).ID
	why := run.RevertOptions{Loads: []string{id}, By: "J. Smith", Reason: "a draft"}
	changes, err := change(run.Revert, why)
	if err != nil || len(changes) != 2 {
		t.Fatalf("%+v, %v", changes, err)
	}
	for i, run := range []func() *runreport.Report{
		func() *runreport.Report { return f.run(t) },
		func() *runreport.Report { return f.run(t) },
		func() *runreport.Report {
			report, err := f.try(t.Context(), run.Options{Full: true})
			if err != nil {
				t.Fatal(err)
			}
			return report
		},
		func() *runreport.Report { f.remove(t, "warehouse/build"); return f.run(t) },
	} {
		report := run()
		if diff := cmp.Diff(first, f.lines(t)); diff != "" {
			t.Errorf("run %d after the revert (-want +got):\n%s", i, diff)
		}
		reverted := filesBy(report, "reverted")
		if !slices.Equal(reverted, []string{amended}) || report.Refused() {
			t.Errorf("run %d: reverted %v, status %s", i, reverted, report.Status)
		}
		for _, file := range report.Files {
			if file.File == amended && (!strings.Contains(file.Reason, "reverted by J. Smith") || !strings.Contains(file.Reason, "svw loads restore "+id[:12])) {
				t.Errorf("run %d: %s", i, file.Reason)
			}
		}
	}
	var mistake *workspace.ConfigurationError
	for _, wrong := range []run.RevertOptions{{Loads: []string{id}, By: "x", Reason: "y"}, {Loads: []string{id}, By: "x"}, {Loads: []string{"zzzzzz"}, By: "x", Reason: "y"}} {
		if _, err := change(run.Revert, wrong); !errors.As(err, &mistake) {
			t.Errorf("%+v: got %v", wrong, err)
		}
	}
	if changes, err = change(run.Restore, run.RevertOptions{Loads: []string{id[:10]}}); err != nil || len(changes) != 2 {
		t.Fatalf("%+v, %v", changes, err)
	}
	f.run(t)
	if diff := cmp.Diff(second, f.lines(t)); diff != "" {
		t.Errorf("restored (-want +got):\n%s", diff)
	}
	if _, err := change(run.Restore, run.RevertOptions{Loads: []string{id}}); !errors.As(err, &mistake) {
		t.Errorf("restored twice: %v", err)
	}
}

// What was loaded and what is in quarantine can be asked while a run holds the
// lock; what changes the warehouse cannot be done.
func TestAskedDuringARun(t *testing.T) {
	t.Parallel()
	f := newTinyFlow(t)
	f.write(t, february, februaryText)
	f.run(t)
	id := f.loadOf(t, february).ID
	env, err := f.environment()
	if err != nil {
		t.Fatal(err)
	}
	held, err := lock.Acquire(env.Site.Warehouse.Lock(), f.now)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.quarantined(t, february); !slices.Equal(got, []string{"4 posted impossible_date", "5 amount_gbp not_money"}) {
		t.Errorf("quarantine: %v", got)
	}
	if f.loadOf(t, february).ID != id {
		t.Error("another load")
	}
	if _, err := run.Replay(t.Context(), env, run.ReplayOptions{All: true}); !errors.Is(err, lock.ErrHeld) {
		t.Errorf("replay: %v", err)
	}
	if _, err := run.Revert(t.Context(), env, run.RevertOptions{Loads: []string{id}, By: "x", Reason: "y"}); !errors.Is(err, lock.ErrHeld) {
		t.Errorf("revert: %v", err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
}
