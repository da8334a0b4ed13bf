package model

import (
	"slices"

	"socialvalue/internal/sqlast"
)

// leaveOut takes everything out of the project that hangs on feeds the site disabled: what is made from them, and from
// that, and the checks and questions that read any of it. A relation that stays loses the single checks, headlines and
// explanations that would look there. A union stays, with the members that are left; without any it goes where it says so.
func (l *loader) leaveOut() {
	if len(l.options.Disabled) == 0 {
		return
	}
	for _, relation := range l.options.Disabled {
		l.leftOut[relation] = true
	}
	for l.spread() { // to what reads what was just left out
	}
	for relation, node := range l.project.Nodes {
		if l.leftOut[relation] {
			delete(l.project.Nodes, relation)
			l.project.LeftOut = append(l.project.LeftOut, relation)
			continue
		}
		for i := range node.Spec.Columns {
			column := &node.Spec.Columns[i]
			column.Checks = slices.DeleteFunc(column.Checks, func(check ColumnCheck) bool {
				relation, _ := check.ReferencesColumn()
				return l.leftOut[relation]
			})
		}
	}
	slices.Sort(l.project.LeftOut)
	l.project.Checks = slices.DeleteFunc(l.project.Checks, func(c *FreeCheck) bool { return l.leftOut["checks."+c.Name] })
	l.project.Queries = slices.DeleteFunc(l.project.Queries, func(q *Query) bool { return l.leftOut["queries."+q.Name] })
	l.checks = slices.DeleteFunc(l.checks, func(c laterCheck) bool { return l.leftOut[c.of] })
	l.pieces = slices.DeleteFunc(l.pieces, func(p piece) bool {
		switch {
		case l.leftOut[p.of]:
			return true
		case p.spare != nil && l.readsLeftOut(p.found):
			p.spare()
			return true
		}
		return false
	})
}

// spread leaves out what reads something left out, and says whether there was any.
func (l *loader) spread() (found bool) {
	leave := func(name string) { l.leftOut[name], found = true, true }
	for i := range l.pieces {
		if p := &l.pieces[i]; p.spare == nil && !l.leftOut[p.of] && l.readsLeftOut(p.found) {
			leave(p.of)
		}
	}
	for relation, node := range l.project.Nodes {
		gone := func(input string) bool { return l.leftOut[input] }
		if node.Kind == KindEstimator && !l.leftOut[relation] && slices.ContainsFunc(node.Inputs, gone) {
			leave(relation)
		}
	}
	for _, union := range l.unions {
		if union.Spec.LeavesWithMembers && !l.leftOut[union.Relation] && !slices.ContainsFunc(l.members(union), func(m string) bool { return !l.leftOut[m] }) {
			leave(union.Relation)
		}
	}
	return found
}

func (l *loader) readsLeftOut(statement *sqlast.Statement) bool {
	return statement != nil && slices.ContainsFunc(statement.Relations, func(r sqlast.Reference) bool { return l.leftOut[r.Name] })
}

// dropSpared removes the checks that leaveOut spared their relation; only now, since what completes the others knows
// them by their place.
func (l *loader) dropSpared() {
	if len(l.leftOut) == 0 {
		return
	}
	for _, node := range l.project.Nodes {
		node.Spec.Checks = slices.DeleteFunc(node.Spec.Checks, func(check SQLCheck) bool { return check.SQL == "" })
	}
}
