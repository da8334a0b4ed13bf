//go:build duckdb_arrow

package manifest

import "strconv"

const (
	// InternalMark begins every comment in a restricted DuckDB file.
	InternalMark = "INTERNAL. "
	// ByteOrderMark begins a CSV file: Excel takes one without it for the local code page.
	ByteOrderMark = "\ufeff"
)

// Metadata lists the key-value metadata of a dataset's Parquet file.
func Metadata(name, description, grain, licence string, schemaVersion int, inputsHash string) [][2]string {
	return [][2]string{
		{"dataset", name},
		{"description", description},
		{"grain", grain},
		{"licence", licence},
		{"schema_version", strconv.Itoa(schemaVersion)},
		{"inputs_hash", inputsHash},
	}
}
