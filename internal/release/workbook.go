//go:build duckdb_arrow

package release

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"socialvalue/internal/durable"
	"socialvalue/internal/manifest"
	"socialvalue/internal/spreadsheet"
	"socialvalue/internal/warehouse"
)

// WorkbookName is the workbook of the open datasets, below the folder open.
const WorkbookName = "social_value_open.xlsx"

// WorkbookTable is a dataset and the Parquet files that have its rows.
type WorkbookTable struct {
	Record  manifest.DatasetRecord
	Parquet []string // in the order of the rows
	Rows    int64
	Else    string // where the data are when there is no sheet of them
}

// WriteWorkbook writes a workbook of datasets, with the cells and marks of their
// CSV files, and says which of them have a sheet. It is the same for releases
// and publications; only what they say of themselves differs.
func WriteWorkbook(ctx context.Context, db *warehouse.DB, file, title string, about []spreadsheet.Paragraph, tables []WorkbookTable) ([]spreadsheet.Sheet, error) {
	book := spreadsheet.Book{Title: title, About: append(about, meaningOfMarks()...)}
	for _, table := range tables {
		record := table.Record
		columns := make([]spreadsheet.Column, len(record.Columns))
		for i, column := range record.Columns {
			columns[i] = spreadsheet.Column{
				Name: column.Name, Type: column.Type, Unit: column.Unit, Description: column.Description, Example: column.Example,
				Kind: spreadsheetKind(column.Type),
			}
		}
		book.Tables = append(book.Tables, spreadsheet.Table{
			Name: record.Name, Description: record.Description, Grain: record.Grain, Licence: record.Licence,
			Columns: columns, Rows: table.Rows, Parquet: table.Parquet, Elsewhere: table.Else,
			Select: cellSelect(Dataset{Name: record.Name, Key: record.Key, Columns: record.Columns}),
		})
	}
	sheets, err := spreadsheet.Write(ctx, db, file, book, spreadsheet.DefaultLimits())
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path.Base(file), err)
	}
	return sheets, nil
}

// spreadsheetKind says how the CSV cells of a type become cells of a sheet.
func spreadsheetKind(columnType string) spreadsheet.Kind {
	known, _ := manifest.ParseType(columnType) // validated before
	switch known.Class {
	case manifest.ClassNumber:
		if strings.HasSuffix(known.Name, "INT") || known.Name == "INTEGER" {
			return spreadsheet.Integer
		}
		return spreadsheet.Number
	case manifest.ClassBoolean:
		return spreadsheet.Boolean
	case manifest.ClassDate:
		return spreadsheet.Date
	case manifest.ClassText, manifest.ClassTimestamp, manifest.ClassTimestampTZ:
	}
	return spreadsheet.Text
}

// meaningOfMarks explains the cells that are no values.
func meaningOfMarks() []spreadsheet.Paragraph {
	return []spreadsheet.Paragraph{
		{Heading: markWithheld, Text: "Withheld: the value could tell something of a person. The row names the column in withheld, or is suppressed."},
		{Heading: markNotAvailable, Text: "Not available. Where the table has a column null_reason, it says why."},
		{Heading: markLowReliability, Text: "Low reliability, in a text column beside the number."},
		{Heading: "empty", Text: "A text or day that says that there is nothing to say. In a column of the key: all of them together."},
		{Heading: "'=…", Text: "A text that begins with =, +, -, @, a tab or a carriage return has a ' before it, as in the CSV files, so that no spreadsheet runs it."},
		{Heading: "Numbers", Text: "Numbers are whole as stored, whatever the format shows. One of more than 15 digits stands as text, since a spreadsheet would round it."},
	}
}

// writeWorkbook writes the workbook of the open place from the Parquet files
// staged there. The meta tables, which speak of the run, are not in it.
func (w *composition) writeWorkbook(ctx context.Context) error {
	var tables []WorkbookTable
	for _, it := range inPlace(w.items, manifest.OpenPlace) {
		record, present := w.manifest.Dataset(it.Name)
		if !present || record.Kind == manifest.KindView {
			continue
		}
		elsewhere := path.Dir(manifest.DatasetPath(manifest.OpenPlace, it.Name, "parquet"))
		tables = append(tables, WorkbookTable{
			Record: record, Parquet: w.parquetFiles(it.Name, manifest.OpenPlace), Rows: w.manifest.RowsIn(it.Name, manifest.OpenPlace),
			Else: strings.TrimPrefix(elsewhere, manifest.PlaceFolder(manifest.OpenPlace)+"/"),
		})
	}
	if len(tables) == 0 {
		return nil
	}
	name := path.Join(manifest.PlaceFolder(manifest.OpenPlace), WorkbookName)
	staged := w.staged(name)
	var sheets []spreadsheet.Sheet
	err := w.Disk.Step("export", staged, func() (err error) {
		sheets, err = WriteWorkbook(ctx, w.DB, staged, "Social value: open datasets", w.about(), tables)
		return err
	})
	if err != nil {
		return err
	}
	if err := w.Disk.Chmod(staged, durable.SharedMode); err != nil {
		return err
	}
	size, sum, err := durable.Sum(staged)
	if err != nil {
		return err
	}
	w.manifest.Files = append(w.manifest.Files, manifest.File{Path: name, Bytes: size, SHA256: sum, Sheets: sheets})
	return nil
}

// about is what the workbook of a release says of itself. There is no clock in
// it: the same inputs give the same bytes.
func (w *composition) about() []spreadsheet.Paragraph {
	var last time.Time
	for schema, day := range w.plan.Facts.DataUpTo {
		if day.After(last) && w.opens(schema) {
			last = day
		}
	}
	about := []spreadsheet.Paragraph{
		{Heading: "What this is", Text: "The open datasets of the social value warehouse, for people who use Excel. It is a candidate: it becomes public only when a person publishes it. The same rows are in the Parquet, CSV and DuckDB files beside it."},
	}
	if !last.IsZero() {
		about = append(about, spreadsheet.Paragraph{Heading: "Data up to", Text: last.Format(time.DateOnly)})
	}
	return append(about,
		spreadsheet.Paragraph{Heading: "Sheets", Text: spreadsheet.Contents + " lists the datasets, and says where those are that have no sheet. " + spreadsheet.Dictionary + " says what each column is. Every other sheet is a dataset."},
		spreadsheet.Paragraph{Heading: "Licence", Text: "That of each dataset stands in " + spreadsheet.Contents + ". Give it with every copy and extract."},
	)
}

// opens says whether a schema has an open dataset in this release.
func (w *composition) opens(schema string) bool {
	for _, it := range inPlace(w.items, manifest.OpenPlace) {
		if it.schema() == schema {
			return true
		}
	}
	return false
}
