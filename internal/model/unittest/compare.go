//go:build duckdb_arrow

package unittest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"socialvalue/internal/model"
	"socialvalue/internal/warehouse"
)

// enough is how near two DOUBLEs must be, relative to the larger: far finer than any figure is printed.
const enough = 1e-9

// compare reads the rows made and sets them against the expected ones.
func (r runner) compare(ctx context.Context, node *model.Node, test model.Test) (string, error) {
	columns := compared(node, test)
	got, err := r.rows(ctx, node, columns)
	if err != nil {
		return "", err
	}
	var missing []expectedRow
	left := slices.Clone(got)
	for i, row := range test.Expect {
		want, err := r.expected(ctx, node, columns, row)
		if err != nil {
			return "", fmt.Errorf("expected row %d: %w", i+1, err)
		}
		if k := slices.IndexFunc(left, func(g []sql.NullString) bool { return want.matches(g, columns) }); k >= 0 {
			left = slices.Delete(left, k, k+1)
			continue
		}
		missing = append(missing, want)
	}
	if test.Match == "subset" {
		if len(missing) == 0 {
			return "", nil
		}
	} else if len(missing) == 0 && len(left) == 0 {
		return "", nil
	}
	return report(columns, missing, left, test.Match == "subset"), nil
}

// compared are the columns any expected row names, in the order of the relation, with the key first shown.
func compared(node *model.Node, test model.Test) []model.Column {
	var columns []model.Column
	for _, c := range node.Spec.Columns {
		named := slices.ContainsFunc(test.Expect, func(row model.Row) bool { _, ok := row[c.Name]; return ok })
		if named || len(test.Expect) == 0 && slices.Contains(node.Spec.Key, c.Name) {
			columns = append(columns, c)
		}
	}
	return columns
}

// rows reads columns as text, in the order of the rows.
func (r runner) rows(ctx context.Context, node *model.Node, columns []model.Column) (all [][]sql.NullString, err error) {
	selected := make([]string, len(columns))
	for i, c := range columns {
		selected[i] = "cast(" + warehouse.Ident(c.Name) + " as varchar)"
	}
	query := "select " + strings.Join(append(selected, "''"), ", ") + " from " + warehouse.Relation(node.Relation)
	rows, err := r.db.Query(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("read the rows made: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		row := make([]sql.NullString, len(columns)+1)
		into := make([]any, len(row))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, fmt.Errorf("read the rows made: %w", err)
		}
		all = append(all, row[:len(columns)])
	}
	return all, rows.Err()
}

// expectedRow is a row of a test with its values as DuckDB writes them.
type expectedRow struct {
	values []sql.NullString
	named  []bool // columns it does not name are not compared
}

func (r runner) expected(ctx context.Context, node *model.Node, columns []model.Column, row model.Row) (expectedRow, error) {
	want := expectedRow{values: make([]sql.NullString, len(columns)), named: make([]bool, len(columns))}
	for i, c := range columns {
		value, named := row[c.Name]
		want.named[i] = named
		if !named || !value.NotNull {
			continue
		}
		err := r.db.One(ctx, "select cast("+literal(value, c.Type)+" as varchar)", nil, &want.values[i])
		if err != nil {
			return want, fmt.Errorf("%s is not %s: %s", c.Name, c.Type, firstLine(err))
		}
	}
	return want, nil
}

func (w expectedRow) matches(got []sql.NullString, columns []model.Column) bool {
	for i, c := range columns {
		if w.named[i] && !equal(w.values[i], got[i], c.Type) {
			return false
		}
	}
	return true
}

func equal(a, b sql.NullString, typeName string) bool {
	if a == b {
		return true
	}
	if !a.Valid || !b.Valid || typeName != "DOUBLE" {
		return false
	}
	x, errX := strconv.ParseFloat(a.String, 64)
	y, errY := strconv.ParseFloat(b.String, 64)
	return errX == nil && errY == nil && math.Abs(x-y) <= enough*max(math.Abs(x), math.Abs(y))
}

// report shows what was expected and is not there (-) and what is there and was not expected (+).
func report(columns []model.Column, missing []expectedRow, left [][]sql.NullString, subset bool) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	header := make([]string, len(columns))
	for i, c := range columns {
		header[i] = c.Name
	}
	fmt.Fprintln(w, "\t"+strings.Join(header, "\t"))
	for _, row := range missing {
		fmt.Fprintln(w, "-\t"+strings.Join(cells(row.values, row.named), "\t"))
	}
	for _, row := range left {
		fmt.Fprintln(w, "+\t"+strings.Join(cells(row, nil), "\t"))
	}
	_ = w.Flush() // a strings.Builder takes everything
	head := "rows (- expected, + made):\n"
	if subset {
		head = "rows (- expected, + others that were made):\n"
	}
	lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return head + strings.Join(lines, "\n")
}

func cells(values []sql.NullString, named []bool) []string {
	shown := make([]string, len(values))
	for i, v := range values {
		switch {
		case named != nil && !named[i]:
			shown[i] = "(any)"
		case !v.Valid:
			shown[i] = "null"
		case v.String == "":
			shown[i] = "''"
		default:
			shown[i] = v.String
		}
	}
	return shown
}
