// Package release composes a release from the built, checked and protected
// relations: a folder that analysts open, written whole, verified by a second
// reader (package verify), and made current by moving one pointer (package shelf).
//
// Parquet is written first and everything else is made from it: the CSV files,
// the tables of the DuckDB files, and the next release, which takes unchanged
// and held datasets over by hard link. So one name means the same rows
// everywhere.
//
// Callers hold the warehouse's lock: nothing here guards against a second
// writer. Readers need no lock.
package release
