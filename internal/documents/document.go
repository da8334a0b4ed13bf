// Package documents turns a landed document of any form into rows: delimited
// text, GeoJSON, releases of contracts, a sheet of a workbook. Each form is one implementation of
// Document; whoever loads rows knows none of them.
//
// What comes out is always a text that DuckDB reads as CSV, with the numbers
// that the load must account for and the way from each row back to its place in
// what was sent. Copies lie in the work folder until Close: they may hold what
// must not outlive the landing folder.
package documents

import (
	"context"
	"errors"
	"os"

	"socialvalue/internal/contract"
	"socialvalue/internal/landing"
	"socialvalue/internal/layout"
)

// Document is a landed document, ready to be read by any layout.
type Document interface {
	// Header returns the header that a layout with this format would find, and the
	// number of fields of the document's first record. It is a *layout.MisfitError
	// when the document has no such header whatever the layout's conditions are.
	Header(ctx context.Context, format layout.Format) (header []string, fields int, err error)
	// Glimpse returns the first records as a layout with this format would find
	// them; without an encoding it is judged by the bytes.
	Glimpse(ctx context.Context, format layout.Format) (landing.Glimpse, error)
	// Written is how the rows that Prepare makes are written, when the layout has
	// this format.
	Written(format layout.Format) (layout.Format, error)
	// Prepare makes the rows readable for DuckDB. Columns says, by field, what the
	// fields that are wanted are to become. Without exact it may trust what the
	// landing pass saw; see landing.Prepared.
	Prepare(ctx context.Context, format layout.Format, columns map[int]contract.Type, exact bool) (landing.Prepared, error)
	// Part names the part of the document that a layout with this format reads, as
	// the sheet of a workbook; "" when it is all of it.
	Part(format layout.Format) string
	// Row is what a person calls one of its rows: a line or a row.
	Row() string
	// Close removes the copies that were made. It may be called again.
	Close() error
}

// Options say how documents are opened.
type Options struct {
	WorkDir  string                 // for copies
	Password func() (string, error) // fetches the password of a locked workbook; nil: there is none
}

// Open returns the document in the form that it has.
func Open(landed landing.Document, options Options) Document {
	copies := &copies{dir: options.WorkDir}
	switch landed.Form {
	case landing.GeoJSON, landing.Releases:
		return &converted{converter: converters()[landed.Form], landed: landed, copies: copies}
	case landing.Workbook:
		return &sheet{landed: landed, copies: copies, password: options.Password}
	case landing.Text:
	}
	return &text{landed: landed, copies: copies}
}

// copies are the files that were made of a document.
type copies struct {
	dir   string
	paths []string
}

// create makes a file that Close removes.
func (c *copies) create(pattern string) (*os.File, error) {
	f, err := os.CreateTemp(c.dir, pattern)
	if err == nil {
		c.paths = append(c.paths, f.Name())
	}
	return f, err
}

func (c *copies) remove() error {
	var failed error
	for _, path := range c.paths {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			failed = errors.Join(failed, err)
		}
	}
	c.paths = nil
	return failed
}
