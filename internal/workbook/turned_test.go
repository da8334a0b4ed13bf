package workbook_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"socialvalue/internal/workbook"
)

// form is a workbook whose sheet holds some cells.
func form(t *testing.T, cells map[string]any) *workbook.Workbook {
	t.Helper()
	made := excelize.NewFile()
	for cell, value := range cells {
		if err := made.SetCellValue("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := made.MergeCell("Sheet1", "C3", "D3"); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := errors.Join(made.Write(&out), made.Close()); err != nil {
		t.Fatal(err)
	}
	book, err := workbook.Open(bytes.NewReader(out.Bytes()), int64(out.Len()), workbook.Options{TempDir: t.TempDir(), Limits: workbook.DefaultLimits()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := book.Close(); err != nil {
			t.Error(err)
		}
	})
	return book
}

// A form is read column by column; its cells keep the names by which people know them, and merges turn with it.
func TestAFormIsReadColumnByColumn(t *testing.T) {
	t.Parallel()
	book := form(t, map[string]any{"A1": "Title", "B2": "Who?", "B3": "What?", "C2": "Example", "C3": "Trees", "E3": 7})
	sheet := book.Sheets[0]
	sheet.Turned = true
	got := map[int][]string{}
	for row, err := range book.Rows(sheet) {
		if err != nil {
			t.Fatal(err)
		}
		got[row.Number] = []string{}
		for i := range row.Cells {
			text, _, _ := row.Cells[i].Text(workbook.AsText)
			got[row.Number] = append(got[row.Number], row.Cells[i].Ref()+"="+text)
		}
	}
	want := map[int][]string{1: {"A1=Title"}, 2: {"B2=Who?", "B3=What?"}, 3: {"C2=Example", "C3=Trees"}, 4: {}, 5: {"E3=7"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	merges, err := book.Merges(sheet)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]workbook.Merge{{Row: 3, Column: 3, LastRow: 4, LastColumn: 3}}, merges); diff != "" {
		t.Errorf("merges (-want +got):\n%s", diff)
	}
}

// What is beyond a form is refused with the name of the cell.
func TestACellBeyondAForm(t *testing.T) {
	t.Parallel()
	book := form(t, map[string]any{"B2": "Who?", "AB2": "far away"})
	sheet := book.Sheets[0]
	sheet.Turned = true
	for _, err := range book.Rows(sheet) {
		var problem *workbook.Problem
		if !errors.As(err, &problem) || problem.Reason != "cell AB2 is outside of what a form may fill: 26 columns and 2000 rows" {
			t.Errorf("%v", err)
		}
	}
}
