package load

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"socialvalue/internal/contract"
	"socialvalue/internal/warehouse"
)

// technicalColumns are the columns every raw relation has after its
// contract's own, with their types.
func technicalColumns() []Column {
	return []Column{
		{Name: "source", Type: "VARCHAR"},
		{Name: "body_code", Type: "VARCHAR"},
		{Name: "line_key", Type: "UUID"},
		{Name: "_load_id", Type: "VARCHAR"},
		{Name: "_source_file", Type: "VARCHAR"},
		{Name: "_source_row", Type: "BIGINT"},
	}
}

// Column is a column of a raw relation.
type Column = contract.Stored

// RawColumns lists the columns of a contract's raw relation.
func RawColumns(c *contract.Contract) []Column {
	columns := make([]Column, 0, len(c.Columns)+len(technicalColumns()))
	for i := range c.Columns {
		columns = append(columns, Column{Name: c.Columns[i].Name, Type: c.Columns[i].Type.SQLType()})
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
		query, err := l.rowsSQL(c, l.active(relation), slices.Contains(withDuplicates, relation))
		if err == nil {
			_, err = l.db.Exec(ctx, "create or replace view "+warehouse.Relation(relation)+" as\n"+query)
			err = warehouse.Scrub(err)
		}
		if err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			failed[relation] = fmt.Errorf("make %s from its objects in the store: %w", relation, err)
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
	form := basisDigest(c)
	if c.Load.Mode == contract.ModeUpsert {
		// A new load takes rows away from others, on days of which it has none itself: all are looked at again.
		form = l.Fingerprint(c)
	}
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
	return l.rowsSQL(c, chosen, len(withDuplicates) > 0)
}

// Fingerprint identifies the active rows of a relation: the loads they came by,
// whose ids say what was read and how. The bytes of an object say nothing more,
// and may differ between two readings with several threads though the rows do
// not. Which copy of equal rows counts follows from the same list.
func (l *Ledger) Fingerprint(c *contract.Contract) string {
	hash := sha256.New()
	fmt.Fprintf(hash, "%s v%d %v\n", c.Relation(), c.Version, RawColumns(c))
	if c.Load.Mode == contract.ModeUpsert || len(c.Migrations) > 0 {
		fmt.Fprintln(hash, basisDigest(c))
	}
	for _, record := range l.active(c.Relation()) {
		fmt.Fprintf(hash, "%s %s %s", record.ID, record.PeriodStart, record.FileSHA256)
		if c.Load.Mode == contract.ModeUpsert { // which copy is newest hangs on them too
			fmt.Fprintf(hash, " %s %d", record.AsOf, record.FileModified.UnixNano())
		}
		fmt.Fprintln(hash)
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}
