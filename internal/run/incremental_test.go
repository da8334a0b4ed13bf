//go:build duckdb_arrow

package run_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"socialvalue/internal/run"
	"socialvalue/internal/runreport"
	"socialvalue/internal/site"
	"socialvalue/internal/verify"
)

// swipesSite is a site with one pipeline whose datasets are made by day.
const swipesSite = `name: Days
version: 1
bodies: [{code: ours, name: Ours}]
area: {name: Here, lad_codes: [E08000012]}
duckdb: {memory_limit: 1GB, threads: 2, temp_limit: 1GB}
sources:
  - name: readers
    contract: swipes/swipes
    body: ours
    from: drop/*.csv
    name_pattern: '_(?P<month>\d{4}-\d{2})\.csv$'
`

// swipesFlow is a flow on that site.
type swipesFlow struct {
	*flow
	files fstest.MapFS
}

func newSwipesFlow(t testing.TB) *swipesFlow {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/swipes.txtar")
	if err != nil {
		t.Fatal(err)
	}
	f := &swipesFlow{flow: &flow{dir: t.TempDir(), now: time.Date(2025, time.July, 1, 2, 30, 0, 0, time.UTC)}, files: fstest.MapFS{}}
	for _, file := range archive.Files {
		f.files[file.Name] = &fstest.MapFile{Data: file.Data}
	}
	f.write(t, site.FileName, swipesSite)
	return f
}

func (f *swipesFlow) try(ctx context.Context, options run.Options) (*runreport.Report, error) {
	env, err := environment(f.dir, f.now)
	if err != nil {
		return nil, err
	}
	env.Files = f.files
	f.now = f.now.Add(time.Hour)
	options.Trigger = "test"
	return run.Run(ctx, env, options)
}

// deliver puts a month's file into the site, later than the last.
func (f *swipesFlow) deliver(t testing.TB, month string, swipes []string) {
	t.Helper()
	f.write(t, "drop/swipes_"+month+".csv", "card,swiped_at\n"+strings.Join(swipes, "\n")+"\n")
}

// dayOf is the day of service of a line of a file.
func dayOf(line string) string {
	at, err := time.Parse("2006-01-02 15:04:05", line[strings.Index(line, ",")+1:])
	if err != nil {
		return err.Error()
	}
	return at.Add(-4 * time.Hour).Format(time.DateOnly)
}

// dayFiles are the day files of a released dataset, by day.
func dayFiles(all map[string]string, dataset string) map[string]string {
	days := map[string]string{}
	for name, hash := range all {
		if strings.Contains(name, "/"+dataset+"/") && strings.HasSuffix(name, ".parquet") {
			days[strings.TrimSuffix(filepath.Base(name), ".parquet")] = hash
		}
	}
	return days
}

var histories = flag.Int("histories", usualHistories, "random histories of deliveries to a site whose datasets are made by day")

// delivery is one file that comes to the site, and the run that follows.
type delivery struct {
	month  string
	swipes []string
	full   bool
}

func drawDelivery(r *rapid.T) delivery {
	return delivery{
		month:  rapid.SampledFrom([]string{"2024-04", "2024-05", "2024-06"}).Draw(r, "month"),
		swipes: drawSwipes(r), full: rapid.IntRange(0, 9).Draw(r, "full") == 0,
	}
}

// Architecture §2.5 and §4: what is made by day is what would be made at once; days whose rows did not change keep
// their files, and the table of a carried DuckDB file is that of its Parquet files.
func TestDaysAreWhatTheWholeWouldBe(t *testing.T) {
	t.Parallel()
	drawn := rapid.SliceOfN(rapid.Custom(drawDelivery), 3, 6)
	for seed := range *histories {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			history(t, drawn.Example(seed))
		})
	}
}

// history makes a run after each delivery and compares what is released with what was delivered.
func history(t *testing.T, deliveries []delivery) {
	f := newSwipesFlow(t)
	delivered := map[string][]string{}
	var before map[string]string
	var daysBefore map[string][]string
	for _, next := range deliveries {
		held := slices.Concat(delivered[next.month], next.swipes)
		delivered[next.month] = next.swipes
		f.deliver(t, next.month, next.swipes)
		if _, err := f.try(t.Context(), run.Options{Full: next.full}); err != nil {
			t.Fatal(err)
		}
		current, err := filepath.EvalSymlinks(f.path("warehouse/releases/current"))
		if err != nil {
			t.Fatal(err)
		}
		if err := verify.Release(t.Context(), current, nil); err != nil {
			t.Fatal(err)
		}
		days := swipesByDay(delivered)
		expectDays(t, f, days)
		after := dayFiles(fileHashes(t, current), "swipes.swipes")
		if diff := cmp.Diff(slices.Sorted(maps.Keys(days)), slices.Sorted(maps.Keys(after))); diff != "" {
			t.Fatalf("day files (-want +got):\n%s", diff)
		}
		for day, hash := range before {
			touched := slices.ContainsFunc(held, func(line string) bool { return dayOf(line) == day })
			if !touched && slices.Equal(daysBefore[day], days[day]) && after[day] != hash {
				t.Errorf("%s did not change, but its file did", day)
			}
		}
		before, daysBefore = after, days
	}
}

// drawSwipes draws a file: some cards on some days of a spring, some of them late, some after midnight, some twice.
func drawSwipes(r *rapid.T) []string {
	first := time.Date(2024, time.April, 1, 0, 0, 0, 0, time.UTC)
	return rapid.SliceOfN(rapid.Custom(func(r *rapid.T) string {
		at := first.AddDate(0, 0, rapid.IntRange(0, 40).Draw(r, "day")).Add(time.Duration(rapid.IntRange(0, 23).Draw(r, "hour")) * time.Hour)
		return fmt.Sprintf("%d,%s", rapid.IntRange(1, 3).Draw(r, "card"), at.Format("2006-01-02 15:04:05"))
	}), 1, 25).Draw(r, "swipes")
}

// swipesByDay is what counts of all files: a line that stands in two files counts as often as in the file that has it
// most often, since the same occurrence in another file is a duplicate.
func swipesByDay(delivered map[string][]string) map[string][]string {
	most := map[string]int{}
	for _, lines := range delivered {
		count := map[string]int{}
		for _, line := range lines {
			count[line]++
			most[line] = max(most[line], count[line])
		}
	}
	days := map[string][]string{}
	for line, n := range most {
		for range n {
			days[dayOf(line)] = append(days[dayOf(line)], line)
		}
	}
	for day := range days {
		sort.Strings(days[day])
	}
	return days
}

func expectDays(t *testing.T, f *swipesFlow, days map[string][]string) {
	t.Helper()
	var want, wantCards []string
	cards := map[string]int{}
	for day, lines := range days {
		for _, line := range lines {
			card, at, _ := strings.Cut(line, ",")
			want = append(want, day+" "+card+" "+at)
			cards[card]++
		}
	}
	for card, n := range cards {
		wantCards = append(wantCards, fmt.Sprintf("%s %d", card, n))
	}
	sort.Strings(want)
	sort.Strings(wantCards)
	if diff := cmp.Diff(want, f.texts(t, "swipes", "select service_day || ' ' || card || ' ' || swiped_at as line from swipes.swipes order by 1")); diff != "" {
		t.Fatalf("the table by day is not the whole (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantCards, f.texts(t, "swipes", "select card || ' ' || swipes as line from swipes.cards order by 1")); diff != "" {
		t.Fatalf("what is made from days is not the whole (-want +got):\n%s", diff)
	}
}

// A check looks at changed days alone only while everything else passed: a day that fails holds the dataset until it is
// mended, whatever days come after it.
func TestABadDayHoldsUntilItIsMended(t *testing.T) {
	t.Parallel()
	f := newSwipesFlow(t)
	for _, step := range []struct {
		month, line string
		held        bool
		released    []string
	}{
		{"2024-04", "1,2024-04-09 08:00:00", false, []string{"2024-04-09"}},
		{"2024-05", "-1,2024-05-09 08:00:00", true, []string{"2024-04-09"}},
		{"2024-06", "2,2024-06-09 08:00:00", true, []string{"2024-04-09"}},
		{"2024-05", "3,2024-05-09 08:00:00", false, []string{"2024-04-09", "2024-05-09", "2024-06-09"}},
		{"2024-06", "4,2024-06-10 03:59:59", false, []string{"2024-04-09", "2024-05-09", "2024-06-09"}},
	} {
		f.deliver(t, step.month, []string{step.line})
		report, err := f.try(t.Context(), run.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if held := slices.Contains(modelsBy(report, runreport.StatusHeld), "swipes.swipes"); held != step.held {
			t.Errorf("%s: held %v, want %v", step.line, held, step.held)
		}
		days := f.texts(t, "swipes", "select distinct service_day from swipes.swipes order by 1")
		if diff := cmp.Diff(step.released, days); diff != "" {
			t.Errorf("%s: released days (-want +got):\n%s", step.line, diff)
		}
	}
}

// A row whose day is not the one that days.by says would be written nowhere, so the build fails.
func TestARowOfAnotherDayFailsTheBuild(t *testing.T) {
	t.Parallel()
	f := newSwipesFlow(t)
	spec := string(f.files["sql/swipes/swipes.yaml"].Data)
	f.files["sql/swipes/swipes.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(spec, `by: "swiped_at - interval 4 hours"`, "by: swiped_at", 1))}
	f.deliver(t, "2024-04", []string{"1,2024-04-09 08:00:00", "1,2024-04-10 03:00:00", "1,2024-04-08 03:00:00"})
	report, err := f.try(t.Context(), run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(report.Models, func(m runreport.ModelReport) bool { return m.Relation == "swipes.swipes" })
	if at < 0 || report.Models[at].Status != runreport.StatusFailed || !strings.Contains(report.Models[at].Reason, "another service_day than days.by says") {
		t.Fatalf("got %+v", report.Models)
	}
}
