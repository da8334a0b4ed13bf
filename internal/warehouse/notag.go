//go:build !duckdb_arrow

package warehouse

// Without the tag the driver leaves out its Arrow interface, and estimators
// could not run. Fail here, with a name that says what to do.
var _ = build_with_tags_duckdb_arrow_as_the_Makefile_does
