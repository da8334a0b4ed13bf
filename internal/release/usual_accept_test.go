//go:build duckdb_arrow && accept

package release_test

const (
	usualKills  = 100
	usualStride = 1
)
