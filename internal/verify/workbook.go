//go:build duckdb_arrow

package verify

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"socialvalue/internal/manifest"
	"socialvalue/internal/workbook"
)

// verifyWorkbook reads a workbook with another implementation than the one that
// wrote it: each sheet has the columns of its dataset and as many rows as the
// manifest says.
func verifyWorkbook(file string, records map[string]manifest.DatasetRecord, expected manifest.File) (err error) {
	opened, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	book, err := workbook.Open(opened, expected.Bytes, workbook.Options{Limits: workbook.DefaultLimits()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	for _, sheet := range expected.Sheets {
		found, err := book.Find(sheet.Name, 0)
		if err != nil {
			return fmt.Errorf("it %w", err)
		}
		if err := verifySheet(book, found, records[sheet.Table], sheet.Rows); err != nil {
			return fmt.Errorf("sheet %s: %w", sheet.Name, err)
		}
	}
	return nil
}

func verifySheet(book *workbook.Workbook, sheet workbook.Sheet, record manifest.DatasetRecord, expected int64) error {
	declared := make([]string, len(record.Columns))
	for i, column := range record.Columns {
		declared[i] = column.Name
	}
	rows := int64(-1) // the header
	for row, err := range book.Rows(sheet) {
		if err != nil {
			return err
		}
		rows++
		if row.Number != int(rows)+1 {
			return fmt.Errorf("row %d follows row %d", row.Number, rows)
		}
		if rows > 0 {
			continue
		}
		var header []string
		for i := range row.Cells {
			name, _, _ := row.Cells[i].Text(workbook.AsText)
			header = append(header, name)
		}
		if !slices.Equal(header, declared) {
			return fmt.Errorf("its header is %s, the manifest says %s", strings.Join(header, ","), strings.Join(declared, ","))
		}
	}
	if rows != expected {
		return fmt.Errorf("it has %d rows, the manifest says %d", rows, expected)
	}
	return nil
}
