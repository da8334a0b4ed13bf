package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"socialvalue/internal/sqlast"
	"socialvalue/internal/warehouse"
)

// bind has DuckDB resolve a model against the relations as they stand: names, types, and what only types can tell. The
// error is a Problem, a *ContractError, or both joined.
func bind(ctx context.Context, db *warehouse.DB, node *Node) error {
	plan, problem, err := boundPlan(ctx, db, node)
	if err != nil {
		return err
	}
	if problem != nil {
		return *problem
	}
	var found []error
	for _, text := range inexact(plan) {
		found = append(found, node.problemAtCall(text.function, text.problem))
	}
	result, err := describe(ctx, db, node.SQL)
	if err != nil {
		return err
	}
	if differences := differences(node.Spec.Columns, result); len(differences) > 0 {
		found = append(found, &ContractError{node.Relation, node.File, node.SpecFile, differences})
	}
	return errors.Join(found...)
}

// boundPlan is DuckDB's plan of a model before it is optimised, or the reason there is none.
func boundPlan(ctx context.Context, db *warehouse.DB, node *Node) (map[string]any, *Problem, error) {
	texts, err := db.Texts(ctx, "select json_serialize_plan("+warehouse.Text(node.SQL)+", skip_default := true, skip_empty := true, skip_null := true)::varchar")
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", node.File, warehouse.Scrub(err))
	}
	var answer struct {
		Error    bool             `json:"error"`
		Type     string           `json:"error_type"`
		Message  string           `json:"error_message"`
		Position string           `json:"position"` // in characters
		Plans    []map[string]any `json:"plans"`
	}
	if err := json.Unmarshal([]byte(texts[0]), &answer); err != nil {
		return nil, nil, fmt.Errorf("%s: read DuckDB's plan: %w", node.File, err)
	}
	if answer.Error {
		if answer.Type == "not implemented" {
			return nil, nil, nil // a plan DuckDB cannot write out: the build itself will tell what is wrong
		}
		line, column := place(node.SQL, answer.Position)
		return nil, &Problem{node.File, line, column, firstLine(answer.Message)}, nil
	}
	if len(answer.Plans) == 0 {
		return nil, nil, nil
	}
	return answer.Plans[0], nil, nil
}

// place turns a position in characters into a line and column; none when there is no position.
func place(text, position string) (line, column int) {
	n, err := strconv.Atoi(position)
	if err != nil {
		return 0, 0
	}
	at := 0
	for ; n > 0 && at < len(text); n-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return sqlast.Position(text, at)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// finding is an aggregate that adds up floating point, or cuts off digits.
type finding struct{ function, problem string }

// inexact finds aggregates whose arguments have types that make them inexact. The parser's rules find most of them
// earlier and with their place; types that only the binder knows are found here.
func inexact(plan any) []finding {
	var found []finding
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			if class := v["expression_class"]; class == "BOUND_AGGREGATE" || class == "BOUND_WINDOW" {
				if f, ok := inexactCall(v); ok && !slices.Contains(found, f) {
					found = append(found, f)
				}
			}
			for key, value := range v {
				if key != "function_data" { // list_sum and its like go through a list in its order
					walk(value)
				}
			}
		}
	}
	walk(plan)
	slices.SortFunc(found, func(a, b finding) int { return strings.Compare(a.function, b.function) })
	return found
}

func inexactCall(call map[string]any) (finding, bool) {
	name, _ := call["name"].(string)
	arguments, _ := call["arguments"].([]any)
	if len(arguments) == 0 {
		return finding{}, false
	}
	argument, _ := arguments[0].(map[string]any)
	id, _ := argument["id"].(string)
	switch name {
	case "sum":
		if id == "DOUBLE" || id == "FLOAT" {
			return finding{name, "sum of a DOUBLE differs in the last digits from run to run: use exact_sum(…)"}, true
		}
	case "avg":
		if id == "DOUBLE" || id == "FLOAT" {
			return finding{name, "avg of a DOUBLE differs in the last digits from run to run: use exact_sum(…) / count(…)"}, true
		}
	case "median", "quantile_cont":
		if id == "DECIMAL" {
			return finding{name, name + " cuts off digits of a DECIMAL: write " + name + "(cast(… as double))"}, true
		}
	}
	return finding{}, false
}

// problemAtCall places a problem at the call of a function when there is only one, else at the first of them.
func (n *Node) problemAtCall(function, text string) Problem {
	var places []int
	for _, call := range n.statement.Calls {
		if call.Name == function {
			places = append(places, call.Offset)
		}
	}
	if len(places) == 0 {
		return Problem{File: n.File, Text: "in a macro, " + text}
	}
	if len(places) > 1 {
		text = fmt.Sprintf("one of the %d calls of %s that begin here: %s", len(places), function, text)
	}
	line, column := sqlast.Position(n.SQL, places[0])
	return Problem{n.File, line, column, text}
}

// describe asks DuckDB for the columns of a query.
func describe(ctx context.Context, db *warehouse.DB, query string) ([]Column, error) {
	var columns []Column
	err := each(ctx, db, "select column_name, column_type from (describe "+query+"\n)", func(scan func(...any) error) error {
		var c Column
		err := scan(&c.Name, &c.Type)
		columns = append(columns, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("describe the result: %w", warehouse.Scrub(err))
	}
	return columns, nil
}
