//go:build duckdb_arrow

package run_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/runreport"
)

// Files are read again when what decides how they are read has changed: not for a
// comment in svw.yaml or another folder, but for another financial year.
func TestWhatMakesFilesNew(t *testing.T) {
	t.Parallel()
	f := newTinyFlow(t)
	f.configure(t, "sources:\n", `sources:
  - name: years
    contract: feed/lines
    body: us
    from: drop/fy_*
    name_pattern: 'fy_(?P<financial_quarter>\d{4}-\d{2}_Q\d)'
    layouts: [{name: by_name}]
`)
	const quarter = "drop/fy_2024-25_Q1.csv"
	f.write(t, quarter, tinyHeader+"2024-05-02,9,Example Ltd,1.00\n")
	f.run(t)
	if got := f.loads(t)[quarter].PeriodStart; got != "2024-04-01" {
		t.Fatalf("the quarter begins on %s", got)
	}
	both := []string{quarter, "drop/lines_2025-01.csv"}
	f.configure(t, "sources:\n", "# a comment\n\nsources:\n")
	if diff := cmp.Diff(both, filesBy(f.run(t), runreport.FileUnchanged)); diff != "" {
		t.Errorf("unchanged under a comment (-want +got):\n%s", diff)
	}
	twin := f.clone(t)
	if diff := cmp.Diff(both, filesBy(twin.run(t), runreport.FileUnchanged)); diff != "" {
		t.Errorf("unchanged in another folder (-want +got):\n%s", diff)
	}
	f.configure(t, "financial_year_start: 04-01", "financial_year_start: 05-01")
	report := f.run(t)
	if diff := cmp.Diff([]string{"drop/lines_2025-01.csv"}, filesBy(report, runreport.FileUnchanged)); diff != "" {
		t.Errorf("unchanged under another year (-want +got):\n%s", diff)
	}
	if got := f.loadOf(t, quarter).PeriodStart; got != "2024-05-01" {
		t.Errorf("the quarter now begins on %s", got)
	}
}
