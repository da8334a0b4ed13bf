// Package release turns the built, checked and protected relations into a
// release: a folder that analysts open, written whole, verified by a second
// reader, and made current by moving one pointer.
//
// Parquet is written first and everything else is made from it: the CSV files,
// the tables of the DuckDB files, and the next release, which takes unchanged
// and held datasets over by hard link. So one name means the same rows
// everywhere.
//
// Callers hold the warehouse's lock: nothing here guards against a second
// writer. Readers need no lock.
package release
