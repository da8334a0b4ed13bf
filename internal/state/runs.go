package state

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// Status is how a run stands.
type Status string

// The states of a run. Interrupted is a run whose process ended without saying so.
const (
	Running     Status = "running"
	Succeeded   Status = "succeeded"
	Failed      Status = "failed"
	Refused     Status = "refused"
	Cancelled   Status = "cancelled"
	Interrupted Status = "interrupted"
)

// VerbRun is the verb of runs that say no other.
const VerbRun = "run"

// Run is one execution of the program that may change the warehouse.
type Run struct {
	ID       string
	Started  time.Time
	Finished time.Time // zero while running, and for an interrupted run
	Status   Status
	Verb     string // of the program: run, also for what loads again; publish, backup, …
	Trigger  string // what started it: hand, schedule:nightly, …
	Args     []string
	Version  string // of the program
	Counts   map[string]int64
	Error    string
}

// StartRun records that a run begins. The caller holds the warehouse's lock, so every other run still marked as running
// has died; those are marked interrupted and returned.
func (d *DB) StartRun(ctx context.Context, run Run) (interrupted []Run, err error) {
	run.Status = Running
	err = d.within(ctx, func(tx *sql.Tx) error {
		if interrupted, err = queryRuns(ctx, tx, "where status = 'running' order by started"); err != nil {
			return err
		}
		for i := range interrupted {
			r := &interrupted[i]
			r.Status, r.Error = Interrupted, "its process ended without finishing; run "+run.ID+" found it"
			if _, err := tx.ExecContext(ctx, "update runs set status = ?, error = ? where id = ?", r.Status, r.Error, r.ID); err != nil {
				return fmt.Errorf("mark run %s interrupted: %w", r.ID, err)
			}
		}
		return insertRun(ctx, tx, run)
	})
	if err != nil {
		return nil, fmt.Errorf("record the start of run %s: %w", run.ID, err)
	}
	return interrupted, nil
}

// StartBeside records that work begins which does not hold the warehouse's lock, so that runs may be under way.
func (d *DB) StartBeside(ctx context.Context, run Run) error {
	run.Status = Running
	if err := d.within(ctx, func(tx *sql.Tx) error { return insertRun(ctx, tx, run) }); err != nil {
		return fmt.Errorf("record the start of run %s: %w", run.ID, err)
	}
	return nil
}

// FinishRun records how a run ended: its Finished, Status, Counts and Error; the rest stays as it was started.
func (d *DB) FinishRun(ctx context.Context, run Run) error {
	counts, err := json.Marshal(orEmpty(run.Counts))
	if err != nil {
		return fmt.Errorf("record the end of run %s: %w", run.ID, err)
	}
	result, err := d.db.ExecContext(ctx, "update runs set finished = ?, status = ?, counts = ?, error = ? where id = ?",
		formatTime(run.Finished), run.Status, string(counts), run.Error, run.ID)
	if err != nil {
		return fmt.Errorf("record the end of run %s: %w", run.ID, err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("record the end of run %s: %w", run.ID, ErrNotFound)
	}
	return nil
}

// LastRuns returns the latest runs, the newest first.
func (d *DB) LastRuns(ctx context.Context, n int) ([]Run, error) {
	runs, err := queryRuns(ctx, d.db, "order by started desc, id desc limit ?", n)
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	return runs, nil
}

// LastOf returns the latest runs of one verb, the newest first.
func (d *DB) LastOf(ctx context.Context, verb string, n int) ([]Run, error) {
	runs, err := queryRuns(ctx, d.db, "where verb = ? order by started desc, id desc limit ?", verb, n)
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	return runs, nil
}

// Run returns one run; ErrNotFound when there is none.
func (d *DB) Run(ctx context.Context, id string) (Run, error) {
	runs, err := queryRuns(ctx, d.db, "where id = ?", id)
	if err == nil && len(runs) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Run{}, fmt.Errorf("run %s: %w", id, err)
	}
	return runs[0], nil
}

func insertRun(ctx context.Context, tx *sql.Tx, run Run) error {
	args, err := json.Marshal(append([]string{}, run.Args...))
	if err != nil {
		return fmt.Errorf("write its arguments: %w", err)
	}
	counts, err := json.Marshal(orEmpty(run.Counts))
	if err != nil {
		return fmt.Errorf("write its counts: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		insert into runs (id, started, finished, status, verb, trigger, args, version, counts, error)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		run.ID, formatTime(run.Started), formatTime(run.Finished), run.Status, cmp.Or(run.Verb, VerbRun), run.Trigger, string(args), run.Version,
		string(counts), run.Error)
	if err != nil {
		return fmt.Errorf("insert: %w", err)
	}
	return nil
}

func orEmpty(counts map[string]int64) map[string]int64 {
	if counts == nil {
		return map[string]int64{}
	}
	return counts
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}

func queryRuns(ctx context.Context, q querier, rest string, args ...any) ([]Run, error) {
	return collect(ctx, q, func(rows *sql.Rows) (Run, error) {
		var r Run
		var started, finished sql.NullString
		var argsText, counts []byte
		err := rows.Scan(&r.ID, &started, &finished, &r.Status, &r.Verb, &r.Trigger, &argsText, &r.Version, &counts, &r.Error)
		if err == nil {
			r.Started, err = parseTime(started)
		}
		if err == nil {
			r.Finished, err = parseTime(finished)
		}
		if err == nil {
			err = json.Unmarshal(argsText, &r.Args)
		}
		if err == nil {
			err = json.Unmarshal(counts, &r.Counts)
		}
		return r, err //nolint:wrapcheck // wrapped by collect
	}, "select id, started, finished, status, verb, trigger, args, version, counts, error from runs "+rest, args...)
}

// collect reads all rows of a query.
func collect[T any](ctx context.Context, q querier, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read a row: %w", err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	return all, nil
}

// RunsSince returns the runs begun at a time or later, the newest first.
func (d *DB) RunsSince(ctx context.Context, t time.Time) ([]Run, error) {
	runs, err := queryRuns(ctx, d.db, "where started >= ? order by started desc, id desc", formatTime(t))
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	return runs, nil
}
