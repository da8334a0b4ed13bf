// Package state keeps what a warehouse remembers between runs and could forget without losing data: its runs, the files
// it has seen, a copy of the load ledger, and notes. It is one SQLite file, so that other processes can read it during a
// run. It knows nothing of the rest of the program.
package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite" // also the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"socialvalue/internal/durable"
)

// ErrNewer is what errors.Is finds when the file was written by a newer version of the program.
var ErrNewer = errors.New("written by a newer version of svw")

// ErrNotFound is what errors.Is finds when no run has the id asked for.
var ErrNotFound = errors.New("not found")

// DB is an open state file. Its methods may be called from several goroutines.
type DB struct {
	db *sql.DB
}

// Open opens the state file, creating or migrating it as needed. The folder must exist.
func Open(ctx context.Context, path string) (*DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open state %s: %w", path, err)
	}
	if err := touch(abs); err != nil {
		return nil, fmt.Errorf("open state: %w", err)
	}
	// Durable at every commit: a run that was reported must not be forgotten by a power cut.
	options := url.Values{
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)"},
		"_txlock": {"immediate"},
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: abs, RawQuery: options.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("open state %s: %w", path, err)
	}
	db.SetMaxOpenConns(1) // one writer; every method reads its rows to the end before it returns
	if err := patiently(ctx, func() error { return migrate(ctx, db) }); err != nil {
		return nil, errors.Join(fmt.Errorf("open state %s: %w", path, err), db.Close())
	}
	return &DB{db: db}, nil
}

// patience is how often, and how long apart, a first statement is tried while another process opens or closes the file:
// SQLite does not wait by itself when two change the journal's mode or recover the log at once.
const (
	patience = 100
	pause    = 100 * time.Millisecond
)

// patiently tries again while the file is locked.
func patiently(ctx context.Context, try func() error) error {
	for range patience {
		err := try()
		var busy *sqlite.Error
		if !errors.As(err, &busy) || busy.Code()&0xff != sqlite3.SQLITE_BUSY {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
	return try()
}

// touch creates the file with our mode; SQLite gives its companions the same.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return err
	}
	return f.Close()
}

// Close writes the log back into the file and closes it.
func (d *DB) Close() error {
	if err := d.db.Close(); err != nil {
		return fmt.Errorf("close state: %w", err)
	}
	return nil
}

// within runs f in one transaction.
func (d *DB) within(ctx context.Context, f func(*sql.Tx) error) error {
	return within(ctx, d.db, f)
}

func within(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := f(tx); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// ignoreDone drops the news that a transaction is over already, as after a cancelled context.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// timeFormat sorts as text and reads well in any SQLite client.
const timeFormat = "2006-01-02T15:04:05.000000Z"

func formatTime(t time.Time) sql.NullString {
	if t.IsZero() {
		return sql.NullString{}
	}
	return sql.NullString{String: t.UTC().Format(timeFormat), Valid: true}
}

func parseTime(s sql.NullString) (time.Time, error) {
	if !s.Valid {
		return time.Time{}, nil
	}
	t, err := time.Parse(timeFormat, s.String)
	if err != nil {
		return time.Time{}, fmt.Errorf("read a time: %w", err)
	}
	return t, nil
}

// Copy copies the state file at path to another place, as it stands at this
// moment with what is still in its log; false when there is none. It does not
// migrate it. A run that is under way is not in the copy, for which it never ends.
func Copy(ctx context.Context, path, to string) (copied bool, err error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return false, fmt.Errorf("copy state %s: %w", path, err)
	}
	if _, err := os.Stat(abs); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	options := url.Values{"_pragma": {"busy_timeout(10000)"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: abs, RawQuery: options.Encode()}).String())
	if err != nil {
		return false, fmt.Errorf("copy state %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = patiently(ctx, func() error {
		if _, err := db.ExecContext(ctx, "vacuum into ?", to); err != nil {
			return fmt.Errorf("vacuum: %w", err)
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("copy state %s: %w; if the file is damaged, move it away: it is rebuilt from the store", path, err)
	}
	if err := withoutRunning(ctx, to); err != nil {
		return false, fmt.Errorf("copy state %s: %w", path, err)
	}
	// VACUUM INTO does not wait for the disk.
	return true, durable.SyncFile(to)
}

func withoutRunning(ctx context.Context, path string) (err error) {
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path}).String())
	if err != nil {
		return fmt.Errorf("open it: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, "delete from runs where status = 'running'"); err != nil {
		return fmt.Errorf("leave out what is under way: %w", err)
	}
	return nil
}
