// Package warehouse is the only place that talks to DuckDB: opening a database
// with explicit limits, running statements, transactions, quoting, and moving
// data in and out through Apache Arrow.
//
// Everything above it speaks SQL text and Go values; nothing above it imports
// the driver.
package warehouse
