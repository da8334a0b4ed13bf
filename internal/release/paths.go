//go:build duckdb_arrow

package release

import (
	"path"
	"strings"
)

// openPlace is the place of everything open; every other place is a domain.
const openPlace = "open"

// InternalSuffix marks the unprotected twin of an open dataset in its domain.
const InternalSuffix = "_internal"

// placeFolder is the folder of a place inside a release.
func placeFolder(place string) string {
	if place == openPlace {
		return openPlace
	}
	return path.Join("restricted", place)
}

// DatabasePath is the DuckDB file of a place (open, or a domain) below the
// folder of a release. DuckDB names a database after its file, and takes
// `spend.payments` for ambiguous when a database named spend has a schema spend;
// so the file of a domain is not named <domain>.duckdb.
func DatabasePath(place string) string {
	return path.Join(placeFolder(place), "social_value_"+place+".duckdb")
}

// DatasetPath is a dataset's file of one format in a place.
func DatasetPath(place, dataset, format string) string {
	return path.Join(placeFolder(place), "datasets", dataset, dataset+"."+format)
}

// manifestPath is the manifest of a place.
func manifestPath(place string) string {
	return path.Join(placeFolder(place), manifestName)
}

// queryPath is the file of a named query.
func queryPath(name string) string { return path.Join("queries", name+".sql") }

// under says whether a slash path lies in a folder.
func under(file, folder string) bool { return strings.HasPrefix(file, folder+"/") }

// dayPath is the Parquet file of one day in a place: a folder a month.
func dayPath(place, dataset, date string) string {
	return path.Join(placeFolder(place), "datasets", dataset, date[:len("2006-01")], date+".parquet")
}
