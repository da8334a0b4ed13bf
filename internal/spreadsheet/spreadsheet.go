//go:build duckdb_arrow

// Package spreadsheet writes one workbook of tables that lie in Parquet files, for
// people who use Excel: a sheet that says what it is, a table of contents, a
// dictionary of the columns, and a sheet for each table that is small enough. The
// same files and words give the same bytes.
//
// It knows neither releases nor publications: whoever calls it says what the
// cells hold, by a SELECT that turns the rows of a file into texts.
package spreadsheet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/xuri/excelize/v2"

	"socialvalue/internal/warehouse"
)

// Book is what a workbook says and holds.
type Book struct {
	Title  string
	About  []Paragraph // of the sheet "Read me"
	Tables []Table
}

// Paragraph is a text with its heading.
type Paragraph struct{ Heading, Text string }

// Kind says how the texts of a column become cells.
type Kind int

// The kinds of columns. A text that is no value of its column's kind, as a mark,
// stays text.
const (
	Text Kind = iota
	Number
	Integer
	Boolean // true or false
	Date    // 2024-04-02
)

// Column is a column of a table.
type Column struct {
	Name, Type, Unit, Description, Example string

	Kind Kind
}

// Table is what one or several Parquet files hold.
type Table struct {
	Name, Description, Grain, Licence string

	Columns   []Column
	Rows      int64
	Parquet   []string // the files, in the order of the rows
	Select    string   // select list, without from, that makes a text of each column in its order
	Elsewhere string   // where the data are for those who find no sheet of them
}

// Limits bound what becomes a sheet.
type Limits struct {
	Rows       int64 // of a sheet, without its header
	SheetCells int64 // of a sheet
	BookCells  int64 // of all sheets; tables are taken in their order
}

// DefaultLimits are what Excel can hold and an ordinary laptop opens.
func DefaultLimits() Limits {
	return Limits{Rows: 1<<20 - 1, SheetCells: 1_000_000, BookCells: 4_000_000}
}

// longestText is the number of characters that a cell can hold.
const longestText = 32_767

// Sheet is a table that has a sheet.
type Sheet struct {
	Name  string `json:"sheet"`
	Table string `json:"dataset"`
	Rows  int64  `json:"rows"`
}

// The sheets that every workbook has. In front of a table's header stands
// nothing: it is the first row of its sheet.
const (
	ReadMe     = "Read me"
	Contents   = "Contents"
	Dictionary = "Dictionary"
)

// Write writes a workbook to a file and says which tables have a sheet in it.
func Write(ctx context.Context, db *warehouse.DB, file string, book Book, limits Limits) (sheets []Sheet, err error) {
	notes, sheets, err := choose(ctx, db, book.Tables, limits)
	if err != nil {
		return nil, err
	}
	raw, err := os.CreateTemp(filepath.Dir(file), ".workbook-*")
	if err != nil {
		return nil, fmt.Errorf("write a workbook: %w", err)
	}
	defer func() { err = errors.Join(err, raw.Close(), os.Remove(raw.Name())) }()
	w := writer{file: excelize.NewFile(excelize.Options{TmpDir: filepath.Dir(file)})}
	defer func() { err = errors.Join(err, w.file.Close()) }()
	if err := w.styles(); err != nil {
		return nil, err
	}
	if err := w.words(book, notes, sheets); err != nil {
		return nil, err
	}
	for _, sheet := range sheets {
		for i := range book.Tables {
			if book.Tables[i].Name != sheet.Table {
				continue
			}
			if err := w.table(ctx, db, sheet, book.Tables[i]); err != nil {
				return nil, fmt.Errorf("sheet %s: %w", sheet.Name, err)
			}
		}
	}
	if err := w.file.Write(raw); err != nil {
		return nil, fmt.Errorf("write a workbook: %w", err)
	}
	return sheets, pack(raw, file)
}

// choose says of each table why it has no sheet, or which.
func choose(ctx context.Context, db *warehouse.DB, tables []Table, limits Limits) (notes map[string]string, sheets []Sheet, err error) {
	notes = map[string]string{}
	taken := map[string]bool{ReadMe: true, Contents: true, Dictionary: true}
	cells := int64(0)
	for _, table := range tables {
		size := table.Rows * int64(len(table.Columns))
		long, err := tooLong(ctx, db, table)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", table.Name, err)
		}
		switch {
		case table.Rows > limits.Rows:
			notes[table.Name] = fmt.Sprintf("no sheet: it has more rows than a sheet can hold (%d)", limits.Rows)
		case size > limits.SheetCells:
			notes[table.Name] = fmt.Sprintf("no sheet: it has more cells than one is given here (%d)", limits.SheetCells)
		case cells+size > limits.BookCells:
			notes[table.Name] = fmt.Sprintf("no sheet: the workbook would have more than %d cells", limits.BookCells)
		case long:
			notes[table.Name] = "no sheet: it has texts too long for a cell"
		default:
			cells += size
			sheets = append(sheets, Sheet{Name: sheetName(table.Name, taken), Table: table.Name, Rows: table.Rows})
			continue
		}
		notes[table.Name] += "; the data are in " + table.Elsewhere
	}
	return notes, sheets, nil
}

// tooLong says whether a table has a text that no cell can hold.
func tooLong(ctx context.Context, db *warehouse.DB, table Table) (bool, error) {
	for _, column := range table.Columns {
		if column.Kind != Text {
			continue
		}
		var long bool
		// A character beyond the basic plane counts twice in Excel.
		query := "select coalesce(max(length(cast(" + warehouse.Ident(column.Name) + " as varchar))), 0) * 2 > ? from read_parquet(" + warehouse.TextList(table.Parquet) + ")"
		if err := db.One(ctx, query, []any{longestText}, &long); err != nil {
			return false, fmt.Errorf("measure %s: %w", column.Name, warehouse.Scrub(err))
		}
		if long {
			return true, nil
		}
	}
	return false, nil
}

// sheetName is a name that no other sheet has, of as many characters as Excel
// takes.
func sheetName(table string, taken map[string]bool) string {
	const most = 31
	name := table[:min(len(table), most)]
	for n := 2; taken[name]; n++ {
		suffix := fmt.Sprintf("~%d", n)
		name = table[:min(len(table), most-len(suffix))] + suffix
	}
	taken[name] = true
	return name
}
