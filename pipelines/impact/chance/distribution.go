// Package chance carries uncertainty through an assessment (methods, A10): parameters with distributions, each drawn once
// from a stream of its own; sums of products of parameters, which are all that values are made of here; their exact
// moments, their bounds, and their simulation. It imports gonum and nothing of the project.
package chance

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"
)

// Kind is a kind of distribution.
type Kind string

// The kinds there are, and the fields they use.
const (
	Point      Kind = "point"      // Mode
	Interval   Kind = "interval"   // Low, High; drawn evenly
	Triangular Kind = "triangular" // Low, Mode, High
	Pert       Kind = "pert"       // Low, Mode, High
	Normal     Kind = "normal"     // Mean, SD
	Lognormal  Kind = "lognormal"  // Mean, SD of the value itself
	Beta       Kind = "beta"       // Mean, SD, from 0 to 1
	Empirical  Kind = "empirical"  // Values, each as likely
)

// Distribution is what is known of a number.
type Distribution struct {
	Kind            Kind
	Low, Mode, High float64
	Mean, SD        float64
	Values          []float64
}

// Exactly is a number that is known.
func Exactly(value float64) Distribution { return Distribution{Kind: Point, Mode: value} }

// Check says what is wrong with a distribution; empty when nothing is.
func (d Distribution) Check() string {
	for _, v := range append([]float64{d.Low, d.Mode, d.High, d.Mean, d.SD}, d.Values...) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "bad_distribution"
		}
	}
	ok := false
	switch d.Kind {
	case Point:
		ok = true
	case Interval:
		ok = d.Low <= d.High
	case Triangular, Pert:
		ok = d.Low <= d.Mode && d.Mode <= d.High
	case Normal:
		ok = d.SD >= 0
	case Lognormal:
		ok = d.SD >= 0 && d.Mean > 0
	case Beta:
		ok = d.SD >= 0 && d.Mean > 0 && d.Mean < 1 && d.SD*d.SD < d.Mean*(1-d.Mean)
	case Empirical:
		ok = len(d.Values) > 0
	}
	if !ok {
		return "bad_distribution"
	}
	return ""
}

// Fixed tells whether there is only one value it can have.
func (d Distribution) Fixed() bool {
	switch d.Kind {
	case Point:
		return true
	case Interval, Triangular, Pert:
		return d.Low == d.High
	case Normal, Lognormal, Beta:
		return d.SD == 0
	case Empirical:
		low, high := d.Support()
		return low == high
	}
	return false
}

// Support are the least and the greatest value it can have; infinite where there is none.
func (d Distribution) Support() (low, high float64) {
	switch d.Kind {
	case Point:
		return d.Mode, d.Mode
	case Interval, Triangular, Pert:
		return d.Low, d.High
	case Empirical:
		low, high = d.Values[0], d.Values[0]
		for _, v := range d.Values {
			low, high = math.Min(low, v), math.Max(high, v)
		}
		return low, high
	case Normal, Lognormal, Beta:
		if d.SD == 0 {
			return d.Mean, d.Mean
		}
	}
	switch d.Kind {
	case Lognormal:
		return 0, math.Inf(1)
	case Beta:
		return 0, 1
	default:
		return math.Inf(-1), math.Inf(1)
	}
}

// Plain is the one value to put in where no chance is reckoned with: the mode of what has a peak, else the mean.
func (d Distribution) Plain() float64 {
	switch d.Kind {
	case Point, Triangular, Pert:
		return d.Mode
	default:
		return d.Moment(1)
	}
}

// Moment is the mean of the k-th power.
func (d Distribution) Moment(k int) float64 {
	switch d.Kind {
	case Point:
		return power(d.Mode, k)
	case Interval:
		return symmetric(k, d.Low, d.High) / float64(k+1)
	case Triangular:
		return 2 * symmetric(k, d.Low, d.Mode, d.High) / float64((k+1)*(k+2))
	case Pert:
		if d.Low == d.High {
			return power(d.Low, k)
		}
		alpha, beta := d.shape()
		sum, choose := 0.0, 1.0
		for j := 0; j <= k; j++ { // (low + width x)^k
			sum += choose * power(d.Low, k-j) * power(d.High-d.Low, j) * betaMoment(alpha, beta, j)
			choose = choose * float64(k-j) / float64(j+1)
		}
		return sum
	case Normal:
		before, at := 1.0, d.Mean
		if k == 0 {
			return 1
		}
		for j := 2; j <= k; j++ {
			before, at = at, d.Mean*at+float64(j-1)*d.SD*d.SD*before
		}
		return at
	case Lognormal:
		mu, sigma := d.logs()
		return math.Exp(float64(k)*mu + float64(k*k)*sigma*sigma/2)
	case Beta:
		if d.SD == 0 {
			return power(d.Mean, k)
		}
		alpha, beta := d.shape()
		return betaMoment(alpha, beta, k)
	case Empirical:
		sum := 0.0
		for _, v := range d.Values {
			sum += power(v, k)
		}
		return sum / float64(len(d.Values))
	}
	return math.NaN()
}

// shape are the two shapes of the beta distribution behind Pert and Beta.
func (d Distribution) shape() (alpha, beta float64) {
	if d.Kind == Pert {
		width := d.High - d.Low
		return 1 + 4*(d.Mode-d.Low)/width, 1 + 4*(d.High-d.Mode)/width
	}
	nu := d.Mean*(1-d.Mean)/(d.SD*d.SD) - 1
	return d.Mean * nu, (1 - d.Mean) * nu
}

// logs are mean and standard deviation of the logarithm.
func (d Distribution) logs() (mu, sigma float64) {
	variance := math.Log1p(d.SD * d.SD / (d.Mean * d.Mean))
	return math.Log(d.Mean) - variance/2, math.Sqrt(variance)
}

func betaMoment(alpha, beta float64, k int) float64 {
	m := 1.0
	for j := range k {
		m *= (alpha + float64(j)) / (alpha + beta + float64(j))
	}
	return m
}

// symmetric is the sum of all products of k of the numbers, each as often as one likes: the even and the triangular
// distribution are B-splines, whose moments these are.
func symmetric(k int, numbers ...float64) float64 {
	sums := make([]float64, k+1)
	sums[0] = 1
	for _, x := range numbers {
		for j := 1; j <= k; j++ {
			sums[j] += x * sums[j-1]
		}
	}
	return sums[k]
}

func power(x float64, k int) float64 {
	p := 1.0
	for range k {
		p *= x
	}
	return p
}

// draw fills values with draws from a stream.
func (d Distribution) draw(values []float64, source *rand.PCG) {
	if d.Fixed() {
		only := d.Plain()
		for i := range values {
			values[i] = only
		}
		return
	}
	r := rand.New(source) //nolint:gosec // a simulation must be repeatable
	switch d.Kind {
	case Point:
	case Interval:
		for i := range values {
			values[i] = d.Low + (d.High-d.Low)*even(source)
		}
	case Triangular:
		d.drawTriangular(values, source)
	case Pert, Beta:
		alpha, beta := d.shape()
		x := distuv.Beta{Alpha: alpha, Beta: beta, Src: source}
		low, width := 0.0, 1.0
		if d.Kind == Pert {
			low, width = d.Low, d.High-d.Low
		}
		for i := range values {
			values[i] = low + width*x.Rand()
		}
	case Normal:
		for i := range values {
			values[i] = d.Mean + d.SD*r.NormFloat64()
		}
	case Lognormal:
		mu, sigma := d.logs()
		for i := range values {
			values[i] = math.Exp(mu + sigma*r.NormFloat64())
		}
	case Empirical:
		for i := range values {
			values[i] = d.Values[r.IntN(len(d.Values))]
		}
	}
}

// even is a draw from 0 to 1, the same as that of rand.Rand: half of the time of an assessment goes into draws, and here no
// interface stands between.
func even(source *rand.PCG) float64 { return float64(source.Uint64()<<11>>11) / (1 << 53) }

// drawTriangular goes from the low end where the draw lies left of the mode and from the high end where it lies right of it.
// Which it is cannot be guessed, so both stand in tables and no branch is taken: that halves the time.
func (d Distribution) drawTriangular(values []float64, source *rand.PCG) {
	width := d.High - d.Low
	left := (d.Mode - d.Low) / width
	from, sign := [2]float64{d.High, d.Low}, [2]float64{-1, 1}
	scale := [2]float64{width * (d.High - d.Mode), width * (d.Mode - d.Low)}
	one := [2]float64{1, 0}
	for i := range values {
		u := even(source)
		side := math.Float64bits(u-left) >> 63 // 1 left of the mode
		values[i] = from[side] + sign[side]*math.Sqrt((one[side]+sign[side]*u)*scale[side])
	}
}
