package disclosure

import (
	"cmp"
	"container/heap"
	"context"
	"math"
	"slices"
)

// searchSteps is how many half-made moves one search looks at.
const searchSteps = 4000

// move is a way in which numbers could be otherwise together without any
// equation noticing: a proof, with whole numbers, that they cannot be worked
// out. While it is made, some equations are still out of balance.
type move struct {
	deltas []delta // the target first
	off    []off   // equations out of balance, by number
	cost   int64   // people in the counts that would have to be hidden for it
	room   int64   // how often it can be made before a number falls below its floor
	order  int
}

type delta struct {
	v  int
	by int64 // 1 or -1
}

type off struct {
	equation int
	by       int64
}

// search finds the numbers that have to be hidden, with the fewest people in
// them, so that the target keeps need possible values. None have to be when the
// pattern is empty.
func (n *network) search(ctx context.Context, target int, need int64) (pattern []int, safe bool) {
	steps := need - 1 // one possible value is the true one
	down := n.widest(ctx, target, -1, steps)
	if down >= steps {
		return nil, true
	}
	if best := n.cheapest(ctx, target, 1, steps-down, true); best != nil {
		return nil, true
	}
	best := n.cheapest(ctx, target, 1, steps-down, false)
	if lower := n.cheapest(ctx, target, -1, steps, false); best == nil || lower != nil && lower.cost < best.cost {
		best = lower
	}
	if best == nil {
		return nil, false
	}
	for _, d := range best.deltas {
		if !n.vars[d.v].unknown() {
			pattern = append(pattern, d.v)
		}
	}
	return pattern, true
}

// widest is how far the target could move one way, with what is hidden now.
func (n *network) widest(ctx context.Context, target int, direction, most int64) int64 {
	for steps := most; steps > 0; steps /= 2 {
		if found := n.cheapest(ctx, target, direction, steps, true); found != nil {
			return min(found.room, most)
		}
	}
	return 0
}

// cheapest finds the move with the least cost that can be made that often. With
// hiddenOnly nothing more may be hidden for it. When it is told to end it finds
// nothing, and whoever asked looks at the context.
func (n *network) cheapest(ctx context.Context, target int, direction, steps int64, hiddenOnly bool) *move {
	if n.vars[target].derived && direction < 0 && n.vars[target].value < steps {
		return nil
	}
	start := &move{room: math.MaxInt64}
	if !n.extend(start, target, direction, steps) {
		return nil
	}
	open := &moves{start}
	order := 0
	for range searchSteps {
		if open.Len() == 0 || ctx.Err() != nil {
			return nil
		}
		current, _ := heap.Pop(open).(*move)
		if len(current.off) == 0 {
			return current
		}
		e, candidates := n.tightest(current, steps, hiddenOnly)
		for _, t := range candidates {
			next := &move{deltas: slices.Clone(current.deltas), off: slices.Clone(current.off), cost: current.cost, room: current.room}
			if n.extend(next, t.v, -sign(e.by)*t.sign, steps) {
				order++
				next.order = order
				heap.Push(open, next)
			}
		}
	}
	return nil
}

// extend moves one more number, and says whether it has the room.
func (n *network) extend(m *move, v int, by, steps int64) bool {
	one := &n.vars[v]
	if by < 0 {
		if one.room() < steps {
			return false
		}
		m.room = min(m.room, one.room())
	}
	m.deltas = append(m.deltas, delta{v, by})
	if !one.unknown() {
		m.cost += one.value
	}
	for _, e := range one.in {
		for _, t := range n.equations[e].terms {
			if t.v == v {
				m.unbalance(e, by*t.sign)
			}
		}
	}
	return true
}

func (m *move) unbalance(e int, by int64) {
	at, found := slices.BinarySearchFunc(m.off, e, func(o off, e int) int { return cmp.Compare(o.equation, e) })
	if !found {
		m.off = slices.Insert(m.off, at, off{e, by})
		return
	}
	if m.off[at].by += by; m.off[at].by == 0 {
		m.off = slices.Delete(m.off, at, at+1)
	}
}

// tightest is the unbalanced equation with the fewest numbers that could
// balance it, and those.
func (n *network) tightest(m *move, steps int64, hiddenOnly bool) (tight off, candidates []term) {
	fewest := math.MaxInt
	for _, o := range m.off {
		var able []term
		for _, t := range n.equations[o.equation].terms {
			one := &n.vars[t.v]
			switch {
			case !one.unknown() && (hiddenOnly || one.value == 0): // a nought is never hidden for another
			case slices.ContainsFunc(m.deltas, func(d delta) bool { return d.v == t.v }):
			case -sign(o.by)*t.sign < 0 && one.room() < steps:
			default:
				able = append(able, t)
			}
		}
		if len(able) < fewest {
			fewest, tight, candidates = len(able), o, able
		}
	}
	return tight, candidates
}

func sign(x int64) int64 {
	if x < 0 {
		return -1
	}
	return 1
}

// moves is a heap of moves, the cheapest first; of equal ones that with the
// fewest numbers, then the first made, so that a pattern does not hang on chance.
type moves []*move

func (h moves) Len() int { return len(h) }

func (h moves) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(h[i].cost, h[j].cost), cmp.Compare(len(h[i].deltas), len(h[j].deltas)), cmp.Compare(h[i].order, h[j].order)) < 0
}
func (h moves) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push adds a move.
func (h *moves) Push(x any) {
	if m, ok := x.(*move); ok {
		*h = append(*h, m)
	}
}

// Pop takes the last.
func (h *moves) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
