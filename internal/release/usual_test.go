//go:build duckdb_arrow && !accept

package release_test

const (
	usualKills  = 2
	usualFulls  = 1
	usualStride = 61
)
