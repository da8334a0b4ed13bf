package paygaps_test

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"sort"
	"testing"

	"pgregory.net/rapid"
)

// A second calculation of every figure, written without looking at the first: from the rows, in plain loops, with
// fractions where the first has floating point. It follows the statutory text, step by step.

// second is the figures of one contrast, null as nil.
func second(rows []row) map[string]*float64 {
	figures := map[string]*float64{}
	pays := func(side string, bonus bool) (found []float64) {
		for _, r := range rows {
			switch {
			case r.side != side:
			case bonus && r.bonus > 0:
				found = append(found, r.bonus)
			case !bonus && r.rate != nil:
				found = append(found, *r.rate)
			}
		}
		sort.Float64s(found)
		return found
	}
	staff := func(side string) (n int) {
		for _, r := range rows {
			if r.side == side {
				n++
			}
		}
		return n
	}
	// Step 1: means and medians of the hourly rates, each person one rate.
	m, f := pays(men, false), pays(women, false)
	figures["mean_hourly"] = percentLess(average(m), average(f))
	figures["median_hourly"] = percentLess(middle(m), middle(f))
	for name, tenths := range map[string]int64{"gap_p10": 100, "gap_p25": 250, "gap_p75": 750, "gap_p90": 900} {
		outside := min(tenths, 1000-tenths) * int64(min(len(m), len(f)))
		if outside < 10*1000 {
			figures[name] = nil
			continue
		}
		figures[name] = percentLess(rank(m, tenths), rank(f, tenths))
	}
	// Step 2: bonuses, of recipients alone.
	mb, fb := pays(men, true), pays(women, true)
	figures["mean_bonus"], figures["median_bonus"] = percentLess(average(mb), average(fb)), percentLess(middle(mb), middle(fb))
	if len(mb) > 0 && len(fb) == 0 && staff(women) > 0 {
		figures["mean_bonus"], figures["median_bonus"] = ptr(100.0), ptr(100.0)
	}
	figures["bonus_share_comparator"] = portion(len(mb), staff(men))
	figures["bonus_share_focal"] = portion(len(fb), staff(women))
	// Step 3: quarters.
	for i, share := range quarterShares(rows) {
		figures[[]string{"quarter_share_lower", "quarter_share_lower_middle", "quarter_share_upper_middle", "quarter_share_upper"}[i]] = share
	}
	return figures
}

func average(values []float64) *big.Rat {
	if len(values) == 0 {
		return nil
	}
	sum := new(big.Rat)
	for _, v := range values {
		sum.Add(sum, new(big.Rat).SetFloat64(v))
	}
	return sum.Quo(sum, big.NewRat(int64(len(values)), 1))
}

func middle(values []float64) *big.Rat {
	if len(values) == 0 {
		return nil
	}
	low, high := values[(len(values)-1)/2], values[len(values)/2]
	sum := new(big.Rat).Add(new(big.Rat).SetFloat64(low), new(big.Rat).SetFloat64(high))
	return sum.Quo(sum, big.NewRat(2, 1))
}

// rank interpolates between the people at either side of so many thousandths of the way up.
func rank(values []float64, thousandths int64) *big.Rat {
	way := thousandths * int64(len(values)-1)
	below, part := way/1000, big.NewRat(way%1000, 1000)
	low := new(big.Rat).SetFloat64(values[below])
	if part.Sign() == 0 {
		return low
	}
	step := new(big.Rat).Sub(new(big.Rat).SetFloat64(values[below+1]), low)
	return low.Add(low, step.Mul(step, part))
}

func percentLess(of, than *big.Rat) *float64 {
	if of == nil || than == nil || of.Sign() == 0 {
		return nil
	}
	gap := new(big.Rat).Sub(of, than)
	gap.Quo(gap, of).Mul(gap, big.NewRat(100, 1))
	value, _ := gap.Float64()
	return &value
}

func portion(part, whole int) *float64 {
	if whole == 0 {
		return nil
	}
	return ptr(float64(part) / float64(whole))
}

// quarterShares fills the four bands place by place. Everybody is put in order of pay; each place of a band belongs to
// whom stands there; the places of people with equal pay are then shared out between the bands they lie in.
func quarterShares(rows []row) [4]*float64 {
	pay := map[float64]map[string]int{} // rate to the tenth of a hundredth of a penny, to people of each side
	n, others := 0, 0
	for _, r := range rows {
		if r.rate == nil {
			continue
		}
		at := math.Round(*r.rate * 10000)
		if pay[at] == nil {
			pay[at] = map[string]int{}
		}
		pay[at][r.side]++
		n++
		if r.side == "other" {
			others++
		}
	}
	// Which band each of the n places is in: one more to the lower band, then to the upper middle, then the lower middle.
	size := [4]int{n / 4, n / 4, n / 4, n / 4}
	for _, band := range [][]int{{}, {0}, {0, 2}, {0, 1, 2}}[n%4] {
		size[band]++
	}
	var bandOf []int
	for band, places := range size {
		for range places {
			bandOf = append(bandOf, band)
		}
	}
	rates := make([]float64, 0, len(pay))
	for rate := range pay {
		rates = append(rates, rate)
	}
	sort.Float64s(rates)
	var focal [4]*big.Rat
	for band := range focal {
		focal[band] = new(big.Rat)
	}
	place := 0
	for _, rate := range rates {
		tied := pay[rate][men] + pay[rate][women] + pay[rate]["other"]
		var inBand [4]int
		for range tied {
			inBand[bandOf[place]]++
			place++
		}
		for band, count := range splitTie(inBand, pay[rate], tied, others > 0) {
			focal[band].Add(focal[band], count)
		}
	}
	var shares [4]*float64
	for band := range shares {
		if size[band] > 0 {
			value, _ := new(big.Rat).Quo(focal[band], big.NewRat(int64(size[band]), 1)).Float64()
			shares[band] = &value
		}
	}
	return shares
}

// splitTie is how many of the focal group take the places of tied people in each band. The groups here are female and
// male, so whole people are counted for the focal group, whose name comes first.
func splitTie(inBand [4]int, people map[string]int, tied int, fractions bool) [4]*big.Rat {
	var result [4]*big.Rat
	type part struct {
		band int
		rest *big.Rat
	}
	var parts []part
	given := int64(0)
	for band, places := range inBand {
		exact := big.NewRat(int64(places)*int64(people[women]), int64(tied))
		result[band] = exact
		if fractions {
			continue
		}
		whole := new(big.Int).Quo(exact.Num(), exact.Denom())
		result[band] = new(big.Rat).SetInt(whole)
		given += whole.Int64()
		parts = append(parts, part{band, new(big.Rat).Sub(exact, result[band])})
	}
	slices.SortStableFunc(parts, func(a, b part) int { return b.rest.Cmp(a.rest) })
	for i := int64(0); !fractions && i < int64(people[women])-given; i++ {
		result[parts[i].band].Add(result[parts[i].band], big.NewRat(1, 1))
	}
	return result
}

// aWorkforce draws people of a contrast: points of a spine, so that ties abound, and some who have no rate.
func aWorkforce(t *rapid.T) []row {
	sides := []string{men, women}
	if rapid.Bool().Draw(t, "with others") {
		sides = append(sides, "other")
	}
	n := rapid.IntRange(0, 260).Draw(t, "people")
	points := rapid.SliceOfN(rapid.IntRange(0, 60000), 1, 40).Draw(t, "points") // in tenths of a penny
	var rows []row
	for i := range n {
		r := person(rapid.SampledFrom(sides).Draw(t, "side"), i, nil, 0)
		if rapid.IntRange(0, 9).Draw(t, "full pay") > 0 {
			r.rate = ptr(float64(rapid.SampledFrom(points).Draw(t, "rate")) / 1000)
		}
		if rapid.IntRange(0, 5).Draw(t, "bonus") == 0 {
			r.bonus = float64(rapid.IntRange(1, 100000).Draw(t, "pence")) / 100
		}
		rows = append(rows, r)
	}
	return rows
}

func TestSecondCalculationAgrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := aWorkforce(t)
		got, err := tryRun(t.Context(), rows, 100, map[string]any{"decimals": 12, "replicates": 1000})
		if err != nil {
			t.Fatal(err)
		}
		want := second(rows)
		if len(rows) == 0 {
			want = nil
		}
		if len(got) != len(want) {
			t.Fatalf("%d figures, want %d", len(got), len(want))
		}
		for _, r := range got {
			expected, known := want[r.Measure]
			if !known {
				t.Fatalf("no figure %s in the second calculation", r.Measure)
			}
			if (expected == nil) != (r.Value == nil) || expected != nil && !(math.Abs(*expected-*r.Value) <= 1e-9*max(1, math.Abs(*expected))) {
				t.Fatalf("%s is %s, by the second calculation %s", r.Measure, shown(r.Value), shown(expected))
			}
			if (r.Value == nil) == (r.NullReason == "") {
				t.Fatalf("%s is %s with reason %q", r.Measure, shown(r.Value), r.NullReason)
			}
		}
	})
}

// texts are rows as they read, so that bits can be compared.
func texts(rows []result) string {
	var all string
	for _, r := range rows {
		all += fmt.Sprintln(r.Key, r.Snapshot, r.Measure, r.Unit, r.Method, r.Reliability, r.NullReason, r.Focal, r.Comparator,
			shown(r.Value), shown(r.Pence), shown(r.Low), shown(r.High), shown(r.Numerator),
			shown(r.Prior), shown(r.Change), shown(r.ChangeLow), shown(r.ChangeHigh))
	}
	return all
}
