package load

import (
	"context"
	"fmt"
	"strings"

	"socialvalue/internal/contract"
	"socialvalue/internal/landing"
	"socialvalue/internal/warehouse"
)

// stage reads a prepared document into the staging table as text, in the
// file's order. When DuckDB refuses the file or counts other rows than the
// scan did, the exact scan names the bad rows and leaves them out.
func (l *Loader) stage(ctx context.Context, d *document) error {
	if err := d.prepare(ctx); err != nil {
		return err
	}
	prepared := d.prepared
	rows, err := l.read(ctx, prepared, d)
	if err == nil && rows == prepared.Rows {
		return nil
	}
	if err == nil && d.most > 0 && rows == d.most {
		return nil // the rest was not asked for
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if prepared.Exact {
		// The clean copy holds nothing but well-formed rows: DuckDB reading it
		// otherwise is a fault of ours, and its text may quote values.
		return d.misread(rows, err)
	}
	if d.prepared, err = d.opened.Prepare(ctx, d.layout.Format, d.types, true); err != nil {
		return err
	}
	rows, err = l.read(ctx, d.prepared, d)
	if err != nil || rows != d.prepared.Rows && (d.most == 0 || rows != d.most) {
		return d.misread(rows, err)
	}
	return nil
}

// prepare makes the rows of the document readable, once.
func (d *document) prepare(ctx context.Context) (err error) {
	if !d.ready {
		d.prepared, err = d.opened.Prepare(ctx, d.layout.Format, d.types, false)
		d.ready = err == nil
	}
	return err
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
	query := "create or replace temp table " + contract.Staging + " as\nselect " + strings.Join(d.stagingItems(), ", ") + "\nfrom " + d.readCSV(warehouse.Text(prepared.Path))
	if d.most > 0 {
		query += fmt.Sprintf(" limit %d", d.most)
	}
	if err := l.exec(ctx, query); err != nil {
		return 0, err
	}
	var rows int64
	err := l.one(ctx, "select count(*) from "+contract.Staging, nil, &rows)
	return rows, err
}

// stagingItems are the select items of the fields that the contract needs.
func (d *document) stagingItems() []string {
	item := contract.StagingItem
	if d.prepared.OnlySpaces {
		item = contract.StagingItemOfSpaces
	}
	items := make([]string, 0, len(d.header))
	for _, field := range d.reading.Fields() {
		items = append(items, item(field))
	}
	return items
}

// readCSV reads one file, or a list of such files, in the way that the document
// is written.
func (d *document) readCSV(files string) string {
	declared := make([]string, len(d.header))
	for i := range declared {
		declared[i] = warehouse.Text(contract.StagingColumn(i)) + ": 'VARCHAR'"
	}
	call := "read_csv(" + files + ", columns = {" + strings.Join(declared, ", ") + "}" +
		", auto_detect = false, header = false, skip = " + fmt.Sprint(d.prepared.SkipLines) +
		", delim = " + warehouse.Text(d.written.Delimiter) +
		", quote = '\"', escape = '\"', strict_mode = true, null_padding = false, compression = 'none'"
	if d.prepared.NewLine != "" {
		call += ", new_line = '\\n'"
	}
	return call + ")"
}
