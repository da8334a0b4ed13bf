package chance

import "slices"

// buckets are into how many parts the range of values is cut. A part in which a quantile lies then holds few values, and they
// alone are sorted: half of the time of an assessment would go into sorting all.
const buckets = 1024

// order finds values by their rank.
type order struct {
	n      int
	before [buckets]int // values in the buckets before
	sorted map[int][]float64
	only   []float64 // all values, where there are few of them or they have no range
}

// quantilesOf are the quantiles that are asked for.
func quantilesOf() [3]float64 { return [3]float64{0.05, 0.5, 0.95} }

// ranked makes ready for the quantiles of values that lie from low to high.
func ranked(values []float64, low, high float64) *order {
	o := &order{n: len(values)}
	scale := buckets / (high - low)
	if len(values) < buckets || !(scale > 0 && scale*(high-low) < 2*buckets) {
		o.only = slices.Sorted(slices.Values(values))
		return o
	}
	// A greater value is never in a lower bucket: subtraction and multiplication keep the order when they round.
	in := func(v float64) int { return min(int((v-low)*scale), buckets-1) }
	var count [buckets]int
	for _, v := range values {
		count[in(v)]++
	}
	sum := 0
	for i, c := range count {
		o.before[i] = sum
		sum += c
	}
	var wanted [buckets]bool
	for _, p := range quantilesOf() {
		at := int(p * float64(o.n-1))
		wanted[o.bucket(at)], wanted[o.bucket(min(at+1, o.n-1))] = true, true
	}
	o.sorted = map[int][]float64{}
	for _, v := range values {
		if b := in(v); wanted[b] {
			o.sorted[b] = append(o.sorted[b], v)
		}
	}
	for _, some := range o.sorted {
		slices.Sort(some)
	}
	return o
}

// bucket is the bucket that holds the value of a rank: the last that begins at it or before. Empty ones begin where the next does.
func (o *order) bucket(rank int) int {
	after, _ := slices.BinarySearch(o.before[:], rank+1)
	return after - 1
}

// at is the value of a rank.
func (o *order) at(rank int) float64 {
	if o.only != nil {
		return o.only[rank]
	}
	b := o.bucket(rank)
	return o.sorted[b][rank-o.before[b]]
}

// quantile is the quantile p, between neighbours in proportion.
func (o *order) quantile(p float64) float64 {
	at := p * float64(o.n-1)
	k := int(at)
	low := o.at(k)
	if k+1 >= o.n || at == float64(k) {
		return low
	}
	return low + (at-float64(k))*(o.at(k+1)-low)
}
