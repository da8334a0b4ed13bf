package chance

import (
	"math"
	"slices"
)

// Affine is a + b times a parameter: 1 - leakage is {1, -1}.
type Affine struct {
	Parameter int // its place among the parameters
	A, B      float64
}

// Term is a number times a product of affine parts. A parameter may stand in several of them: it has one value in all.
type Term struct {
	Weight float64
	Parts  []Affine
}

// Expression is a sum of terms.
type Expression []Term

// At is the value where each parameter has the value given.
func (e Expression) At(values []float64) float64 {
	sum := 0.0
	for _, term := range e {
		product := term.Weight
		for _, part := range term.Parts {
			product *= part.A + part.B*values[part.Parameter]
		}
		sum += product
	}
	return sum
}

// Parameters are the places of the parameters that it hangs on, each once, in the order in which they first stand.
func (e Expression) Parameters() []int {
	var places []int
	seen := map[int]bool{}
	for _, term := range e {
		for _, part := range term.Parts {
			if !seen[part.Parameter] {
				seen[part.Parameter] = true
				places = append(places, part.Parameter)
			}
		}
	}
	return places
}

// Times is the expression with every weight multiplied.
func (e Expression) Times(factor float64) Expression {
	out := make(Expression, len(e))
	for i, term := range e {
		out[i] = Term{term.Weight * factor, term.Parts}
	}
	return out
}

// Merged is the expression with terms of the same parts joined into one: what both sides of a formula share is drawn and
// multiplied once.
func (e Expression) Merged() Expression {
	merged := make(Expression, 0, len(e))
	for _, term := range e {
		at := slices.IndexFunc(merged, func(o Term) bool { return slices.Equal(o.Parts, term.Parts) })
		if at < 0 {
			merged = append(merged, term)
			continue
		}
		merged[at].Weight += term.Weight
	}
	return merged
}

// Mean is the exact mean where parameters are independent of each other.
func (e Expression) Mean(of []Distribution) float64 {
	sum := 0.0
	for _, term := range e {
		sum += term.Weight * meanOf(of, term.Parts)
	}
	return sum
}

// Variance is the exact variance. What is shared between terms is shared here as well.
func (e Expression) Variance(of []Distribution) float64 { return Covariance(of, e, e) }

// Covariance is the exact covariance of two expressions of the same parameters.
func Covariance(of []Distribution, a, b Expression) float64 {
	sum := 0.0
	for _, x := range a {
		for _, y := range b {
			if !shares(x.Parts, y.Parts) {
				continue
			}
			both := append(append(make([]Affine, 0, len(x.Parts)+len(y.Parts)), x.Parts...), y.Parts...)
			sum += x.Weight * y.Weight * (meanOf(of, both) - meanOf(of, x.Parts)*meanOf(of, y.Parts))
		}
	}
	return sum
}

func shares(a, b []Affine) bool {
	for _, x := range a {
		for _, y := range b {
			if x.Parameter == y.Parameter {
				return true
			}
		}
	}
	return false
}

// meanOf is the mean of a product: parameter by parameter, as they are independent, and by moments within one.
func meanOf(of []Distribution, parts []Affine) float64 {
	mean := 1.0
	for i, part := range parts {
		if standsBefore(parts[:i], part.Parameter) {
			continue
		}
		polynomial := []float64{1}
		for _, other := range parts[i:] {
			if other.Parameter == part.Parameter {
				polynomial = times(polynomial, other.A, other.B)
			}
		}
		sum := 0.0
		for k, coefficient := range polynomial {
			sum += coefficient * of[part.Parameter].Moment(k)
		}
		mean *= sum
	}
	return mean
}

func standsBefore(parts []Affine, parameter int) bool {
	for _, part := range parts {
		if part.Parameter == parameter {
			return true
		}
	}
	return false
}

// times multiplies a polynomial by a + b x.
func times(polynomial []float64, a, b float64) []float64 {
	out := make([]float64, len(polynomial)+1)
	for k, coefficient := range polynomial {
		out[k] += a * coefficient
		out[k+1] += b * coefficient
	}
	return out
}

// MostCorners is of how many parameters all corners are looked at.
const MostCorners = 12

// Bounds are the least and greatest value at the corners of what the parameters can be. There are none where a parameter has
// no bounds, or where there are more than MostCorners of them. Where a parameter stands twice in one term, the extreme may lie
// between its corners.
func (e Expression) Bounds(of []Distribution) (low, high float64, ok bool) {
	values := make([]float64, len(of))
	var free []int
	for _, place := range e.Parameters() {
		l, h := of[place].Support()
		if math.IsInf(l, 0) || math.IsInf(h, 0) {
			return 0, 0, false
		}
		values[place] = l
		if l != h {
			free = append(free, place)
		}
	}
	if len(free) > MostCorners {
		return 0, 0, false
	}
	low, high = math.Inf(1), math.Inf(-1)
	for corner := range 1 << len(free) {
		for i, place := range free {
			l, h := of[place].Support()
			values[place] = l
			if corner&(1<<i) != 0 {
				values[place] = h
			}
		}
		v := e.At(values)
		low, high = math.Min(low, v), math.Max(high, v)
	}
	return low, high, true
}
