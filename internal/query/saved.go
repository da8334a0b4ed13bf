//go:build duckdb_arrow

package query

import "strings"

// TierOf reads the line `-- tier: NAME` of a question that is kept in a file;
// without it the question is for the open tier.
func TierOf(text string) string {
	for line := range strings.Lines(text) {
		if tier, ok := strings.CutPrefix(strings.TrimSpace(line), "-- tier:"); ok {
			return strings.TrimSpace(tier)
		}
	}
	return "open"
}
