//go:build duckdb_arrow && !accept

package publication_test

const (
	usualKills  = 3
	usualFulls  = 2
	usualStride = 37
)
