package chance

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/rand/v2"
)

// Stream is the source of one parameter. It hangs on the seed and on the parameter's name alone: another outcome, another
// order or another number of threads shifts no draw.
func Stream(seed int64, parameter string) *rand.PCG {
	sum := sha256.Sum256([]byte(parameter))
	return rand.NewPCG(uint64(seed), binary.BigEndian.Uint64(sum[:8])) //nolint:gosec // the bits of the seed are taken as they are
}

// Draws are n draws of a parameter.
func Draws(n int, seed int64, parameter string, d Distribution) []float64 {
	values := make([]float64, n)
	Fill(values, seed, parameter, d)
	return values
}

// Fill fills values with draws of a parameter.
func Fill(values []float64, seed int64, parameter string, d Distribution) {
	d.draw(values, Stream(seed, parameter))
}

// Simulate adds the value of an expression to each element of sum. draws gives the draws of a parameter by its place.
// product is room for as many numbers.
func (e Expression) Simulate(sum, product []float64, draws func(parameter int) []float64) {
	for _, term := range e {
		if term.Weight == 0 {
			continue
		}
		for i := range product {
			product[i] = term.Weight
		}
		for _, part := range term.Parts {
			values := draws(part.Parameter)[:len(product)]
			a, b := part.A, part.B
			for i, v := range values {
				product[i] *= a + b*v
			}
		}
		for i, v := range product {
			sum[i] += v
		}
	}
}

// Summary is what is told of draws.
type Summary struct {
	Mean, SD     float64
	P5, P50, P95 float64
	PNegative    float64 // probability of a value below nought
}

// Summarise tells of draws. It changes nothing.
func Summarise(draws []float64) Summary {
	n := float64(len(draws))
	var s Summary
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range draws { // branches that are hardly ever taken cost nothing
		s.Mean += v
		if v < low {
			low = v
		}
		if v > high {
			high = v
		}
	}
	s.Mean /= n
	switch {
	case high < 0:
		s.PNegative = 1
	case low < 0:
		s.PNegative = Share(draws, func(v float64) bool { return v < 0 })
	}
	if math.IsNaN(s.Mean) {
		low = s.Mean // nothing has a place between such ends
	}
	for _, v := range draws {
		s.SD += (v - s.Mean) * (v - s.Mean)
	}
	s.SD = math.Sqrt(s.SD / math.Max(1, n-1))
	found := ranked(draws, low, high)
	s.P5, s.P50, s.P95 = found.quantile(0.05), found.quantile(0.5), found.quantile(0.95)
	return s
}

// Scaled is the summary of the same draws times a number. positive is the share of draws above nought.
func (s Summary) Scaled(by, positive float64) Summary {
	switch {
	case by > 0:
		return Summary{by * s.Mean, by * s.SD, by * s.P5, by * s.P50, by * s.P95, s.PNegative}
	case by < 0:
		return Summary{by * s.Mean, -by * s.SD, by * s.P95, by * s.P50, by * s.P5, positive}
	}
	return Summary{}
}

// Share is how many of the draws fit.
func Share(draws []float64, fits func(float64) bool) float64 {
	n := 0
	for _, v := range draws {
		if fits(v) {
			n++
		}
	}
	return float64(n) / float64(len(draws))
}
