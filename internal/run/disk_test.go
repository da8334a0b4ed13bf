//go:build duckdb_arrow

package run_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/crashtest"
	"socialvalue/internal/journal"
	"socialvalue/internal/run"
	"socialvalue/internal/runreport"
	"socialvalue/internal/state"
	"socialvalue/internal/unprivileged"
)

// A file that grows while it is read is left for the next run, and no line of its
// first half is loaded.
func TestAFileThatGrows(t *testing.T) {
	t.Parallel()
	f := newTinyFlow(t)
	const name = "drop/lines_2025-02.csv"
	f.write(t, name, tinyHeader+"2025-02-01,1,Example Ltd,1.00\n")
	env, err := f.environment()
	if err != nil {
		t.Fatal(err)
	}
	env.Progress = func(stage, subject string) {
		if stage != "load" || subject != name {
			return
		}
		file, err := os.OpenFile(f.path(name), os.O_APPEND|os.O_WRONLY, 0)
		if err == nil {
			_, err = file.WriteString("2025-02-02,2,Example Ltd,2.00\n")
			_ = file.Close()
		}
		if err != nil {
			t.Error(err)
		}
	}
	report, err := run.Run(t.Context(), env, run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if pending := filesBy(report, runreport.FilePending); !slices.Equal(pending, []string{name}) {
		t.Errorf("pending: %v", pending)
	}
	for _, file := range report.Files {
		if file.File == name && !strings.Contains(file.Reason, "it is left for the next run") {
			t.Errorf("the reason is %q", file.Reason)
		}
	}
	f.write(t, name, f.read(t, name)) // it stands still
	report = f.run(t)
	if lines := f.texts(t, "feed", "select count(*) from feed.lines where posted >= date '2025-02-01'"); !slices.Equal(lines, []string{"2"}) {
		t.Errorf("%v lines of it are released: %v", lines, report.Files)
	}
}

// What an ordinary user may not read is named with what to do, and taken in once
// it may be read, though nothing else about it changed.
func TestWhatCannotBeRead(t *testing.T) { //nolint:paralleltest // it runs again as an ordinary user
	if unprivileged.Rerun(t) {
		return
	}
	cases := map[string]struct {
		file, closed string
	}{
		"a file":   {"drop/lines_2025-02.csv", "drop/lines_2025-02.csv"},
		"a folder": {"drop/lines_feb/lines_2025-02.csv", "drop/lines_feb"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			f := newTinyFlow(t)
			f.configure(t, "from: drop/lines_*", "from: drop/lines_*\n    # and below")
			if strings.Contains(tc.closed, "feb") && !strings.HasSuffix(tc.closed, ".csv") {
				f.configure(t, "from: drop/lines_*", "from: drop/lines_*/lines_*.csv")
				f.write(t, "drop/lines_jan/lines_2025-01.csv", january)
				f.remove(t, "drop/lines_2025-01.csv")
			}
			f.run(t)
			before := f.release(t)
			f.write(t, tc.file, tinyHeader+"2025-02-01,1,Example Ltd,1.00\n")
			info, err := os.Stat(f.path(tc.closed))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(f.path(tc.closed), 0); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.Chmod(f.path(tc.closed), info.Mode()) })
			report := f.run(t)
			said := ""
			for _, file := range report.Files {
				if file.Status == runreport.FileRefused {
					said += file.Reason + "\n"
				}
			}
			for _, word := range []string{tc.closed, "the right to read"} {
				if !strings.Contains(said, word) {
					t.Errorf("the message does not say %q:\n%s", word, said)
				}
			}
			if diff := cmp.Diff(before, f.release(t)); diff != "" {
				t.Errorf("the release changed:\n%s", diff)
			}
			if err := os.Chmod(f.path(tc.closed), info.Mode()); err != nil {
				t.Fatal(err)
			}
			if loaded := filesBy(f.run(t), runreport.FileLoaded); !slices.Equal(loaded, []string{tc.file}) {
				t.Errorf("loaded then: %v", loaded)
			}
		})
	}
}

// A disk that is full at any stage of a run leaves the current release whole, and
// with room again the next run completes as if nothing had happened
// (architecture §7.1). The disk is a small one in memory, which only a process of
// its own sees.
func TestAFullDisk(t *testing.T) { //nolint:paralleltest // the process of its own runs this test alone
	disk := crashtest.OnOwnDisk(t, 160<<20) // a release keeps 64 MB free
	if disk == nil {
		return
	}
	base := newTinyFlow(t)
	f := &flow{dir: disk.Dir, now: base.now, builtIn: base.builtIn}
	f.write(t, "svw.yaml", tinySite)
	f.write(t, "drop/lines_2025-01.csv", january)
	f.run(t)
	month, failed := 1, 0
	for _, room := range []int64{0, 16 << 10, 256 << 10, 1 << 20, 4 << 20} {
		month++
		before := f.release(t)
		var text strings.Builder
		text.WriteString(tinyHeader)
		for i := range 5000 {
			fmt.Fprintf(&text, "2025-%02d-01,%d,Example %d Ltd,1.00\n", month, i, i*7919%5000)
		}
		f.write(t, fmt.Sprintf("drop/lines_2025-%02d.csv", month), text.String())
		if err := disk.Leave(room); err != nil {
			t.Fatal(err)
		}
		report, err := f.try(t.Context(), run.Options{})
		switch {
		case err != nil:
			failed++
			t.Logf("with room for %d bytes: %v", room, err)
			if diff := cmp.Diff(before, f.release(t)); diff != "" {
				t.Errorf("with room for %d bytes the run failed (%v), and the release changed:\n%s", room, err, diff)
			}
		case report.Release == nil:
			t.Errorf("with room for %d bytes nothing failed and nothing was released: %s", room, report.ReleaseNote)
		}
		if err := disk.Empty(); err != nil {
			t.Fatal(err)
		}
		f.run(t)
		got := f.texts(t, "feed", "select count(*), sum(amount_gbp) from feed.lines where posted > date '2025-01-31'")
		if want := fmt.Sprintf("%d %d.00", 5000*(month-1), 5000*(month-1)); len(got) != 1 || got[0] != want {
			t.Errorf("after a disk with room for %d bytes: %v lines, want %s", room, got, want)
		}
		if releases := f.glob(t, "warehouse/releases/2*"); len(releases) > 2 { // room for the next
			f.remove(t, releases[0])
		}
	}
	if failed < 3 {
		t.Errorf("only %d runs failed: the disk was not full", failed)
	}
	f.expectWholeJournal(t, failed)
}

// expectWholeJournal expects that the journal tells of every run, and of each that succeeded has all that it did; so many did
// not succeed. A run that could not begin to write is none.
func (f *flow) expectWholeJournal(t *testing.T, failed int) {
	t.Helper()
	db, err := state.Open(t.Context(), f.path("warehouse/state/state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // it was only read
	runs, err := db.LastRuns(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	folder := journal.Folder(f.path("warehouse/state/runs"))
	for _, r := range runs {
		if r.Status != state.Succeeded {
			if failed--; r.Status != state.Failed && r.Status != state.Interrupted || r.Error == "" {
				t.Errorf("run %s %s: %q", r.ID, r.Status, r.Error)
			}
			continue
		}
		var report runreport.Report
		var log bytes.Buffer
		if err := errors.Join(folder.Report(r.ID, &report), folder.CopyLog(r.ID, &log)); err != nil || report.RunID != r.ID || !strings.Contains(log.String(), `"msg":"run ends"`) {
			t.Errorf("run %s succeeded, and the journal has %q of it: %v", r.ID, log.String(), err)
		}
	}
	if failed < 0 {
		t.Errorf("%d more runs are told to have failed than did", -failed)
	}
}
