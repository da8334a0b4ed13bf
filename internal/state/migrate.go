package state

import (
	"context"
	"database/sql"
	"fmt"
)

// migrations returns the steps from an empty file to the present form; step n takes user_version from n to n+1. A step
// that has been released is never changed.
func migrations() []string {
	return []string{`
create table runs (
    id text primary key,
    started text not null,
    finished text,
    status text not null check (status in ('running', 'succeeded', 'failed', 'refused', 'cancelled', 'interrupted')),
    trigger text not null,
    args text not null,
    version text not null,
    counts text not null,
    error text not null
) strict;
create index runs_by_start on runs (started desc);

create table sightings (
    source text not null,
    name text not null,
    size integer not null,
    mtime_ns integer not null,
    inode integer not null,
    sha256 text not null,
    first_seen text not null,
    last_seen text not null,
    outcome text not null,
    config text not null,
    message text not null,
    loads text not null, -- ids, separated by blanks
    primary key (source, name)
) strict, without rowid;

create table loads (
    load_id text primary key,
    source text not null,
    relation text not null,
    name text not null,
    sha256 text not null,
    period_start text,
    period_end text,
    status text not null,
    rows_read integer not null,
    rows_loaded integer not null,
    rows_duplicate integer not null,
    rows_quarantined integer not null,
    rows_skipped integer not null,
    loaded_at text not null
) strict;

create table notes (
    key text primary key,
    value text not null
) strict, without rowid;
`}
}

// migrate brings the file up to date, each step in a transaction of its own.
func migrate(ctx context.Context, db *sql.DB) error {
	steps := migrations()
	version, err := userVersion(ctx, db)
	if err != nil {
		return err
	}
	if version > len(steps) {
		return fmt.Errorf("%w: its format is %d, this version knows %d; install the newer version again, "+
			"or restore the backup made before the upgrade", ErrNewer, version, len(steps))
	}
	for version < len(steps) {
		if version, err = step(ctx, db, steps); err != nil {
			return err
		}
	}
	return nil
}

// step does one migration and returns the version reached. Another process may have done it in the meantime.
func step(ctx context.Context, db *sql.DB, steps []string) (int, error) {
	var version int
	err := within(ctx, db, func(tx *sql.Tx) error {
		var err error
		if version, err = userVersion(ctx, tx); err != nil || version >= len(steps) {
			return err
		}
		if _, err := tx.ExecContext(ctx, steps[version]); err != nil {
			return fmt.Errorf("migrate from format %d: %w", version, err)
		}
		version++
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("pragma user_version = %d", version)); err != nil {
			return fmt.Errorf("migrate to format %d: %w", version, err)
		}
		return nil
	})
	return version, err
}

func userVersion(ctx context.Context, db interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
},
) (int, error) {
	var version int
	if err := db.QueryRowContext(ctx, "pragma user_version").Scan(&version); err != nil {
		return 0, fmt.Errorf("read its format: %w; if the file is damaged, move it away: it is rebuilt from the store", err)
	}
	return version, nil
}
