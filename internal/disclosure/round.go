package disclosure

import (
	"context"
	"fmt"
	"slices"
)

// roundingSteps is how many changes are tried to bring one sum in balance.
const roundingSteps = 3000

// rounding is what counts are published as. Every one is a multiple of its base
// next to the true count, the nearest (half up) where sums allow it: parts are
// published so that they make their published total.
type rounding struct {
	n     *network
	base  []int64 // of each variable; 0: published as it is, or not at all
	shown []int64
}

// round rounds what is shown. Sums that cannot be brought in balance are
// counted; their parts stay the nearest multiples.
func (n *network) round(ctx context.Context, base func(v int) int64) (shown []int64, unbalanced int, err error) {
	r := &rounding{n: n, base: make([]int64, len(n.vars)), shown: make([]int64, len(n.vars))}
	for v := range n.vars {
		r.shown[v] = n.vars[v].value
		if b := base(v); b > 1 && !n.vars[v].unknown() {
			r.base[v], r.shown[v] = b, roundTo(n.vars[v].value, b)
		}
	}
	for range 3 {
		unbalanced = 0
		for e := range n.equations {
			if err := ctx.Err(); err != nil {
				return nil, 0, fmt.Errorf("round counts: %w", err)
			}
			steps := roundingSteps
			for r.balance(e) != 0 && steps > 0 {
				if !r.mend(e, map[int]bool{}, 8, &steps) {
					break
				}
			}
			if r.visible(e) && r.balance(e) != 0 {
				unbalanced++
			}
		}
		if unbalanced == 0 {
			break
		}
	}
	return r.shown, unbalanced, nil
}

// visible says whether a reader can check the sum: all of it is shown, rounded.
func (r *rounding) visible(e int) bool {
	return !slices.ContainsFunc(r.n.equations[e].terms, func(t term) bool { return r.base[t.v] == 0 && !r.kept(e, t) })
}

// kept says whether a term is what a sum leaves, of which the reader sees nothing.
func (r *rounding) kept(e int, t term) bool { return r.n.equations[e].atMost && r.n.vars[t.v].derived }

func (r *rounding) balance(e int) (off int64) {
	if !r.visible(e) {
		return 0
	}
	for _, t := range r.n.equations[e].terms {
		if !r.kept(e, t) {
			off += t.sign * r.shown[t.v]
		}
	}
	if r.n.equations[e].atMost {
		return max(off, 0)
	}
	return off
}

// mend brings a sum nearer to its balance by changing one of its counts to the
// other multiple next to it, and then the other sums that this upsets.
func (r *rounding) mend(e int, touched map[int]bool, depth int, steps *int) bool {
	if depth == 0 {
		return false
	}
	want := -sign(r.balance(e))
	var able []term
	for _, t := range r.n.equations[e].terms {
		if !touched[t.v] && r.may(t.v, want*t.sign) {
			able = append(able, t)
		}
	}
	// Parts before totals, and those first that the change brings least away.
	slices.SortStableFunc(able, func(x, y term) int {
		if x.sign != y.sign {
			return int(y.sign - x.sign)
		}
		return int(r.cost(x.v, want*x.sign) - r.cost(y.v, want*y.sign))
	})
	for _, t := range able {
		if *steps--; *steps < 0 {
			return false
		}
		before := slices.Clone(r.shown)
		r.shown[t.v] += want * t.sign * r.base[t.v]
		touched[t.v] = true
		mended := true
		for _, other := range r.n.vars[t.v].in {
			for other != e && mended && r.balance(other) != 0 {
				mended = r.mend(other, touched, depth-1, steps)
			}
		}
		if mended {
			return true
		}
		delete(touched, t.v)
		r.shown = before
	}
	return false
}

// may says whether a count may be shown as the next multiple that way: only the
// two next to the true count are allowed.
func (r *rounding) may(v int, direction int64) bool {
	value, base := r.n.vars[v].value, r.base[v]
	if base == 0 || value%base == 0 {
		return false
	}
	if direction > 0 {
		return r.shown[v] < value
	}
	return r.shown[v] > value
}

// cost is how far from the true count the change ends.
func (r *rounding) cost(v int, direction int64) int64 {
	distance := r.shown[v] + direction*r.base[v] - r.n.vars[v].value
	return max(distance, -distance)
}
