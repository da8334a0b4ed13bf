//go:build duckdb_arrow && accept

package run_test

const (
	usualDemoKills = 30
	usualKills     = 500
	usualOrders    = 60
	usualHistories = 40
)

// twice: the demonstration is made again, by one thread.
const twice = true

// missingSources are the sources that are taken away one at a time: all that
// have files on the small site.
func missingSources() []string {
	return []string{
		"indices_of_deprivation", "deprivation_summaries", "lsoa_changes", "lsoa_wards", "msoas", "districts",
		"postcodes_derived", "postcodes_nspl", "postcodes_codepoint", "population", "ward_boundaries", "lcrca", "merseytravel",
	}
}
