//go:build duckdb_arrow && !accept

package release_test

const (
	usualKills  = 4
	usualFulls  = 2
	usualStride = 31
)
