package assess

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"socialvalue/pipelines/impact/shapley"
)

// Settings say how an assessment is reckoned.
type Settings struct {
	Draws   int   // 0: nothing is simulated
	Seed    int64 // of all streams
	Workers int   // projects at once; the result does not hang on it
	ByYear  bool  // the draws of each year are told as well
}

// inFlight is how many projects of each worker are reckoned before their draws go into the portfolio: memory does not grow with
// the number of projects.
const inFlight = 4

// Run assesses every project.
func Run(ctx context.Context, in Input, s Settings) (*Result, error) {
	if s.Workers < 1 {
		s.Workers = 1
	}
	x := newIndex(in)
	result := &Result{Refusals: x.refusals}
	portfolio := newPortfolios()
	for chunk := range slices.Chunk(x.bundles, s.Workers*inFlight) {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("assess: %w", err)
		}
		for _, done := range x.inParallel(ctx, chunk, &in.Reference, s) {
			portfolio.add(done.Sums) // which lets go of the draws
			result.take(done)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("assess: %w", err)
	}
	result.Portfolio = portfolio.result(s)
	slices.SortFunc(result.Refusals, Refusal.compare)
	return result, nil
}

// inParallel assesses some projects and gives the results in their order.
func (x *index) inParallel(ctx context.Context, bundles []*bundle, ref *Reference, s Settings) []*Result {
	results := make([]*Result, len(bundles))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(s.Workers, len(bundles)) {
		workers.Go(func() {
			room := newRoom(s.Draws)
			for i := range next {
				if ctx.Err() == nil {
					results[i] = x.project(bundles[i], ref, s, room)
				} else {
					results[i] = &Result{}
				}
			}
		})
	}
	for i := range bundles {
		next <- i
	}
	close(next)
	workers.Wait()
	return results
}

// project assesses one project.
func (x *index) project(b *bundle, ref *Reference, s Settings, room *room) *Result {
	b.params = newParams()
	lines := x.lines(b, ref)
	slices.SortFunc(lines, compareLines)
	r := &Result{}
	costs := b.presentCosts(ref)
	r.Sums = b.sums(ref, lines, costs, s, room)
	r.Adjustments = b.contributions(ref, lines, costs)
	r.Comparisons = b.compare(lines)
	r.Swings = b.swings(r.Sums, lines)
	for _, l := range lines {
		l.variants = nil
		r.Lines = append(r.Lines, *l)
	}
	r.Refusals = b.refusals
	return r
}

func (r *Result) take(o *Result) {
	r.Lines = append(r.Lines, o.Lines...)
	r.Sums = append(r.Sums, o.Sums...)
	r.Adjustments = append(r.Adjustments, o.Adjustments...)
	r.Comparisons = append(r.Comparisons, o.Comparisons...)
	r.Swings = append(r.Swings, o.Swings...)
	r.Refusals = append(r.Refusals, o.Refusals...)
}

func compareLines(a, b *Line) int {
	return cmp.Or(
		strings.Compare(a.ID, b.ID), strings.Compare(a.Stage, b.Stage), strings.Compare(a.Level, b.Level), strings.Compare(a.System, b.System),
	)
}

func (r Refusal) compare(o Refusal) int {
	return cmp.Or(
		strings.Compare(r.Project, o.Project), strings.Compare(r.Submission, o.Submission), strings.Compare(r.Subject, o.Subject),
		strings.Compare(r.ID, o.ID), strings.Compare(r.Outcome, o.Outcome), strings.Compare(r.Stage, o.Stage),
		strings.Compare(r.Level, o.Level), strings.Compare(r.System, o.System), strings.Compare(r.Code, o.Code),
	)
}

// contributions shares out what adjustments add, at each level in each system: the committed ones among themselves, and then the
// others, given the committed ones.
func (b *bundle) contributions(ref *Reference, lines []*Line, costs costs) []AdjustmentValue {
	var out []AdjustmentValue
	for _, place := range placesOf(lines) {
		if place.stage != AsApproved {
			continue
		}
		counted := place.counted(lines)
		out = append(out, b.contributionsAt(ref, place, counted, costs)...)
	}
	return out
}

func (b *bundle) contributionsAt(ref *Reference, place place, lines []*Line, costs costs) []AdjustmentValue {
	committed, _ := b.committed()
	reason := ""
	value := func(set shapley.Set) float64 {
		sum := 0.0
		for _, l := range lines {
			f := l.variants.adjusted(l.variants.effects, set)
			if code := f.check(b.params.of); code != "" {
				reason = code
				continue
			}
			sum += f.present().At(b.params.plain)
		}
		return sum
	}
	shares := map[int]float64{}
	for _, group := range [][]int{b.members(committed, true), b.members(committed, false)} {
		given := shapley.Set(0)
		if len(group) > 0 && !committed.Has(group[0]) {
			given = committed
		}
		if len(b.adjustments) > shapley.Most {
			reason = TooManyAdjustments
			break
		}
		got, err := shapley.Shares(len(group), func(s shapley.Set) float64 {
			set := given
			for i, member := range group {
				if s.Has(i) {
					set |= 1 << member
				}
			}
			return value(set)
		})
		if err != nil {
			reason = TooManyAdjustments
			break
		}
		for i, member := range group {
			shares[member] = got[i]
		}
	}
	if reason != "" && len(b.adjustments) > 0 && place.system == b.System && place.level == b.HeadlineLevel {
		b.refuse(Refusal{Subject: "adjustments", ID: b.ID, Level: place.level, System: place.system, Stage: place.stage, Code: reason})
	}
	out := make([]AdjustmentValue, len(b.adjustments))
	for i, a := range b.adjustments {
		v := AdjustmentValue{Adjustment: a, Level: place.level, System: place.system, Contribution: shares[i], Reason: reason}
		v.Headline = place.level == b.HeadlineLevel && place.system == b.System
		v.Cost, v.CostReason = costs.extra(ref, b, a)
		switch {
		case reason != "":
			v.ValueForCostNull = reason
		case v.CostReason != "":
			v.ValueForCostNull = v.CostReason
		default:
			v.ValueForCost, v.ValueForCostNull = overCost(v.Contribution, v.Cost)
		}
		out[i] = v
	}
	return out
}

// members are the adjustments that are in a set, or that are not.
func (b *bundle) members(set shapley.Set, in bool) []int {
	var members []int
	for i := range b.adjustments {
		if set.Has(i) == in {
			members = append(members, i)
		}
	}
	return members
}
