//go:build duckdb_arrow

package model_test

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/model"
	"socialvalue/internal/model/modeltest"
	"socialvalue/internal/warehouse"
)

// bench is a build database with a few ledger lines, and a project to build in it.
type bench struct {
	t     testing.TB
	db    *warehouse.DB
	files fstest.MapFS
	clock time.Time
	raw   string // fingerprint of raw.spend_payments
	seen  []model.Event
}

func newBench(t testing.TB, files fstest.MapFS) *bench {
	t.Helper()
	db, err := warehouse.Open(t.Context(), filepath.Join(t.TempDir(), "build.duckdb"), warehouse.Options{MemoryLimit: "1GB", Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, db) })
	b := &bench{t: t, db: db, files: maps.Clone(files), clock: time.Date(2025, 7, 1, 2, 30, 0, 0, time.UTC), raw: "raw 1"}
	b.exec(`
create schema raw; create schema site;
create table raw.payments_object as
select date '2024-04-01' + i::int as posting_date, 'Supplier ' || (i % 7) as supplier_name,
       (i * 1.25)::decimal(18,2) as amount_gbp, case i % 3 when 0 then 'goods' when 1 then 'services' else 'zebra' end as flow_class,
       i / 7.0 as rate, chr(65 + (i % 4)::int) as body_code, uuid_from_int(i) as line_key
from (select i from range(1, 500) as r(i)) as r;
create view raw.spend_payments as select * from raw.payments_object;
create table site.as_of as select date '2025-06-30' as as_of;
create schema _svw; create table _svw.loads as select 'l1' as load_id`)
	return b
}

func closed(t testing.TB, db *warehouse.DB) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

func (b *bench) exec(sql string) {
	b.t.Helper()
	sql = strings.ReplaceAll(sql, "uuid_from_int(i)", "cast(printf('00000000-0000-0000-0000-%012d', i) as uuid)")
	if _, err := b.db.Exec(b.t.Context(), sql); err != nil {
		b.t.Fatalf("%s: %v", sql, err)
	}
}

func (b *bench) text(sql string) string {
	b.t.Helper()
	rows, err := b.db.Texts(b.t.Context(), sql)
	if err != nil {
		b.t.Fatalf("%s: %v", sql, err)
	}
	return strings.Join(rows, "\n")
}

func (b *bench) plan() *model.Plan {
	b.t.Helper()
	p, err := load(b.t, b.files)
	if err != nil {
		b.t.Fatal(err)
	}
	plan, err := p.Plan(b.t.Context(), b.db, model.PlanOptions{
		Engine:  "1",
		Outside: map[string]string{"raw.spend_payments": b.raw, "site.as_of": "site 1", "_svw.loads": "loads 1"},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return plan
}

func (b *bench) build() (*model.Result, error) {
	b.t.Helper()
	b.seen = nil
	return model.Build(b.t.Context(), b.db, b.plan(), model.BuildOptions{
		Estimators: modeltest.Estimators(),
		Now:        func() time.Time { b.clock = b.clock.Add(time.Second); return b.clock },
		Progress:   func(e model.Event) { b.seen = append(b.seen, e) },
	})
}

// mustBuild builds and lists what was built and why.
func (b *bench) mustBuild() []string {
	b.t.Helper()
	result, err := b.build()
	if err != nil {
		b.t.Fatal(err)
	}
	return whys(result)
}

func whys(result *model.Result) []string {
	var lines []string
	for _, built := range result.Built {
		lines = append(lines, built.Relation+": "+built.Why)
	}
	return lines
}

func (b *bench) edit(file string, replacements ...string) {
	b.t.Helper()
	before := string(b.files[file].Data)
	after := strings.NewReplacer(replacements...).Replace(before)
	if before == after {
		b.t.Fatalf("%s: nothing to replace: %q", file, replacements)
	}
	b.files[file] = &fstest.MapFile{Data: []byte(after)}
}

func TestBuild(t *testing.T) {
	t.Parallel()
	b := newBench(t, modeltest.Spend(t))
	want := []string{"ref.flow_class: new", "stage.payments: new", "spend.body_spend: new", "spend.in_scope: new", "spend.ranks: new"}
	if diff := cmp.Diff(want, b.mustBuild()); diff != "" {
		t.Errorf("built (-want +got):\n%s", diff)
	}
	if got := b.text("select body_code || ' ' || spend_gbp || ' ' || in_scope_gbp || ' ' || in_scope_share || ' ' || place from spend.body_spend join spend.ranks using (body_code, posting_year) where posting_year = 2024 order by all limit 2"); got !=
		"A 11730.00 7705.00 0.656862745098 1\nB 11816.25 7877.50 0.666666666667 3" {
		t.Errorf("rows:\n%s", got)
	}
	if got := b.text("select column_name || ' ' || data_type from duckdb_columns() where schema_name = 'spend' and table_name = 'body_spend' order by column_index"); got !=
		"body_code VARCHAR\nposting_year INTEGER\nspend_gbp DECIMAL(18,2)\nin_scope_gbp DECIMAL(18,2)\nin_scope_share DOUBLE\nlines BIGINT" {
		t.Errorf("columns:\n%s", got)
	}
	if got := b.text("select flow_class || ' ' || in_procurement || ' ' || coalesce(weight::varchar, 'null') from ref.flow_class"); got !=
		"goods true 1.50\nservices true 0.25\ntransfer false null" {
		t.Errorf("reference rows:\n%s", got)
	}
	if got := b.text("select relation || ' ' || kind || ' ' || row_count || ' ' || strftime(built_at, '%H:%M:%S') || ' ' || seconds from _svw.models order by 1 limit 2"); got !=
		"ref.flow_class table 3 02:30:01 1.0\nspend.body_spend table 8 02:30:07 1.0" {
		t.Errorf("records:\n%s", got)
	}
	if got := b.text("select count(*)::varchar from duckdb_tables() where schema_name = '_svw' and table_name = 'arriving'"); got != "0" {
		t.Error("the table rows arrive in was left behind")
	}
	if got := b.seen[len(b.seen)-1]; got.State != "built" || got.Step != 5 || got.Of != 5 || got.Rows != 8 {
		t.Errorf("last event: %+v", got)
	}
	if got := b.mustBuild(); got != nil {
		t.Errorf("nothing changed and built again: %q", got)
	}
}

// TestWhatIsBuiltAgain edits one thing at a time in a project that is built.
func TestWhatIsBuiltAgain(t *testing.T) {
	t.Parallel()
	const (
		stage, spend = "sql/stage/payments", "sql/spend/body_spend"
		downstream   = "spend.in_scope: spend.body_spend changed\nspend.ranks: spend.body_spend changed"
	)
	tests := map[string]struct {
		edit func(b *bench)
		want string
	}{
		"a comment":         {func(b *bench) { b.edit(spend+".sql", "-- grain", "-- the grain") }, ""},
		"blanks":            {func(b *bench) { b.edit(spend+".sql", "group by ", "group   by\n  ", "select", "SELECT") }, ""},
		"a description":     {func(b *bench) { b.edit(spend+".yaml", "ledger lines", "lines of the ledger") }, ""},
		"a check":           {func(b *bench) { b.edit(spend+".yaml", "{max: 1,", "{max: 2,") }, ""},
		"a macro's comment": {func(b *bench) { b.edit("sql/macros/share.sql", "methods", "the methods") }, ""},
		"a macro's blanks":  {func(b *bench) { b.edit("sql/macros/share.sql", "case when", "case  when") }, ""},
		"another macro": {func(b *bench) {
			b.files["sql/macros/one.sql"] = &fstest.MapFile{Data: []byte("-- 1\ncreate macro one(x) as x")}
		}, ""},
		"a query":                               {func(b *bench) { b.edit("sql/queries/largest_bodies.sql", "limit 10", "limit 5") }, ""},
		"the SQL":                               {func(b *bench) { b.edit(spend+".sql", "count(*)", "count(p.line_key)") }, "spend.body_spend: its definition changed\n" + downstream},
		"a macro inside one":                    {func(b *bench) { b.edit("sql/macros/exact_sum.sql", "38, 10", "38, 9") }, "spend.body_spend: its definition changed\n" + downstream},
		"a type":                                {func(b *bench) { b.edit(spend+".yaml", "lines, type: BIGINT", "lines, type: INTEGER") }, "spend.body_spend: its definition changed\n" + downstream},
		"the order":                             {func(b *bench) { b.edit(spend+".yaml", "publish:", "order_by: [posting_year, body_code]\npublish:") }, "spend.body_spend: its definition changed\n" + downstream},
		"not published":                         {func(b *bench) { b.edit("sql/spend/ranks.yaml", "publish: {tier: restricted, domain: spend}", "") }, "spend.ranks: its definition changed"},
		"a parameter":                           {func(b *bench) { b.edit("sql/spend/ranks.yaml", "from: 1", "from: 7") }, "spend.ranks: its definition changed"},
		"a view, not a table":                   {func(b *bench) { b.edit(stage+".yaml", "order_by:", "materialise: view\norder_by:") }, "stage.payments: its definition changed\nspend.body_spend: stage.payments changed\n" + downstream},
		"a table, not a view":                   {func(b *bench) { b.edit("sql/spend/in_scope.yaml", "materialise: view", "") }, "spend.in_scope: its definition changed"},
		"reference data":                        {func(b *bench) { b.edit("sql/ref/flow_class.csv", "0.25", "0.26") }, "ref.flow_class: its definition changed\nstage.payments: ref.flow_class changed\nspend.body_spend: stage.payments changed\n" + downstream},
		"new loads":                             {func(b *bench) { b.raw = "raw 2" }, "stage.payments: raw.spend_payments changed\nspend.body_spend: stage.payments changed\n" + downstream},
		"a table lost":                          {func(b *bench) { b.exec("drop table spend.body_spend") }, "spend.body_spend: its table is missing\nspend.in_scope: spend.body_spend is built again\nspend.ranks: spend.body_spend is built again"},
		"a file in another place, a model gone": {func(b *bench) { delete(b.files, "sql/spend/ranks.yaml") }, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, modeltest.Spend(t))
			b.mustBuild()
			tc.edit(b)
			if diff := cmp.Diff(tc.want, strings.Join(b.mustBuild(), "\n")); diff != "" {
				t.Errorf("built (-want +got):\n%s", diff)
			}
			if again := b.mustBuild(); again != nil {
				t.Errorf("built once more: %q", again)
			}
		})
	}
}

func TestVanishedModelIsDropped(t *testing.T) {
	t.Parallel()
	b := newBench(t, modeltest.Spend(t))
	b.mustBuild()
	delete(b.files, "sql/spend/ranks.yaml")
	delete(b.files, "sql/spend/in_scope.yaml")
	delete(b.files, "sql/spend/in_scope.sql")
	delete(b.files, "sql/macros/share_of_sum.sql")
	b.edit("sql/spend/body_spend.sql", "share_of_sum(case when p.in_scope then p.amount_gbp else 0 end, p.amount_gbp)", "0.5")
	result, err := b.build()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"spend.in_scope", "spend.ranks"}, result.Dropped); diff != "" {
		t.Errorf("dropped (-want +got):\n%s", diff)
	}
	if got := b.text("select table_name from duckdb_tables() where schema_name = 'spend' union all select view_name from duckdb_views() where schema_name = 'spend'"); got != "body_spend" {
		t.Errorf("stands: %s", got)
	}
	if got := b.text("select function_name from duckdb_functions() where not internal order by 1"); got != "exact_sum\nshare" {
		t.Errorf("macros: %s", got)
	}
}

func TestAFailingModelHoldsItsDependentsAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t, modeltest.Spend(t))
	b.mustBuild()
	before := b.text("select body_code || spend_gbp from spend.body_spend order by 1")
	b.files["sql/spend/other.sql"] = &fstest.MapFile{Data: []byte("select count(*) as n, 1 as k from stage.payments")}
	b.files["sql/spend/other.yaml"] = &fstest.MapFile{Data: []byte("grain: one\ndescription: for tests\nkey: [k]\ncolumns: [{name: n, type: BIGINT}, {name: k, type: INTEGER}]\n")}
	b.edit("sql/spend/body_spend.sql", "count(*) as lines", "sum(cast(p.supplier_name as bigint)) as lines")
	b.raw = "raw 2"
	result, err := b.build()
	var partial *model.PartialError
	if !errors.As(err, &partial) {
		t.Fatalf("error %v", err)
	}
	want := `2 relations built, 1 failed, 2 held
spend.body_spend: sql/spend/body_spend.sql: Conversion Error: Could not convert string … to INT64 when casting from source column supplier_name
spend.in_scope keeps its last rows because of spend.body_spend
spend.ranks keeps its last rows because of spend.body_spend`
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	var cause *warehouse.QueryError
	if !errors.As(err, &cause) {
		t.Error("the cause is not found in the error")
	}
	if diff := cmp.Diff([]string{"stage.payments: raw.spend_payments changed", "spend.other: new"}, whys(result)); diff != "" {
		t.Errorf("built (-want +got):\n%s", diff)
	}
	if after := b.text("select body_code || spend_gbp from spend.body_spend order by 1"); after != before {
		t.Error("the failing model lost its last rows")
	}
	b.edit("sql/spend/body_spend.sql", "sum(cast(p.supplier_name as bigint)) as lines", "count(*) as lines")
	if diff := cmp.Diff([]string{"spend.body_spend: stage.payments changed", "spend.in_scope: spend.body_spend changed", "spend.ranks: spend.body_spend changed"}, b.mustBuild()); diff != "" {
		t.Errorf("after the mend (-want +got):\n%s", diff)
	}
}

func TestPublishedDoublesHaveTwelveDigits(t *testing.T) {
	t.Parallel()
	b := newBench(t, fstest.MapFS{
		"sql/spend/x.sql":  {Data: []byte("select i as k, v from (values (1, 0.1 + 0.2::double), (2, -0.0::double), (3, 1e300 / 3), (4, null), (5, -2.0::double / 3), (6, 123456789012.5::double), (7, 5e-324::double)) as t(i, v)")},
		"sql/spend/x.yaml": {Data: []byte("grain: one\ndescription: for tests\nowner: me\nkey: [k]\ncolumns: [{name: k, type: INTEGER, description: k}, {name: v, type: DOUBLE, description: v}]\npublish: {tier: open}\n")},
	})
	b.mustBuild()
	want := "0.3\n0.0\n3.33333333333e+299\nnull\n-0.666666666667\n123456789012.0\n5e-324"
	if got := b.text("select coalesce(v::varchar, 'null') from spend.x order by k"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestShadowingADuckDBFunctionIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, fstest.MapFS{"sql/macros/greatest.sql": {Data: []byte("-- greatest(a, b)\ncreate macro greatest(a, b) as a")}})
	_, err := b.build()
	if err == nil || err.Error() != "sql/macros/greatest.sql: DuckDB has a function greatest of its own: choose another name" {
		t.Errorf("error %v", err)
	}
}

func TestCancellingLeavesThePreviousTable(t *testing.T) {
	t.Parallel()
	b := newBench(t, modeltest.Spend(t))
	b.mustBuild()
	before := b.text("select count(*) || ' ' || sum(spend_gbp) from spend.body_spend")
	b.edit("sql/spend/body_spend.sql", "from stage.payments as p", "from stage.payments as p\ncross join range(100000000) as long(i)")
	plan := b.plan()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := model.Build(ctx, b.db, plan, model.BuildOptions{
		Estimators: modeltest.Estimators(), Now: time.Now,
		Progress: func(e model.Event) {
			if e.Relation == "spend.body_spend" && e.State == "building" {
				time.AfterFunc(50*time.Millisecond, cancel)
			}
		},
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	if after := b.text("select count(*) || ' ' || sum(spend_gbp) from spend.body_spend"); after != before {
		t.Errorf("before %s, after %s", before, after)
	}
	b.edit("sql/spend/body_spend.sql", "\ncross join range(100000000) as long(i)", "")
	if got := b.mustBuild(); got != nil {
		t.Errorf("the last good rows are built again: %q", got)
	}
}

func TestPlanOfSome(t *testing.T) {
	t.Parallel()
	b := newBench(t, modeltest.Spend(t))
	p, err := load(t, b.files)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := p.Plan(t.Context(), b.db, model.PlanOptions{
		Outside: map[string]string{"raw.spend_payments": "1"}, Only: []string{"spend.body_spend"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var steps []string
	for _, step := range plan.Steps {
		steps = append(steps, step.Node.Relation)
	}
	if diff := cmp.Diff([]string{"ref.flow_class", "stage.payments", "spend.body_spend"}, steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	b.mustBuild()
	plan, err = p.Plan(t.Context(), b.db, model.PlanOptions{
		Engine: "1", Full: true, Only: []string{"spend.body_spend"},
		Outside: map[string]string{"raw.spend_payments": b.raw},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Steps) != 1 || plan.Steps[0].Why != model.WhyForced || len(plan.Unchanged) != 2 {
		t.Errorf("asked for one in full: %+v", plan)
	}
	if _, err := p.Plan(t.Context(), b.db, model.PlanOptions{}); err == nil || !strings.Contains(err.Error(), "stage.payments reads raw.spend_payments, whose fingerprint was not given") {
		t.Errorf("error %v", err)
	}
}
