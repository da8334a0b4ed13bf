package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// FisherTest is the result of Fisher's exact test of the table a b / c d.
type FisherTest struct {
	Greater  float64 // the probability, given the margins, of a or more in the first cell
	Less     float64 // of a or fewer
	TwoSided float64 // of a table that is no more probable than this one
}

// likelyAsSeen is the relative room within which two tables count as equally probable, as in R's fisher.test.
const likelyAsSeen = 1 + 1e-7

// Fisher tests whether the rows of a 2×2 table of counts differ, given its margins. ErrRange for negative counts,
// ErrEmpty for a table without anybody.
//
// Source: Fisher (1935); the two-sided p-value is that of R's fisher.test.
func Fisher(a, b, c, d int) (FisherTest, error) {
	if min(a, b, c, d) < 0 {
		return FisherTest{}, fmt.Errorf("exact test: a count is negative: %w", ErrRange)
	}
	if a+b+c+d == 0 {
		return FisherTest{}, fmt.Errorf("exact test: %w", ErrEmpty)
	}
	row, column, n := a+b, a+c, a+b+c+d
	lowest, highest := max(0, row+column-n), min(row, column)
	probability := func(x int) float64 {
		return math.Exp(logChoose(column, x) + logChoose(n-column, row-x) - logChoose(n, row))
	}
	seen := probability(a)
	var result FisherTest
	for x := lowest; x <= highest; x++ {
		p := probability(x)
		if x >= a {
			result.Greater += p
		}
		if x <= a {
			result.Less += p
		}
		if p <= seen*likelyAsSeen {
			result.TwoSided += p
		}
	}
	return FisherTest{min(1, result.Greater), min(1, result.Less), min(1, result.TwoSided)}, nil
}

// oddsAtMost bounds the search for an odds ratio: its logarithm.
const oddsAtMost = 700

// ConditionalOddsRatio is the odds ratio under which, given the margins, the first cell is expected to be what it is: the
// conditional maximum likelihood estimate. ErrZeroBase where it is nought or infinite, since a cell is empty that could
// not be emptier; else errors as of Fisher.
//
// Source: R's fisher.test; Fisher's noncentral hypergeometric distribution.
func ConditionalOddsRatio(a, b, c, d int) (float64, error) {
	if _, err := Fisher(a, b, c, d); err != nil {
		return 0, err
	}
	row, column, n := a+b, a+c, a+b+c+d
	lowest, highest := max(0, row+column-n), min(row, column)
	if a == lowest || a == highest {
		return 0, fmt.Errorf("odds ratio: %w", ErrZeroBase)
	}
	expected := func(logOdds float64) float64 {
		// Weights are taken relative to the largest, so that none overflows.
		weights, most := make([]float64, highest-lowest+1), math.Inf(-1)
		for x := lowest; x <= highest; x++ {
			weights[x-lowest] = logChoose(column, x) + logChoose(n-column, row-x) + float64(x)*logOdds
			most = max(most, weights[x-lowest])
		}
		var sum, moment float64
		for i, w := range weights {
			sum += math.Exp(w - most)
			moment += float64(lowest+i) * math.Exp(w-most)
		}
		return moment / sum
	}
	low, high := -float64(oddsAtMost), float64(oddsAtMost)
	for range 200 {
		middle := (low + high) / 2
		if expected(middle) < float64(a) {
			low = middle
		} else {
			high = middle
		}
	}
	return math.Exp((low + high) / 2), nil
}

// logChoose is the logarithm of the number of ways to choose k of n.
func logChoose(n, k int) float64 {
	if k == 0 || k == n {
		return 0
	}
	return -math.Log(float64(n+1)) - mathext.Lbeta(float64(k+1), float64(n-k+1))
}
