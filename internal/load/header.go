package load

import (
	"context"
	"errors"
	"fmt"

	"socialvalue/internal/csvscan"
	"socialvalue/internal/landing"
	"socialvalue/internal/layout"
)

// namedColumns is how many names that are known make a record a header.
const namedColumns = 2

// headerTrouble makes a header that fits no layout a refusal that says on which
// line it was looked for, and where it may be instead. Any other error is handed
// on.
func (l *Loader) headerTrouble(ctx context.Context, d *document, layouts []layout.Layout, err error) error {
	var match *layout.MatchError
	var bind *layout.BindError
	if !errors.As(err, &match) && !errors.As(err, &bind) {
		return err
	}
	refusal := &Refusal{File: d.label, Line: 1, Reason: err.Error()}
	if match != nil {
		refusal.Differences = match.Differences()
	} else {
		refusal.Differences = bind.Differences()
	}
	if d.form == landing.GeoJSON || d.form == landing.Releases || len(layouts) == 0 {
		return refusal
	}
	as := layouts[0]
	for _, one := range layouts {
		if bind != nil && one.Name == bind.Layout {
			as = one
		}
	}
	if len(layouts) == 1 || bind != nil {
		refusal.Line = max(1, int64(as.Format.HeaderRow))
	}
	glimpse, peekErr := d.opened.Glimpse(ctx, as.Format)
	if peekErr != nil {
		return refusal // what is wrong with the header is known; more is not
	}
	refusal.Remedy = headerHint(glimpse, refusal.Line, layouts, d.source.Contract.LayoutColumns())
	return refusal
}

// headerHint says what to set when a record of another line, or this one split
// at another delimiter, names columns. No text of the file is in it.
func headerHint(glimpse landing.Glimpse, expected int64, layouts []layout.Layout, columns []layout.Column) string {
	present := 0
	for _, record := range glimpse.Records {
		if record.Line == expected {
			present = layout.CountKnown(record.Fields, layouts, columns)
		}
	}
	if present >= namedColumns {
		return ""
	}
	for _, record := range glimpse.Records {
		if record.Line != expected && layout.CountKnown(record.Fields, layouts, columns) >= namedColumns {
			return fmt.Sprintf("line %d looks like the header: set format.header_row: %d in a layout", record.Line, record.Line)
		}
	}
	for _, record := range glimpse.Records {
		if len(record.Fields) != 1 {
			continue
		}
		for _, delimiter := range []byte{';', '\t', '|', ','} {
			fields := csvscan.Split([]byte(record.Fields[0]), csvscan.Dialect{Delimiter: delimiter, Quote: '"'})
			if layout.CountKnown(fields, layouts, columns) >= namedColumns {
				return fmt.Sprintf("line %d is a header with the delimiter %q: set format.delimiter in a layout", record.Line, string(delimiter))
			}
		}
	}
	return "if the file has no header, set format.header_row: 0 and list format.columns; ask the sender what its columns are"
}
