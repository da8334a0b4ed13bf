//go:build duckdb_arrow && accept

package release_test

const (
	usualKills  = 100
	usualFulls  = 20
	usualStride = 1
)
