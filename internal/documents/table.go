package documents

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"

	"socialvalue/internal/contract"
	"socialvalue/internal/landing"
	"socialvalue/internal/layout"
	"socialvalue/internal/workbook"
)

// The notes about a sheet, and the rules that only a sheet can break.
const (
	hiddenSheet   = "hidden_sheet"
	hiddenRows    = "hidden_rows"
	hiddenColumns = "hidden_columns"
	mergedFilled  = "merged_cells_filled"

	mergedNumber  = "merged_number"
	outsideHeader = "outside_header"
)

// maxFaults is how many cells or rows may be wrong in form: beyond it the
// layout is, not they.
const maxFaults = 100_000

// table writes the rows of a sheet below its header as CSV.
type table struct {
	sheet   workbook.Sheet
	format  layout.Format
	columns map[int]contract.Type
	at      frame
	merges  []workbook.Merge   // of several rows, below the header, by their first row
	active  map[int]mergedCell // by field

	out    *csv.Writer
	record []string
	result landing.Prepared
}

// mergedCell is a cell that reaches over rows below its own.
type mergedCell struct {
	last        int
	value       string
	ref         string
	rule, shown string // of the fault that the cell has, if it has one
}

// table makes the CSV of a sheet.
func (s *sheet) table(ctx context.Context, chosen workbook.Sheet, format layout.Format, columns map[int]contract.Type) (landing.Prepared, error) {
	at, err := s.frame(ctx, chosen, format)
	if err != nil {
		return landing.Prepared{}, err
	}
	if format.HeaderRow > 0 && at.header == nil {
		return landing.Prepared{}, s.noHeader(chosen, format)
	}
	merges, err := s.book.Merges(chosen)
	if err != nil {
		return landing.Prepared{}, err
	}
	file, err := s.copies.create("sheet-*.csv")
	if err != nil {
		return landing.Prepared{}, fmt.Errorf("turn it into rows: %w", err)
	}
	buffered := bufio.NewWriterSize(file, 256<<10)
	t := &table{
		sheet: chosen, format: format, columns: columns, at: at, active: map[int]mergedCell{},
		out: csv.NewWriter(buffered), record: make([]string, at.width),
		result: landing.Prepared{
			Path: file.Name(), NewLine: "\n", Encoding: layout.UTF8, Header: at.header, Exact: true, Notes: map[string]int64{},
			Titles: int64(max(0, format.HeaderRow-1)), Cells: &landing.Cells{First: at.first, Turned: chosen.Turned},
		},
	}
	if format.HeaderRow == 0 {
		t.result.Header = format.Columns
	}
	t.reach(merges)
	err = t.write(ctx, s.book, s.landed.Name)
	if err == nil {
		t.out.Flush()
		err = errors.Join(t.out.Error(), buffered.Flush())
	}
	var info os.FileInfo
	if err == nil {
		if info, err = file.Stat(); err == nil {
			t.result.Size = info.Size()
		}
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return landing.Prepared{}, err
	}
	return t.result, nil
}

// reach keeps the merged cells that reach over several rows of data.
func (t *table) reach(merges []workbook.Merge) {
	for _, m := range merges {
		if m.LastRow > m.Row && m.Row > t.format.HeaderRow {
			t.merges = append(t.merges, m)
		}
	}
	slices.SortFunc(t.merges, func(a, b workbook.Merge) int { return a.Row - b.Row })
}

func (t *table) write(ctx context.Context, book *workbook.Workbook, name string) error {
	before := t.format.HeaderRow
	empty := true
	for row, err := range book.Rows(t.sheet) {
		if err != nil {
			return err
		}
		if row.Number%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		empty = empty && len(row.Cells) == 0
		if row.Number <= t.format.HeaderRow {
			continue
		}
		gap := int64(row.Number - before - 1) // rows without a cell may be missing in the file
		t.result.Records += gap + 1
		t.result.Blanks += gap
		before = row.Number
		if err := t.row(row); err != nil {
			return err
		}
		if len(t.result.Faults) > maxFaults || len(t.result.Rejects) > maxFaults {
			return t.tooMany(name)
		}
		t.look(row.HiddenColumns)
	}
	if empty {
		return &landing.Refusal{File: name, Reason: fmt.Sprintf("its sheet %q is empty", t.sheet.Name), Err: landing.ErrEmpty, Remedy: "ask the sender for the file again, or name another sheet by format.sheet"}
	}
	if t.sheet.Hidden {
		t.result.Notes[hiddenSheet] = 1
	}
	return nil
}

func (t *table) tooMany(name string) error {
	refusal := &landing.Refusal{File: name, Reason: fmt.Sprintf("more than %d of its rows hold a formula without a value, or something beside the columns of the header", maxFaults), Remedy: "check format.sheet and format.header_row of the layout"}
	if len(t.result.Rejects) > 0 {
		refusal.Line = t.result.Rejects[0].Line
	}
	return refusal
}

// look counts the hidden columns that are read.
func (t *table) look(hidden []workbook.Span) {
	if t.result.Notes[hiddenColumns] > 0 {
		return
	}
	for field := range t.columns {
		for _, span := range hidden {
			if column := t.at.first + field; span.First <= column && column <= span.Last {
				t.result.Notes[hiddenColumns]++
				break
			}
		}
	}
}

// row puts a row where it belongs: among the rows, the blanks or the rejects.
func (t *table) row(row *workbook.Row) error {
	clear(t.record)
	faults := len(t.result.Faults)
	blank, outside := true, ""
	for i := range row.Cells {
		cell := &row.Cells[i]
		field := cell.Column - t.at.first
		if field < 0 || field >= len(t.record) {
			if value, _, _ := cell.Text(workbook.AsText); outside == "" && layout.Clean(value) != "" {
				outside = cell.Ref() + ": " + value
			}
			continue
		}
		t.cell(cell, field)
		blank = blank && layout.Clean(t.record[field]) == ""
	}
	t.begin(row, t.result.Faults[faults:])
	if blank && outside == "" {
		t.result.Faults = t.result.Faults[:faults]
		t.result.Blanks++
		return nil
	}
	if row.Hidden {
		t.result.Notes[hiddenRows]++
	}
	if outside != "" {
		t.result.Faults = t.result.Faults[:faults]
		t.result.Rejects = append(t.result.Rejects, landing.Reject{
			Line: int64(row.Number), LastLine: int64(row.Number), Rule: outsideHeader, Raw: []byte(outside),
		})
		return nil
	}
	t.fill(row.Number)
	t.result.Lines.Add(t.result.Rows, int64(row.Number))
	t.result.Rows++
	if err := t.out.Write(t.record); err != nil {
		return fmt.Errorf("write the rows: %w", err)
	}
	return nil
}

// cell takes a cell into the record.
func (t *table) cell(cell *workbook.Cell, field int) {
	kind, wanted := t.columns[field]
	value, rule, note := cell.Text(wants(kind))
	t.record[field] = value
	if !wanted {
		return
	}
	if note != "" {
		t.result.Notes[note]++
	}
	if rule == "" || rule == workbook.FormulaError && slices.Contains(t.format.Nulls, value) {
		return // that an error means no value is for a layout to say
	}
	shown := cell.Ref()
	if rule == workbook.FormulaError && errorText.MatchString(value) {
		shown = value + " in " + shown
	}
	t.fault(field, rule, shown)
}

// errorText is what Excel shows when a formula fails; anything else in its
// place may be a person's data.
var errorText = regexp.MustCompile(`^#[A-Z0-9/_]{2,14}[!?]?$`)

func (t *table) fault(field int, rule, shown string) {
	t.result.Faults = append(t.result.Faults, landing.Fault{Row: t.result.Rows, Field: field, Rule: rule, Text: shown})
}

// begin remembers the cells of a row that reach over rows below.
func (t *table) begin(row *workbook.Row, faults []landing.Fault) {
	for len(t.merges) > 0 && t.merges[0].Row <= row.Number {
		m := t.merges[0]
		t.merges = t.merges[1:]
		field := m.Column - t.at.first
		if _, wanted := t.columns[field]; !wanted || m.Row != row.Number || t.record[field] == "" {
			continue
		}
		cell := mergedCell{last: m.LastRow, value: t.record[field], ref: t.ref(m.Column, m.Row)}
		for _, fault := range faults {
			if fault.Field == field {
				cell.rule, cell.shown = fault.Rule, fault.Text
			}
		}
		t.active[field] = cell
	}
}

// ref is a cell's name in the sheet as people see it.
func (t *table) ref(column, row int) string {
	if t.sheet.Turned {
		column, row = row, column
	}
	return workbook.Ref(column, row)
}

// fill repeats what is merged over several rows in each of them, if it is a
// name, a code or a day. A number that several rows share is no number of any
// one of them.
func (t *table) fill(row int) {
	for field, m := range t.active {
		if row > m.last {
			delete(t.active, field)
			continue
		}
		if t.record[field] != "" {
			continue // the row where it begins
		}
		kind := t.columns[field]
		switch {
		case m.rule != "":
			t.record[field] = m.value
			t.fault(field, m.rule, m.shown)
		case kind == contract.TypeInteger, kind == contract.TypeDecimal, kind == contract.TypeMoney:
			t.fault(field, mergedNumber, m.ref)
		default:
			t.record[field] = m.value
			t.result.Notes[mergedFilled]++
		}
	}
}

// wants says as what a cell is read for a column of a type.
func wants(kind contract.Type) workbook.Want {
	switch kind {
	case contract.TypeInteger, contract.TypeBoolean:
		return workbook.AsNumber
	case contract.TypeDecimal:
		return workbook.AsDecimal
	case contract.TypeMoney:
		return workbook.AsMoney
	case contract.TypeDate:
		return workbook.AsDate
	case contract.TypeTimestamp:
		return workbook.AsTimestamp
	case contract.TypeYearMonth:
		return workbook.AsMonth
	case contract.TypeText, contract.TypeCode, contract.TypeTime, contract.TypePercent, contract.TypeUUID:
	}
	return workbook.AsText
}
