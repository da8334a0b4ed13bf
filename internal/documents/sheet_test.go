//go:build duckdb_arrow

package documents_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"socialvalue/internal/contract"
	"socialvalue/internal/documents"
	"socialvalue/internal/extract"
	"socialvalue/internal/landing"
	"socialvalue/internal/layout"
)

// made is the bytes of a workbook that fill has filled; its first sheet is Sheet1.
func made(tb testing.TB, fill func(book *excelize.File)) []byte {
	tb.Helper()
	book := excelize.NewFile()
	fill(book)
	var out bytes.Buffer
	if err := errors.Join(book.Write(&out), book.Close()); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// rows writes rows into a sheet from A1 on; nil leaves a cell out.
func rows(tb testing.TB, book *excelize.File, sheet string, from int, values ...[]any) {
	tb.Helper()
	for i, row := range values {
		for j, value := range row {
			if value == nil {
				continue
			}
			ref, err := excelize.CoordinatesToCellName(j+1, from+i)
			must(tb, err)
			must(tb, book.SetCellValue(sheet, ref, value))
		}
	}
}

// open lands a file and opens its only document. Its copies lie in the returned
// folder.
func open(tb testing.TB, name string, content []byte) (documents.Document, string) {
	tb.Helper()
	dir := tb.TempDir()
	path := filepath.Join(dir, filepath.Base(name))
	must(tb, os.WriteFile(path, content, 0o600))
	info, err := os.Stat(path)
	must(tb, err)
	store := landing.NewStore(filepath.Join(dir, "landing"), landing.DefaultLimits())
	landed, err := store.Land(tb.Context(), "s", extract.FromInfo(path, name, info))
	must(tb, err)
	contents, err := store.Open(tb.Context(), landed)
	must(tb, err)
	work := filepath.Join(dir, "work")
	must(tb, os.Mkdir(work, 0o750))
	return documents.Open(contents.Documents[0], documents.Options{WorkDir: work}), work
}

// got is what a test wants to know of a prepared document.
type got struct {
	Header                         []string
	CSV                            string
	Records, Rows, Blanks, Rejects int64
	Lines                          []int64
	Faults                         []landing.Fault
	Notes                          map[string]int64
}

// types are those of the columns When, Payee and Net.
func types() map[int]contract.Type {
	return map[int]contract.Type{0: contract.TypeDate, 1: contract.TypeText, 2: contract.TypeMoney}
}

func prepare(tb testing.TB, document documents.Document, format layout.Format) got {
	tb.Helper()
	prepared, err := document.Prepare(tb.Context(), format, types(), false)
	must(tb, err)
	text, err := os.ReadFile(prepared.Path)
	must(tb, err)
	g := got{
		Header: prepared.Header, CSV: string(text), Records: prepared.Records, Rows: prepared.Rows, Blanks: prepared.Blanks,
		Rejects: int64(len(prepared.Rejects)), Faults: prepared.Faults, Notes: prepared.Notes,
	}
	for i := range prepared.Rows {
		g.Lines = append(g.Lines, prepared.Lines.Line(i))
	}
	if !prepared.Exact || g.Records != g.Rows+g.Blanks+g.Rejects {
		tb.Errorf("%d records, but %d rows, %d blanks, %d rejects", g.Records, g.Rows, g.Blanks, g.Rejects)
	}
	return g
}

// A sheet as people send it: titles, a header further down and to the right,
// merged and hidden cells, a total, blank rows behind.
func TestSheet(t *testing.T) {
	t.Parallel()
	day := time.Date(2024, 4, 2, 0, 0, 0, 0, time.UTC)
	content := made(t, func(book *excelize.File) {
		rows(t, book, "Sheet1", 1,
			[]any{"Payments of April"},                     // 1
			[]any{nil, "When", "Who"},                      // 2: When is merged with the header below
			[]any{nil, nil, "Payee", "Net", nil, nil, nil}, // 3
			[]any{nil, day, "A, \"B\"\nC", 1234.5},         // 4
			[]any{nil, nil, nil, nil},                      // 5
			[]any{nil, "02/05/2024", "D", 2},               // 6: hidden
			[]any{nil, day, "merged", 3.5},                 // 7: payee over 7-9, amount over 8-9
			[]any{nil, day, nil, 9},                        // 8
			[]any{nil, day, nil, nil},                      // 9
			[]any{nil, day, "E", 1, nil, "a remark"},       // 10
			[]any{nil, nil, "Total", 1250.5},               // 11
		)
		must(t, book.MergeCell("Sheet1", "B2", "B3"))
		must(t, book.MergeCell("Sheet1", "C7", "C9"))
		must(t, book.MergeCell("Sheet1", "D8", "D9"))
		must(t, book.SetRowVisible("Sheet1", 6, false))
		must(t, book.SetColVisible("Sheet1", "C", false))
		style, err := book.NewStyle(&excelize.Style{NumFmt: 2})
		must(t, err)
		must(t, book.SetCellStyle("Sheet1", "B40", "D40", style)) // blank, and with a format
	})
	document, work := open(t, "drop/april.csv", content) // whatever it is called
	format := layout.DefaultFormat()
	format.HeaderRow, format.Dates = 3, []string{"DD/MM/YYYY"}
	want := got{
		Header: []string{"When", "Payee", "Net"},
		CSV: "2024-04-02,\"A, \"\"B\"\"\nC\",1234.50\n" + "02/05/2024,D,2.00\n" + "2024-04-02,merged,3.50\n" +
			"2024-04-02,merged,9.00\n" + "2024-04-02,merged,\n" + ",Total,1250.50\n",
		Records: 37, Rows: 6, Blanks: 30, Rejects: 1, Lines: []int64{4, 6, 7, 8, 9, 11},
		Faults: []landing.Fault{{Row: 4, Field: 2, Rule: "merged_number", Text: "D8"}},
		Notes:  map[string]int64{"hidden_rows": 1, "hidden_columns": 1, "merged_cells_filled": 2},
	}
	if diff := cmp.Diff(want, prepare(t, document, format)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	written, err := document.Written(format)
	must(t, err)
	if diff := cmp.Diff([]string{"DD/MM/YYYY", "YYYY-MM-DD"}, written.Dates); diff != "" {
		t.Errorf("dates (-want +got)\n%s", diff)
	}
	if part := document.Part(format); part != "Sheet1" {
		t.Errorf("part %q", part)
	}

	// What was received must not stay behind.
	must(t, document.Close())
	left, err := os.ReadDir(work)
	must(t, err)
	if len(left) > 0 {
		t.Errorf("%d copies are left", len(left))
	}
}

// A cell whose formula failed or was never calculated is no value, and never
// none, in columns that are wanted.
func TestFaults(t *testing.T) {
	t.Parallel()
	content := made(t, func(book *excelize.File) {
		rows(t, book, "Sheet1", 1, []any{"When", "Payee", "Net", "Note"}, []any{nil, "#REF!"}, []any{nil, "B", nil}, []any{nil, "C", 1234567890123456.0}, []any{nil, 1234567890123450.0, 1})
		must(t, book.SetCellFormula("Sheet1", "C2", "NOPE()"))
		must(t, book.SetCellFormula("Sheet1", "D2", "NOPE()"))
	})
	content = replace(t, content, "xl/worksheets/sheet1.xml", `<c r="B3" t="s"><v>5</v></c>`, `<c r="B3" t="e"><f>1</f><v>#N/A</v></c>`)
	document, _ := open(t, "drop/x.xlsx", content)
	format := layout.DefaultFormat()
	g := prepare(t, document, format)
	want := []landing.Fault{
		{Row: 0, Field: 2, Rule: "formula_not_calculated", Text: "C2"},
		{Row: 1, Field: 1, Rule: "formula_error", Text: "#N/A in B3"},
		{Row: 3, Field: 1, Rule: "digits_lost", Text: "B5"},
	}
	if diff := cmp.Diff(want, g.Faults); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	format.Nulls = []string{"", "#N/A"} // the layout says that it means no value
	if g = prepare(t, document, format); len(g.Faults) != 2 {
		t.Errorf("faults %v", g.Faults)
	}
}

// replace replaces text in a part of a package.
func replace(tb testing.TB, content []byte, part, old, by string) []byte {
	tb.Helper()
	in, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	must(tb, err)
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, file := range in.File {
		r, err := file.Open()
		must(tb, err)
		var text bytes.Buffer
		_, err = text.ReadFrom(r)
		must(tb, err)
		w, err := archive.Create(file.Name)
		must(tb, err)
		if file.Name == part {
			if !strings.Contains(text.String(), old) {
				tb.Fatalf("%s has no %s:\n%s", part, old, text.String())
			}
			text = *bytes.NewBufferString(strings.Replace(text.String(), old, by, 1))
		}
		_, err = w.Write(text.Bytes())
		must(tb, err)
	}
	must(tb, archive.Close())
	return out.Bytes()
}

// What cannot be read says where and what to do.
func TestSheetRefused(t *testing.T) {
	t.Parallel()
	two := made(t, func(book *excelize.File) {
		_, err := book.NewSheet("Notes")
		must(t, err)
		rows(t, book, "Sheet1", 1, []any{"When", "Payee", "Net"})
	})
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	member, err := archive.Create("a.csv")
	must(t, err)
	inner := zip.NewWriter(member)
	_, err = inner.Create("b.csv")
	must(t, err)
	must(t, errors.Join(inner.Close(), archive.Close()))
	for _, tc := range []struct {
		name, file string
		content    []byte
		format     func(*layout.Format)
		want       string
	}{
		{"sheet not said", "drop/x.xlsx", two, func(*layout.Format) {}, `it does not say which sheet, and the workbook has "Sheet1", "Notes": add format: {sheet: NAME}`},
		{"no such sheet", "drop/x.xlsx", two, func(f *layout.Format) { f.Sheet.Name = "Payments" }, `it wants sheet "Payments", and the workbook has "Sheet1", "Notes"`},
		{"empty sheet", "drop/x.xlsx", two, func(f *layout.Format) { f.Sheet.Place = 2 }, `no header here: this row of sheet "Notes" is empty`},
		{"header further down", "drop/x.xlsx", two, func(f *layout.Format) { f.Sheet.Place, f.HeaderRow = 1, 5 }, `drop/x.xlsx: line 5: no header here`},
		{"zip in zip", "drop/x.zip", packed.Bytes(), func(*layout.Format) {}, `drop/x.zip!a.csv: it is a zip archive, but no Excel workbook: unpack it and drop what is in it`},
		{"dates that read ISO otherwise", "drop/x.xlsx", two, func(f *layout.Format) { f.Dates = []string{"YYYY-DD-MM"} }, `would read the day 2024-05-06 of a cell as another`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			document, _ := open(t, tc.file, tc.content)
			defer document.Close() //nolint:errcheck // the folder goes with the test
			format := layout.DefaultFormat()
			tc.format(&format)
			_, err := document.Written(format)
			if err == nil {
				_, err = document.Prepare(t.Context(), format, types(), false)
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

// Whatever stands in a sheet, every row of it is accounted for, and the rows
// that come out are those that hold something, from where they stand.
func TestEveryRowOfASheetIsAccountedFor(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		present := rapid.SliceOfN(rapid.SampledFrom([]string{"row", "blank", "beside", "gap"}), 1, 30).Draw(rt, "rows")
		var lines []int64
		rejects, last := int64(0), 0
		content := made(t, func(book *excelize.File) {
			rows(t, book, "Sheet1", 1, []any{"When", "Payee", "Net"})
			for i, kind := range present {
				number := i + 2
				switch kind {
				case "row":
					rows(t, book, "Sheet1", number, []any{nil, "x", float64(i) + 0.5})
					lines = append(lines, int64(number))
				case "beside":
					rows(t, book, "Sheet1", number, []any{nil, "x", nil, nil, "y"})
					rejects++
				case "blank":
					rows(t, book, "Sheet1", number, []any{nil, " "})
				case "gap":
					continue
				}
				last = number
			}
		})
		document, _ := open(t, "drop/x.xlsx", content)
		defer document.Close() //nolint:errcheck // the folder goes with the test
		g := prepare(t, document, layout.DefaultFormat())
		if diff := cmp.Diff(lines, g.Lines); diff != "" {
			rt.Errorf("lines (-want +got)\n%s", diff)
		}
		if g.Rejects != rejects || g.Records != int64(max(1, last)-1) {
			rt.Errorf("%d records of %d, %d rejects of %d", g.Records, last-1, g.Rejects, rejects)
		}
	})
}
