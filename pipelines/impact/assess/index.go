package assess

import (
	"cmp"
	"slices"
	"strings"

	"socialvalue/pipelines/impact/appraisal"
	"socialvalue/pipelines/impact/chance"
)

// bundle is everything that belongs to one project.
type bundle struct {
	Project
	outcomes    []Outcome
	quantities  map[string][]Quantity // by outcome
	factors     []Factor
	adjustments []Adjustment // those that count
	effects     []Effect
	costs       []Cost
	refusals    []Refusal
	notCounted  map[string]string // outcomes that no sum counts, and why
	params      *params
}

// key of a project within its submission.
type key struct{ submission, id string }

// index sorts the rows to their projects; what belongs nowhere is refused. The order of rows is lost here.
type index struct {
	bundles    []*bundle
	parameters map[key]Parameter
	proxies    map[proxyKey]Proxy
	refusals   []Refusal
}

type proxyKey struct{ submission, system, version, code string }

func newIndex(in Input) *index {
	x := &index{parameters: map[key]Parameter{}, proxies: map[proxyKey]Proxy{}}
	byKey, twice := x.projects(in)
	find := func(submission, project, subject, id string) *bundle {
		b := byKey[key{submission, project}]
		if b == nil && !twice[project] {
			x.refuse(Refusal{Project: project, Submission: submission, Subject: subject, ID: id, Code: UnknownProject})
		}
		return b
	}
	for _, o := range in.Outcomes {
		if b := find(o.Submission, o.Project, "outcome", o.ID); b != nil {
			b.outcomes = append(b.outcomes, o)
		}
	}
	for _, b := range x.bundles {
		slices.SortFunc(b.outcomes, func(p, q Outcome) int { return strings.Compare(p.ID, q.ID) })
	}
	for _, q := range in.Quantities {
		b := find(q.Submission, q.Project, "quantity", q.Outcome)
		if b == nil || !b.knows(q.Outcome, "quantity", q.Outcome, q.Stage, q.Level) {
			continue
		}
		b.quantities[q.Outcome] = append(b.quantities[q.Outcome], q)
	}
	for _, f := range in.Factors {
		b := find(f.Submission, f.Project, "factor", f.Name)
		if b == nil || f.Outcome != "" && !b.knows(f.Outcome, "factor", f.Name, f.Stage, f.Level) {
			continue
		}
		b.factors = append(b.factors, f)
	}
	for _, c := range in.Costs {
		if b := find(c.Submission, c.Project, "cost", c.ID); b != nil {
			b.costs = append(b.costs, c)
		}
	}
	x.adjustments(in, find)
	for _, p := range in.Parameters {
		x.parameters[key{p.Submission, p.ID}] = p
	}
	for _, p := range in.Proxies {
		x.proxies[proxyKey{p.Submission, p.System, p.Version, p.Code}] = p
	}
	for _, b := range x.bundles {
		b.sort()
	}
	x.count()
	return x
}

// projects makes a bundle of each project. One that stands in two submissions is refused in both: nobody can say which counts.
func (x *index) projects(in Input) (map[key]*bundle, map[string]bool) {
	seen := map[string]int{}
	for _, p := range in.Projects {
		seen[p.ID]++
	}
	byKey, twice := map[key]*bundle{}, map[string]bool{}
	for _, p := range in.Projects {
		if seen[p.ID] > 1 {
			twice[p.ID] = true
			x.refuse(Refusal{Project: p.ID, Submission: p.Submission, Subject: "project", ID: p.ID, Code: ProjectTwice})
			continue
		}
		b := &bundle{Project: p, quantities: map[string][]Quantity{}, notCounted: map[string]string{}}
		byKey[key{p.Submission, p.ID}] = b
		x.bundles = append(x.bundles, b)
	}
	slices.SortFunc(x.bundles, func(a, b *bundle) int { return strings.Compare(a.ID, b.ID) })
	return byKey, twice
}

func (x *index) adjustments(in Input, find func(submission, project, subject, id string) *bundle) {
	for _, a := range in.Adjustments {
		b := find(a.Submission, a.Project, "adjustment", a.ID)
		switch {
		case b == nil:
		case a.LegalMinimum:
			b.refuse(Refusal{Subject: "adjustment", ID: a.ID, Code: LegalMinimumCode})
		default:
			b.adjustments = append(b.adjustments, a)
		}
	}
	for _, e := range in.Effects {
		b := find(e.Submission, e.Project, "effect", e.ID)
		if b == nil || !b.knows(e.Outcome, "effect", e.ID, "", e.Level) {
			continue
		}
		if !slices.Contains(changes(), e.Change) {
			b.refuse(Refusal{Subject: "effect", ID: e.ID, Outcome: e.Outcome, Level: e.Level, Code: UnknownChange})
			continue
		}
		b.effects = append(b.effects, e)
	}
}

// changes are what an effect may change.
func changes() []string {
	return []string{
		GrossQuantity, ReferenceQuantity, Leakage, Displacement, Substitution, Multiplier, Deadweight, Attribution,
		QuantityScale, ReferenceScale, UnitValueName, ValueScale,
	}
}

func (x *index) refuse(r Refusal) { x.refusals = append(x.refusals, r) }

func (b *bundle) refuse(r Refusal) {
	r.Project, r.Submission = b.ID, b.Submission
	b.refusals = append(b.refusals, r)
}

// knows tells whether the project has an outcome; a row about one it has not is refused.
func (b *bundle) knows(outcome, subject, id, stage, level string) bool {
	_, found := slices.BinarySearchFunc(b.outcomes, outcome, func(o Outcome, id string) int { return strings.Compare(o.ID, id) })
	if !found {
		b.refuse(Refusal{Subject: subject, ID: id, Outcome: outcome, Stage: stage, Level: level, Code: UnknownOutcome})
	}
	return found
}

// sort makes everything about a project come in one order, and drops effects of adjustments that it has not or that do not count.
func (b *bundle) sort() {
	slices.SortFunc(b.adjustments, func(p, q Adjustment) int { return strings.Compare(p.ID, q.ID) })
	slices.SortFunc(b.costs, func(p, q Cost) int { return strings.Compare(p.ID, q.ID) })
	slices.SortFunc(b.factors, func(p, q Factor) int {
		return cmp.Or(
			strings.Compare(p.Outcome, q.Outcome), strings.Compare(p.Stage, q.Stage), strings.Compare(p.Level, q.Level),
			strings.Compare(p.Side, q.Side), strings.Compare(p.Name, q.Name), strings.Compare(p.Parameter, q.Parameter),
		)
	})
	for _, quantities := range b.quantities {
		slices.SortFunc(quantities, func(p, q Quantity) int {
			return cmp.Or(strings.Compare(p.Stage, q.Stage), strings.Compare(p.Level, q.Level), cmp.Compare(p.Year, q.Year))
		})
	}
	slices.SortFunc(b.effects, func(p, q Effect) int { return strings.Compare(p.ID, q.ID) })
	known := b.effects[:0]
	for _, e := range b.effects {
		if unknown := slices.IndexFunc(e.Adjustments, func(id string) bool { return b.adjustment(id) < 0 }); unknown >= 0 || len(e.Adjustments) == 0 {
			if !b.refusedMinimum(e.Adjustments) {
				b.refuse(Refusal{Subject: "effect", ID: e.ID, Outcome: e.Outcome, Code: UnknownAdjustment})
			}
			continue
		}
		known = append(known, e)
	}
	b.effects = known
}

func (b *bundle) adjustment(id string) int {
	return slices.IndexFunc(b.adjustments, func(a Adjustment) bool { return a.ID == id })
}

// refusedMinimum tells whether an effect falls with an adjustment that is the legal minimum: that was said already.
func (b *bundle) refusedMinimum(ids []string) bool {
	for _, r := range b.refusals {
		if r.Code == LegalMinimumCode && slices.Contains(ids, r.ID) {
			return true
		}
	}
	return false
}

// proxy finds a unit value: the project's own submission first, then what is shared.
func (x *index) proxy(submission, system, version, code string) (Proxy, bool) {
	if p, ok := x.proxies[proxyKey{submission, system, version, code}]; ok {
		return p, true
	}
	p, ok := x.proxies[proxyKey{SharedSubmission, system, version, code}]
	return p, ok
}

// ancestor tells whether one code is a part of another, in one version of a system.
func (x *index) ancestor(submission, system, version, above, code string) bool {
	for range len(x.proxies) + 1 {
		p, ok := x.proxy(submission, system, version, code)
		if !ok || p.Parent == "" {
			return false
		}
		if p.Parent == above {
			return true
		}
		code = p.Parent
	}
	return false
}

// count decides which outcomes sums count: one headline of alternatives, shares of partners that fit, no parent beside its child.
func (x *index) count() {
	claims := map[string][]claim{}
	for _, b := range x.bundles {
		b.overlaps()
		x.families(b)
		for _, o := range b.outcomes {
			if o.SharedRef != "" {
				claims[o.SharedRef] = append(claims[o.SharedRef], claim{b, o})
			}
		}
	}
	for _, all := range claims {
		if code := together(all); code != "" {
			for _, c := range all {
				c.leaveOut(c.Outcome.ID, code)
			}
		}
	}
}

// claim is a project's claim of an outcome that others may claim as well.
type claim struct {
	*bundle
	Outcome Outcome
}

// together says what is wrong with the claims of several on one outcome.
func together(claims []claim) string {
	shares, headlines := make([]float64, 0, len(claims)), 0
	for _, c := range claims {
		if c.Outcome.Share != nil {
			shares = append(shares, *c.Outcome.Share)
		}
		if c.Outcome.Headline {
			headlines++
		}
	}
	switch {
	case len(shares) == len(claims):
		slices.Sort(shares)
		if !appraisal.SharesFit(shares) {
			return SharesOverOne
		}
	case len(claims) > 1 && headlines > 1:
		return TwoHeadlines
	case len(claims) > 1 && headlines == 0:
		return NoHeadline
	}
	return ""
}

// leaveOut counts an outcome in no sum. The first reason stays.
func (b *bundle) leaveOut(outcome, code string) {
	if b.notCounted[outcome] != "" {
		return
	}
	b.notCounted[outcome] = code
	if code != NotHeadline {
		b.refuse(Refusal{Subject: "outcome", ID: outcome, Outcome: outcome, Code: code})
	}
}

// overlaps leaves one headline of each overlap group.
func (b *bundle) overlaps() {
	groups := map[string]int{}
	for _, o := range b.outcomes {
		if o.OverlapGroup != "" && o.Headline {
			groups[o.OverlapGroup]++
		}
	}
	for _, o := range b.outcomes {
		switch {
		case o.OverlapGroup != "" && groups[o.OverlapGroup] > 1:
			b.leaveOut(o.ID, TwoHeadlines)
		case o.OverlapGroup != "" && groups[o.OverlapGroup] == 0:
			b.leaveOut(o.ID, NoHeadline)
		case !o.Headline:
			b.leaveOut(o.ID, NotHeadline)
		}
	}
}

// families leaves out a unit value that stands beside one it is part of, unless they are told as alternatives.
func (x *index) families(b *bundle) {
	for _, o := range b.outcomes {
		for _, other := range b.outcomes {
			if o.Proxy == "" || o.System != other.System || o.Version != other.Version ||
				o.OverlapGroup != "" && o.OverlapGroup == other.OverlapGroup {
				continue
			}
			if x.ancestor(b.Submission, o.System, o.Version, o.Proxy, other.Proxy) {
				b.leaveOut(o.ID, ParentChild)
				b.leaveOut(other.ID, ParentChild)
			}
		}
	}
}

// params are the parameters that a project's lines hang on.
type params struct {
	names []string // of streams
	of    []chance.Distribution
	plain []float64
	place map[string]int
}

func newParams() *params { return &params{place: map[string]int{}} }

// add gives the place of a parameter.
func (p *params) add(name string, d chance.Distribution) int {
	if at, ok := p.place[name]; ok {
		return at
	}
	at := len(p.of)
	p.place[name] = at
	p.names, p.of, p.plain = append(p.names, name), append(p.of, d), append(p.plain, d.Plain())
	return at
}
