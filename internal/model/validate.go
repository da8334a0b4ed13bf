package model

import (
	"slices"
	"strings"

	"socialvalue/internal/sqlast"
	"socialvalue/internal/strictyaml"
)

// checkSpec reports what a relation's YAML gets wrong by itself.
func (l *loader) checkSpec(node *Node, doc *strictyaml.Doc) {
	spec := &node.Spec
	published := spec.Publish.IsPublished()
	if strings.TrimSpace(spec.Grain) == "" {
		doc.At().Report("no grain: say what one row is")
	}
	if strings.TrimSpace(spec.Description) == "" {
		doc.At().Report("no description: say in one sentence what the relation is for")
	}
	if published && node.Kind != KindReference && strings.TrimSpace(spec.Owner) == "" {
		doc.At().Report("no owner: name who answers for a published relation")
	}
	if len(spec.Columns) == 0 {
		doc.At().Report("no columns: list every column with its type, in the order of the table")
	}
	names := l.checkColumns(node, doc)
	l.checkKey(node, doc, names)
	l.checkMaterialise(node, doc, names)
	l.checkPublish(spec.Publish, doc)
	checkOpening(node, doc)
	l.checkTests(node, doc, names)
	l.checkFigures(node, doc)
}

func (l *loader) checkColumns(node *Node, doc *strictyaml.Doc) (names []string) {
	for i, c := range node.Spec.Columns {
		spot := doc.At("columns", i)
		switch {
		case !isName(c.Name):
			spot.At("name").Report("a column's name is small letters, digits and _")
		case isReserved(c.Name):
			spot.At("name").Report("%s is a word of SQL: choose another name, or every query needs quotes", c.Name)
		case slices.Contains(names, c.Name):
			spot.At("name").Report("%s stands twice: keep one", c.Name)
		}
		names = append(names, c.Name)
		if problem := typeProblem(c.Type); problem != "" {
			spot.At("type").Report("type %s: %s", c.Type, problem)
		}
		if node.Spec.Publish.IsPublished() && strings.TrimSpace(c.Description) == "" {
			spot.Report("no description of %s: every published column is explained", c.Name)
		}
		if !slices.Contains([]string{"", "none", "indirect", "direct", "special"}, c.Personal) {
			spot.At("personal").Report("personal is none, indirect, direct or special")
		}
		if c.RenamedFrom != "" {
			if old, there := node.Column(c.RenamedFrom); there && old.Deprecated == "" {
				spot.At("renamed_from").Report("%s is not marked: write on it deprecated: use %s", c.RenamedFrom, c.Name)
			}
		}
		if c.Optional {
			checkOptional(node, c, spot.At("optional"))
		}
		for k, check := range c.Checks {
			l.checkColumnCheck(check, c, spot.At("checks", k))
		}
	}
	return names
}

func (l *loader) checkColumnCheck(check ColumnCheck, column Column, spot strictyaml.Spot) {
	switch check.Kind {
	case "pattern":
		if column.Type != "VARCHAR" {
			spot.Report("pattern is for VARCHAR: use min and max for %s", column.Type)
		}
	case "min", "max":
		if problem := valueProblem(check.Value, column.Type); problem != "" {
			spot.Report("%s of a column of type %s: %s", check.Kind, column.Type, problem)
		}
	case "references":
		l.later(func() {
			relation, name := check.ReferencesColumn()
			if problem := l.relationProblem(relation); problem != "" {
				spot.Report("%s", problem)
				return
			}
			columns, known := l.project.Columns(relation)
			if known && !slices.ContainsFunc(columns, func(c Column) bool { return c.Name == name }) {
				spot.Report("%s has no column %s: name one of its columns", relation, name)
			}
		})
	}
}

func (l *loader) checkKey(node *Node, doc *strictyaml.Doc, names []string) {
	spec := node.Spec
	if len(spec.Key) == 0 {
		doc.At().Report("no key: name the columns that tell rows apart")
	}
	for i, name := range spec.Key {
		if !slices.Contains(names, name) {
			doc.At("key", i).Report("%s is not a column: declare it, or correct the key", name)
		}
	}
	for i, name := range spec.OrderBy {
		if !slices.Contains(names, name) {
			doc.At("order_by", i).Report("%s is not a column: declare it, or correct order_by", name)
		}
	}
	if len(spec.OrderBy) == 0 {
		return
	}
	for _, name := range spec.Key {
		if slices.Contains(names, name) && !slices.Contains(spec.OrderBy, name) {
			doc.At("order_by").Report("order_by leaves out %s of the key, so rows could change places: add it at the end", name)
		}
	}
}

func (l *loader) checkPublish(publish Publish, doc *strictyaml.Doc) {
	switch publish.Tier {
	case "", "none", "open":
		if len(publish.AllDomains()) > 0 {
			doc.At("publish").Report("domains are of the restricted tier: remove them, or write tier: restricted")
		}
	case "restricted":
		if len(publish.AllDomains()) == 0 {
			doc.At("publish").Report("no domain: a restricted relation names those whose file it stands in")
		}
	default:
		doc.At("publish", "tier").Report("tier is open, restricted or none")
	}
	for i, format := range publish.Formats {
		if !slices.Contains([]string{"parquet", "csv"}, format) {
			doc.At("publish", "formats", i).Report("a format is parquet or csv; the DuckDB file holds every relation, and the workbook every open one, anyway")
		}
	}
}

func (l *loader) checkTests(node *Node, doc *strictyaml.Doc, names []string) {
	tests := node.Spec.Tests
	for i, test := range tests {
		spot := doc.At("tests", i)
		if strings.TrimSpace(test.Name) == "" {
			spot.Report("a test has a name: say what it shows")
		}
		if slices.ContainsFunc(tests[:i], func(t Test) bool { return t.Name == test.Name }) {
			spot.At("name").Report("two tests are named so: rename one")
		}
		if !slices.Contains([]string{"", "exact", "subset"}, test.Match) {
			spot.At("match").Report("match is exact or subset")
		}
		if len(test.Expect) == 0 && test.Match == "subset" {
			spot.Report("nothing expected: a subset of no rows is always there")
		}
		for k, row := range test.Expect {
			reportUnknown(row, names, spot.At("expect", k), node.Relation)
		}
		for relation, rows := range test.Given {
			l.later(func() { l.checkGiven(node, relation, rows, spot.At("given").Key(relation), spot.At("given", relation)) })
		}
	}
}

func (l *loader) checkGiven(node *Node, relation string, rows []Row, key, value strictyaml.Spot) {
	if !slices.Contains(node.Inputs, relation) {
		reads := "reads no relation"
		if len(node.Inputs) > 0 {
			reads = "reads " + strings.Join(node.Inputs, ", ")
		}
		key.Report("%s does not read %s: it %s", node.Relation, relation, reads)
		return
	}
	columns, known := l.project.Columns(relation)
	if !known {
		return
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	for k, row := range rows {
		reportUnknown(row, names, value.At(k), relation)
	}
}

func reportUnknown(row Row, names []string, spot strictyaml.Spot, relation string) {
	for _, name := range sortedKeys(row) {
		if !slices.Contains(names, name) {
			spot.Key(name).Report("%s has no column %s: it has %s", relation, name, strings.Join(names, ", "))
		}
	}
}

// checkEstimator checks a node that is made by Go, and takes over what it reads.
func (l *loader) checkEstimator(node *Node, doc *strictyaml.Doc) {
	spec := node.Spec
	if name, version, ok := strings.Cut(spec.Estimator, "@"); !ok || !isName(name) || version == "" {
		doc.At("estimator").Report("write name@version, such as kaplan_meier@1")
	} else if l.options.Estimators[spec.Estimator] == nil {
		doc.At("estimator").Report("no estimator %s%s", spec.Estimator, oneOf(sortedKeys(l.options.Estimators)))
	}
	if node.standsAsView() {
		doc.At("materialise").Report("an estimator makes a table: remove materialise")
	}
	if len(spec.Inputs) == 0 {
		doc.At().Report("no inputs: name the relations the estimator reads (inputs: {name: schema.relation})")
	}
	if _, taken := spec.Parameters["seed"]; taken {
		doc.At("parameters").Key("seed").Report("the seed comes from the relation's name: remove it")
	}
	for name, relation := range spec.Inputs {
		if !slices.Contains(node.Inputs, relation) {
			node.Inputs = append(node.Inputs, relation)
		}
		l.later(func() {
			spot := doc.At("inputs", name)
			if problem := l.relationProblem(relation); problem != "" {
				spot.Report("%s", problem)
				return
			}
			if problem := layerProblem(node.Relation, relation); problem != "" {
				spot.Report("%s", problem)
			}
			if input := l.project.Nodes[relation]; !l.unread[relation] && (input == nil || len(input.Order()) == 0) {
				spot.Report("%s has no order_by: an estimator needs its rows in a fixed order", relation)
			}
		})
	}
	slices.Sort(node.Inputs)
	node.statement = &sqlast.Statement{}
}

func oneOf(names []string) string {
	if len(names) == 0 {
		return ": the program has none"
	}
	return ": it is one of " + strings.Join(names, ", ")
}
