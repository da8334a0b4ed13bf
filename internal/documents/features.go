package documents

import (
	"context"
	"fmt"

	"socialvalue/internal/contract"
	"socialvalue/internal/geojson"
	"socialvalue/internal/landing"
	"socialvalue/internal/layout"
)

// features is a GeoJSON document: each feature is a row. It is turned into CSV
// once, whatever the layout.
type features struct {
	landed landing.Document
	copies *copies
	made   *landing.Prepared
}

func (f *features) Header(ctx context.Context, _ layout.Format) (header []string, fields int, err error) {
	prepared, err := f.convert(ctx)
	return prepared.Header, len(prepared.Header), err
}

func (f *features) Glimpse(ctx context.Context, _ layout.Format) (landing.Glimpse, error) {
	prepared, err := f.convert(ctx)
	if err != nil {
		return landing.Glimpse{}, err
	}
	return landing.PeekFile(ctx, f.landed.Name, prepared.Path)
}

func (f *features) Written(format layout.Format) (layout.Format, error) {
	format.Encoding, format.Delimiter = layout.UTF8, ","
	return format, nil
}

func (f *features) Prepare(ctx context.Context, _ layout.Format, _ map[int]contract.Type, _ bool) (landing.Prepared, error) {
	return f.convert(ctx)
}

func (f *features) convert(ctx context.Context) (landing.Prepared, error) {
	if f.made != nil || ctx.Err() != nil {
		if f.made == nil {
			return landing.Prepared{}, ctx.Err()
		}
		return *f.made, nil
	}
	in, err := f.landed.Open()
	if err != nil {
		return landing.Prepared{}, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	out, err := f.copies.create("geojson-*.csv")
	if err != nil {
		return landing.Prepared{}, fmt.Errorf("turn %s into rows: %w", f.landed.Name, err)
	}
	header, features, err := geojson.ToCSV(in, out)
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return landing.Prepared{}, &landing.Refusal{
			File: f.landed.Name, Reason: err.Error(), Remedy: "export the layer again as a GeoJSON feature collection", Err: err,
		}
	}
	f.made = &landing.Prepared{
		Path: out.Name(), SkipLines: 1, Encoding: layout.UTF8, Header: header, Records: features, Rows: features, Exact: true,
	}
	f.made.Lines.Add(0, firstFeature)
	return *f.made, nil
}

// firstFeature is the line of the first feature, as if the header were line 1.
const firstFeature = 2

func (f *features) Part(layout.Format) string { return "" }

func (f *features) Row() string { return "line" }

func (f *features) Close() error { return f.copies.remove() }
