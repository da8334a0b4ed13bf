//go:build duckdb_arrow

package unittest_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/model/modeltest"
	"socialvalue/internal/model/unittest"
)

// outcome runs the tests of a project and writes each result as one text.
func outcome(t *testing.T, files fstest.MapFS, only ...string) string {
	t.Helper()
	results, err := unittest.Run(t.Context(), modeltest.Load(t, files), unittest.Options{Estimators: modeltest.Estimators(), Only: only})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, r := range results {
		line := r.Relation + ": " + r.Name + ": "
		switch {
		case r.Err != nil:
			line += "error: " + r.Err.Error()
		case r.Diff != "":
			line += r.Diff
		default:
			line += "passed"
		}
		all = append(all, line)
	}
	return strings.Join(all, "\n")
}

func TestTheSoundProjectPasses(t *testing.T) {
	t.Parallel()
	want := "stage.payments: an unknown class is out of scope: passed"
	if diff := cmp.Diff(want, outcome(t, modeltest.Spend(t))); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
}

// TestOutcomes gives one model of the small project a test of its own.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ file, tests, want string }{
		"a wrong value": {
			"spend/body_spend", `
  - name: a sum
    given:
      stage.payments: [{body_code: A, posting_year: 2024, amount_gbp: 1.5, in_scope: true}, {body_code: A, posting_year: 2024, amount_gbp: 2}]
    expect: [{body_code: A, spend_gbp: 3.5, in_scope_share: 0.5}]`,
			`spend.body_spend: a sum: rows (- expected, + made):
   body_code  spend_gbp  in_scope_share
-  A          3.50       0.5
+  A          3.50       0.428571428571`,
		},
		"a right one, columns left out": {"spend/body_spend", `
  - name: a sum
    given:
      stage.payments: [{body_code: A, posting_year: 2024, amount_gbp: 1.5, in_scope: true}, {body_code: A, posting_year: 2024, amount_gbp: 2}]
    expect: [{in_scope_share: 0.42857142857}]`, "spend.body_spend: a sum: passed"},
		"a row too many": {
			"spend/body_spend", `
  - name: bodies
    given: {stage.payments: [{body_code: A, amount_gbp: 1}, {body_code: B, amount_gbp: 0}]}
    expect: [{body_code: A}]`,
			`spend.body_spend: bodies: rows (- expected, + made):
   body_code
+  B`,
		},
		"a subset": {"spend/body_spend", `
  - name: bodies
    match: subset
    given: {stage.payments: [{body_code: A, amount_gbp: 1}, {body_code: B, amount_gbp: 0}]}
    expect: [{body_code: A}]`, "spend.body_spend: bodies: passed"},
		"not even a subset": {
			"spend/body_spend", `
  - name: bodies
    match: subset
    given: {stage.payments: [{body_code: B, amount_gbp: 0}]}
    expect: [{body_code: A, lines: 1}, {body_code: B, posting_year: null}]`,
			`spend.body_spend: bodies: rows (- expected, + others that were made):
   body_code  posting_year  lines
-  A          (any)         1`,
		},
		"nothing given, nothing made": {"spend/body_spend", `
  - name: empty
    expect: []`, "spend.body_spend: empty: passed"},
		"the same row twice": {
			"spend/body_spend", `
  - name: twice
    given: {stage.payments: [{body_code: A, amount_gbp: 0}]}
    expect: [{body_code: A}, {body_code: A}]`,
			`spend.body_spend: twice: rows (- expected, + made):
   body_code
-  A`,
		},
		"a value that is none": {
			"spend/body_spend", `
  - name: letters
    given: {stage.payments: [{body_code: A, amount_gbp: many}]}
    expect: [{body_code: A}]`,
			`spend.body_spend: letters: error: row 1 given for stage.payments: Conversion Error: Could not convert string "many" to DECIMAL(18,2)`,
		},
		"an expectation that is none": {
			"spend/body_spend", `
  - name: letters
    expect: [{spend_gbp: many}]`,
			`spend.body_spend: letters: error: expected row 1: spend_gbp is not DECIMAL(18,2): Conversion Error: Could not convert string "many" to DECIMAL(18,2)`,
		},
		"reference data that are given": {"stage/payments", `
  - name: given
    given:
      raw.spend_payments: [{body_code: A, flow_class: zebra}]
      ref.flow_class: [{flow_class: zebra, in_procurement: true}]
    expect: [{in_scope: true}]`, "stage.payments: given: passed"},
		"a view": {"spend/in_scope", `
  - name: view
    given: {spend.body_spend: [{body_code: A, in_scope_gbp: 1, in_scope_share: 1}, {body_code: B, in_scope_gbp: 0}]}
    expect: [{body_code: A, in_scope_share: 1}]`, "spend.in_scope: view: passed"},
		"an estimator, in the order of its input": {"spend/ranks", `
  - name: places
    given: {spend.body_spend: [{body_code: B, posting_year: 2024}, {body_code: A, posting_year: 2024}]}
    expect: [{body_code: A, place: 1}, {body_code: B, place: 2}]`, "spend.ranks: places: passed"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := modeltest.Spend(t)
			file := "sql/" + tc.file + ".yaml"
			text, _, _ := strings.Cut(string(files[file].Data), "tests:\n")
			files[file] = &fstest.MapFile{Data: []byte(strings.TrimRight(text, "\n") + "\ntests:" + tc.tests + "\n")}
			if diff := cmp.Diff(tc.want, outcome(t, files, strings.ReplaceAll(tc.file, "/", "."))); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDefaultsOfTheSite(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"sql/stage/x.sql": {Data: []byte("select as_of as d from site.as_of")},
		"sql/stage/x.yaml": {Data: []byte(`grain: one
description: for tests
key: [d]
columns: [{name: d, type: DATE}]
tests:
  - {name: the usual day, expect: [{d: 2025-06-30}]}
  - {name: another day, given: {site.as_of: [{as_of: 2024-02-29}]}, expect: [{d: 2024-02-29}]}
  - {name: no day, given: {site.as_of: []}, expect: []}
`)},
	}
	want := "stage.x: the usual day: passed\nstage.x: another day: passed\nstage.x: no day: passed"
	if diff := cmp.Diff(want, outcome(t, files)); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
}
