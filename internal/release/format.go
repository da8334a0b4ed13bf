//go:build duckdb_arrow

package release

import "strconv"

const (
	// internalMark begins every comment in a restricted DuckDB file.
	internalMark = "INTERNAL. "
	// byteOrderMark begins a CSV file: Excel takes one without it for the local code page.
	byteOrderMark = "\ufeff"
)

// metadata lists the key-value metadata of a dataset's Parquet file.
func metadata(name, description, grain, licence string, schemaVersion int, inputsHash string) [][2]string {
	return [][2]string{
		{"dataset", name},
		{"description", description},
		{"grain", grain},
		{"licence", licence},
		{"schema_version", strconv.Itoa(schemaVersion)},
		{"inputs_hash", inputsHash},
	}
}
