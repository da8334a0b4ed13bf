package load

import (
	"context"
	"fmt"
	"os"
	"strings"

	"socialvalue/internal/contract"
	"socialvalue/internal/geojson"
	"socialvalue/internal/landing"
	"socialvalue/internal/layout"
	"socialvalue/internal/warehouse"
)

// opened is a document ready to be read by any layout: what was landed, or the
// CSV that a GeoJSON document was turned into.
type opened struct {
	landing.Document
	converted *landing.Prepared // nil: the document is delimited text itself
}

// openDocument makes GeoJSON delimited text; any other document is left as it is.
func (l *Loader) openDocument(landed landing.Document) (opened, error) {
	if !strings.HasSuffix(strings.ToLower(landed.Name), ".geojson") {
		return opened{Document: landed}, nil
	}
	in, err := landed.Open()
	if err != nil {
		return opened{}, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	out, err := os.CreateTemp(l.WorkDir, "geojson-*.csv")
	if err != nil {
		return opened{}, fmt.Errorf("turn %s into rows: %w", landed.Name, err)
	}
	header, features, err := geojson.ToCSV(in, out)
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return opened{}, &Refusal{File: landed.Name, Reason: err.Error(), Remedy: "export the layer again as a GeoJSON feature collection"}
	}
	return opened{Document: landed, converted: &landing.Prepared{
		Path: out.Name(), SkipLines: 1, Encoding: layout.UTF8, Header: header, Records: features, Rows: features,
		Lines: landing.LineMap{}, Exact: true,
	}}, nil
}

// path is the file the document was turned into, empty when it was not.
func (o opened) path() string {
	if o.converted == nil {
		return ""
	}
	return o.converted.Path
}

// firstRecords returns the header a layout would find and the number of fields
// of the document's first record.
func (o opened) firstRecords(ctx context.Context, as *layout.Layout) (header []string, fields int, err error) {
	if o.converted != nil {
		return o.converted.Header, len(o.converted.Header), nil
	}
	glimpse, err := landing.Peek(ctx, o.Document, landing.PeekOptions{
		Format: landing.Format{Encoding: as.Format.Encoding, Delimiter: as.Format.Delimiter},
	})
	if err != nil {
		return nil, 0, err
	}
	for i, record := range glimpse.Records {
		if i == 0 {
			fields = len(record.Fields)
		}
		if record.Line == int64(as.Format.HeaderRow) {
			header, fields = record.Fields, len(record.Fields)
		}
	}
	return header, fields, nil
}

// prepare makes the document readable as the chosen format says.
func (l *Loader) prepare(ctx context.Context, doc opened, format landing.Format) (landing.Prepared, error) {
	if doc.converted != nil {
		return *doc.converted, nil
	}
	return landing.Prepare(ctx, doc.Document, format, l.WorkDir)
}

// stage reads a prepared document into the staging table as text, in the
// file's order. When DuckDB refuses the file or counts other rows than the
// scan did, the exact scan names the bad rows and leaves them out.
func (l *Loader) stage(ctx context.Context, d *document) error {
	prepared, err := l.prepare(ctx, d.opened, d.format)
	if err != nil {
		return err
	}
	d.prepared = prepared
	rows, err := l.read(ctx, prepared, d)
	if err == nil && rows == prepared.Rows {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if prepared.Exact {
		// The clean copy holds nothing but well-formed rows: DuckDB reading it
		// otherwise is a fault of ours, and its text may quote values.
		return d.misread(rows, err)
	}
	if d.prepared, err = landing.Diagnose(ctx, d.opened.Document, d.format, l.WorkDir); err != nil {
		return err
	}
	rows, err = l.read(ctx, d.prepared, d)
	if err != nil || rows != d.prepared.Rows {
		return d.misread(rows, err)
	}
	return nil
}

// misread refuses a document that the database reads otherwise than the exact
// scan did. Trouble of the machine, such as a full disk, is no refusal.
func (d *document) misread(rows int64, err error) error {
	remedy := "keep the file and report it with the version of svw; the other files go on"
	switch {
	case err == nil:
		return &Refusal{File: d.label, Reason: fmt.Sprintf("the database read %d of %d rows", rows, d.prepared.Rows), Remedy: remedy}
	case aboutValues(err):
		return &Refusal{File: d.label, Reason: fmt.Sprintf("the database cannot read its rows: %v", err), Remedy: remedy}
	}
	return fmt.Errorf("read the rows: %w", err)
}

// read loads the fields the contract needs into the staging table. Nothing is
// sniffed: the dialect is the layout's and every field is text.
func (l *Loader) read(ctx context.Context, prepared landing.Prepared, d *document) (int64, error) {
	declared := make([]string, len(d.header))
	for i := range declared {
		declared[i] = warehouse.Text(contract.StagingColumn(i)) + ": 'VARCHAR'"
	}
	item := contract.StagingItem
	if prepared.OnlySpaces {
		item = contract.StagingItemOfSpaces
	}
	wanted := make([]string, 0, len(d.header))
	for _, field := range d.reading.Fields() {
		wanted = append(wanted, item(field))
	}
	query := "create or replace temp table " + contract.Staging + " as\nselect " + strings.Join(wanted, ", ") +
		"\nfrom read_csv(" + warehouse.Text(prepared.Path) + ", columns = {" + strings.Join(declared, ", ") + "}" +
		", auto_detect = false, header = false, skip = " + fmt.Sprint(prepared.SkipLines) +
		", delim = " + warehouse.Text(d.format.Delimiter) +
		", quote = '\"', escape = '\"', strict_mode = true, null_padding = false, compression = 'none'"
	if prepared.NewLine != "" {
		query += ", new_line = '\\n'"
	}
	query += ")"
	if err := l.exec(ctx, query); err != nil {
		return 0, err
	}
	var rows int64
	err := l.one(ctx, "select count(*) from "+contract.Staging, nil, &rows)
	return rows, err
}
