//go:build duckdb_arrow

package check

import (
	"slices"

	"socialvalue/internal/model"
)

// Verdict is what the results of checks mean for a release.
type Verdict struct {
	Held     map[string][]string // relation → the checks, its own or of what it is made from, that hold it back
	Stop     []Result            // failing checks that stop the whole release
	Failing  []Result            // failing checks with severity error, those in Stop among them
	Warnings []Result            // failing checks with severity warn
}

// Judge says what failing checks hold back: their datasets, everything made from those, or the whole release.
func Judge(p *model.Project, results []Result) Verdict {
	v := Verdict{Held: make(map[string][]string)}
	for _, r := range results {
		switch {
		case r.Passed():
		case r.Severity == model.SeverityWarn:
			v.Warnings = append(v.Warnings, r)
		case r.Scope == model.ScopeRelease:
			v.Failing = append(v.Failing, r)
			v.Stop = append(v.Stop, r)
		default:
			v.Failing = append(v.Failing, r)
			for _, relation := range append(slices.Clone(r.Datasets), p.Descendants(r.Datasets...)...) {
				if !slices.Contains(v.Held[relation], r.ID()) {
					v.Held[relation] = append(v.Held[relation], r.ID())
				}
			}
		}
	}
	return v
}
