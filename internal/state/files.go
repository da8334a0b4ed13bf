package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Sighting is a file as a source last had it. A file whose size, time and inode are unchanged is not read again.
type Sighting struct {
	Source    string
	Name      string // as the source names it, unique within it
	Size      int64
	MtimeNS   int64
	Inode     uint64
	SHA256    string
	FirstSeen time.Time
	LastSeen  time.Time
	Outcome   string   // what became of it: loaded, duplicate, refused, waiting, …
	Config    string   // digest of the configuration under which that became of it; under another it is looked at again
	Message   string   // why it was refused
	Loads     []string // ids of the loads that hold its rows
}

// Sightings returns what is known of a source's files, by name.
func (d *DB) Sightings(ctx context.Context, source string) (map[string]Sighting, error) {
	list, err := collect(ctx, d.db, func(rows *sql.Rows) (Sighting, error) {
		s := Sighting{Source: source}
		var first, last sql.NullString
		var inode int64
		var loads string
		err := rows.Scan(&s.Name, &s.Size, &s.MtimeNS, &inode, &s.SHA256, &first, &last, &s.Outcome, &s.Config, &s.Message, &loads)
		if loads != "" {
			s.Loads = strings.Fields(loads)
		}
		if err == nil {
			s.FirstSeen, err = parseTime(first)
		}
		if err == nil {
			s.LastSeen, err = parseTime(last)
		}
		s.Inode = uint64(inode) //nolint:gosec // SQLite holds 64 bits, signed
		return s, err
	}, "select name, size, mtime_ns, inode, sha256, first_seen, last_seen, outcome, config, message, loads from sightings where source = ?", source)
	if err != nil {
		return nil, fmt.Errorf("list the files seen of %s: %w", source, err)
	}
	byName := make(map[string]Sighting, len(list))
	for _, s := range list {
		byName[s.Name] = s
	}
	return byName, nil
}

// PutSightings records files in one transaction. A file that is known keeps the time it was first seen.
func (d *DB) PutSightings(ctx context.Context, sightings []Sighting) error {
	err := d.insertAll(ctx, `
		insert into sightings (source, name, size, mtime_ns, inode, sha256, first_seen, last_seen, outcome, config,
		    message, loads)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (source, name) do update set size = excluded.size, mtime_ns = excluded.mtime_ns, inode = excluded.inode,
		    sha256 = excluded.sha256, last_seen = excluded.last_seen, outcome = excluded.outcome,
		    config = excluded.config, message = excluded.message, loads = excluded.loads`,
		len(sightings), func(i int) []any {
			s := sightings[i]
			return []any{
				s.Source, s.Name, s.Size, s.MtimeNS, int64(s.Inode), s.SHA256, //nolint:gosec // the bits matter, not the sign
				formatTime(s.FirstSeen), formatTime(s.LastSeen), s.Outcome, s.Config, s.Message, strings.Join(s.Loads, " "),
			}
		})
	if err != nil {
		return fmt.Errorf("record files seen: %w", err)
	}
	return nil
}

// Load is a copy of one row of the load ledger, whose truth stands in the build database.
type Load struct {
	ID              string
	Source          string
	Relation        string
	Name            string // of the file
	SHA256          string
	PeriodStart     time.Time // zero when the file claims no period
	PeriodEnd       time.Time // the day after the last
	Status          string
	RowsRead        int64
	RowsLoaded      int64
	RowsDuplicate   int64
	RowsQuarantined int64
	RowsSkipped     int64
	LoadedAt        time.Time
}

// PutLoads copies rows of the ledger in one transaction, each in place of an older copy.
func (d *DB) PutLoads(ctx context.Context, loads []Load) error {
	err := d.insertAll(ctx, `
		insert or replace into loads (load_id, source, relation, name, sha256, period_start, period_end, status, rows_read,
		    rows_loaded, rows_duplicate, rows_quarantined, rows_skipped, loaded_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		len(loads), func(i int) []any {
			l := loads[i]
			return []any{
				l.ID, l.Source, l.Relation, l.Name, l.SHA256, formatTime(l.PeriodStart), formatTime(l.PeriodEnd), l.Status, l.RowsRead,
				l.RowsLoaded, l.RowsDuplicate, l.RowsQuarantined, l.RowsSkipped, formatTime(l.LoadedAt),
			}
		})
	if err != nil {
		return fmt.Errorf("copy the load ledger: %w", err)
	}
	return nil
}

// Loads returns the copied ledger, the oldest load first.
func (d *DB) Loads(ctx context.Context) ([]Load, error) {
	loads, err := collect(ctx, d.db, func(rows *sql.Rows) (Load, error) {
		var l Load
		var start, end, at sql.NullString
		err := rows.Scan(&l.ID, &l.Source, &l.Relation, &l.Name, &l.SHA256, &start, &end, &l.Status, &l.RowsRead, &l.RowsLoaded,
			&l.RowsDuplicate, &l.RowsQuarantined, &l.RowsSkipped, &at)
		for _, t := range []struct {
			to   *time.Time
			text sql.NullString
		}{{&l.PeriodStart, start}, {&l.PeriodEnd, end}, {&l.LoadedAt, at}} {
			if err == nil {
				*t.to, err = parseTime(t.text)
			}
		}
		return l, err
	}, `select load_id, source, relation, name, sha256, period_start, period_end, status, rows_read, rows_loaded,
		    rows_duplicate, rows_quarantined, rows_skipped, loaded_at
		from loads order by loaded_at, load_id`)
	if err != nil {
		return nil, fmt.Errorf("list loads: %w", err)
	}
	return loads, nil
}

// Note returns a remembered value, and whether there is one.
func (d *DB) Note(ctx context.Context, key string) (value string, ok bool, err error) {
	err = d.db.QueryRowContext(ctx, "select value from notes where key = ?", key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("read note %s: %w", key, err)
	}
	return value, true, nil
}

// SetNote remembers a value under key.
func (d *DB) SetNote(ctx context.Context, key, value string) error {
	if _, err := d.db.ExecContext(ctx, "insert or replace into notes (key, value) values (?, ?)", key, value); err != nil {
		return fmt.Errorf("write note %s: %w", key, err)
	}
	return nil
}

// insertAll runs one statement n times in one transaction.
func (d *DB) insertAll(ctx context.Context, query string, n int, args func(i int) []any) error {
	if n == 0 {
		return nil
	}
	return d.within(ctx, func(tx *sql.Tx) error {
		statement, err := tx.PrepareContext(ctx, query)
		if err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
		defer statement.Close()
		for i := range n {
			if _, err := statement.ExecContext(ctx, args(i)...); err != nil {
				return fmt.Errorf("row %d of %d: %w", i+1, n, err)
			}
		}
		return nil
	})
}

// LastReceived returns when each source delivered the last file that was loaded.
func (d *DB) LastReceived(ctx context.Context) (map[string]time.Time, error) {
	type arrival struct {
		source string
		at     time.Time
	}
	list, err := collect(ctx, d.db, func(rows *sql.Rows) (arrival, error) {
		var a arrival
		var at sql.NullString
		err := rows.Scan(&a.source, &at)
		if err == nil {
			a.at, err = parseTime(at)
		}
		return a, err
	}, "select source, max(loaded_at) from loads group by source")
	if err != nil {
		return nil, fmt.Errorf("read when sources delivered: %w", err)
	}
	received := make(map[string]time.Time, len(list))
	for _, a := range list {
		received[a.source] = a.at
	}
	return received, nil
}
