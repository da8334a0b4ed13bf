//go:build duckdb_arrow

package release

import (
	"context"
	"fmt"
	"path/filepath"

	"socialvalue/internal/durable"
	"socialvalue/internal/manifest"
	"socialvalue/internal/warehouse"
)

// Day is one day of a dataset that is cut into days: a Parquet file that was
// made when the day was built, and is linked into every release that has it.
type Day struct {
	Date       string // ISO
	Path       string // of the file that was built
	SHA256     string
	Bytes      int64
	Rows       int64
	InputsHash string // fingerprint of the day's content; also in the file's metadata
}

// byDay says whether the dataset lies in one Parquet file a day. A dataset cut
// into days that has none is a file without rows, as any other.
func (d Dataset) byDay() bool { return d.DayColumn != "" && len(d.Days) > 0 }

// rowsOfDays is the number of rows of all days.
func (d Dataset) rowsOfDays() (rows int64) {
	for _, day := range d.Days {
		rows += day.Rows
	}
	return rows
}

// linkDays makes the files of a dataset's days stand in the release.
func (w *composition) linkDays(ctx context.Context, it item) error {
	if err := w.checkColumns(ctx, it); err != nil {
		return err
	}
	for _, day := range it.Days {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped at %s: %w", day.Date, err)
		}
		rows := day.Rows
		file := manifest.File{Dataset: it.Name, Bytes: day.Bytes, Rows: &rows, SHA256: day.SHA256, Day: day.Date, InputsHash: day.InputsHash}
		if err := w.linkDay(it.places, day.Path, file); err != nil {
			return err
		}
	}
	return nil
}

// linkDay makes the file of one day stand in its places, and enters it in the
// manifest.
func (w *composition) linkDay(places []string, from string, file manifest.File) error {
	for _, place := range places {
		file.Path = manifest.DayPath(place, file.Dataset, file.Day)
		if err := w.Disk.Link(from, w.staged(file.Path)); err != nil {
			return err
		}
		w.manifest.Files = append(w.manifest.Files, file)
	}
	return nil
}

// holdDays takes the days of a held dataset over from the current release.
func (w *composition) holdDays(it item, days []manifest.File) error {
	for _, file := range days {
		from := filepath.Join(w.Root, w.previous.Release, filepath.FromSlash(file.Path))
		size, sum, err := durable.Sum(from)
		if err != nil || size != file.Bytes || sum != file.SHA256 {
			return errDamagedHeld
		}
		if err := w.linkDay(it.places, from, file); err != nil {
			return err
		}
	}
	return nil
}

// parquetFiles are the staged Parquet files of a dataset in a place.
func (w *composition) parquetFiles(dataset, place string) []string {
	days := w.manifest.Days(dataset, place)
	if len(days) == 0 {
		return []string{w.staged(manifest.DatasetPath(place, dataset, "parquet"))}
	}
	files := make([]string, len(days))
	for i, day := range days {
		files[i] = w.staged(day.Path)
	}
	return files
}

// insertSQL fills a table from Parquet files.
func insertSQL(record manifest.DatasetRecord, files []string) string {
	return "insert into " + warehouse.Relation(record.Name) + " select " + columnList(record.Columns) + " from read_parquet(" + warehouse.TextList(files) + ")"
}
