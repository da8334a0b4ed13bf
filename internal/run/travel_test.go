//go:build duckdb_arrow

package run_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	socialvalue "socialvalue"
	"socialvalue/internal/fixtures/travel"
	"socialvalue/internal/runreport"
	"socialvalue/internal/verify"
)

// travelSite reads what the travel fixtures hold of people, without geography: homes are unplaced.
const travelSite = `name: Travel
version: 1
bodies: [{code: merseytravel, name: Merseytravel}]
area: {name: Here, lad_codes: [E08000012]}
baseline_year: 2022-23
as_of: 2025-06-30
duckdb: {memory_limit: 1GB, threads: 2, temp_limit: 2GB}
warehouse: warehouse
keys: {travel: "file:keys/travel.key"}
pseudonyms: {context: test}
sources:
  - {name: holders, contract: travel/cardholders, body: merseytravel, from: drop/cardholders/*.csv}
  - {name: passes, contract: travel/passes, body: merseytravel, from: drop/passes/*.csv}
  - {name: events, contract: travel/pass_events, body: merseytravel, from: drop/pass_events/*.csv}
  - {name: deaths, contract: travel/deaths, body: merseytravel, from: drop/deaths/*.csv}
  - name: operators
    contract: travel/operators
    from: drop/operators/*.csv
    name_pattern: 'operators_(?P<edition>\d{4})'
  - name: journeys
    contract: travel/journeys
    body: merseytravel
    from: drop/journeys/*.csv
    name_pattern: 'journeys_(?P<day>(?P<file_day>\d{4}-\d{2}-\d{2}))'
    set: {feed: "1"}
`

// travelSecret is the key of that site.
const travelSecret = "8f1d0c2b3a4958677685a4b3c2d1e0f00f1e2d3c4b5a69788796a5b4c3d2e1f0"

// newTravelFlow is such a site, and what its files hold.
func newTravelFlow(t testing.TB) (*flow, travel.Summary) {
	t.Helper()
	f := &flow{dir: t.TempDir(), now: time.Date(2025, time.July, 1, 2, 30, 0, 0, time.UTC)}
	f.write(t, "svw.yaml", travelSite)
	f.write(t, "keys/travel.key", travelSecret+"\n")
	f.disableAllBut(t, "geography", "travel", "travel_kept")
	if err := os.Chmod(f.path("keys/travel.key"), 0o400); err != nil {
		t.Fatal(err)
	}
	var truth travel.Summary
	err := fs.WalkDir(socialvalue.Assets, "fixtures/travel", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(socialvalue.Assets, name)
		if err != nil {
			return err
		}
		if filepath.Base(name) == "truth.json" {
			return json.Unmarshal(data, &truth)
		}
		f.write(t, "drop/"+strings.TrimPrefix(name, "fixtures/travel/"), string(data))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return f, truth
}

// TestTravel makes a run of the invented journeys and looks at it from many sides.
func TestTravel(t *testing.T) {
	t.Parallel()
	f, truth := newTravelFlow(t)
	report := f.run(t)
	if failed := append(modelsBy(report, "failed"), modelsBy(report, "held")...); len(failed) > 0 {
		t.Fatalf("not built: %v", failed)
	}
	if refused := filesBy(report, runreport.FileRefused); len(refused) > 0 {
		t.Fatalf("refused: %v, %v", refused, report.Files)
	}
	// A7: every problem is flagged and counted, and no row is dropped.
	t.Run("problems are as many as were made", func(t *testing.T) { problemsAgree(t, f, truth) })
	t.Run("every message is there once", func(t *testing.T) { everyMessage(t, f, truth) })
	t.Run("flags of misuse never stand beside a key", func(t *testing.T) { noFlagBesideAKey(t, f) })
	t.Run("numbers and names stay in landed files", func(t *testing.T) {
		for _, folder := range []string{"warehouse/store", "warehouse/releases", "warehouse/state"} {
			nothingOfIn(t, f.path(folder), "Invented", "633597900100000", "P0000077", "C00000771")
		}
	})
	// a total of the area less one of Merseyside is Halton, so nothing open is by place, and by authority holders of
	// passes alone, of whom no total of both is open.
	t.Run("A-30 nothing open tells a place, or an authority beside a total of both", func(t *testing.T) {
		got := f.texts(t, "open", "select table_name, column_name from information_schema.columns where table_schema = 'travel' order by all")
		want := []string{
			"journeys_by_mode financial_year", "journeys_by_mode journeys", "journeys_by_mode journeys_share", "journeys_by_mode mode",
			"pass_holders active_rounded", "pass_holders active_share", "pass_holders complete_rounded", "pass_holders complete_share",
			"pass_holders financial_year", "pass_holders holders_rounded", "pass_holders imd_decile", "pass_holders iod_edition",
			"pass_holders issuing_authority", "pass_holders journey_months", "pass_holders journeys_per_pass", "pass_holders journeys_share",
			"pass_holders null_reason", "pass_holders pass_group", "pass_holders peak_share", "pass_holders placed_rounded",
			"pass_holders placed_share", "pass_holders residents", "pass_holders residents_share", "pass_holders take_up_share",
			"pass_holders withheld",
			"reach_of_services band", "reach_of_services financial_year", "reach_of_services iod_edition", "reach_of_services null_reason",
			"reach_of_services placed_rounded", "reach_of_services reference_count", "reach_of_services reference_label", "reach_of_services reference_share",
			"reach_of_services representation_ratio", "reach_of_services service", "reach_of_services service_label",
			"reach_of_services suppressed", "reach_of_services users_rounded", "reach_of_services users_share",
			"tunnel_records accounts_rounded", "tunnel_records financial_year", "tunnel_records is_shown", "tunnel_records placed_rounded",
			"tunnel_records placed_share", "tunnel_records withheld",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("open columns of travel (-want +got):\n%s", diff)
		}
		authorities := f.texts(t, "open", "select distinct issuing_authority from travel.pass_holders order by 1")
		if diff := cmp.Diff([]string{"halton", "merseytravel"}, authorities); diff != "" {
			t.Errorf("authorities (-want +got):\n%s", diff)
		}
	})
	t.Run("a late file touches its days alone", func(t *testing.T) { lateFile(t, f) })
}

func problemsAgree(t *testing.T, f *flow, truth travel.Summary) {
	got := map[string]string{}
	for _, line := range f.texts(t, "travel", "select problem, sum(boardings) from travel.journey_problems group by problem having sum(boardings) > 0") {
		problem, n, _ := strings.Cut(line, " ")
		got[problem] = n
	}
	want := map[string]string{}
	for problem, n := range truth.Problems {
		want[problem] = fmt.Sprint(n)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-made +found):\n%s", diff)
	}
}

// everyMessage expects each row of the files that was not quarantined, once.
func everyMessage(t *testing.T, f *flow, truth travel.Summary) {
	t.Helper()
	got := f.texts(t, "travel", "select count(*), count(distinct journey_key) from travel.journeys")
	rows := truth.Rows - truth.Quarantined
	if diff := cmp.Diff([]string{fmt.Sprint(rows, " ", rows)}, got); diff != "" {
		t.Fatalf("messages (-want +got):\n%s", diff)
	}
}

func noFlagBesideAKey(t *testing.T, f *flow) {
	flags := f.built(t, "select 'is_' || problem from ref.travel_problems where tells_of_misuse")
	if len(flags) == 0 {
		t.Fatal("no problem tells of misuse")
	}
	for _, line := range f.texts(t, "travel", "select table_name, column_name from information_schema.columns where table_schema = 'travel'") {
		table, column, _ := strings.Cut(line, " ")
		if slices.Contains(flags, column) || column == "problem" && table != "journey_problems" {
			t.Errorf("travel.%s has %s", table, column)
		}
	}
	if keys := f.texts(t, "travel", "select column_name from information_schema.columns where table_name = 'journey_problems' and ends_with(column_name, '_key')"); len(keys) > 0 {
		t.Errorf("journey_problems has %v", keys)
	}
}

// nothingOfIn looks for texts in every file of a folder. What a Parquet file compresses is not seen.
func nothingOfIn(t *testing.T, folder string, texts ...string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, text := range texts {
			if strings.Contains(string(data), text) {
				t.Errorf("%s holds %q", path, text)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// lateFile brings a file with one boarding of an earlier day: that day is made again, and no other.
func lateFile(t *testing.T, f *flow) {
	days := func() map[string]string {
		current, err := filepath.EvalSymlinks(f.path("warehouse/releases/current"))
		if err != nil {
			t.Fatal(err)
		}
		return dayFiles(fileHashes(t, current), "travel.journeys")
	}
	before := days()
	header, _, _ := strings.Cut(f.read(t, "drop/journeys/journeys_2022-04-01.csv"), "\n")
	f.write(t, "drop/journeys/journeys_2022-04-03.csv", header+"\n"+
		"A000001,999999,2022-04-03 08:00,,,9001,,MT901,,2022-04-01 14:00,,DEPOT-N,TICKETER,B00,O,D000,1140,B0001,202,1,,BUS,MANUAL,1.00\n")
	f.run(t)
	after := days()
	var changed []string
	for day, hash := range after {
		if before[day] != hash {
			changed = append(changed, day)
		}
	}
	if diff := cmp.Diff([]string{"2022-04-01"}, changed); diff != "" || len(before) != len(after) {
		t.Errorf("%d days before, %d after; changed days (-want +got):\n%s", len(before), len(after), diff)
	}
}

// TestTravelKilledInTheMiddle kills runs that take in many day files: the next completes, and every message is there once.
func TestTravelKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	f, truth := newTravelFlow(t)
	began := time.Now()
	undisturbed, _ := newTravelFlow(t)
	if output, err := running(t, undisturbed).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	usual := time.Since(began)
	for range max(1, *demoKills-1) {
		command := running(t, f)
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(rand.N(usual))
		if err := command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
		_ = command.Wait() // it was killed, or had just finished
	}
	if output, err := running(t, f).CombinedOutput(); err != nil {
		t.Fatalf("the run after the kills: %v\n%s", err, output)
	}
	if err := verify.Release(t.Context(), f.path("warehouse/releases/current"), nil); err != nil {
		t.Fatal(err)
	}
	everyMessage(t, f, truth)
	problemsAgree(t, f, truth)
	if diff := cmp.Diff(undisturbed.hashes(t), f.hashes(t)); diff != "" {
		t.Errorf("files of a run that nobody disturbed (-) and after the kills (+):\n%s", diff)
	}
}
