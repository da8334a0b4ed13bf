//go:build duckdb_arrow && !accept

package run_test

const (
	usualDemoKills = 3
	usualKills     = 8
	usualOrders    = 3
	usualHistories = 2
)

// twice: the demonstration is made again, by one thread.
const twice = false

// missingSources are the sources that are taken away one at a time.
func missingSources() []string { return []string{"population", "postcodes_derived", "merseytravel"} }
