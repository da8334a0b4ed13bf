//go:build duckdb_arrow

package disclosure

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// attacker knows every shown number and every equation. It shares no code with
// the search that protects: it eliminates with exact fractions, and it tightens
// bounds until nothing moves.
type attacker struct {
	n *network
}

// derivable lists the unknown numbers that follow exactly: those whose column
// is alone in a row of the reduced system.
func (a attacker) derivable() map[int]int64 {
	var unknown []int
	column := map[int]int{}
	for v := range a.n.vars {
		if a.n.vars[v].unknown() {
			column[v] = len(unknown)
			unknown = append(unknown, v)
		}
	}
	var rows [][]*big.Rat
	for _, e := range a.n.equations {
		row := make([]*big.Rat, len(unknown)+1)
		for i := range row {
			row[i] = new(big.Rat)
		}
		for _, t := range e.terms {
			if at, is := column[t.v]; is {
				row[at].Add(row[at], big.NewRat(t.sign, 1))
			} else {
				row[len(unknown)].Sub(row[len(unknown)], big.NewRat(t.sign*a.n.vars[t.v].value, 1))
			}
		}
		rows = append(rows, row)
	}
	pivotRow := 0
	for c := 0; c < len(unknown) && pivotRow < len(rows); c++ {
		at := -1
		for r := pivotRow; r < len(rows); r++ {
			if rows[r][c].Sign() != 0 {
				at = r
				break
			}
		}
		if at < 0 {
			continue
		}
		rows[pivotRow], rows[at] = rows[at], rows[pivotRow]
		inverse := new(big.Rat).Inv(rows[pivotRow][c])
		for k := range rows[pivotRow] {
			rows[pivotRow][k].Mul(rows[pivotRow][k], inverse)
		}
		for r := range rows {
			if r == pivotRow || rows[r][c].Sign() == 0 {
				continue
			}
			factor := new(big.Rat).Set(rows[r][c])
			for k := range rows[r] {
				rows[r][k].Sub(rows[r][k], new(big.Rat).Mul(factor, rows[pivotRow][k]))
			}
		}
		pivotRow++
	}
	found := map[int]int64{}
	for _, row := range rows {
		only, count := -1, 0
		for c := range unknown {
			if row[c].Sign() != 0 {
				only, count = c, count+1
			}
		}
		if count == 1 {
			found[unknown[only]] = row[len(unknown)].Num().Int64()
		}
	}
	return found
}

// bounds tightens what each unknown number can be, from nought up, until no
// equation says more.
func (a attacker) bounds() (low, high []int64) {
	const endless = int64(1) << 40
	low, high = make([]int64, len(a.n.vars)), make([]int64, len(a.n.vars))
	for v := range a.n.vars {
		low[v], high[v] = a.n.vars[v].value, a.n.vars[v].value
		if a.n.vars[v].unknown() {
			low[v], high[v] = a.n.vars[v].floor(), endless
		}
	}
	for changed := true; changed; {
		changed = false
		for _, e := range a.n.equations {
			for _, t := range e.terms {
				// sign·x = −Σ of the others
				var least, most int64
				for _, o := range e.terms {
					if o.v == t.v {
						continue
					}
					if o.sign*t.sign < 0 {
						least, most = least+low[o.v], most+high[o.v]
					} else {
						least, most = least-high[o.v], most-low[o.v]
					}
				}
				if least > low[t.v] {
					low[t.v], changed = least, true
				}
				if most < high[t.v] {
					high[t.v], changed = most, true
				}
			}
		}
	}
	return low, high
}

// isBeaten makes sure that nothing withheld, and nothing sensitive, follows.
func (n *network) isBeaten(t rapid.TB) {
	attack := attacker{n}
	derived := attack.derivable()
	low, high := attack.bounds()
	for v := range n.vars {
		one := n.vars[v]
		if one.derived && !one.sensitive() || !one.unknown() {
			if one.sensitive() {
				t.Fatalf("%s is sensitive and shown", one.name)
			}
			continue
		}
		if _, follows := derived[v]; follows {
			t.Fatalf("%s (%d, %s) can be worked out", one.name, one.value, one.hidden)
		}
		need := int64(2)
		if one.sensitive() {
			need = one.minimum
		}
		if left := high[v] - low[v] + 1; left < need {
			t.Fatalf("%s has %d possible values (%d to %d), needs %d", one.name, left, low[v], high[v], need)
		}
	}
}

func (n *network) protected(t rapid.TB) {
	if err := n.protect(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// grid is a table of counts with its margins, drawn.
func grid(t *rapid.T, n *network, label string, rows, columns int, total int) (cells [][]int, sum int) {
	small := rapid.OneOf(rapid.Int64Range(0, 12), rapid.Int64Range(0, 300))
	number := func(name string, value int64) int {
		v := variable{name: name, value: value, minimum: 10}
		if value > 0 && value < 10 {
			v.why = ruleSmall
		}
		return n.add(v)
	}
	cells = make([][]int, rows)
	rowTerms, columnTerms := make([][]term, rows), make([][]term, columns)
	rowSum, columnSum := make([]int64, rows), make([]int64, columns)
	all := int64(0)
	for i := range rows {
		for j := range columns {
			value := small.Draw(t, "count")
			v := number(fmt.Sprint(label, " cell ", i, " ", j), value)
			cells[i] = append(cells[i], v)
			rowTerms[i], columnTerms[j] = append(rowTerms[i], term{v, 1}), append(columnTerms[j], term{v, 1})
			rowSum[i], columnSum[j], all = rowSum[i]+value, columnSum[j]+value, all+value
		}
	}
	if total < 0 {
		total = number(label+" total", all)
	}
	var down, across []term
	for i := range rows {
		v := number(fmt.Sprint(label, " row ", i), rowSum[i])
		n.equate(append(rowTerms[i], term{v, -1})...)
		down = append(down, term{v, 1})
	}
	for j := range columns {
		v := number(fmt.Sprint(label, " column ", j), columnSum[j])
		n.equate(append(columnTerms[j], term{v, -1})...)
		across = append(across, term{v, 1})
	}
	n.equate(append(down, term{total, -1})...)
	n.equate(append(across, term{total, -1})...)
	return cells, total
}

// Rule D6 Secondary, and §3.2 rule 3: no withheld cell follows from rows,
// columns and totals.
func TestNoCellOfATableWithMarginsFollows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := &network{}
		grid(t, n, "a", rapid.IntRange(1, 6).Draw(t, "rows"), rapid.IntRange(2, 6).Draw(t, "columns"), -1)
		n.protected(t)
		n.isBeaten(t)
	})
}

// §3.2 rule 9: tables that share counts are one system. Here a part of each
// count is published too, and one row of the table has a breakdown of its own.
func TestNoCellOfLinkedTablesFollows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := &network{}
		cells, _ := grid(t, n, "a", rapid.IntRange(2, 4).Draw(t, "rows"), rapid.IntRange(2, 4).Draw(t, "columns"), -1)
		for i, row := range cells {
			for j, whole := range row {
				if !rapid.Bool().Draw(t, "has a part") {
					continue
				}
				value := rapid.Int64Range(0, n.vars[whole].value).Draw(t, "part")
				part := variable{name: fmt.Sprint("part ", i, j), value: value, minimum: 10}
				rest := variable{name: fmt.Sprint("rest ", i, j), value: n.vars[whole].value - value, derived: true, minimum: 10}
				for _, v := range []*variable{&part, &rest} {
					if small(v.value, 10) {
						v.why = ruleRest
					}
				}
				n.equate(term{n.add(part), 1}, term{n.add(rest), 1}, term{whole, -1})
			}
		}
		var terms []term
		left := n.vars[cells[0][0]].value
		for i := range 3 {
			value := rapid.Int64Range(0, left).Draw(t, "nested")
			if i == 2 {
				value = left
			}
			left -= value
			v := variable{name: fmt.Sprint("nested ", i), value: value, minimum: 10}
			if small(value, 10) {
				v.why = ruleSmall
			}
			terms = append(terms, term{n.add(v), 1})
		}
		n.equate(append(terms, term{cells[0][0], -1})...)
		n.protected(t)
		n.isBeaten(t)
	})
}

// The attacker does find what is there to be found: with primary cells alone
// withheld, a single small cell follows.
func TestTheAttackerFindsWhatFollows(t *testing.T) {
	t.Parallel()
	n := &network{}
	a := n.add(variable{name: "a", value: 3, hidden: Primary, why: ruleSmall, minimum: 10})
	b := n.add(variable{name: "b", value: 40})
	total := n.add(variable{name: "total", value: 43})
	n.equate(term{a, 1}, term{b, 1}, term{total, -1})
	if got := (attacker{n}).derivable(); len(got) != 1 || got[a] != 3 {
		t.Errorf("derivable = %v", got)
	}
}

// Rounded counts make their rounded totals wherever all of a sum is shown, and
// each is a multiple next to the true count.
func TestRoundedCountsAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := &network{}
		grid(t, n, "a", rapid.IntRange(1, 6).Draw(t, "rows"), rapid.IntRange(2, 6).Draw(t, "columns"), -1)
		n.protected(t)
		base := rapid.SampledFrom([]int64{5, 10}).Draw(t, "base")
		shown, unbalanced, err := n.round(t.Context(), func(int) int64 { return base })
		if err != nil {
			t.Fatal(err)
		}
		if unbalanced > 0 {
			t.Fatalf("%d sums do not add up", unbalanced)
		}
		for v := range n.vars {
			if one := n.vars[v]; !one.unknown() && (shown[v]%base != 0 || shown[v] <= one.value-base || shown[v] >= one.value+base) {
				t.Fatalf("%s: %d is shown as %d", one.name, one.value, shown[v])
			}
		}
		for _, e := range n.equations {
			sum, whole := int64(0), true
			for _, x := range e.terms {
				sum += x.sign * shown[x.v]
				whole = whole && !n.vars[x.v].unknown()
			}
			if whole && sum != 0 {
				t.Fatalf("a sum of shown counts is off by %d", sum)
			}
		}
	})
}

// What parts leave of their total is not less than nobody as it is shown, and may be as many as the minimum: so a few people
// whom two parts and more leave can be nobody, or twelve.
func TestAFewPeopleAreKeptByRounding(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := &network{}
		var terms []term
		var parts []int
		left := rapid.Int64Range(1, 9).Draw(t, "left")
		total := left
		for i := range rapid.IntRange(2, 6).Draw(t, "parts") {
			value := rapid.Int64Range(10, 300).Draw(t, "part")
			total += value
			parts = append(parts, n.add(variable{name: fmt.Sprint("part ", i), value: value, minimum: 10}))
			terms = append(terms, term{parts[i], 1})
		}
		whole := n.add(variable{name: "total", value: total, minimum: 10})
		rest := n.add(variable{name: "rest", value: left, minimum: 10, derived: true})
		n.equate(append(terms, term{whole, -1}, term{rest, 1})...)
		n.equations[0].atMost = true
		n.protected(t)
		shown, unbalanced, err := n.round(context.Background(), func(v int) int64 { return map[bool]int64{true: 0, false: 5}[v == rest] })
		if err != nil || unbalanced != 0 {
			t.Fatal(unbalanced, err)
		}
		difference := shown[whole]
		for _, v := range parts {
			if n.vars[v].hidden != "" {
				t.Fatal("a part is withheld")
			}
			difference -= shown[v]
		}
		slack := int64(4 * (len(parts) + 1))
		if most := difference + slack; difference < 0 || most < 10 || left > most || left < difference-slack {
			t.Fatalf("%d are left, shown as %d", left, difference)
		}
	})
}

// A search that is told to end does so, and says it.
func TestTheSearchEndsWhenToldTo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	n := &network{}
	a, b := n.add(variable{name: "a", value: 3, why: ruleSmall, minimum: 10}), n.add(variable{name: "b", value: 40})
	n.equate(term{a, 1}, term{b, 1}, term{n.add(variable{name: "total", value: 43}), -1})
	if err := n.protect(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("protect = %v", err)
	}
	if _, _, err := n.round(ctx, func(int) int64 { return 5 }); !errors.Is(err, context.Canceled) {
		t.Errorf("round = %v", err)
	}
}
