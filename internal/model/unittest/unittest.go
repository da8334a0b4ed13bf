//go:build duckdb_arrow

// Package unittest runs the unit tests that models carry in their YAML: the rows a model makes from a few given ones.
// It needs no warehouse. Inputs that a test does not give are empty tables of the declared types; reference data are
// real unless given; site.* are those of a small site (Defaults) unless given.
package unittest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"socialvalue/internal/estimator"
	"socialvalue/internal/model"
	"socialvalue/internal/warehouse"
)

// Result is the outcome of one test.
type Result struct {
	Relation string
	Name     string
	Rule     string
	File     string
	Diff     string // "" when the rows are as expected
	Err      error  // the test could not be run
}

// Passed says whether the rows were as expected.
func (r Result) Passed() bool { return r.Diff == "" && r.Err == nil }

// Options are what tests need besides the project.
type Options struct {
	Estimators estimator.Registry
	Only       []string // relations whose tests to run; empty means all
}

// Defaults are the rows of site.* and other relations that stand when a test does not give them.
func Defaults() map[string][]model.Row {
	text := func(s string) model.Value { return model.Value{Text: s, NotNull: true} }
	return map[string][]model.Row{
		"site.as_of": {{"as_of": text("2025-06-30")}},
		"site.settings": {{
			"financial_year_start_month": text("4"), "financial_year_start_day": text("1"), "baseline_year": text("2022-23"),
			"time_zone": text("Europe/London"), "site_name": text("Test"),
		}},
	}
}

// Run runs the tests in the order of the graph and of each file.
func Run(ctx context.Context, project *model.Project, options Options) (results []Result, err error) {
	db, err := warehouse.Open(ctx, "", warehouse.Options{Threads: 2})
	if err != nil {
		return nil, fmt.Errorf("open a database to test in: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	r := runner{db: db, project: project, options: options, defaults: Defaults()}
	for _, relation := range project.Order {
		node := project.Nodes[relation]
		if len(node.Spec.Tests) == 0 || len(options.Only) > 0 && !slices.Contains(options.Only, relation) {
			continue
		}
		if err := project.Scaffold(ctx, db, append(slices.Clone(node.Inputs), relation)); err != nil {
			return results, err
		}
		for _, test := range node.Spec.Tests {
			result := Result{Relation: relation, Name: test.Name, Rule: test.Rule, File: node.SpecFile}
			result.Diff, result.Err = r.run(ctx, node, test)
			results = append(results, result)
			if err := ctx.Err(); err != nil {
				return results, fmt.Errorf("test %s: %w", relation, err)
			}
		}
	}
	return results, nil
}

type runner struct {
	db       *warehouse.DB
	project  *model.Project
	options  Options
	defaults map[string][]model.Row
}

// run makes the inputs of one test, the relation itself, and compares.
func (r runner) run(ctx context.Context, node *model.Node, test model.Test) (diff string, err error) {
	for _, input := range node.Inputs {
		if err := r.supply(ctx, input, test); err != nil {
			return "", err
		}
	}
	if node.IsView() {
		// The scaffold's empty table stands where the view is to be.
		if _, err := r.db.Exec(ctx, "drop table if exists "+warehouse.Relation(node.Relation)); err != nil {
			return "", fmt.Errorf("make room for the view: %w", err)
		}
	}
	if _, err := r.project.Produce(ctx, r.db, node, r.options.Estimators); err != nil {
		return "", err
	}
	return r.compare(ctx, node, test)
}

// supply fills one input: with the rows given, the default ones, reference data, or none.
func (r runner) supply(ctx context.Context, relation string, test model.Test) error {
	rows, given := test.Given[relation]
	if input := r.project.Nodes[relation]; !given && input != nil && input.Kind == model.KindReference {
		if _, err := r.project.Produce(ctx, r.db, input, nil); err != nil {
			return err
		}
		return nil
	}
	if !given {
		rows = r.defaults[relation]
	}
	columns, _ := r.project.Columns(relation)
	if _, err := r.db.Exec(ctx, model.EmptyTable(relation, columns)); err != nil {
		return fmt.Errorf("empty %s: %w", relation, err)
	}
	for i, row := range rows {
		if _, err := r.db.Exec(ctx, insert(relation, columns, row)); err != nil {
			return fmt.Errorf("row %d given for %s: %s", i+1, relation, firstLine(err))
		}
	}
	return nil
}

// insert adds one row; columns it does not name are NULL. A test's values are its own, so they may stand in messages.
func insert(relation string, columns []model.Column, row model.Row) string {
	values := make([]string, len(columns))
	for i, c := range columns {
		values[i] = literal(row[c.Name], c.Type)
	}
	return "insert into " + warehouse.Relation(relation) + " values (" + strings.Join(values, ", ") + ")"
}

// literal is a value as SQL of the given type.
func literal(v model.Value, typeName string) string {
	if !v.NotNull {
		return "null"
	}
	return "cast(" + warehouse.Text(v.Text) + " as " + typeName + ")"
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
