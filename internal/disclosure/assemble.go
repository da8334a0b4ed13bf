//go:build duckdb_arrow

package disclosure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"socialvalue/internal/warehouse"
)

// Rules by which cells are withheld, as meta.suppressions names them.
const (
	ruleSmall   = "small_count"
	ruleRest    = "small_difference"
	ruleNought  = "nought_of_a_sensitive_group"
	ruleAll     = "all_or_none_of_a_group"
	ruleSecond  = "could_be_worked_out_from_others"
	ruleRepeats = "repeats_a_withheld_cell"
	ruleNoCount = "no_count_of_people_given"
	ruleChosen  = "small_here_or_beside_it"
)

// assembly builds the network of all tables about people.
type assembly struct {
	network
	thresholds Thresholds
	tables     []*table
	byName     map[string]int
	dimensions []map[string]string // of each variable
	ofName     []string            // of each variable: who is counted
	base       map[string]int64    // of → base of rounding; 0: not rounded
}

// assemble reads the tables and makes their network.
func assemble(ctx context.Context, db *warehouse.DB, relations []Relation, thresholds Thresholds) (*assembly, error) {
	a := &assembly{thresholds: thresholds, byName: map[string]int{}, base: map[string]int64{}}
	for _, relation := range relations {
		read, err := readTable(ctx, db, relation)
		if err != nil {
			return nil, err
		}
		a.tables = append(a.tables, read)
	}
	for _, t := range a.tables {
		if err := a.number(t); err != nil {
			return nil, err
		}
	}
	for _, t := range a.tables {
		for _, step := range []func(context.Context, *warehouse.DB, *table) error{a.sums, a.nests, a.differences} {
			if err := step(ctx, db, t); err != nil {
				return nil, fmt.Errorf("%s: %w", t.where(), err)
			}
		}
		a.groups(t)
	}
	return a, nil
}

// number makes a variable of every count of people, one for all cells that
// show it.
func (a *assembly) number(t *table) error {
	for i := range t.rows {
		r := &t.rows[i]
		if !r.open {
			continue
		}
		for _, count := range t.Rules.Counts {
			value := r.counts[count.Column]
			if !value.Valid || !r.holds(count.When) {
				continue
			}
			if _, twice := r.vars[count.Column]; twice {
				return fmt.Errorf("%s: two entries of counts speak of %s in one row: tell them apart by when", t.where(), count.Column)
			}
			v, known := a.variable(count.of(t.Name), count.dimensions(t.Key, r), value.Int64)
			if known && a.vars[v].value != value.Int64 {
				return fmt.Errorf("%s: %s is said to count the same people as another cell, with another number: mend the model, or its `of` and `by`", t.where(), count.Column)
			}
			r.vars[count.Column] = v
			a.judge(v, t)
			if count.rounded() {
				a.base[a.ofName[v]] = max(a.base[a.ofName[v]], a.thresholds.Rounding, count.Round)
			}
		}
		for _, statistic := range t.Rules.Statistics {
			if !r.holds(statistic.When) {
				continue
			}
			for _, need := range statistic.Needs {
				if v, counted := r.vars[need]; counted {
					a.raise(v, a.thresholds.of(statistic.Kind))
				}
			}
		}
	}
	return nil
}

// variable finds or makes the number of the people described.
func (a *assembly) variable(of string, dimensions map[string]string, value int64) (v int, known bool) {
	name := of + " " + text(dimensions)
	if v, known = a.byName[name]; known {
		return v, true
	}
	v = a.add(variable{name: name, value: value})
	a.byName[name] = v
	a.dimensions, a.ofName = append(a.dimensions, dimensions), append(a.ofName, of)
	return v, false
}

// derive makes a variable that stands in no table.
func (a *assembly) derive(name string, value int64, rule string) int {
	one := variable{name: name, value: value, derived: true, minimum: a.thresholds.Count}
	if small(value, one.minimum) {
		one.why = rule
	}
	a.dimensions, a.ofName = append(a.dimensions, nil), append(a.ofName, "")
	return a.add(one)
}

// judge says whether a count may be shown for itself.
func (a *assembly) judge(v int, t *table) {
	one := &a.vars[v]
	one.nought = one.nought || t.Rules.Sensitive
	if one.nought && one.value == 0 && one.why == "" {
		one.why = ruleNought
	}
	a.raise(v, a.thresholds.Count)
}

// raise makes a minimum hold for a count.
func (a *assembly) raise(v int, minimum int64) {
	one := &a.vars[v]
	if one.minimum = max(one.minimum, minimum); small(one.value, one.minimum) {
		one.why = ruleSmall
	}
}

// text writes dimensions in one order.
func text(dimensions map[string]string) string {
	data, _ := json.Marshal(dimensions) // texts always marshal, keys in order
	return string(data)
}

// mine lists the variables that a table's rule about `of` speaks of, in order.
func (a *assembly) mine(t *table, of string) []int {
	names := map[string]bool{}
	for _, count := range t.Rules.Counts {
		if of == "" || count.Of == of {
			names[count.of(t.Name)] = true
		}
	}
	var vars []int
	for v := range a.vars {
		if names[a.ofName[v]] {
			vars = append(vars, v)
		}
	}
	slices.SortFunc(vars, func(x, y int) int { return compareNames(a.vars[x].name, a.vars[y].name) })
	return vars
}

func compareNames(x, y string) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// without gives the values of all dimensions but some, as one text.
func (a *assembly) without(v int, names ...string) string {
	rest := maps.Clone(a.dimensions[v])
	for _, name := range names {
		delete(rest, name)
	}
	return a.ofName[v] + " " + text(rest)
}

// sums makes the equations of adds_up.
func (a *assembly) sums(_ context.Context, _ *warehouse.DB, t *table) error {
	for _, rule := range t.Rules.AddsUp {
		totals, parts := map[string]int{}, map[string]map[string][]int{}
		for _, v := range a.mine(t, rule.Of) {
			group := a.without(v, rule.Over...)
			if a.matches(v, rule.Total) {
				if _, twice := totals[group]; twice {
					return errors.New("adds_up: two rows are the total of the same: name in total what tells the sum from its parts")
				}
				totals[group] = v
				continue
			}
			each := map[string]string{}
			for _, name := range rule.Each {
				each[name] = a.dimensions[v][name]
			}
			if parts[group] == nil {
				parts[group] = map[string][]int{}
			}
			parts[group][text(each)] = append(parts[group][text(each)], v)
		}
		for _, group := range slices.Sorted(maps.Keys(parts)) {
			total, given := totals[group]
			for _, each := range slices.Sorted(maps.Keys(parts[group])) {
				if err := a.sum(parts[group][each], total, given, rule.Rest); err != nil {
					return fmt.Errorf("adds_up: %w", err)
				}
			}
			if !given && len(parts[group]) > 1 {
				// Two breakdowns of one unshown total still speak of each other.
				a.unshownTotal(parts[group])
			}
		}
	}
	return nil
}

func (a *assembly) matches(v int, values map[string]string) bool {
	for name, value := range values {
		if a.dimensions[v][name] != value {
			return false
		}
	}
	return true
}

// sum makes one equation. What the parts leave of the total is known to be of
// nobody, or so large that it may be known, or it is a small number that must
// not be. Where the rule leaves that to rounding, the parts are published as no
// more than their total, so that what is left may be nobody or many.
func (a *assembly) sum(parts []int, total int, given bool, left string) error {
	if !given {
		return nil
	}
	rest := a.vars[total].value
	terms := []term{{total, -1}}
	for _, v := range parts {
		rest -= a.vars[v].value
		terms = append(terms, term{v, 1})
		a.vars[v].wholes = append(a.vars[v].wholes, total)
	}
	if rest < 0 {
		return errors.New("parts are more than their total: people who count in several parts do not add up, so leave the rule out, or mend the model")
	}
	if small(rest, a.thresholds.Count) {
		other := a.derive("rest of "+a.vars[total].name, rest, ruleRest)
		terms = append(terms, term{other, 1})
		if left == restByRounding && len(parts) >= 2 && a.allRounded(append(parts, total)) {
			a.vars[other].why = ""
		}
	}
	a.equate(terms...)
	a.equations[len(a.equations)-1].atMost = rest > 0
	return nil
}

func (a *assembly) allRounded(vars []int) bool {
	return !slices.ContainsFunc(vars, func(v int) bool { return a.base[a.ofName[v]] < 2 })
}

// unshownTotal ties together several breakdowns whose total no table shows.
func (a *assembly) unshownTotal(breakdowns map[string][]int) {
	names := slices.Sorted(maps.Keys(breakdowns))
	sumOf := func(vars []int) (sum int64) {
		for _, v := range vars {
			sum += a.vars[v].value
		}
		return sum
	}
	for _, name := range names[1:] {
		if sumOf(breakdowns[names[0]]) != sumOf(breakdowns[name]) {
			continue
		}
		var terms []term
		for _, v := range breakdowns[names[0]] {
			terms = append(terms, term{v, 1})
		}
		for _, v := range breakdowns[name] {
			terms = append(terms, term{v, -1})
		}
		a.equate(terms...)
	}
}

// nests makes the equations of breakdowns within breakdowns.
func (a *assembly) nests(ctx context.Context, db *warehouse.DB, t *table) error {
	for _, rule := range t.Rules.Nests {
		parent, err := parents(ctx, db, rule.Through)
		if err != nil {
			return err
		}
		wholes, parts := map[string]int{}, map[string][]int{}
		for _, v := range a.mine(t, rule.Of) {
			group, value := a.without(v, rule.Breakdown, rule.Value), a.dimensions[v][rule.Value]
			switch a.dimensions[v][rule.Breakdown] {
			case rule.Whole:
				wholes[group+" "+value] = v
			case rule.Part:
				if above, known := parent[value]; known {
					value = above
				}
				parts[group+" "+value] = append(parts[group+" "+value], v)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(parts)) {
			whole, given := wholes[name]
			if err := a.sum(parts[name], whole, given, ""); err != nil {
				return fmt.Errorf("nests: %w", err)
			}
		}
	}
	return nil
}

// differences makes the numbers that follow from one count being part of
// another.
func (a *assembly) differences(_ context.Context, _ *warehouse.DB, t *table) error {
	done := map[[2]int]bool{}
	pair := func(part, whole int) error {
		if part == whole || done[[2]int{part, whole}] {
			return nil
		}
		done[[2]int{part, whole}] = true
		rest := a.vars[whole].value - a.vars[part].value
		if rest < 0 {
			return errors.New("a count is larger than the one it is said to be part of: mend the model, or the rule")
		}
		other := a.derive("rest of "+a.vars[whole].name+" without "+a.vars[part].name, rest, ruleRest)
		a.equate(term{part, 1}, term{other, 1}, term{whole, -1})
		return nil
	}
	for _, rule := range t.Rules.Within {
		for _, r := range t.rows {
			part, one := r.vars[rule.Part]
			whole, other := r.vars[rule.Whole]
			if one && other {
				if err := pair(part, whole); err != nil {
					return fmt.Errorf("within: %w", err)
				}
			}
		}
	}
	for _, rule := range t.Rules.Includes {
		wholes := map[string]int{}
		vars := a.mine(t, rule.Of)
		for _, v := range vars {
			if a.dimensions[v][rule.Dimension] == rule.Whole {
				wholes[a.without(v, rule.Dimension)] = v
			}
		}
		for _, v := range vars {
			whole, given := wholes[a.without(v, rule.Dimension)]
			if given && a.dimensions[v][rule.Dimension] == rule.Part {
				if err := pair(v, whole); err != nil {
					return fmt.Errorf("includes: %w", err)
				}
			}
		}
	}
	return nil
}

// groups marks counts that are all or none of a group whose members are known:
// then the count says it of each of them.
func (a *assembly) groups(t *table) {
	for _, rule := range t.Rules.Within {
		for _, r := range t.rows {
			part, one := r.vars[rule.Part]
			whole, other := r.vars[rule.Whole]
			if !one || !other {
				continue
			}
			p, w := &a.vars[part], a.vars[whole].value
			if w > 0 && (p.value == 0 || p.value == w) && (w < a.thresholds.Group || t.Rules.Sensitive) && p.why == "" {
				p.why, p.nought = ruleAll, true
			}
		}
	}
}
