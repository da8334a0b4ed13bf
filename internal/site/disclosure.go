package site

import (
	"regexp"
	"slices"

	"socialvalue/internal/strictyaml"
)

// Disclosure holds the fewest people that may stand behind a figure that is open. A site may raise the reference values; it
// may not lower them.
type Disclosure struct {
	MinimumCount int64 `yaml:"minimum_count"` // people in a count
	MinimumPay   int64 `yaml:"minimum_pay"`   // on either side of a pay statistic
	MinimumBonus int64 `yaml:"minimum_bonus"` // recipients behind a bonus figure
	MinimumGroup int64 `yaml:"minimum_group"` // of a group of which none or all may be shown
	Rounding     int64 `yaml:"rounding"`      // base of rounded counts
}

// referenceDisclosure is what holds where a site says nothing.
func referenceDisclosure() Disclosure {
	return Disclosure{MinimumCount: 10, MinimumPay: 10, MinimumBonus: 10, MinimumGroup: 30, Rounding: 5}
}

func checkDisclosure(doc *strictyaml.Doc, d Disclosure, republish []string) {
	floor := referenceDisclosure()
	for _, one := range []struct {
		key         string
		given, over int64
	}{
		{"minimum_count", d.MinimumCount, floor.MinimumCount},
		{"minimum_pay", d.MinimumPay, floor.MinimumPay},
		{"minimum_bonus", d.MinimumBonus, floor.MinimumBonus},
		{"minimum_group", d.MinimumGroup, floor.MinimumGroup},
		{"rounding", d.Rounding, floor.Rounding},
	} {
		if one.given < one.over {
			doc.At("disclosure", one.key).Report("%s may be raised, but not below the reference value %d", one.key, one.over)
		}
	}
	for i, schema := range republish {
		if !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(schema) || slices.Contains(republish[:i], schema) {
			doc.At("republish", i).Report("republish lists schemas without people, each once, as [geo, spend]")
		}
	}
}
