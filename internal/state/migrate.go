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
`, `
-- One row for each occurrence of each schedule: it ran once, or it was skipped for a reason.
create table slots (
    job text not null,
    due_at text not null,
    state text not null check (state in ('waiting', 'running', 'ran', 'skipped')),
    outcome text not null check (outcome in ('', 'succeeded', 'refused', 'failed')),
    why text not null,
    reason text not null,
    enrolled_at text not null,
    late integer not null check (late in (0, 1)),
    attempts integer not null,
    lost integer not null,
    not_before text,
    started_at text,
    finished_at text,
    run_id text not null,
    primary key (job, due_at),
    check ((state = 'ran') = (outcome <> '')),
    check ((state = 'skipped') = (why <> '')),
    check (state <> 'skipped' or reason <> '')
) strict, without rowid;
create index slots_open on slots (due_at) where state in ('waiting', 'running');
create index slots_settled on slots (finished_at) where finished_at is not null;

-- Up to when the occurrences of a schedule have slots, and by which timing they are reckoned from then on.
create table watches (
    job text primary key,
    timing text not null,
    until text not null
) strict, without rowid;

create index runs_by_trigger on runs (trigger, started desc);

-- What is wrong at present and whom it was told. A cause is told once.
create table alerts (
    cause text primary key,
    scope text not null,
    text text not null,
    since text not null,
    last_seen text not null,
    seen integer not null
) strict, without rowid;

-- Messages to people, kept until every channel has taken them.
create table messages (
    id integer primary key,
    channel text not null,
    kind text not null,
    subject text not null,
    body text not null,
    created_at text not null,
    not_before text not null,
    attempts integer not null,
    sent_at text,
    error text not null
) strict;
create index messages_unsent on messages (not_before) where sent_at is null;

-- Backfills and the months of each.
create table backfills (
    id text primary key,
    pipeline text not null,
    from_day text not null,
    to_day text not null,
    started_at text not null,
    finished_at text
) strict, without rowid;

create table backfill_steps (
    backfill_id text not null references backfills (id),
    from_day text not null,
    to_day text not null,
    run_id text not null,
    finished_at text not null,
    files integer not null,
    refused integer not null,
    primary key (backfill_id, from_day)
) strict, without rowid;
`, `
-- What of the program ran: run, or another verb.
alter table runs add column verb text not null default 'run';

-- How many settled slots were removed because they are old, so that counts of all time stay what they are.
create table removed_slots (
    job text not null,
    state text not null,
    outcome text not null,
    why text not null,
    n integer not null,
    primary key (job, state, outcome, why)
) strict, without rowid;
`, `
-- Seals of frozen baselines, apart from their folders.
create table baselines (
    year text not null,
    version integer not null,
    seal text not null,
    frozen_at text not null,
    primary key (year, version)
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
