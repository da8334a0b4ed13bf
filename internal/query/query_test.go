//go:build duckdb_arrow

package query_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"socialvalue/internal/query"
	"socialvalue/internal/warehouse"
)

// A released folder holds what its manifest lists, whatever is asked of it: what a
// question lays aside lies elsewhere, within the limits, and is gone at the end.
func TestAQuestionLeavesNothingBesideTheFile(t *testing.T) {
	ctx := t.Context()
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	folder := filepath.Join(temp, "release")
	if err := os.Mkdir(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "social_value_open.duckdb")
	made, err := warehouse.Open(ctx, file, warehouse.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := made.Exec(ctx, "create table t as select range as i from range(10)"); err != nil {
		t.Fatal(err)
	}
	if err := made.Close(); err != nil {
		t.Fatal(err)
	}
	// Three times the memory has to be in order at once.
	const large = "select max(place) from (select row_number() over (order by hash(i), label) as place from (select range as i, repeat('x', 100) || range as label from range(1500000)))"
	ask := func(limits query.Limits) (query.Answer, error) {
		db, err := query.Open(ctx, file, limits)
		if err != nil {
			t.Fatal(err)
		}
		answer, asked := db.Ask(ctx, large)
		for _, name := range names(t, folder) {
			if name != filepath.Base(file) {
				t.Errorf("%s lies beside the file", name)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if left := names(t, temp); len(left) != 1 {
			t.Errorf("left behind: %v", left)
		}
		return answer, asked
	}
	answer, err := ask(query.Limits{Memory: "60MB", Threads: 1})
	if err != nil || answer.Rows[0][0].Text != "1500000" {
		t.Fatalf("%v, %v", answer.Rows, err)
	}
	// So much is laid aside that a smaller limit of it stops the question.
	if _, err := ask(query.Limits{Memory: "60MB", Threads: 1, Temp: "1MB"}); err == nil || !strings.Contains(err.Error(), "max_temp_directory_size") {
		t.Errorf("with a megabyte to lay aside: %v", err)
	}
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	list := make([]string, len(entries))
	for i, entry := range entries {
		list[i] = entry.Name()
	}
	return list
}
