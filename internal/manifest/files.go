//go:build duckdb_arrow

package manifest

import (
	"path"
	"slices"
	"strings"
)

// Days lists the files of a dataset's days in one place, in their order.
func (m *Manifest) Days(dataset, place string) []File {
	var days []File
	for _, file := range m.Files {
		if file.Dataset == dataset && file.Day != "" && Under(file.Path, PlaceFolder(place)) {
			days = append(days, file)
		}
	}
	slices.SortFunc(days, func(a, b File) int { return strings.Compare(a.Day, b.Day) })
	return days
}

// Parquet lists a dataset's Parquet files in one place: one, or one a day.
func (m *Manifest) Parquet(dataset, place string) []File {
	if days := m.Days(dataset, place); len(days) > 0 {
		return days
	}
	path := DatasetPath(place, dataset, "parquet")
	if i := slices.IndexFunc(m.Files, func(f File) bool { return f.Path == path }); i >= 0 {
		return m.Files[i : i+1]
	}
	return nil
}

// Rows is how many rows a dataset has; a view has none of its own.
func (m *Manifest) Rows(dataset string) (rows int64) {
	record, found := m.Dataset(dataset)
	if !found || len(record.Places) == 0 {
		return 0
	}
	for _, file := range m.Parquet(dataset, record.Places[0]) {
		if file.Rows != nil {
			rows += *file.Rows
		}
	}
	return rows
}

// File finds a dataset's file of one format.
func (m *Manifest) File(dataset, format string) (File, bool) {
	i := slices.IndexFunc(m.Files, func(f File) bool { return f.Dataset == dataset && path.Ext(f.Path) == "."+format })
	if i < 0 {
		return File{}, false
	}
	return m.Files[i], true
}

// RowsIn is the number of rows of a dataset's Parquet files in a place.
func (m *Manifest) RowsIn(dataset, place string) (rows int64) {
	for _, file := range m.Files {
		if file.Dataset == dataset && file.Rows != nil && path.Ext(file.Path) == ".parquet" && Under(file.Path, PlaceFolder(place)) {
			rows += *file.Rows
		}
	}
	return rows
}

// Sort brings the lists of a manifest in their one order.
func (m *Manifest) Sort() {
	slices.SortFunc(m.Datasets, func(a, b DatasetRecord) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(m.Held, func(a, b Held) int { return strings.Compare(a.Dataset, b.Dataset) })
	for _, files := range [][]File{m.Files, m.RunFiles} {
		slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	}
}
