//go:build duckdb_arrow

package spreadsheet_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"socialvalue/internal/spreadsheet"
	"socialvalue/internal/warehouse"
)

// A table that is too large, or has a text that no cell holds, has no sheet, and
// the contents say where its data are; nothing is cut or rounded.
func TestWhatASpreadsheetCannotHold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := warehouse.Open(t.Context(), "", warehouse.Options{Threads: 1, TempDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	table := func(name, query string, rows int64) spreadsheet.Table {
		file := filepath.Join(dir, name+".parquet")
		if _, err := db.Exec(t.Context(), "copy ("+query+") to "+warehouse.Text(file)+" (format parquet)"); err != nil {
			t.Fatal(err)
		}
		return spreadsheet.Table{
			Name: name, Rows: rows, Parquet: []string{file}, Select: "select cast(a as varchar), b", Elsewhere: "datasets/" + name,
			Columns: []spreadsheet.Column{{Name: "a", Kind: spreadsheet.Number}, {Name: "b"}},
		}
	}
	long := strings.Repeat("x", 40_000)
	tables := []spreadsheet.Table{
		table("numbers", "select unnest([1.5, 123456789012345.6, 0.1]::decimal(18,2)[]) as a, 'x' as b", 3),
		table("a_name_of_more_than_thirty_one_characters_1", "select 1 as a, 'x' as b", 1),
		table("a_name_of_more_than_thirty_one_characters_2", "select 1 as a, 'x' as b", 1),
		table("long", fmt.Sprintf("select 1 as a, '%s' as b", long), 1),
		table("many_rows", "select i as a, 'x' as b from range(11) r(i)", 11),
		table("many_cells", "select i as a, 'x' as b from range(9) r(i)", 9),
		table("too_much", "select i as a, 'x' as b from range(6) r(i)", 6),
	}
	file := filepath.Join(dir, "book.xlsx")
	sheets, err := spreadsheet.Write(t.Context(), db, file, spreadsheet.Book{Title: "T", Tables: tables}, spreadsheet.Limits{Rows: 10, SheetCells: 16, BookCells: 20})
	if err != nil {
		t.Fatal(err)
	}
	want := []spreadsheet.Sheet{
		{Name: "numbers", Table: "numbers", Rows: 3},
		{Name: "a_name_of_more_than_thirty_one_", Table: "a_name_of_more_than_thirty_one_characters_1", Rows: 1},
		{Name: "a_name_of_more_than_thirty_on~2", Table: "a_name_of_more_than_thirty_one_characters_2", Rows: 1},
	}
	if diff := cmp.Diff(want, sheets); diff != "" {
		t.Errorf("sheets (-want +got)\n%s", diff)
	}
	book, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close() //nolint:errcheck // it was only read
	rows, err := book.GetRows("numbers")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"a", "b"}, {"1.5", "x"}, {"123456789012345.60", "x"}, {"0.1", "x"}}, rows); diff != "" {
		t.Errorf("numbers (-want +got)\n%s", diff)
	}
	contents, err := book.GetRows(spreadsheet.Contents)
	if err != nil {
		t.Fatal(err)
	}
	var notes []string
	for _, row := range contents[1:] {
		if len(row) == 7 {
			notes = append(notes, row[0]+": "+row[6])
		}
	}
	wantNotes := []string{
		"long: no sheet: it has texts too long for a cell; the data are in datasets/long",
		"many_rows: no sheet: it has more rows than a sheet can hold (10); the data are in datasets/many_rows",
		"many_cells: no sheet: it has more cells than one is given here (16); the data are in datasets/many_cells",
		"too_much: no sheet: the workbook would have more than 20 cells; the data are in datasets/too_much",
	}
	if diff := cmp.Diff(wantNotes, notes); diff != "" {
		t.Errorf("contents (-want +got)\n%s", diff)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".workbook-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind %v, %v", left, err)
	}
}
