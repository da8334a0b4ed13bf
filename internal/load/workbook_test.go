//go:build duckdb_arrow

package load_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"socialvalue/internal/load"
	"socialvalue/internal/warehouse"
)

// A workbook obeys the equation; a formula without a value quarantines its row
// whatever its column would take, stands for what else is wrong with the field,
// and leaves a row that is no data skipped.
func TestWorkbookRowsAreAccountedFor(t *testing.T) {
	t.Parallel()
	b := setUp(t, strings.Replace(payments, "quarantine_share: 0.5", "quarantine_share: 0.9", 1))
	book := excelize.NewFile()
	for i, row := range [][]any{
		{"Posted", "Payee", "Net"},
		{"2022-04-01", "A", 10},          // 2
		{"2022-04-01", "formula", 20},    // 3: in a text
		{"2022-04-02", "C", "formula"},   // 4: in an amount
		{"2022-04-31", "formula", 40},    // 5: and a day that does not exist
		{},                               // 6
		{"formula", "TOTAL", 70},         // 7: no data
		{nil, "D", 0.5, nil, "a remark"}, // 8: beside the table
	} {
		for j, value := range row {
			ref, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err == nil && value == "formula" {
				err = book.SetCellFormula("Sheet1", ref, "NOPE()")
			} else if err == nil && value != nil {
				err = book.SetCellValue("Sheet1", ref, value)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	var content bytes.Buffer
	if err := errors.Join(book.Write(&content), book.Close()); err != nil {
		t.Fatal(err)
	}
	record, _, err := b.load(t.Context(), file{name: "a.xlsx", text: content.String()})
	if err != nil {
		t.Fatal(err)
	}
	b.commit()
	got := map[string]any{"records": record.Records, "rows": record.Rows, "quarantined": record.Quarantined, "skipped": record.Skipped, "controls": record.Controls}
	want := map[string]any{
		"records": int64(7), "rows": int64(1), "quarantined": int64(4), "skipped": map[string]int64{"blank": 1, "total": 1},
		"controls": []load.ControlResult{{Column: "amount_gbp", SumRows: "10.00", SumQuarantined: "60.00", Unreadable: 2, Footer: "70.00", Difference: "0.00"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	reasons, err := b.db.Texts(t.Context(), "select source_file || ':' || source_row || ':' || column_name || ':' || rule || ':' || value from read_parquet("+
		warehouse.Text(filepath.Join(b.root, "store", load.QuarantineRelation, record.QuarantineSHA256+".parquet"))+")")
	if err != nil {
		t.Fatal(err)
	}
	want2 := []string{
		"drop/a.xlsx!Sheet1:3:supplier_name:formula_not_calculated:B3",
		"drop/a.xlsx!Sheet1:4:amount_gbp:formula_not_calculated:C4",
		"drop/a.xlsx!Sheet1:5:posting_date:impossible_date:2022-04-31",
		"drop/a.xlsx!Sheet1:5:supplier_name:formula_not_calculated:B5",
		"drop/a.xlsx!Sheet1:8::outside_header:E8: a remark",
	}
	if diff := cmp.Diff(want2, reasons); diff != "" {
		t.Errorf("quarantine (-want +got)\n%s", diff)
	}
}
