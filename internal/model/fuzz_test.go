package model

import (
	"strings"
	"testing"

	"socialvalue/internal/strictyaml"
)

// FuzzSpec reads any text as the YAML of a model: it is accepted or refused with
// words, and nothing panics.
func FuzzSpec(f *testing.F) {
	f.Add([]byte("grain: one day\nkey: [a]\ncolumns:\n  - {name: a, type: DATE, checks: [not_null, {min: 1}, {in: [a, 2]}, {pattern: '^a$'}]}\ntests:\n  - {name: x, given: {a.b: [{a: 2022-03-31, b: null}]}, expect: [{a: 1.50}]}"))
	f.Add([]byte("columns: [{checks: [{references: geo.district.lad_code, severity: warn}, {in: {}}]}]"))
	f.Add([]byte("publish: {tier: open, formats: [csv], domains: 1}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var spec Spec
		if _, err := strictyaml.Decode("sql/a/b.yaml", data, &spec); err != nil {
			if err.Error() == "" {
				t.Fatal("an error without text")
			}
			return
		}
		for _, column := range spec.Columns {
			for _, check := range column.Checks {
				_, _ = check.ReferencesColumn()
			}
		}
	})
}

// FuzzMacro reads any text as a macro: its SQL holds its name, or the trouble has
// words.
func FuzzMacro(f *testing.F) {
	f.Add("-- what it does\ncreate macro share(a, b) as case when b <> 0 then a / b end;")
	f.Add("create or replace macro x() as (select 1)")
	f.Add("create macro a(b := 1, c) as table select 1")
	f.Add("create macro \"a b\"(c) as '")
	f.Fuzz(func(t *testing.T, text string) {
		macro, problem := readMacro("sql/macros/share.sql", text)
		switch {
		case problem != nil:
		case macro == nil:
			t.Fatal("neither a macro nor a problem")
		case !strings.Contains(macro.SQL(), "macro"):
			t.Fatalf("its SQL is %q", macro.SQL())
		}
	})
}

// FuzzReference reads any text as reference data: every row has a value for each
// column, or a problem names a line.
func FuzzReference(f *testing.F) {
	f.Add([]byte("a,b,c\n1,x,2024-04-01\n,,\n"))
	f.Add([]byte("\xef\xbb\xbfc,b,a\r\n2024-02-30,\"x\ny\",1e3\r\n"))
	f.Add([]byte("a,a\n1"))
	f.Add([]byte(""))
	columns := []Column{{Name: "a", Type: "INTEGER"}, {Name: "b", Type: "VARCHAR"}, {Name: "c", Type: "DATE"}}
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, problems := readReference("sql/ref/a.csv", data, columns, columnNames(columns))
		if len(problems) > 0 {
			if problems.Error() == "" {
				t.Fatal("problems without text")
			}
			return
		}
		for _, row := range rows {
			if len(row) != len(columns) {
				t.Fatalf("a row of %d values", len(row))
			}
		}
	})
}
