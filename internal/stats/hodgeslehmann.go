package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Shift is how far one group lies above another.
type Shift struct {
	Estimate float64  // the median of all differences between one of the first and one of the second
	Interval Interval // Wilcoxon's, inverted
	W        float64  // pairs in which the first is greater, those that are equal counting half
	P        float64  // two-sided, of no shift
	Exact    bool     // whether interval and p come from the exact distribution
}

// exactBelow is the size of both groups below which, without ties, the exact distribution is used: as in R.
const exactBelow = 50

// HodgesLehmann estimates the shift of first over second. On logarithms of pay, 100 (1 - exp(shift)) is a typical gap,
// less lumpy than a difference of medians where pay has few points. With D(1) ≤ D(2) ≤ … the differences, the interval is
// D(k) to D(mn+1-k): k the quantile (1-level)/2 of Wilcoxon's statistic, exact for two groups of fewer than 50 without
// ties, else from the normal distribution with its variance corrected for ties; p then has a continuity correction.
// ErrEmpty without values on a side, ErrRange for a level that is none.
//
// Source: Hodges and Lehmann (1963); Hollander and Wolfe (1973), 4.2 and 4.3; R's wilcox.test.
func HodgesLehmann(first, second Sample, level float64) (Shift, error) {
	if err := checkLevel(level); err != nil {
		return Shift{}, err
	}
	m, n := first.Len(), second.Len()
	if m == 0 || n == 0 {
		return Shift{}, fmt.Errorf("Hodges-Lehmann: %w", ErrEmpty)
	}
	pairs := m * n
	shift := Shift{W: float64(pairs) - float64(pairsAtMost(first, second, 0)) + float64(pairsEqual(first, second))/2}
	shift.Estimate = between(difference(first, second, (pairs+1)/2), difference(first, second, pairs/2+1), 0.5)
	ties, tied := tieTerm(first, second)
	shift.Exact = !tied && m < exactBelow && n < exactBelow
	var k int
	if shift.Exact {
		distribution := wilcoxon(m, n)
		for k < pairs && distribution[k] < (1-level)/2 {
			k++
		}
		shift.P = min(1, 2*min(distribution[int(shift.W)], upper(distribution, int(shift.W))))
	} else {
		size := float64(m + n)
		sigma := math.Sqrt(float64(pairs) / 12 * (size + 1 - ties/(size*(size-1))))
		k = int(math.Floor(float64(pairs)/2 - z(level)*sigma))
		from := math.Abs(shift.W-float64(pairs)/2) - 0.5
		shift.P = 1
		if sigma > 0 && from > 0 {
			shift.P = 2 * distuv.UnitNormal.CDF(-from/sigma)
		}
	}
	k = min(max(k, 1), (pairs+1)/2)
	shift.Interval = Interval{difference(first, second, k), difference(first, second, pairs+1-k)}
	return shift, nil
}

// upper is the probability of w or more.
func upper(distribution []float64, w int) float64 {
	if w == 0 {
		return 1
	}
	return 1 - distribution[w-1]
}

// difference is the k-th smallest, from 1, of all differences of one of first and one of second. They are not written
// down: numbers are halved until the least is found that k differences do not exceed.
func difference(first, second Sample, k int) float64 {
	low := orderOf(first.At(0) - second.At(second.Len()-1))
	high := orderOf(first.At(first.Len()-1) - second.At(0))
	for low < high {
		middle := low + (high-low)/2
		if pairsAtMost(first, second, valueOf(middle)) >= k {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return valueOf(low) + 0 // zero without a sign
}

// pairsAtMost counts the differences up to a limit.
func pairsAtMost(first, second Sample, limit float64) int {
	count, j := 0, 0
	for _, x := range first.sorted {
		for j < second.Len() && x-second.sorted[j] > limit {
			j++
		}
		count += second.Len() - j
	}
	return count
}

// pairsEqual counts the pairs of equal values.
func pairsEqual(first, second Sample) int {
	below := math.Nextafter(0, -1)
	return pairsAtMost(first, second, 0) - pairsAtMost(first, second, below)
}

// orderOf numbers the floating-point numbers in their order, valueOf is its inverse.
func orderOf(value float64) uint64 {
	bits := math.Float64bits(value)
	if bits>>63 == 1 {
		return ^bits
	}
	return bits | 1<<63
}

func valueOf(order uint64) float64 {
	if order>>63 == 1 {
		return math.Float64frombits(order &^ (1 << 63))
	}
	return math.Float64frombits(^order)
}

// tieTerm is the sum of t³ - t over groups of t equal values of both samples.
func tieTerm(first, second Sample) (term float64, tied bool) {
	i, j := 0, 0
	for i < first.Len() || j < second.Len() {
		var value float64
		switch {
		case i == first.Len():
			value = second.sorted[j]
		case j == second.Len():
			value = first.sorted[i]
		default:
			value = min(first.sorted[i], second.sorted[j])
		}
		t := 0.0
		for ; i < first.Len() && first.sorted[i] == value; i++ {
			t++
		}
		for ; j < second.Len() && second.sorted[j] == value; j++ {
			t++
		}
		term += t*t*t - t
		tied = tied || t > 1
	}
	return term, tied
}

// wilcoxon is the distribution of Wilcoxon's statistic of groups of m and n without ties: the probabilities of 0, 1, …
// or fewer pairs in which the first is greater.
func wilcoxon(m, n int) []float64 {
	// ways[k][w]: probability weights of k of the first so far placed, w pairs won.
	ways := make([][]float64, m+1)
	for k := range ways {
		ways[k] = make([]float64, m*n+1)
	}
	ways[0][0] = 1
	// Values come in ascending order; of the first j of them, one more of the first group wins over those of the second
	// that came before. Each is of the first group with the share that is still to come.
	for placed := range m + n {
		for k := min(placed, m); k >= 0; k-- {
			others := placed - k
			if others > n {
				continue
			}
			left := float64(m + n - placed)
			for w := k * others; w >= 0; w-- {
				p := ways[k][w]
				if p == 0 {
					continue
				}
				ways[k][w] = p * float64(n-others) / left
				if k < m {
					ways[k+1][w+others] += p * float64(m-k) / left
				}
			}
		}
	}
	cumulative, sum := make([]float64, m*n+1), 0.0
	for w, p := range ways[m] {
		sum += p
		cumulative[w] = min(1, sum)
	}
	return cumulative
}
