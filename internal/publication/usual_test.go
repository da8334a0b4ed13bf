//go:build duckdb_arrow && !accept

package publication_test

const (
	usualKills  = 1
	usualFulls  = 1
	usualStride = 73
)
