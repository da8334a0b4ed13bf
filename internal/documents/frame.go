package documents

import (
	"context"
	"fmt"

	"socialvalue/internal/landing"
	"socialvalue/internal/layout"
	"socialvalue/internal/workbook"
)

// frame is where the table stands in a sheet: which columns it has.
type frame struct {
	header []string // nil when there is none where the layout has it
	first  int      // column of the first field, from 1
	width  int      // number of fields
	fields int      // of the sheet's first row that holds anything
}

// frame reads a sheet up to its header.
func (s *sheet) frame(ctx context.Context, chosen workbook.Sheet, format layout.Format) (frame, error) {
	at := frame{first: 1, width: len(format.Columns)}
	shown := map[[2]int]string{} // by column and row, down to the header
	for row, err := range s.book.Rows(chosen) {
		if err != nil {
			return at, err
		}
		if ctx.Err() != nil {
			return at, ctx.Err()
		}
		if format.HeaderRow > 0 && row.Number > format.HeaderRow {
			break
		}
		for i := range row.Cells {
			cell := &row.Cells[i]
			if name, rule, _ := cell.Text(workbook.AsText); rule == "" && layout.Clean(name) != "" {
				shown[[2]int{cell.Column, row.Number}] = name
				if at.fields == 0 || row.Number == format.HeaderRow {
					at.fields = cell.Column
				}
				at.fields = max(at.fields, cell.Column)
			}
		}
		if format.HeaderRow == 0 && at.fields > 0 || row.Number == format.HeaderRow {
			break
		}
	}
	if format.HeaderRow == 0 {
		return at, nil
	}
	if err := s.spread(chosen, format.HeaderRow, shown); err != nil {
		return at, err
	}
	last := 0
	for place := range shown {
		if place[1] == format.HeaderRow {
			if last == 0 || place[0] < at.first {
				at.first = place[0]
			}
			last = max(last, place[0])
		}
	}
	if last == 0 {
		return at, nil
	}
	at.width = last - at.first + 1
	at.fields = at.width
	at.header = make([]string, at.width)
	for i := range at.header {
		at.header[i] = shown[[2]int{at.first + i, format.HeaderRow}]
	}
	return at, nil
}

// spread gives a header cell that is merged with rows above it the name that
// stands there. A name that is merged over several columns is that of the first.
func (s *sheet) spread(chosen workbook.Sheet, headerRow int, shown map[[2]int]string) error {
	merges, err := s.book.Merges(chosen)
	if err != nil {
		return err
	}
	for _, m := range merges {
		if m.Row < headerRow && headerRow <= m.LastRow {
			if name := shown[[2]int{m.Column, m.Row}]; name != "" {
				shown[[2]int{m.Column, headerRow}] = name
			}
		}
	}
	return nil
}

// noHeader refuses a sheet that has no header where the layout says.
func (s *sheet) noHeader(chosen workbook.Sheet, format layout.Format) error {
	return &landing.Refusal{
		File: s.landed.Name, Line: int64(format.HeaderRow), Reason: fmt.Sprintf("no header here: this row of sheet %q is empty", chosen.Name),
		Remedy: "set format.header_row to the row that holds the column names, and format.sheet to its sheet", Err: landing.ErrNoHeader,
	}
}
