package load

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"socialvalue/internal/store"
	"socialvalue/internal/warehouse"
)

// Aside is an object of the record that no load names: a run was killed between
// writing it and its load, or the note of its load was lost together with the
// build database.
type Aside struct {
	store.Aside
	LoadID string `json:"load_id,omitempty"` // the load it was written for; empty: it holds no row
	File   string `json:"file,omitempty"`    // the document, as the load called it
	Rows   int64  `json:"rows"`
	// Damaged says that it cannot be read.
	Damaged bool `json:"damaged,omitempty"`
}

// AsideObjects tells what the store has set aside. Any database can read it.
func AsideObjects(ctx context.Context, db *warehouse.DB, st store.Store) ([]Aside, error) {
	objects, err := st.Aside()
	if err != nil {
		return nil, err
	}
	list := make([]Aside, len(objects))
	for i, object := range objects {
		list[i] = Aside{Aside: object}
		load, file := "_load_id", "_source_file"
		if object.Relation == QuarantineRelation {
			load, file = "load_id", "source_file"
		}
		err := db.One(ctx, "select count(*), coalesce(min("+load+"), ''), coalesce(min("+file+"), '') from read_parquet("+warehouse.Text(object.Path)+")",
			nil, &list[i].Rows, &list[i].LoadID, &list[i].File)
		if errors.Is(err, context.Canceled) {
			return nil, fmt.Errorf("read what was set aside: %w", err)
		}
		list[i].Damaged = err != nil // what is wrong with it may quote a value
	}
	return list, nil
}

// takeBack puts objects that loads name again where they belong.
func (l *Ledger) takeBack(records []*Record) error {
	objects, err := l.store.Aside()
	if err != nil || len(objects) == 0 {
		return err
	}
	named := map[string]bool{}
	for _, record := range records {
		l.nameObjects(named, record)
	}
	for _, object := range objects {
		if !named[l.store.Path(object.Relation, object.SHA256)] {
			continue
		}
		if err := l.store.TakeBack(object); err != nil {
			return err
		}
	}
	return nil
}

// Reconcile takes back what loads name again of what was set aside, and removes
// what was made again under another hash: the load it was written for stands in
// the ledger, with an object of as many rows. Of several objects that were
// written for one load which is not there, the newest stays: the same bytes read
// in the same way are the same rows. It returns what stays aside.
func (l *Ledger) Reconcile(ctx context.Context) ([]Aside, error) {
	if err := l.takeBack(l.Records("")); err != nil {
		return nil, err
	}
	list, err := AsideObjects(ctx, l.db, l.store)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b Aside) int { return b.Modified.Compare(a.Modified) })
	type written struct {
		relation, load string
		rows           int64
	}
	newest := map[written]bool{}
	var stay []Aside
	for _, object := range list {
		key := written{object.Relation, object.LoadID, object.Rows}
		if object.Damaged || object.LoadID == "" || !l.madeAgain(object) && !newest[key] {
			newest[key] = true
			stay = append(stay, object)
			continue
		}
		if err := l.store.RemoveAside(object.Aside); err != nil {
			return nil, err
		}
	}
	return stay, nil
}

// madeAgain says whether the rows of an object are in the record by another, or
// were purged from it.
func (l *Ledger) madeAgain(object Aside) bool {
	record := l.records[object.LoadID]
	if record == nil {
		return false
	}
	if record.RowsPurgedAt != nil {
		return true // by a run that was killed before it removed the object
	}
	if object.Relation == QuarantineRelation {
		// It has a line for each reason, and a row may be wrong for several.
		return record.QuarantineSHA256 != "" && l.store.Has(QuarantineRelation, record.QuarantineSHA256)
	}
	return record.Relation == object.Relation && record.Rows == object.Rows && l.store.Has(record.Relation, record.ObjectSHA256)
}
