package documents

import (
	"context"
	"fmt"
	"io"

	"socialvalue/internal/contract"
	"socialvalue/internal/geojson"
	"socialvalue/internal/landing"
	"socialvalue/internal/layout"
	"socialvalue/internal/ocds"
)

// converter turns a document of one JSON form into CSV below a header.
type converter struct {
	toCSV  func(in io.Reader, out io.Writer) (landing.Prepared, error)
	remedy string // what to do about a document that cannot be turned
	row    string // what a person calls one of its rows
	first  int64  // the number of the first of them
}

// converters are the JSON forms there are.
func converters() map[landing.Form]converter {
	return map[landing.Form]converter{
		// The first feature is line 2, as if the header were line 1.
		landing.GeoJSON:  {toCSV: features, remedy: "export the layer again as a GeoJSON feature collection", row: "line", first: 2},
		landing.Releases: {toCSV: releases, remedy: "fetch the package again; it is a release or record package, a list of releases, or one a line", row: "release", first: 1},
	}
}

func features(in io.Reader, out io.Writer) (landing.Prepared, error) {
	header, rows, err := geojson.ToCSV(in, out)
	return landing.Prepared{Header: header, Rows: rows}, err
}

func releases(in io.Reader, out io.Writer) (landing.Prepared, error) {
	rows, faults, err := ocds.ToCSV(in, out)
	prepared := landing.Prepared{Header: ocds.Header(), Rows: rows}
	for _, fault := range faults {
		prepared.Faults = append(prepared.Faults, landing.Fault{
			Row: fault.Row, Field: ocds.ProblemColumn, Rule: contract.NoRelease, Text: fault.Text, Alone: true,
		})
	}
	return prepared, err
}

// converted is a document of a JSON form. It is turned into CSV once, whatever
// the layout.
type converted struct {
	converter
	landed landing.Document
	copies *copies
	made   *landing.Prepared
}

func (c *converted) Header(ctx context.Context, _ layout.Format) (header []string, fields int, err error) {
	prepared, err := c.convert(ctx)
	return prepared.Header, len(prepared.Header), err
}

func (c *converted) Glimpse(ctx context.Context, _ layout.Format) (landing.Glimpse, error) {
	prepared, err := c.convert(ctx)
	if err != nil {
		return landing.Glimpse{}, err
	}
	return landing.PeekFile(ctx, c.landed.Name, prepared.Path)
}

func (c *converted) Written(format layout.Format) (layout.Format, error) {
	format.Encoding, format.Delimiter = layout.UTF8, ","
	return format, nil
}

func (c *converted) Prepare(ctx context.Context, _ layout.Format, _ map[int]contract.Type, _ bool) (landing.Prepared, error) {
	return c.convert(ctx)
}

func (c *converted) convert(ctx context.Context) (landing.Prepared, error) {
	if c.made != nil || ctx.Err() != nil {
		if c.made == nil {
			return landing.Prepared{}, ctx.Err()
		}
		return *c.made, nil
	}
	in, err := c.landed.Open()
	if err != nil {
		return landing.Prepared{}, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	out, err := c.copies.create("json-*.csv")
	if err != nil {
		return landing.Prepared{}, fmt.Errorf("turn %s into rows: %w", c.landed.Name, err)
	}
	made, err := c.toCSV(in, out)
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return landing.Prepared{}, &landing.Refusal{File: c.landed.Name, Reason: err.Error(), Remedy: c.remedy, Err: err}
	}
	made.Path, made.SkipLines, made.Encoding, made.Records, made.Exact = out.Name(), 1, layout.UTF8, made.Rows, true
	made.Lines.Add(0, c.first)
	c.made = &made
	return made, nil
}

func (c *converted) Part(layout.Format) string { return "" }

func (c *converted) Row() string { return c.row }

func (c *converted) Close() error { return c.copies.remove() }
