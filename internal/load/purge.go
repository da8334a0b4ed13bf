package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"socialvalue/internal/contract"
	"socialvalue/internal/warehouse"
)

// purgedAs returns a load of the same document with the same claim whose rows were
// purged, or nil.
func (l *Ledger) purgedAs(record *Record) *Record {
	for _, other := range l.Records(record.Relation) {
		if other.RowsPurgedAt != nil && other.revertKey() == record.revertKey() {
			return other
		}
	}
	return nil
}

// PurgeRows removes the rows of loads and their quarantine from the record. What
// the loads say of them stays: counts, sums, hashes. The ledger forgets the
// objects before they go, so that it never names one that is not there; what a
// kill leaves of them is recognised by Reconcile.
func (l *Ledger) PurgeRows(ctx context.Context, loads []*Record, at time.Time) error {
	if len(loads) == 0 {
		return nil
	}
	objects := map[string]bool{}
	purged := make([]*Record, len(loads))
	for i, record := range loads {
		l.nameObjects(objects, record)
		changing := *record
		changing.RowsPurgedAt, changing.Status, changing.Format = &at, StatusPurged, purgedFormat
		changing.ObjectSHA256, changing.ObjectBytes, changing.QuarantineSHA256 = "", 0, ""
		purged[i] = &changing
	}
	changed, err := l.enterAnd(ctx, purged, func(ctx context.Context, relation string, _ map[string]*Record) error {
		return l.settleAll(ctx, relation) // which keys they had is not asked: they may be unreadable
	})
	if err != nil {
		return fmt.Errorf("purge rows: %w", err)
	}
	if err := l.noteAll(changed); err != nil {
		return fmt.Errorf("purge rows: %w", err)
	}
	named := l.Objects()
	var failed []error
	for path := range objects {
		if !named[path] { // equal bytes may be the object of another load
			failed = append(failed, l.store.Remove(path))
		}
	}
	return errors.Join(failed...)
}

// MayGo tells, of loads of a relation whose time is up, those whose rows can be
// removed. In an upsert feed a row is the present state of its key for as long as
// no newer one replaces it: a load stays while a row of it counts, and while
// without it an older row that stays would count again.
func (l *Ledger) MayGo(ctx context.Context, c *contract.Contract, due []*Record) ([]*Record, error) {
	if c.Load.Mode != contract.ModeUpsert || l.db == nil {
		return due, nil
	}
	active := l.active(c.Relation())
	rows, err := l.rowsSQL(c, active, false)
	if err != nil {
		return nil, err
	}
	counting, err := l.rowsSQL(c, active, true)
	if err != nil {
		return nil, err
	}
	inForce, err := l.db.Texts(ctx, "select distinct _load_id from ("+counting+")")
	if err != nil {
		return nil, warehouse.Scrub(err)
	}
	goes := slices.DeleteFunc(slices.Clone(due), func(r *Record) bool { return slices.Contains(inForce, r.ID) })
	for len(goes) > 0 {
		ids := make([]string, len(goes))
		for i, record := range goes {
			ids[i] = record.ID
		}
		needed, err := l.db.Texts(ctx, `
with kept as (select _load_id, line_key from (`+rows+`) where line_key is not null),
closed as (select line_key from kept except select line_key from (`+counting+`))
select distinct goes._load_id from kept as goes
join closed using (line_key)
join kept as stays using (line_key)
where list_contains(`+warehouse.TextList(ids)+`, goes._load_id) and not list_contains(`+warehouse.TextList(ids)+`, stays._load_id)`)
		if err != nil {
			return nil, warehouse.Scrub(err)
		}
		if len(needed) == 0 {
			break
		}
		goes = slices.DeleteFunc(goes, func(r *Record) bool { return slices.Contains(needed, r.ID) })
	}
	return goes, nil
}
