//go:build duckdb_arrow

package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"socialvalue/internal/manifest"
	"socialvalue/internal/warehouse"
)

// ReadExpect reads the expectation that Release sends to its reader.
func ReadExpect(from io.Reader) (Expect, error) {
	var expect Expect
	decoder := json.NewDecoder(from)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&expect); err != nil {
		return Expect{}, fmt.Errorf("read what the file should contain: %w", err)
	}
	return expect, nil
}

// DuckDB opens a released DuckDB file read-only, as an analyst does, and
// compares it with what it should contain: tables with their rows, views,
// macros, columns with their types, and a comment on each of them.
func DuckDB(ctx context.Context, file string, expect Expect) (err error) {
	db, err := warehouse.Open(ctx, file, warehouse.Options{
		ReadOnly: true, Threads: 1, MemoryLimit: "1GB",
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, verify := range []func(context.Context, *warehouse.DB, Expect) error{verifyRelations, verifyRows, verifyMacros} {
		if err := verify(ctx, db, expect); err != nil {
			return err
		}
	}
	for i, query := range expect.Queries {
		if err := plans(ctx, db, query); err != nil {
			return fmt.Errorf("named query %d does not run: %w", i+1, err)
		}
	}
	return nil
}

// plans makes sure that a question can be asked, without asking it.
func plans(ctx context.Context, db *warehouse.DB, query string) (err error) {
	rows, err := db.Query(ctx, "explain "+query)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	return rows.Err()
}

// verifyRelations compares tables, views, columns and comments.
func verifyRelations(ctx context.Context, db *warehouse.DB, expect Expect) error {
	var declared []string
	for _, relation := range expect.Relations {
		declared = append(declared, string(relation.Kind)+" "+relation.Name)
		for _, column := range relation.Columns {
			declared = append(declared, relation.Name+"."+column)
		}
	}
	slices.Sort(declared)
	found, err := db.Texts(ctx, `
		select 'table ' || schema_name || '.' || table_name from duckdb_tables() where not internal
		union all select 'view ' || schema_name || '.' || view_name from duckdb_views() where not internal
		union all select schema_name || '.' || table_name || '.' || column_name || ' ' || data_type from duckdb_columns() where not internal`)
	if err != nil {
		return fmt.Errorf("list its relations: %w", err)
	}
	slices.Sort(found)
	for _, name := range declared {
		if _, ok := slices.BinarySearch(found, name); !ok {
			return fmt.Errorf("%s is missing", name)
		}
	}
	for _, name := range found {
		if _, ok := slices.BinarySearch(declared, name); !ok {
			return fmt.Errorf("%s should not be there", name)
		}
	}
	mark := ""
	if expect.Internal {
		mark = manifest.InternalMark
	}
	bare, err := db.Texts(ctx, `
		select name from (
			select schema_name || '.' || table_name as name, comment from duckdb_tables() where not internal
			union all select schema_name || '.' || view_name, comment from duckdb_views() where not internal
			union all select schema_name || '.' || table_name || '.' || column_name, comment from duckdb_columns() where not internal
			union all select function_name, comment from duckdb_functions() where not internal
		) where coalesce(length(comment), 0) <= length($1) or not starts_with(comment, $1) order by name`, mark)
	if err != nil {
		return fmt.Errorf("read its comments: %w", err)
	}
	if len(bare) > 0 {
		return fmt.Errorf("no comment that begins %q on %s", mark, strings.Join(bare, ", "))
	}
	return nil
}

// verifyRows counts the rows of tables and has every view answer.
func verifyRows(ctx context.Context, db *warehouse.DB, expect Expect) error {
	for _, relation := range expect.Relations {
		if relation.Kind == manifest.KindView {
			if _, err := db.Texts(ctx, "select 'answered' from "+warehouse.Relation(relation.Name)+" limit 1"); err != nil {
				return fmt.Errorf("view %s does not answer: %w", relation.Name, err)
			}
			continue
		}
		var rows int64
		if err := db.One(ctx, "select count(*) from "+warehouse.Relation(relation.Name), nil, &rows); err != nil {
			return fmt.Errorf("count %s: %w", relation.Name, err)
		}
		if rows != relation.Rows {
			return fmt.Errorf("%s has %d rows, the manifest says %d", relation.Name, rows, relation.Rows)
		}
	}
	return nil
}

// verifyMacros compares the file's macros with those expected.
func verifyMacros(ctx context.Context, db *warehouse.DB, expect Expect) error {
	found, err := db.Texts(ctx, "select distinct function_name from duckdb_functions() where not internal order by 1")
	if err != nil {
		return fmt.Errorf("list its macros: %w", err)
	}
	if declared := slices.Sorted(slices.Values(expect.Macros)); !slices.Equal(found, declared) {
		return fmt.Errorf("its macros are %s, the manifest says %s", strings.Join(found, ", "), strings.Join(declared, ", "))
	}
	return nil
}
