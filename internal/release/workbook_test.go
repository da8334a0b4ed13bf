//go:build duckdb_arrow

package release_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"socialvalue/internal/release"
	"socialvalue/internal/spreadsheet"
)

// The workbook holds the open datasets, with the marks of datasets.md, numbers
// as numbers and dangerous texts made harmless; its bytes are the same again.
func TestWorkbookOfTheOpenDatasets(t *testing.T) {
	t.Parallel()
	db := openBuild(t, 2)
	execute(t, db, "insert into geo.district values ('E9', '=1+1', 5, null)")
	manifest, folder := compose(t, composer(t, db), plan(t))
	file := filepath.Join(folder, "open", release.WorkbookName)
	book, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close() //nolint:errcheck // it was only read
	want := []string{"Read me", "Contents", "Dictionary", "geo.district", "spend.local_spend", "travel.journeys_monthly", "travel.tunnel_accounts"}
	if diff := cmp.Diff(want, book.GetSheetList()); diff != "" {
		t.Fatalf("sheets (-want +got)\n%s", diff)
	}
	for sheet, want := range map[string][][]string{
		"geo.district": {
			{"lad_code", "lad_name", "population", "imd_decile_1_share"},
			{"E06000006", "Halton", "128,500", "31.7%"},
			{"E08000011", "Knowsley", "154,500", "46.5%"},
			{"E08000012", "Liverpool", "486,100", "48.6%"},
			{"E9", "'=1+1", "5", "[x]"},
		},
		"spend.local_spend": {
			{"financial_year", "breakdown", "spend_gbp", "local_share", "withheld", "null_reason"},
			{"2022-23", "all", "120.50", "25.0%"},
			{"2022-23", "ward", "[c]", "[c]", "spend_gbp, local_share"},
			{"2023-24", "all", "0.00", "[x]", "", "zero_base"},
		},
		"travel.journeys_monthly": {
			{"service_month", "lad_code", "journeys", "suppressed"},
			{"2022-04-01", "E08000012", "1,234", "FALSE"},
			{"2022-05-01", "E08000012", "[c]", "TRUE"},
			{"2022-06-01", "", "[x]", "FALSE"},
		},
		"travel.tunnel_accounts": {{"financial_year", "imd_decile", "accounts"}},
	} {
		got, err := book.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", sheet, diff)
		}
	}
	if value, err := book.GetCellValue("geo.district", "D2", excelize.Options{RawCellValue: true}); err != nil || value != "0.3165" {
		t.Errorf("stored share %q, %v", value, err)
	}
	panes, err := book.GetPanes("geo.district")
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("panes %+v, %v", panes, err)
	}
	readMe, err := book.GetRows("Read me")
	if err != nil || !strings.Contains(strings.Join(readMe[2], " "), "2025-03-31") {
		t.Errorf("read me %v, %v", readMe, err)
	}

	sheets := []spreadsheet.Sheet{
		{Name: "geo.district", Table: "geo.district", Rows: 4},
		{Name: "spend.local_spend", Table: "spend.local_spend", Rows: 3},
		{Name: "travel.journeys_monthly", Table: "travel.journeys_monthly", Rows: 3},
		{Name: "travel.tunnel_accounts", Table: "travel.tunnel_accounts"},
	}
	for _, listed := range manifest.Files {
		if listed.Path == "open/"+release.WorkbookName {
			if diff := cmp.Diff(sheets, listed.Sheets); diff != "" {
				t.Errorf("manifest (-want +got)\n%s", diff)
			}
			sheets = nil
		}
	}
	if sheets != nil {
		t.Error("the manifest does not list the workbook")
	}

	other := openBuild(t, 1)
	execute(t, other, "insert into geo.district values ('E9', '=1+1', 5, null)")
	_, again := compose(t, composer(t, other), plan(t))
	first, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(filepath.Join(again, "open", release.WorkbookName))
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("the bytes differ, %v", err)
	}
}
