package load

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"socialvalue/internal/contract"
	"socialvalue/internal/store"
	"socialvalue/internal/warehouse"
)

// ledgerSchema keeps the truth about loads in the build database, written in
// the transaction that makes rows active. inactive_rows lists rows whose copy
// in another file counts instead.
const ledgerSchema = `
create schema if not exists _svw;
create schema if not exists raw;
create table if not exists _svw.loads (
    load_id varchar primary key,
    relation varchar not null,
    status varchar not null,
    record varchar not null
);
create table if not exists _svw.inactive_rows (
    relation varchar not null,
    load_id varchar not null,
    source_row bigint not null,
    line_key uuid not null
);
create table if not exists _svw.settled_relations (
    relation varchar primary key,
    basis varchar not null
);`

// Ledger is the list of all loads: which files were read, and which of their
// rows count.
type Ledger struct {
	db        *warehouse.DB
	store     store.Store
	sources   map[string]bool               // those the site has: only their rows count
	contracts map[string]*contract.Contract // by relation
	records   map[string]*Record
}

// OpenLedger opens the ledger of a build database for a site with these
// sources, whose feeds have these contracts, and repairs what a crash left:
// loads noted in the store but absent from the database (it was deleted) are
// entered again, and notes that lag behind the database are rewritten. When the
// sources changed, or what a contract says of its rows, equal rows are settled
// anew.
func OpenLedger(ctx context.Context, db *warehouse.DB, st store.Store, sources map[string]bool, contracts []*contract.Contract) (*Ledger, error) {
	l := &Ledger{
		db: db, store: st, sources: sources, contracts: make(map[string]*contract.Contract, len(contracts)), records: map[string]*Record{},
	}
	for _, c := range contracts {
		l.contracts[c.Relation()] = c
	}
	if _, err := db.Exec(ctx, ledgerSchema); err != nil {
		return nil, fmt.Errorf("open load ledger: %w", err)
	}
	if err := l.read(ctx); err != nil {
		return nil, fmt.Errorf("open load ledger: %w", err)
	}
	if err := l.repair(ctx); err != nil {
		return nil, fmt.Errorf("repair load ledger: %w", err)
	}
	if err := l.settleChanged(ctx); err != nil {
		return nil, fmt.Errorf("settle the rows of changed sources and contracts: %w", err)
	}
	return l, nil
}

// ReadLedger gives the ledger as the notes in the store tell it, without a build
// database: which loads there are and which count, and not which of their rows.
func ReadLedger(st store.Store, sources map[string]bool) (*Ledger, error) {
	records, err := Notes(st)
	if err != nil {
		return nil, err
	}
	l := &Ledger{store: st, sources: sources, records: make(map[string]*Record, len(records))}
	for _, record := range records {
		l.records[record.ID] = record
	}
	return l, nil
}

func (l *Ledger) read(ctx context.Context) error {
	texts, err := l.db.Texts(ctx, "select record from _svw.loads order by load_id")
	if err != nil {
		return err
	}
	for _, text := range texts {
		record, err := parseRecord([]byte(text))
		if err != nil {
			return fmt.Errorf("read load record: %w", err)
		}
		l.records[record.ID] = record
	}
	return nil
}

func (l *Ledger) repair(ctx context.Context) error {
	notes, err := l.store.Loads()
	if err != nil {
		return err
	}
	var missing []*Record
	for id, note := range notes {
		if _, ok := l.records[id]; ok {
			continue
		}
		record, err := parseRecord(note)
		if err != nil {
			return fmt.Errorf("read load note %s.json: %w", id, err)
		}
		missing = append(missing, record)
	}
	if err := l.takeBack(append(l.Records(""), missing...)); err != nil {
		return err
	}
	if len(missing) > 0 {
		sortRecords(missing)
		if _, err := l.enter(ctx, missing); err != nil {
			return err
		}
	}
	for id, record := range l.records {
		note, err := record.note()
		if err != nil {
			return err
		}
		if string(notes[id]) != string(note) {
			if err := l.store.PutLoad(id, note); err != nil {
				return err
			}
		}
	}
	return nil
}

// Notes reads the loads as the store tells of them, which needs no lock and may
// lag behind a run under way. They are in the order in which equal rows win.
func Notes(st store.Store) ([]*Record, error) {
	notes, err := st.Loads()
	if err != nil {
		return nil, err
	}
	records := make([]*Record, 0, len(notes))
	for id, note := range notes {
		record, err := parseRecord(note)
		if err != nil {
			return nil, fmt.Errorf("read load note %s.json: %w", id, err)
		}
		records = append(records, record)
	}
	sortRecords(records)
	return records, nil
}

func (r *Record) note() ([]byte, error) {
	note, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write load record %s: %w", r.ID, err)
	}
	return append(note, '\n'), nil
}

// Get returns the load of that id, or nil.
func (l *Ledger) Get(id string) *Record { return l.records[id] }

// Records lists the loads of a relation (all relations when empty) in the
// order in which equal rows win.
func (l *Ledger) Records(relation string) []*Record {
	return ofRelation(l.records, relation)
}

func ofRelation(all map[string]*Record, relation string) []*Record {
	var records []*Record
	for _, record := range all {
		if relation == "" || record.Relation == relation {
			records = append(records, record)
		}
	}
	sortRecords(records)
	return records
}

// active lists the loads of a relation whose rows count: those decided for, of
// sources the site has.
func (l *Ledger) active(relation string) []*Record {
	return slices.DeleteFunc(l.Records(relation), func(r *Record) bool { return r.Status != StatusActive || !l.sources[r.Source] })
}

// Objects lists the paths of every object a load names, so that a sweep of the
// store keeps them.
func (l *Ledger) Objects() map[string]bool {
	named := map[string]bool{}
	for _, record := range l.records {
		l.nameObjects(named, record)
	}
	return named
}

func (l *Ledger) nameObjects(named map[string]bool, record *Record) {
	if record.ObjectSHA256 != "" {
		named[l.store.Path(record.Relation, record.ObjectSHA256)] = true
	}
	if record.QuarantineSHA256 != "" {
		named[l.store.Path(QuarantineRelation, record.QuarantineSHA256)] = true
	}
}

// Commit enters loads, decides anew which loads and which copies of equal rows
// count, in one transaction; then it writes the notes.
func (l *Ledger) Commit(ctx context.Context, loads []*Record) error {
	if len(loads) == 0 {
		return nil
	}
	changed, err := l.enter(ctx, loads)
	if err != nil {
		return err
	}
	return l.noteAll(changed)
}

// noteAll writes the notes of records to the store.
func (l *Ledger) noteAll(records []*Record) error {
	for _, record := range records {
		note, err := record.note()
		if err != nil {
			return err
		}
		if err := l.store.PutLoad(record.ID, note); err != nil {
			return err
		}
	}
	return nil
}

// write puts a record into the build database, in place of what stood there.
func (l *Ledger) write(ctx context.Context, record *Record) error {
	text, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("write load record %s: %w", record.ID, err)
	}
	_, err = l.db.Exec(ctx, "insert or replace into _svw.loads values (?, ?, ?, ?)",
		record.ID, record.Relation, string(record.Status), string(text))
	if err != nil {
		return fmt.Errorf("enter load %s: %w", record.ID, err)
	}
	return nil
}

// NotePurged says of loads when their file as received was removed. Which rows
// count does not hang on that. A load that says so already keeps its time.
func (l *Ledger) NotePurged(ctx context.Context, records []*Record, at time.Time) error {
	var changed []*Record
	for _, record := range records {
		if record.LandingPurgedAt == nil {
			noted := *record
			noted.LandingPurgedAt = &at
			changed = append(changed, &noted)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	err := l.db.InTransaction(ctx, func(ctx context.Context) error {
		for _, record := range changed {
			if err := l.write(ctx, record); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note what was purged: %w", err)
	}
	for _, record := range changed {
		l.records[record.ID] = record
	}
	return l.noteAll(changed)
}

// enter writes records to the database, with the others whose status they
// change, and settles equal rows, in one transaction. It returns all records
// written.
func (l *Ledger) enter(ctx context.Context, records []*Record) ([]*Record, error) {
	return l.enterAnd(ctx, records, func(ctx context.Context, relation string, written map[string]*Record) error {
		return l.settle(ctx, relation, ofRelation(written, relation))
	})
}

func (l *Ledger) enterAnd(ctx context.Context, records []*Record, settle func(ctx context.Context, relation string, written map[string]*Record) error) ([]*Record, error) {
	after := maps.Clone(l.records)
	written := map[string]*Record{}
	relations := map[string]bool{}
	for _, record := range records {
		after[record.ID], written[record.ID] = record, record
		relations[record.Relation] = true
	}
	for relation := range relations {
		for _, record := range decide(ofRelation(after, relation)) {
			after[record.ID], written[record.ID] = record, record
		}
	}
	before := l.records
	l.records = after
	changed := ofRelation(written, "")
	err := l.db.InTransaction(ctx, func(ctx context.Context) error {
		for _, record := range changed {
			if err := l.write(ctx, record); err != nil {
				return err
			}
		}
		for _, relation := range slices.Sorted(maps.Keys(relations)) {
			if err := settle(ctx, relation, written); err != nil {
				return fmt.Errorf("settle equal rows of %s: %w", relation, err)
			}
		}
		return nil
	})
	if err != nil {
		l.records = before
		return nil, err
	}
	return changed, nil
}

func (l *Ledger) paths(relation string, records []*Record) []string {
	var paths []string
	for _, record := range records {
		if record.ObjectSHA256 != "" {
			paths = append(paths, l.store.Path(relation, record.ObjectSHA256))
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// Duplicates counts, by load, the rows that do not count because a copy in
// another file does.
func (l *Ledger) Duplicates(ctx context.Context) (counts map[string]int64, err error) {
	rows, err := l.db.Query(ctx, "select load_id, count(*) from _svw.inactive_rows group by load_id")
	if err != nil {
		return nil, fmt.Errorf("count duplicates: %w", err)
	}
	defer func() {
		if closeErr := rows.Close(); err == nil {
			err = closeErr
		}
	}()
	counts = map[string]int64{}
	for rows.Next() {
		var id string
		var n int64
		if err := rows.Scan(&id, &n); err != nil {
			return nil, fmt.Errorf("count duplicates: %w", err)
		}
		counts[id] = n
	}
	return counts, rows.Err()
}
