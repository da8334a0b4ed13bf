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

// Summarise tells of draws. It changes their order.
func Summarise(draws []float64) Summary {
	n := float64(len(draws))
	var s Summary
	below := 0
	for _, v := range draws {
		s.Mean += v
		if v < 0 {
			below++
		}
	}
	s.Mean /= n
	for _, v := range draws {
		s.SD += (v - s.Mean) * (v - s.Mean)
	}
	s.SD = math.Sqrt(s.SD / math.Max(1, n-1))
	s.PNegative = float64(below) / n
	s.P5, s.P50, s.P95 = quantiles(draws)
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

// few are so few values that the median need not stand between the outer quantiles and their neighbours.
const few = 64

// quantiles are those of 5, 50 and 95 per cent. The median first: the others are then looked for on its sides alone.
func quantiles(values []float64) (p5, p50, p95 float64) {
	last := len(values) - 1
	p50 = quantile(values, 0, last, 0.5)
	below, above := last, 0
	if len(values) >= few {
		below = last / 2
		above = below + 1
	}
	return quantile(values, 0, below, 0.05), p50, quantile(values, above, last, 0.95)
}

// quantile is the quantile p of all values, between neighbours in proportion, where those it stands between lie from low to
// high. It changes the order of the values.
func quantile(values []float64, low, high int, p float64) float64 {
	at := p * float64(len(values)-1)
	k := int(at)
	choose(values[low:high+1], k-low)
	value := values[k]
	if k+1 >= len(values) || at == float64(k) {
		return value
	}
	next := values[k+1]
	for _, v := range values[k+1 : high+1] {
		next = min(next, v)
	}
	return value + (at-float64(k))*(next-value)
}

// choose puts the k-th least value in its place, lesser ones before it and greater ones behind.
func choose(values []float64, k int) {
	low, high := 0, len(values)-1
	for low < high {
		pivot := median(values[low], values[(low+high)/2], values[high])
		i, j := low, high
		for i <= j {
			for values[i] < pivot {
				i++
			}
			for values[j] > pivot {
				j--
			}
			if i <= j {
				values[i], values[j] = values[j], values[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			high = j
		case k >= i:
			low = i
		default:
			return
		}
	}
}

func median(a, b, c float64) float64 {
	return max(min(a, b), min(max(a, b), c))
}
