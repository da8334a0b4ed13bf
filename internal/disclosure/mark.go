//go:build duckdb_arrow

package disclosure

import (
	"maps"
	"slices"
)

// mark says of every cell of a table whether it is withheld, and why.
func (a *assembly) mark(t *table) {
	for i := range t.rows {
		r := &t.rows[i]
		counts, others := t.Rules.measures()
		if !r.open {
			// All of them, also where there is nothing to withhold: which figures a small group has is told by how
			// small it is.
			for _, name := range slices.Concat(counts, others) {
				r.hide(name, reason{Primary, ruleChosen})
			}
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(r.vars)) {
			if one := a.vars[r.vars[name]]; one.hidden != "" {
				r.hide(name, a.reason(one))
			}
		}
		for _, statistic := range t.Rules.Statistics {
			if r.holds(statistic.When) {
				a.markStatistic(r, statistic)
			}
		}
		// What no rule speaks of in this row has not been judged.
		for _, name := range slices.Concat(counts, others) {
			if !t.judged(*r, name) {
				r.hide(name, reason{Primary, ruleNoCount})
			}
		}
	}
	for _, repeat := range t.Rules.Repeats {
		t.markRepeats(repeat)
	}
}

func (a *assembly) reason(v variable) reason {
	if v.hidden == Primary {
		return reason{Primary, v.why}
	}
	return reason{Secondary, ruleSecond}
}

// markStatistic withholds a statistic with the counts it is made from.
func (a *assembly) markStatistic(r *row, statistic Statistic) {
	for _, need := range statistic.Needs {
		v, counted := r.vars[need]
		for _, column := range statistic.Columns {
			switch {
			case counted && a.vars[v].hidden != "":
				r.hide(column, a.reason(a.vars[v]))
			case !counted && !r.empty[column]:
				r.hide(column, reason{Primary, ruleNoCount})
			}
		}
		if !counted || !statistic.OfTotal {
			continue
		}
		for _, whole := range a.vars[v].wholes {
			if a.vars[whole].hidden == "" {
				continue
			}
			for _, column := range statistic.Columns {
				r.hide(column, reason{Secondary, ruleSecond})
			}
		}
	}
}

// judged says whether a rule speaks of a column in a row. Repeats are judged by
// the row they repeat.
func (t *table) judged(r row, name string) bool {
	if r.empty[name] {
		return true
	}
	for _, count := range t.Rules.Counts {
		if count.Column == name && r.holds(count.When) {
			return true
		}
	}
	for _, statistic := range t.Rules.Statistics {
		if slices.Contains(statistic.Columns, name) && r.holds(statistic.When) {
			return true
		}
	}
	return slices.ContainsFunc(t.Rules.Repeats, func(repeat Repeat) bool { return slices.Contains(repeat.Columns, name) })
}

// markRepeats withholds what would show a withheld cell of an earlier row.
func (t *table) markRepeats(repeat Repeat) {
	rest := func(r row) string {
		key := maps.Clone(r.key)
		delete(key, repeat.Over)
		return text(key)
	}
	chains := map[string][]int{}
	for i, r := range t.rows {
		chains[rest(r)] = append(chains[rest(r)], i)
	}
	for _, chain := range chains {
		slices.SortFunc(chain, func(x, y int) int { return compareNames(t.rows[x].key[repeat.Over], t.rows[y].key[repeat.Over]) })
		for k, i := range chain {
			r := &t.rows[i]
			for _, column := range repeat.Columns {
				switch {
				case k == 0 && !r.empty[column]:
					r.hide(column, reason{Primary, ruleNoCount}) // it repeats a row that nobody has judged
				case k > 0:
					if _, withheld := t.rows[chain[k-1]].hidden[repeat.Of]; withheld {
						r.hide(column, reason{Secondary, ruleRepeats})
					}
				}
			}
		}
	}
}

// hide withholds a cell; the first reason stands, but a primary one wins.
func (r *row) hide(column string, why reason) {
	if before, already := r.hidden[column]; !already || before.how == Secondary && why.how == Primary {
		r.hidden[column] = why
	}
}

// suppressions lists the withheld cells.
func (t *table) suppressions() (list []Suppression) {
	for _, r := range t.rows {
		for _, column := range slices.Sorted(maps.Keys(r.hidden)) {
			list = append(list, Suppression{t.Name, r.id, column, r.hidden[column].how, r.hidden[column].rule})
		}
	}
	return list
}

// Means says a rule in words.
func Means(rule string) string {
	switch rule {
	case "":
		return "of this table nobody is told why"
	case ruleSmall:
		return "fewer people than the minimum are behind it"
	case ruleRest:
		return "fewer people than the minimum are left when it is subtracted from what is shown"
	case ruleNought:
		return "it is nought, which says something of each person of a sensitive group"
	case ruleAll:
		return "it is all or none of a group whose members are known"
	case ruleSecond:
		return "with it, another withheld cell could be worked out"
	case ruleRepeats:
		return "it repeats what another row withholds"
	case ruleChosen:
		return "it, or what is left beside it, is of fewer people than the minimum, in this year or in the last"
	case ruleNoCount:
		return "nothing says how many people are behind it"
	}
	return "an older version withheld it"
}
