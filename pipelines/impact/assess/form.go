package assess

import (
	"slices"

	"socialvalue/pipelines/impact/chance"
	"socialvalue/pipelines/impact/netting"
	"socialvalue/pipelines/impact/shapley"
)

// side are the factors of one side of the formula.
type side struct{ leakage, displacement, substitution, multiplier number }

func none() side { return side{multiplier: fixed(1)} }

// kept multiplies by what the factors leave.
func (s side) kept(p product) product {
	return p.times(1, -1, s.leakage).times(1, -1, s.displacement).times(1, -1, s.substitution).times(0, 1, s.multiplier)
}

func (s side) check(of []chance.Distribution) string {
	for _, f := range []struct {
		name string
		number
	}{{Leakage, s.leakage}, {Displacement, s.displacement}, {Substitution, s.substitution}, {Multiplier, s.multiplier}} {
		if code := f.check(f.name, of); code != "" {
			return code
		}
	}
	return ""
}

// yearIn is a year of a line as it came, with the fixed weights of everything that chance does not touch.
type yearIn struct {
	year             int
	gross, reference float64
	hasReference     bool
	persistence      float64
	value            float64 // unit value at the prices that go out
	df, lower        float64 // discount factors
}

// form is a line with everything known of it, before any adjustment.
type form struct {
	kind           string // of the reference case
	years          []yearIn
	with, without  side
	deadweight     number
	attribution    number // with the share of others in it
	dropOff        float64
	quantityScale  number
	referenceScale number
	valueScale     number
	unitValue      number // times yearIn.value, which is the price factor alone where it is given
}

// effectOn is an effect that touches a line, and the adjustments that must all be made.
type effectOn struct {
	Effect
	needs shapley.Set
}

// adjusted is the form with the effects of a set of adjustments: first what is added, then what is multiplied, each in the
// order of the effects' names.
func (f form) adjusted(effects []effectOn, set shapley.Set) form {
	f.years = slices.Clone(f.years)
	for _, operation := range []string{"add", "multiply"} {
		for _, e := range effects {
			if e.Operation == operation && e.needs&set == e.needs {
				f.apply(e.Effect)
			}
		}
	}
	return f
}

func (f *form) apply(e Effect) {
	var at *number
	switch e.Change {
	case GrossQuantity, ReferenceQuantity:
		for i := range f.years {
			y := &f.years[i]
			if e.Year != 0 && e.Year != y.year {
				continue
			}
			if e.Change == GrossQuantity {
				y.gross = fixed(y.gross).change(e.Operation, e.Amount).fixed
			} else {
				y.reference = fixed(y.reference).change(e.Operation, e.Amount).fixed
			}
		}
		return
	case Leakage:
		at = &f.with.leakage
	case Displacement:
		at = &f.with.displacement
	case Substitution:
		at = &f.with.substitution
	case Multiplier:
		at = &f.with.multiplier
	case Deadweight:
		at = &f.deadweight
	case Attribution:
		at = &f.attribution
	case QuantityScale:
		at = &f.quantityScale
	case ReferenceScale:
		at = &f.referenceScale
	case UnitValueName:
		at = &f.unitValue
	case ValueScale:
		at = &f.valueScale
	default:
		return
	}
	*at = at.change(e.Operation, e.Amount)
}

// check says what is impossible about the factors.
func (f form) check(of []chance.Distribution) string {
	if code := f.with.check(of); code != "" {
		return code
	}
	if code := f.without.check(of); code != "" {
		return code
	}
	if code := f.deadweight.check(Deadweight, of); code != "" {
		return code
	}
	if code := f.attribution.check(Attribution, of); code != "" {
		return code
	}
	if !netting.IsShare(f.dropOff) {
		return string(netting.FactorRange)
	}
	return ""
}

// expression is the sum over years of net quantity times a weight of the year, times the unit value where it is asked for.
// The years meet the draws as two numbers, one a side.
func (f form) expression(weight func(yearIn) float64, valued bool) chance.Expression {
	gross, reference := 0.0, 0.0
	for _, y := range f.years {
		w := weight(y) * y.persistence
		gross += y.gross * w
		reference += y.reference * w
	}
	tail := func(p product) product {
		p = p.times(1, -1, f.attribution)
		if valued {
			p = p.times(0, 1, f.unitValue).times(0, 1, f.valueScale)
		}
		return p
	}
	with := tail(f.with.kept(product{weight: gross}.times(0, 1, f.quantityScale)))
	e := chance.Expression{with.term()}
	switch f.kind {
	case TwoSidedForm:
		e = append(e, tail(f.without.kept(product{weight: -reference}.times(0, 1, f.referenceScale))).term())
	case ShorthandForm:
		with.weight = -with.weight
		e = append(e, with.times(0, 1, f.deadweight).term())
	}
	return e.Merged()
}

// present is the present value.
func (f form) present() chance.Expression {
	return f.expression(func(y yearIn) float64 { return y.value * y.df }, true)
}

// presentOf is the present value of one year. It has the terms of all years, in the same order.
func (f form) presentOf(year int) chance.Expression {
	return f.expression(func(y yearIn) float64 {
		if y.year != year {
			return 0
		}
		return y.value * y.df
	}, true)
}

// lowerRate is the present value at the lower rate.
func (f form) lowerRate() chance.Expression {
	return f.expression(func(y yearIn) float64 { return y.value * y.lower }, true)
}

// numbers are the factors where no chance is reckoned with.
func (f form) numbers(plain []float64) Numbers {
	n := Numbers{
		Leakage: f.with.leakage.at(plain), Displacement: f.with.displacement.at(plain),
		Substitution: f.with.substitution.at(plain), Multiplier: f.with.multiplier.at(plain),
		Attribution: f.attribution.at(plain), DropOff: f.dropOff,
	}
	without := f.without
	if f.kind == ShorthandForm {
		without = f.with
	}
	n.LeakageRef, n.DisplacementRef = without.leakage.at(plain), without.displacement.at(plain)
	n.SubstitutionRef, n.MultiplierRef = without.substitution.at(plain), without.multiplier.at(plain)
	return n
}

// yearsOut are the years where no chance is reckoned with.
func (f form) yearsOut(plain []float64) []Year {
	n := f.numbers(plain)
	with := netting.Factors{Leakage: n.Leakage, Displacement: n.Displacement, Substitution: n.Substitution, Multiplier: n.Multiplier}
	without := netting.Factors{Leakage: n.LeakageRef, Displacement: n.DisplacementRef, Substitution: n.SubstitutionRef, Multiplier: n.MultiplierRef}
	unit := f.unitValue.at(plain) * f.valueScale.at(plain)
	years := make([]Year, len(f.years))
	for i, y := range f.years {
		out := Year{Year: y.year, Gross: y.gross * f.quantityScale.at(plain), Persistence: y.persistence, UnitValue: y.value * unit}
		switch f.kind {
		case TwoSidedForm:
			out.Reference, out.HasReference = y.reference*f.referenceScale.at(plain), true
		case ShorthandForm:
			out.Reference, out.HasReference = f.deadweight.at(plain)*out.Gross, true
		}
		out.Net = netting.TwoSided(out.Gross, out.Reference, with, without).Net * (1 - n.Attribution) * y.persistence
		out.Undiscounted = out.Net * out.UnitValue
		out.PV = out.Undiscounted * y.df
		years[i] = out
	}
	return years
}
