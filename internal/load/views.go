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
	Name string `json:"name"`
	Type string `json:"type"`
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
// objects. A relation without loads is an empty view with the right columns: a
// feed that is not supplied is a normal state. A relation whose view cannot be
// made is left without one, and why is returned by its name, so that it stops
// its own datasets alone.
func (l *Ledger) Views(ctx context.Context, contracts []*contract.Contract) (failed map[string]error, err error) {
	withDuplicates, err := l.db.Texts(ctx, "select distinct relation from _svw.inactive_rows order by relation")
	if err != nil {
		return nil, fmt.Errorf("list relations with duplicates: %w", err)
	}
	failed = map[string]error{}
	for _, c := range contracts {
		relation := c.Relation()
		query := l.viewSQL(c, l.active(relation), slices.Contains(withDuplicates, relation))
		if _, err := l.db.Exec(ctx, "create or replace view "+warehouse.Relation(relation)+" as\n"+query); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			failed[relation] = fmt.Errorf("make %s from its objects in the store: %w", relation, warehouse.Scrub(err))
			if _, err := l.db.Exec(ctx, "drop view if exists "+warehouse.Relation(relation)); err != nil {
				return nil, fmt.Errorf("drop %s: %w", relation, err)
			}
		}
	}
	return failed, nil
}

// Counting lists the loads of a contract that hold rows that count, by their id, with a fingerprint of the rows. Which
// of equal rows counts follows from the set of these loads.
func (l *Ledger) Counting(c *contract.Contract) map[string]string {
	form := fmt.Sprintf("v%d %v", c.Version, RawColumns(c))
	counting := map[string]string{}
	for _, record := range l.active(c.Relation()) {
		if record.Rows > 0 {
			counting[record.ID] = record.ID + " " + form
		}
	}
	return counting
}

// Select gives the rows that count of some loads of a contract, as its raw relation has them.
func (l *Ledger) Select(ctx context.Context, c *contract.Contract, loads []string) (string, error) {
	withDuplicates, err := l.db.Texts(ctx, "select relation from _svw.inactive_rows where relation = ? limit 1", c.Relation())
	if err != nil {
		return "", fmt.Errorf("look for duplicates of %s: %w", c.Relation(), err)
	}
	chosen := slices.DeleteFunc(l.active(c.Relation()), func(r *Record) bool { return !slices.Contains(loads, r.ID) })
	return l.viewSQL(c, chosen, len(withDuplicates) > 0), nil
}

// viewSQL reads the objects of the active loads. Objects written under an
// earlier form of the contract are read as they were written, then cast: a
// column they lack is null.
func (l *Ledger) viewSQL(c *contract.Contract, active []*Record, duplicates bool) string {
	columns := RawColumns(c)
	if len(active) == 0 {
		items := make([]string, len(columns))
		for i, column := range columns {
			items[i] = "cast(null as " + column.Type + ") as " + warehouse.Ident(column.Name)
		}
		return "select " + strings.Join(items, ", ") + " where false"
	}
	var forms [][]Column
	byForm := map[string][]*Record{}
	for _, record := range active {
		key := fmt.Sprint(record.Columns)
		if byForm[key] == nil {
			forms = append(forms, record.Columns)
		}
		byForm[key] = append(byForm[key], record)
	}
	branches := make([]string, len(forms))
	for i, form := range forms {
		branches[i] = "select " + strings.Join(readAs(columns, form), ", ") +
			"\nfrom read_parquet(" + warehouse.TextList(l.paths(c.Relation(), byForm[fmt.Sprint(form)])) + ") as stored"
		if duplicates {
			branches[i] += "\nanti join _svw.inactive_rows as inactive on inactive.relation = " + warehouse.Text(c.Relation()) +
				" and inactive.load_id = stored._load_id and inactive.source_row = stored._source_row"
		}
	}
	return strings.Join(branches, "\nunion all\n")
}

// readAs gives the select items that read objects of one form as columns.
func readAs(columns, form []Column) []string {
	items := make([]string, len(columns))
	for i, column := range columns {
		at := slices.IndexFunc(form, func(stored Column) bool { return stored.Name == column.Name })
		switch {
		case at < 0:
			items[i] = "cast(null as " + column.Type + ") as " + warehouse.Ident(column.Name)
		case form[at].Type == column.Type:
			items[i] = "stored." + warehouse.Ident(column.Name)
		default:
			items[i] = "cast(stored." + warehouse.Ident(column.Name) + " as " + column.Type + ") as " + warehouse.Ident(column.Name)
		}
	}
	return items
}

// Fingerprint identifies the active rows of a relation: the loads they came by,
// whose ids say what was read and how. The bytes of an object say nothing more,
// and may differ between two readings with several threads though the rows do
// not. Which copy of equal rows counts follows from the same list.
func (l *Ledger) Fingerprint(c *contract.Contract) string {
	hash := sha256.New()
	fmt.Fprintf(hash, "%s v%d %v\n", c.Relation(), c.Version, RawColumns(c))
	for _, record := range l.active(c.Relation()) {
		fmt.Fprintf(hash, "%s %s %s\n", record.ID, record.PeriodStart, record.FileSHA256)
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}
