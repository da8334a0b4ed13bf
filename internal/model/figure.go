package model

import (
	"slices"
	"strings"

	"socialvalue/internal/figure"
	"socialvalue/internal/sqlast"
	"socialvalue/internal/strictyaml"
)

// checkFigures checks what a relation says of its figures, once all files are
// read, and has its SQL parsed.
func (l *loader) checkFigures(node *Node, doc *strictyaml.Doc) {
	spec := &node.Spec
	if len(spec.Headline) > 0 && !spec.Publish.IsPublished() {
		doc.At("headline").Report("a headline is of a published relation: publish it, or remove headline")
	}
	for i := range spec.Headline {
		l.checkHeadline(node, &spec.Headline[i], doc.At("headline", i))
	}
	if spec.Explain != nil {
		l.checkExplanation(node, spec.Explain, doc.At("explain"))
	}
}

func (l *loader) checkHeadline(node *Node, headline *figure.Headline, spot strictyaml.Spot) {
	if strings.TrimSpace(headline.Label) == "" {
		spot.Report("no label: say what people call the figure, as local share")
	}
	measure, known := node.Column(headline.Measure)
	switch {
	case !known:
		spot.At("measure").Report("%s is not a column: name the measure", headline.Measure)
	case !isNumber(measure.Type):
		spot.At("measure").Report("%s is no number", headline.Measure)
	}
	headline.Unit = measure.Unit
	if len(headline.Names) == 0 {
		spot.Report("no names: list the columns of the key that say which figure it is, as [financial_year]")
	}
	for i, name := range headline.Names {
		if !slices.Contains(node.Spec.Key, name) {
			spot.At("names", i).Report("%s is not in the key", name)
		}
	}
	l.addCondition(node.Relation, headline.When, nil, spot)
	rows := headline.Rows
	if rows == nil {
		return
	}
	l.addCondition(rows.Dataset, rows.When, func() {}, spot.At("rows"))
	for _, words := range [][]string{rows.New, rows.Gone} {
		checkWords(words, spot.At("rows"))
	}
	l.later(func() {
		if l.leftOut[rows.Dataset] {
			headline.Rows = nil
			return
		}
		source := l.project.Nodes[rows.Dataset]
		if source == nil || !source.Spec.Publish.IsPublished() || source.IsView() {
			spot.At("rows").Report("rows.dataset %s is no published table%s", rows.Dataset, l.project.didYouMean(rows.Dataset))
			return
		}
		has := func(name string) {
			if _, ok := source.Column(name); !ok && name != "" {
				spot.At("rows").Report("%s has no column %s", rows.Dataset, name)
			}
		}
		for _, name := range sortedKeys(rows.Match) {
			if _, ok := node.Column(name); !ok {
				spot.At("rows").Report("match: %s is not a column of %s", name, node.Relation)
			}
			has(rows.Match[name])
		}
		for _, name := range rows.Same {
			has(name)
		}
		has(rows.File)
		has(rows.Line)
		has(rows.Amount)
		for _, change := range rows.Changes {
			checkWords(change.Say, spot.At("rows"))
			has(change.Per)
			for _, column := range change.Columns {
				has(column)
			}
		}
	})
}

// checkWords expects how one and how many are called.
func checkWords(words []string, spot strictyaml.Spot) {
	if len(words) != 2 {
		spot.Report("write how one and how many are called, as [late invoice, late invoices]")
	}
}

// addCondition has a condition on the columns of one relation parsed.
func (l *loader) addCondition(relation, condition string, spare func(), spot strictyaml.Spot) {
	if condition == "" {
		return
	}
	prefix := "select 1 as one from " + relation + " where "
	report := func(p sqlast.Problem) {
		line, column := sqlast.Position(condition, max(0, p.Offset-len(prefix)))
		spot.At("when").Report("line %d, column %d of the condition: %s", line, column, p.Text)
	}
	l.addSparedPiece(prefix+condition, false, spare, report, func(statement *sqlast.Statement) {
		for _, p := range statement.Problems {
			report(p)
		}
		for _, r := range statement.Relations {
			if r.Name != relation {
				report(sqlast.Problem{Offset: r.Offset, Text: "a condition is on the columns of " + relation + " alone"})
			}
		}
		for _, macro := range l.calledMacros(statement) {
			spot.At("when").Report("a condition calls no macro, and this one calls %s: a release is compared without them", macro)
		}
	})
}

// ExplainedPrefix makes `explained`, the row of the figure, known to an
// explanation's SELECT.
func ExplainedPrefix(relation, condition string) string {
	return "with explained as (select * from " + relation + condition + ") select * from (\n"
}

func (l *loader) checkExplanation(node *Node, explanation *figure.Explanation, spot strictyaml.Spot) {
	if explanation.Tier == "" {
		explanation.Tier = "open"
	}
	if strings.TrimSpace(explanation.SQL) == "" {
		spot.Report("no sql: write a SELECT of the rows a figure is made from; the figure's own row is the relation explained")
		return
	}
	for i, total := range explanation.Totals {
		if _, known := node.Column(total.Measure); !known {
			spot.At("totals", i).Report("%s is not a column of %s", total.Measure, node.Relation)
		}
	}
	text := explanation.SQL
	explanation.SQL = sqlast.Trim(text)
	prefix := ExplainedPrefix(node.Relation, "")
	report := func(p sqlast.Problem) {
		line, column := sqlast.Position(text, max(0, p.Offset-len(prefix)))
		spot.At("sql").Report("line %d, column %d of the SQL: %s", line, column, p.Text)
	}
	forgo := func() { node.Spec.Explain = nil }
	l.addSparedPiece(prefix+explanation.SQL+"\n) as contributing", false, forgo, report, func(statement *sqlast.Statement) {
		for _, p := range statement.Problems {
			report(p)
		}
		explanation.Reads = slices.Compact(l.known(statement.Relations, report))
		for _, relation := range explanation.Reads {
			if read := l.project.Nodes[relation]; read == nil || !read.Spec.Publish.isIn(explanation.Tier) {
				spot.At("sql").Report("%s is not in the %s file: publish it there, or name another tier", relation, explanation.Tier)
			}
		}
		for _, name := range l.calledMacros(statement) {
			if !l.project.Macros[name].Publish {
				spot.At("sql").Report("it calls the macro %s, which is not released: add the comment “publish: true” to it, or write it out", name)
			}
		}
	})
}

func isNumber(typeName string) bool {
	switch typeName {
	case "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DOUBLE":
		return true
	}
	return strings.HasPrefix(typeName, "DECIMAL")
}
