//go:build duckdb_arrow

package release

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"socialvalue/internal/durable"
	"socialvalue/internal/manifest"
	"socialvalue/internal/warehouse"
)

const (
	// attached is the name a DuckDB file has in the session that writes it.
	attached = "svw_release"
	// storageVersion is the oldest format that keeps comments and macros; every
	// client since 2024 opens it.
	storageVersion = "v1.0.0"
)

// writeDatabase writes the DuckDB file of a place from the Parquet files of its
// folder.
func (w *composition) writeDatabase(ctx context.Context, place string, tier *manifest.Manifest) error {
	file := w.staged(manifest.DatabasePath(place))
	if err := w.Disk.Mkdir(filepath.Dir(file)); err != nil {
		return err
	}
	var home string
	if err := w.DB.One(ctx, "select current_database()", nil, &home); err != nil {
		return err
	}
	keep := w.planCarry(place, tier)
	if keep != nil {
		usable, err := w.copyDatabase(keep, file)
		if err != nil {
			return err
		}
		if !usable {
			keep = nil
		}
	}
	err := w.Disk.Step("attach", file, func() error {
		_, err := w.DB.Exec(ctx, "attach "+warehouse.Text(file)+" as "+attached+" (storage_version '"+storageVersion+"')")
		return err
	})
	if err != nil {
		return err
	}
	err = w.fillDatabase(ctx, place, tier, keep)
	// The session goes home and lets the file go whatever happened, also when the
	// run was cancelled.
	cleanup := context.WithoutCancel(ctx)
	_, homeErr := w.DB.Exec(cleanup, "use "+warehouse.Ident(home))
	if err == nil && homeErr == nil {
		err = w.Disk.Step("checkpoint", file, func() error {
			_, err := w.DB.Exec(ctx, "checkpoint "+attached)
			return err
		})
	}
	_, detachErr := w.DB.Exec(cleanup, "detach "+attached)
	if err := errors.Join(err, homeErr, detachErr); err != nil {
		return err
	}
	if err := w.Disk.Chmod(file, durable.FileMode); err != nil {
		return err
	}
	size, sum, err := durable.Sum(file)
	if err != nil {
		return err
	}
	entry := manifest.File{Path: manifest.DatabasePath(place), Bytes: size, SHA256: sum}
	switch {
	case keep != nil:
		entry.WrittenWhole, entry.RowsReplaced = keep.from.WrittenWhole, keep.replaced
	case slices.ContainsFunc(tier.Datasets, func(r manifest.DatasetRecord) bool { return r.DayColumn != "" }):
		entry.WrittenWhole = &w.manifest.BuiltAt
	}
	w.manifest.RunFiles = append(w.manifest.RunFiles, entry)
	return nil
}

// fillDatabase makes the tables, macros, views and comments of a DuckDB file in
// one transaction; of a carried file, all but the tables that stay and are
// mended.
func (w *composition) fillDatabase(ctx context.Context, place string, tier *manifest.Manifest, keep *carried) error {
	// Views keep their text as it is given, so they must bind here as they will in
	// a reader's session: with unqualified catalog names.
	if _, err := w.DB.Exec(ctx, "use "+attached); err != nil {
		return err
	}
	return w.DB.InTransaction(ctx, func(ctx context.Context) error {
		stays := map[string]carriedTable{}
		if keep != nil {
			if err := w.clear(ctx, keep); err != nil {
				return err
			}
			for _, table := range keep.tables {
				stays[table.record.Name] = table
			}
		}
		for _, schema := range schemasOf(tier.Datasets) {
			if _, err := w.DB.Exec(ctx, "create schema if not exists "+warehouse.Ident(schema)); err != nil {
				return fmt.Errorf("schema %s: %w", schema, err)
			}
		}
		for _, macro := range w.macros {
			comment := "comment on macro " + warehouse.Ident(macro.Name) + " is " + warehouse.Text(commentMark(place)+macro.Description)
			if _, err := w.DB.Exec(ctx, macro.SQL+";\n"+comment); err != nil {
				return fmt.Errorf("macro %s: %w", macro.Name, err)
			}
		}
		for _, kind := range []manifest.Kind{manifest.KindTable, manifest.KindView} {
			for _, record := range tier.Datasets {
				if record.Kind != kind {
					continue
				}
				write := func() error { return w.writeRelation(ctx, place, record) }
				if table, kept := stays[record.Name]; kept {
					write = func() error { return w.mend(ctx, place, table) }
				}
				if err := write(); err != nil {
					return fmt.Errorf("%s: %w", record.Name, err)
				}
				if _, err := w.DB.Exec(ctx, commentsOn(place, record)); err != nil {
					return fmt.Errorf("%s: comments: %w", record.Name, err)
				}
			}
		}
		return nil
	})
}

// writeRelation makes one table or view.
func (w *composition) writeRelation(ctx context.Context, place string, record manifest.DatasetRecord) error {
	name := warehouse.Relation(record.Name)
	if record.Kind == manifest.KindView {
		if _, err := w.DB.Exec(ctx, "create view "+name+" as "+record.ViewSQL); err != nil {
			return fmt.Errorf("create the view: %w", warehouse.Scrub(err))
		}
	} else {
		columns := make([]string, len(record.Columns))
		for i, column := range record.Columns {
			columns[i] = warehouse.Ident(column.Name) + " " + column.Type
		}
		statements := "create table " + name + " (" + strings.Join(columns, ", ") + ");\n" + insertSQL(record, w.parquetFiles(record.Name, place))
		if _, err := w.DB.Exec(ctx, statements); err != nil {
			return fmt.Errorf("fill the table: %w", warehouse.Scrub(err))
		}
	}
	return nil
}

// commentsOn are the statements that document a relation and its columns.
func commentsOn(place string, record manifest.DatasetRecord) string {
	name, mark := warehouse.Relation(record.Name), commentMark(place)
	text := sentence(record.Description) + " One row: " + sentence(record.Grain)
	if record.Licence != "" {
		text += " Licence: " + record.Licence + "."
	}
	statements := []string{"comment on " + string(record.Kind) + " " + name + " is " + warehouse.Text(mark+text)}
	for _, column := range record.Columns {
		text := sentence(column.Description)
		if column.Unit != "" {
			text += " Unit: " + column.Unit + "."
		}
		if column.Deprecated != "" {
			text += " Deprecated: " + sentence(column.Deprecated)
		}
		statements = append(statements, "comment on column "+name+"."+warehouse.Ident(column.Name)+" is "+warehouse.Text(mark+text))
	}
	return strings.Join(statements, ";\n")
}

// commentMark begins the comments of a place.
func commentMark(place string) string {
	if place == manifest.OpenPlace {
		return ""
	}
	return manifest.InternalMark
}

// sentence ends a text with a full stop.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "!") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}

// schemasOf lists the schemas of datasets, each once, in order.
func schemasOf(records []manifest.DatasetRecord) []string {
	var schemas []string
	for _, record := range records { // sorted by name
		schema, _, _ := strings.Cut(record.Name, ".")
		if len(schemas) == 0 || schemas[len(schemas)-1] != schema {
			schemas = append(schemas, schema)
		}
	}
	return schemas
}
