package state

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Backfill is a span of days of one pipeline that is read again, month by month.
type Backfill struct {
	ID       string
	Pipeline string
	From, To time.Time // days, both included
	Started  time.Time
	Finished time.Time // zero: not yet
	Steps    []BackfillStep
}

// BackfillStep is a part of it that is done.
type BackfillStep struct {
	From, To time.Time
	RunID    string
	Finished time.Time
	Files    int // read
	Refused  int // of these
}

// OpenBackfill finds the unfinished backfill of a pipeline and span; false when there is none.
func (d *DB) OpenBackfill(ctx context.Context, pipeline string, from, to time.Time) (Backfill, bool, error) {
	list, err := d.backfills(ctx, "where pipeline = ? and from_day = ? and to_day = ? and finished_at is null", pipeline, formatTime(from), formatTime(to))
	if err != nil || len(list) == 0 {
		return Backfill{}, false, err
	}
	return list[0], true, nil
}

func (d *DB) backfills(ctx context.Context, rest string, args ...any) ([]Backfill, error) {
	list, err := collect(ctx, d.db, func(rows *sql.Rows) (Backfill, error) {
		var b Backfill
		var from, to, started, finished sql.NullString
		err := rows.Scan(&b.ID, &b.Pipeline, &from, &to, &started, &finished)
		return b, orFirst(err, readTime(&b.From, from), readTime(&b.To, to), readTime(&b.Started, started), readTime(&b.Finished, finished))
	}, "select id, pipeline, from_day, to_day, started_at, finished_at from backfills "+rest, args...)
	for i := range list {
		if err == nil {
			list[i].Steps, err = d.backfillSteps(ctx, list[i].ID)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read backfills: %w", err)
	}
	return list, nil
}

func (d *DB) backfillSteps(ctx context.Context, id string) ([]BackfillStep, error) {
	return collect(ctx, d.db, func(rows *sql.Rows) (BackfillStep, error) {
		var s BackfillStep
		var from, to, finished sql.NullString
		err := rows.Scan(&from, &to, &s.RunID, &finished, &s.Files, &s.Refused)
		return s, orFirst(err, readTime(&s.From, from), readTime(&s.To, to), readTime(&s.Finished, finished))
	}, "select from_day, to_day, run_id, finished_at, files, refused from backfill_steps where backfill_id = ? order by from_day", id)
}

func readTime(to *time.Time, text sql.NullString) error {
	t, err := parseTime(text)
	*to = t
	return err
}

func orFirst(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// StartBackfill records that a backfill begins.
func (d *DB) StartBackfill(ctx context.Context, b Backfill) error {
	_, err := d.db.ExecContext(ctx, "insert into backfills (id, pipeline, from_day, to_day, started_at) values (?, ?, ?, ?, ?)",
		b.ID, b.Pipeline, formatTime(b.From), formatTime(b.To), formatTime(b.Started))
	if err != nil {
		return fmt.Errorf("record the start of backfill %s: %w", b.ID, err)
	}
	return nil
}

// PutBackfillStep records that a part is done.
func (d *DB) PutBackfillStep(ctx context.Context, id string, s BackfillStep) error {
	_, err := d.db.ExecContext(ctx, "insert or replace into backfill_steps (backfill_id, from_day, to_day, run_id, finished_at, files, refused) values (?, ?, ?, ?, ?, ?, ?)",
		id, formatTime(s.From), formatTime(s.To), s.RunID, formatTime(s.Finished), s.Files, s.Refused)
	if err != nil {
		return fmt.Errorf("record a step of backfill %s: %w", id, err)
	}
	return nil
}

// FinishBackfill records that all parts are done and released.
func (d *DB) FinishBackfill(ctx context.Context, id string, at time.Time) error {
	if _, err := d.db.ExecContext(ctx, "update backfills set finished_at = ? where id = ?", formatTime(at), id); err != nil {
		return fmt.Errorf("record the end of backfill %s: %w", id, err)
	}
	return nil
}
