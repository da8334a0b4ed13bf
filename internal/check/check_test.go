//go:build duckdb_arrow

package check_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/check"
	"socialvalue/internal/model"
	"socialvalue/internal/model/modeltest"
	"socialvalue/internal/warehouse"
)

// bench is a build database of the small project, built.
type bench struct {
	t       testing.TB
	db      *warehouse.DB
	project *model.Project
	files   fstest.MapFS
	raw     string
}

func newBench(t testing.TB, files fstest.MapFS) *bench {
	t.Helper()
	db, err := warehouse.Open(t.Context(), "", warehouse.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	b := &bench{t: t, db: db, files: files, raw: "1"}
	b.exec(`create schema raw;
create table raw.spend_payments as
select date '2024-04-01' as posting_date, 'Mr Secret ' || i as supplier_name, (i * 1.25)::decimal(18,2) as amount_gbp,
       case i % 3 when 0 then 'goods' when 1 then 'services' else 'zebra' end as flow_class, i / 7.0 as rate,
       chr(65 + (i % 4)::int) as body_code, cast(printf('00000000-0000-0000-0000-%012d', i) as uuid) as line_key
from range(1, 100) as r(i)`)
	b.build()
	return b
}

func (b *bench) exec(sql string) {
	b.t.Helper()
	if _, err := b.db.Exec(b.t.Context(), sql); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) outside() map[string]string {
	return map[string]string{"raw.spend_payments": b.raw}
}

func (b *bench) build() {
	b.t.Helper()
	b.project = modeltest.Load(b.t, b.files)
	plan, err := b.project.Plan(b.t.Context(), b.db, model.PlanOptions{Outside: b.outside()})
	if err != nil {
		b.t.Fatal(err)
	}
	var partial *model.PartialError
	if _, err := model.Build(b.t.Context(), b.db, plan, model.BuildOptions{Estimators: modeltest.Estimators(), Now: time.Now}); err != nil && !errors.As(err, &partial) {
		b.t.Fatal(err)
	}
}

func (b *bench) run() []check.Result {
	b.t.Helper()
	results, err := check.Run(b.t.Context(), b.db, check.All(b.project), check.Options{
		Outside: b.outside(), Now: func() time.Time { return time.Date(2025, 7, 1, 2, 30, 0, 0, time.UTC) },
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return results
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

// found writes the results that are not passes.
func found(results []check.Result) string {
	var lines []string
	for _, r := range results {
		if !r.Passed() {
			lines = append(lines, fmt.Sprintf("%s %s %s %d %q%s", r.ID(), r.Severity, r.Scope, r.Offending, r.Sample, r.Problem))
		}
	}
	return strings.Join(lines, "\n")
}

func TestTheSoundProjectPasses(t *testing.T) {
	t.Parallel()
	b := newBench(t, modeltest.Spend(t))
	results := b.run()
	if got := found(results); got != "" {
		t.Errorf("found %s", got)
	}
	var ids []string
	for _, r := range results {
		ids = append(ids, r.ID())
	}
	want := []string{
		"ref.flow_class.flow_class_not_null", "ref.flow_class.key_unique",
		"stage.payments.line_key_not_null", "stage.payments.key_unique", "stage.payments.body_code_not_null",
		"stage.payments.posting_year_min", "stage.payments.posting_year_max",
		"spend.body_spend.posting_year_not_null", "spend.body_spend.key_unique", "spend.body_spend.body_code_not_null",
		"spend.body_spend.body_code_pattern", "spend.body_spend.in_scope_share_min", "spend.body_spend.in_scope_share_max",
		"spend.body_spend.lines_min", "spend.body_spend.nothing_is_lost",
		"spend.in_scope.body_code_not_null", "spend.in_scope.posting_year_not_null", "spend.in_scope.key_unique",
		"spend.ranks.body_code_not_null", "spend.ranks.posting_year_not_null", "spend.ranks.key_unique",
		"scope_within_all",
	}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("checks (-want +got):\n%s", diff)
	}
}

// TestWhatChecksFind adds one rule that fails to the small project.
func TestWhatChecksFind(t *testing.T) {
	t.Parallel()
	const stage, spend, ref = "sql/stage/payments.yaml", "sql/spend/body_spend.yaml", "sql/ref/flow_class.yaml"
	tests := map[string]struct {
		edit func(b *bench)
		want string
	}{
		"min":     {func(b *bench) { b.edit(spend, "[{min: 1}]", "[{min: 25}]") }, `spend.body_spend.lines_min error dataset 1 ["body_code = A, posting_year = 2024"]`},
		"max":     {func(b *bench) { b.edit(spend, "{max: 1,", "{max: 0.4,") }, `spend.body_spend.in_scope_share_max warn dataset 4 ["body_code = A, posting_year = 2024" "body_code = B, posting_year = 2024" "body_code = C, posting_year = 2024" "body_code = D, posting_year = 2024"]`},
		"pattern": {func(b *bench) { b.edit(spend, "'^[A-Z]+$'", "'^[A-C]$'") }, `spend.body_spend.body_code_pattern error dataset 1 ["body_code = D, posting_year = 2024"]`},
		"in":      {func(b *bench) { b.edit(spend, "{pattern: '^[A-Z]+$'}", "{in: [A, B, D]}") }, `spend.body_spend.body_code_in error dataset 1 ["body_code = C, posting_year = 2024"]`},
		"not null": {func(b *bench) {
			b.edit(ref, "weight, type: \"DECIMAL(4,2)\"", "weight, checks: [not_null], type: \"DECIMAL(4,2)\"")
		}, `ref.flow_class.weight_not_null error dataset 1 ["flow_class = transfer"]`},
		"unique": {func(b *bench) {
			b.edit(ref, "in_procurement, type: BOOLEAN", "in_procurement, type: BOOLEAN, checks: [unique]")
		}, `ref.flow_class.in_procurement_unique error dataset 1 ["in_procurement = true"]`},
		"the key":                        {func(b *bench) { b.edit(ref, "key: [flow_class]", "key: [in_procurement]") }, `ref.flow_class.key_unique error dataset 1 ["in_procurement = true"]`},
		"a part of the key that is null": {func(b *bench) { b.edit(ref, "key: [flow_class]", "key: [flow_class, weight]") }, `ref.flow_class.weight_not_null error dataset 1 ["flow_class = transfer, weight = null"]`},
		"a part of the key that may be": {func(b *bench) {
			b.edit(ref, "key: [flow_class]", "key: [flow_class, weight]", "name: weight,", "name: weight, nullable: true,")
		}, ""},
		"references": {
			func(b *bench) {
				b.edit(spend, "checks: [not_null, {pattern: '^[A-Z]+$'}]", "checks: [{references: ref.flow_class.flow_class}]")
			},
			`spend.body_spend.body_code_references error dataset 4 ["body_code = A, posting_year = 2024" "body_code = B, posting_year = 2024" "body_code = C, posting_year = 2024" "body_code = D, posting_year = 2024"]`,
		},
		"references that hold": {func(b *bench) {
			b.edit("sql/spend/in_scope.yaml", "{name: body_code, type: VARCHAR,", "{name: body_code, checks: [{references: spend.body_spend.body_code}], type: VARCHAR,")
		}, ""},
		"the same rule twice": {func(b *bench) { b.edit(spend, "[{min: 1}]", "[{min: 1}, {min: 25, severity: warn}]") }, `spend.body_spend.lines_min_2 warn dataset 1 ["body_code = A, posting_year = 2024"]`},
		"SQL, only columns of the key are shown": {
			func(b *bench) {
				b.edit(stage, "tests:", "checks: [{name: no_secrets, scope: release, sql: select * from stage.payments where amount_gbp > 123}]\ntests:")
			},
			`stage.payments.no_secrets error release 1 ["line_key = 00000000-0000-0000-0000-000000000099"]`,
		},
		"SQL without the key": {
			func(b *bench) {
				b.edit(stage, "tests:", "checks: [{name: no_secrets, sql: select supplier_name from stage.payments where amount_gbp > 120}]\ntests:")
			},
			`stage.payments.no_secrets error dataset 3 []`,
		},
		"a personal key": {
			func(b *bench) {
				b.edit(stage, "{name: line_key, type: UUID}", "{name: line_key, type: UUID, personal: indirect}", "{max: 2100}", "{max: 2000}")
				b.edit("sql/spend/body_spend.yaml", "publish: {tier: open, ", "publish: {tier: open, not_about_people: sums by body, ")
			},
			`stage.payments.posting_year_max error dataset 99 ["line_key = (personal)"]`,
		},
		"SQL that cannot be run": {
			func(b *bench) {
				b.edit("sql/checks/scope_within_all.sql", "in_scope_gbp > spend_gbp", "cast(body_code as integer) > 1")
			},
			`scope_within_all warn dataset 0 []Conversion Error: Could not convert string … to INT32 when casting from source column body_code`,
		},
		"free-standing": {
			func(b *bench) {
				b.edit("sql/checks/scope_within_all.sql", "in_scope_gbp > spend_gbp", "body_code = 'B'")
			},
			`scope_within_all warn dataset 1 ["body_code = B, posting_year = 2024"]`,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, modeltest.Spend(t))
			tc.edit(b)
			b.build()
			results := b.run()
			if diff := cmp.Diff(tc.want, found(results)); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
			for _, r := range results {
				if r.Problem != "" || len(r.SQL) == 0 {
					continue
				}
				var rows int64
				if err := b.db.One(t.Context(), "select count(*) from ("+r.SQL+")", nil, &rows); err != nil || rows != r.Offending {
					t.Errorf("%s found %d, its SQL gives %d (%v)", r.ID(), r.Offending, rows, err)
				}
			}
		})
	}
}

func TestWhatRunsAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, modeltest.Spend(t))
	ran := func() string {
		var ids []string
		for _, r := range b.run() {
			if !r.Reused {
				ids = append(ids, r.ID())
			}
		}
		return strings.Join(ids, " ")
	}
	b.run()
	if got := ran(); got != "" {
		t.Errorf("nothing changed, and ran: %s", got)
	}
	b.edit("sql/spend/ranks.yaml", "from: 1", "from: 2")
	b.build()
	if got := ran(); got != "spend.ranks.body_code_not_null spend.ranks.posting_year_not_null spend.ranks.key_unique" {
		t.Errorf("one relation was built again, and ran: %s", got)
	}
	b.edit("sql/spend/body_spend.yaml", "{max: 1,", "{max: 0.4,")
	b.build()
	if got := ran(); got != "spend.body_spend.in_scope_share_max" {
		t.Errorf("one rule changed, and ran: %s", got)
	}
	if got := found(b.run()); !strings.HasPrefix(got, "spend.body_spend.in_scope_share_max warn dataset 4") {
		t.Errorf("the earlier result is not reused: %s", got)
	}
	var rows int
	if err := b.db.One(t.Context(), "select count(*) from _svw.check_results", nil, &rows); err != nil || rows != 22 {
		t.Errorf("%d results are recorded (%v)", rows, err)
	}
	delete(b.files, "sql/checks/scope_within_all.sql")
	delete(b.files, "sql/checks/scope_within_all.yaml")
	b.build()
	if got := ran(); got != "" {
		t.Errorf("a check is gone, and ran: %s", got)
	}
	if err := b.db.One(t.Context(), "select count(*) from _svw.check_results", nil, &rows); err != nil || rows != 21 {
		t.Errorf("%d results are recorded (%v)", rows, err)
	}
}

func TestARelationThatWasNeverBuiltHasNoResult(t *testing.T) {
	t.Parallel()
	files := modeltest.Spend(t)
	files["sql/spend/ranks.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(string(files["sql/spend/ranks.yaml"].Data), "name: place, type: INTEGER", "name: place, type: BOOLEAN", 1))}
	b := newBench(t, files)
	for _, r := range b.run() {
		if r.Relation == "spend.ranks" {
			t.Errorf("%s has a result", r.ID())
		}
	}
}

func TestWhatFailingHoldsBack(t *testing.T) {
	t.Parallel()
	b := newBench(t, modeltest.Spend(t))
	b.edit("sql/spend/body_spend.yaml", "[{min: 1}]", "[{min: 25}]", "{max: 1,", "{max: 0.4,")
	b.edit("sql/ref/flow_class.yaml", "weight, type: \"DECIMAL(4,2)\"", "weight, checks: [not_null], type: \"DECIMAL(4,2)\"")
	b.edit("sql/checks/scope_within_all.sql", "in_scope_gbp > spend_gbp", "body_code = 'B'")
	b.edit("sql/checks/scope_within_all.yaml", "severity: warn\ndatasets: [spend.body_spend]", "scope: release")
	b.build()
	verdict := check.Judge(b.project, b.run())
	want := map[string][]string{
		"ref.flow_class": {"ref.flow_class.weight_not_null"}, "stage.payments": {"ref.flow_class.weight_not_null"},
		"spend.body_spend": {"ref.flow_class.weight_not_null", "spend.body_spend.lines_min"},
		"spend.in_scope":   {"ref.flow_class.weight_not_null", "spend.body_spend.lines_min"},
		"spend.ranks":      {"ref.flow_class.weight_not_null", "spend.body_spend.lines_min"},
	}
	if diff := cmp.Diff(want, verdict.Held); diff != "" {
		t.Errorf("held (-want +got):\n%s", diff)
	}
	if len(verdict.Stop) != 1 || verdict.Stop[0].ID() != "scope_within_all" || len(verdict.Failing) != 3 {
		t.Errorf("stop %q, failing %q", found(verdict.Stop), found(verdict.Failing))
	}
	if len(verdict.Warnings) != 1 || verdict.Warnings[0].ID() != "spend.body_spend.in_scope_share_max" {
		t.Errorf("warnings %q", found(verdict.Warnings))
	}
}
