//go:build duckdb_arrow

package query

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"socialvalue/internal/spreadsheet"
)

// writeTable draws the answer for a person: numbers to the right, no value as
// a dot, so that it is not taken for text.
func (a Answer) writeTable(w io.Writer) error {
	widths := make([]int, len(a.Columns))
	for i, column := range a.Columns {
		widths[i] = utf8.RuneCountInString(column.Name)
		for _, row := range a.Rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell(row[i])))
		}
	}
	out := bufio.NewWriter(w)
	line := func(text func(i int) string) {
		parts := make([]string, len(a.Columns))
		for i, column := range a.Columns {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text(i)))
			if column.IsNumber() {
				parts[i] = pad + text(i)
			} else {
				parts[i] = text(i) + pad
			}
		}
		fmt.Fprintln(out, strings.TrimRight(strings.Join(parts, "  "), " "))
	}
	line(func(i int) string { return a.Columns[i].Name })
	line(func(i int) string { return strings.Repeat("─", widths[i]) })
	for _, row := range a.Rows {
		line(func(i int) string { return cell(row[i]) })
	}
	unit := "rows"
	if len(a.Rows) == 1 {
		unit = "row"
	}
	fmt.Fprintf(out, "(%d %s)\n", len(a.Rows), unit)
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

func cell(v Value) string {
	if v.Null {
		return "·"
	}
	return strings.ReplaceAll(v.Text, "\n", " ")
}

func (a Answer) writeCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	header := make([]string, len(a.Columns))
	for i, column := range a.Columns {
		header[i] = column.Name
	}
	if err := out.Write(header); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	for _, row := range a.Rows {
		record := make([]string, len(row))
		for i, value := range row {
			record[i] = value.Text
		}
		if err := out.Write(record); err != nil {
			return fmt.Errorf("write CSV: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// writeJSON writes one object a row, columns in their order; numbers stay the
// digits DuckDB gives, so that no penny is lost to binary fractions.
func (a Answer) writeJSON(w io.Writer) error {
	out := bufio.NewWriter(w) // keeps the first error until Flush
	before := "[\n  {"
	for _, row := range a.Rows {
		fmt.Fprint(out, before)
		before = ",\n  {"
		for i, value := range row {
			name, err := json.Marshal(a.Columns[i].Name)
			if err != nil {
				return fmt.Errorf("write JSON: %w", err)
			}
			text, err := a.Columns[i].json(value)
			if err != nil {
				return fmt.Errorf("write JSON: %w", err)
			}
			if i > 0 {
				fmt.Fprint(out, ", ")
			}
			fmt.Fprintf(out, "%s: %s", name, text)
		}
		fmt.Fprint(out, "}")
	}
	if len(a.Rows) == 0 {
		fmt.Fprint(out, "[")
	} else {
		fmt.Fprintln(out)
	}
	fmt.Fprintln(out, "]")
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}

func (c Column) json(v Value) ([]byte, error) {
	switch {
	case v.Null:
		return []byte("null"), nil
	case c.Type == "BOOLEAN":
		return []byte(v.Text), nil
	case c.IsNumber() && json.Valid([]byte(v.Text)):
		return []byte(v.Text), nil
	}
	text, err := json.Marshal(v.Text)
	if err != nil {
		return nil, fmt.Errorf("column %s: %w", c.Name, err)
	}
	return text, nil
}

// writeXLSX writes a workbook of one sheet, with the cells that the workbook of a
// release has.
func (a Answer) writeXLSX(w io.Writer) error {
	columns := make([]spreadsheet.Column, len(a.Columns))
	for i, column := range a.Columns {
		columns[i] = spreadsheet.Column{Name: column.Name, Type: column.Type, Kind: column.spreadsheetKind()}
	}
	texts := make([]*string, len(columns))
	rows := func(yield func([]*string) bool) {
		for _, row := range a.Rows {
			for i := range row {
				texts[i] = nil
				if !row[i].Null {
					texts[i] = &row[i].Text
				}
			}
			if !yield(texts) {
				return
			}
		}
	}
	if err := spreadsheet.WriteRows(w, "Answer", columns, len(a.Rows), rows); err != nil {
		return fmt.Errorf("write XLSX: %w", err)
	}
	return nil
}

// spreadsheetKind says how the texts of the column become cells of a sheet.
func (c Column) spreadsheetKind() spreadsheet.Kind {
	switch {
	case strings.HasSuffix(c.Type, "INT") || c.Type == "INTEGER" || c.Type == "UINTEGER":
		return spreadsheet.Integer
	case c.IsNumber():
		return spreadsheet.Number
	case c.Type == "BOOLEAN":
		return spreadsheet.Boolean
	case c.Type == "DATE":
		return spreadsheet.Date
	}
	return spreadsheet.Text
}
