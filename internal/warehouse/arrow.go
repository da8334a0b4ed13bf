//go:build duckdb_arrow

package warehouse

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/duckdb/duckdb-go/v2"
)

// ArrowInput is the name an Arrow stream has in the statement that reads it.
const ArrowInput = "_svw_arrow_input"

// ReadArrow runs queries in a session of its own and returns their rows as Arrow
// records, in the queries' order. The caller calls release when done. Only
// committed data are seen. DuckDB holds the whole answer to a query in memory, on
// top of its limit: many rows are asked for by several queries of the same
// columns, each of which is run when the rows of the one before have been read.
func (db *DB) ReadArrow(ctx context.Context, query string, more ...string) (reader array.RecordReader, release func(), err error) {
	conn, err := db.pool.Conn(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("open a session: %w", err)
	}
	run := func(query string) (reader array.RecordReader, err error) {
		err = conn.Raw(func(driverConn any) error {
			arrow, err := newArrow(driverConn)
			if err != nil {
				return err
			}
			reader, err = arrow.QueryContext(ctx, query)
			return err
		})
		return reader, err
	}
	if reader, err = run(query); err != nil {
		return nil, nil, joinClose(err, conn.Close())
	}
	if len(more) > 0 {
		reader = &portions{current: reader, more: more, run: run}
	}
	return reader, func() {
		reader.Release()
		// The session is discarded; an error in closing it changes no result.
		_ = conn.Close()
	}, nil
}

// CreateFromArrow creates (or replaces) a table from Arrow records, in their
// order. selectList is the SQL select list applied to the stream.
func (db *DB) CreateFromArrow(ctx context.Context, table, selectList string, reader array.RecordReader) error {
	statement := "create or replace table " + Relation(table) + " as select " + selectList + " from " + ArrowInput
	if err := db.ExecArrow(ctx, statement, reader); err != nil {
		return fmt.Errorf("read Arrow stream into %s: %w", table, err)
	}
	return nil
}

// ExecArrow runs one statement that reads an Arrow stream, once, under the name
// ArrowInput.
func (db *DB) ExecArrow(ctx context.Context, statement string, reader array.RecordReader) error {
	return db.conn.Raw(func(driverConn any) (err error) {
		arrow, err := newArrow(driverConn)
		if err != nil {
			return err
		}
		release, err := arrow.RegisterView(reader, ArrowInput)
		if err != nil {
			return fmt.Errorf("register Arrow stream: %w", err)
		}
		defer release()
		conn, ok := driverConn.(*duckdb.Conn)
		if !ok {
			return errors.New("not a DuckDB session")
		}
		_, err = conn.ExecContext(ctx, statement, nil)
		// The view goes even when the statement failed or was interrupted.
		_, dropErr := conn.ExecContext(context.WithoutCancel(ctx), "drop view if exists "+ArrowInput, nil)
		return joinClose(err, dropErr)
	})
}

func newArrow(driverConn any) (*duckdb.Arrow, error) {
	conn, ok := driverConn.(driver.Conn)
	if !ok {
		return nil, errors.New("not a DuckDB session")
	}
	return duckdb.NewArrowFromConn(conn)
}
