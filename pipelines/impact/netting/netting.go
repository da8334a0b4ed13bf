// Package netting says what of an outcome would not have happened anyway (methods, A2): gross impact less leakage,
// displacement and substitution, times the multiplier, less the same of the reference case. It knows nothing of money,
// years or chance, and imports nothing of the project.
package netting

import "math"

// Code says why something is refused or not applied. Codes are those of the methods, in lower case.
type Code string

// Codes of single factors and of the form in which the reference case is given.
const (
	FactorRange      Code = "factor_range"      // a share below 0 or above 1; 10 given for 10%
	MultiplierRange  Code = "multiplier_range"  // a multiplier below 1
	DoubleDeadweight Code = "double_deadweight" // deadweight and a reference case, or either with a comparison group
	NoReference      Code = "no_reference_case" // neither deadweight, reference case nor comparison group
)

// Factors take an outcome from gross to net on one side of the formula, at one level.
type Factors struct {
	Leakage, Displacement, Substitution float64 // shares from 0 to 1
	Multiplier                          float64 // 1 or more
}

// None changes nothing.
func None() Factors { return Factors{Multiplier: 1} }

// Check says which factor is impossible; empty when none is.
func (f Factors) Check() Code {
	for _, share := range []float64{f.Leakage, f.Displacement, f.Substitution} {
		if !IsShare(share) {
			return FactorRange
		}
	}
	if !IsMultiplier(f.Multiplier) {
		return MultiplierRange
	}
	return ""
}

// IsShare tells whether a number is a share from 0 to 1.
func IsShare(share float64) bool { return share >= 0 && share <= 1 }

// IsMultiplier tells whether a number can be a multiplier.
func IsMultiplier(m float64) bool { return m >= 1 && !math.IsInf(m, 1) }

// Kept is what the factors leave of one unit of gross impact.
func (f Factors) Kept() float64 {
	return (1 - f.Leakage) * (1 - f.Displacement) * (1 - f.Substitution) * f.Multiplier
}

// Net is an outcome at one level, with both sides of the formula.
type Net struct {
	Intervention, Reference, Net float64
}

// TwoSided nets a gross impact against its reference case. A negative result is a result.
func TwoSided(gross, reference float64, with, without Factors) Net {
	n := Net{Intervention: gross * with.Kept(), Reference: reference * without.Kept()}
	n.Net = n.Intervention - n.Reference
	return n
}

// Shorthand nets a gross impact of which a share, the deadweight, would have happened anyway: the two-sided form with
// the factors of the intervention on both sides.
func Shorthand(gross, deadweight float64, f Factors) Net {
	return TwoSided(gross, deadweight*gross, f, f)
}

// Ratio is net over gross; there is none of nothing.
func Ratio(net, gross float64) (float64, bool) {
	if gross == 0 {
		return 0, false
	}
	return net / gross, true
}

// Step is one bar of a waterfall: what an adjustment takes away or adds.
type Step struct {
	Name   string
	Change float64
	After  float64
}

// Waterfall takes a gross impact to what the factors leave, in the canonical order. The total does not hang on the order; the
// bars do.
func Waterfall(gross float64, f Factors) []Step {
	at := gross
	steps := make([]Step, 0, 4)
	take := func(name string, kept float64) {
		after := at * kept
		steps = append(steps, Step{name, after - at, after})
		at = after
	}
	take("leakage", 1-f.Leakage)
	take("displacement", 1-f.Displacement)
	take("substitution", 1-f.Substitution)
	take("multiplier", f.Multiplier)
	return steps
}
