//go:build duckdb_arrow

package load_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/load"
	"socialvalue/internal/warehouse"
)

// A row that says itself that it is broken is quarantined for that alone: that it lacks what nobody could read of it is no
// reason more.
func TestABrokenReleaseHasOneReason(t *testing.T) {
	t.Parallel()
	contracts, err := os.ReadFile("../../pipelines/contracts/contracts/ocds.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b := setUp(t, strings.Replace(string(contracts), "quarantine_share: 0.2", "quarantine_share: 0.9", 1))
	releases := []string{
		`{"ocid":"ocds-h6vhtk-1","id":"1","date":"2024-05-01T09:00:00Z","tag":["award"]}`,
		`{"ocid":"ocds-h6vhtk-2","id":"2,"date":"2024-05-02T09:00:00Z","tag":["award"]}`, // nothing can be read
		`{"ocid":"ocds-h6vhtk-3","id":"3","date":"soon","tag":["award"]}`,                // no moment can be read
		`{"ocid":"ocds-h6vhtk-4","id":"4","date":"2024-05-04T09:00:00Z","tag":["award"],"awards":[{"id":"1","value":{"amount":"£4"}}]}`,
	}
	record, _, err := b.load(t.Context(), file{name: "a.json", text: `{"releases":[` + strings.Join(releases, ",\n") + "]}"})
	if err != nil {
		t.Fatal(err)
	}
	b.commit()
	if got, want := fmt.Sprint(record.Records, record.Rows, record.Quarantined), "4 1 3"; got != want {
		t.Errorf("records, rows and quarantined are %s, want %s", got, want)
	}
	reasons, err := b.db.Texts(t.Context(), "select source_row || ':' || column_name || ':' || rule || ':' || coalesce(value, '·') from read_parquet("+
		warehouse.Text(filepath.Join(b.root, "store", load.QuarantineRelation, record.QuarantineSHA256+".parquet"))+")")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"2:problem:no_release:it is not JSON: its byte 34 cannot stand there",
		"3:problem:no_release:its date cannot be read",
		"4:problem:no_release:/awards/0/value/amount is no number",
	}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Errorf("quarantine (-want +got)\n%s", diff)
	}
}
