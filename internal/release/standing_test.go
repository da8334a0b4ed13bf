//go:build duckdb_arrow

package release_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/release"
	"socialvalue/internal/shelf"
)

// What is held stays whole: a named question that asks for a new column of a
// held dataset keeps its earlier text, a macro that a held view calls keeps its
// earlier meaning, and none of this is news the next night (architecture 2.6).
func TestQueriesAndMacrosStayWithWhatIsHeld(t *testing.T) {
	t.Parallel()
	db := openBuild(t, 1)
	c := composer(t, db)
	with := func(held bool) release.Plan {
		p := plan(t)
		p.Queries[1].Reads = []string{"spend.in_scope_payments"}
		p.Datasets[3].Macros = []string{"share"}
		if held {
			p.Datasets[2].Held, p.Datasets[3].Held = true, true
			p.Queries[1].SQL = "-- How much?\n-- tier: spend\nselect sum(quarter_gbp) from spend.in_scope_payments;\n"
			p.Queries = append(p.Queries, release.Query{Name: "newcomer", Tier: "spend", SQL: "-- New?\nselect quarter_gbp from spend.payments", Reads: []string{"spend.payments"}})
			p.Macros[0].SQL = "create macro share(numerator) as numerator / 4"
			p.Macros[1].SQL = "create macro financial_year(d) as year(d)"
		}
		return p
	}
	_, first := compose(t, c, with(false))
	manifest, folder := compose(t, c, with(true))
	name := "queries/spend_in_scope.sql"
	if a, b := read(t, filepath.Join(first, name)), read(t, filepath.Join(folder, name)); a != b {
		t.Errorf("the held question is now %s", b)
	}
	if _, err := os.Stat(filepath.Join(folder, "queries/newcomer.sql")); !os.IsNotExist(err) {
		t.Errorf("a question about what is not there is shipped: %v", err)
	}
	spend := folder + "/restricted/spend/social_value_spend.duckdb"
	got := texts(t, spend, "select share(1, 4)::varchar", "select financial_year(date '2025-01-01')::varchar", "select count(*)::varchar from spend.in_scope_payments")
	if diff := cmp.Diff([]string{"0.25", "2025", "2250"}, got); diff != "" {
		t.Error(diff)
	}
	if got := release.Changed(manifest, with(true)); len(got) != 0 {
		t.Errorf("the next night has news: %v", got)
	}
	if got := release.Changed(manifest, with(false)); !slices.Contains(got, "spend.payments") {
		t.Errorf("mended, it changes %v", got)
	}
	_, mended := compose(t, c, with(false))
	whole(t, c.Root)
	if got := texts(t, mended+"/restricted/spend/social_value_spend.duckdb", "select financial_year(date '2025-01-01')::varchar"); got[0] != "2024" {
		t.Errorf("financial_year gives %s", got[0])
	}
}

// In a first release nothing can be held: what failed is missing and said to
// be, and what asks of it is left out.
func TestNothingOfAFirstReleaseIsHeld(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 1))
	p := plan(t)
	p.Datasets[2].Held = true
	p.Queries[1].Reads = []string{"spend.in_scope_payments"}
	manifest, folder := compose(t, c, p)
	for _, held := range manifest.Held {
		if !held.Missing {
			t.Errorf("%s is held at nothing", held.Dataset)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "queries/spend_in_scope.sql")); !os.IsNotExist(err) {
		t.Errorf("a question about what is missing is shipped: %v", err)
	}
	if _, err := os.Stat(filepath.Join(folder, "queries/districts.sql")); err != nil {
		t.Error(err)
	}
	if got := release.Changed(manifest, p); len(got) != 0 {
		t.Errorf("the next night has news: %v", got)
	}
}

// The manifest says which sources were stale, to each tier those it may speak of.
func TestStaleSourcesAreSaid(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 1))
	p := plan(t)
	passed := time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)
	p.Facts.Sources[0].StaleAfter, p.Facts.Sources[1].StaleAfter = passed, passed
	manifest, folder := compose(t, c, p)
	if diff := cmp.Diff([]string{"leeds", "swipe_feed"}, manifest.Stale); diff != "" {
		t.Error(diff)
	}
	open, err := shelf.Read(folder, "open")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"leeds"}, open.Stale); diff != "" {
		t.Error(diff)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
