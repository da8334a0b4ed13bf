package workbook_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"socialvalue/internal/workbook"
)

// BenchmarkRows streams a workbook of SVW_ROWS rows (10,000) of twenty cells and
// reports the peak of memory in use, which does not grow with the rows but for
// eight bytes a shared string. 700,000 rows are a file of 62 MB:
//
//	SVW_ROWS=700000 go test -run '^$' -bench Rows -benchtime 1x ./internal/workbook
func BenchmarkRows(b *testing.B) {
	rows := 10_000
	if text := os.Getenv("SVW_ROWS"); text != "" {
		if _, err := fmt.Sscan(text, &rows); err != nil {
			b.Fatal(err)
		}
	}
	path := filepath.Join(b.TempDir(), "large.xlsx")
	large(b, path, rows)
	runtime.GC()
	runtime.GC() // what the writer pooled goes at the second
	file, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	info, err := file.Stat()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	var peak uint64
	for b.Loop() {
		book, err := workbook.Open(file, info.Size(), workbook.Options{TempDir: b.TempDir(), Limits: workbook.DefaultLimits()})
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for row, err := range book.Rows(book.Sheets[0]) {
			if err != nil {
				b.Fatal(err)
			}
			for i := range row.Cells {
				row.Cells[i].Text(workbook.AsText)
			}
			if n++; n%1000 == 0 {
				var stats runtime.MemStats
				runtime.ReadMemStats(&stats)
				peak = max(peak, stats.HeapInuse)
			}
		}
		if n != rows {
			b.Fatalf("%d rows of %d", n, rows)
		}
		if err := book.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(info.Size())/1e6, "MB-file")
	b.ReportMetric(float64(peak)/1e6, "MB-peak")
}

// large writes a workbook of rows of twenty cells: numbers, days and texts.
func large(b *testing.B, path string, rows int) {
	b.Helper()
	book := excelize.NewFile()
	stream, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		b.Fatal(err)
	}
	day := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	values := make([]any, 20)
	for i := range rows {
		for j := range values {
			switch j % 4 {
			case 0:
				values[j] = fmt.Sprintf("Supplier %d of %d", i*7919%1000003, j)
			case 1:
				values[j] = float64(i*7919%1000003) / 100
			case 2:
				values[j] = day.AddDate(0, 0, i*31%3000)
			default:
				values[j] = i*104729%1000003 + j
			}
		}
		if err := stream.SetRow(fmt.Sprintf("A%d", i+1), values); err != nil {
			b.Fatal(err)
		}
	}
	if err := stream.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := book.SaveAs(path); err != nil {
		b.Fatal(err)
	}
	if err := book.Close(); err != nil {
		b.Fatal(err)
	}
}
