package load

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"socialvalue/internal/contract"
	"socialvalue/internal/landing"
	"socialvalue/internal/warehouse"
)

// cellSQL gives, as SQL over the reasons for quarantine, the cells of a workbook that somebody must look at, as D7 or
// B7, C7: people who fill in a sheet know its letters, not the names of the contract's columns. It is null for any
// other file, and for rows that are wrong as a whole.
func (d *document) cellSQL() string {
	if d.form != landing.Workbook {
		return "cast(null as varchar)"
	}
	var when strings.Builder
	for _, reason := range d.reasons() {
		letters := d.letters(contract.Concerned(d.source.Contract, reason.column, reason.rule))
		if len(letters) == 0 {
			continue
		}
		cells := make([]string, len(letters))
		for i, letter := range letters {
			cells[i] = warehouse.Text(letter) + " || source_row"
		}
		when.WriteString(" when column_name = " + warehouse.Text(reason.column))
		if reason.rule != "" {
			when.WriteString(" and rule = " + warehouse.Text(reason.rule))
		}
		when.WriteString(" then " + strings.Join(cells, " || ', ' || "))
	}
	if when.Len() == 0 {
		return "cast(null as varchar)"
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

// letters are the columns of the sheet that hold columns of the contract, from left to right.
func (d *document) letters(columns []string) []string {
	var letters []string
	for _, field := range slices.Sorted(maps.Keys(d.fields)) {
		if !slices.Contains(columns, d.fields[field]) {
			continue
		}
		if letter, err := excelize.ColumnNumberToName(field + 1); err == nil {
			letters = append(letters, letter)
		}
	}
	return letters
}
