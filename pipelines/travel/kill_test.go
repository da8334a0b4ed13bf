//go:build duckdb_arrow

package travel_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/crashtest"
	"socialvalue/internal/warehouse"
)

var monthKills = flag.Int("month-kills", 3, "random moments of a month of journeys at which to kill the process")

// TestAKillInTheMiddleOfAMonth takes in a month of day files, which are read together, and one more day; the process is
// killed at random moments of it. In the end there is what a run has that nobody disturbed: every message once.
func TestAKillInTheMiddleOfAMonth(t *testing.T) {
	t.Parallel()
	undisturbed, killed := t.TempDir(), t.TempDir()
	messages := 0
	for _, dir := range []string{undisturbed, killed} {
		journeysAlone(t, dir, 6000, "1GB")
		messages = keepMonth(t, filepath.Join(dir, "drop/journeys"), "2022-04")
	}
	run := func(dir, what string) {
		t.Helper()
		crashtest.Succeed(t, crashtest.Child(t, runRole, dir), what)
	}
	usual := crashtest.Succeed(t, crashtest.Child(t, runRole, undisturbed), "the run nobody disturbs")
	last, aside := filepath.Join(killed, "drop/journeys/journeys_2022-04-30.csv"), filepath.Join(killed, "aside.csv")
	if err := os.Rename(last, aside); err != nil {
		t.Fatal(err)
	}
	for range *monthKills {
		crashtest.Kill(t, crashtest.Child(t, runRole, killed), usual) // or it had just finished
	}
	if err := os.Rename(aside, last); err != nil {
		t.Fatal(err)
	}
	crashtest.Kill(t, crashtest.Child(t, runRole, killed), usual)
	run(killed, "the run after the kills")
	run(killed, "a run with nothing new")
	want, got := whatIsThere(t, undisturbed), whatIsThere(t, killed)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-undisturbed +killed)\n%s", diff)
	}
	if counted := fmt.Sprintf("%d messages", messages); !slices.Contains(got, counted) {
		t.Errorf("%s were sent; there is %v", counted, got[:3])
	}
}

// keepMonth leaves the day files of one month in a folder, and counts the messages in them.
func keepMonth(t *testing.T, dir, month string) (messages int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !strings.Contains(file, "journeys_"+month) {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		messages += strings.Count(string(text), "\n") - 1
	}
	return messages
}

// whatIsThere tells how many messages are kept or quarantined and the objects of the store, loads and days, by their bytes.
func whatIsThere(t *testing.T, dir string) []string {
	t.Helper()
	db, err := warehouse.Open(t.Context(), filepath.Join(dir, "warehouse/build/build.duckdb"), warehouse.Options{Threads: 1, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	found, err := db.Texts(t.Context(), `
select (select count(*) from raw.travel_journeys)
    + (select sum(cast(record ->> '$.quarantined' as bigint)) from _svw.loads where relation = 'raw.travel_journeys') || ' messages'
union all
select count(distinct (_load_id, _source_row)) || ' rows' from raw.travel_journeys
union all
select count(*) || ' boardings of ' || sum(hash(journey_key)) from travel.journeys`)
	if err != nil {
		t.Fatal(err)
	}
	objects, err := filepath.Glob(filepath.Join(dir, "warehouse/store/*/*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range objects {
		found = append(found, strings.TrimPrefix(object, dir))
	}
	return found
}
