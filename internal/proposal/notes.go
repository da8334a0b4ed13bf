//go:build duckdb_arrow

package proposal

import (
	"encoding/json"
	"fmt"
	"strings"
)

// worthMost is the adjustment of which each pound adds most, at the level and in the system of the headline.
func worthMost(adjustments []Adjustment) string {
	best := ""
	most := 0.0
	for _, a := range adjustments {
		if a.IsHeadline && a.ValueForCost != nil && *a.ValueForCost > most {
			best, most = a.ID, *a.ValueForCost
		}
	}
	return best
}

// notes are what a reader should know of outcomes that have a value all the same: their flags in words, what is withheld, and
// sums beside the usual ones.
func notes(p Project) []string {
	said := []string{}
	seen := map[string]bool{}
	say := func(format string, args ...any) {
		if note := fmt.Sprintf(format, args...); !seen[note] {
			seen[note] = true
			said = append(said, note)
		}
	}
	for _, o := range p.Outcomes {
		var flags []string
		if o.Flags != nil && json.Unmarshal([]byte(*o.Flags), &flags) == nil {
			for _, flag := range flags {
				say("%s at %s: %s", o.ID, o.Level, inWords(flag))
			}
		}
		if o.Withheld != nil {
			say("%s at %s, %s: withheld, fewer than ten people answered the survey or its figure would tell one that they did", o.ID, o.Level, o.Stage)
		}
	}
	for _, v := range p.Values {
		if v.LowerRateNet != nil {
			say("%s in %s at %s: %s at the lower rate", v.Stage, v.System, v.Level, Pounds(v.LowerRateNet))
		}
		if v.Weighted != nil {
			say("%s in %s at %s: %s with distributional weights", v.Stage, v.System, v.Level, Pounds(v.Weighted))
		}
		if v.Withheld != nil {
			say("%s in %s at %s: the sum is withheld with its outcome", v.Stage, v.System, v.Level)
		}
	}
	return said
}

// inWords tells of a flag.
func inWords(flag string) string {
	words := map[string]string{
		"global_scope_no_factors":     "the same wherever it arises, so the factors given are not used",
		"multiplier_above_usual":      "a multiplier of type I above what is usual needs evidence",
		"national_multiplier":         "a multiplier above 1 for the whole country needs evidence",
		"deadweight_in_proxy":         "deadweight is in the unit value and not taken off again",
		"deadweight_of_proxy_unknown": "nobody knows whether deadweight is in the unit value: it is not taken off",
		"attribution_in_proxy":        "the share of others is in the unit value, or nobody knows: it is not taken off",
		"displacement_in_proxy":       "displacement is in the unit value, or nobody knows: it is not taken off",
		"static_reference_case":       "the case without it stands still, so confidence is low",
		"ready_reckoner_recalled":     "rests on a ready reckoner that is still to be checked against the printed guide",
	}
	if text, known := words[flag]; known {
		return text
	}
	return strings.ReplaceAll(flag, "_", " ")
}
