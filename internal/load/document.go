package load

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"socialvalue/internal/contract"
	"socialvalue/internal/landing"
	"socialvalue/internal/warehouse"
)

// stage reads a prepared document into the staging table as text, in the
// file's order. When DuckDB refuses the file or counts other rows than the
// scan did, the exact scan names the bad rows and leaves them out.
func (l *Loader) stage(ctx context.Context, doc landing.Document, format landing.Format, reading *contract.Reading, fields int) (landing.Prepared, error) {
	prepared, err := l.Landing.Prepare(ctx, doc, format, l.WorkDir)
	if err != nil {
		return landing.Prepared{}, err
	}
	rows, err := l.read(ctx, prepared, format, reading, fields)
	if err == nil && rows == prepared.Rows() {
		return prepared, nil
	}
	if ctx.Err() != nil {
		return prepared, ctx.Err()
	}
	if prepared.Exact {
		// The clean copy holds nothing but well-formed rows: DuckDB reading it
		// otherwise is a fault of ours, and its text may quote values.
		return prepared, fmt.Errorf("the database read %d of %d rows", rows, prepared.Rows())
	}
	prepared, err = l.Landing.Diagnose(ctx, doc, format, l.WorkDir)
	if err != nil {
		return prepared, err
	}
	rows, err = l.read(ctx, prepared, format, reading, fields)
	if err != nil {
		return prepared, errors.New("the database cannot read the cleaned rows")
	}
	if rows != prepared.Rows() {
		return prepared, fmt.Errorf("the database read %d of %d rows", rows, prepared.Rows())
	}
	return prepared, nil
}

// read loads the fields the contract needs into the staging table. Nothing is
// sniffed: the dialect is the layout's and every field is text.
func (l *Loader) read(ctx context.Context, prepared landing.Prepared, format landing.Format, reading *contract.Reading, fields int) (int64, error) {
	declared := make([]string, fields)
	for i := range declared {
		declared[i] = warehouse.Text(contract.StagingColumn(i)) + ": 'VARCHAR'"
	}
	wanted := make([]string, 0, fields)
	for _, field := range reading.Fields() {
		wanted = append(wanted, warehouse.Ident(contract.StagingColumn(field)))
	}
	query := "create or replace temp table " + contract.Staging + " as\nselect " + strings.Join(wanted, ", ") +
		"\nfrom read_csv(" + warehouse.Text(prepared.Path) + ", columns = {" + strings.Join(declared, ", ") + "}" +
		", auto_detect = false, header = false, skip = " + fmt.Sprint(prepared.SkipLines) +
		", delim = " + warehouse.Text(string(format.Delimiter)) + ", quote = " + warehouse.Text(string(format.Quote)) +
		", escape = " + warehouse.Text(string(format.Quote)) + ", strict_mode = true, null_padding = false, compression = 'none')"
	if _, err := l.DB.Exec(ctx, query); err != nil {
		return 0, err
	}
	var rows int64
	err := l.DB.One(ctx, "select count(*) from "+contract.Staging, nil, &rows)
	return rows, err
}
