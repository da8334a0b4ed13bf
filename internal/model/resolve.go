package model

import (
	"slices"
	"strings"

	"socialvalue/internal/sqlast"
	"socialvalue/internal/strictyaml"
)

// rules are those of a model's SELECT, or the looser ones of checks and queries.
func (l *loader) rules(strict bool) sqlast.Rules {
	return sqlast.Rules{Double: l.doubles, Qualify: l.project.qualify, Repeatable: strict, NamedColumns: strict}
}

// doubles gives the columns of a relation and whether they are declared DOUBLE.
func (l *loader) doubles(relation string) map[string]bool {
	if known, ok := l.doubleColumns[relation]; ok {
		return known
	}
	columns, ok := l.project.Columns(relation)
	if !ok {
		return nil
	}
	doubles := make(map[string]bool, len(columns))
	for _, c := range columns {
		doubles[c.Name] = c.Type == "DOUBLE"
	}
	l.doubleColumns[relation] = doubles
	return doubles
}

// later puts off what needs all files to be read.
func (l *loader) later(check func()) { l.checks = append(l.checks, laterCheck{l.reading, check}) }

// resolve connects what was read: references, macros, the graph.
func (l *loader) resolve() {
	for _, p := range l.pieces {
		if p.found != nil {
			p.accept(p.found)
		}
	}
	for _, check := range l.checks {
		check.run()
	}
	l.checkPublishedMacros()
	var circle []string
	if l.project.MacroOrder, circle = orderMacros(l.project.Macros); circle != nil {
		l.fail(l.project.Macros[circle[0]].File, "macros call each other in a circle: %s", strings.Join(circle, " → "))
	}
	if circle = l.project.connect(); circle != nil {
		l.fail(l.project.Nodes[circle[0]].File, "relations read each other in a circle: %s; break it by moving what both need into a stage of its own", strings.Join(circle, " → "))
	}
	l.checkPeople()
	l.dropSpared()
}

// checkPublishedMacros: a released macro works where only released ones stand.
func (l *loader) checkPublishedMacros() {
	for _, name := range sortedKeys(l.project.Macros) {
		macro := l.project.Macros[name]
		for _, called := range macro.Macros {
			if macro.Publish && !l.project.Macros[called].Publish {
				l.fail(macro.File, "it is released and calls the macro %s, which is not: add the comment “publish: true” to that one, or write it out", called)
			}
		}
	}
}

// resolveModel takes over what a model's SELECT reads and calls.
func (l *loader) resolveModel(node *Node, text string) {
	report := l.failAt(node.File, text)
	for _, p := range node.statement.Problems {
		report(p)
	}
	node.Inputs = l.known(node.statement.Relations, report)
	node.Macros = l.calledMacros(node.statement)
	for _, r := range node.statement.Relations {
		if problem := layerProblem(node.Relation, r.Name); problem != "" && slices.Contains(node.Inputs, r.Name) {
			report(sqlast.Problem{Offset: r.Offset, Text: problem})
		}
	}
	if node.statement.Columns != nil {
		for _, difference := range columnDifferences(node.Spec.Columns, node.statement.Columns) {
			l.fail(node.File, "%s", difference.sentence(node.SpecFile))
		}
	}
}

// known keeps the relations that are, sorted, and reports the others.
func (l *loader) known(references []sqlast.Reference, report func(sqlast.Problem)) []string {
	var relations []string
	for _, r := range references {
		if problem := l.relationProblem(r.Name); problem != "" {
			report(sqlast.Problem{Offset: r.Offset, Text: problem})
			continue
		}
		relations = append(relations, r.Name)
	}
	slices.Sort(relations)
	return relations
}

// relationProblem says why a name is no relation of the project, or "".
func (l *loader) relationProblem(relation string) string {
	if _, ok := l.project.Columns(relation); ok || l.unread[relation] || l.leftOut[relation] {
		return ""
	}
	switch schema := schemaOf(relation); {
	case l.disabled[relation]:
		return relation + " is disabled by the site: remove disabled: true, or disable what reads it too"
	case schema == "information_schema" || schema == "pg_catalog" || schema == "main" || schema == "temp" || schema == "system":
		return relation + " is the catalogue: read relations of the project only"
	default:
		if meant := l.project.didYouMean(relation); meant != "" {
			return "no relation " + relation + meant
		}
		return "no relation " + relation + ": raw.* comes from contracts, the others from sql/<schema>/<name>.sql"
	}
}

func (l *loader) calledMacros(statement *sqlast.Statement) []string {
	var called []string
	for _, call := range statement.Calls {
		if l.project.Macros[call.Name] != nil && !slices.Contains(called, call.Name) {
			called = append(called, call.Name)
		}
	}
	slices.Sort(called)
	return called
}

// addSQLChecks completes a relation's checks and parses their SQL.
func (l *loader) addSQLChecks(checks []SQLCheck, doc *strictyaml.Doc) {
	for i := range checks {
		check := &checks[i]
		spot := doc.At("checks", i)
		complete(check, spot)
		if !isName(check.Name) {
			spot.At("name").Report("a check has a name of small letters, digits and _")
		}
		if slices.ContainsFunc(checks[:i], func(c SQLCheck) bool { return c.Name == check.Name }) {
			spot.At("name").Report("two checks are named %s: rename one", check.Name)
		}
		if strings.TrimSpace(check.SQL) == "" {
			spot.Report("a check without sql: write a SELECT of the rows that should not be there")
			continue
		}
		text := check.SQL
		check.SQL = sqlast.Trim(text)
		l.addCheckPiece(check, text, func() { check.SQL = "" }, func(p sqlast.Problem) {
			line, column := sqlast.Position(text, p.Offset)
			spot.At("sql").Report("line %d, column %d of the SQL: %s", line, column, p.Text)
		})
	}
}

// complete fills in what a check leaves out.
func complete(check *SQLCheck, spot strictyaml.Spot) {
	if check.Severity == "" {
		check.Severity = SeverityError
	}
	if check.Scope == "" {
		check.Scope = ScopeDataset
	}
	if err := severityProblem(check.Severity); err != nil {
		spot.At("severity").Report("%s", err)
	}
	if check.Scope != ScopeDataset && check.Scope != ScopeRelease {
		spot.At("scope").Report("scope is dataset or release")
	}
}
