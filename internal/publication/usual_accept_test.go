//go:build duckdb_arrow && accept

package publication_test

const (
	usualKills  = 100
	usualStride = 1
)
