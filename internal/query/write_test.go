//go:build duckdb_arrow

package query_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"socialvalue/internal/query"
	"socialvalue/internal/spreadsheet"
)

// A spreadsheet keeps 15 digits: a number of more stands as text, and whole.
func TestWorkbooksChangeNoNumber(t *testing.T) {
	t.Parallel()
	columns := []query.Column{{"ref", "BIGINT"}, {"amount_gbp", "DECIMAL(38,2)"}, {"rate", "DOUBLE"}, {"day", "DATE"}, {"local", "BOOLEAN"}, {"payee", "VARCHAR"}, {"at", "TIMESTAMP"}}
	texts := [][]string{
		{"1234567890123456789", "12345678901234567.89", "0.1", "2024-04-02", "true", "=1+1", "2024-04-02 10:00:00"},
		{"123456789012345", "-1234567890123.45", "1e+20", "1899-01-01", "false", "007", ""},
	}
	answer := query.Answer{Columns: columns}
	for _, row := range texts {
		values := make([]query.Value, len(row))
		for i, text := range row {
			values[i] = query.Value{Text: text, Null: text == ""}
		}
		answer.Rows = append(answer.Rows, values)
	}
	var file bytes.Buffer
	if err := answer.Write(&file, query.XLSX); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close() //nolint:errcheck // it was read
	var got [][]string
	for row := 1; row <= 3; row++ {
		var cells []string
		for column := range columns {
			name, _ := excelize.CoordinatesToCellName(column+1, row)
			value, err := book.GetCellValue("Answer", name, excelize.Options{RawCellValue: true})
			if err != nil {
				t.Fatal(err)
			}
			kind, err := book.GetCellType("Answer", name)
			if err != nil {
				t.Fatal(err)
			}
			if kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString {
				value = "text " + value
			}
			if kind == excelize.CellTypeBool {
				value = "bool " + value
			}
			cells = append(cells, value)
		}
		got = append(got, cells)
	}
	want := [][]string{
		{"text ref", "text amount_gbp", "text rate", "text day", "text local", "text payee", "text at"},
		{"text 1234567890123456789", "text 12345678901234567.89", "0.1", "45384", "bool 1", "text =1+1", "text 2024-04-02 10:00:00"},
		{"123456789012345", "-1234567890123.45", "100000000000000000000", "text 1899-01-01", "bool 0", "text 007", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
}

// What no sheet holds is refused, not cut.
func TestWorkbooksThatExcelCannotOpen(t *testing.T) {
	t.Parallel()
	for want, answer := range map[string]query.Answer{
		"a sheet holds 1048575 rows under its header, and there are 1048576":                      {Columns: []query.Column{{"a", "BIGINT"}}, Rows: make([][]query.Value, 1<<20)},
		"a sheet holds 16384 columns, and there are 16385":                                        {Columns: make([]query.Column, 1<<14+1)},
		"row 1 has a text in a that is longer than a cell holds (32767 characters)":               {Columns: []query.Column{{"a", "VARCHAR"}}, Rows: [][]query.Value{{{Text: strings.Repeat("x", 32768)}}}},
		"row 2 has a text in a that is longer than a cell holds (32767 characters): ask for less": {Columns: []query.Column{{"a", "VARCHAR"}}, Rows: [][]query.Value{{{Text: strings.Repeat("x", 32767)}}, {{Text: strings.Repeat("\U0001F600", 16384)}}}},
	} {
		err := answer.Write(io.Discard, query.XLSX)
		var large *spreadsheet.TooLargeError
		if !errors.As(err, &large) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
