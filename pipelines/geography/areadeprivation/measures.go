package areadeprivation

import (
	"cmp"
	"fmt"
	"slices"
)

// Reasons a measure is null.
const (
	notSupplied = "not_supplied" // a figure of at least one LSOA is missing
	zeroBase    = "zero_base"    // the area has no people
)

// The extent's weights times extentScale are whole numbers, 380 for 1 and
// 559 - 18k for 0.95 - (0.9/19)(k - 11), so that sums over them are exact.
const extentScale = 380

// lsoa is one LSOA of an area in one edition. A figure that was not supplied
// is absent, never zero.
type lsoa struct {
	code       string
	rank       optional[int64]
	decile     optional[int64]
	score      optional[float64]
	population optional[int64]
}

// optional is a value that may be absent.
type optional[T any] struct {
	value   T
	present bool
}

func some[T any](value T) optional[T] { return optional[T]{value: value, present: true} }

// measure is a summary measure: a value, or the reason there is none.
type measure struct {
	value  float64
	reason string
}

// summary holds the measures of one area in one edition.
type summary struct {
	averageScore, averageRank, decile1Share, extent, localConcentration measure

	lsoas        int64
	decile1LSOAs optional[int64]
	population   optional[int64]
}

// summarise computes the measures of an area from its LSOAs; ranked is the
// number of LSOAs ranked in England. The order of lsoas does not matter, also
// not in the last bit of a result.
func summarise(lsoas []lsoa, ranked int64) (summary, error) {
	if err := validate(lsoas, ranked); err != nil {
		return summary{}, err
	}
	// Most deprived first. Ties in rank are real; the code makes the order total.
	lsoas = slices.SortedFunc(slices.Values(lsoas), func(a, b lsoa) int {
		return cmp.Or(cmp.Compare(a.rank.value, b.rank.value), cmp.Compare(a.code, b.code))
	})

	var (
		allRanked, allInDeciles, allScored, allCounted = true, true, true, true

		people, decile1                 int64
		peopleTimesRank, peopleTimesExt int64
		peopleTimesScore                float64
	)
	for _, l := range lsoas {
		allRanked = allRanked && l.rank.present
		allInDeciles = allInDeciles && l.decile.present
		allScored = allScored && l.score.present
		allCounted = allCounted && l.population.present

		p := l.population.value
		people += p
		if l.decile.value == 1 {
			decile1++
		}
		peopleTimesRank += p * (ranked + 1 - l.rank.value)
		peopleTimesExt += p * extentWeight(l.rank.value, ranked)
		peopleTimesScore += float64(p) * l.score.value
	}

	weighted := func(known bool, sum float64) measure {
		switch {
		case !known || !allCounted:
			return measure{reason: notSupplied}
		case people == 0:
			return measure{reason: zeroBase}
		default:
			return measure{value: sum / float64(people)}
		}
	}
	result := summary{
		lsoas:              int64(len(lsoas)),
		averageScore:       weighted(allScored, peopleTimesScore),
		averageRank:        weighted(allRanked, float64(peopleTimesRank)),
		extent:             weighted(allRanked, float64(peopleTimesExt)/extentScale),
		localConcentration: weighted(allRanked, float64(mostDeprivedTenth(lsoas, people, ranked))),
		decile1Share:       measure{reason: notSupplied},
	}
	if allInDeciles {
		result.decile1LSOAs = some(decile1)
		result.decile1Share = measure{value: float64(decile1) / float64(len(lsoas))}
	}
	if allCounted {
		result.population = some(people)
	}
	return result, nil
}

// extentWeight is extentScale times the weight of an LSOA in the extent.
func extentWeight(rank, ranked int64) int64 {
	percentile := (100*rank + ranked - 1) / ranked
	switch {
	case percentile <= 10:
		return extentScale
	case percentile <= 30:
		return 559 - 18*percentile
	default:
		return 0
	}
}

// mostDeprivedTenth sums people times N+1-rank over the most deprived tenth of
// the people, times ten: counting in tenths of a person keeps the part of the
// last LSOA whole. lsoas are sorted, most deprived first.
func mostDeprivedTenth(lsoas []lsoa, people, ranked int64) int64 {
	left, sum := people, int64(0)
	for _, l := range lsoas {
		taken := min(left, 10*l.population.value)
		sum += taken * (ranked + 1 - l.rank.value)
		left -= taken
	}
	return sum
}

// validate refuses figures that cannot be of the edition, which would give a
// plausible wrong summary.
func validate(lsoas []lsoa, ranked int64) error {
	if ranked < 1 {
		return fmt.Errorf("lsoas_in_england is %d: it must be the number of LSOAs ranked in the edition", ranked)
	}
	seen := make(map[string]bool, len(lsoas))
	for _, l := range lsoas {
		switch {
		case seen[l.code]:
			return fmt.Errorf("LSOA %s stands twice: make lsoa_code unique within an area and edition", l.code)
		case l.rank.present && (l.rank.value < 1 || l.rank.value > ranked):
			return fmt.Errorf("LSOA %s has rank %d of %d: the edition of the rank and of lsoas_in_england differ", l.code, l.rank.value, ranked)
		case l.population.present && l.population.value < 0:
			return fmt.Errorf("LSOA %s has %d people: correct the population denominators", l.code, l.population.value)
		}
		seen[l.code] = true
	}
	return nil
}
