package state

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// NoteAlertsUntil is the note that says up to when settled slots were looked at for alerts.
const NoteAlertsUntil = "alerts_until"

// Removed is how many rows Prune removed.
type Removed struct {
	Slots, Runs, Messages, Backfills int64
}

// Prune removes what was over before a time: settled slots, runs that ended, messages that were sent, backfills that came to
// their end. It removes nothing that is open or that something open may ask for: no slot that alerts have not looked at, nor
// the last of a job that ran; and with a slot that waits or runs, all that came after it was due.
func (d *DB) Prune(ctx context.Context, before time.Time) (removed Removed, err error) {
	err = d.within(ctx, func(tx *sql.Tx) error {
		until, told, err := neededSince(ctx, tx, before)
		if err != nil {
			return err
		}
		const old = `
			where state in ('ran', 'skipped') and finished_at < ?
			    and not (state = 'ran' and due_at = (select max(due_at) from slots as later where later.job = slots.job and later.state = 'ran'))`
		_, err = tx.ExecContext(ctx, `
			insert into removed_slots (job, state, outcome, why, n)
			select job, state, outcome, why, count(*) from slots `+old+` group by 1, 2, 3, 4
			on conflict do update set n = n + excluded.n`, told)
		if err != nil {
			return fmt.Errorf("count old slots: %w", err)
		}
		for _, table := range []struct {
			count             *int64
			statement, before string
		}{
			{&removed.Slots, "delete from slots " + old, told},
			{&removed.Runs, "delete from runs where status <> 'running' and started < ?", until},
			{&removed.Messages, "delete from messages where sent_at < ?", until},
			{new(int64), "delete from backfill_steps where backfill_id in (select id from backfills where finished_at < ?)", until},
			{&removed.Backfills, "delete from backfills where finished_at < ?", until},
		} {
			result, err := tx.ExecContext(ctx, table.statement, table.before)
			if err != nil {
				return fmt.Errorf("%s: %w", table.statement, err)
			}
			if *table.count, err = result.RowsAffected(); err != nil {
				return fmt.Errorf("%s: %w", table.statement, err)
			}
		}
		return nil
	})
	if err != nil {
		return Removed{}, fmt.Errorf("remove what is long over: %w", err)
	}
	return removed, nil
}

// neededSince is the time, as text, from which on things are kept: the given one, or that at which the first open slot was
// due; and for slots, up to when alerts were raised.
func neededSince(ctx context.Context, tx *sql.Tx, before time.Time) (until, untilTold string, err error) {
	var due, told sql.NullString
	if err := tx.QueryRowContext(ctx, "select min(due_at) from slots where state in ('waiting', 'running')").Scan(&due); err != nil {
		return "", "", fmt.Errorf("look for open slots: %w", err)
	}
	if err := tx.QueryRowContext(ctx, "select max(value) from notes where key = ?", NoteAlertsUntil).Scan(&told); err != nil {
		return "", "", fmt.Errorf("look up to when alerts were raised: %w", err)
	}
	until = formatTime(before).String
	if due.Valid {
		until = min(until, due.String)
	}
	if !told.Valid {
		return until, until, nil
	}
	at, err := time.Parse(time.RFC3339Nano, told.String)
	if err != nil {
		return "", "", fmt.Errorf("read up to when alerts were raised: %w", err)
	}
	return until, min(until, formatTime(at).String), nil
}
