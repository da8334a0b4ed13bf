//go:build duckdb_arrow

package manifest

import (
	"path"
	"strings"
)

// OpenPlace is the place of everything open; every other place is a domain.
const OpenPlace = "open"

// InternalSuffix marks the unprotected twin of an open dataset in its domain.
const InternalSuffix = "_internal"

// PlaceFolder is the folder of a place inside a release.
func PlaceFolder(place string) string {
	if place == OpenPlace {
		return OpenPlace
	}
	return path.Join("restricted", place)
}

// DatabasePath is the DuckDB file of a place (open, or a domain) below the
// folder of a release. DuckDB names a database after its file, and takes
// `spend.payments` for ambiguous when a database named spend has a schema spend;
// so the file of a domain is not named <domain>.duckdb.
func DatabasePath(place string) string {
	return path.Join(PlaceFolder(place), "social_value_"+place+".duckdb")
}

// DatasetPath is a dataset's file of one format in a place.
func DatasetPath(place, dataset, format string) string {
	return path.Join(PlaceFolder(place), "datasets", dataset, dataset+"."+format)
}

// PathOf is the manifest of a place.
func PathOf(place string) string {
	return path.Join(PlaceFolder(place), FileName)
}

// QueryPath is the file of a named query.
func QueryPath(name string) string { return path.Join("queries", name+".sql") }

// Under says whether a slash path lies in a folder.
func Under(file, folder string) bool { return strings.HasPrefix(file, folder+"/") }

// DayPath is the Parquet file of one day in a place: a folder a month.
func DayPath(place, dataset, date string) string {
	return path.Join(PlaceFolder(place), "datasets", dataset, date[:len("2006-01")], date+".parquet")
}
