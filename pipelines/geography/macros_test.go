//go:build duckdb_arrow

// Package geography_test holds the SQL and the contracts of this pipeline to figures worked out elsewhere.
package geography_test

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"socialvalue"
	"socialvalue/internal/model"
	"socialvalue/internal/warehouse"
)

func TestMacrosGiveTheWorkedFigures(t *testing.T) {
	t.Parallel()
	db := withMacros(t)
	file, err := os.ReadFile("testdata/macros.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(file))
	for number := 1; lines.Scan(); number++ {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		expression, want, found := strings.Cut(line, " =>")
		if !found {
			t.Fatalf("testdata/macros.txt:%d: no “ => ”: write an expression, the arrow and its result", number)
		}
		var got string
		query := "select coalesce(cast((" + expression + ") as varchar), 'NULL')"
		if err := db.One(t.Context(), query, nil, &got); err != nil {
			t.Errorf("testdata/macros.txt:%d: %v", number, err)
			continue
		}
		if want = strings.TrimSpace(want); got != want {
			t.Errorf("testdata/macros.txt:%d: %s = %s, want %s", number, expression, got, want)
		}
	}
}

func TestPostcodesAreReadAsExpected(t *testing.T) {
	t.Parallel()
	type reading struct {
		Squashed, Pcds, Class string
		Matches               bool
	}
	db := withMacros(t)
	const query = `select postcode_squash($1), coalesce(postcode_pcds($1), ''), postcode_class($1), postcode_matches_pattern($1)`
	rows := table(t, "testdata/postcode_validation.csv")
	if len(rows) != 63 {
		t.Fatalf("%d postcodes, want 63", len(rows))
	}
	for _, row := range rows {
		typed := strings.ReplaceAll(row["raw"], "<NBSP>", "\u00a0")
		want := reading{Squashed: row["squashed"], Pcds: row["pcds"], Class: row["class"], Matches: row["matches_pattern"] == "yes"}
		var got reading
		if err := db.One(t.Context(), query, []any{typed}, &got.Squashed, &got.Pcds, &got.Class, &got.Matches); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", typed, diff)
		}
	}
}

func TestQuantilesEndWhereThePublisherEndsThem(t *testing.T) {
	t.Parallel()
	db := withMacros(t)
	for _, row := range table(t, "testdata/iod_quantile_boundaries.csv") {
		var first, last, next int
		ranked, quantiles, k := number(t, row["n_lsoa"]), number(t, row["quantiles"]), number(t, row["k"])
		err := db.One(t.Context(), `select quantile_of_rank($1, $3, $4), quantile_of_rank($2, $3, $4), quantile_of_rank($2 + 1, $3, $4)`,
			[]any{number(t, row["min_rank"]), number(t, row["max_rank"]), ranked, quantiles}, &first, &last, &next)
		if err != nil {
			t.Fatal(err)
		}
		if first != k || last != k || next != k+1 {
			t.Errorf("edition %s, %d quantiles: ranks %s to %s are in %d to %d and the next in %d, want %d, %d and %d",
				row["edition"], quantiles, row["min_rank"], row["max_rank"], first, last, next, k, k, k+1)
		}
	}
}

// withMacros is a database in memory that has the shipped macros.
func withMacros(t *testing.T) *warehouse.DB {
	t.Helper()
	files, err := fs.Glob(socialvalue.Assets, "sql/macros/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	only := make(fstest.MapFS)
	for _, file := range files {
		text, err := fs.ReadFile(socialvalue.Assets, file)
		if err != nil {
			t.Fatal(err)
		}
		only[file] = &fstest.MapFile{Data: text}
	}
	db, err := warehouse.Open(t.Context(), "", warehouse.Options{MemoryLimit: "256MB", Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	project, err := model.Load(t.Context(), only, model.LoadOptions{DB: db})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range project.MacroOrder {
		if _, err := db.Exec(t.Context(), project.Macros[name].SQL()); err != nil {
			t.Fatalf("create macro %s: %v", name, err)
		}
	}
	return db
}

// table reads a CSV of testdata by its header; a comment line says where it comes from.
func table(t *testing.T, path string) []map[string]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	reader := csv.NewReader(bytes.NewReader(text))
	reader.Comment = '#'
	records, err := reader.ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := make(map[string]string, len(record))
		for i, name := range records[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
