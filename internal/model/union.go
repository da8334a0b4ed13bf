package model

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"socialvalue/internal/sqlast"
	"socialvalue/internal/strictyaml"
	"socialvalue/internal/warehouse"
)

// checkUnion reports what is wrong with a relation that is the rows of all relations its pattern fits.
func (l *loader) checkUnion(node *Node, sqlFile string, doc *strictyaml.Doc) {
	spot := doc.At("union")
	if sqlFile != "" {
		l.fail(sqlFile, "%s says union: remove this file, or that key", node.SpecFile)
	}
	if len(node.Spec.Inputs) > 0 {
		doc.At("inputs").Report("inputs are of estimators: a union reads what its pattern fits")
	}
	if node.DayColumn() != "" {
		doc.At("materialise").Report("a union is a table or a view")
	}
	pattern := node.Spec.Union
	if _, err := path.Match(pattern, ""); err != nil || !isName(schemaOf(pattern)) || !strings.Contains(nameOf(pattern), "*") {
		spot.Report("write one schema and a pattern of names, as stage.*_figures")
		return
	}
	l.unions = append(l.unions, node)
}

// composeUnions writes the SELECT of each union, now that it is known which relations there are.
func (l *loader) composeUnions() {
	for _, node := range l.unions {
		if l.project.Nodes[node.Relation] == nil {
			continue
		}
		spot := l.docs[node.SpecFile].At("union")
		var members []string
		for _, relation := range l.members(node) {
			if slices.ContainsFunc(l.unions, func(other *Node) bool { return other.Relation == relation }) {
				spot.Report("%s is a union itself: name what it is made of", relation)
				continue
			}
			member := l.project.Nodes[relation]
			for _, column := range node.Spec.Columns {
				if declared, has := member.Column(column.Name); !has || declared.Type != column.Type {
					spot.Report("%s has no column %s of type %s, which %s has: give it one", relation, column.Name, column.Type, node.Relation)
				}
			}
			members = append(members, relation)
		}
		node.SQL = unionOf(members, node.Spec.Columns)
		l.reading = node.Relation
		report := func(p sqlast.Problem) { spot.Report("%s", p.Text) }
		l.addPiece(node.SQL, true, report, func(statement *sqlast.Statement) {
			node.statement = statement
			l.resolveModel(node, node.SQL)
		})
	}
}

// members are the relations whose rows a union is, in the order of their names.
func (l *loader) members(union *Node) []string {
	return slices.DeleteFunc(sortedKeys(l.project.Nodes), func(relation string) bool {
		fits, err := path.Match(union.Spec.Union, relation)
		return err != nil || !fits || relation == union.Relation
	})
}

// unionOf is the SELECT of all rows of the members; without any, of no rows of the same columns.
func unionOf(members []string, columns []Column) string {
	list := make([]string, len(columns))
	if len(members) == 0 {
		for i, c := range columns {
			list[i] = fmt.Sprintf("    cast(null as %s) as %s", c.Type, warehouse.Ident(c.Name))
		}
		return "select\n" + strings.Join(list, ",\n") + "\nwhere false"
	}
	selects := make([]string, len(members))
	for k, member := range members {
		for i, c := range columns {
			list[i] = "    member." + warehouse.Ident(c.Name)
		}
		selects[k] = "select\n" + strings.Join(list, ",\n") + "\nfrom " + warehouse.Relation(member) + " as member"
	}
	return strings.Join(selects, "\nunion all\n")
}
