package candidate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"socialvalue/internal/contract"
	"socialvalue/internal/load"
	"socialvalue/internal/store"
	"socialvalue/internal/warehouse"
)

// QuarantinedRow is one reason why a row was not loaded.
type QuarantinedRow struct {
	File     string `json:"source_file"` // with the member of an archive or the sheet of a workbook
	Row      int64  `json:"source_row"`
	Cell     string `json:"cell,omitempty"`   // of a workbook, as D7; several where they contradict each other
	Column   string `json:"column,omitempty"` // empty: the record as a whole
	Rule     string `json:"rule"`
	Reason   string `json:"reason"`
	Shown    string `json:"shown_value,omitempty"` // never of a personal column
	Personal bool   `json:"personal"`
	Mendable bool   `json:"mendable"` // a correction can mend it
}

// QuarantinedRows lists why rows of a load were not loaded, in the order of the file.
func QuarantinedRows(ctx context.Context, db *warehouse.DB, st store.Store, record *load.Record, c *contract.Contract) (list []QuarantinedRow, err error) {
	// What earlier versions kept does not say the cell.
	const withCell = " union all by name select cast(null as varchar) as cell where false"
	rows, err := db.Query(ctx, "with reasons as (select * from read_parquet("+
		warehouse.Text(st.Path(load.QuarantineRelation, record.QuarantineSHA256))+")"+withCell+")\n"+
		"select source_file, source_row, coalesce(cell, ''), column_name, rule, coalesce(value, '') from reasons order by source_row, column_name, rule")
	if err != nil {
		return nil, fmt.Errorf("read the quarantine of load %s: %w", record.ID, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var row QuarantinedRow
		if err := rows.Scan(&row.File, &row.Row, &row.Cell, &row.Column, &row.Rule, &row.Shown); err != nil {
			return nil, fmt.Errorf("read the quarantine of load %s: %w", record.ID, err)
		}
		if c != nil {
			row.Reason = contract.Explain(c, row.Column, row.Rule)
			if row.Cell != "" {
				row.Reason = "cell " + row.Cell + ": " + row.Reason
			}
			column := c.Column(row.Column)
			row.Personal = !c.Shows(row.Column)
			row.Mendable = !structural(row.Rule) && (column == nil || !column.IsPersonal())
		}
		if row.Personal {
			row.Shown = ""
		}
		list = append(list, row)
	}
	return list, rows.Err()
}

// structural says whether a rule is about how a record is written: its cells
// cannot be told apart, so none can be corrected.
func structural(rule string) bool {
	return slices.Contains([]string{"too_few_fields", "too_many_fields", "malformed_quote", "nul_byte", "outside_header"}, rule)
}
