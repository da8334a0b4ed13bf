//go:build duckdb_arrow

package model_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/model"
	"socialvalue/internal/model/modeltest"
)

// buildWith builds with values that people put in, and lists what was built.
func (b *bench) buildWith(overrides map[string][]model.Override) []string {
	b.t.Helper()
	p, err := load(b.t, b.files)
	if err != nil {
		b.t.Fatal(err)
	}
	p.Override(overrides)
	plan, err := p.Plan(b.t.Context(), b.db, model.PlanOptions{
		Engine:  "1",
		Outside: map[string]string{"raw.spend_payments": b.raw, "site.as_of": "site 1", "_svw.loads": "loads 1"},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	result, err := model.Build(b.t.Context(), b.db, plan, model.BuildOptions{Estimators: modeltest.Estimators(), Now: time.Now})
	if err != nil {
		b.t.Fatal(err)
	}
	var built []string
	for _, one := range result.Built {
		built = append(built, one.Relation)
	}
	return built
}

// A value that a person puts in stands in its row alone, typed as the column is,
// whatever made the relation; it rebuilds that relation and what hangs on it, and
// nothing else; withdrawn, all is as it was (architecture §2.4).
func TestOverrides(t *testing.T) {
	t.Parallel()
	b := newBench(t, modeltest.Spend(t))
	b.buildWith(nil)
	const key = "00000000-0000-0000-0000-000000000007"
	everything := "select md5(string_agg(row_text, '|' order by row_text)) from (select cast(p as varchar) as row_text from "
	tables := []string{"ref.flow_class", "stage.payments", "spend.body_spend", "spend.ranks"}
	before := map[string]string{}
	for _, table := range tables {
		before[table] = b.text(everything + table + " as p)")
	}
	sum := b.text("select cast(sum(amount_gbp) as varchar) from stage.payments")
	cases := []struct {
		name      string
		overrides map[string][]model.Override
		built     []string
		asked     string
		want      string
	}{
		{
			"a model",
			map[string][]model.Override{"stage.payments": {
				{Column: "amount_gbp", Key: []string{key}, Value: "1000000.00"}, {Column: "supplier_name", Key: []string{key}, Value: "O'Neill \"&\" Co"},
			}},
			[]string{"stage.payments", "spend.body_spend", "spend.ranks"},
			"select concat_ws('|', amount_gbp, supplier_name, typeof(amount_gbp), (select sum(amount_gbp) - " + sum + " + 8.75 from stage.payments), (select count(*) from stage.payments)) from stage.payments where line_key = '" + key + "'",
			`1000000.00|O'Neill "&" Co|DECIMAL(18,2)|1000000.00|499`,
		},
		{
			"to nothing",
			map[string][]model.Override{"stage.payments": {{Column: "supplier_name", Key: []string{key}, Value: ""}}},
			[]string{"stage.payments", "spend.body_spend", "spend.ranks"},
			"select count(*) || ' ' || any_value(line_key) from stage.payments where supplier_name is null", "1 " + key,
		},
		{
			"a key of two columns",
			map[string][]model.Override{"spend.body_spend": {{Column: "in_scope_share", Key: []string{"B", "2024"}, Value: "0.25"}}},
			[]string{"spend.body_spend", "spend.ranks"},
			"select string_agg(body_code || posting_year, ' ') from spend.body_spend where in_scope_share = 0.25", "B2024",
		},
		{
			"an estimator",
			map[string][]model.Override{"spend.ranks": {{Column: "place", Key: []string{"A", "2024"}, Value: "99"}}},
			[]string{"spend.ranks"},
			"select cast(count(*) as varchar) from spend.ranks where place = 99 and body_code = 'A' and posting_year = 2024", "1",
		},
		{
			"no such row",
			map[string][]model.Override{"spend.ranks": {{Column: "place", Key: []string{"Z", "2024"}, Value: "99"}}},
			[]string{"spend.ranks"},
			"select cast(count(*) as varchar) from spend.ranks where place = 99", "0",
		},
	}
	for _, tc := range cases {
		built := slices.DeleteFunc(b.buildWith(tc.overrides), func(r string) bool { return r == "spend.in_scope" })
		if diff := cmp.Diff(tc.built, built); diff != "" {
			t.Errorf("%s: built (-want +got):\n%s", tc.name, diff)
		}
		if again := b.buildWith(tc.overrides); len(again) > 0 {
			t.Errorf("%s: built again: %v", tc.name, again)
		}
		if got := b.text(tc.asked); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
		b.buildWith(nil)
		for _, table := range tables {
			if b.text(everything+table+" as p)") != before[table] {
				t.Errorf("%s: %s is not as it was", tc.name, table)
			}
		}
	}
}

// The rows that each override is about are counted, in the order given.
func TestOverrideCounts(t *testing.T) {
	t.Parallel()
	b := newBench(t, modeltest.Spend(t))
	b.buildWith(nil)
	p, err := load(t, b.files)
	if err != nil {
		t.Fatal(err)
	}
	counts := b.text("select n::varchar from (" + p.Nodes["spend.ranks"].OverrideCounts([]model.Override{
		{Column: "place", Key: []string{"Z", "2024"}, Value: "1"},
		{Column: "place", Key: []string{"A", "2024"}, Value: "1"},
		{Column: "place", Key: []string{"", "2024"}, Value: ""},
		{Column: "place", Key: []string{"B", "2024"}, Value: ""},
	}) + ") as counted(n)")
	if counts != "0\n1\n0\n1" {
		t.Errorf("counts %q", counts)
	}
}

func TestOverrideProblems(t *testing.T) {
	t.Parallel()
	p, err := load(t, modeltest.Spend(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ relation, column, want string }{
		{"stage.payments", "amount_gbp", ""},
		{"stage.payment", "amount_gbp", "did you mean stage.payments?"},
		{"stage.payments", "amount_gpb", "did you mean amount_gbp?"},
		{"stage.payments", "line_key", "is part of the key"},
		{"spend.in_scope", "in_scope_share", "is a view: correct a relation that it reads: spend.body_spend"},
		{"raw.spend_payments", "rate", "there is no relation raw.spend_payments to correct"},
	} {
		got := p.OverrideProblem(tc.relation, tc.column)
		if tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
			t.Errorf("%s.%s: %q, want %q", tc.relation, tc.column, got, tc.want)
		}
	}
}

// A value that DuckDB cannot cast fails its own relation, and is not quoted.
func TestAnOverrideThatCannotBeCast(t *testing.T) {
	t.Parallel()
	b := newBench(t, modeltest.Spend(t))
	b.buildWith(nil)
	p, err := load(t, b.files)
	if err != nil {
		t.Fatal(err)
	}
	p.Override(map[string][]model.Override{"spend.ranks": {{Column: "place", Key: []string{"A", "2024"}, Value: "secret-value"}}})
	plan, err := p.Plan(t.Context(), b.db, model.PlanOptions{
		Engine: "1", Outside: map[string]string{"raw.spend_payments": b.raw, "site.as_of": "site 1", "_svw.loads": "loads 1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = model.Build(t.Context(), b.db, plan, model.BuildOptions{Estimators: modeltest.Estimators(), Now: time.Now})
	var partial *model.PartialError
	if !errors.As(err, &partial) || strings.Contains(err.Error(), "secret-value") {
		t.Errorf("got %v", err)
	}
}
