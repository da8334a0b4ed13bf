package documents

import (
	"context"

	"socialvalue/internal/contract"
	"socialvalue/internal/landing"
	"socialvalue/internal/layout"
)

// text is a document of delimited text.
type text struct {
	landed landing.Document
	copies *copies
}

func (t *text) Glimpse(ctx context.Context, format layout.Format) (landing.Glimpse, error) {
	return landing.Peek(ctx, t.landed, landing.PeekOptions{
		Format: landing.Format{Encoding: format.Encoding, Delimiter: format.Delimiter},
	})
}

func (t *text) Header(ctx context.Context, format layout.Format) (header []string, fields int, err error) {
	if format.Turned {
		return nil, 0, &layout.MisfitError{Why: "reads a form in a workbook, and this is a text"}
	}
	glimpse, err := t.Glimpse(ctx, format)
	if err != nil {
		return nil, 0, err
	}
	for i, record := range glimpse.Records {
		if i == 0 {
			fields = len(record.Fields)
		}
		if record.Line == int64(format.HeaderRow) {
			header, fields = record.Fields, len(record.Fields)
		}
	}
	return header, fields, nil
}

func (t *text) Written(format layout.Format) (layout.Format, error) { return format, nil }

func (t *text) Prepare(ctx context.Context, format layout.Format, _ map[int]contract.Type, exact bool) (landing.Prepared, error) {
	prepare := landing.Prepare
	if exact {
		prepare = landing.Diagnose
	}
	prepared, err := prepare(ctx, t.landed, landing.Format{
		Encoding: format.Encoding, Delimiter: format.Delimiter, HeaderRow: format.HeaderRow, Columns: format.Columns,
	}, t.copies.dir)
	if err == nil && prepared.Path != t.landed.Path() {
		t.copies.paths = append(t.copies.paths, prepared.Path)
	}
	return prepared, err
}

func (t *text) Part(layout.Format) string { return "" }

func (t *text) Row() string { return "line" }

func (t *text) Close() error { return t.copies.remove() }
