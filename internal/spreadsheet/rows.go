//go:build duckdb_arrow

package spreadsheet

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

// TooLargeError says why rows cannot stand in a sheet.
type TooLargeError struct{ Reason string }

func (e *TooLargeError) Error() string {
	return e.Reason + ": ask for less, or take another format"
}

// mostColumns is the number of columns of a sheet.
const mostColumns = 16_384

// WriteRows writes a workbook of one sheet, with the same cells as a Book's: so
// many rows of texts, each nil or the text of a value of its column. Nothing is
// cut or rounded; what no sheet can hold is a *TooLargeError.
func WriteRows(out io.Writer, name string, columns []Column, count int, rows iter.Seq[[]*string]) (err error) {
	if len(columns) > mostColumns {
		return &TooLargeError{fmt.Sprintf("a sheet holds %d columns, and there are %d", mostColumns, len(columns))}
	}
	if most := DefaultLimits().Rows; int64(count) > most {
		return &TooLargeError{fmt.Sprintf("a sheet holds %d rows under its header, and there are %d", most, count)}
	}
	w := writer{file: excelize.NewFile()}
	defer func() { err = errors.Join(err, w.file.Close()) }()
	if err := w.styles(); err != nil {
		return err
	}
	if err := w.file.SetSheetName(w.file.GetSheetName(0), name); err != nil {
		return fmt.Errorf("name a sheet: %w", err)
	}
	grid, err := w.grid(name, columns)
	if err != nil {
		return err
	}
	for row := range rows {
		for i, text := range row {
			if text != nil && len(*text) > longestText && len(utf16.Encode([]rune(*text))) > longestText {
				return &TooLargeError{fmt.Sprintf("row %d has a text in %s that is longer than a cell holds (%d characters)", grid.rows+1, columns[i].Name, longestText)}
			}
		}
		if err := grid.add(row); err != nil {
			return err
		}
	}
	if grid.rows != int64(count) {
		return fmt.Errorf("%d rows written, %d expected", grid.rows, count)
	}
	if err := grid.end(); err != nil {
		return err
	}
	if err := w.file.Write(out); err != nil {
		return fmt.Errorf("write a workbook: %w", err)
	}
	return nil
}
