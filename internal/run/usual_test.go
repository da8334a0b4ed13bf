//go:build duckdb_arrow && !accept

package run_test

const (
	usualKills     = 3
	usualHistories = 2
)

// missingSources are the sources that are taken away one at a time.
func missingSources() []string { return []string{"population", "postcodes_derived", "merseytravel"} }
