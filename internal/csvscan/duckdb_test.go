package csvscan

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The vectors record what DuckDB's strict reader made of 900 random texts. The
// scanner must accept exactly what it accepts, with the same values, but for
// `"a" "b"`, which it reads as one value and the scanner calls malformed.
func TestAgreesWithDuckDB(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/duckdb_strict.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	lines := bufio.NewScanner(f)
	tried := 0
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "//") {
			continue
		}
		var v struct {
			Text    string
			Columns int
			Rows    [][]string
		}
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		got, blank, joined := read(v.Text, v.Columns)
		if blank || joined {
			continue // blank lines are taken out before DuckDB reads
		}
		tried++
		if got == nil && len(v.Rows) == 0 && v.Rows != nil {
			got = [][]string{}
		}
		if diff := cmp.Diff(v.Rows, got); diff != "" {
			t.Errorf("%q as %d columns (-duckdb +csvscan):\n%s", v.Text, v.Columns, diff)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if tried < 500 {
		t.Errorf("only %d vectors tried", tried)
	}
}

// read returns the rows of a text, nil when any record is refused.
func read(text string, columns int) (rows [][]string, blank, joined bool) {
	records, err := all(strings.NewReader(text), commas())
	refused := err != nil
	for _, rec := range records {
		blank = blank || rec.Blank && rec.Fields <= columns
		refused = refused || rec.Malformed || rec.Fields < columns || rec.Filled > columns
		joined = joined || rec.Malformed && strings.Contains(strings.ReplaceAll(string(rec.Raw), " ", ""), `""`)
		if !refused {
			rows = append(rows, Split(rec.Raw, commas())[:columns])
		}
	}
	if refused {
		rows = nil
	}
	return rows, blank, joined
}
