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
  - {name: due, type: date, min: 2000-01-01, max: 2099-12-31}
  - {name: tapped, type: time, min: "05:00", max: "23:59:59"}
  - {name: weight, type: percent, max: 100}
  - {name: ref, type: uuid}
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
		{"seen", "01/04/2022 10:15", british, judgement{Value: "2022-04-01 10:15:00"}},
		{"seen", "09-Mar-2011T10:15:30.250", british, judgement{Value: "2011-03-09 10:15:30.25"}},
		{"seen", "31/02/2022 10:15", british, judgement{Verdict: "seen:impossible_timestamp"}},
		{"seen", "01/04/2022 25:15", british, judgement{Verdict: "seen:impossible_timestamp"}},
		{"seen", "2022-04-01 10:15", british, judgement{Verdict: "seen:not_timestamp"}},
		{"due", "01/04/2022", british, judgement{Value: "2022-04-01"}},
		{"due", "31/12/1999", british, judgement{Verdict: "due:below_minimum"}},
		{"due", "2100-01-01", iso, judgement{Verdict: "due:above_maximum"}},
		{"tapped", "05:00", iso, judgement{Value: "05:00:00"}},
		{"tapped", "23:59:30.5", iso, judgement{Value: "23:59:30.5"}},
		{"tapped", "04:59", iso, judgement{Verdict: "tapped:below_minimum"}},
		{"tapped", "5:00", iso, judgement{Verdict: "tapped:not_time"}},
		{"tapped", "25:00", iso, judgement{Verdict: "tapped:impossible_time"}},
		{"weight", "12.5%", iso, judgement{Value: "12.500000"}},
		{"weight", "12.5 %", iso, judgement{Value: "12.500000"}},
		{"weight", "101", iso, judgement{Verdict: "weight:above_maximum"}},
		{"weight", "1e2", iso, judgement{Verdict: "weight:not_percent"}},
		{"ref", "6F2C0C1E-0D4F-4B57-9F10-0A6F3F6F0D11", iso, judgement{Value: "6f2c0c1e-0d4f-4b57-9f10-0a6f3f6f0d11"}},
		{"ref", "6f2c0c1e0d4f4b579f100a6f3f6f0d11", iso, judgement{Verdict: "ref:not_uuid"}},
	}
	for _, tc := range cases {
		t.Run(fmt.Sprintf("E27 %s %q", tc.column, tc.text), func(t *testing.T) {
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

// Mistakes of a contract, each said at its place.
func TestMistakesOfAContract(t *testing.T) {
	t.Parallel()
	const sound = `
version: 1
description: passes
grain: one pass
load: {mode: upsert, identity: key, key: [ref], newest: seen, deleted: {column: change, values: [D]}}
columns:
  - {name: ref, type: integer, required: true, min: 1}
  - {name: seen, type: timestamp, required: true, min: 2020-01-01 00:00}
  - {name: change, type: code}
  - {name: note, type: text}
checks:
  - {name: late, when: "seen > timestamp '2030-01-01'", severity: warn}
`
	parse(t, sound)
	cases := []struct{ name, old, text, want string }{
		{"an upsert without a key", "identity: key", "identity: occurrence", "mode upsert needs identity: key"},
		{"a newest that is no column", "newest: seen", "newest: sen", `has no column "sen": did you mean "seen"?`},
		{"a newest that may be empty", "timestamp, required: true", "timestamp", "newest names seen, which may be empty"},
		{"a newest that does not grow", "newest: seen", "newest: ref", "no part of the key"},
		{"deleted without values", "values: [D]", "values: []", "deleted needs values"},
		{"newest in another mode", "mode: upsert", "mode: append", "newest and deleted belong to mode upsert"},
		{"a bound that is no number", "min: 1", "min: one", "ref: min is no value of type integer"},
		{"a bound that is no moment", "2020-01-01 00:00", "01/01/2020", "seen: min is no value of type timestamp"},
		{"a bound of a text", "{name: note, type: text}", "{name: note, type: text, max: 9}", "a text has no max: use values or pattern"},
		{"a check of nothing", "seen > timestamp '2030-01-01'", "'seen' = 'note'", "the condition of late names no column"},
		{"a period that is no date", "newest: seen", "period: note, newest: seen", "period names note, which is no date"},
		{"a version without a way to it", "version: 1", "version: 2", "nothing says how rows kept under version 1 are read"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := contract.Parse("pipelines/demo/contracts/passes.yaml", []byte(strings.Replace(sound, tc.old, tc.text, 1)))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestACheckSaysWhatToDo(t *testing.T) {
	t.Parallel()
	c := parse(t, sample+`checks:
  - {name: paid_early, when: "paid_date < date '2000-01-01' and amount_gbp > 0", severity: error}
  - {name: odd, when: "people = 7", severity: error, remedy: ask the sender}
`)
	for rule, want := range map[string]string{
		"paid_early": "correct amount_gbp or paid_date where the file comes from",
		"odd":        "the row breaks the contract's check odd (people = 7): ask the sender",
	} {
		if got := contract.Explain(c, "", rule); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", rule, got, want)
		}
	}
	if got := contract.Explain(c, "people", "above_maximum"); got != "must be 10000 or less" {
		t.Errorf("got %q", got)
	}
}
