package model

import (
	"slices"
	"strings"

	"socialvalue/internal/sqlast"
)

func (l *loader) readModelFile(relation string, files map[string]string) error {
	sqlFile, specFile := files[".sql"], files[".yaml"]
	if specFile == "" {
		l.fail(sqlFile, "no %s beside it: write one with grain, description, key and columns", strings.TrimSuffix(sqlFile, ".sql")+".yaml")
		return nil
	}
	node := &Node{Relation: relation, Kind: KindSQL, File: sqlFile, SpecFile: specFile}
	doc, err := l.decodeSpec(specFile, &node.Spec)
	if doc == nil || err != nil {
		l.unread[relation] = true
		return err
	}
	if node.Spec.Disabled {
		l.disabled[relation] = true
		return nil
	}
	l.project.Nodes[relation] = node
	l.checkSpec(node, doc)
	l.addSQLChecks(node.Spec.Checks, doc)
	switch {
	case node.Spec.Union != "":
		node.File = specFile
		l.checkUnion(node, sqlFile, doc)
		return nil
	case node.Spec.Estimator != "":
		node.Kind, node.File = KindEstimator, specFile
		l.checkEstimator(node, doc)
		if sqlFile != "" {
			l.fail(sqlFile, "%s names an estimator: remove this file, or the key estimator", specFile)
		}
		return nil
	case sqlFile == "":
		l.fail(specFile, "no %s beside it: write the model's SELECT, or name an estimator or a union", strings.TrimSuffix(specFile, ".yaml")+".sql")
		return nil
	}
	if len(node.Spec.Inputs) > 0 {
		doc.At("inputs").Report("inputs are of estimators: a SELECT names what it reads itself")
	}
	data, err := l.read(sqlFile)
	if err != nil {
		return err
	}
	text := string(data)
	node.SQL, node.Comment = sqlast.Trim(text), sqlast.LeadingComment(text)
	l.addPiece(text, true, l.failAt(sqlFile, text), func(statement *sqlast.Statement) {
		node.statement = statement
		l.resolveModel(node, text)
	})
	return nil
}

func (l *loader) readReferenceFile(stem string, files map[string]string) error {
	csvFile, specFile := files[".csv"], files[".yaml"]
	switch {
	case files[".sql"] != "":
		l.fail(files[".sql"], "ref.* are tables of reference data: write a .csv, or put the model into stage")
		return nil
	case specFile == "":
		l.fail(csvFile, "no %s beside it: say where the data are from and what the columns are", strings.TrimSuffix(csvFile, ".csv")+".yaml")
		return nil
	}
	var spec referenceSpec
	doc, err := l.decode(specFile, &spec)
	if doc == nil || err != nil {
		l.unread["ref."+stem] = true
		return err
	}
	if spec.AddsTo != "" {
		l.readAddition(csvFile, specFile, spec, doc)
		return nil
	}
	node := &Node{Relation: "ref." + stem, Kind: KindReference, File: csvFile, SpecFile: specFile, Spec: spec.spec()}
	if spec.Disabled {
		l.disabled[node.Relation] = true
		return nil
	}
	l.project.Nodes[node.Relation] = node
	l.checkSpec(node, doc)
	spec.check(doc)
	l.addSQLChecks(node.Spec.Checks, doc)
	if csvFile == "" {
		l.fail(specFile, "no %s beside it: write the rows", strings.TrimSuffix(specFile, ".yaml")+".csv")
		return nil
	}
	data, err := l.read(csvFile)
	if err != nil {
		return err
	}
	rows, problems := readReference(csvFile, data, spec.Columns, columnNames(spec.Columns))
	l.problems = append(l.problems, problems...)
	node.Ref = Reference{
		Source: spec.Source, SourceDate: spec.SourceDate, Edition: spec.Edition, Licence: spec.Licence, Mark: spec.Mark,
		Rows: rows, Digest: digest(data),
	}
	return nil
}

func (l *loader) readMacroFile(stem string, files map[string]string) error {
	if file := files[".yaml"]; file != "" {
		l.fail(file, "macros have no YAML: write what they do as a comment in the .sql")
	}
	file := files[".sql"]
	if file == "" {
		return nil
	}
	data, err := l.read(file)
	if err != nil {
		return err
	}
	text := string(data)
	report := l.failAt(file, text)
	macro, problem := readMacro(file, text)
	if problem != nil {
		report(*problem)
		return nil
	}
	if macro.Name != stem {
		l.fail(file, "the macro is named %s: the file must be %s.sql", macro.Name, macro.Name)
	}
	if len(macro.Comment) == 0 {
		l.fail(file, "no comment: say first what the macro does, where the rule is from, and an example")
	}
	l.project.Macros[macro.Name] = macro
	inFile := func(p sqlast.Problem) { report(sqlast.Problem{Offset: macro.offset + p.Offset, Text: p.Text}) }
	l.pieces = append(l.pieces, piece{
		of: l.reading, text: macro.Body, parsed: sqlast.ExpressionPrefix + macro.Body, report: inFile,
		rules: "macro of " + strings.Join(macro.Parameters, ", "),
		read: func(tree string) *sqlast.Statement {
			rules := l.rules(true)
			rules.Arguments = macro.arguments()
			return sqlast.ReadExpression(macro.Body, tree, rules)
		},
		accept: func(statement *sqlast.Statement) {
			macro.statement = statement
			for _, p := range statement.Problems {
				inFile(p)
			}
			for _, r := range statement.Relations {
				inFile(sqlast.Problem{Offset: r.Offset, Text: "a macro reads no relation: give it what it needs as an argument"})
			}
			macro.Macros = l.calledMacros(statement)
		},
	})
	return nil
}

// addPiece has a SELECT read; accept is called when all have been.
func (l *loader) addPiece(text string, strict bool, report func(sqlast.Problem), accept func(*sqlast.Statement)) {
	l.addSparedPiece(text, strict, nil, report, accept)
}

// addSparedPiece does so for one that what it belongs to can do without.
func (l *loader) addSparedPiece(text string, strict bool, spare func(), report func(sqlast.Problem), accept func(*sqlast.Statement)) {
	read := func(tree string) *sqlast.Statement { return sqlast.Read(text, tree, l.rules(strict)) }
	rules := "a check's"
	if strict {
		rules = "a model's"
	}
	l.pieces = append(l.pieces, piece{of: l.reading, spare: spare, text: text, rules: rules, report: report, read: read, accept: accept})
}

// freeCheckSpec is the YAML beside a check in sql/checks.
type freeCheckSpec struct {
	Description string   `yaml:"description"`
	Severity    Severity `yaml:"severity"`
	Scope       Scope    `yaml:"scope"`
	Datasets    []string `yaml:"datasets"`
}

func (l *loader) readCheckFile(stem string, files map[string]string) error {
	sqlFile, specFile := files[".sql"], files[".yaml"]
	if specFile == "" || sqlFile == "" {
		l.fail(sqlFile+specFile, "a check is two files, %s.sql and %s.yaml: write the other", stem, stem)
		return nil
	}
	var spec freeCheckSpec
	doc, err := l.decode(specFile, &spec)
	if doc == nil || err != nil {
		return err
	}
	data, err := l.read(sqlFile)
	if err != nil {
		return err
	}
	text := string(data)
	check := &FreeCheck{File: sqlFile, Datasets: spec.Datasets, SQLCheck: SQLCheck{
		Name: stem, Description: spec.Description, Severity: spec.Severity, Scope: spec.Scope, SQL: sqlast.Trim(text),
	}}
	l.project.Checks = append(l.project.Checks, check)
	complete(&check.SQLCheck, doc.At())
	if strings.TrimSpace(spec.Description) == "" {
		doc.At().Report("no description: say in one sentence what must hold")
	}
	if check.Scope == ScopeDataset && len(spec.Datasets) == 0 {
		doc.At().Report("no datasets: name those that are held when the check fails, or write scope: release")
	}
	for i, dataset := range spec.Datasets {
		l.later(func() {
			if l.project.Nodes[dataset] == nil && !l.disabled[dataset] && !l.leftOut[dataset] {
				doc.At("datasets", i).Report("no relation %s%s", dataset, l.project.didYouMean(dataset))
			}
		})
	}
	l.addCheckPiece(&check.SQLCheck, text, nil, l.failAt(sqlFile, text))
	return nil
}

// addCheckPiece parses the SQL of a check; what it reads may be anything the project knows.
func (l *loader) addCheckPiece(check *SQLCheck, text string, spare func(), report func(sqlast.Problem)) {
	l.addSparedPiece(text, false, spare, report, func(statement *sqlast.Statement) {
		for _, p := range statement.Problems {
			report(p)
		}
		check.Canonical = statement.Canonical
		check.Reads = l.known(statement.Relations, report)
		check.Macros = l.calledMacros(statement)
	})
}

func (l *loader) readQueryFile(stem string, files map[string]string) error {
	if file := files[".yaml"]; file != "" {
		l.fail(file, "queries have no YAML: write the question as a comment in the .sql")
	}
	file := files[".sql"]
	if file == "" {
		return nil
	}
	data, err := l.read(file)
	if err != nil {
		return err
	}
	text := string(data)
	query := &Query{Name: stem, File: file, SQL: sqlast.Trim(text), Tier: "open"}
	for _, line := range sqlast.LeadingComment(text) {
		if tier, ok := strings.CutPrefix(line, "tier:"); ok {
			query.Tier = strings.TrimSpace(tier)
		} else if query.Question == "" {
			query.Question = line
		}
	}
	if query.Question == "" {
		l.fail(file, "no question: begin with a comment line that asks it")
	}
	l.project.Queries = append(l.project.Queries, query)
	report := l.failAt(file, text)
	l.addPiece(text, false, report, func(statement *sqlast.Statement) {
		for _, p := range statement.Problems {
			report(p)
		}
		query.Reads = l.known(statement.Relations, report)
		for _, r := range statement.Relations {
			if node := l.project.Nodes[r.Name]; slices.Contains(query.Reads, r.Name) && (node == nil || !node.Spec.Publish.isIn(query.Tier)) {
				report(sqlast.Problem{Offset: r.Offset, Text: r.Name + " is not in the " + query.Tier + " file: publish it there, or name another “-- tier:”"})
			}
		}
		for _, name := range l.calledMacros(statement) {
			if !l.project.Macros[name].Publish {
				l.fail(file, "calls the macro %s, which is not released: add the comment “publish: true” to it, or write it out", name)
			}
		}
	})
	return nil
}

// isIn says whether a relation stands in the file of a tier or domain.
func (p Publish) isIn(tier string) bool {
	return p.Tier == "open" || p.Tier == "restricted" && slices.Contains(p.AllDomains(), tier)
}
