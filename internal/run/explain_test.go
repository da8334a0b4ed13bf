//go:build duckdb_arrow

package run_test

import (
	"errors"
	"strings"
	"testing"

	"socialvalue/internal/explain"
	"socialvalue/internal/manifest"
	"socialvalue/internal/query"
	"socialvalue/internal/workspace"
)

// explained traces one figure of every kind to its rows: they add up to it, to
// the penny.
func explained(t *testing.T, f *flow) {
	env, err := environment(f.dir, f.now)
	if err != nil {
		t.Fatal(err)
	}
	project, err := workspace.Project(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	open := func(tier string) (*query.File, error) {
		return query.Open(t.Context(), f.path("warehouse/releases/current/"+manifest.DatabasePath(tier)), query.Limits{})
	}
	trace := func(dataset string, key map[string]string) *explain.Report {
		report, err := explain.Figure(t.Context(), project, dataset, key, open)
		if err != nil {
			t.Fatalf("%s %v: %v", dataset, key, err)
		}
		if !report.Agrees() || report.RowCount == 0 {
			t.Errorf("%s %v: %d rows, %+v", dataset, key, report.RowCount, report.Totals)
		}
		return report
	}
	columns := []string{"body_code", "coverage", "amount_basis", "financial_year", "breakdown", "breakdown_value", "place_status", "iod_edition", "local_definition"}
	rows := f.ask(t, "open", "select "+strings.Join(columns, ", ")+` from spend.local_spend
		qualify row_number() over (partition by breakdown, local_definition, iod_edition order by hash(breakdown_value), body_code, financial_year) = 1`).Rows
	if len(rows) < 15 {
		t.Fatalf("%d kinds of figures only", len(rows))
	}
	for _, row := range rows {
		key := map[string]string{}
		for i, column := range columns {
			key[column] = row[i].Text
		}
		trace("spend.local_spend", key)
	}
	trace("geo.area_summary", map[string]string{"area_name": "Liverpool City Region", "iod_edition": "2025"})
	line := f.texts(t, "open", "select line_key from spend.published_payments order by line_key limit 1")[0]
	if report := trace("spend.published_payments", map[string]string{"line_key": line}); report.RowCount != 1 || !strings.HasPrefix(report.Rows[0][0].(string), "drop/") {
		t.Errorf("a line is traced to %v", report.Rows)
	}
	line = f.texts(t, "spend", "select line_key from spend.payments order by line_key limit 1")[0]
	trace("spend.payments", map[string]string{"line_key": line})
	if _, err := explain.Figure(t.Context(), project, "geo.area_summary", map[string]string{"area_name": "Liverpool"}, open); !errors.Is(err, explain.ErrKey) || !strings.Contains(err.Error(), "iod_edition (2019, 2025)") {
		t.Errorf("an ambiguous key: %v", err)
	}
}
