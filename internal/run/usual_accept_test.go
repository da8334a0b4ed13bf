//go:build duckdb_arrow && accept

package run_test

const (
	usualKills     = 30
	usualHistories = 40
)

// missingSources are the sources that are taken away one at a time: all that
// have files on the small site.
func missingSources() []string {
	return []string{
		"indices_of_deprivation", "deprivation_summaries", "lsoa_changes", "lsoa_wards", "msoas", "districts",
		"postcodes_derived", "postcodes_nspl", "postcodes_codepoint", "population", "ward_boundaries", "lcrca", "merseytravel",
	}
}
