package baseline

import (
	"fmt"
	"slices"
	"strings"
)

// What became of a value that was frozen.
const (
	Same              = "same"
	ValueChanged      = "value_changed"      // the same definition gives another value
	DefinitionChanged = "definition_changed" // the definition is another one
	Gone              = "gone"               // it is no longer measured
	New               = "new"                // it was not frozen
)

// Difference is one value that was frozen and what is computed for it now.
type Difference struct {
	IndicatorID    string  `json:"indicator_id"`
	FinancialYear  string  `json:"financial_year"`
	Breakdown      string  `json:"breakdown"`
	BreakdownValue string  `json:"breakdown_value"`
	IoDEdition     string  `json:"iod_edition,omitempty"`
	Frozen         *string `json:"frozen"`
	Now            *string `json:"now"`
	What           string  `json:"what"`
}

// keyColumns tell values apart.
func keyColumns() []string {
	return []string{"indicator_id", "financial_year", "breakdown", "breakdown_value", "iod_edition"}
}

// Compare holds a baseline against what is computed now, by the same tables of
// definitions and measurements. Only years that were frozen are looked at. Rows
// that are the same are left out.
func Compare(frozen *Baseline, definitions, values Table) ([]Difference, error) {
	for _, column := range append(keyColumns(), "measured_value") {
		if frozen.Values.Column(column) < 0 || values.Column(column) < 0 {
			return nil, fmt.Errorf("compare with baseline %s: there is no column %s", frozen.Seal.Name(), column)
		}
	}
	changed := changedDefinitions(frozen.Definitions, definitions)
	now := rowsByKey(values)
	var found []Difference
	for i := range frozen.Values.Rows {
		one := difference(frozen.Values, i)
		one.Frozen = frozen.Values.Rows[i][frozen.Values.Column("measured_value")]
		row, there := now[key(frozen.Values, i)]
		delete(now, key(frozen.Values, i))
		switch {
		case !there:
			one.What = Gone
		default:
			one.Now = values.Rows[row][values.Column("measured_value")]
			switch same := equal(one.Frozen, one.Now); {
			case changed[one.IndicatorID]:
				one.What = DefinitionChanged
			case same:
				continue
			default:
				one.What = ValueChanged
			}
		}
		found = append(found, one)
	}
	years := map[string]bool{}
	for i := range frozen.Values.Rows {
		years[frozen.Values.Cell(i, "indicator_id")+" "+frozen.Values.Cell(i, "financial_year")] = true
	}
	for _, row := range now {
		one := difference(values, row)
		if !years[one.IndicatorID+" "+one.FinancialYear] {
			continue
		}
		if one.Now = values.Rows[row][values.Column("measured_value")]; one.Now == nil {
			continue
		}
		one.What = New
		found = append(found, one)
	}
	slices.SortFunc(found, func(a, b Difference) int { return strings.Compare(a.sortKey(), b.sortKey()) })
	return found, nil
}

func (d Difference) sortKey() string {
	return strings.Join([]string{d.IndicatorID, d.FinancialYear, d.Breakdown, d.BreakdownValue, d.IoDEdition}, "\x00")
}

func difference(t Table, row int) Difference {
	return Difference{
		IndicatorID: t.Cell(row, "indicator_id"), FinancialYear: t.Cell(row, "financial_year"),
		Breakdown: t.Cell(row, "breakdown"), BreakdownValue: t.Cell(row, "breakdown_value"), IoDEdition: t.Cell(row, "iod_edition"),
	}
}

func key(t Table, row int) string {
	parts := make([]string, 0, len(keyColumns()))
	for _, column := range keyColumns() {
		parts = append(parts, t.Cell(row, column))
	}
	return strings.Join(parts, "\x00")
}

func rowsByKey(t Table) map[string]int {
	rows := make(map[string]int, len(t.Rows))
	for i := range t.Rows {
		rows[key(t, i)] = i
	}
	return rows
}

// definitionColumns are what a definition is: a new owner or tag is no other
// definition.
func definitionColumns() []string {
	return []string{"indicator_name", "numerator", "denominator", "unit", "direction", "source_dataset", "baseline_rule", "change_rule"}
}

// changedDefinitions are the indicators whose definition is another one now.
// One that is gone is no changed one: its values are gone.
func changedDefinitions(frozen, now Table) map[string]bool {
	current := map[string]int{}
	for i := range now.Rows {
		current[now.Cell(i, "indicator_id")] = i
	}
	changed := map[string]bool{}
	for i := range frozen.Rows {
		id := frozen.Cell(i, "indicator_id")
		row, there := current[id]
		if !there {
			continue
		}
		for _, column := range definitionColumns() {
			if frozen.Cell(i, column) != now.Cell(row, column) {
				changed[id] = true
			}
		}
	}
	return changed
}

func equal(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
