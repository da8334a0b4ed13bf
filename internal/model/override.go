package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"socialvalue/internal/nearest"
	"socialvalue/internal/warehouse"
)

// Override is a value that a person puts in the place of what a relation's model gives in one row. Empty texts are NULL.
type Override struct {
	Column string
	Key    []string // texts in the order of the relation's key
	Value  string
}

// Override puts a person's values into the relations named. They are part of the relations' definitions.
func (p *Project) Override(overrides map[string][]Override) {
	for relation, node := range p.Nodes {
		node.overrides = slices.Clone(overrides[relation])
		slices.SortFunc(node.overrides, func(a, b Override) int {
			return cmp.Or(cmp.Compare(a.Column, b.Column), slices.Compare(a.Key, b.Key))
		})
	}
}

// OverrideProblem says why a column of a relation cannot be overridden; "" when it can.
func (p *Project) OverrideProblem(relation, column string) string {
	node, ok := p.Nodes[relation]
	if !ok {
		return "there is no relation " + relation + " to correct" + p.didYouMean(relation)
	}
	c, ok := node.Column(column)
	if !ok {
		names := make([]string, len(node.Spec.Columns))
		for i, c := range node.Spec.Columns {
			names[i] = c.Name
		}
		if meant := nearest.Of(column, names); meant != "" {
			return fmt.Sprintf("%s has no column %s: did you mean %s?", relation, column, meant)
		}
		return fmt.Sprintf("%s has no column %s: it has %s", relation, column, strings.Join(names, ", "))
	}
	switch {
	case slices.Contains(node.Spec.Key, column):
		return fmt.Sprintf("%s is part of the key of %s, which tells rows apart: correct the relation that it is made from", column, relation)
	case node.IsView():
		return fmt.Sprintf("%s is a view: correct a relation that it reads: %s", relation, strings.Join(node.Inputs, ", "))
	case strings.HasSuffix(c.Type, "[]"), slices.Contains([]string{"HUGEINT", "TIME", "TIMESTAMPTZ", "INTERVAL"}, c.Type):
		return fmt.Sprintf("%s is %s, which a correction cannot write: correct the relation that it is made from", column, c.Type)
	}
	return ""
}

// ValueProblem says what a value of a column looks like when this one does not; an empty one is NULL and always fits.
func (n *Node) ValueProblem(column, value string) string {
	c, _ := n.Column(column)
	if c.Type == "UUID" && value != "" {
		if strings.Trim(strings.ToLower(value), "0123456789abcdef-") != "" || len(strings.ReplaceAll(value, "-", "")) != 32 {
			return "write the 32 digits of the key, as 01234567-89ab-cdef-0123-456789abcdef"
		}
	}
	return valueProblem(value, c.Type)
}

// overridden is the result of a model with the values that people put in.
func (n *Node) overridden(body string) string {
	if len(n.overrides) == 0 {
		return body
	}
	byColumn := map[string][]Override{}
	for _, o := range n.overrides {
		byColumn[o.Column] = append(byColumn[o.Column], o)
	}
	items := make([]string, len(n.Spec.Columns))
	var joins strings.Builder
	for i, c := range n.Spec.Columns {
		made := "made." + warehouse.Ident(c.Name)
		items[i] = made
		if decided := byColumn[c.Name]; len(decided) > 0 {
			name := fmt.Sprintf("decided_%d", i)
			items[i] = "case when " + name + ".is_decided then " + name + ".decided_value else cast(" + made + " as " + normalType(c.Type) + ") end as " + warehouse.Ident(c.Name)
			joins.WriteString("\nleft join " + n.decided(decided) + " as " + name + " on " + n.sameKey("made", name))
		}
	}
	return "select\n    " + strings.Join(items, ",\n    ") + "\nfrom (\n" + body + "\n) as made" + joins.String()
}

// OverrideCounts is SQL that gives, for each override in the order given, how many rows of the relation it is about.
func (n *Node) OverrideCounts(overrides []Override) string {
	return "select count(made.is_there)\nfrom " + n.decided(overrides) +
		" as decided\nleft join (select *, true as is_there from " + warehouse.Relation(n.Relation) + ") as made on " + n.sameKey("made", "decided") +
		"\ngroup by decided.place order by decided.place"
}

// decided is a table of overrides of one column: place, key_1…, decided_value, is_decided.
func (n *Node) decided(overrides []Override) string {
	rows := make([]string, len(overrides))
	for i, o := range overrides {
		cells := []string{fmt.Sprint(i)}
		for k, key := range n.Spec.Key {
			c, _ := n.Column(key)
			cells = append(cells, literal(c, o.Key[k]))
		}
		c, _ := n.Column(o.Column)
		rows[i] = "(" + strings.Join(append(cells, literal(c, o.Value), "true"), ", ") + ")"
	}
	names := []string{"place"}
	for k := range n.Spec.Key {
		names = append(names, fmt.Sprintf("key_%d", k+1))
	}
	names = append(names, "decided_value", "is_decided")
	return "(select * from (values " + strings.Join(rows, ", ") + ") as listed(" + strings.Join(names, ", ") + "))"
}

// sameKey joins a relation to overrides of it.
func (n *Node) sameKey(made, decided string) string {
	parts := make([]string, len(n.Spec.Key))
	for k, key := range n.Spec.Key {
		c, _ := n.Column(key)
		parts[k] = fmt.Sprintf("cast(%s.%s as %s) is not distinct from %s.key_%d", made, warehouse.Ident(key), normalType(c.Type), decided, k+1)
	}
	return strings.Join(parts, " and ")
}

// literal is a text as SQL of a column's type; an empty one is NULL.
func literal(c Column, text string) string {
	if text == "" {
		return "cast(null as " + normalType(c.Type) + ")"
	}
	return "cast(" + warehouse.Text(text) + " as " + normalType(c.Type) + ")"
}
