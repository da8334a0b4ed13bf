package assess

import (
	"math"

	"socialvalue/pipelines/impact/chance"
	"socialvalue/pipelines/impact/netting"
)

// number is a number of the formula: fixed, or fixed + slope times a parameter.
type number struct {
	fixed, slope float64
	param        int
}

func fixed(v float64) number { return number{fixed: v} }

func (n number) at(plain []float64) float64 {
	if n.slope == 0 {
		return n.fixed
	}
	return n.fixed + n.slope*plain[n.param]
}

// change applies an effect.
func (n number) change(operation string, amount float64) number {
	if operation == "multiply" {
		return number{n.fixed * amount, n.slope * amount, n.param}
	}
	return number{n.fixed + amount, n.slope, n.param}
}

// support are the least and greatest value.
func (n number) support(of []chance.Distribution) (low, high float64) {
	if n.slope == 0 {
		return n.fixed, n.fixed
	}
	low, high = of[n.param].Support()
	low, high = n.fixed+n.slope*low, n.fixed+n.slope*high
	return math.Min(low, high), math.Max(low, high)
}

// rounding lets 0.3 + 0.7 be a share.
const rounding = 1e-12

// check says whether a number can be what its name says, whatever its parameter is.
func (n number) check(name string, of []chance.Distribution) string {
	low, high := n.support(of)
	switch name {
	case Multiplier:
		if math.IsInf(low, -1) || low == 0 && n.slope != 0 {
			return UnboundedFactor
		}
		if !(low >= 1-rounding) {
			return string(netting.MultiplierRange)
		}
	case Leakage, Displacement, Substitution, Deadweight, Attribution, DropOff:
		if math.IsInf(low, 0) || math.IsInf(high, 0) {
			return UnboundedFactor
		}
		if !(low >= -rounding && high <= 1+rounding) {
			return string(netting.FactorRange)
		}
	}
	return ""
}

// product is a term in the making: fixed numbers go into its weight.
type product struct {
	weight float64
	parts  []chance.Affine
}

// times multiplies by a + b times a number.
func (p product) times(a, b float64, n number) product {
	a, b = a+b*n.fixed, b*n.slope
	if b == 0 {
		p.weight *= a
		return p
	}
	p.parts = append(p.parts[:len(p.parts):len(p.parts)], chance.Affine{Parameter: n.param, A: a, B: b})
	return p
}

func (p product) term() chance.Term { return chance.Term{Weight: p.weight, Parts: p.parts} }
