//go:build duckdb_arrow

package correction_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/contract"
	"socialvalue/internal/correction"
	"socialvalue/internal/load"
	"socialvalue/internal/model"
	"socialvalue/internal/model/modeltest"
)

const sha = "61893207e61cc9fa1ccb522254c113b6e24854b6198ddd8cc3505f856ad491a7"

// known are one contract with a personal column, and a small project.
func known(t testing.TB) correction.Known {
	t.Helper()
	c, err := contract.Parse("pipelines/demo/contracts/people.yaml", []byte(`
version: 1
description: people
grain: one person
load: {mode: append, identity: occurrence}
columns:
  - {name: ni_number, type: text, personal: direct, action: pseudonymise, domain: person}
  - {name: hours, type: integer}
  - {name: started, type: date}
`))
	if err != nil {
		t.Fatal(err)
	}
	project, err := model.Load(t.Context(), modeltest.Spend(t), model.LoadOptions{Outside: modeltest.Outside(), Estimators: modeltest.Estimators()})
	if err != nil {
		t.Fatal(err)
	}
	return correction.Known{Contracts: map[string]*contract.Contract{c.Ref(): c}, Project: project}
}

var today = time.Date(2025, 6, 30, 0, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a day for all tests

const (
	cells  = "_source_file,_source_row,file_sha256,column,rule,problem,shown_value,value,reason,who,when,expires\n"
	ofOne  = "_source_file,_source_row,file_sha256,value,reason,who,when,expires\n"
	values = "line_key,value,reason,who,when,expires\n"
	line7  = "00000000-0000-0000-0000-000000000007"
)

func TestRead(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"README.md":               {Data: []byte("# Corrections")},
		".raw.demo_people.csv.sw": {Data: []byte("\x00")},
		"2025/raw.demo_people.csv": {Data: []byte("\ufeff" + cells +
			"drop/a.csv,4," + sha + ",hours,not_integer,\"must be a number\",x,12,\"as the form says, page 2\",J. Smith,2025-06-01,\n" +
			"drop/a.csv,5," + sha + ",started,required,a value is required,,,,,,\n" + // not filled in
			"drop/a.csv,6," + sha + ",started,impossible_date,there is no such day,2025-02-30,,no such person,J. Smith,02/06/2025,30/06/2025\n" +
			"drop/b.zip!a.csv,6," + strings.ToUpper(sha[:2]) + sha[2:] + ",started,,,,2025-01-01,x,y,2025-06-01,2025-06-29\n")}, // expired
		"raw.demo_people.hours.csv": {Data: []byte(ofOne + "drop/b.zip!a.csv,9," + sha + ",7,x,y,2025-06-01,\n")},
		"stage.payments.amount_gbp.csv": {Data: []byte(values +
			line7 + ",12.50,the invoice,J. Smith,2025-06-01,2025-12-31\n")},
	}
	set, err := correction.Read(files, known(t), today)
	if err != nil {
		t.Fatal(err)
	}
	want := []load.Correction{
		{Row: 4, Column: "hours", Value: "12", Reason: "as the form says, page 2", Who: "J. Smith", When: "2025-06-01"},
		{Row: 6, Column: "started", Value: "", Reason: "no such person", Who: "J. Smith", When: "2025-06-02", Expires: "2025-06-30"},
		{Row: 9, Column: "hours", Value: "7", Reason: "x", Who: "y", When: "2025-06-01"},
	}
	if diff := cmp.Diff(want, set.Of("raw.demo_people", sha, "")); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[2:], set.Of("raw.demo_people", sha, "a.csv")); diff != "" {
		t.Errorf("cells of the member (-want +got):\n%s", diff)
	}
	if other := set.Of("raw.demo_people", strings.Repeat("0", 64), ""); other != nil || set.Digest("raw.demo_people", strings.Repeat("0", 64)) != "" {
		t.Errorf("another file of the name is corrected: %v", other)
	}
	overrides := map[string][]model.Override{"stage.payments": {{Column: "amount_gbp", Key: []string{line7}, Value: "12.50"}}}
	if diff := cmp.Diff(overrides, set.Overrides()); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if empty, err := correction.Read(fstest.MapFS{}, known(t), today); err != nil || len(empty.Cells)+len(empty.Values) > 0 {
		t.Errorf("without files: %v, %v", empty, err)
	}
}

// Every mistake is named with its file, line and column and what to do, all
// together, and no value is quoted.
func TestReadRefuses(t *testing.T) {
	t.Parallel()
	const good = "2025-06-01,\n"
	cases := []struct {
		name, file, text string
		want             []string
	}{
		{"a name", "corrections.csv", "", []string{"overrides/corrections.csv: no file of corrections: name it <schema>.<table>.<column>.csv"}},
		{"a workbook", "stage.payments.amount_gbp.xlsx", "PK", []string{"save it as CSV"}},
		{"no such relation", "stage.payment.amount_gbp.csv", values, []string{"overrides/stage.payment.amount_gbp.csv: there is no relation", "did you mean stage.payments?"}},
		{"no such column", "stage.payments.amount.csv", values, []string{"did you mean amount_gbp?"}},
		{"a key column", "stage.payments.line_key.csv", values, []string{"line_key is part of the key"}},
		{"no such feed", "raw.demo_peple.csv", cells, []string{"did you mean raw.demo_people?"}},
		{"no such column of a feed", "raw.demo_people.hour.csv", ofOne, []string{"did you mean hours?"}},
		{"a personal column", "raw.demo_people.ni_number.csv", ofOne, []string{"is personal data", "ask the sender"}},
		{"a personal column in a line", "raw.demo_people.csv", cells + "drop/a.csv,4," + sha + ",ni_number,,,,secret,x,y," + good, []string{"raw.demo_people.csv:2:79: ni_number", "is personal data"}},
		{"empty", "stage.payments.amount_gbp.csv", "", []string{":1: the file is empty: its first line is line_key,value"}},
		{"no UTF-8", "stage.payments.amount_gbp.csv", values + line7 + ",1,caf\xe9,J," + good, []string{":2: a byte here is no UTF-8"}},
		{"an open quote", "stage.payments.amount_gbp.csv", values + line7 + ",1,\"x,J," + good, []string{"csv:2", "double the quotes"}},
		{"a column too many", "stage.payments.amount_gbp.csv", "line_key,value,reason,who,when,expires,note\n", []string{`:1:40: unknown column "note"`}},
		{"a column twice", "stage.payments.amount_gbp.csv", "line_key,value,value,reason,who,when,expires\n", []string{":1:16: column value stands twice"}},
		{"a column missing", "stage.payments.amount_gbp.csv", "line_key,value,reason,who,expires\n", []string{":1: no column when"}},
		{"fields missing", "stage.payments.amount_gbp.csv", values + line7 + ",1,x\n", []string{":2: the row has 3 fields and the header 6"}},
		{"no reason, who or when", "stage.payments.amount_gbp.csv", values + line7 + ",1,,,,\n", []string{":2:40: no reason", ":2:41: no who", ":2:42: no when"}},
		{"no date", "stage.payments.amount_gbp.csv", values + line7 + ",1,x,y,1 June,\n", []string{":2:44: when is no date: write YYYY-MM-DD"}},
		{"expired before", "stage.payments.amount_gbp.csv", values + line7 + ",1,x,y,2025-06-01,2025-05-01\n", []string{":2:55: it expires before it was decided"}},
		{"no value of the type", "stage.payments.amount_gbp.csv", values + line7 + ",secret,x,y," + good, []string{":2:38: no value of stage.payments.amount_gbp: write up to 16 digits"}},
		{"no key of the type", "stage.payments.amount_gbp.csv", values + "secret,1,x,y," + good, []string{":2:1: no value of the key column line_key"}},
		{"twice", "stage.payments.amount_gbp.csv", values + line7 + ",1,x,y," + good + line7 + ",2,x,y," + good, []string{":3:1: the same value is corrected in overrides/stage.payments.amount_gbp.csv:2"}},
		{"no line", "raw.demo_people.csv", cells + "drop/a.csv,four," + sha + ",hours,,,,7,x,y," + good, []string{":2:12: no line of the file"}},
		{"no hash", "raw.demo_people.csv", cells + "drop/a.csv,4,6189,hours,,,,7,x,y," + good, []string{":2:14: no SHA-256"}},
		{"no column named", "raw.demo_people.csv", cells + "drop/a.csv,4," + sha + ",,,,,7,x,y," + good, []string{":2:79: no column: name the column"}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := correction.Read(fstest.MapFS{tc.file: {Data: []byte(tc.text)}}, known(t), today)
			var problems model.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("got %v", err)
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got\n%v\nwant that it says %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("a value is quoted: %v", err)
			}
		})
	}
}

// What is exported is a file of corrections: nothing is decided in it yet, and
// filled in it says what was filled in.
func TestWhatIsExportedCanBeFilledIn(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	lines := []correction.Line{
		{SourceFile: "drop/a, b.csv", Row: 4, SHA256: sha, Column: "hours", Rule: "not_integer", Problem: `must be "whole"`, Shown: "=1+1"},
		{SourceFile: "drop/c.zip!d.csv", Row: 5, SHA256: sha, Rule: "bad_sum", Problem: "the row breaks the contract's check bad_sum"},
	}
	if err := correction.Write(&out, lines); err != nil {
		t.Fatal(err)
	}
	name := correction.FileName("raw.demo_people")
	set, err := correction.Read(fstest.MapFS{name: {Data: out.Bytes()}}, known(t), today)
	if err != nil || len(set.Cells) > 0 {
		t.Fatalf("as exported: %v, %v", set, err)
	}
	filled := strings.Replace(out.String(), ",'=1+1,,,,,", ",'=1+1,8,the form,J. Smith,2025-06-01,", 1)
	set, err = correction.Read(fstest.MapFS{name: {Data: []byte(filled)}}, known(t), today)
	if err != nil || len(set.Cells) != 1 || set.Cells[0].Value != "8" || set.Cells[0].SourceFile != "drop/a, b.csv" {
		t.Errorf("filled in: %+v, %v", set, err)
	}
}

// No text makes the reader fail otherwise than by naming places in the file.
func FuzzRead(f *testing.F) {
	f.Add(values + line7 + ",1,x,y,2025-06-01,\n")
	f.Add(cells + "drop/a.csv,4," + sha + ",hours,,,,7,x,y,2025-06-01,\n")
	f.Add("\ufeff\"")
	to := known(f)
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"raw.demo_people.csv", "raw.demo_people.hours.csv", "stage.payments.amount_gbp.csv"} {
			set, err := correction.Read(fstest.MapFS{name: {Data: []byte(text)}}, to, today)
			var problems model.Problems
			if err != nil && !errors.As(err, &problems) {
				t.Fatalf("%s: %v", name, err)
			}
			if err == nil {
				set.Of("raw.demo_people", sha, "")
			}
		}
	})
}
