//go:build duckdb_arrow

package run_test

import (
	"bytes"
	"encoding/csv"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	socialvalue "socialvalue"
	"socialvalue/internal/manifest"
	"socialvalue/internal/runreport"
)

// TestOwnership makes a run of what organisations say of who owns and leads them, and looks for a name or a number of one in
// everything that is stored and released.
func TestOwnership(t *testing.T) {
	t.Parallel()
	f := newFlow(t)
	f.keepPipelines(t, "geography", "ownership")
	report := f.run(t)
	if failed := append(modelsBy(report, "failed"), modelsBy(report, "held")...); len(failed) > 0 {
		t.Fatalf("not built: %v", failed)
	}
	if refused := filesBy(report, runreport.FileRefused); len(refused) > 0 {
		t.Fatalf("refused: %v", refused)
	}
	want := []string{
		"grantee ownership men withheld of withheld", "grantee ownership no_majority withheld of withheld", "grantee ownership women withheld of withheld",
	}
	got := f.texts(t, "open", `select concat_ws(' ', relation, role, group_code, coalesce(organisations_rounded::varchar, 'withheld'), 'of', coalesce(answered_rounded::varchar, 'withheld'))
		from spend.ownership_counts where relation = 'grantee' order by 1`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("eight answers of grantees (-want +open):\n%s", diff)
	}
	if shown := f.texts(t, "open", "select count(organisations_rounded)::varchar from spend.ownership_counts where relation = 'supplier'"); shown[0] == "0" {
		t.Error("nothing of suppliers is shown")
	}
	// Nor do those see more who may read the names of suppliers and grantees: neither counts below ten, nor which is a nought.
	if exact := f.texts(t, "spend", "select count(*)::varchar from information_schema.tables where table_name like 'ownership%' and table_name <> 'ownership_counts'"); exact[0] != "0" {
		t.Errorf("%s more tables of ownership are released", exact[0])
	}
	if small := f.texts(t, "spend", "select count(*)::varchar from spend.ownership_counts where least(organisations_rounded, answered_rounded, asked_rounded) < 10"); small[0] != "0" {
		t.Errorf("%s rows of the file of spend hold counts below ten", small[0])
	}
	if told := f.texts(t, "spend", "select concat_ws(' ', count(*) > 0, count(withholding), count(withholding_rule)) from meta.suppressions where dataset = 'spend.ownership_counts'"); told[0] != "true 0 0" {
		t.Errorf("withheld cells, with why in the file of spend: %s", told[0])
	}
	words := []string{"Invented S"}
	data, err := socialvalue.Assets.ReadFile("fixtures/ownership/characteristics_2024-03-31.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:20] {
		words = append(words, row[0])
	}
	texts := 0
	look := func(where, text string) {
		texts++
		for _, word := range words {
			if strings.Contains(text, word) {
				t.Errorf("%s has %q", where, word)
			}
		}
	}
	for _, folder := range []string{"warehouse/store", "warehouse/releases"} {
		walkRelease(t, f.path(folder), func(name string, data []byte) {
			switch filepath.Ext(name) {
			case ".parquet":
				for _, text := range parquetTexts(t, name, data) {
					look(name, text)
				}
			case ".csv":
				look(name, string(data))
			}
		})
	}
	for _, place := range []string{"open", "spend"} {
		for column, cells := range textColumns(t, f.path("warehouse/releases/current")+"/"+manifest.DatabasePath(place)) {
			for _, text := range cells {
				look(place+" "+column, text)
			}
		}
	}
	if texts < 1000 {
		t.Errorf("only %d texts were looked at", texts)
	}
	// A key stands for an organisation in one column of the build area, and in none that is released.
	if keys := f.texts(t, "spend", "select count(*)::varchar from information_schema.columns where column_name = 'organisation_key'"); keys[0] != "0" {
		t.Errorf("%s released columns hold keys of organisations", keys[0])
	}
}
