package assess

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"socialvalue/pipelines/impact/appraisal"
	"socialvalue/pipelines/impact/chance"
)

// place is where lines may be added: one stage, one level, one system.
type place struct{ stage, level, system string }

func (p place) compare(o place) int {
	return cmp.Or(strings.Compare(p.stage, o.stage), strings.Compare(p.level, o.level), strings.Compare(p.system, o.system))
}

func placesOf(lines []*Line) []place {
	seen := map[place]bool{}
	var places []place
	for _, l := range lines {
		p := place{l.Stage, l.Level, l.System}
		if !seen[p] {
			seen[p] = true
			places = append(places, p)
		}
	}
	slices.SortFunc(places, place.compare)
	return places
}

func (p place) holds(l *Line) bool {
	return l.Stage == p.stage && l.Level == p.level && l.System == p.system
}

// counted are the lines that a sum of the place is made of; fiscal values stand beside a social sum.
func (p place) counted(lines []*Line) []*Line {
	var counted []*Line
	for _, l := range lines {
		if p.holds(l) && l.Counted && !l.beside() {
			counted = append(counted, l)
		}
	}
	return counted
}

// beside tells of fiscal values in a social view. In the view of public accounts nothing else is counted.
func (l *Line) beside() bool { return l.ProxyValueType == fiscal && !l.fiscalView }

// room are the draws of a worker, used again for each project.
type room struct {
	n       int
	product []float64
	line    []float64
	terms   [][]float64
	free    [][]float64
	byParam map[int][]float64
}

func newRoom(n int) *room {
	return &room{n: n, product: make([]float64, n), line: make([]float64, n), byParam: map[int][]float64{}}
}

// clear forgets the draws of the project before.
func (r *room) clear() {
	for _, values := range r.byParam {
		r.free = append(r.free, values)
	}
	clear(r.byParam)
}

// draws are those of a parameter, made when they are asked for first.
func (r *room) draws(p *params, seed int64) func(int) []float64 {
	return func(at int) []float64 {
		values, ok := r.byParam[at]
		if ok {
			return values
		}
		if n := len(r.free); n > 0 {
			values, r.free = r.free[n-1], r.free[:n-1]
		} else {
			values = make([]float64, r.n)
		}
		chance.Fill(values, seed, p.names[at], p.of[at])
		r.byParam[at] = values
		return values
	}
}

// sums adds a project's lines up, place by place, and simulates them.
func (b *bundle) sums(ref *Reference, lines []*Line, costs costs, s Settings, room *room) []Sum {
	room.clear()
	committed, _ := b.committed()
	draws := room.draws(b.params, s.Seed)
	var sums []Sum
	for _, place := range placesOf(lines) {
		sum := Sum{Project: b.Project, Stage: place.stage, Level: place.level, System: place.system, Split: true, HasWeighted: true}
		if s.Draws > 0 {
			sum.draws = make([]float64, s.Draws)
		}
		for _, l := range lines {
			if !place.holds(l) {
				continue
			}
			if l.NetReason != "" || l.ValueReason != "" {
				sum.NotValued++
				continue
			}
			form := l.variants.adjusted(l.variants.effects, committed)
			e := form.present()
			l.Mean, l.SD = e.Mean(b.params.of), math.Sqrt(math.Max(0, e.Variance(b.params.of)))
			l.Low, l.High, l.HasBounds = e.Bounds(b.params.of)
			if s.Draws > 0 {
				clear(room.line)
				e.Simulate(room.line, room.product, draws)
			}
			sum.take(l, room.line)
			if l.Counted && !l.beside() {
				sum.Mean += l.Mean
				sum.LowerRatePV += form.lowerRate().At(b.params.plain)
				sum.HasLowerRate = sum.HasLowerRate || b.isLong(ref, l)
			}
			if s.ByYear && s.Draws > 0 {
				l.drawYears(form, room, draws)
			}
			if s.Draws > 0 {
				l.Drawn = chance.Summarise(room.line)
			}
		}
		sum.ratios(ref, b, costs, s.Draws > 0)
		sums = append(sums, sum)
	}
	return sums
}

// take adds a line.
func (s *Sum) take(l *Line, draws []float64) {
	switch {
	case !l.Counted:
	case l.beside():
		s.Fiscal += l.Totals.PV
	default:
		s.Lines++
		s.PV += l.Totals.PV
		s.Inherent += l.Totals.Inherent
		s.Additional += l.Totals.Additional
		s.CouldDeliver += l.Totals.CouldDeliver
		s.Overlap += l.Totals.Overlap
		s.Weighted += l.Totals.PV * l.Weight
		s.HasWeighted = s.HasWeighted && l.Weight != 0
		s.Split = s.Split && l.Totals.Split
		if s.Lines == 1 || l.Grade < s.Grade {
			s.Grade = l.Grade
		}
		for i, v := range draws[:len(s.draws)] {
			s.draws[i] += v
		}
	}
}

// ratios sets benefits against costs.
func (s *Sum) ratios(ref *Reference, b *bundle, costs costs, drawn bool) {
	s.Cost, s.CostReason = costs.of(ref, b, s.Stage)
	if s.CostReason == "" {
		r := appraisal.Compare(s.PV, s.Cost)
		s.NPSV, s.BCR, s.BCRReason, s.Band, s.Switch, s.HasSwitch = r.NPSV, r.BCR, r.Reason, r.Band, r.Switch, r.HasSwitch
	} else {
		s.BCRReason = s.CostReason
	}
	if drawn {
		if s.BCRReason == "" {
			s.PBCRBelowOne = chance.Share(s.draws, func(v float64) bool { return v < s.Cost })
		}
		s.Drawn = chance.Summarise(s.draws)
	}
}

// isLong tells whether a line runs so long that it is reckoned at the lower rate as well.
func (b *bundle) isLong(ref *Reference, l *Line) bool {
	return len(l.Years) > 0 && l.Years[len(l.Years)-1].Year-b.DecisionYear > ref.LongHorizon
}

// Swing inputs where a distribution has no ends: this many standard deviations from the mean, which leaves out a twentieth on
// either side of a normal one.
const deviations = 1.6448536269514722

// swings moves one parameter at a time from its low to its high and tells how far each sum goes, the widest first.
func (b *bundle) swings(sums []Sum, lines []*Line) []Swing {
	committed, _ := b.committed()
	var out []Swing
	for _, sum := range sums {
		var whole chance.Expression
		for _, l := range (place{sum.Stage, sum.Level, sum.System}).counted(lines) {
			whole = append(whole, l.variants.adjusted(l.variants.effects, committed).present()...)
		}
		swings := b.swingsOf(whole)
		for i := range swings {
			swings[i].Project, swings[i].Stage, swings[i].Level, swings[i].System = b.ID, sum.Stage, sum.Level, sum.System
			swings[i].Rank = i + 1
		}
		out = append(out, swings...)
	}
	return out
}

func (b *bundle) swingsOf(whole chance.Expression) []Swing {
	values := slices.Clone(b.params.plain)
	base := whole.At(values)
	terms := map[int]chance.Expression{} // that a parameter stands in
	for _, term := range whole {
		for _, at := range (chance.Expression{term}).Parameters() {
			terms[at] = append(terms[at], term)
		}
	}
	var swings []Swing
	for _, at := range whole.Parameters() {
		low, high := ends(b.params.of[at])
		s := Swing{Parameter: b.params.names[at], LowInput: low, HighInput: high}
		rest := base - terms[at].At(values)
		values[at] = low
		s.AtLow = rest + terms[at].At(values)
		values[at] = high
		s.AtHigh = rest + terms[at].At(values)
		values[at] = b.params.plain[at]
		swings = append(swings, s)
	}
	slices.SortFunc(swings, func(p, q Swing) int {
		return cmp.Or(cmp.Compare(math.Abs(q.AtHigh-q.AtLow), math.Abs(p.AtHigh-p.AtLow)), strings.Compare(p.Parameter, q.Parameter))
	})
	return swings
}

func ends(d chance.Distribution) (low, high float64) {
	low, high = d.Support()
	if math.IsInf(low, 0) || math.IsInf(high, 0) {
		mean := d.Moment(1)
		sd := math.Sqrt(math.Max(0, d.Moment(2)-mean*mean))
		low, high = math.Max(low, mean-deviations*sd), mean+deviations*sd
	}
	return low, high
}
