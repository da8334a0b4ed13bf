//go:build duckdb_arrow

package release

import (
	"slices"
	"strings"

	"socialvalue/internal/disclosure"
	"socialvalue/internal/manifest"
	"socialvalue/internal/warehouse"
)

// Columns of a dataset by which a row says what it withholds.
const (
	withheldColumn   = disclosure.WithheldColumn
	suppressedColumn = disclosure.SuppressedColumn
)

const (
	markWithheld       = "[c]"
	markNotAvailable   = "[x]"
	markLowReliability = "[low]" // the models write it
	formulaPattern     = `^[=+@\t\r-]`
)

// csvSelect is the select list, without its from, that turns a dataset's rows
// into CSV cells. The byte order mark rides on the name of the first column.
func csvSelect(dataset Dataset) string { return selectCells(dataset, manifest.ByteOrderMark) }

// cellSelect is csvSelect without a byte order mark.
func cellSelect(dataset Dataset) string { return selectCells(dataset, "") }

func selectCells(dataset Dataset, mark string) string {
	cells := make([]string, len(dataset.Columns))
	for i, column := range dataset.Columns {
		alias := column.Name
		if i == 0 {
			alias = mark + alias
		}
		cells[i] = csvCell(dataset, column) + " as " + warehouse.Ident(alias)
	}
	return "select " + strings.Join(cells, ", ")
}

// csvCell is the text of one cell: its value, or the mark that says why there
// is none. Null text and dates are empty cells: they say that there is nothing
// to say (no reason, still valid), and so are nulls of the key (all together).
func csvCell(dataset Dataset, column manifest.Column) string {
	name := warehouse.Ident(column.Name)
	known, _ := manifest.ParseType(column.Type) // validated before
	value := "cast(" + name + " as varchar)"
	switch known.Class {
	case manifest.ClassText:
		if known.Name == "VARCHAR" {
			// A spreadsheet would run such a text as a formula. It is found by a
			// pattern, because DuckDB plans a long `in` as a join, and rows that pass a
			// join reach the file in no certain order.
			value = "case when regexp_matches(" + name + ", '" + formulaPattern + "') then '''' || " + name + " else " + name + " end"
		}
	case manifest.ClassNumber, manifest.ClassBoolean, manifest.ClassDate:
	case manifest.ClassTimestamp:
		value = "replace(cast(" + name + " as varchar), ' ', 'T')"
	case manifest.ClassTimestampTZ:
		value = "replace(cast(" + name + " at time zone 'UTC' as varchar), ' ', 'T') || 'Z'"
	}
	if slices.Contains(dataset.Key, column.Name) {
		return value
	}
	cell := "case when " + name + " is not null then " + value
	measure := known.Class == manifest.ClassNumber || known.Class == manifest.ClassBoolean
	if dataset.hasColumn(withheldColumn) && column.Name != withheldColumn {
		cell += " when " + namedWithheld(column.Name) + " then '" + markWithheld + "'"
	}
	if measure && dataset.flagsSuppressed() && column.Name != suppressedColumn {
		cell += " when " + suppressedColumn + " then '" + markWithheld + "'"
	}
	if measure {
		cell += " else '" + markNotAvailable + "'"
	}
	return cell + " end"
}

// flagsSuppressed says whether the rows tell by a flag that they are withheld.
func (d Dataset) flagsSuppressed() bool {
	return slices.ContainsFunc(d.Columns, func(c manifest.Column) bool { return c.Name == suppressedColumn && c.Type == "BOOLEAN" })
}

// namedWithheld is true in the rows that name a column as withheld.
func namedWithheld(column string) string { return disclosure.NamedWithheld(column) }
