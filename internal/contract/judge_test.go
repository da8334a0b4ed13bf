//go:build duckdb_arrow

package contract_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/contract"
	"socialvalue/internal/layout"
	"socialvalue/internal/warehouse"
)

const sample = `
version: 1
description: ledger lines
grain: one line
load: {mode: append, identity: occurrence}
skip: [{rule: total, when: "label = 'TOTAL'"}]
control: [{sum: amount_gbp, from: footer}]
columns:
  - {name: label, type: text}
  - {name: amount_gbp, type: money, required: true}
  - {name: paid_date, type: date}
  - {name: people, type: integer, min: 0, max: 10000}
  - {name: code, type: code, values: [C, R], recode: {Capital: C}}
  - {name: month, type: year_month}
  - {name: yes, type: boolean}
  - {name: rate, type: decimal}
  - {name: seen, type: timestamp}
  - {name: place, type: text, pattern: 'E\d{8}'}
  - {name: area, type: code, pattern: 'E\d{8}'}
`

func parse(t *testing.T, text string) *contract.Contract {
	t.Helper()
	c, err := contract.Parse("pipelines/demo/contracts/lines.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// judgement is what became of one row.
type judgement struct {
	Value   string // of the column under test, as text, when the row is typed
	Verdict string // skip:rule, or column:rule of the first violation
}

// judgeOne stages one row that is good but for one field and judges it.
func judgeOne(ctx context.Context, t *testing.T, db *warehouse.DB, c *contract.Contract, format layout.Format, column, text string) judgement {
	t.Helper()
	good := map[string]string{"amount_gbp": "1.00"}
	good[column] = text
	sources := make([]contract.Source, len(c.Columns))
	create := "create or replace temp table " + contract.Staging + " as select "
	var staged []string
	for i := range c.Columns {
		sources[i].Field = i
		if i > 0 {
			create += ", "
		}
		create += contract.StagingItem(i)
		staged = append(staged, warehouse.Text(good[c.Columns[i].Name])+" as "+contract.StagingColumn(i))
	}
	create += " from (select " + strings.Join(staged, ", ") + ")"
	reading, err := contract.NewReading(c, sources, format, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{create, reading.ExceptionsSQL(), reading.ViolationsSQL(), reading.TypedSQL(true)} {
		if _, err := db.Exec(ctx, statement); err != nil {
			t.Fatalf("%v in\n%s", err, statement)
		}
	}
	var got judgement
	var value, verdict, first sql.NullString
	err = db.One(ctx, "select (select coalesce(cast("+warehouse.Ident(column)+" as VARCHAR), '(null)') from "+contract.Typed+"), "+
		"(select verdict from "+contract.Exceptions+"), (select min(column_name || ':' || rule) from "+contract.Violations+")", nil, &value, &verdict, &first)
	if err != nil {
		t.Fatal(err)
	}
	got.Value, got.Verdict = value.String, verdict.String
	if verdict.String == contract.VerdictBad {
		got.Verdict = first.String
	}
	return got
}

// The canonical text of every type (architecture §2.3) and rows 26 and 27 of
// the edge cases of local spend: what is read, and what is quarantined.
func TestJudgementOfText(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, err := warehouse.Open(ctx, "", warehouse.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	c := parse(t, sample)
	iso := layout.DefaultFormat()
	british := layout.DefaultFormat()
	british.Dates = []string{"DD/MM/YYYY", "DD-Mon-YYYY"}
	cases := []struct {
		column, text string
		format       layout.Format
		want         judgement
	}{
		{"amount_gbp", "1234.56", iso, judgement{Value: "1234.56"}},
		{"amount_gbp", " 8,622.00 ", iso, judgement{Value: "8622.00"}},
		{"amount_gbp", "\t8,622.00\u00a0", iso, judgement{Value: "8622.00"}},
		{"amount_gbp", "8,622.00\r", iso, judgement{Value: "8622.00"}},
		{"amount_gbp", "\u200b£8,622.00 ", iso, judgement{Value: "8622.00"}},
		{"amount_gbp", "£1,234.56", iso, judgement{Value: "1234.56"}},
		{"amount_gbp", "(309.00)", iso, judgement{Value: "-309.00"}},
		{"amount_gbp", "(£1,234.56)", iso, judgement{Value: "-1234.56"}},
		{"amount_gbp", "12.50-", iso, judgement{Value: "-12.50"}},
		{"amount_gbp", "£1,234.56-", iso, judgement{Value: "-1234.56"}},
		{"amount_gbp", "-£5", iso, judgement{Value: "-5.00"}},
		{"amount_gbp", "-0.00", iso, judgement{Value: "0.00"}},
		{"amount_gbp", ".5", iso, judgement{Value: "0.50"}},
		{"amount_gbp", "999999999999999.99", iso, judgement{Value: "999999999999999.99"}},
		{"amount_gbp", "1.234,56", iso, judgement{Verdict: "amount_gbp:not_money"}},
		{"amount_gbp", "12,34.56", iso, judgement{Verdict: "amount_gbp:not_money"}},
		{"amount_gbp", "12.345", iso, judgement{Verdict: "amount_gbp:not_money"}},
		{"amount_gbp", "1e3", iso, judgement{Verdict: "amount_gbp:not_money"}},
		{"amount_gbp", "0x10", iso, judgement{Verdict: "amount_gbp:not_money"}},
		{"amount_gbp", "infinity", iso, judgement{Verdict: "amount_gbp:not_money"}},
		{"amount_gbp", "-12.50-", iso, judgement{Verdict: "amount_gbp:not_money"}},
		{"amount_gbp", "", iso, judgement{Verdict: contract.SkipPrefix + contract.SkipBlank}},
		{"label", "x", iso, judgement{Value: "x"}},
		{"label", "TOTAL", iso, judgement{Verdict: "skip:total"}},
		{"paid_date", "2022-04-01", iso, judgement{Value: "2022-04-01"}},
		{"paid_date", "2023-02-31", iso, judgement{Verdict: "paid_date:impossible_date"}},
		{"paid_date", "01/04/2022", iso, judgement{Verdict: "paid_date:not_date"}},
		{"paid_date", "01/04/2022", british, judgement{Value: "2022-04-01"}},
		{"paid_date", "09-Mar-2011", british, judgement{Value: "2011-03-09"}},
		{"paid_date", "31/02/2023", british, judgement{Verdict: "paid_date:impossible_date"}},
		{"paid_date", "2022-04-01", british, judgement{Verdict: "paid_date:not_date"}},
		{"people", "1,234", iso, judgement{Value: "1234"}},
		{"people", "1.5", iso, judgement{Verdict: "people:not_integer"}},
		{"people", "-1", iso, judgement{Verdict: "people:below_minimum"}},
		{"people", "10,001", iso, judgement{Verdict: "people:above_maximum"}},
		{"code", "Capital", iso, judgement{Value: "C"}},
		{"code", "r", iso, judgement{Value: "R"}},
		{"code", "X", iso, judgement{Verdict: "code:not_allowed"}},
		{"month", "199002", iso, judgement{Value: "1990-02-01"}},
		{"month", "199013", iso, judgement{Verdict: "month:impossible_year_month"}},
		{"yes", "Y", iso, judgement{Value: "true"}},
		{"yes", "t", iso, judgement{Verdict: "yes:not_boolean"}},
		{"rate", "0.225", iso, judgement{Value: "0.2250000000"}},
		{"rate", "-99999999.0123456789", iso, judgement{Value: "-99999999.0123456789"}},
		{"rate", "123,456,789,012,345,678.0123456789", iso, judgement{Value: "123456789012345678.0123456789"}},
		{"rate", "0.12345678901", iso, judgement{Verdict: "rate:not_decimal"}},
		{"seen", "2022-04-01 10:15:00", iso, judgement{Value: "2022-04-01 10:15:00"}},
		{"place", "E08000012", iso, judgement{Value: "E08000012"}},
		{"place", "E0800001", iso, judgement{Verdict: "place:wrong_form"}},
		{"place", "e08000012", iso, judgement{Verdict: "place:wrong_form"}},
		{"area", "e08000012", iso, judgement{Value: "E08000012"}},
		{"area", "e0800001", iso, judgement{Verdict: "area:wrong_form"}},
	}
	for _, tc := range cases {
		t.Run(fmt.Sprintf("%s %q", tc.column, tc.text), func(t *testing.T) {
			got := judgeOne(ctx, t, db, c, tc.format, tc.column, tc.text)
			if tc.column == "amount_gbp" && tc.text == "" {
				// All other fields are empty too: a blank row.
				tc.want = judgement{Verdict: "skip:blank"}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A constant is text like any other: blanks are trimmed, and what the layout
// calls null is null, so that a required column does not accept it.
func TestConstants(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, err := warehouse.Open(ctx, "", warehouse.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	c := parse(t, `
version: 1
description: ledger lines
grain: one line
load: {mode: append, identity: none}
columns:
  - {name: label, type: text}
  - {name: coverage, type: text, required: true}
`)
	format := layout.DefaultFormat()
	format.Nulls = []string{"N/A"}
	for constant, want := range map[string]string{" ledger\u00a0": "ledger", "": "coverage required", " ": "coverage required", "N/A": "coverage required"} {
		reading, err := contract.NewReading(c, []contract.Source{{Field: 0}, {Field: -1, Constant: &constant}}, format, nil)
		if err != nil {
			t.Fatal(err)
		}
		create := "create or replace temp table " + contract.Staging + " as select 'x' as " + contract.StagingColumn(0)
		for _, statement := range []string{create, reading.ExceptionsSQL(), reading.ViolationsSQL(), reading.TypedSQL(true)} {
			if _, err := db.Exec(ctx, statement); err != nil {
				t.Fatalf("%v in\n%s", err, statement)
			}
		}
		got, err := db.Texts(ctx, "select coverage from "+contract.Typed+" union all select column_name || ' ' || rule from "+contract.Violations)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{want}, got); diff != "" {
			t.Errorf("constant %q (-want +got)\n%s", constant, diff)
		}
	}
}

func TestAKeyMustBeRequired(t *testing.T) {
	t.Parallel()
	const keyed = `
version: 1
description: people
grain: one person
load: {mode: append, identity: key, key: [ref]}
columns:
  - {name: ref, type: integer}
`
	_, err := contract.Parse("pipelines/demo/contracts/people.yaml", []byte(keyed))
	if err == nil || !strings.Contains(err.Error(), "key names ref, which may be empty") {
		t.Errorf("got %v", err)
	}
	parse(t, strings.Replace(keyed, "type: integer", "type: integer, required: true", 1))
}
