//go:build duckdb_arrow

package housingfirst_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// Each row B of the edge cases is a test that is named for it: a Go test (TestB05…), or a unit test of a model whose name ends
// with (B-05). This one fails for a row that has none.
func TestEveryEdgeCaseIsATestOfItsName(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/edge_cases.csv")
	if err != nil {
		t.Fatal(err)
	}
	goTest := regexp.MustCompile(`func Test(?:B\d\d(?:And)?)+`)
	unitTest := regexp.MustCompile(`(?m)^  - name: .*\((B-\d\d[^)]*)\)`)
	number := regexp.MustCompile(`B-?(\d\d)`)
	tested := map[string]bool{}
	root := os.DirFS("../..")
	for _, folder := range []string{"pipelines/housingfirst", "sql/housing_first", "sql/stage", "internal/disclosure"} {
		err := fs.WalkDir(root, folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			pattern := goTest
			switch {
			case strings.HasSuffix(path, ".yaml"):
				pattern = unitTest
			case !strings.HasSuffix(path, "_test.go"):
				return nil
			}
			text, err := fs.ReadFile(root, path)
			for _, found := range pattern.FindAllSubmatch(text, -1) {
				for _, row := range number.FindAllSubmatch(found[0], -1) {
					tested["B-"+string(row[1])] = true
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	rows := cells(t, data)[1:]
	if len(rows) != 25 {
		t.Fatalf("%d rows, want 25", len(rows))
	}
	for _, row := range rows {
		if !tested[row[1]] {
			t.Errorf("no test is named for %s: %s", row[1], row[2])
		}
	}
}
