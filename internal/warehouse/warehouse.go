//go:build duckdb_arrow

package warehouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// Options bounds what one database may use. Every limit is explicit, because
// DuckDB's defaults (80% of memory, temporary files beside the database) fill
// the disk that holds the record.
type Options struct {
	MemoryLimit string // for example "4GB"; empty leaves DuckDB's default
	Threads     int    // 0 leaves DuckDB's default
	TempDir     string // where spilled data go; empty: a folder of the database's own, gone when it is closed
	TempLimit   string // most that may be spilled, for example "20GB"
	ReadOnly    bool
}

// DB is one open DuckDB database with one session, so that temporary tables
// and transactions belong to it. It is not safe for concurrent statements;
// ReadArrow opens sessions of its own.
type DB struct {
	pool *sql.DB
	conn *sql.Conn
	temp string // folder of its own for spilled data

	threads int // as the options say; 0: as many as DuckDB takes
}

// Open opens the database file at path (empty: in memory) within the limits of
// options. Every session runs in UTC and never installs extensions.
func Open(ctx context.Context, path string, options Options) (opened *DB, err error) {
	temp := ""
	if options.TempDir == "" {
		// Beside a released file, what is spilled would not belong to the release; the folder is closed to others.
		if temp, err = os.MkdirTemp("", "svw-duckdb-*"); err != nil {
			return nil, fmt.Errorf("make a folder for temporary files: %w", err)
		}
		options.TempDir = temp
		defer func() {
			if err != nil {
				err = joinClose(err, os.RemoveAll(temp))
			}
		}()
	}
	dsn := path
	if options.ReadOnly {
		dsn += "?access_mode=READ_ONLY"
	}
	connector, err := duckdb.NewConnector(dsn, func(conn driver.ExecerContext) error {
		for _, statement := range sessionSettings() {
			if _, err := conn.ExecContext(ctx, statement, nil); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	pool := sql.OpenDB(connector)
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, joinClose(err, pool.Close()))
	}
	for _, statement := range options.settings() {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			err = fmt.Errorf("open database %s: %s: %w", path, statement, err)
			return nil, joinClose(err, joinClose(conn.Close(), pool.Close()))
		}
	}
	return &DB{pool: pool, conn: conn, temp: temp, threads: options.Threads}, nil
}

// sessionSettings lists the statements that every session starts with.
func sessionSettings() []string {
	return []string{
		"set TimeZone = 'UTC'",
		"set autoinstall_known_extensions = false",
		"set autoload_known_extensions = false",
	}
}

// settings lists the statements that limit the database as a whole. They are
// given once: DuckDB refuses them, even unchanged, when data have been laid aside.
func (o Options) settings() []string {
	var statements []string
	add := func(name, value string) {
		if value != "" {
			statements = append(statements, "set "+name+" = "+Text(value))
		}
	}
	add("memory_limit", o.MemoryLimit)
	if o.Threads > 0 {
		statements = append(statements, "set threads = "+strconv.Itoa(o.Threads))
	}
	add("temp_directory", o.TempDir)
	add("max_temp_directory_size", o.TempLimit)
	return statements
}

// Close ends the session and closes the database file.
func (db *DB) Close() error {
	err := joinClose(db.conn.Close(), db.pool.Close())
	if db.temp == "" {
		return err
	}
	return joinClose(err, os.RemoveAll(db.temp))
}

// Exec runs one or more statements and returns the rows changed by the last.
func (db *DB) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	result, err := db.conn.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Query runs a query; the caller closes the rows.
func (db *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return db.conn.QueryContext(ctx, query, args...)
}

// One runs a query that gives one row and scans it into dest. It returns
// sql.ErrNoRows when there is none.
func (db *DB) One(ctx context.Context, query string, args []any, dest ...any) error {
	return db.conn.QueryRowContext(ctx, query, args...).Scan(dest...)
}

// Texts runs a query of one text column and returns its values in order.
func (db *DB) Texts(ctx context.Context, query string, args ...any) (values []string, err error) {
	rows, err := db.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = joinClose(err, rows.Close()) }()
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return values, rows.Err()
}

// InTransaction runs work inside one transaction: committed when work returns
// nil, rolled back otherwise. DuckDB writes one attached file per transaction.
func (db *DB) InTransaction(ctx context.Context, work func(ctx context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	// Beginning and committing are not cancelled half-way: nobody could tell whether they were done.
	lasting := context.WithoutCancel(ctx)
	if _, err := db.Exec(lasting, "begin transaction"); err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	if err := work(ctx); err != nil {
		return joinClose(err, db.rollback(ctx))
	}
	if _, err := db.Exec(lasting, "commit"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// WithOneThread runs work whose statements cannot be divided, such as writing a
// small file. With more threads DuckDB gives such a statement to another one, and
// the one that waits asks so often whether it is done that it costs as much time
// of a processor again (measured with DuckDB 1.5.5).
func (db *DB) WithOneThread(ctx context.Context, work func(ctx context.Context) error) error {
	if db.threads < 2 {
		return work(ctx)
	}
	if _, err := db.Exec(ctx, "set threads = 1"); err != nil {
		return fmt.Errorf("work with one thread: %w", err)
	}
	err := work(ctx)
	_, setErr := db.Exec(context.WithoutCancel(ctx), "set threads = "+strconv.Itoa(db.threads))
	return joinClose(err, setErr)
}

// rollback ends a transaction without keeping it. The session outlives a cancelled context, so the rollback must too.
//
// A rollback that waits for a query being cancelled is itself interrupted and tried again: DuckDB forgets that it was
// asked to stop when the next statement begins, and a thread that had not yet noticed would run to its end (seen with
// more threads than processors).
func (db *DB) rollback(ctx context.Context) error {
	lasting := context.WithoutCancel(ctx)
	if ctx.Err() == nil {
		_, err := db.Exec(lasting, "rollback")
		return err
	}
	for patience := 50 * time.Millisecond; ; patience *= 2 {
		attempt, cancel := context.WithTimeout(lasting, patience)
		_, err := db.Exec(attempt, "rollback")
		late := attempt.Err() != nil
		cancel()
		switch {
		case err == nil || strings.Contains(err.Error(), "no transaction is active"):
			return nil // the second: an attempt that was interrupted had done it
		case !late:
			return err
		}
	}
}

// Version is the DuckDB version inside this binary, for example "v1.5.5".
func (db *DB) Version(ctx context.Context) (string, error) {
	var version string
	err := db.One(ctx, "select version()", nil, &version)
	return version, err
}
