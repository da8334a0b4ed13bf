//go:build duckdb_arrow

package difference_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/difference"
	"socialvalue/internal/disclosure"
	"socialvalue/internal/durable"
	"socialvalue/internal/figure"
	"socialvalue/internal/manifest"
	"socialvalue/internal/release"
	"socialvalue/internal/shelf"
	"socialvalue/internal/unprivileged"
	"socialvalue/internal/warehouse"
)

const build = `
create schema spend;
create table spend.payments as select * from (values
	('k1', '2023-24', 'd1', 's1', 'Acme', 100.00, true, 'procurement', 'a.csv', 2),
	('k2', '2023-24', 'd2', 's2', 'Bolt', 300.00, false, 'procurement', 'a.csv', 3),
	('k3', '2023-24', 'd3', 's3', 'Crux', 50.00, true, 'grant', 'a.csv', 4),
	('k4', '2023-24', 'd4', 's3', 'Crux', 10.00, true, 'grant', 'a.csv', 5),
	('k5', '2022-23', 'd5', 's1', 'Acme', 70.00, true, 'procurement', 'old.csv', 2)
) v(line_key, financial_year, document_ref, supplier_key, supplier_name, amount_gbp, is_local, flow_class, source_file, source_row);
alter table spend.payments alter amount_gbp type decimal(18,2);
create table spend.local_spend (financial_year varchar, spend_gbp decimal(18,2), local_share double, null_reason varchar);`

const figures = `
create or replace table spend.local_spend as select financial_year, cast(coalesce(sum(amount_gbp) filter (where flow_class = 'procurement'), 0) as decimal(18,2)) as spend_gbp,
	cast(sum(amount_gbp) filter (where flow_class = 'procurement' and is_local) as double) / cast(sum(amount_gbp) filter (where flow_class = 'procurement') as double) as local_share,
	cast(null as varchar) as null_reason from spend.payments group by 1`

func column(name, typeName, unit string) manifest.Column {
	return manifest.Column{Name: name, Type: typeName, Unit: unit, Description: "What " + name + " says"}
}

func plan(t *testing.T, version string) release.Plan {
	t.Helper()
	both := []string{"parquet", "csv"}
	rows := &figure.Rows{
		Dataset: "spend.payments", Match: map[string]string{"financial_year": "financial_year"}, When: "flow_class = 'procurement'",
		Same: []string{"document_ref"}, File: "source_file", Line: "source_row", Amount: "amount_gbp",
		New: figure.Words{"late invoice", "late invoices"}, Gone: figure.Words{"invoice gone", "invoices gone"},
		Changes: []figure.Change{
			{Columns: []string{"flow_class"}, Per: "supplier_key", Say: figure.Words{"supplier reclassified", "suppliers reclassified"}},
			{Columns: []string{"is_local"}, Per: "supplier_key", Say: figure.Words{"supplier in another place", "suppliers in another place"}},
			{Columns: []string{"amount_gbp"}, Say: figure.Words{"amount corrected", "amounts corrected"}},
		},
	}
	p := release.Plan{RunID: "r", Software: "test", DuckDB: "v1.5.5", SchemaVersion: "1", Datasets: []release.Dataset{
		{
			Name: "spend.payments", Tier: manifest.TierRestricted, Key: []string{"line_key"}, Grain: "a line",
			Columns: []manifest.Column{
				column("line_key", "VARCHAR", ""), column("financial_year", "VARCHAR", ""), column("document_ref", "VARCHAR", ""), column("supplier_key", "VARCHAR", ""),
				column("supplier_name", "VARCHAR", ""), column("amount_gbp", "DECIMAL(18,2)", "GBP"), column("is_local", "BOOLEAN", ""), column("flow_class", "VARCHAR", ""),
				column("source_file", "VARCHAR", ""), column("source_row", "INTEGER", ""),
			},
		},
		{
			Name: "spend.local_spend", Tier: manifest.TierOpen, Licence: "OGL-UK-3.0", Key: []string{"financial_year"}, Grain: "a year",
			Columns: []manifest.Column{column("financial_year", "VARCHAR", ""), column("spend_gbp", "DECIMAL(18,2)", "GBP"), column("local_share", "DOUBLE", "share"), column("null_reason", "VARCHAR", "")},
			Headlines: []figure.Headline{
				{Measure: "local_share", Label: "local share", Unit: "share", Names: []string{"financial_year"}, Rows: rows},
				{Measure: "spend_gbp", Label: "procurement", Unit: "GBP", Names: []string{"financial_year"}, Rows: rows},
			},
		},
	}}
	for i := range p.Datasets {
		d := &p.Datasets[i]
		d.Kind, d.Formats, d.Description, d.SchemaVersion, d.InputsHash, d.DefinedIn = manifest.KindTable, both, "About "+d.Name, 1, version, "sql/x.yaml"
	}
	return p
}

// releases makes one release before some SQL and one after it.
func releases(t *testing.T, change string, alter func(*release.Plan)) (root string, from, to *manifest.Manifest) {
	t.Helper()
	db, err := warehouse.Open(t.Context(), "", warehouse.Options{MemoryLimit: "1GB", Threads: 2, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	now := time.Date(2025, 6, 30, 2, 30, 0, 0, time.UTC)
	root = filepath.Join(t.TempDir(), "releases")
	composer := release.Composer{DB: db, Root: root, Now: func() time.Time { now = now.Add(time.Minute); return now }}
	make := func(statement, version string) *manifest.Manifest {
		if _, err := db.Exec(t.Context(), statement+";"+figures); err != nil {
			t.Fatal(err)
		}
		p := plan(t, version)
		if version == "2" && alter != nil {
			alter(&p)
		}
		judged, err := disclosure.Protect(t.Context(), db, release.OpenRelations(p.Datasets), disclosure.Floor())
		if err != nil {
			t.Fatal(err)
		}
		p.Masks = judged.Masks
		manifest, err := composer.Compose(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		return manifest
	}
	return root, make(build, "1"), make(change, "2")
}

// A change of a figure is told in words with what is behind it.
func TestFiguresInWords(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ change, want string }{
		"late invoices and a reclassified supplier": {
			`insert into spend.payments select 'n' || i, '2023-24', 'new' || i, 's9', 'Nova', 20, true, 'procurement', 'b.csv', i from range(2, 5) r(i);
			 update spend.payments set flow_class = 'procurement' where supplier_key = 's3'`,
			"local share +17.3 points (25.0% → 42.3%): three late invoices, one supplier reclassified", // 220 of 520 after 100 of 400
		},
		"a supplier moves":              {"update spend.payments set is_local = true where supplier_key = 's2'", "local share +75.0 points (25.0% → 100.0%): one supplier in another place"},
		"a line is known under its key": {"update spend.payments set line_key = 'other', amount_gbp = 200 where line_key = 'k2'", "local share +8.3 points (25.0% → 33.3%): one amount corrected"},
		"an invoice goes":               {"delete from spend.payments where line_key = 'k1'", "local share is no longer given; it was 25.0%: one invoice gone"},
		"nothing":                       {"select 1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root, from, to := releases(t, test.change, nil)
			report, err := difference.Compare(t.Context(), root, from, to, difference.Options{TempDir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, f := range report.Figures {
				if f.Measure == "local_share" {
					got += f.Name + ": " + f.Sentence
				}
			}
			if test.want != "" {
				test.want = "2023-24: " + test.want
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// Restricted datasets, their names and the numbers of their rows too, are for those who ask for their tier. The rows behind
// an open figure are counted for all.
func TestRestrictedValuesAreForThoseWhoAsk(t *testing.T) {
	t.Parallel()
	root, from, to := releases(t, "update spend.payments set amount_gbp = 123.45, supplier_name = 'Dunn' where line_key = 'k2'; insert into spend.payments select * replace ('k9' as line_key, 'd9' as document_ref, 0 as amount_gbp) from spend.payments where line_key = 'k1'", nil)
	for _, tiers := range [][]string{nil, {"spend"}} {
		report, err := difference.Compare(t.Context(), root, from, to, difference.Options{Tiers: tiers, TempDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"k2", "a.csv", "123.45", "spend.payments", "rows_before\":5", "new\":1,\"gone"} {
			if strings.Contains(string(data), word) != (tiers != nil) {
				t.Errorf("tiers %v: told %q: %t\n%s", tiers, word, tiers == nil, data)
			}
		}
		if !strings.Contains(string(data), "one late invoice, one amount corrected") || strings.Contains(string(data), `"not_compared":["spend"]`) != (tiers == nil) {
			t.Errorf("tiers %v: %s", tiers, data)
		}
		if strings.Contains(string(data), "Dunn") {
			t.Errorf("a name is told: %s", data)
		}
	}
}

// A tier that is not there, or not for this account, is not passed over.
func TestATierThatCannotBeCompared(t *testing.T) { //nolint:paralleltest // it runs again as an ordinary user
	if unprivileged.Rerun(t) {
		return
	}
	root, from, to := releases(t, "delete from spend.payments where line_key = 'k1'", nil)
	compare := func(tier string) string {
		_, err := difference.Compare(t.Context(), root, from, to, difference.Options{Tiers: []string{tier}, TempDir: t.TempDir()})
		if !errors.Is(err, difference.ErrTier) {
			t.Fatalf("%s: %v", tier, err)
		}
		return err.Error()
	}
	if got := compare("pay"); !strings.Contains(got, `no restricted dataset is of "pay"; there are spend`) {
		t.Error(got)
	}
	closed := filepath.Join(root, from.Release, "restricted", "spend")
	if err := os.Chmod(closed, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(closed, 0o700) })
	if got := compare("spend"); !strings.Contains(got, "this account may not read restricted/spend") {
		t.Error(got)
	}
	// Without asking, the rest is compared, and the figure's rows are not told.
	report, err := difference.Compare(t.Context(), root, from, to, difference.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Figures) != 2 || !strings.Contains(report.Figures[0].Sentence, "this account may not read its rows") {
		t.Errorf("%+v", report.Figures)
	}
}

// Datasets, columns and rows by key; a part that was removed is said.
func TestDatasetsAndColumns(t *testing.T) {
	t.Parallel()
	root, from, to := releases(t, "delete from spend.payments where line_key = 'k4'", func(p *release.Plan) {
		p.Datasets[0].Columns = p.Datasets[0].Columns[:9]
		p.Datasets = append(p.Datasets, p.Datasets[1])
		p.Datasets[2].Name, p.Datasets[2].Headlines = "spend.other", nil
		p.Masks = nil
		p.Datasets[2].Kind, p.Datasets[2].ViewSQL, p.Datasets[2].Reads = manifest.KindView, "select * from spend.local_spend", []string{"spend.local_spend"}
	})
	report, err := difference.Compare(t.Context(), root, from, to, difference.Options{Tiers: []string{"spend"}, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	want := []difference.Dataset{
		{Name: "spend.other", State: difference.New},
		{Name: "spend.payments", State: difference.Changed, DroppedColumns: []string{"source_row"}, RowsBefore: 5, RowsAfter: 4, Rows: &difference.Rows{Gone: 1, Keys: []string{"gone line_key=k4"}}, Changes: map[string]int64{}},
	}
	if diff := cmp.Diff(want, report.Datasets); diff != "" {
		t.Error(diff)
	}
	if err := shelf.RemovePart(durable.Disk{}, root, from.Release, manifest.RemovedPart{Place: "spend", On: time.Now(), Reason: "old"}); err != nil {
		t.Fatal(err)
	}
	report, err = difference.Compare(t.Context(), root, from, to, difference.Options{Tiers: []string{"spend"}, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Notes) != 1 || report.Datasets[1].Note != "its rows in "+from.Release+" have been removed" {
		t.Errorf("notes %v, %+v", report.Notes, report.Datasets)
	}
}
