//go:build duckdb_arrow

package rehearsal

import (
	"slices"
	"strings"
)

// Figure is a number of a relation as text, or why there is none; and what it rests on, where it says so.
type Figure struct {
	Value  string
	Reason string
	Basis  string
}

// Figures are the numbers of a relation, named by the row and the column in which they stand. A column may say what another
// rests on, or all others (the name "").
func (r *Rehearsal) Figures(relation string, basis map[string]string) map[string]Figure {
	r.t.Helper()
	spec := r.Project.Nodes[relation].Spec
	var columns, reasons []string
	for _, column := range spec.Columns {
		switch {
		case slices.Contains(spec.Key, column.Name):
		case column.Name == "null_reason", column.Name == "null_reasons":
			reasons = append(reasons, column.Name)
		case column.Type == "BIGINT", column.Type == "INTEGER", column.Type == "DOUBLE", strings.HasPrefix(column.Type, "DECIMAL"):
			columns = append(columns, column.Name)
		}
	}
	asked := slices.Concat(spec.Key, columns, reasons)
	for _, column := range basis {
		asked = append(asked, column)
	}
	figures := map[string]Figure{}
	for _, row := range r.Rows(relation, "true", asked...) {
		name := []string{relation}
		for _, column := range spec.Key {
			name = append(name, row[column])
		}
		for _, column := range columns {
			on, own := basis[column]
			if !own {
				on = basis[""]
			}
			figures[strings.Join(name, " ")+" "+column] = Figure{Value: row[column], Reason: row["null_reason"] + row["null_reasons"], Basis: row[on]}
		}
	}
	return figures
}

// Moved are the figures that say something else than before on the same basis, or nothing any more and not that something was
// not supplied. A row that is gone says nothing.
func Moved(before, after map[string]Figure) []string {
	var moved []string
	for name, figure := range after {
		was := before[name]
		switch {
		case figure.Value == was.Value, figure.Basis != was.Basis && figure.Value != "" && was.Value != "":
		case figure.Value != "":
			moved = append(moved, name+": "+was.Value+" became "+figure.Value)
		case !strings.Contains(figure.Reason, "not_supplied"):
			moved = append(moved, name+": "+was.Value+" is gone, because: "+figure.Reason)
		}
	}
	slices.Sort(moved)
	return moved
}
