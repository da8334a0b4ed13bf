package attack

import (
	"errors"
	"math"
)

// Term is a variable with its factor.
type Term struct {
	V  int
	By float64
}

// System is a set of linear inequalities over numbers that are not less than nought.
type System struct {
	names map[string]int
	rows  []bounds
	start *tableau // numbers that fit
	work  *tableau // those where the last question ended, from where the next begins
	asked int
}

type bounds struct {
	terms     []Term
	low, high float64
}

// ErrContradiction means that no numbers fit all that was said.
var ErrContradiction = errors.New("no numbers fit all that was said")

// NewSystem makes a system that says nothing.
func NewSystem() *System { return &System{names: map[string]int{}} }

// Var is the variable of that name, a new one the first time.
func (s *System) Var(name string) int {
	v, known := s.names[name]
	if !known {
		v = len(s.names)
		s.names[name] = v
	}
	return v
}

// Between says that a sum is not below low and not above high, which may be infinite.
func (s *System) Between(low, high float64, terms ...Term) {
	s.rows = append(s.rows, bounds{terms, low, high})
	s.start, s.asked = nil, 0
}

// Range is the least and the most that a sum can be.
func (s *System) Range(terms ...Term) (low, high float64, err error) {
	if s.start == nil {
		if s.start, err = s.feasible(); err != nil {
			return 0, 0, err
		}
	}
	if s.asked%32 == 0 { // so that what rounding does to the cells does not add up
		s.work = s.start.copied(s.work)
	}
	s.asked++
	return s.work.minimum(terms, 1), -s.work.minimum(terms, -1), nil
}

// tableau is that of the simplex method: a row for each inequality, the last column its right side, and the variable that
// stands in each row.
type tableau struct {
	cells   [][]float64
	basis   []int
	columns int
	banned  int // columns from here on are no part of the system
}

const epsilon = 1e-7

// feasible finds numbers that fit.
func (s *System) feasible() (*tableau, error) {
	type line struct {
		terms []Term
		right float64
		slack bool
	}
	var lines []line
	for _, row := range s.rows {
		switch {
		case row.low == row.high:
			lines = append(lines, line{row.terms, row.low, false})
			continue
		case !math.IsInf(row.low, -1):
			turned := make([]Term, len(row.terms))
			for i, t := range row.terms {
				turned[i] = Term{t.V, -t.By}
			}
			lines = append(lines, line{turned, -row.low, true})
		}
		if !math.IsInf(row.high, 1) {
			lines = append(lines, line{row.terms, row.high, true})
		}
	}
	n := len(s.names)
	t := &tableau{banned: n + len(lines), columns: n + 2*len(lines)}
	var artificial []Term
	for i, l := range lines {
		row := make([]float64, t.columns+1)
		for _, term := range l.terms {
			row[term.V] += term.By
		}
		row[t.columns] = l.right
		in := n + i
		if l.slack {
			row[n+i] = 1
		}
		if l.right < 0 || !l.slack {
			if l.right < 0 {
				for k := range row {
					row[k] = -row[k]
				}
			}
			in = t.banned + i
			row[in] = 1
			artificial = append(artificial, Term{in, 1})
		}
		t.cells, t.basis = append(t.cells, row), append(t.basis, in)
	}
	if left := t.optimise(artificial, t.columns); left > epsilon*100 {
		return nil, ErrContradiction
	}
	// What is still held by an artificial variable stands at nought: another takes its place, or the row says nothing.
	for i := range t.basis {
		if t.basis[i] < t.banned {
			continue
		}
		for c := range t.banned {
			if math.Abs(t.cells[i][c]) > epsilon {
				t.pivot(i, c, nil)
				break
			}
		}
	}
	return t, nil
}

// copied writes the tableau into another, or makes one.
func (t *tableau) copied(into *tableau) *tableau {
	if into == nil || len(into.cells) != len(t.cells) || into.columns != t.columns {
		into = &tableau{columns: t.columns, banned: t.banned, basis: make([]int, len(t.basis)), cells: make([][]float64, len(t.cells))}
		for i := range into.cells {
			into.cells[i] = make([]float64, t.columns+1)
		}
	}
	copy(into.basis, t.basis)
	for i, row := range t.cells {
		copy(into.cells[i], row)
	}
	return into
}

// minimum is the least that a sum, times a factor, can be.
func (t *tableau) minimum(terms []Term, factor float64) float64 {
	goal := make([]Term, len(terms))
	for i, term := range terms {
		goal[i] = Term{term.V, term.By * factor}
	}
	return t.optimise(goal, t.banned)
}

// optimise brings a sum to its least, using the first columns alone.
func (t *tableau) optimise(goal []Term, usable int) float64 {
	price := make([]float64, t.columns+1)
	for _, g := range goal {
		price[g.V] += g.By
	}
	for i, b := range t.basis {
		if by := price[b]; by != 0 {
			for k := range price {
				price[k] -= by * t.cells[i][k]
			}
		}
	}
	for round := 0; ; round++ {
		in, best := -1, -epsilon
		for c := range usable {
			if price[c] < best {
				in, best = c, price[c]
				if round > 2000 { // the first that helps: so it cannot go round in circles
					break
				}
			}
		}
		if in < 0 {
			return -price[t.columns]
		}
		out, least := -1, math.Inf(1)
		for i, row := range t.cells {
			if row[in] <= epsilon {
				continue
			}
			if ratio := row[t.columns] / row[in]; ratio < least-1e-12 || ratio <= least+1e-12 && t.basis[i] < t.basis[out] {
				out, least = i, ratio
			}
		}
		if out < 0 {
			return math.Inf(-1)
		}
		t.pivot(out, in, price)
	}
}

func (t *tableau) pivot(out, in int, price []float64) {
	row := t.cells[out]
	by := row[in]
	for k := range row {
		row[k] /= by
	}
	subtract := func(other []float64) {
		factor := other[in]
		if factor == 0 {
			return
		}
		for k, x := range row {
			if x != 0 {
				other[k] -= factor * x
			}
		}
		other[in] = 0
	}
	for i, other := range t.cells {
		if i != out {
			subtract(other)
		}
	}
	if price != nil {
		subtract(price)
	}
	t.basis[out] = in
}
