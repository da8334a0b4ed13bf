package model

import (
	"strings"

	"socialvalue/internal/warehouse"
)

// arriving is the table an estimator's rows, or those of a CSV, stand in until they are written in their order.
const arriving = "_svw.arriving"

// statement makes the relation of a node: its columns in the declared order and types, its rows in the declared order.
func (n *Node) statementFor(body string) string {
	var b strings.Builder
	kind := "table"
	if n.IsView() {
		kind = "view"
	}
	b.WriteString("create or replace " + kind + " " + warehouse.Relation(n.Relation) + " as\n")
	b.WriteString(n.selection(body))
	if order := n.Order(); len(order) > 0 && !n.IsView() {
		b.WriteString("\norder by " + idents(order))
	}
	return b.String()
}

// selection is the SELECT of the declared columns from the result of a model.
func (n *Node) selection(body string) string {
	columns := make([]string, len(n.Spec.Columns))
	for i, c := range n.Spec.Columns {
		columns[i] = n.cast(c) + " as " + warehouse.Ident(c.Name)
	}
	return "select\n    " + strings.Join(columns, ",\n    ") + "\nfrom (\n" + body + "\n) as result"
}

// cast gives a column its declared type. Published DOUBLE values are rounded to 12 significant digits, by way of text,
// which is exact, and zero has no sign, so that two ways to compute a value give the same bytes.
func (n *Node) cast(c Column) string {
	name := "result." + warehouse.Ident(c.Name)
	if c.Type != "DOUBLE" || !n.Spec.Publish.IsPublished() {
		return "cast(" + name + " as " + normalType(c.Type) + ")"
	}
	value := "cast(" + name + " as DOUBLE)"
	return "case when " + value + " = 0 then 0.0::DOUBLE else cast(format('{:.11e}', " + value + ") as DOUBLE) end"
}

// unfinite gives the keys of those of some rows in which a published DOUBLE is NaN or infinite, and the column; "" when there is no
// such column.
func (n *Node) unfinite(rows string) string {
	if !n.Spec.Publish.IsPublished() {
		return ""
	}
	var tests []string
	for _, c := range n.Spec.Columns {
		if c.Type == "DOUBLE" {
			tests = append(tests, "when not isfinite("+warehouse.Ident(c.Name)+") then "+warehouse.Text(c.Name))
		}
	}
	if len(tests) == 0 {
		return ""
	}
	return "select * from (select case " + strings.Join(tests, " ") + " end as not_finite, " + n.KeyText() + " as key_text from " +
		rows + ") where not_finite is not null order by all limit 1"
}

// KeyText is SQL that writes the key of a row for a message; keys of people are left out.
func (n *Node) KeyText() string { return n.KeyTextOf(n.Spec.Key) }

// KeyTextOf does the same with some columns only.
func (n *Node) KeyTextOf(names []string) string {
	parts := make([]string, 0, len(names))
	for _, name := range names {
		value := "coalesce(cast(" + warehouse.Ident(name) + " as varchar), 'null')"
		if c, _ := n.Column(name); c.IsPersonal() {
			value = "'(personal)'"
		}
		parts = append(parts, warehouse.Text(name+" = ")+" || "+value)
	}
	if len(parts) == 0 {
		return "''"
	}
	return strings.Join(parts, " || ', ' || ")
}

func idents(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = warehouse.Ident(name)
	}
	return strings.Join(quoted, ", ")
}
