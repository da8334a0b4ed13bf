package assess

import (
	"slices"

	"socialvalue/pipelines/impact/netting"
	"socialvalue/pipelines/impact/shapley"
)

// lineVariants are a line's form and what adjustments do to it.
type lineVariants struct {
	form
	effects []effectOn
}

// lines makes the lines of a project: a line for each outcome, stage and level that has quantities.
func (x *index) lines(b *bundle, ref *Reference) []*Line {
	var lines []*Line
	restated := slices.ContainsFunc(b.outcomes, func(o Outcome) bool { return o.VersionAfter != "" && o.VersionAfter != o.Version })
	for _, o := range b.outcomes {
		quantities := b.quantities[o.ID]
		for from := 0; from < len(quantities); {
			to := from + 1
			for to < len(quantities) && quantities[to].Stage == quantities[from].Stage && quantities[to].Level == quantities[from].Level {
				to++
			}
			some := quantities[from:to]
			from = to
			after := o
			if o.VersionAfter != "" {
				after.Version = o.VersionAfter
			}
			switch stage := some[0].Stage; {
			case stage != ExAnte:
				lines = append(lines, x.line(b, ref, after, stage, stage, some))
			default:
				lines = append(lines, x.line(b, ref, o, stage, AsApproved, some))
				if restated {
					lines = append(lines, x.line(b, ref, after, stage, Restated, some))
				}
			}
		}
	}
	return lines
}

// line makes one line. What is wrong about it is told in its reasons and refused once.
func (x *index) line(b *bundle, ref *Reference, o Outcome, stage, out string, quantities []Quantity) *Line {
	l := &Line{Outcome: o, Stage: out, Level: quantities[0].Level, PriceYear: b.PriceYear, Guidance: b.Guidance, NotCounted: b.notCounted[o.ID]}
	l.variants = &lineVariants{}
	l.evidence(ref)
	l.cite(o.Source)
	value := x.valuation(b, ref, l)
	if l.NetReason == "" {
		l.NetReason = x.fill(b, l, stage, quantities, value)
	}
	if l.NetReason == "" && l.ValueReason == "" {
		l.ValueReason = l.weigh(b, ref, value)
	}
	l.effects(b, stage)
	if l.NetReason == "" {
		l.finish(b)
	}
	l.weight(b, ref)
	for _, code := range []string{l.NetReason, l.ValueReason} {
		if code != "" {
			b.refuse(Refusal{Subject: "outcome", ID: o.ID, Outcome: o.ID, Stage: out, Level: l.Level, System: o.System, Code: code})
			break
		}
	}
	l.Counted = l.NetReason == "" && l.ValueReason == "" && l.NotCounted == "" && b.inView(l)
	return l
}

const fiscal = "fiscal"

// inView tells whether a line's kind of value belongs to the view of its project. In the view of society fiscal values stand
// beside the sum.
func (b *bundle) inView(l *Line) bool {
	l.fiscalView = b.Perspective == "public_accounts"
	if l.fiscalView && l.ProxyValueType != fiscal {
		l.NotCounted = NotInPerspective
		return false
	}
	return true
}

func (l *Line) evidence(ref *Reference) {
	l.Grade = ref.Grades[l.Design]
	switch {
	case l.Grade == 0 || l.RefMethod == "static" || l.Grade <= 2:
		l.Confidence = "low"
	case l.Grade == 3:
		l.Confidence = "medium"
	default:
		l.Confidence = "high"
	}
	if l.RefMethod == "static" {
		l.Flags = append(l.Flags, FlagStatic)
	}
}

// fill puts quantities and factors into the line's form and says why there is no net quantity.
func (x *index) fill(b *bundle, l *Line, stage string, quantities []Quantity, v valuation) string {
	f := form{
		with: none(), without: none(), quantityScale: fixed(1), referenceScale: fixed(1), valueScale: fixed(1), unitValue: fixed(1),
	}
	chosen, code := x.factorsOf(b, l, stage)
	if code != "" {
		return code
	}
	references := 0
	for _, q := range quantities {
		if q.Reference != nil {
			references++
		}
	}
	_, deadweight := chosen.with[Deadweight]
	switch {
	case deadweight && references > 0, l.ComparisonGroup && (deadweight || references > 0):
		return string(netting.DoubleDeadweight)
	case l.ComparisonGroup:
		f.kind = ComparisonForm
	case v.deadweightInProxy:
		f.kind = InProxyForm
	case deadweight:
		f.kind = ShorthandForm
	case references == len(quantities):
		f.kind = TwoSidedForm
	default:
		return string(netting.NoReference)
	}
	if code := chosen.into(b, l, &f, v); code != "" {
		return code
	}
	first := quantities[0].Year
	for _, q := range quantities {
		y := yearIn{year: q.Year, gross: q.Gross, persistence: persistence(f.dropOff, q.Year-first)}
		if q.Reference != nil && f.kind == TwoSidedForm {
			y.reference, y.hasReference = *q.Reference, true
		}
		f.years = append(f.years, y)
	}
	l.Form, l.variants.form = f.kind, f
	return f.check(b.params.of)
}

// persistence is what is left of an outcome after so many years.
func persistence(dropOff float64, years int) float64 {
	p := 1.0
	for range years {
		p *= 1 - dropOff
	}
	return p
}

// effects finds the effects that touch the line. What was measured afterwards holds them already.
func (l *Line) effects(b *bundle, stage string) {
	if stage != ExAnte {
		return
	}
	for _, e := range b.effects {
		if e.Outcome != l.ID || e.Level != "" && e.Level != l.Level {
			continue
		}
		on := effectOn{Effect: e}
		for _, id := range e.Adjustments {
			on.needs |= 1 << b.adjustment(id)
		}
		l.variants.effects = append(l.variants.effects, on)
	}
}

// finish reckons the line where no chance is reckoned with: with no adjustments, with those committed, with all.
func (l *Line) finish(b *bundle) {
	plain := b.params.plain
	committed, all := b.committed()
	f := l.variants.adjusted(l.variants.effects, committed)
	if code := f.check(b.params.of); code != "" {
		l.NetReason = code
		return
	}
	l.Plain, l.Years = f.numbers(plain), f.yearsOut(plain)
	l.AdjustmentIDs = b.touching(l, committed)
	l.Totals = totals(l.Years, l.Plain)
	if l.Stage != AsApproved && l.Stage != Restated {
		return
	}
	inherent := l.variants.yearsOut(plain)
	l.Totals.Split = true
	for i := range l.Years {
		l.Years[i].Inherent = inherent[i].PV
		l.Years[i].Additional = l.Years[i].PV - inherent[i].PV
		l.Totals.Inherent += inherent[i].PV
	}
	l.Totals.Additional = l.Totals.PV - l.Totals.Inherent
	l.overlap(b, committed, inherent)
	if more := l.variants.adjusted(l.variants.effects, all); more.check(b.params.of) == "" {
		l.Totals.CouldDeliver = more.present().At(plain) - l.Totals.PV
	}
}

// overlap is what the committed adjustments do together beyond what each does alone, year by year.
func (l *Line) overlap(b *bundle, committed shapley.Set, inherent []Year) {
	if len(l.variants.effects) == 0 {
		return
	}
	for i := range l.Years {
		l.Years[i].Overlap = l.Years[i].Additional
	}
	for _, member := range b.members(committed, true) {
		alone := l.variants.adjusted(l.variants.effects, 1<<member).yearsOut(b.params.plain)
		for i := range l.Years {
			l.Years[i].Overlap -= alone[i].PV - inherent[i].PV
		}
	}
	for _, y := range l.Years {
		l.Totals.Overlap += y.Overlap
	}
}

// committed are the sets of adjustments that are committed, and of all.
func (b *bundle) committed() (committed, all shapley.Set) {
	for i, a := range b.adjustments {
		if a.Committed {
			committed |= 1 << i
		}
	}
	return committed, shapley.All(len(b.adjustments))
}

// touching are the adjustments of a set that change the line.
func (b *bundle) touching(l *Line, set shapley.Set) []string {
	var touched shapley.Set
	for _, e := range l.variants.effects {
		if e.needs&set == e.needs {
			touched |= e.needs
		}
	}
	var ids []string
	for i, a := range b.adjustments {
		if touched.Has(i) {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

// totals adds the years up, with the bars of the waterfall in their order.
func totals(years []Year, n Numbers) Totals {
	var t Totals
	with := netting.Factors{Leakage: n.Leakage, Displacement: n.Displacement, Substitution: n.Substitution, Multiplier: n.Multiplier}
	without := netting.Factors{Leakage: n.LeakageRef, Displacement: n.DisplacementRef, Substitution: n.SubstitutionRef, Multiplier: n.MultiplierRef}
	for _, y := range years {
		t.Gross += y.Gross
		t.Reference += y.Reference
		t.Net += y.Net
		t.Undiscounted += y.Undiscounted
		t.PV += y.PV
		for i, step := range netting.Waterfall(y.Gross, with) {
			t.Waterfall[i] += step.Change
		}
		net := netting.TwoSided(y.Gross, y.Reference, with, without)
		t.Waterfall[4] -= net.Reference
		t.Waterfall[5] -= net.Net * n.Attribution
		t.Waterfall[6] -= net.Net * (1 - n.Attribution) * (1 - y.Persistence)
	}
	return t
}
