// Package verify reads a release back as its readers will: hashes, Parquet files
// by a second implementation, CSV files, the workbook, and DuckDB files in a
// process of its own.
package verify
