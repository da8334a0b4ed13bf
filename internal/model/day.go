package model

import (
	"fmt"
	"slices"
	"strings"

	"socialvalue/internal/sqlast"
	"socialvalue/internal/strictyaml"
)

// Days says from which rows of which input the rows of a day are made.
type Days struct {
	From string `yaml:"from"` // a relation that lies in objects: raw.*, or one that is incremental itself
	By   string `yaml:"by"`   // SQL of the day of a row there; the day column of the relation made when left out

	canonical string   // By as DuckDB parses it
	macros    []string // that By calls
}

// DayColumn is the column by which an incremental relation is cut into days; "" for any other.
func (n *Node) DayColumn() string {
	column, ok := strings.CutPrefix(n.Spec.Materialise, "incremental(")
	if !ok {
		return ""
	}
	return strings.TrimSuffix(column, ")")
}

// standsAsView says whether the build database holds the relation as a view: over other relations, or over day files.
func (n *Node) standsAsView() bool { return n.IsView() || n.DayColumn() != "" }

// checkMaterialise reports what is wrong with how a relation is to be made.
func (l *loader) checkMaterialise(node *Node, doc *strictyaml.Doc, names []string) {
	spec := &node.Spec
	column := node.DayColumn()
	if column == "" {
		if !slices.Contains([]string{"", "table", "view"}, spec.Materialise) {
			doc.At("materialise").Report("materialise is table, view or incremental(COLUMN), where the column is a day")
		}
		if spec.Days.From != "" || spec.Days.By != "" {
			doc.At("days").Report("days are of an incremental relation: write materialise: incremental(COLUMN), or remove them")
		}
		return
	}
	switch declared, _ := node.Column(column); {
	case !slices.Contains(names, column):
		doc.At("materialise").Report("%s is not a column: name the one that holds the day", column)
	case declared.Type != "DATE":
		doc.At("materialise").Report("%s is of type %s: days are cut by a DATE", column, declared.Type)
	case !slices.Contains(spec.Key, column):
		doc.At("key").Report("the key leaves out %s, by which the relation is cut into days: rows of two days could not be told apart day by day", column)
	}
	if spec.Publish.Tier == "open" {
		doc.At("publish", "tier").Report("an incremental relation cannot be open: disclosure control judges whole relations; publish an aggregate of it")
	}
	if slices.ContainsFunc(spec.Publish.Formats, func(format string) bool { return format != "parquet" }) {
		doc.At("publish", "formats").Report("an incremental relation is released as Parquet, a file a day: remove the other formats")
	}
	if spec.Days.From == "" {
		doc.At("days").Report("no days: say which input makes the rows of a day, as days: {from: raw.travel_journeys, by: service_day}")
		return
	}
	if spec.Days.By == "" {
		spec.Days.By = column
	}
	l.checkDays(node, doc)
}

// checkDays has the expression of the day parsed, and makes sure that the relation is made from the input it names by
// way of views alone: a table between would be made from all days.
func (l *loader) checkDays(node *Node, doc *strictyaml.Doc) {
	days := &node.Spec.Days
	spot := doc.At("days")
	report := func(p sqlast.Problem) { spot.At("by").Report("%s", p.Text) }
	l.addPiece("select "+days.By+" as day_of_row from "+days.From, true, report, func(statement *sqlast.Statement) {
		for _, p := range statement.Problems {
			report(p)
		}
		if relations := l.known(statement.Relations, report); len(relations) > 1 {
			spot.At("by").Report("the day of a row is told by the row itself: it reads %s", strings.Join(relations, ", "))
		}
		days.canonical, days.macros = statement.Canonical, l.calledMacros(statement)
	})
	l.later(func() {
		from := l.project.Nodes[days.From]
		switch {
		case from == nil && schemaOf(days.From) != "raw" || from != nil && from.DayColumn() == "":
			spot.At("from").Report("%s does not lie in objects: name a raw relation, or one that is incremental itself", days.From)
		case !l.project.seesThroughViews(node.Relation, days.From):
			spot.At("from").Report("%s is not made from %s by way of views alone: read it, or a view that does", node.Relation, days.From)
		}
	})
}

// seesThroughViews says whether a relation reads another itself, or by way of views alone.
func (p *Project) seesThroughViews(relation, other string) bool {
	return slices.ContainsFunc(p.Inputs(relation), func(input string) bool {
		if input == other {
			return true
		}
		node := p.Nodes[input]
		return node != nil && node.IsView() && p.seesThroughViews(input, other)
	})
}

// besides hashes everything that the rows of an incremental relation hang on but for the objects of the input it is cut
// by: where it changes, every day is made anew.
func (p *Project) besides(node *Node, from string, fingerprints map[string]string, versions Versions) (string, error) {
	own, err := p.definitionOf(node, versions)
	if err != nil {
		return "", err
	}
	text := own
	for _, input := range node.Inputs {
		hash := fingerprints[input]
		switch view := p.Nodes[input]; {
		case input == from:
			hash = "days"
		case view != nil && view.IsView() && p.seesThroughViews(input, from):
			if hash, err = p.besides(view, from, fingerprints, versions); err != nil {
				return "", err
			}
		}
		text += fmt.Sprintf("\n%s %s", input, hash)
	}
	return digest([]byte(text)), nil
}
