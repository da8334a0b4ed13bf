//go:build duckdb_arrow

package release

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"socialvalue/internal/durable"
	"socialvalue/internal/manifest"
	"socialvalue/internal/warehouse"
)

// A DuckDB file whose large tables are cut into days is taken over from the
// current release and mended by day: copying is much faster than writing. It is
// written whole when it is that old, or when that share of its rows would have
// been replaced since, because deleted rows leave holes.
const (
	rewriteAfter        = 7 * 24 * time.Hour
	rewriteDeletedShare = 0.2
)

// carriedTable is a table that stays in a carried file but for some days.
type carriedTable struct {
	record manifest.DatasetRecord
	gone   []string // days whose rows go: those that changed or are no more
	fresh  []string // staged files of the days whose rows come
	rows   int64    // of the days that go
}

// carried is what is kept of the DuckDB file of a place.
type carried struct {
	from     manifest.File
	tables   []carriedTable
	replaced int64 // rows replaced since the file was written whole
}

// planCarry says what of a place's DuckDB file in the current release is worth
// keeping; nil when it is to be written whole.
func (w *composition) planCarry(place string, tier *manifest.Manifest) *carried {
	if w.previous == nil || w.previous.DuckDB != w.plan.DuckDB || w.plan.RewriteDatabases {
		return nil
	}
	at := slices.IndexFunc(w.previous.RunFiles, func(f manifest.File) bool { return f.Path == manifest.DatabasePath(place) })
	if at < 0 || w.previous.RunFiles[at].WrittenWhole == nil || w.manifest.BuiltAt.Sub(*w.previous.RunFiles[at].WrittenWhole) >= rewriteAfter {
		return nil
	}
	plan := &carried{from: w.previous.RunFiles[at], replaced: w.previous.RunFiles[at].RowsReplaced}
	var rows int64
	for _, record := range tier.Datasets {
		before, found := w.previous.Dataset(record.Name)
		was, now := w.previous.Days(record.Name, place), w.manifest.Days(record.Name, place)
		if !found || len(was) == 0 || len(now) == 0 || !sameColumns(before, record) {
			continue
		}
		table := w.comparedDays(was, now)
		table.record = record
		plan.tables = append(plan.tables, table)
		plan.replaced += table.rows
		for _, day := range now {
			rows += *day.Rows
		}
	}
	if len(plan.tables) == 0 || float64(plan.replaced) > rewriteDeletedShare*float64(rows) {
		return nil
	}
	return plan
}

func sameColumns(a, b manifest.DatasetRecord) bool {
	return a.DayColumn == b.DayColumn && slices.EqualFunc(a.Columns, b.Columns, func(x, y manifest.Column) bool { return x.Name == y.Name && x.Type == y.Type })
}

// comparedDays finds the days whose files differ.
func (w *composition) comparedDays(was, now []manifest.File) (table carriedTable) {
	before, after := map[string]manifest.File{}, map[string]manifest.File{}
	for _, file := range was {
		before[file.Day] = file
	}
	for _, file := range now {
		after[file.Day] = file
		if before[file.Day].SHA256 != file.SHA256 {
			table.fresh = append(table.fresh, w.staged(file.Path))
		}
	}
	for _, file := range was {
		if after[file.Day].SHA256 != file.SHA256 {
			table.gone = append(table.gone, file.Day)
			table.rows += *file.Rows
		}
	}
	return table
}

// copyDatabase copies the file to be mended into the staging folder. A copy
// that is not what the manifest says is of no use: then false is returned.
func (w *composition) copyDatabase(plan *carried, to string) (usable bool, err error) {
	from := filepath.Join(w.Root, w.previous.Release, filepath.FromSlash(plan.from.Path))
	hash := sha256.New()
	var size int64
	err = w.Disk.Step("copy", to, func() error {
		source, err := os.Open(from)
		if err != nil {
			return err
		}
		target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, durable.FileMode)
		if err != nil {
			return errors.Join(err, source.Close())
		}
		size, err = io.Copy(io.MultiWriter(target, hash), source)
		return errors.Join(err, source.Close(), target.Close())
	})
	if err == nil && size == plan.from.Bytes && hex.EncodeToString(hash.Sum(nil)) == plan.from.SHA256 {
		return true, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	return false, w.Disk.Remove(to)
}

// clear drops from a carried file all but the tables that stay.
func (w *composition) clear(ctx context.Context, plan *carried) error {
	kept := make([]string, len(plan.tables))
	for i, table := range plan.tables {
		kept[i] = table.record.Name
	}
	statements, err := w.DB.Texts(ctx, `
select 'drop view ' || format('"{}"."{}"', schema_name, view_name) from duckdb_views() where database_name = $1 and not internal
union all
select 'drop table ' || format('"{}"."{}"', schema_name, table_name) from duckdb_tables()
where database_name = $1 and not internal and not list_contains(`+warehouse.TextList(kept)+`::varchar[], schema_name || '.' || table_name)
union all
select distinct 'drop macro ' || format('"{}"', function_name) from duckdb_functions() where database_name = $1 and not internal
order by 1 desc`, attached) // views before tables
	if err != nil {
		return fmt.Errorf("list what it holds: %w", err)
	}
	for _, statement := range statements {
		if _, err := w.DB.Exec(ctx, statement); err != nil {
			return fmt.Errorf("clear it: %w", err)
		}
	}
	return nil
}

// mend replaces the days of a carried table that changed.
func (w *composition) mend(ctx context.Context, place string, table carriedTable) error {
	if len(table.gone) > 0 {
		_, err := w.DB.Exec(ctx, "delete from "+warehouse.Relation(table.record.Name)+" where list_contains("+warehouse.TextList(table.gone)+"::date[], "+
			warehouse.Ident(table.record.DayColumn)+")")
		if err != nil {
			return fmt.Errorf("remove days that changed: %w", warehouse.Scrub(err))
		}
	}
	if len(table.fresh) > 0 {
		if _, err := w.DB.Exec(ctx, insertSQL(table.record, table.fresh)); err != nil {
			return fmt.Errorf("fill days that changed: %w", warehouse.Scrub(err))
		}
	}
	return w.compareDays(ctx, place, table.record)
}

// compareDays makes sure that a mended table has the rows of its Parquet files:
// by day, their number and the sum of their keys' hashes.
func (w *composition) compareDays(ctx context.Context, place string, record manifest.DatasetRecord) error {
	keys := make([]string, len(record.Key))
	for i, name := range record.Key {
		keys[i] = warehouse.Ident(name)
	}
	day := warehouse.Ident(record.DayColumn)
	summed := "select " + day + " as day, count(*) as day_rows, sum(hash(" + strings.Join(keys, ", ") + ")) as key_sum from "
	var differing int64
	err := w.DB.One(ctx, `
with in_table as (`+summed+warehouse.Relation(record.Name)+` group by 1),
in_files as (`+summed+`read_parquet(`+warehouse.TextList(w.parquetFiles(record.Name, place))+`) group by 1)
select count(*) from in_table full join in_files using (day)
where in_table.day_rows is distinct from in_files.day_rows or in_table.key_sum is distinct from in_files.key_sum`, nil, &differing)
	if err != nil {
		return fmt.Errorf("compare it with its Parquet files: %w", warehouse.Scrub(err))
	}
	if differing > 0 {
		return fmt.Errorf("%d days of the table differ from their Parquet files: the release is not made; the next one writes the file whole after `svw run --full`", differing)
	}
	return nil
}
