package nodeclient_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/nodeclient"
)

// sample makes a DuckDB file; in memory the client may attach files for writing.
func sample(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "it's.duckdb")
	_, err := nodeclient.Query(t.Context(), "", `
		attach '`+strings.ReplaceAll(file, "'", "''")+`' as f (storage_version 'v1.0.0');
		create schema f.spend;
		create table f.spend.payments (line_no bigint, amount_gbp decimal(18, 2), "odd ""name" date);
		insert into f.spend.payments values (1, 10.50, date '2022-04-01'), (9007199254740993, -3.00, null);
		comment on table f.spend.payments is 'One row per line';
		comment on column f.spend.payments.amount_gbp is 'In pounds';
		use f;
		create view spend.positive as select amount_gbp from spend.payments where amount_gbp > 0;`)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestInspect(t *testing.T) {
	t.Parallel()
	got, err := nodeclient.Inspect(t.Context(), sample(t))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(got.Version, "v1.5.") {
		t.Errorf("the client is DuckDB %s, want v1.5", got.Version)
	}
	want := []nodeclient.Table{
		{
			Schema: "spend", Name: "payments", Kind: "table", Comment: "One row per line", Rows: 2,
			Columns: []nodeclient.Column{
				{Name: "line_no", Type: "BIGINT"},
				{Name: "amount_gbp", Type: "DECIMAL(18,2)", Comment: "In pounds"},
				{Name: `odd "name`, Type: "DATE"},
			},
		},
		{
			Schema: "spend", Name: "positive", Kind: "view", Rows: 1,
			Columns: []nodeclient.Column{{Name: "amount_gbp", Type: "DECIMAL(18,2)"}},
		},
	}
	if diff := cmp.Diff(want, got.Tables); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	got, err := nodeclient.Query(t.Context(), sample(t), `
		-- two statements, answered in turn
		select line_no, amount_gbp, "odd ""name" from spend.payments order by line_no;
		select count(*)::int as n, true as yes from spend.positive;`)
	if err != nil {
		t.Fatal(err)
	}
	want := []nodeclient.Result{
		{
			Columns: []nodeclient.Column{
				{Name: "line_no", Type: "BIGINT"}, {Name: "amount_gbp", Type: "DECIMAL(18,2)"}, {Name: `odd "name`, Type: "DATE"},
			},
			Rows: [][]any{{"1", "10.50", "2022-04-01"}, {"9007199254740993", "-3.00", nil}},
		},
		{
			Columns: []nodeclient.Column{{Name: "n", Type: "INTEGER"}, {Name: "yes", Type: "BOOLEAN"}},
			Rows:    [][]any{{json.Number("1"), true}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

func TestReleasedFilesAreOnlyRead(t *testing.T) {
	t.Parallel()
	file := sample(t)
	for name, call := range map[string]func() error{
		"writing": func() error {
			_, err := nodeclient.Query(t.Context(), file, "create table spend.mine (x int)")
			return err
		},
		"a missing file": func() error {
			_, err := nodeclient.Inspect(t.Context(), file+".none")
			return err
		},
		"bad SQL": func() error {
			_, err := nodeclient.Query(t.Context(), file, "selec 1")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := call(); err == nil {
				t.Error("it succeeded")
			} else {
				t.Log(err)
			}
		})
	}
}
