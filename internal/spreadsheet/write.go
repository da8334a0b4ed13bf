//go:build duckdb_arrow

package spreadsheet

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"socialvalue/internal/warehouse"
)

// writer fills a workbook.
type writer struct {
	file *excelize.File

	header, wrapped, heading, date, mark int
	numbers                              map[string]int // by format
}

const (
	widest    = 60 // characters of a column
	narrowest = 10
)

// styles makes the styles that cells have, and fixes what would change from day
// to day.
func (w *writer) styles() error {
	w.numbers = map[string]int{}
	isoDate := "yyyy-mm-dd"
	make := func(to *int, style *excelize.Style) (err error) {
		if *to, err = w.file.NewStyle(style); err != nil {
			return fmt.Errorf("make a style: %w", err)
		}
		return nil
	}
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	err := errors.Join(
		make(&w.header, &excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E7ECEF"}}}), //nolint:misspell // the library spells so
		make(&w.wrapped, &excelize.Style{Alignment: top}),
		make(&w.heading, &excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: top}),
		make(&w.date, &excelize.Style{CustomNumFmt: &isoDate}),
		make(&w.mark, &excelize.Style{Alignment: &excelize.Alignment{Horizontal: "right"}}),
	)
	for _, format := range []string{money, share, count} {
		var style int
		err = errors.Join(err, make(&style, &excelize.Style{CustomNumFmt: &format}))
		w.numbers[format] = style
	}
	if err != nil {
		return err
	}
	const always = "1980-01-01T00:00:00Z"
	err = w.file.SetDocProps(&excelize.DocProperties{Creator: "svw", Created: always, Modified: always})
	if err != nil {
		return fmt.Errorf("set its properties: %w", err)
	}
	return nil
}

// The formats of numbers.
const (
	money = "#,##0.00"
	share = "0.0%"
	count = "#,##0"
)

// format is how the numbers of a column show; "" as they come.
func format(column Column) string {
	switch {
	case column.Unit == "GBP":
		return money
	case column.Unit == "share":
		return share
	case column.Kind == Integer && column.Unit != "" && !slices.Contains([]string{"rank", "decile", "quintile", "year"}, column.Unit):
		return count
	}
	return ""
}

// words writes the sheets that say what is in the others.
func (w *writer) words(book Book, notes map[string]string, sheets []Sheet) error {
	about := [][]string{{book.Title, ""}}
	for _, paragraph := range book.About {
		about = append(about, []string{paragraph.Heading, paragraph.Text})
	}
	names := map[string]string{}
	for _, sheet := range sheets {
		names[sheet.Table] = sheet.Name
	}
	contents := [][]string{{"Dataset", "Sheet", "Rows", "One row is", "What it is", "Licence", "Note"}}
	dictionary := [][]string{{"Dataset", "Column", "Type", "Unit", "What it is", "Example"}}
	for _, table := range book.Tables {
		contents = append(contents, []string{
			table.Name, names[table.Name], strconv.FormatInt(table.Rows, 10), table.Grain, table.Description, table.Licence, notes[table.Name],
		})
		for _, column := range table.Columns {
			dictionary = append(dictionary, []string{table.Name, column.Name, column.Type, column.Unit, column.Description, column.Example})
		}
	}
	if err := w.file.SetSheetName(w.file.GetSheetName(0), ReadMe); err != nil {
		return fmt.Errorf("name a sheet: %w", err)
	}
	if err := w.sheet(ReadMe, []float64{22, 100}, false, about); err != nil {
		return err
	}
	if err := w.sheet(Contents, []float64{30, 30, 10, 40, 80, 30, 50}, true, contents); err != nil {
		return err
	}
	return w.sheet(Dictionary, []float64{30, 30, 16, 12, 80, 24}, true, dictionary)
}

// sheet writes a sheet of words. With a header its first row stands still.
func (w *writer) sheet(name string, widths []float64, header bool, rows [][]string) error {
	stream, err := w.stream(name, widths, header)
	if err != nil {
		return err
	}
	for i, row := range rows {
		cells := make([]any, len(row))
		for j, text := range row {
			style := w.wrapped
			switch {
			case header && i == 0:
				style = w.header
			case !header && j == 0:
				style = w.heading
			}
			cells[j] = excelize.Cell{StyleID: style, Value: words(text)}
		}
		if err := stream.SetRow("A"+strconv.Itoa(i+1), cells); err != nil {
			return fmt.Errorf("write sheet %s: %w", name, err)
		}
	}
	if err := stream.Flush(); err != nil {
		return fmt.Errorf("write sheet %s: %w", name, err)
	}
	return nil
}

// words is a text of a word sheet: a count is a number, no text is no cell.
func words(text string) any {
	if text == "" {
		return nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	return text
}

// stream begins a sheet.
func (w *writer) stream(name string, widths []float64, frozen bool) (*excelize.StreamWriter, error) {
	if _, err := w.file.NewSheet(name); err != nil {
		return nil, fmt.Errorf("add sheet %s: %w", name, err)
	}
	stream, err := w.file.NewStreamWriter(name)
	if err != nil {
		return nil, fmt.Errorf("begin sheet %s: %w", name, err)
	}
	for i, width := range widths {
		err = errors.Join(err, stream.SetColWidth(i+1, i+1, width))
	}
	if frozen {
		err = errors.Join(err, stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	}
	if err != nil {
		return nil, fmt.Errorf("begin sheet %s: %w", name, err)
	}
	return stream, nil
}

// grid is a sheet of rows under a header.
type grid struct {
	writer  *writer
	stream  *excelize.StreamWriter
	columns []Column
	styles  []int
	rows    int64 // written
}

// grid begins one with its header.
func (w *writer) grid(name string, columns []Column) (*grid, error) {
	widths := make([]float64, len(columns))
	header := make([]any, len(columns))
	styles := make([]int, len(columns))
	for i, column := range columns {
		width := len(column.Name) + 2
		if column.Kind == Text && column.Unit == "" {
			width = max(width, 16)
		}
		widths[i] = float64(min(max(width, narrowest), widest))
		header[i] = excelize.Cell{StyleID: w.header, Value: column.Name}
		styles[i] = w.numbers[format(column)]
	}
	stream, err := w.stream(name, widths, true)
	if err != nil {
		return nil, err
	}
	if err := stream.SetRow("A1", header); err != nil {
		return nil, fmt.Errorf("write its header: %w", err)
	}
	return &grid{writer: w, stream: stream, columns: columns, styles: styles}, nil
}

// add writes a row; no text is an empty cell.
func (g *grid) add(texts []*string) error {
	cells := make([]any, len(texts))
	for i, text := range texts {
		if text != nil {
			cells[i] = g.writer.cell(g.columns[i].Kind, *text, g.styles[i])
		}
	}
	g.rows++
	if err := g.stream.SetRow("A"+strconv.FormatInt(g.rows+1, 10), cells); err != nil {
		return fmt.Errorf("write row %d: %w", g.rows+1, err)
	}
	return nil
}

// end writes what is left.
func (g *grid) end() error {
	if err := g.stream.Flush(); err != nil {
		return fmt.Errorf("write it: %w", err)
	}
	return nil
}

// table writes the rows of a table, in the order of its files.
func (w *writer) table(ctx context.Context, db *warehouse.DB, sheet Sheet, table Table) (err error) {
	grid, err := w.grid(sheet.Name, table.Columns)
	if err != nil {
		return err
	}
	rows, err := db.Query(ctx, table.Select+" from read_parquet("+warehouse.TextList(table.Parquet)+")")
	if err != nil {
		return fmt.Errorf("read its rows: %w", warehouse.Scrub(err))
	}
	defer func() {
		if closeErr := rows.Close(); err == nil {
			err = closeErr
		}
	}()
	texts := make([]*string, len(table.Columns))
	scan := make([]any, len(table.Columns))
	for i := range texts {
		scan[i] = &texts[i]
	}
	for rows.Next() {
		if err := rows.Scan(scan...); err != nil {
			return fmt.Errorf("read its rows: %w", warehouse.Scrub(err))
		}
		if err := grid.add(texts); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read its rows: %w", warehouse.Scrub(err))
	}
	if grid.rows != table.Rows {
		return fmt.Errorf("%d rows written, %d expected", grid.rows, table.Rows)
	}
	return grid.end()
}

// cell is a text as a cell of a kind. A mark in a column of numbers stands to
// the right, as they do.
func (w *writer) cell(kind Kind, text string, style int) any {
	switch kind {
	case Number, Integer:
		if n, ok := number(text); ok {
			return excelize.Cell{StyleID: style, Value: n}
		}
		return excelize.Cell{StyleID: w.mark, Value: text}
	case Boolean:
		switch text {
		case "true":
			return true
		case "false":
			return false
		}
		return excelize.Cell{StyleID: w.mark, Value: text}
	case Date:
		if day, ok := serial(text); ok {
			return excelize.Cell{StyleID: w.date, Value: day}
		}
	case Text:
	}
	return text
}

// number reads a number that a spreadsheet keeps: it has 15 digits. One with
// more stays text, and whole.
func number(text string) (float64, bool) {
	const kept = 15
	digits := strings.Trim(strings.ReplaceAll(strings.TrimPrefix(text, "-"), ".", ""), "0")
	if len(digits) > kept || strings.Trim(text, "-.0123456789eE+") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil
}

// serial is the number of a day. Before March 1900 spreadsheets differ.
func serial(text string) (int, bool) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Before(time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)) {
		return 0, false
	}
	return int(day.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour)), true
}

// pack copies the parts of a package in the order of their names: the library
// writes sheets in any order.
func pack(from *os.File, to string) (err error) {
	info, err := from.Stat()
	if err != nil {
		return fmt.Errorf("pack the workbook: %w", err)
	}
	archive, err := zip.NewReader(from, info.Size())
	if err != nil {
		return fmt.Errorf("pack the workbook: %w", err)
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return fmt.Errorf("pack the workbook: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	packed := zip.NewWriter(out)
	parts := slices.Clone(archive.File)
	slices.SortFunc(parts, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	for _, part := range parts {
		if err := packed.Copy(part); err != nil {
			return fmt.Errorf("pack the workbook: %w", err)
		}
	}
	if err := packed.Close(); err != nil {
		return fmt.Errorf("pack the workbook: %w", err)
	}
	return nil
}
