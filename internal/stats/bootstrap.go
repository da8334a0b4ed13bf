package stats

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
)

// Statistic is a figure of one group, of which a gap is made.
type Statistic struct {
	quantile   float64
	isQuantile bool
}

// MeanOf is the mean of a group.
func MeanOf() Statistic { return Statistic{} }

// QuantileOf is a quantile of a group, type 7.
func QuantileOf(p float64) Statistic { return Statistic{p, true} }

// Bootstrap draws people with replacement, within their groups, again and again, and takes the percentiles of what the
// gaps then are. The people are the whole workforce, so the intervals say what gaps chance alone could give, if people
// like these were put into the posts.
//
// Source: Efron and Tibshirani (1993), 13.3, percentile interval; strata as in Davison and Hinkley (1997), 3.2.
type Bootstrap struct {
	Replicates int     // how often people are drawn; 10,000
	Level      float64 // of the interval, 0.95
	Seed       uint64  // the same seed gives the same intervals, on any number of processors
	Workers    int     // goroutines that draw; it changes no result
}

// Person is somebody's pay in two rounds; someone who was in only one has the other Absent.
type Person struct{ Before, After Standing }

// Standing is where somebody stood in a round, and the pay.
type Standing struct {
	Group Group
	Pay   float64
}

// Group is one of the two groups that are compared, or none.
type Group uint8

// The groups.
const (
	Absent Group = iota
	Comparator
	Focal
)

// Gaps are the intervals of the gaps in per cent between two groups, one for each statistic. ErrEmpty without people on a
// side or without replicates, ErrZeroBase when a drawn comparator has a figure of zero, ErrNotFinite for other values
// than numbers, ErrRange for a level or quantile that is none; and the error of a context that is over.
func (b Bootstrap) Gaps(ctx context.Context, comparator, focal Sample, of []Statistic) ([]Interval, error) {
	people := make([]Person, 0, comparator.Len()+focal.Len())
	for _, pay := range comparator.sorted {
		people = append(people, Person{After: Standing{Comparator, pay}})
	}
	for _, pay := range focal.sorted {
		people = append(people, Person{After: Standing{Focal, pay}})
	}
	return b.run(ctx, people, of, false)
}

// GapChanges are the intervals of the changes of gaps in percentage points from the first round to the second. People are
// drawn, not pay: somebody who is there in both rounds is drawn into both. The strata are those who stood in the same
// groups in both rounds, so the groups keep their sizes. The order of people changes nothing. Errors as of Gaps.
func (b Bootstrap) GapChanges(ctx context.Context, people []Person, of []Statistic) ([]Interval, error) {
	return b.run(ctx, people, of, true)
}

// block is how many replicates share a stream of random numbers. Each has its own, so that it does not matter who draws it.
const block = 250

func (b Bootstrap) run(ctx context.Context, people []Person, of []Statistic, change bool) ([]Interval, error) {
	if err := b.check(of); err != nil {
		return nil, err
	}
	plan, err := newPlan(people, of, change)
	if err != nil {
		return nil, err
	}
	results := make([][]float64, len(of))
	for i := range results {
		results[i] = make([]float64, b.Replicates)
	}
	blocks := (b.Replicates + block - 1) / block
	failures := make([]error, blocks)
	next := make(chan int)
	var workers sync.WaitGroup
	for range max(1, min(b.Workers, blocks)) {
		workers.Go(func() {
			draw := plan.newDraw()
			for number := range next {
				if failures[number] = ctx.Err(); failures[number] != nil {
					continue
				}
				source := rand.NewPCG(b.Seed, uint64(number)) //nolint:gosec // drawn to be repeatable, not to be secret
				for r := number * block; r < min(b.Replicates, (number+1)*block); r++ {
					if failures[number] = draw.replicate(source, results, r); failures[number] != nil {
						break
					}
				}
			}
		})
	}
	for number := range blocks {
		next <- number
	}
	close(next)
	workers.Wait()
	if err := errors.Join(failures...); err != nil {
		return nil, fmt.Errorf("bootstrap: %w", firstOf(failures))
	}
	intervals := make([]Interval, len(of))
	for i, values := range results {
		slices.Sort(values)
		sample := Sample{values}
		if intervals[i].Low, err = sample.Quantile((1 - b.Level) / 2); err != nil {
			return nil, err
		}
		if intervals[i].High, err = sample.Quantile(1 - (1-b.Level)/2); err != nil {
			return nil, err
		}
	}
	return intervals, nil
}

func firstOf(failures []error) error {
	for _, err := range failures {
		if err != nil {
			return err
		}
	}
	return nil
}

func (b Bootstrap) check(of []Statistic) error {
	if err := checkLevel(b.Level); err != nil {
		return err
	}
	if b.Replicates < 1 {
		return fmt.Errorf("bootstrap of %d replicates: %w", b.Replicates, ErrEmpty)
	}
	for _, s := range of {
		if !(s.quantile >= 0 && s.quantile <= 1) {
			return fmt.Errorf("quantile %v: %w", s.quantile, ErrRange)
		}
	}
	return nil
}

// The four groups of two rounds, as places in arrays.
const (
	comparatorAfter = iota
	focalAfter
	comparatorBefore
	focalBefore
	sides
)

// plan is what is drawn from: of each side the distinct values, and of each person where theirs stand. All values have one
// array of counts, those of a side together, with a last place for what somebody absent would count.
type plan struct {
	after   []int32 // of each person, those of a stratum together
	before  []int32 // empty where there is one round
	strata  []int   // where each stratum ends
	starts  [sides + 1]int
	values  [sides][]float64
	sizes   [sides]int
	of      []Statistic
	ranks   [sides][]int // the ranks that the quantiles need, ascending, from 0
	change  bool
	quantum [sides][]place
}

// drawn is a person as counted when drawn: the sides in both rounds, or -1, and the places of the values.
type drawn struct {
	sideBefore, sideAfter int8
	before, after         int32
}

// place says where a quantile's order statistics stand among the ranks.
type place struct {
	at   int // in ranks; -1 for the mean
	part float64
}

func newPlan(people []Person, of []Statistic, change bool) (*plan, error) {
	p := &plan{of: of, change: change}
	for _, person := range people {
		for _, s := range []struct {
			side     int
			standing Standing
		}{{sideOf(person.Before.Group, comparatorBefore), person.Before}, {sideOf(person.After.Group, comparatorAfter), person.After}} {
			if s.side >= 0 {
				p.values[s.side] = append(p.values[s.side], s.standing.Pay)
				p.sizes[s.side]++
			}
		}
	}
	for side := range sides {
		if err := finite(p.values[side]); err != nil {
			return nil, fmt.Errorf("bootstrap: %w", err)
		}
		if p.sizes[side] == 0 && (change || side == comparatorAfter || side == focalAfter) {
			return nil, fmt.Errorf("bootstrap: a group without people: %w", ErrEmpty)
		}
		slices.Sort(p.values[side])
		p.values[side] = slices.Compact(p.values[side])
		p.needRanks(side)
	}
	for side := range sides {
		p.starts[side+1] = p.starts[side] + len(p.values[side])
	}
	all := make([]drawn, len(people))
	for i, person := range people {
		all[i].sideBefore, all[i].before = p.placeOf(person.Before, comparatorBefore)
		all[i].sideAfter, all[i].after = p.placeOf(person.After, comparatorAfter)
	}
	slices.SortFunc(all, drawn.compare)
	for i, d := range all {
		p.after = append(p.after, d.after)
		if change {
			p.before = append(p.before, d.before)
		}
		if i+1 == len(all) || d.stratum() != all[i+1].stratum() {
			p.strata = append(p.strata, i+1)
		}
	}
	return p, nil
}

// sideOf is the side of a group in the round whose comparator is given, -1 when absent.
func sideOf(g Group, comparator int) int {
	if g == Absent {
		return -1
	}
	return comparator + int(g-Comparator)
}

// placeOf is the side of a standing, and the place of its pay among all counts.
func (p *plan) placeOf(standing Standing, comparator int) (int8, int32) {
	side := sideOf(standing.Group, comparator)
	if side < 0 {
		return -1, int32(p.starts[sides]) //nolint:gosec // people are fewer than 2^31
	}
	at, _ := slices.BinarySearch(p.values[side], standing.Pay)
	return int8(side), int32(p.starts[side] + at) //nolint:gosec // sides are four, people fewer than 2^31
}

func (d drawn) stratum() [2]int8 { return [2]int8{d.sideBefore, d.sideAfter} }

func (d drawn) compare(o drawn) int {
	return slices.Compare([]int32{int32(d.sideBefore), int32(d.sideAfter), d.before, d.after},
		[]int32{int32(o.sideBefore), int32(o.sideAfter), o.before, o.after})
}

func (p *plan) needRanks(side int) {
	n := p.sizes[side]
	if n == 0 {
		return
	}
	var ranks []int
	for _, s := range p.of {
		if s.isQuantile {
			rank, _ := quantileRank(n, s.quantile)
			ranks = append(ranks, rank, min(rank+1, n-1))
		}
	}
	slices.Sort(ranks)
	p.ranks[side] = slices.Compact(ranks)
	p.quantum[side] = make([]place, len(p.of))
	for i, s := range p.of {
		p.quantum[side][i] = place{at: -1}
		if s.isQuantile {
			rank, part := quantileRank(n, s.quantile)
			at, _ := slices.BinarySearch(p.ranks[side], rank)
			p.quantum[side][i] = place{at, part}
		}
	}
}

// draw is the room one worker needs.
type draw struct {
	*plan
	counts  []int32
	ordered [sides][]float64 // the values of the ranks needed
	means   [sides]float64
}

func (p *plan) newDraw() *draw {
	d := &draw{plan: p, counts: make([]int32, p.starts[sides]+1)}
	for side := range sides {
		d.ordered[side] = make([]float64, len(p.ranks[side]))
	}
	return d
}

// replicate draws everybody once and writes the gaps, or their changes, as replicate r.
func (d *draw) replicate(source *rand.PCG, results [][]float64, r int) error {
	clear(d.counts)
	start := 0
	for _, end := range d.strata {
		if d.change {
			d.drawBoth(source, d.after[start:end], d.before[start:end])
		} else {
			d.drawOne(source, d.after[start:end])
		}
		start = end
	}
	for side := range sides {
		d.summarise(side)
	}
	for i := range d.of {
		gap, err := d.gap(i, comparatorAfter, focalAfter)
		if err != nil {
			return err
		}
		if d.change {
			before, err := d.gap(i, comparatorBefore, focalBefore)
			if err != nil {
				return err
			}
			gap -= before
		}
		results[i][r] = gap
	}
	return nil
}

// drawOne draws as many people of a stratum as it has, two from each random number. That some are likelier by one part in
// 2^32 is less than any replicate can show.
func (d *draw) drawOne(source *rand.PCG, after []int32) {
	n := uint64(len(after))
	for left := len(after); left > 0; left -= 2 {
		number := source.Uint64()
		d.counts[after[(number>>32)*n>>32]]++
		if left > 1 {
			d.counts[after[(number&math.MaxUint32)*n>>32]]++
		}
	}
}

// drawBoth draws people into both rounds.
func (d *draw) drawBoth(source *rand.PCG, after, before []int32) {
	n := uint64(len(after))
	for left := len(after); left > 0; left -= 2 {
		number := source.Uint64()
		at := (number >> 32) * n >> 32
		d.counts[after[at]]++
		d.counts[before[at]]++
		if left > 1 {
			at = (number & math.MaxUint32) * n >> 32
			d.counts[after[at]]++
			d.counts[before[at]]++
		}
	}
}

// summarise takes the mean and the order statistics of what was drawn of a side.
func (d *draw) summarise(side int) {
	sum, seen, next := 0.0, 0, 0
	ranks, values := d.ranks[side], d.values[side]
	for i, count := range d.counts[d.starts[side]:d.starts[side+1]] {
		if count == 0 {
			continue
		}
		sum += float64(count) * values[i]
		seen += int(count)
		for next < len(ranks) && ranks[next] < seen {
			d.ordered[side][next] = values[i]
			next++
		}
	}
	d.means[side] = sum / float64(max(1, seen))
}

func (d *draw) gap(statistic, comparator, focal int) (float64, error) {
	return Gap(d.value(statistic, comparator), d.value(statistic, focal))
}

func (d *draw) value(statistic, side int) float64 {
	where := d.quantum[side][statistic]
	if where.at < 0 {
		return d.means[side]
	}
	low := d.ordered[side][where.at]
	if where.part == 0 {
		return low
	}
	return between(low, d.ordered[side][where.at+1], where.part)
}
