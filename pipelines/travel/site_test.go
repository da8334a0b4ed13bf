//go:build duckdb_arrow

package travel_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"socialvalue"
	"socialvalue/internal/crashtest"
	"socialvalue/internal/fixtures/travel"
	"socialvalue/internal/pipeline"
	"socialvalue/internal/verify"
	"socialvalue/internal/workspace"
)

// readerRole makes the test binary the process that verifies a released file.
const readerRole = "reader"

func TestMain(m *testing.M) {
	os.Exit(crashtest.Main(m, map[string]func(string) error{readerRole: func(string) error {
		expect, err := verify.ReadExpect(os.Stdin)
		if err != nil {
			return err
		}
		return verify.DuckDB(context.Background(), os.Args[len(os.Args)-1], expect)
	}}))
}

const journeysSite = `name: Travel
version: 1
bodies: [{code: merseytravel, name: Merseytravel}]
area: {name: Here, lad_codes: [E08000012]}
baseline_year: 2022-23
as_of: 2025-06-30
duckdb: {memory_limit: %s, threads: 2, temp_limit: 200GB}
warehouse: warehouse
keys: {travel: "file:travel.key"}
pseudonyms: {context: test}
sources:
  - {name: holders, contract: travel/cardholders, body: merseytravel, from: drop/cardholders/*.csv}
  - {name: passes, contract: travel/passes, body: merseytravel, from: drop/passes/*.csv}
  - {name: events, contract: travel/pass_events, body: merseytravel, from: drop/pass_events/*.csv}
  - {name: deaths, contract: travel/deaths, body: merseytravel, from: drop/deaths/*.csv}
  - name: journeys
    contract: travel/journeys
    body: merseytravel
    from: drop/journeys/*.csv
    name_pattern: 'journeys_(?P<day>(?P<file_day>\d{4}-\d{2}-\d{2}))'
    set: {feed: "1"}
`

// journeysAlone makes a site that has geography and travel alone, and a generated year of journeys.
func journeysAlone(t testing.TB, dir string, journeys int, memory string) {
	t.Helper()
	geography, err := fs.Sub(socialvalue.Assets, "fixtures/geography")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "drop"), 0o750); err != nil {
		t.Fatal(err)
	}
	dst, err := os.OpenRoot(filepath.Join(dir, "drop"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := travel.Generate(t.Context(), geography, dst, travel.Options{Seed: 1, Journeys: journeys, FirstYear: 2022, JourneysOnly: true}); err != nil {
		t.Fatal(err)
	}
	if err := dst.Close(); err != nil {
		t.Fatal(err)
	}
	// Files that were made just now are left for the next run: somebody may still be writing them.
	settled := time.Date(2023, time.April, 2, 3, 0, 0, 0, time.UTC)
	err = filepath.WalkDir(filepath.Join(dir, "drop"), func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Chtimes(path, settled, settled))
	})
	if err != nil {
		t.Fatal(err)
	}
	alone, err := pipeline.AllBut(socialvalue.Assets, "geography", "travel", "travel_kept")
	if err != nil {
		t.Fatal(err)
	}
	alone["svw.yaml"] = fmt.Appendf(nil, journeysSite, memory)
	alone["travel.key"] = []byte("8f1d0c2b3a4958677685a4b3c2d1e0f00f1e2d3c4b5a69788796a5b4c3d2e1f0\n")
	for name, text := range alone {
		put(t, filepath.Join(dir, name), string(text))
	}
}

// running is what a run of the site in a folder needs, by the real clock.
func running(t testing.TB, dir string) workspace.Environment {
	t.Helper()
	env := environment(t, dir)
	reader, err := crashtest.Command(readerRole)
	if err != nil {
		t.Fatal(err)
	}
	env.Now, env.Verifier = time.Now, reader
	return env
}
