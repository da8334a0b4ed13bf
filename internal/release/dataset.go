//go:build duckdb_arrow

package release

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"socialvalue/internal/durable"
	"socialvalue/internal/manifest"
	"socialvalue/internal/warehouse"
)

// writeDatasets writes or takes over the Parquet and CSV files of every
// dataset, and notes the datasets in the manifest.
func (w *composition) writeDatasets(ctx context.Context) error {
	standing := stand(w.items, w.previous)
	for _, it := range w.items {
		held, missing := standing.held[it.Name], standing.missing[it.Name]
		if held || missing {
			w.manifest.Held = append(w.manifest.Held, manifest.Held{Dataset: it.Name, Missing: missing})
		}
		if missing {
			continue
		}
		record, err := w.place(ctx, it, held)
		if err != nil {
			return fmt.Errorf("%s: %w", it.Name, err)
		}
		w.manifest.Datasets = append(w.manifest.Datasets, record)
	}
	return nil
}

// place brings one item into the staging folder and gives its record: the
// earlier one when it is held.
func (w *composition) place(ctx context.Context, it item, held bool) (manifest.DatasetRecord, error) {
	record := it.record(w.plan.DuckDB)
	if held {
		record, _ = recordBefore(w.previous, it)
		record.Held, record.Places = true, it.places
	}
	if it.Kind == manifest.KindView {
		return record, nil
	}
	if held {
		if days := w.previous.Days(it.Name, it.places[0]); len(days) > 0 {
			return record, w.holdDays(it, days)
		}
	}
	if !held && it.byDay() {
		return record, w.linkDays(ctx, it)
	}
	carried, err := w.carry(it)
	switch {
	case err != nil || carried:
		return record, err
	case held:
		return record, errDamagedHeld
	}
	return record, w.writeFiles(ctx, it)
}

// errDamagedHeld says that there is nothing sound to hold a dataset at.
var errDamagedHeld = errors.New("held, but its files in the current release are damaged: roll back to a release that verifies, or repair the inputs and run again")

// unchanged says whether the current release has the item's files as this one
// would write them.
func (w *composition) unchanged(it item) bool {
	record, found := recordBefore(w.previous, it)
	if !found || it.Kind == manifest.KindView || it.byDay() && !it.Held {
		return false
	}
	for _, format := range it.formats(w.previous) {
		if _, exists := w.previous.File(it.Name, format); !exists {
			return false
		}
	}
	return it.Held || record.Content == it.content(w.plan.DuckDB)
}

// formats lists the formats an item is released in, Parquet first: those it
// asks for or, when it is held, those it was released in.
func (it item) formats(previous *manifest.Manifest) []string {
	if !it.Held {
		return slices.Compact(slices.Sorted(slices.Values(append([]string{"parquet"}, it.Formats...))))
	}
	formats := []string{"parquet"}
	if _, found := previous.File(it.Name, "csv"); found {
		formats = []string{"csv", "parquet"}
	}
	return formats
}

// carry takes an item's files over from the current release, when they are
// what this one would write and still have the content the manifest says.
func (w *composition) carry(it item) (carried bool, err error) {
	if w.previous == nil || !w.unchanged(it) {
		return false, nil
	}
	formats := it.formats(w.previous)
	for _, format := range formats {
		file, _ := w.previous.File(it.Name, format)
		size, sum, err := durable.Sum(filepath.Join(w.Root, w.previous.Release, filepath.FromSlash(file.Path)))
		if err != nil || size != file.Bytes || sum != file.SHA256 {
			// A damaged file is not taken over; the build database still has the rows.
			return false, nil
		}
	}
	for _, format := range formats {
		file, _ := w.previous.File(it.Name, format)
		from := filepath.Join(w.Root, w.previous.Release, filepath.FromSlash(file.Path))
		if err := w.Disk.Link(from, w.staged(manifest.DatasetPath(it.places[0], it.Name, format))); err != nil {
			return false, err
		}
		if err := w.spread(it, format, file); err != nil {
			return false, err
		}
	}
	return true, nil
}

// writeFiles writes an item's Parquet from the build database, and its CSV from
// the Parquet.
func (w *composition) writeFiles(ctx context.Context, it item) error {
	if err := w.checkColumns(ctx, it); err != nil {
		return err
	}
	if err := w.checkWithheld(ctx, it); err != nil {
		return err
	}
	if err := w.DB.One(ctx, "select count(*) from "+warehouse.Relation(it.source), nil, &it.rows); err != nil {
		return fmt.Errorf("count rows: %w", warehouse.Scrub(err))
	}
	first := w.staged(manifest.DatasetPath(it.places[0], it.Name, "parquet"))
	selectSQL := "select " + columnList(it.Columns) + " from " + warehouse.Relation(it.source) + " order by " + orderList(it.Dataset)
	if err := w.copyTo(ctx, first, "copy ("+selectSQL+") to "+warehouse.Text(first)+" "+parquetOptions(it.Dataset), it.rows); err != nil {
		return err
	}
	if err := w.note(it, "parquet"); err != nil {
		return err
	}
	if !it.has("csv") {
		return nil
	}
	if err := w.writeCSV(ctx, it.Dataset, first, w.staged(manifest.DatasetPath(it.places[0], it.Name, "csv")), it.rows); err != nil {
		return err
	}
	return w.note(it, "csv")
}

// writeCSV makes the CSV form of a Parquet file.
func (w *composition) writeCSV(ctx context.Context, dataset Dataset, parquet, file string, rows int64) error {
	statement := "copy (" + csvSelect(dataset) + " from read_parquet(" + warehouse.Text(parquet) + ")) to " +
		warehouse.Text(file) + ` (format csv, header, delimiter ',', quote '"', escape '"', nullstr '')`
	return w.copyTo(ctx, file, statement, rows)
}

// copyTo runs a COPY statement, and makes sure that it wrote the rows expected.
func (w *composition) copyTo(ctx context.Context, file, statement string, rows int64) error {
	if err := w.Disk.Mkdir(filepath.Dir(file)); err != nil {
		return err
	}
	var written int64
	err := w.Disk.Step("export", file, func() (err error) {
		written, err = w.DB.Exec(ctx, statement)
		return err
	})
	if err != nil {
		return fmt.Errorf("write %s: %w", path.Base(file), warehouse.Scrub(err))
	}
	if written != rows {
		return fmt.Errorf("write %s: %d rows written, %d expected", path.Base(file), written, rows)
	}
	return w.Disk.Chmod(file, durable.SharedMode)
}

// note enters an item's new file in the manifest, and links it to its other
// places.
func (w *composition) note(it item, format string) error {
	size, sum, err := durable.Sum(w.staged(manifest.DatasetPath(it.places[0], it.Name, format)))
	if err != nil {
		return err
	}
	rows := it.rows
	return w.spread(it, format, manifest.File{Dataset: it.Name, Bytes: size, Rows: &rows, SHA256: sum})
}

// spread links an item's file from its first place to the others, and enters
// all of them in the manifest.
func (w *composition) spread(it item, format string, file manifest.File) error {
	first := w.staged(manifest.DatasetPath(it.places[0], it.Name, format))
	for i, place := range it.places {
		file.Path = manifest.DatasetPath(place, it.Name, format)
		if i > 0 {
			if err := w.Disk.Link(first, w.staged(file.Path)); err != nil {
				return err
			}
		}
		w.manifest.Files = append(w.manifest.Files, file)
	}
	return nil
}

// staged is a release path inside the staging folder.
func (w *composition) staged(release string) string {
	return filepath.Join(w.folder, filepath.FromSlash(release))
}

// checkColumns makes sure that the relation has the declared columns with the
// declared types.
func (w *composition) checkColumns(ctx context.Context, it item) error {
	found, err := w.DB.Texts(ctx, "select column_name || ' ' || column_type from (describe select "+columnList(it.Columns)+" from "+warehouse.Relation(it.source)+")")
	if err != nil {
		return fmt.Errorf("read its columns: %w", warehouse.Scrub(err))
	}
	for i, column := range it.Columns {
		if declared := column.Name + " " + column.Type; found[i] != declared {
			return fmt.Errorf("column declared as %q is built as %q: mend its definition", declared, found[i])
		}
	}
	return nil
}

// checkWithheld makes sure that no open cell that is named as withheld has a
// value after all.
func (w *composition) checkWithheld(ctx context.Context, it item) error {
	if it.Tier != manifest.TierOpen || !it.hasColumn(withheldColumn) {
		return nil
	}
	var shown []string
	for _, column := range it.Columns {
		if column.Name != withheldColumn && !slices.Contains(it.Key, column.Name) {
			shown = append(shown, "("+warehouse.Ident(column.Name)+" is not null and "+namedWithheld(column.Name)+")")
		}
	}
	if len(shown) == 0 {
		return nil
	}
	var rows int64
	query := "select count(*) from " + warehouse.Relation(it.source) + " where " + strings.Join(shown, " or ")
	if err := w.DB.One(ctx, query, nil, &rows); err != nil {
		return fmt.Errorf("check withheld cells: %w", warehouse.Scrub(err))
	}
	if rows > 0 {
		return fmt.Errorf("%d rows show a value in a column that they name as withheld: it must be null", rows)
	}
	return nil
}

// columnList names a dataset's columns in their order.
func columnList(columns []manifest.Column) string {
	quoted := make([]string, len(columns))
	for i, column := range columns {
		quoted[i] = warehouse.Ident(column.Name)
	}
	return strings.Join(quoted, ", ")
}

// totalOrder is what a dataset's rows are ordered by: its own order, then its
// key, which is unique.
func totalOrder(dataset Dataset) []string {
	order := []string{}
	for _, name := range slices.Concat(dataset.OrderBy, dataset.Key) {
		if !slices.Contains(order, name) {
			order = append(order, name)
		}
	}
	return order
}

// orderList is the total order in SQL.
func orderList(dataset Dataset) string {
	order := totalOrder(dataset)
	for i, name := range order {
		order[i] = warehouse.Ident(name) + " asc nulls last"
	}
	return strings.Join(order, ", ")
}

// parquetOptions fixes everything that could change the bytes of a file. Its
// metadata have neither clock nor run nor release.
func parquetOptions(dataset Dataset) string {
	var pairs []string
	for _, pair := range manifest.Metadata(dataset.Name, dataset.Description, dataset.Grain, dataset.Licence, dataset.SchemaVersion, dataset.InputsHash) {
		pairs = append(pairs, pair[0]+": "+warehouse.Text(pair[1]))
	}
	return "(format parquet, parquet_version v1, compression zstd, row_group_size 122880, kv_metadata {" + strings.Join(pairs, ", ") + "})"
}
