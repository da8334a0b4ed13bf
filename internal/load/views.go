package load

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"socialvalue/internal/contract"
	"socialvalue/internal/warehouse"
)

// technicalColumns are the columns every raw relation has after its
// contract's own, with their types.
func technicalColumns() []Column {
	return []Column{
		{"source", "VARCHAR"},
		{"body_code", "VARCHAR"},
		{"line_key", "UUID"},
		{"_load_id", "VARCHAR"},
		{"_source_file", "VARCHAR"},
		{"_source_row", "BIGINT"},
	}
}

// Column is a column of a raw relation.
type Column struct {
	Name string
	Type string
}

// RawColumns lists the columns of a contract's raw relation.
func RawColumns(c *contract.Contract) []Column {
	columns := make([]Column, 0, len(c.Columns)+len(technicalColumns()))
	for i := range c.Columns {
		columns = append(columns, Column{c.Columns[i].Name, c.Columns[i].Type.SQLType()})
	}
	return append(columns, technicalColumns()...)
}

// Views makes the raw relation of every contract a view over the active
// objects of the configured sources. A relation without loads is an empty view
// with the right columns: a feed that is not supplied is a normal state.
func (l *Ledger) Views(ctx context.Context, contracts []*contract.Contract, sources map[string]bool) error {
	withDuplicates, err := l.db.Texts(ctx, "select distinct relation from _svw.inactive_rows order by relation")
	if err != nil {
		return fmt.Errorf("list relations with duplicates: %w", err)
	}
	var statements strings.Builder
	for _, c := range contracts {
		relation := c.Relation()
		active := l.configured(relation, sources)
		statements.WriteString("create or replace view " + warehouse.Relation(relation) + " as\n")
		statements.WriteString(l.viewSQL(c, active, slices.Contains(withDuplicates, relation)) + ";\n")
	}
	if statements.Len() == 0 {
		return nil
	}
	if _, err := l.db.Exec(ctx, statements.String()); err != nil {
		return fmt.Errorf("make raw relations: %w", err)
	}
	return nil
}

// configured lists the active loads of a relation whose source the site has.
func (l *Ledger) configured(relation string, sources map[string]bool) []*Record {
	return slices.DeleteFunc(l.active(relation), func(r *Record) bool { return !sources[r.Source] })
}

func (l *Ledger) viewSQL(c *contract.Contract, active []*Record, duplicates bool) string {
	columns := RawColumns(c)
	items := make([]string, len(columns))
	if len(active) == 0 {
		for i, column := range columns {
			items[i] = "cast(null as " + column.Type + ") as " + warehouse.Ident(column.Name)
		}
		return "select " + strings.Join(items, ", ") + " where false"
	}
	for i, column := range columns {
		items[i] = "stored." + warehouse.Ident(column.Name)
	}
	query := "select " + strings.Join(items, ", ") + "\nfrom read_parquet(" + warehouse.TextList(l.paths(c.Relation(), active)) + ") as stored"
	if duplicates {
		query += "\nanti join _svw.inactive_rows as inactive on inactive.relation = " + warehouse.Text(c.Relation()) +
			" and inactive.load_id = stored._load_id and inactive.source_row = stored._source_row"
	}
	return query
}

// Fingerprint identifies the active rows of a relation: the objects they lie
// in. Which copy of equal rows counts follows from the same list.
func (l *Ledger) Fingerprint(c *contract.Contract, sources map[string]bool) string {
	hash := sha256.New()
	fmt.Fprintf(hash, "%s v%d\n", c.Relation(), c.Version)
	for _, record := range l.configured(c.Relation(), sources) {
		fmt.Fprintf(hash, "%s %s %s %s\n", record.ObjectSHA256, record.ID, record.PeriodStart, record.FileSHA256)
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}
