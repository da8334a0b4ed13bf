package load

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"socialvalue/internal/contract"
	"socialvalue/internal/warehouse"
	"socialvalue/internal/workbook"
)

// cellSQL gives, as SQL over the reasons for quarantine, the cells of a workbook that somebody must look at, as D7 or
// B7, C7: people who fill in a sheet know its letters, not the names of the contract's columns. It is null for any
// other file, and for rows that are wrong as a whole.
func (d *document) cellSQL() string {
	const none = "cast(null as varchar)"
	if d.prepared.Cells == nil {
		return none
	}
	var when strings.Builder
	for _, reason := range d.reasons() {
		cells := d.cells(contract.Concerned(d.source.Contract, reason.column, reason.rule))
		if len(cells) == 0 {
			continue
		}
		when.WriteString(" when column_name = " + warehouse.Text(reason.column))
		if reason.rule != "" {
			when.WriteString(" and rule = " + warehouse.Text(reason.rule))
		}
		when.WriteString(" then " + strings.Join(cells, " || ', ' || "))
	}
	if when.Len() == 0 {
		return none
	}
	return "case" + when.String() + " end"
}

// reason is a kind of mistake: any in a column, or one of a row by its rule.
type reason struct{ column, rule string }

// reasons are the kinds that can be told by a cell.
func (d *document) reasons() []reason {
	kinds := []reason{{rule: "repeated_key"}}
	for _, column := range d.fields {
		kinds = append(kinds, reason{column: column})
	}
	for _, check := range d.source.Contract.Checks {
		kinds = append(kinds, reason{rule: check.Name})
	}
	slices.SortFunc(kinds, func(a, b reason) int {
		return cmp.Or(strings.Compare(a.column, b.column), strings.Compare(a.rule, b.rule))
	})
	return kinds
}

// cells are SQL expressions of the names of a row's cells that hold columns of the contract, in the order of the sheet.
func (d *document) cells(columns []string) []string {
	var cells []string
	for _, field := range slices.Sorted(maps.Keys(d.fields)) {
		if !slices.Contains(columns, d.fields[field]) {
			continue
		}
		place := d.prepared.Cells.First + field
		if d.prepared.Cells.Turned {
			cells = append(cells, "chr(cast(64 + source_row as integer)) || "+warehouse.Text(strconv.Itoa(place)))
			continue
		}
		cells = append(cells, warehouse.Text(workbook.ColumnName(place))+" || source_row")
	}
	return cells
}
