//go:build duckdb_arrow

// Package check turns what a project says must hold (column checks, keys, SQL checks) into queries that give the rows
// that should not be there, runs those whose relations changed, and says what their failing holds back.
package check

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"socialvalue/internal/model"
	"socialvalue/internal/warehouse"
)

// Check is one thing that must hold.
type Check struct {
	Name        string
	Relation    string   // "" for a free-standing check
	Datasets    []string // held when it fails
	Severity    model.Severity
	Scope       model.Scope
	Description string
	SQL         string   // gives the offending rows; for a person to run
	Reads       []string // relations it reads, sorted

	rows      string // what is looked at: Relation, or some days of it
	condition string // true for an offending row of Relation
	alone     bool   // the condition cannot share a scan with others
	offences  string // without a condition: a query of one row for each offence
	sample    string // SQL that writes the key of an offence; "" when none may be shown
	keys      []string
	byDay     func(rows string) string // the offences among rows of some whole days; nil when other rows tell as well
	hangsOn   string                   // what the result hangs on besides rows and SQL: the macros it calls
}

// ID names the check among all: its relation, if any, and its name.
func (c Check) ID() string {
	if c.Relation == "" {
		return c.Name
	}
	return c.Relation + "." + c.Name
}

// fingerprint says what the result hangs on: the check itself and the rows it reads. ok is false when a relation it
// reads does not stand.
func (c Check) fingerprint(relations map[string]string) (fingerprint string, ok bool) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n%s\n%s\n%s\n%s\n", c.ID(), c.SQL, c.condition, c.sample, c.hangsOn)
	for _, relation := range c.Reads {
		rows, stands := relations[relation]
		if !stands {
			return "", false
		}
		fmt.Fprintf(sum, "%s %s\n", relation, rows)
	}
	return hex.EncodeToString(sum.Sum(nil)), true
}

// All lists every check of a project: those of each relation in the order of the graph, then the free-standing ones.
func All(p *model.Project) []Check {
	var all []Check
	for _, relation := range p.Order {
		all = append(all, ofRelation(p, p.Nodes[relation])...)
	}
	for _, check := range p.Checks {
		all = append(all, sqlCheck(p, check.SQLCheck, "", check.Datasets))
	}
	return all
}

func ofRelation(p *model.Project, node *model.Node) []Check {
	var checks []Check
	for _, name := range node.Spec.Key {
		if column, ok := node.Column(name); ok && !column.Nullable && !declares(column, "not_null") {
			checks = append(checks, onRows(node, name+"_not_null", warehouse.Ident(name)+" is null"))
		}
	}
	if len(node.Spec.Key) > 0 {
		checks = append(checks, unique(node, "key_unique", node.Spec.Key, ""))
	}
	for _, column := range node.Spec.Columns {
		for _, check := range column.Checks {
			checks = append(checks, columnCheck(node, column, check))
		}
	}
	for i := range checks {
		checks[i].Name = distinctName(checks[:i], checks[i].Name)
	}
	for _, check := range node.Spec.Checks {
		checks = append(checks, sqlCheck(p, check, node.Relation, []string{node.Relation}))
	}
	return checks
}

func declares(column model.Column, kind string) bool {
	return slices.ContainsFunc(column.Checks, func(c model.ColumnCheck) bool { return c.Kind == kind })
}

// distinctName numbers a name that was given before.
func distinctName(before []Check, name string) string {
	distinct := name
	for i := 2; slices.ContainsFunc(before, func(c Check) bool { return c.Name == distinct }); i++ {
		distinct = fmt.Sprintf("%s_%d", name, i)
	}
	return distinct
}

// columnCheck is the check of one column. NULL passes every rule but not_null.
func columnCheck(node *model.Node, column model.Column, rule model.ColumnCheck) Check {
	name, quoted := column.Name+"_"+rule.Kind, warehouse.Ident(column.Name)
	literal := func(value string) string { return "cast(" + warehouse.Text(value) + " as " + column.Type + ")" }
	var check Check
	switch rule.Kind {
	case "not_null":
		check = onRows(node, name, quoted+" is null")
	case "unique":
		check = unique(node, name, []string{column.Name}, quoted+" is not null")
	case "in":
		values := make([]string, len(rule.Values))
		for i, value := range rule.Values {
			values[i] = literal(value)
		}
		check = onRows(node, name, quoted+" not in ("+strings.Join(values, ", ")+")")
	case "min":
		check = onRows(node, name, quoted+" < "+literal(rule.Value))
	case "max":
		check = onRows(node, name, quoted+" > "+literal(rule.Value))
	case "pattern":
		check = onRows(node, name, "not regexp_matches("+quoted+", "+warehouse.Text(rule.Value)+")")
	case "references":
		relation, target := rule.ReferencesColumn()
		there := "select 1 from " + warehouse.Relation(relation) + " as target where target." + warehouse.Ident(target) + " = checked." + quoted
		check = onRows(node, name, "checked."+quoted+" is not null and not exists ("+there+")")
		check.alone = true
		if relation != node.Relation {
			check.Reads = append(check.Reads, relation)
			slices.Sort(check.Reads)
		}
	}
	check.Severity = rule.Severity
	return check
}

// onRows is a check that a condition is true for no row.
func onRows(node *model.Node, name, condition string) Check {
	offences := func(rows string) string {
		return "select " + keyColumns(node) + " from " + rows + " as checked where " + condition
	}
	all := warehouse.Relation(node.Relation)
	return Check{
		Name: name, Relation: node.Relation, Datasets: []string{node.Relation}, Severity: model.SeverityError,
		Scope: model.ScopeDataset, Reads: []string{node.Relation}, condition: condition, sample: node.KeyText(), rows: all,
		SQL: offences(all), offences: offences(all), byDay: offences, keys: node.Spec.Key,
	}
}

func keyColumns(node *model.Node) string {
	if len(node.Spec.Key) == 0 {
		return "*"
	}
	return idents(node.Spec.Key)
}

// unique is a check that columns tell rows apart.
func unique(node *model.Node, name string, columns []string, where string) Check {
	if where != "" {
		where = " where " + where
	}
	offences := func(rows string) string {
		return "select " + idents(columns) + ", count(*) as rows_with_it from " + rows + where +
			" group by " + idents(columns) + " having count(*) > 1"
	}
	all := offences(warehouse.Relation(node.Relation))
	check := Check{
		Name: name, Relation: node.Relation, Datasets: []string{node.Relation}, Severity: model.SeverityError,
		Scope: model.ScopeDataset, Reads: []string{node.Relation}, SQL: all, offences: all,
		sample: node.KeyTextOf(columns), keys: columns,
	}
	if day := node.DayColumn(); day != "" && slices.Contains(columns, day) {
		check.byDay = offences
	}
	return check
}

// sqlCheck is a check written in SQL. Of its rows, only columns of the datasets' keys are ever shown.
func sqlCheck(p *model.Project, check model.SQLCheck, relation string, datasets []string) Check {
	made := Check{
		Name: check.Name, Relation: relation, Datasets: datasets, Severity: check.Severity, Scope: check.Scope,
		Description: check.Description, SQL: check.SQL, Reads: check.Reads, offences: check.SQL,
		hangsOn: strings.Join(p.MacroTexts(check.Macros), "\n"),
	}
	for _, dataset := range datasets {
		node := p.Nodes[dataset]
		if node == nil {
			continue
		}
		for _, name := range node.Spec.Key {
			if column, _ := node.Column(name); !column.IsPersonal() && !slices.Contains(made.keys, name) {
				made.keys = append(made.keys, name)
			}
		}
	}
	return made
}

func idents(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = warehouse.Ident(name)
	}
	return strings.Join(quoted, ", ")
}
