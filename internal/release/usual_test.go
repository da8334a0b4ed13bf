//go:build duckdb_arrow && !accept

package release_test

const (
	usualKills  = 4
	usualStride = 31
)
