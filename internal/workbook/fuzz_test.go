package workbook_test

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"

	"socialvalue/internal/workbook"
)

// read goes through everything a workbook offers.
func read(tb testing.TB, data []byte) {
	tb.Helper()
	book, err := workbook.Open(bytes.NewReader(data), int64(len(data)), workbook.Options{
		TempDir: tb.TempDir(), Password: func() (string, error) { return "x", nil },
		Limits: workbook.Limits{Locked: 1 << 20, Unpacked: 8 << 20, Ratio: 200, From: 1 << 20},
	})
	if err != nil {
		return
	}
	defer func() {
		if err := book.Close(); err != nil {
			tb.Fatal(err)
		}
	}()
	for _, sheet := range book.Sheets {
		_, _ = book.Merges(sheet)
		last := 0
		for row, err := range book.Rows(sheet) {
			if err != nil {
				break
			}
			if row.Number <= last || row.Number > workbook.MaxRows {
				tb.Fatalf("row %d follows row %d", row.Number, last)
			}
			last = row.Number
			column := 0
			for i := range row.Cells {
				if row.Cells[i].Column <= column || row.Cells[i].Column > workbook.MaxColumns {
					tb.Fatalf("column %d follows column %d", row.Cells[i].Column, column)
				}
				column = row.Cells[i].Column
				for want := workbook.AsText; want <= workbook.AsMonth; want++ {
					row.Cells[i].Text(want)
				}
			}
		}
	}
}

// Whatever the bytes, reading ends, with rows and columns in order.
func FuzzWorkbook(f *testing.F) {
	f.Add(made(f, excelize.Options{}, func(book *excelize.File) { set(f, book, map[string]any{"A1": "x", "B7": 12.5}) }))
	f.Add([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00"))
	f.Fuzz(func(t *testing.T, data []byte) { read(t, data) })
}

// Whatever a sheet and its formats hold, reading ends, with rows and columns in
// order.
func FuzzSheet(f *testing.F) {
	f.Add(`<cols><col min="1" max="2" hidden="1"/></cols><sheetData><row r="1" hidden="1"><c r="A1" s="1"><v>45384.5</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells>`, "dd/mm/yyyy hh:mm")
	f.Add(`<sheetData><row><c t="s"><v>1</v></c><c t="inlineStr"><is><t>a</t></is></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c></row></sheetData>`, "[h]:mm;@")
	f.Fuzz(func(t *testing.T, inside, format string) { read(t, sheetOf(t, inside, format)) })
}
