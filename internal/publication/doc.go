//go:build duckdb_arrow

// Package publication makes editions: what a person made public, when, and why.
//
// An edition is a folder of its own in publications/, composed and verified as a
// release is. It holds the open datasets that were approved this time, as they
// stand in a release, without the rows of open periods; every other file is that
// of the edition before, byte for byte. The cells that it changes are added to
// the disclosure ledger before it becomes public.
//
// It imports release and disclosure, and knows nothing of models and sources.
package publication
