package load

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"socialvalue/internal/contract"
	"socialvalue/internal/warehouse"
)

// settleChanged settles a relation again when the site's sources or its contract
// are not those that its equal rows were settled for: a copy in a source that is
// gone must not stand in for one that is there.
func (l *Ledger) settleChanged(ctx context.Context) error {
	sources := strings.Join(slices.Sorted(maps.Keys(l.sources)), "\n")
	for _, relation := range slices.Sorted(maps.Keys(l.relations())) {
		want := sources
		if c := l.contracts[relation]; c != nil {
			want += "\n" + basis(c)
		}
		have, err := l.db.Texts(ctx, "select basis from _svw.settled_relations where relation = "+warehouse.Text(relation))
		if err != nil {
			return err
		}
		if len(have) == 1 && have[0] == want {
			continue
		}
		err = l.db.InTransaction(ctx, func(ctx context.Context) error {
			if err := l.settleAll(ctx, relation); err != nil {
				return fmt.Errorf("settle equal rows of %s: %w", relation, err)
			}
			_, err := l.db.Exec(ctx, "insert or replace into _svw.settled_relations values (?, ?)", relation, want)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// relations are those that have loads.
func (l *Ledger) relations() map[string]bool {
	relations := map[string]bool{}
	for _, record := range l.records {
		relations[record.Relation] = true
	}
	return relations
}

// settleAll settles every row of a relation.
func (l *Ledger) settleAll(ctx context.Context, relation string) error {
	if _, err := l.db.Exec(ctx, "delete from _svw.inactive_rows where relation = ?", relation); err != nil {
		return err
	}
	return l.settleKeys(ctx, relation, "")
}

// settle decides, for every row key that occurs in a changed load, which of its
// copies in the active loads counts.
func (l *Ledger) settle(ctx context.Context, relation string, changed []*Record) error {
	c := l.contracts[relation]
	if c == nil || !settles(l.active(relation)) && !settles(changed) {
		return nil // without its contract nobody reads the relation
	}
	rows, err := l.rowsSQL(c, changed, false)
	if err != nil { // what a changed load held cannot be told: any row may be concerned
		return l.settleAll(ctx, relation)
	}
	keys := "select line_key from (" + rows + ") where line_key is not null"
	_, err = l.db.Exec(ctx, "delete from _svw.inactive_rows where relation = ? and line_key in ("+keys+")", relation)
	if err != nil {
		return warehouse.Scrub(err)
	}
	return l.settleKeys(ctx, relation, keys)
}

// settleKeys lists the rows that do not count among those with these keys (all
// of the relation when empty), none of which is listed yet. Of equal rows the
// copy in the file with the least claimed period and hash counts. In an upsert
// feed the newest row of a key counts: by the contract's column, then by the
// file; and none does when the newest says that the key is gone.
func (l *Ledger) settleKeys(ctx context.Context, relation, keys string) error {
	c, active := l.contracts[relation], l.active(relation)
	if c == nil || !settles(active) {
		return nil
	}
	upsert := c.Load.Mode == contract.ModeUpsert
	if len(active) < 2 && !upsert {
		return nil
	}
	rows, err := l.rowsSQL(c, active, false)
	if err != nil {
		return nil //nolint:nilerr // the relation is left without a view, which says why
	}
	newest, gone, losing := "null", "false", "precedence <> min(precedence) over (partition by line_key)"
	if upsert {
		sortNewest(active)
		losing = "is_gone or row_number() over (partition by line_key order by newest desc, precedence, _source_row desc) > 1"
		if c.Load.Newest != "" {
			newest = "rows." + warehouse.Ident(c.Load.Newest)
		}
		if c.Load.Deleted != nil {
			gone = "coalesce(" + c.Load.Deleted.When("rows") + ", false)"
		}
	}
	ranks := make([]string, len(active))
	for i, record := range active {
		ranks[i] = fmt.Sprintf("(%s, %d)", warehouse.Text(record.ID), i)
	}
	among := "rows.line_key is not null"
	if keys != "" {
		among = "rows.line_key in (" + keys + ")"
	}
	_, err = l.db.Exec(ctx, `
insert into _svw.inactive_rows
with ranks (load_id, precedence) as (values `+strings.Join(ranks, ", ")+`),
copies as (
    select rows._load_id, rows._source_row, rows.line_key, ranks.precedence, `+newest+` as newest, `+gone+` as is_gone
    from (`+rows+`) as rows
    join ranks on ranks.load_id = rows._load_id
    where `+among+`
)
select ?, _load_id, _source_row, line_key from copies qualify `+losing, relation)
	return warehouse.Scrub(err)
}

// settles says whether equal rows of these loads are one row: snapshots keep
// every slice whole.
func settles(records []*Record) bool {
	return slices.ContainsFunc(records, func(record *Record) bool { return record.Slice == "" && record.Rows > 0 })
}
