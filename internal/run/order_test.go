//go:build duckdb_arrow

package run_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"socialvalue/internal/inspect"
	"socialvalue/internal/intake"
	"socialvalue/internal/runreport"
)

// arrival is one file that comes: the name it comes under and its text.
type arrival struct {
	name string
	text string
	age  int // days before the last run at which it was last changed
}

// arrivals are files of every load mode: equal lines in one file and in several,
// a month inside a quarter, months and editions that came twice, and the same
// bytes under two names.
func arrivals() []arrival {
	three := []line{{"a", 100}, {"a", 100}, {"b", 250}}
	return []arrival{
		{"added/first.csv", text(three), 40},
		{"added/second.csv", text([]line{{"a", 100}, {"b", 250}, {"c", 5}}), 39},
		{"added/first_renamed.csv", text(three), 38},
		{"monthly/m_2024-01.csv", text([]line{{"m", 10}, {"m", 10}, {"n", 20}}), 37},
		{"monthly/m_2024-01_again.csv", text([]line{{"m", 10}, {"n", 21}}), 30},
		{"monthly/m_2024-02.csv", text([]line{{"o", 30}, {"m", 10}}), 36},
		{"quarterly/q_2024-Q1.csv", text([]line{{"m", 10}, {"m", 10}, {"m", 10}, {"o", 30}, {"p", 40}}), 35},
		{"quarterly/q_2024-Q1_again.csv", text([]line{{"m", 10}, {"m", 10}, {"o", 30}, {"p", 41}}), 20},
		{"sliced/s_e1.csv", text([]line{{"x", 1}, {"y", 2}}), 34},
		{"sliced/s_e2.csv", text([]line{{"x", 1}, {"y", 3}}), 33},
		{"sliced/s_e1_again.csv", text([]line{{"x", 1}, {"y", 4}}), 25},
		{"keyed/k1.csv", text([]line{{"k", 1}, {"l", 2}}), 32},
		{"keyed/k2.csv", text([]line{{"k", 7}, {"m", 3}}), 31},
	}
}

// arrive takes the files in, so many at each run.
func arrive(t testing.TB, files []arrival, batches []int) *tiny {
	t.Helper()
	y := newTiny(t)
	last := y.now.AddDate(0, 0, 2)
	i := 0
	for _, n := range batches {
		for range n {
			y.put(t, files[i], last)
			i++
		}
		y.run(t)
	}
	return y
}

// put puts a file into the drop folder with the time at which it was changed.
func (y *tiny) put(t testing.TB, file arrival, last time.Time) {
	t.Helper()
	name := "drop/" + file.name
	y.write(t, name, file.text)
	changed := last.AddDate(0, 0, -file.age)
	if err := os.Chtimes(y.path(name), changed, changed); err != nil {
		t.Fatal(err)
	}
}

// released are the files of the datasets, without those that tell of the run.
func (y *tiny) released(t testing.TB) map[string]string {
	t.Helper()
	hashes := fileHashes(t, y.path("warehouse/releases/current/open/datasets"))
	for name := range hashes {
		if filepath.Dir(name)[:5] == "meta." {
			delete(hashes, name)
		}
	}
	if len(hashes) != 4 {
		t.Fatalf("released: %v", hashes)
	}
	return hashes
}

// TestAnyOrderOfArrival takes the same files in, in any order, spread over
// several runs, some of them sent again: the same rows count, under the same
// keys, and the same bytes are released, but for what says under which name the
// same bytes came first.
func TestAnyOrderOfArrival(t *testing.T) {
	t.Parallel()
	files := arrivals()
	usual := arrive(t, files, []int{len(files)})
	want, rows := usual.released(t), usual.texts(t, "open", "select source, ref, amount_gbp, line_key, load_id, source_row from tiny.line order by all")
	// By hand: added has a twice, b and c. Of the months and the quarter there are
	// two lines m, one in the month and one in the quarter; n stands in the month
	// alone; o counts in the quarter, which begins before its month, and so does p.
	// Each edition has its last two lines.
	// Of key k the later file counts.
	totals := []string{"added 4.55 4", "keyed 0.12 3", "monthly 0.31 2", "quarterly 0.81 3", "sliced 0.09 4"}
	if diff := cmp.Diff(totals, usual.totals(t)); diff != "" {
		t.Fatalf("lines that count (-want +got):\n%s\n%v", diff, rows)
	}
	tried := 0
	rapid.Check(t, func(rt *rapid.T) {
		if tried++; tried > usualOrders {
			return // each takes seconds
		}
		shuffled := rapid.Permutation(files).Draw(rt, "order")
		runs := rapid.IntRange(1, 3).Draw(rt, "runs")
		batches := make([]int, runs)
		for range shuffled {
			batches[rapid.IntRange(0, runs-1).Draw(rt, "run")]++
		}
		y := arrive(t, shuffled, batches)
		if again := rapid.IntRange(-1, len(files)-1).Draw(rt, "again"); again >= 0 {
			y.put(t, files[again], y.now.AddDate(0, 0, 1))
			y.run(t)
		}
		got := y.texts(t, "open", "select source, ref, amount_gbp, line_key, load_id, source_row from tiny.line order by all")
		if diff := cmp.Diff(rows, got); diff != "" {
			rt.Fatalf("%v in %v (-usual +got):\n%s", names(shuffled), batches, diff)
		}
		released := y.released(t)
		if renamedFirst(shuffled, batches) {
			// Objects hold the name under which their bytes first came, and Parquet
			// files the hash of the objects: the rows are the same, in the same form.
			for name := range released {
				if filepath.Ext(name) == ".parquet" {
					released[name] = want[name]
				}
			}
		}
		if diff := cmp.Diff(want, released); diff != "" {
			rt.Fatalf("%v in %v: released (-usual +got):\n%s", names(shuffled), batches, diff)
		}
	})
}

// renamedFirst says whether the bytes that come under two names came in an
// earlier run under the second. Within a run files are taken in by name.
func renamedFirst(files []arrival, batches []int) bool {
	runOf := map[string]int{}
	i := 0
	for number, n := range batches {
		for range n {
			runOf[files[i].name] = number
			i++
		}
	}
	return runOf["added/first_renamed.csv"] < runOf["added/first.csv"]
}

func names(files []arrival) []string {
	list := make([]string, len(files))
	for i, file := range files {
		list[i] = file.name
	}
	return list
}

// TestReceivedFilesArePurged lets the retention of received files pass: their
// bytes go, their rows stay, loads say so, and nothing comes in again.
func TestReceivedFilesArePurged(t *testing.T) {
	t.Parallel()
	y := newTiny(t)
	y.write(t, "drop/added/a.csv", text([]line{{"a", 100}}))
	y.write(t, "drop/added/taken_away.csv", text([]line{{"b", 100}}))
	y.write(t, "drop/monthly/nonsense.csv", "What,Ever\n1,2\n")
	y.run(t)
	landed := func() int { return len(fileHashes(t, y.path("warehouse/landing"))) }
	if landed() != 3 {
		t.Fatalf("%d files landed", landed())
	}
	y.remove(t, "drop/added/taken_away.csv")
	y.now = y.now.AddDate(0, 0, 29)
	if report := y.run(t); len(report.Purged) != 0 || landed() != 3 || len(report.Lingering) != 0 {
		t.Fatalf("before its time: %+v, %+v", report.Purged, report.Lingering)
	}
	y.now = y.now.AddDate(0, 0, 1)
	env, err := tinyEnvironment(y.dir, y.now)
	if err != nil {
		t.Fatal(err)
	}
	planned, err := inspect.Plan(t.Context(), env, intake.Wanted{})
	if err != nil || len(planned.Purge) != 3 || landed() != 3 {
		t.Fatalf("planned %+v, %v", planned, err)
	}
	report := y.run(t)
	if diff := cmp.Diff(planned.Purge, report.Purged); diff != "" || landed() != 0 {
		t.Fatalf("%d left; (-planned +purged):\n%s", landed(), diff)
	}
	lingering := make([]string, 0, 2)
	for _, file := range report.Lingering {
		lingering = append(lingering, file.File)
	}
	if want := []string{"drop/added/a.csv", "drop/monthly/nonsense.csv"}; !slices.Equal(lingering, want) {
		t.Errorf("lingering %v, want %v", lingering, want)
	}
	for _, record := range y.loads(t) {
		if record.LandingPurgedAt == nil {
			t.Errorf("%s does not say that it was purged", record.File)
		}
	}
	// Nothing comes in again, also when everything is read again, without the
	// state file, and from the store alone.
	for _, lost := range []string{"", "warehouse/state", "warehouse/build"} {
		if lost != "" {
			y.remove(t, lost)
		}
		report := y.run(t)
		if loaded := filesBy(report, runreport.FileLoaded); len(loaded) > 0 || report.Release != nil {
			t.Errorf("without %s: loaded %v, release %v", lost, loaded, report.Release)
		}
		if diff := cmp.Diff([]string{"added 2.00 2"}, y.totals(t)); diff != "" {
			t.Errorf("without %s:\n%s", lost, diff)
		}
		// A refusal that was forgotten begins a new time.
		if got := landed(); got > 1 {
			t.Errorf("without %s: %d files are in landing again", lost, got)
		}
	}
}

// A file whose rows are not in the store is never purged, nor one that nobody
// read yet.
func TestWhatIsNotInTheRecordIsNotPurged(t *testing.T) {
	t.Parallel()
	y := newTiny(t)
	y.write(t, "drop/added/a.csv", text([]line{{"a", 100}}))
	y.run(t)
	y.write(t, "warehouse/landing/added/"+fmt.Sprintf("%064x", 1), "nobody knows what this is")
	for name := range storeFiles(t, &y.flow) {
		if filepath.Ext(name) == ".parquet" {
			y.remove(t, "warehouse/store/"+name)
		}
	}
	y.now = y.now.AddDate(1, 0, 0)
	env, err := tinyEnvironment(y.dir, y.now)
	if err != nil {
		t.Fatal(err)
	}
	planned, err := inspect.Plan(t.Context(), env, intake.Wanted{})
	if err != nil || len(planned.Purge) != 0 {
		t.Fatalf("planned %+v, %v", planned, err)
	}
}
