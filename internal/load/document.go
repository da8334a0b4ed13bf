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
	prepared, err := d.opened.Prepare(ctx, d.layout.Format, d.types, false)
	if err != nil {
		return err
	}
	d.prepared = prepared
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
		", delim = " + warehouse.Text(d.written.Delimiter) +
		", quote = '\"', escape = '\"', strict_mode = true, null_padding = false, compression = 'none'"
	if prepared.NewLine != "" {
		query += ", new_line = '\\n'"
	}
	query += ")"
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
