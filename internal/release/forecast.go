//go:build duckdb_arrow

package release

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"socialvalue/internal/manifest"
	"socialvalue/internal/warehouse"
)

// ErrNoRoom is returned before anything is written when a release would not fit
// on the disk.
var ErrNoRoom = errors.New("not enough room for a release")

const (
	reserveBytes  = 64 << 20 // left free for the pointer, the log and the run's records
	databaseBytes = 4 << 20  // of a DuckDB file besides its rows: blocks of small tables
)

// forecast counts the rows to be written and refuses when the disk has not the
// room. It errs on the large side: values are taken uncompressed, in the forms
// in which the release repeats them.
func (w *composition) forecast(ctx context.Context) error {
	var need uint64
	for _, it := range w.items {
		if it.Kind == manifest.KindView {
			continue
		}
		rows, fresh := uint64(0), !w.unchanged(it)
		if it.byDay() {
			rows, fresh = uint64(max(0, it.rowsOfDays())), false // its files are linked
		} else if fresh && !it.Held {
			if err := w.DB.One(ctx, "select count(*) from "+warehouse.Relation(it.source), nil, &rows); err != nil {
				return fmt.Errorf("%s: count rows: %w", it.Name, warehouse.Scrub(err))
			}
		} else if file, found := w.previousFile(it.Name); found && file.Rows != nil {
			rows = uint64(max(0, *file.Rows))
		}
		stored, text := rowBytes(it.Columns)
		if fresh {
			need += rows * stored
			if it.has("csv") {
				need += rows * text
			}
		}
		need += rows * stored * uint64(len(it.places))
		if it.places[0] == manifest.OpenPlace {
			need += rows * text // its sheet
		}
	}
	need += uint64(len(w.places)) * databaseBytes
	free, err := w.Disk.Room(w.Root)
	if err != nil {
		return fmt.Errorf("look for room: %w", err)
	}
	if free < need+reserveBytes {
		return fmt.Errorf("%w: about %s below %s, %s are free and %s stay reserved: remove old releases or enlarge the disk",
			ErrNoRoom, megabytes(need), w.Root, megabytes(free), megabytes(reserveBytes))
	}
	return nil
}

func (w *composition) previousFile(name string) (manifest.File, bool) {
	if w.previous == nil {
		return manifest.File{}, false
	}
	return w.previous.File(name, "parquet")
}

// rowBytes guesses the size of a row in Parquet or DuckDB, and as CSV.
func rowBytes(columns []manifest.Column) (stored, text uint64) {
	for _, column := range columns {
		known, _ := manifest.ParseType(column.Type) // validated before
		switch {
		case known.Name == "UUID":
			stored, text = stored+16, text+37
		case known.Class == manifest.ClassText:
			stored, text = stored+16, text+20
		case known.Class == manifest.ClassBoolean:
			stored, text = stored+1, text+6
		case strings.HasPrefix(known.Name, "DECIMAL"):
			stored, text = stored+12, text+12
		default:
			stored, text = stored+8, text+15
		}
	}
	return stored, text
}

func megabytes(n uint64) string { return fmt.Sprintf("%d MB", (n+1<<20-1)>>20) }
