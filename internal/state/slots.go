package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Slot is one occurrence of one schedule.
type Slot struct {
	Job       string
	DueAt     time.Time
	State     string
	Outcome   string
	Why       string
	Reason    string
	Enrolled  time.Time
	Late      bool
	Attempts  int
	Lost      int
	NotBefore time.Time
	Started   time.Time
	Finished  time.Time
	RunID     string
}

// Watch says up to when the occurrences of a schedule have slots.
type Watch struct {
	Job    string
	Timing string
	Until  time.Time
}

// SlotChange is taken up whole or not at all.
type SlotChange struct {
	New     []Slot // one that is there already stays as it is
	Changed []Slot // open ones
	Watches []Watch
	Gone    []string
}

// ErrSettled is what errors.Is finds when a slot was to change that is open no more.
var ErrSettled = errors.New("the slot is settled")

const slotColumns = "job, due_at, state, outcome, why, reason, enrolled_at, late, attempts, lost, not_before, started_at, finished_at, run_id"

// ApplySlots takes up a change of the slot ledger.
func (d *DB) ApplySlots(ctx context.Context, change SlotChange) error {
	err := d.within(ctx, func(tx *sql.Tx) error {
		for _, s := range change.New {
			_, err := tx.ExecContext(ctx, "insert into slots ("+slotColumns+") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
				s.Job, formatTime(s.DueAt), s.State, s.Outcome, s.Why, s.Reason, formatTime(s.Enrolled), s.Late, s.Attempts, s.Lost,
				formatTime(s.NotBefore), formatTime(s.Started), formatTime(s.Finished), s.RunID)
			if err != nil {
				return fmt.Errorf("insert the slot of %s at %s: %w", s.Job, s.DueAt, err)
			}
		}
		for _, s := range change.Changed {
			if err := updateSlot(ctx, tx, s); err != nil {
				return err
			}
		}
		for _, w := range change.Watches {
			if _, err := tx.ExecContext(ctx, "insert or replace into watches (job, timing, until) values (?, ?, ?)", w.Job, w.Timing, formatTime(w.Until)); err != nil {
				return fmt.Errorf("watch %s: %w", w.Job, err)
			}
		}
		for _, job := range change.Gone {
			if _, err := tx.ExecContext(ctx, "delete from watches where job = ?", job); err != nil {
				return fmt.Errorf("watch %s no more: %w", job, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write the slot ledger: %w", err)
	}
	return nil
}

func updateSlot(ctx context.Context, tx *sql.Tx, s Slot) error {
	result, err := tx.ExecContext(ctx, `
		update slots set state = ?, outcome = ?, why = ?, reason = ?, attempts = ?, lost = ?, not_before = ?, started_at = ?,
		    finished_at = ?, run_id = ?
		where job = ? and due_at = ? and state in ('waiting', 'running')`,
		s.State, s.Outcome, s.Why, s.Reason, s.Attempts, s.Lost, formatTime(s.NotBefore), formatTime(s.Started), formatTime(s.Finished), s.RunID,
		s.Job, formatTime(s.DueAt))
	if err != nil {
		return fmt.Errorf("change the slot of %s at %s: %w", s.Job, s.DueAt, err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("change the slot of %s at %s: %w", s.Job, s.DueAt, errors.Join(ErrSettled, err))
	}
	return nil
}

// OpenSlots returns the slots that wait or run, by when they are due.
func (d *DB) OpenSlots(ctx context.Context) ([]Slot, error) {
	return d.slots(ctx, "where state in ('waiting', 'running') order by due_at, job")
}

// Slots returns those due or settled in a span of time, the latest first; of one schedule, or of all where job is empty.
func (d *DB) Slots(ctx context.Context, job string, from, to time.Time, most int) ([]Slot, error) {
	return d.slots(ctx, "where (? = '' or job = ?) and coalesce(finished_at, due_at) >= ? and due_at < ? order by due_at desc, job limit ?",
		job, job, formatTime(from), formatTime(to), most)
}

// SettledSince returns the slots that were settled at a time or later, in that order.
func (d *DB) SettledSince(ctx context.Context, t time.Time) ([]Slot, error) {
	return d.slots(ctx, "where state in ('ran', 'skipped') and finished_at >= ? order by finished_at, due_at, job", formatTime(t))
}

// LastRan returns the last slot of each schedule that ran.
func (d *DB) LastRan(ctx context.Context) ([]Slot, error) {
	return d.slots(ctx, "where state = 'ran' and due_at = (select max(due_at) from slots as later where later.job = slots.job and later.state = 'ran') order by job")
}

func (d *DB) slots(ctx context.Context, rest string, args ...any) ([]Slot, error) {
	list, err := collect(ctx, d.db, func(rows *sql.Rows) (Slot, error) {
		var s Slot
		var due, enrolled, notBefore, started, finished sql.NullString
		err := rows.Scan(&s.Job, &due, &s.State, &s.Outcome, &s.Why, &s.Reason, &enrolled, &s.Late, &s.Attempts, &s.Lost, &notBefore,
			&started, &finished, &s.RunID)
		for _, t := range []struct {
			to   *time.Time
			text sql.NullString
		}{{&s.DueAt, due}, {&s.Enrolled, enrolled}, {&s.NotBefore, notBefore}, {&s.Started, started}, {&s.Finished, finished}} {
			if err == nil {
				*t.to, err = parseTime(t.text)
			}
		}
		return s, err
	}, "select "+slotColumns+" from slots "+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("read the slot ledger: %w", err)
	}
	return list, nil
}

// SlotCount is how many slots stand in a state.
type SlotCount struct {
	Job, State, Outcome, Why string
	N                        int64
}

// CountSlots counts the slots that there are and were.
func (d *DB) CountSlots(ctx context.Context) ([]SlotCount, error) {
	list, err := collect(ctx, d.db, func(rows *sql.Rows) (SlotCount, error) {
		var c SlotCount
		err := rows.Scan(&c.Job, &c.State, &c.Outcome, &c.Why, &c.N)
		return c, err
	}, `
		select job, state, outcome, why, sum(n)
		from (
		    select job, state, outcome, why, count(*) as n from slots group by 1, 2, 3, 4
		    union all
		    select job, state, outcome, why, n from removed_slots
		)
		group by 1, 2, 3, 4
		order by 1, 2, 3, 4`)
	if err != nil {
		return nil, fmt.Errorf("count the slot ledger: %w", err)
	}
	return list, nil
}

// Watches returns up to when each schedule is accounted for.
func (d *DB) Watches(ctx context.Context) ([]Watch, error) {
	list, err := collect(ctx, d.db, func(rows *sql.Rows) (Watch, error) {
		var w Watch
		var until sql.NullString
		err := rows.Scan(&w.Job, &w.Timing, &until)
		if err == nil {
			w.Until, err = parseTime(until)
		}
		return w, err
	}, "select job, timing, until from watches order by job")
	if err != nil {
		return nil, fmt.Errorf("read the watches of schedules: %w", err)
	}
	return list, nil
}

// RunByTrigger returns the last run that something started; ErrNotFound when there is none.
func (d *DB) RunByTrigger(ctx context.Context, trigger string) (Run, error) {
	runs, err := queryRuns(ctx, d.db, "where trigger = ? order by started desc, id desc limit 1", trigger)
	if err == nil && len(runs) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Run{}, fmt.Errorf("run of %s: %w", trigger, err)
	}
	return runs[0], nil
}
