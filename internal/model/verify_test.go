//go:build duckdb_arrow

package model_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/model"
	"socialvalue/internal/model/modeltest"
)

func TestVerifyASoundProject(t *testing.T) {
	t.Parallel()
	p, err := load(t, modeltest.Spend(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	p.Queries[0].SQL = "select zebra from spend.body_spend"
	p.Checks[0].SQL = "select body_code from spend.body_spend where colour > 1"
	want := "sql/checks/scope_within_all.sql: describe the result: Binder Error: Referenced column \"colour\" not found in FROM clause!\n" +
		"sql/queries/largest_bodies.sql: describe the result: Binder Error: Referenced column \"zebra\" not found in FROM clause!"
	if err := p.Verify(t.Context()); err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%v", err, want)
	}
}

// TestWhatABuildRefuses has one model and the message it fails with.
func TestWhatABuildRefuses(t *testing.T) {
	t.Parallel()
	const published = "publish: {tier: open}\n"
	tests := map[string]struct {
		sql, columns, extra, want string
		runs                      bool // it is sound until it meets data
	}{
		"a type that does not fit": {
			"select supplier_name as a, amount_gbp as b, posting_date as c, null as d from raw.spend_payments", "a BIGINT, b BIGINT, c TIMESTAMP, d DATE", "",
			"sql/stage/x.sql: the result of stage.x is not what sql/stage/x.yaml declares; make one follow the other:\n" +
				"  column  problem  declared  result\n  a       type     BIGINT    VARCHAR\n  b       type     BIGINT    DECIMAL(18,2)", false,
		},
		"columns only DuckDB can tell": {
			"select a from (select columns('posting.*') as a, rate as b from raw.spend_payments)", "a DATE, z DATE", "",
			"sql/stage/x.sql: the result has no column z, which sql/stage/x.yaml declares: select it, or remove it there", false,
		},
		"an unknown column": {
			"-- grain\nselect supplier_nam as a from raw.spend_payments", "a VARCHAR", "",
			"sql/stage/x.sql:2:8: Referenced column \"supplier_nam\" not found in FROM clause!", false,
		},
		"a DOUBLE only the binder sees": {
			"with x as (select coalesce(max(rate), 1) as r, body_code from raw.spend_payments group by 2)\nselect sum(list_max([r])) as a from x", "a DOUBLE", "",
			"sql/stage/x.sql:2:8: sum of a DOUBLE differs in the last digits from run to run: use exact_sum(…)", false,
		},
		"NaN": {
			"select body_code as a, case when body_code = 'B' then 'nan'::double else 1.0 end as b from raw.spend_payments group by 1", "a VARCHAR, b DOUBLE", published,
			"sql/stage/x.sql: column b is not a number (NaN or infinite) in the row with a = B: give NULL and its reason, such as zero_base", true,
		},
		"a division by zero": {
			"select 'x' as a, 1.0 / 0 as b", "a VARCHAR, b DOUBLE", published,
			"sql/stage/x.sql: column b is not a number (NaN or infinite) in the row with a = x: give NULL and its reason, such as zero_base", true,
		},
		"too large": {
			"select sum(amount_gbp) * 1000000000000000 as a from raw.spend_payments", "\"a DECIMAL(18,2)\"", "",
			"sql/stage/x.sql: Conversion Error: Casting value … to type DECIMAL(…) failed: value is out of range! when casting from source column a", true,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var columns []string
			for column := range strings.SplitSeq(strings.Trim(tc.columns, `"`), ", ") {
				name, typ, _ := strings.Cut(column, " ")
				columns = append(columns, fmt.Sprintf("  - {name: %s, type: %q, description: a column}\n", name, typ))
			}
			b := newBench(t, fstest.MapFS{
				"sql/stage/x.sql":  {Data: []byte(tc.sql)},
				"sql/stage/x.yaml": {Data: []byte("grain: one\ndescription: for tests\nowner: me\nkey: [a]\ncolumns:\n" + strings.Join(columns, "") + tc.extra)},
			})
			p, err := load(t, b.files)
			if err == nil {
				var plan *model.Plan
				if plan, err = p.Plan(t.Context(), b.db, model.PlanOptions{Outside: map[string]string{"raw.spend_payments": "1"}}); err != nil {
					t.Fatal(err)
				}
				_, err = model.Build(t.Context(), b.db, plan, model.BuildOptions{Now: time.Now})
				var partial *model.PartialError
				if !errors.As(err, &partial) {
					t.Fatalf("error %v", err)
				}
				err = partial.Failed[0].Err
				if tc.runs {
					if err := p.Verify(t.Context()); err != nil {
						t.Errorf("Verify finds what only data can show: %v", err)
					}
				} else if verified := p.Verify(t.Context()); verified == nil || verified.Error() != err.Error() {
					t.Errorf("Verify finds %v", verified)
				}
			}
			if diff := cmp.Diff(tc.want, err.Error()); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}
