package workbook

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
)

// The largest sheet that Excel knows.
const (
	MaxRows    = 1 << 20
	MaxColumns = 1 << 14
)

// Row is a row of a sheet. Rows without a cell may be missing in a workbook.
type Row struct {
	Number int // the first is 1
	Hidden bool
	Cells  []Cell // those that hold something, from left to right

	HiddenColumns []Span // of the sheet
}

// Span is a run of columns, the last included.
type Span struct{ First, Last int }

// Rows streams the rows of a sheet. The row is overwritten by the next. After
// an error nothing follows.
func (w *Workbook) Rows(sheet Sheet) iter.Seq2[*Row, error] {
	if sheet.Turned {
		return w.turned(sheet)
	}
	return func(yield func(*Row, error) bool) {
		if err := w.readStrings(); err != nil {
			yield(nil, err)
			return
		}
		r, err := w.open(sheet.part)
		if err != nil {
			yield(nil, err)
			return
		}
		defer r.Close() //nolint:errcheck // it was only read
		reader := rowReader{workbook: w, xml: newXMLReader(r)}
		for {
			err := reader.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(nil, w.brokenSheet(sheet, reader.row.Number, err))
				return
			}
			if !yield(&reader.row, nil) {
				return
			}
		}
	}
}

func (w *Workbook) brokenSheet(sheet Sheet, row int, err error) error {
	err = w.broken(sheet.part, err)
	var problem *Problem
	if errors.As(err, &problem) {
		placed := *problem
		placed.Sheet, placed.Row = sheet.Name, row
		return &placed
	}
	return err
}

type rowReader struct {
	workbook *Workbook
	xml      *xmlReader
	row      Row
	text     []byte
}

// next reads the next row; io.EOF when the sheet is read to its end.
func (r *rowReader) next() error {
	for {
		e, err := r.xml.next()
		if err != nil {
			return err
		}
		if e.kind != startElement {
			continue
		}
		switch e.name {
		case "row":
			return r.readRow(e)
		case "col":
			first, errFirst := strconv.Atoi(e.attr("min"))
			last, errLast := strconv.Atoi(e.attr("max"))
			if isTrue(e.attr("hidden")) && errFirst == nil && errLast == nil && len(r.row.HiddenColumns) < MaxColumns {
				r.row.HiddenColumns = append(r.row.HiddenColumns, Span{first, last})
			}
		}
	}
}

func (r *rowReader) readRow(e element) error {
	number := r.row.Number + 1
	if text := e.attr("r"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < number || n > MaxRows {
			return damaged("a row is numbered %q where %d or more is due", shorten(text), number)
		}
		number = n
	} else if number > MaxRows {
		return damaged("it has more than %d rows", MaxRows)
	}
	r.row.Number, r.row.Hidden, r.row.Cells = number, isTrue(e.attr("hidden")), r.row.Cells[:0]
	column := 0
	for depth := len(r.xml.open); ; {
		e, err := r.xml.next()
		switch {
		case err != nil:
			return err
		case len(r.xml.open) < depth:
			return nil
		case e.kind != startElement:
			continue
		case e.name != "c":
			err = r.xml.skip()
		default:
			column, err = r.readCell(e, column)
		}
		if err != nil {
			return err
		}
	}
}

// readCell reads a cell that stands to the right of a column.
func (r *rowReader) readCell(e element, after int) (int, error) {
	cell := Cell{Row: r.row.Number, Column: after + 1}
	if ref := e.attr("r"); ref != "" {
		column, row, ok := parseRef(ref)
		if !ok || row != r.row.Number || column <= after {
			return 0, damaged("a cell is named %q in row %d behind column %d", shorten(ref), r.row.Number, after)
		}
		cell.Column = column
	} else if cell.Column > MaxColumns {
		return 0, damaged("row %d has more than %d cells", r.row.Number, MaxColumns)
	}
	if style, err := strconv.Atoi(e.attr("s")); err == nil && style >= 0 && style < len(r.workbook.formats) {
		cell.format = r.workbook.formats[style]
	}
	cell.date1904 = r.workbook.date1904
	kind := e.attr("t")
	hasFormula, hasValue := false, false
	r.text = r.text[:0]
	for depth := len(r.xml.open); ; {
		e, err := r.xml.next()
		if err == nil && len(r.xml.open) < depth {
			break
		}
		if err == nil && e.kind == startElement {
			switch e.name {
			case "v":
				hasValue = true
				r.text, err = r.xml.text(r.text[:0])
			case "is":
				hasValue = true
				r.text, err = r.xml.richText(r.text[:0])
			case "f":
				hasFormula = true
				err = r.xml.skip()
			default:
				err = r.xml.skip()
			}
		}
		if err != nil {
			return 0, err
		}
	}
	if !hasValue {
		if !hasFormula {
			return cell.Column, nil // it has a format and nothing else
		}
		cell.kind = uncalculated
		r.row.Cells = append(r.row.Cells, cell)
		return cell.Column, nil
	}
	if err := r.fill(&cell, kind); err != nil {
		return 0, err
	}
	if cell.text != "" {
		r.row.Cells = append(r.row.Cells, cell)
	}
	return cell.Column, nil
}

// fill gives a cell the value that was read.
func (r *rowReader) fill(cell *Cell, kind string) error {
	switch kind {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(string(r.text)))
		if err != nil {
			return damaged("cell %s refers to no text", cell.Ref())
		}
		cell.kind = text
		if cell.text, err = r.workbook.strings.at(i); err != nil {
			return err
		}
	case "str", "inlineStr":
		cell.kind, cell.text = text, string(unescape(r.text))
	case "b":
		cell.kind, cell.text = boolean, strings.TrimSpace(string(r.text))
	case "e":
		cell.kind, cell.text = failed, strings.TrimSpace(string(r.text))
	case "d":
		cell.kind, cell.text = isoDate, strings.TrimSpace(string(r.text))
	case "", "n":
		cell.kind, cell.text = number, strings.TrimSpace(string(r.text))
	default:
		return damaged("cell %s is of the unknown type %q", cell.Ref(), shorten(kind))
	}
	return nil
}

// shorten keeps a message short whatever a damaged file holds.
func shorten(text string) string { return text[:min(len(text), 16)] }

// parseRef reads the name of a cell, as BC17.
func parseRef(ref string) (column, row int, ok bool) {
	i := 0
	for ; i < len(ref) && ref[i] >= 'A' && ref[i] <= 'Z' && i < 4; i++ {
		column = column*26 + int(ref[i]-'A') + 1
	}
	row, err := strconv.Atoi(ref[i:])
	return column, row, err == nil && i > 0 && column <= MaxColumns && row > 0 && row <= MaxRows
}

// ColumnName is the name of a column, as BC for 55.
func ColumnName(column int) string {
	name := ""
	for ; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}

// Ref is the name of a cell, as BC17.
func Ref(column, row int) string { return fmt.Sprintf("%s%d", ColumnName(column), row) }
