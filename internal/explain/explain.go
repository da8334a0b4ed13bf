//go:build duckdb_arrow

// Package explain leads from a figure of a release to the rows it is made from:
// the row, what its columns mean and why they are empty, the rows behind it with
// the file and line they came from, and whether those add up to it.
package explain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"socialvalue/internal/disclosure"
	"socialvalue/internal/figure"
	"socialvalue/internal/manifest"
	"socialvalue/internal/model"
	"socialvalue/internal/nearest"
	"socialvalue/internal/query"
	"socialvalue/internal/release"
	"socialvalue/internal/warehouse"
)

// Report is what is behind one row of a dataset.
type Report struct {
	Dataset     string   `json:"dataset"`
	Description string   `json:"description"`
	Grain       string   `json:"grain"`
	Cells       []Cell   `json:"cells"`
	Inputs      []string `json:"inputs"` // relations it is built from, in the order they are built
	Columns     []string `json:"row_columns,omitempty"`
	Rows        [][]any  `json:"rows,omitempty"` // texts, null where there is none
	RowCount    int      `json:"row_count"`
	Totals      []Total  `json:"totals,omitempty"`
	Note        string   `json:"note,omitempty"` // why there are no rows
}

// Cell is one column of the row.
type Cell struct {
	Column      string  `json:"column"`
	Value       *string `json:"value"`
	Unit        string  `json:"unit,omitempty"`
	Description string  `json:"description"`
	NullReason  string  `json:"null_reason,omitempty"`
}

// Total compares a measure of the row with the rows behind it.
type Total struct {
	Measure string `json:"measure"`
	Figure  string `json:"figure"`
	Rows    string `json:"rows"`
	Agrees  bool   `json:"agrees"`
}

// ErrKey says that the key given does not name one row.
var ErrKey = errors.New("the key does not name one row")

// Agrees says whether every total of the rows is the figure.
func (r *Report) Agrees() bool {
	return !slices.ContainsFunc(r.Totals, func(t Total) bool { return !t.Agrees })
}

// Figure explains the one row of a dataset that the conditions leave; key holds
// them by column, and an empty value means null. The file answers under the
// dataset's explanation's tier.
func Figure(ctx context.Context, project *model.Project, relation string, key map[string]string, open func(tier string) (*query.File, error)) (report *Report, err error) {
	node, twin := dataset(project, relation)
	if node == nil {
		return nil, fmt.Errorf("%w: there is no dataset %q; svw datasets lists them", ErrKey, relation)
	}
	condition, err := condition(node, key)
	if err != nil {
		return nil, err
	}
	explanation := node.Spec.Explain
	tier := "open"
	switch {
	case explanation != nil && (!twin || explanation.Tier != "open"):
		tier = explanation.Tier
	case twin:
		tier = release.Domains(relation, node.Spec.Publish.AllDomains())[0]
	case node.Spec.Publish.Tier != "open":
		tier = node.Spec.Publish.AllDomains()[0]
	}
	report = &Report{
		Dataset: relation, Description: strings.TrimSpace(node.Spec.Description), Grain: node.Spec.Grain,
		Inputs: inOrder(project, strings.TrimSuffix(relation, manifest.InternalSuffix)),
	}
	file, err := open(tier)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if report.Cells, err = row(ctx, file, node, condition); err != nil {
		return nil, err
	}
	if explanation == nil {
		report.Note = node.SpecFile + " has no explain: it does not say which rows the figure is made from; svw lineage " + relation + " shows what it is built from"
		return report, nil
	}
	return report, contributing(ctx, file, report, explanation, relation, condition)
}

// dataset finds a published relation, also by the name of its unprotected form;
// then its node carries that name.
func dataset(project *model.Project, relation string) (node *model.Node, twin bool) {
	name, twin := strings.CutSuffix(relation, manifest.InternalSuffix)
	node, ok := project.Nodes[name]
	if !ok || !node.Spec.Publish.IsPublished() {
		return nil, false
	}
	if !twin {
		return node, false
	}
	if publish := node.Spec.Publish; publish.Tier != "open" || publish.Internal == "none" || publish.Disclosure == nil && publish.Announced == "" {
		return nil, false
	}
	named := *node
	named.Relation = relation
	return &named, true
}

// inOrder are the relations a dataset is built from, feeds first.
func inOrder(project *model.Project, relation string) []string {
	ancestors := project.Ancestors(relation)
	var list []string
	for _, name := range ancestors {
		if _, made := project.Nodes[name]; !made {
			list = append(list, name)
		}
	}
	for _, name := range project.Order {
		if slices.Contains(ancestors, name) && name != relation {
			list = append(list, name)
		}
	}
	return list
}

// condition is the key as SQL. Columns that are not named must leave one row.
func condition(node *model.Node, key map[string]string) (string, error) {
	var parts []string
	names := make([]string, len(node.Spec.Columns))
	for i, column := range node.Spec.Columns {
		names[i] = column.Name
	}
	for name, value := range key {
		column, known := node.Column(name)
		if !known {
			meant := nearest.Of(name, names)
			if meant != "" {
				meant = ": did you mean " + meant + "?"
			}
			return "", fmt.Errorf("%w: %s has no column %q%s", ErrKey, node.Relation, name, meant)
		}
		if value == "" {
			parts = append(parts, warehouse.Ident(name)+" is null")
			continue
		}
		parts = append(parts, warehouse.Ident(name)+" = try_cast("+warehouse.Text(value)+" as "+column.Type+")")
	}
	slices.Sort(parts)
	if len(parts) == 0 {
		return "", fmt.Errorf("%w: name it by its key, as %s=…; the key is %s", ErrKey, node.Spec.Key[0], strings.Join(node.Spec.Key, ", "))
	}
	return " where " + strings.Join(parts, " and "), nil
}

// row reads the one row that is explained.
func row(ctx context.Context, file *query.File, node *model.Node, condition string) ([]Cell, error) {
	answer, err := file.Ask(ctx, "select * from "+warehouse.Relation(node.Relation)+condition+" limit 1000")
	if err != nil {
		return nil, err
	}
	if len(answer.Rows) != 1 {
		return nil, ambiguous(node, answer)
	}
	reasons := map[string]string{}
	cells := make([]Cell, len(answer.Columns))
	for i, column := range answer.Columns {
		cells[i].Column = column.Name
		if declared, known := node.Column(column.Name); known {
			cells[i].Unit, cells[i].Description = declared.Unit, declared.Description
		}
		if value := answer.Rows[0][i]; !value.Null {
			cells[i].Value = &value.Text
			if column.Name == "null_reasons" {
				// Text of ours; what it does not say stays unsaid.
				_ = json.Unmarshal([]byte(value.Text), &reasons)
			}
		}
	}
	for i := range cells {
		switch {
		case cells[i].Value != nil:
		case isWithheld(cells, cells[i].Column):
			cells[i].NullReason = "withheld: svw disclosure explain says why, to those who may know"
		default:
			cells[i].NullReason = reasons[cells[i].Column]
		}
	}
	return cells, nil
}

// isWithheld says whether a row names one of its columns as withheld.
func isWithheld(cells []Cell, column string) bool {
	for _, cell := range cells {
		if cell.Column == disclosure.WithheldColumn && cell.Value != nil {
			return slices.Contains(strings.Split(strings.ReplaceAll(*cell.Value, " ", ""), ","), column)
		}
	}
	return false
}

// ambiguous says which columns of the key still tell rows apart.
func ambiguous(node *model.Node, answer query.Answer) error {
	if len(answer.Rows) == 0 {
		return fmt.Errorf("%w: no row of %s fits; svw query shows those there are", ErrKey, node.Relation)
	}
	var open []string
	for i, column := range answer.Columns {
		if !slices.Contains(node.Spec.Key, column.Name) {
			continue
		}
		seen := map[query.Value]bool{}
		var values []string
		for _, row := range answer.Rows {
			if !seen[row[i]] {
				seen[row[i]] = true
				values = append(values, row[i].Text)
			}
		}
		if len(values) > 1 {
			slices.Sort(values)
			if len(values) > 6 {
				values = append(values[:6], "…")
			}
			open = append(open, column.Name+" ("+strings.Join(values, ", ")+")")
		}
	}
	return fmt.Errorf("%w: several rows of %s fit; say also %s", ErrKey, node.Relation, strings.Join(open, "; "))
}

// contributing reads the rows behind the figure and adds them up.
func contributing(ctx context.Context, file *query.File, report *Report, explanation *figure.Explanation, relation, condition string) error {
	sql := model.ExplainedPrefix(relation, condition) + explanation.SQL + "\n) as contributing"
	answer, err := file.Ask(ctx, sql)
	if err != nil {
		return fmt.Errorf("explain %s: %w", relation, err)
	}
	for _, column := range answer.Columns {
		report.Columns = append(report.Columns, column.Name)
	}
	report.RowCount = len(answer.Rows)
	for _, values := range answer.Rows {
		row := make([]any, len(values))
		for i, value := range values {
			if !value.Null {
				row[i] = value.Text
			}
		}
		report.Rows = append(report.Rows, row)
	}
	report.Totals, err = compare(ctx, file, sql, relation, condition, explanation.Totals)
	return err
}

// compare holds measures against the sums of the rows, exactly. A measure that
// is not given cannot differ.
func compare(ctx context.Context, file *query.File, sql, relation, condition string, totals []figure.Total) ([]Total, error) {
	if len(totals) == 0 {
		return nil, nil
	}
	var columns []string
	for i, total := range totals {
		sum, when := "count(*)", ""
		if total.Sum != "" {
			sum = "coalesce(sum(" + warehouse.Ident(total.Sum) + "), 0)"
		}
		if total.When != "" {
			when = " where " + warehouse.Ident(total.When)
		}
		rows, measure := "(select "+sum+" from contributing"+when+")", warehouse.Ident(total.Measure)
		columns = append(columns, fmt.Sprintf("%s as rows_%d, %s as figure_%d, coalesce(%s = %s, true) as agrees_%d", rows, i, measure, i, rows, measure, i))
	}
	answer, err := file.Ask(ctx, "with contributing as materialized (\n"+sql+"\n) select "+strings.Join(columns, ", ")+" from "+warehouse.Relation(relation)+condition)
	if err != nil {
		return nil, fmt.Errorf("add up the rows: %w", err)
	}
	compared := make([]Total, len(totals))
	for i, total := range totals {
		cells := answer.Rows[0][3*i:]
		compared[i] = Total{Measure: total.Measure, Rows: cells[0].Text, Figure: cells[1].Text, Agrees: cells[2].Text == "true"}
	}
	return compared, nil
}
