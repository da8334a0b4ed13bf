package assess

import (
	"maps"
	"slices"
	"strings"

	"socialvalue/pipelines/impact/chance"
)

// choice are the factors that hold for a line, by name, for each side.
type choice struct{ with, without map[string]resolved }

// resolved is a factor with its number found.
type resolved struct {
	number
	row      Factor
	source   string // of its parameter
	recalled bool
}

// factorsOf finds the factors of a line. Of several the most particular counts: the outcome before the level, the level
// before the stage, one side before both. Two that are as particular contradict each other.
func (x *index) factorsOf(b *bundle, l *Line, stage string) (choice, string) {
	c := choice{map[string]resolved{}, map[string]resolved{}}
	all := slices.Concat(b.factorsOf(""), b.factorsOf(l.ID))
	for _, s := range []struct {
		name string
		into map[string]resolved
	}{{Intervention, c.with}, {ReferenceOf, c.without}} {
		best, at := map[string]int{}, map[string]Factor{}
		for _, f := range all {
			if f.Level != "" && f.Level != l.Level || f.Stage != "" && f.Stage != stage ||
				f.Side != Both && f.Side != s.name {
				continue
			}
			rank := 1 + 8*filled(f.Outcome) + 4*filled(f.Level) + 2*filled(f.Stage)
			if f.Side != Both {
				rank++
			}
			switch {
			case rank > best[f.Name]:
				best[f.Name], at[f.Name] = rank, f
			case rank == best[f.Name]:
				return c, FactorTwice
			}
		}
		for _, name := range slices.Sorted(maps.Keys(at)) { // of several mistakes always the same is told
			f := at[name]
			r, code := x.resolve(b, f)
			if code != "" {
				return c, code
			}
			s.into[name] = r
		}
	}
	return c, ""
}

// factorsOf are the factors of one outcome, or those of all where none is named. They stand together.
func (b *bundle) factorsOf(outcome string) []Factor {
	from, found := slices.BinarySearchFunc(b.factors, outcome, func(f Factor, id string) int { return strings.Compare(f.Outcome, id) })
	if !found {
		return nil
	}
	to := from
	for to < len(b.factors) && b.factors[to].Outcome == outcome {
		to++
	}
	return b.factors[from:to]
}

func filled(text string) int {
	if text == "" {
		return 0
	}
	return 1
}

// resolve finds the number of a factor: its value, or its parameter in the project's submission or among the shared ones.
func (x *index) resolve(b *bundle, f Factor) (resolved, string) {
	switch {
	case f.Parameter == "" && f.Value == nil, f.Parameter != "" && f.Value != nil:
		return resolved{}, NoValueOfFactor
	case f.Parameter == "":
		return resolved{number: fixed(*f.Value), row: f}, ""
	}
	p, ok := x.parameters[key{b.Submission, f.Parameter}]
	if !ok {
		if p, ok = x.parameters[key{SharedSubmission, f.Parameter}]; !ok {
			return resolved{}, UnknownParameter
		}
	}
	r := resolved{row: f, source: p.Source, recalled: p.Recalled}
	switch {
	case p.Check() != "":
		return resolved{}, BadDistribution
	case p.Fixed():
		r.number = fixed(p.Plain())
	default:
		r.number = number{slope: 1, param: b.params.add(p.Submission+"/"+p.ID, p.Distribution)}
	}
	return r, ""
}

// into puts the factors into a form.
func (c choice) into(b *bundle, l *Line, f *form, v valuation) string {
	take := func(from map[string]resolved, name string, to *number) {
		if r, ok := from[name]; ok {
			*to = r.number
		}
	}
	take(c.with, QuantityScale, &f.quantityScale)
	take(c.with, ReferenceScale, &f.referenceScale)
	take(c.without, ReferenceScale, &f.referenceScale)
	take(c.with, ValueScale, &f.valueScale)
	take(c.with, UnitValueName, &f.unitValue)
	take(c.with, Deadweight, &f.deadweight)
	take(c.with, Attribution, &f.attribution)
	if v.attributionInProxy {
		f.attribution = fixed(0)
	}
	if l.Share != nil { // what is ours of what is left after attribution
		kept := product{weight: *l.Share}.times(1, -1, f.attribution)
		f.attribution = number{1 - *l.Share*(1-f.attribution.fixed), *l.Share * f.attribution.slope, f.attribution.param}
		if len(kept.parts) == 0 {
			f.attribution = fixed(1 - kept.weight)
		}
	}
	if r, ok := c.with[DropOff]; ok {
		if r.slope != 0 {
			return DropOffNotFixed
		}
		f.dropOff = r.fixed
	}
	l.Basis = c.basis()
	c.cite(l, v)
	if v.global {
		if len(c.with)+len(c.without) > 0 && c.any(areaFactors()...) {
			l.Flags = append(l.Flags, FlagGlobal)
		}
		return ""
	}
	for _, s := range []struct {
		from map[string]resolved
		to   *side
	}{{c.with, &f.with}, {c.without, &f.without}} {
		take(s.from, Leakage, &s.to.leakage)
		take(s.from, Displacement, &s.to.displacement)
		take(s.from, Substitution, &s.to.substitution)
		take(s.from, Multiplier, &s.to.multiplier)
		if v.displacementInProxy {
			s.to.displacement = fixed(0)
		}
	}
	// What nobody said may have been lost on the way: a sheet that was refused must not make a gain larger.
	_, leaks := c.with[Leakage]
	_, displaces := c.with[Displacement]
	if !leaks || !displaces && !v.displacementInProxy {
		return NoFactors
	}
	c.flagMultiplier(b.params.of, l, f, v.highMultiple)
	return ""
}

func (c choice) any(names ...string) bool {
	for _, name := range names {
		if _, ok := c.with[name]; ok {
			return true
		}
		if _, ok := c.without[name]; ok {
			return true
		}
	}
	return false
}

func (c choice) flagMultiplier(of []chance.Distribution, l *Line, f *form, usual float64) {
	r, ok := c.with[Multiplier]
	if !ok {
		return
	}
	l.MultiplierType = r.row.MultiplierType
	_, high := f.with.multiplier.support(of)
	if r.row.MultiplierType == "type_1" && usual > 0 && high > usual {
		l.Flags = append(l.Flags, FlagMultiplierHigh)
	}
	if l.Level == "UK" && high > 1 {
		l.Flags = append(l.Flags, FlagNationalMultiplier)
	}
}

// basis is the weakest of what the factors rest on.
func (c choice) basis() string {
	weakest, at := "", -1
	order := []string{"measured", "evaluation_evidence", "ready_reckoner", "system_default", "self_reported", "assumed"}
	for _, side := range []map[string]resolved{c.with, c.without} {
		for _, r := range side {
			for i, basis := range order {
				if r.row.Basis == basis && i > at {
					weakest, at = basis, i
				}
			}
		}
	}
	return weakest
}

// areaFactors are those that what is the same wherever it arises does not take.
func areaFactors() []string { return []string{Leakage, Displacement, Substitution, Multiplier} }

// cite tells where the factors that are used come from, and flags those that nobody has checked yet.
func (c choice) cite(l *Line, v valuation) {
	recalled := false
	for _, side := range []map[string]resolved{c.with, c.without} {
		for name, r := range side {
			if v.global && slices.Contains(areaFactors(), name) {
				continue
			}
			l.cite(r.row.Evidence)
			l.cite(r.source)
			recalled = recalled || r.recalled
		}
	}
	if recalled {
		l.Flags = append(l.Flags, FlagRecalled)
	}
}

// cite adds a source, each once, in the order of the alphabet.
func (l *Line) cite(source string) {
	if at, found := slices.BinarySearch(l.Sources, source); source != "" && !found {
		l.Sources = slices.Insert(l.Sources, at, source)
	}
}
