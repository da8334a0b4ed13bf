package disclosure

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// network is everything an attacker can add and subtract: the numbers of people
// in all tables together, and the equations between them.
type network struct {
	vars      []variable
	equations []equation
}

// variable is one number of people. A derived one stands in no table, but can
// be worked out from those that do, such as those who did not pass.
type variable struct {
	name    string // sorts
	value   int64
	derived bool
	nought  bool  // a nought of it is hidden too, so what is hidden may be nought
	minimum int64 // fewest people to be shown, and fewest values to be left open
	why     string
	hidden  Withholding
	in      []int // equations
	wholes  []int // totals that it is part of
}

// equation says that terms add up to nought, or to what parts leave of a total
// where that may be known. With atMost parts leave something: they are published
// as no more than their total.
type equation struct {
	terms  []term
	atMost bool
}

type term struct {
	v    int
	sign int64 // 1 or -1
}

// Withholding is how a cell came to be withheld.
type Withholding string

// A cell is withheld for its own sake, or for that of another which could be
// worked out from it.
const (
	Primary   Withholding = "primary"
	Secondary Withholding = "secondary"
)

// unknown says whether an attacker has to work the number out.
func (v *variable) unknown() bool { return v.derived || v.hidden != "" }

// sensitive says whether the number itself must not be known.
func (v *variable) sensitive() bool { return v.why != "" }

// floor is the least that an attacker knows the number to be: where noughts
// are shown, what is hidden is none.
func (v *variable) floor() int64 {
	if v.derived || v.nought || v.value == 0 {
		return 0
	}
	return 1
}

// room is how far the number could be lower.
func (v *variable) room() int64 { return v.value - v.floor() }

func (n *network) add(v variable) int {
	n.vars = append(n.vars, v)
	return len(n.vars) - 1
}

func (n *network) equate(terms ...term) {
	n.equations = append(n.equations, equation{terms: terms})
	for _, t := range terms {
		n.vars[t.v].in = append(n.vars[t.v].in, len(n.equations)-1)
	}
}

// protect hides numbers until none that is hidden, and none that is sensitive,
// can be worked out. A hidden number keeps at least two possible values, a
// sensitive one as many as its minimum. That hiding more never helps an attacker
// makes one pass enough. It ends early, with nothing decided, when it is told to.
func (n *network) protect(ctx context.Context) error {
	var targets []int
	for i := range n.vars {
		if n.vars[i].sensitive() {
			if !n.vars[i].derived {
				n.vars[i].hidden = Primary
			}
			targets = append(targets, i)
		}
	}
	slices.SortStableFunc(targets, func(a, b int) int {
		return cmp.Or(cmp.Compare(n.vars[a].value, n.vars[b].value), cmp.Compare(n.vars[a].name, n.vars[b].name))
	})
	for len(targets) > 0 {
		target := targets[0]
		targets = append(targets[1:], n.defend(ctx, target)...)
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("look for what gives withheld counts away: %w", err)
		}
	}
	return nil
}

// defend makes one number safe, and names those it hid for that.
func (n *network) defend(ctx context.Context, target int) (hidden []int) {
	need := int64(2)
	if v := &n.vars[target]; v.sensitive() {
		need = max(need, v.minimum)
	}
	pattern, safe := n.search(ctx, target, need)
	if safe {
		return n.hide(pattern)
	}
	// It cannot be proved safe: first the sums that it is part of go, then all
	// that hangs together with it.
	for _, e := range n.vars[target].in {
		for _, t := range n.equations[e].terms {
			hidden = append(hidden, n.hide([]int{t.v})...)
		}
	}
	if pattern, safe = n.search(ctx, target, need); safe {
		return append(hidden, n.hide(pattern)...)
	}
	return append(hidden, n.hide(n.component(target))...)
}

func (n *network) hide(vars []int) (hidden []int) {
	for _, i := range vars {
		if v := &n.vars[i]; !v.unknown() {
			v.hidden = Secondary
			hidden = append(hidden, i)
		}
	}
	return hidden
}

// component lists every number that hangs together with one.
func (n *network) component(start int) []int {
	seen, queue := map[int]bool{start: true}, []int{start}
	for k := 0; k < len(queue); k++ {
		for _, e := range n.vars[queue[k]].in {
			for _, t := range n.equations[e].terms {
				if !seen[t.v] {
					seen[t.v] = true
					queue = append(queue, t.v)
				}
			}
		}
	}
	slices.Sort(queue)
	return queue
}
