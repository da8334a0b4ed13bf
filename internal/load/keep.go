package load

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"socialvalue/internal/contract"
	"socialvalue/internal/landing"
	"socialvalue/internal/store"
	"socialvalue/internal/warehouse"
)

// QuarantineRelation is the store folder of quarantined rows.
const QuarantineRelation = "_quarantine"

const (
	linesTable      = "svw_lines"      // from_row, shift: physical line = row_index + shift
	repeatedTable   = "svw_repeated"   // row_index, occurrence: rows equal to an earlier one, and the earlier one
	structuralTable = "svw_structural" // source_row, rule, value: records that are not well formed
)

// keep writes the typed rows and the quarantined ones as objects of the store.
func (l *Loader) keep(ctx context.Context, d *document) error {
	if err := l.lines(ctx, d); err != nil {
		return fmt.Errorf("number the rows: %w", err)
	}
	if err := l.keys(ctx, d); err != nil {
		return fmt.Errorf("identify the rows: %w", err)
	}
	object, err := l.write(ctx, d.record.Relation, d.rowsSQL())
	if err != nil {
		return fmt.Errorf("keep the rows: %w", err)
	}
	d.record.ObjectSHA256, d.record.ObjectBytes = object.SHA256, object.Bytes
	if err := l.span(ctx, d); err != nil {
		return fmt.Errorf("find the dates: %w", err)
	}
	if d.record.Quarantined > 0 {
		if err := l.structural(ctx, d); err != nil {
			return fmt.Errorf("keep the quarantined rows: %w", err)
		}
		object, err := l.write(ctx, QuarantineRelation, d.quarantineSQL())
		if err != nil {
			return fmt.Errorf("keep the quarantined rows: %w", err)
		}
		d.record.QuarantineSHA256 = object.SHA256
	}
	return nil
}

// write makes one object of a query's rows, in the query's order.
func (l *Loader) write(ctx context.Context, relation, query string) (store.Object, error) {
	temp, err := l.Store.TempPath(relation)
	if err != nil {
		return store.Object{}, err
	}
	statement := "copy (" + query + ") to " + warehouse.Text(temp) + " (format parquet, compression zstd)"
	if err := l.exec(ctx, statement); err != nil {
		_ = os.Remove(temp) // a sweep of the store removes what stays
		return store.Object{}, fmt.Errorf("write object: %w", err)
	}
	return l.Store.Put(relation, temp)
}

// lines fills the table that turns a row's place among the staged rows into
// the line of the file it begins on.
func (l *Loader) lines(ctx context.Context, d *document) error {
	breaks := d.prepared.Lines.Breaks()
	if len(breaks) == 0 {
		breaks = []landing.Break{{}} // there are no rows
	}
	d.shift = nil
	if len(breaks) == 1 {
		shift := breaks[0].Shift - d.first()
		d.shift = &shift
		return nil
	}
	values := make([]string, len(breaks))
	for i, b := range breaks {
		values[i] = "(" + strconv.FormatInt(b.FromRow, 10) + ", " + strconv.FormatInt(b.Shift, 10) + ")"
	}
	return l.exec(ctx, "create or replace temp table "+linesTable+" (from_row bigint, shift bigint);\ninsert into "+linesTable+" values "+strings.Join(values, ", "))
}

// line is the SQL of the line of a row, and the join that it needs.
func (d *document) line(table string) (line, join string) {
	if d.shift != nil {
		return table + ".row_index + " + strconv.FormatInt(*d.shift, 10), ""
	}
	return table + ".row_index + lines.shift", "\nasof join " + linesTable + " as lines on " + table + ".row_index >= lines.from_row"
}

// keys prepares the identity of every typed row: the hash of the body and the
// business columns with the row's rank among equal rows of the file, or the
// hash of the body and the key columns. Rows that equal an earlier one are
// listed with their rank.
func (l *Loader) keys(ctx context.Context, d *document) error {
	c := d.source.Contract
	d.repeated = false
	if !identified(c) {
		return nil
	}
	d.content = contentSQL(c, "typed", warehouse.Text(d.source.Body))
	if c.Load.Identity == contract.IdentityKey {
		return nil // repeated keys are in the quarantine
	}
	err := l.exec(ctx, `
create or replace temp table svw_contents as
select row_index, `+d.content+` as content from `+d.typed+` as typed;
create or replace temp table `+repeatedTable+` as
with repeated as (select content from svw_contents group by content having count(*) > 1)
select row_index, row_number() over (partition by content order by row_index) - 1 as occurrence
from svw_contents where content in (select content from repeated);
drop table svw_contents`)
	if err != nil {
		return err
	}
	return l.one(ctx, "select count(*) > 0 from "+repeatedTable, nil, &d.repeated)
}

// rowsSQL gives the rows of the object: the contract's columns, then the
// engine's own. Without a join the rows come in the file's order, which spares
// sorting a large file.
func (d *document) rowsSQL() string {
	c := d.source.Contract
	items := make([]string, 0, len(c.Columns)+len(technicalColumns()))
	for _, stored := range c.Raw() {
		items = append(items, "typed."+warehouse.Ident(stored.Name))
	}
	key := "cast(null as UUID)"
	line, joins := d.line("typed")
	if identified(c) {
		occurrence := "0"
		if d.repeated {
			occurrence = "coalesce(repeated.occurrence, 0)"
			joins += "\nleft join " + repeatedTable + " as repeated using (row_index)"
		}
		key = keySQL(d.content, occurrence)
	}
	items = append(items,
		warehouse.Text(d.record.Source)+" as source",
		warehouse.Text(d.record.Body)+" as body_code",
		key+" as line_key",
		warehouse.Text(d.record.ID)+" as _load_id",
		warehouse.Text(d.label)+" as _source_file",
		line+" as _source_row")
	query := "select " + strings.Join(items, ", ") + "\nfrom " + d.typed + " as typed" + joins
	if joins != "" || !d.inOrder && (d.record.Rows < d.prepared.Rows || d.reading.HasStandIns()) {
		query += "\norder by typed.row_index"
	}
	return query
}

// span records the first and last day that the rows are of.
func (l *Loader) span(ctx context.Context, d *document) error {
	dated := d.source.Contract.DatedBy()
	if dated == "" {
		return nil
	}
	column := "cast(" + warehouse.Ident(dated) + " as date)"
	return l.one(ctx, "select coalesce(cast(min("+column+") as VARCHAR), ''), coalesce(cast(max("+column+") as VARCHAR), '') from "+d.typed,
		nil, &d.record.DataFrom, &d.record.DataTo)
}

// structural enters the records that are not well formed.
func (l *Loader) structural(ctx context.Context, d *document) error {
	if len(d.prepared.Rejects) == 0 {
		return nil
	}
	if err := l.exec(ctx, "create or replace temp table "+structuralTable+" (source_row bigint, rule varchar, value varchar)"); err != nil {
		return err
	}
	for _, reject := range d.prepared.Rejects {
		value := ""
		if d.source.Contract.Shows("") {
			value = string([]rune(string(reject.Raw))[:min(100, len([]rune(string(reject.Raw))))])
		}
		if err := l.exec(ctx, "insert into "+structuralTable+" values (?, ?, ?)", reject.Line, reject.Rule, value); err != nil {
			return err
		}
	}
	return nil
}

// quarantineSQL gives every reason why a row is wrong, in the file's order.
func (d *document) quarantineSQL() string {
	line, join := d.line("violations")
	reasons := "select " + line + " as source_row, column_name, rule, value\nfrom " + d.own(contract.Violations) + " as violations" + join
	if len(d.prepared.Rejects) > 0 {
		reasons += "\nunion all\nselect source_row, '', rule, value from " + structuralTable
	}
	return "with reasons as (\n" + reasons + "\n)\n" +
		"select " + warehouse.Text(d.record.ID) + " as load_id, " + warehouse.Text(d.label) + " as source_file, source_row, column_name, rule, value\n" +
		"from reasons\norder by source_row, column_name, rule"
}

// worst describes the most frequent reasons of a bad document and the first
// line they stand on.
func (l *Loader) worst(ctx context.Context, d *document) (reasons string, line int64, err error) {
	if err := l.lines(ctx, d); err != nil {
		return "", 0, err
	}
	if err := l.structural(ctx, d); err != nil {
		return "", 0, err
	}
	rows, err := l.DB.Query(ctx, "with quarantined as ("+d.quarantineSQL()+")\n"+
		"select column_name, rule, count(*), min(source_row), coalesce(arg_min(value, source_row), '') from quarantined\n"+
		"group by column_name, rule order by count(*) desc, min(source_row) limit 3")
	if err != nil {
		return "", 0, warehouse.Scrub(err)
	}
	defer func() {
		if closeErr := rows.Close(); err == nil {
			err = closeErr
		}
	}()
	var parts []string
	for rows.Next() {
		var column, rule, value string
		var n, first int64
		if err := rows.Scan(&column, &rule, &n, &first, &value); err != nil {
			return "", 0, err
		}
		if line == 0 || first < line {
			line = first
		}
		part := fmt.Sprintf("%s %d", d.opened.Row(), first)
		if column != "" {
			part += fmt.Sprintf(", column %s (%q): %s", column, value, d.reading.Accepts(column, rule))
		} else {
			part += ": " + d.reading.Accepts("", rule)
		}
		if n > 1 {
			part += fmt.Sprintf(" (%d rows)", n)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; "), line, warehouse.Scrub(rows.Err())
}
