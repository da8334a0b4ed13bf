package workbook

import (
	"fmt"
	"iter"
	"slices"
)

// The largest form: answers down to this row, and as many columns as have a name of one letter.
const (
	maxFormRows    = 2000
	maxFormColumns = 26
)

// turned gives the columns of a sheet as its rows: a form has its questions one below the other, and each further
// column is a record. A form is small, so it is read as a whole. Cells keep the names by which people know them.
func (w *Workbook) turned(sheet Sheet) iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		upright := sheet
		upright.Turned = false
		var columns [maxFormColumns]Row
		last := 0
		for row, err := range w.Rows(upright) {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, cell := range row.Cells {
				if cell.Column > maxFormColumns || cell.Row > maxFormRows {
					yield(nil, &Problem{
						Sheet: sheet.Name, Row: row.Number,
						Reason: fmt.Sprintf("cell %s is outside of what a form may fill: %d columns and %d rows", cell.Ref(), maxFormColumns, maxFormRows),
						Remedy: "empty it, or send further answers in a second workbook",
					})
					return
				}
				last = max(last, cell.Column)
				at := &columns[cell.Column-1]
				cell.Row, cell.Column, cell.turned = cell.Column, cell.Row, true
				at.Cells = append(at.Cells, cell)
			}
		}
		for i := range columns[:last] {
			columns[i].Number = i + 1
			columns[i].Cells = slices.Clip(columns[i].Cells)
			if !yield(&columns[i], nil) {
				return
			}
		}
	}
}
