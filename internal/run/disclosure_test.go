//go:build duckdb_arrow

package run_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"socialvalue/internal/inspect"
	"socialvalue/internal/workspace"
)

// The audit reads the open tables of a release, and why a cell is withheld is read
// from the restricted file of its domain.
func TestAuditAndExplanationOfARelease(t *testing.T) {
	t.Parallel()
	f := newPeopleFlow(t)
	f.run(t)
	env, err := f.environment()
	if err != nil {
		t.Fatal(err)
	}
	audit, err := inspect.AuditRelease(t.Context(), env, "")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(audit.Datasets, func(d inspect.DatasetAudit) bool { return d.Dataset == "people.profile" })
	if i < 0 || audit.Datasets[i].Withheld == 0 || audit.Datasets[i].Shown == 0 {
		t.Fatalf("audit %+v", audit)
	}
	explained, err := inspect.ExplainWithheld(t.Context(), env, "people.profile", map[string]string{"breakdown_value": "chief", "snapshot_date": "2024-03-31"})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(explained.Cells, func(c inspect.CellExplanation) bool {
		return c.Column == "headcount_rounded" && c.Rule == "small_count" && c.Means != "" && strings.Contains(c.CellKey, "chief")
	}) {
		t.Errorf("explained %+v", explained.Cells)
	}
	var mistake *workspace.ConfigurationError
	if _, err := inspect.ExplainWithheld(t.Context(), env, "people.nothing", nil); !errors.As(err, &mistake) {
		t.Errorf("no such dataset: %v", err)
	}
}
