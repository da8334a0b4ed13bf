//go:build duckdb_arrow

// Package query answers a question from a released DuckDB file, read-only, and
// writes the answer in the form a person or a program wants.
package query

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"socialvalue/internal/warehouse"
)

// Format is the form of an answer.
type Format string

// The forms of an answer.
const (
	Table   Format = "table"
	CSV     Format = "csv"
	JSON    Format = "json"
	Parquet Format = "parquet" // to a file only
	XLSX    Format = "xlsx"    // to a file only
)

// Formats lists the forms, for help and completion.
func Formats() []string {
	return []string{string(Table), string(CSV), string(JSON), string(Parquet), string(XLSX)}
}

// Answer is the rows of a query, every value as the text DuckDB gives it.
type Answer struct {
	Columns []Column
	Rows    [][]Value
}

// Column is one column of an answer.
type Column struct {
	Name string
	Type string
}

// Value is one value; Null when there is none.
type Value struct {
	Text string
	Null bool
}

// IsNumber says whether values of the column are numbers.
func (c Column) IsNumber() bool {
	switch c.Type {
	case "BIGINT", "INTEGER", "SMALLINT", "TINYINT", "HUGEINT", "UBIGINT", "UINTEGER", "USMALLINT", "UTINYINT", "UHUGEINT", "DOUBLE", "FLOAT":
		return true
	}
	return strings.HasPrefix(c.Type, "DECIMAL")
}

// ErrQuestion says that the question is at fault: it is no SELECT, names what
// is not there, or reaches for what it may not read.
var ErrQuestion = errors.New("the question cannot be answered")

// File is a released DuckDB file opened for questions.
type File struct {
	db *warehouse.DB
}

// Limits are what a question may use; empty ones are DuckDB's own.
type Limits struct {
	Memory  string // such as 4GB
	Threads int
	Temp    string // most that may be laid aside on disk, in a folder that is gone when the file is closed
}

// Open opens a released file read-only. A question cannot write to it, nor
// read any other file, and leaves nothing beside it.
func Open(ctx context.Context, path string, limits Limits) (*File, error) {
	options := warehouse.Options{ReadOnly: true, MemoryLimit: limits.Memory, Threads: limits.Threads, TempLimit: limits.Temp}
	db, err := warehouse.Open(ctx, path, options)
	if err != nil {
		return nil, err
	}
	return &File{db: db}, nil
}

// Close closes the file.
func (f *File) Close() error { return f.db.Close() }

// Ask runs one SELECT and returns its rows in order.
func (f *File) Ask(ctx context.Context, question string) (answer Answer, err error) {
	question = statement(question)
	if err := f.closeFiles(ctx, ""); err != nil {
		return Answer{}, err
	}
	// In brackets only one SELECT is understood; nothing else gets any further.
	described, err := f.db.Query(ctx, "describe select * from ("+question+"\n)")
	if err != nil {
		return Answer{}, mistake(err)
	}
	for described.Next() {
		var column Column
		var rest [4]any
		if err := described.Scan(&column.Name, &column.Type, &rest[0], &rest[1], &rest[2], &rest[3]); err != nil {
			return Answer{}, errors.Join(fmt.Errorf("read the question: %w", err), described.Close())
		}
		answer.Columns = append(answer.Columns, column)
	}
	if err := described.Close(); err != nil {
		return Answer{}, fmt.Errorf("read the question: %w", err)
	}
	texts := make([]string, len(answer.Columns))
	for i := range answer.Columns {
		texts[i] = fmt.Sprintf("cast(c%d as VARCHAR)", i)
	}
	names := make([]string, len(answer.Columns))
	for i := range names {
		names[i] = fmt.Sprintf("c%d", i)
	}
	rows, err := f.db.Query(ctx, "select "+strings.Join(texts, ", ")+" from ("+question+"\n) as answer ("+strings.Join(names, ", ")+")")
	if err != nil {
		return Answer{}, fmt.Errorf("ask: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		texts := make([]*string, len(answer.Columns))
		targets := make([]any, len(texts))
		for i := range texts {
			targets[i] = &texts[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return Answer{}, fmt.Errorf("read the answer: %w", err)
		}
		row := make([]Value, len(texts))
		for i, text := range texts {
			row[i] = Value{Null: text == nil}
			if text != nil {
				row[i].Text = *text
			}
		}
		answer.Rows = append(answer.Rows, row)
	}
	return answer, rows.Err()
}

// Export writes the answer of one SELECT to a Parquet file.
func (f *File) Export(ctx context.Context, question, path string) error {
	if err := f.closeFiles(ctx, path); err != nil {
		return err
	}
	if _, err := f.db.Exec(ctx, "describe select * from ("+statement(question)+"\n)"); err != nil {
		return mistake(err)
	}
	_, err := f.db.Exec(ctx, "copy ("+statement(question)+"\n) to "+warehouse.Text(path)+" (format parquet, compression zstd)")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// closeFiles keeps the question away from every file but the one the answer is
// written to, if any.
func (f *File) closeFiles(ctx context.Context, but string) error {
	settings := "set enable_external_access = false"
	if but != "" {
		settings = "set allowed_paths = [" + warehouse.Text(but) + "]; " + settings
	}
	if _, err := f.db.Exec(ctx, settings); err != nil {
		return fmt.Errorf("close the file system to the question: %w", err)
	}
	return nil
}

// mistake is what DuckDB says of a question it does not understand, without
// the line it quotes: that line is not what the person wrote.
func mistake(err error) error {
	text, _, _ := strings.Cut(err.Error(), "\n\nLINE ")
	return fmt.Errorf("%w: %s", ErrQuestion, text)
}

// statement drops the semicolon a person may end a question with.
func statement(question string) string {
	return strings.TrimRight(strings.TrimSpace(question), "; \n\t")
}

// Write writes the answer as text.
func (a Answer) Write(w io.Writer, format Format) error {
	switch format {
	case Table:
		return a.writeTable(w)
	case CSV:
		return a.writeCSV(w)
	case JSON:
		return a.writeJSON(w)
	case XLSX:
		return a.writeXLSX(w)
	case Parquet:
	}
	return fmt.Errorf("format %s needs a file: add --output FILE", format)
}
