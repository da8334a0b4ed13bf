package model

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"socialvalue/internal/nearest"
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
		var members []*Node
		for _, relation := range l.members(node) {
			if slices.ContainsFunc(l.unions, func(other *Node) bool { return other.Relation == relation }) {
				spot.Report("%s is a union itself: name what it is made of", relation)
				continue
			}
			member := l.project.Nodes[relation]
			checkMember(node, member, spot)
			members = append(members, member)
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

// checkOptional reports a column that cannot be one that members of a union may lack.
func checkOptional(node *Node, column Column, spot strictyaml.Spot) {
	if node.Spec.Union == "" {
		spot.Report("optional is of unions, whose members may lack the column: remove it")
		return
	}
	isChecked := slices.ContainsFunc(column.Checks, func(c ColumnCheck) bool { return c.Kind == "not_null" })
	if isChecked || slices.Contains(node.Spec.Key, column.Name) && !column.Nullable {
		spot.Report("%s is null where a member lacks it: remove not_null, and write nullable: true in a key, or remove optional", column.Name)
	}
}

// checkMember reports what keeps the rows of a member out of a union. Where columns are optional a misspelt one would be
// lost without a word, so a member has no other than the union's.
func checkMember(union, member *Node, spot strictyaml.Spot) {
	var absent []string
	for _, column := range union.Spec.Columns {
		declared, has := member.Column(column.Name)
		switch {
		case !has && column.Optional:
			absent = append(absent, column.Name)
		case !has || declared.Type != column.Type:
			spot.Report("%s has no column %s of type %s, which %s has: give it one", member.Relation, column.Name, column.Type, union.Relation)
		}
	}
	if !slices.ContainsFunc(union.Spec.Columns, func(c Column) bool { return c.Optional }) {
		return
	}
	for _, column := range member.Spec.Columns {
		if _, has := union.Column(column.Name); has {
			continue
		}
		advice := "declare it there, or remove it"
		if meant := nearest.Of(column.Name, absent); meant != "" {
			advice = "did you mean " + meant + "?"
		}
		spot.Report("%s has a column %s, which %s would lose: %s", member.Relation, column.Name, union.Relation, advice)
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
func unionOf(members []*Node, columns []Column) string {
	if len(members) == 0 {
		return unionSelect(nil, columns) + "\nwhere false"
	}
	selects := make([]string, len(members))
	for i, member := range members {
		selects[i] = unionSelect(member, columns) + "\nfrom " + warehouse.Relation(member.Relation) + " as member"
	}
	return strings.Join(selects, "\nunion all\n")
}

// unionSelect lists the columns of a union, NULL for those that the member lacks; no member has any.
func unionSelect(member *Node, columns []Column) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = fmt.Sprintf("    cast(null as %s) as %s", c.Type, warehouse.Ident(c.Name))
		if member == nil {
			continue
		}
		if _, has := member.Column(c.Name); has {
			list[i] = "    member." + warehouse.Ident(c.Name)
		}
	}
	return "select\n" + strings.Join(list, ",\n")
}
