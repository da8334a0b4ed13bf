//go:build duckdb_arrow && !accept

package run_test

const (
	usualDemoKills = 1
	usualKills     = 3
	usualOrders    = 2
	usualHistories = 1
)

// twice: the demonstration is made again, by one thread.
const twice = false

// missingSources are the sources that are taken away one at a time.
func missingSources() []string { return []string{"population", "postcodes_derived", "merseytravel"} }
