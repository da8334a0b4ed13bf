//go:build duckdb_arrow && accept

package run_test

import (
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/runreport"
	"socialvalue/internal/site"
)

var openData = flag.String("open-data", "", "folder of the published files that docs/examples/README.md lists")

// openDataSite is one of the examples with published files in its drop folder:
// patterns below the flag's folder, by folder below drop/.
func openDataSite(t *testing.T, example string, drop map[string][]string) *flow {
	t.Helper()
	if *openData == "" {
		t.Skip("published files are not part of the project; with a folder of them laid out as docs/examples/README.md says:\n" +
			"  make accept PACKAGES=./internal/run ARGS='-open-data DIR'")
	}
	source, err := filepath.Abs(*openData)
	if err != nil {
		t.Fatal(err)
	}
	f := &flow{dir: t.TempDir(), now: time.Now()}
	text, err := os.ReadFile(filepath.Join("../../docs/examples", example, site.FileName))
	if err != nil {
		t.Fatal(err)
	}
	f.write(t, site.FileName, string(text))
	for folder, patterns := range drop {
		if err := os.MkdirAll(f.path("drop/"+folder), 0o750); err != nil {
			t.Fatal(err)
		}
		for _, pattern := range patterns {
			files, err := filepath.Glob(filepath.Join(source, pattern))
			if err != nil || len(files) == 0 {
				t.Fatalf("%s has no %s, %v: see docs/examples/README.md", source, pattern, err)
			}
			for _, file := range files {
				if err := os.Symlink(file, f.path("drop/"+folder+"/"+filepath.Base(file))); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return f
}

// published is what a file is known to hold.
type published struct {
	Rows, Blank, Quarantined int64
	Sum                      string
}

func TestOpenDataCouncilFiles(t *testing.T) {
	t.Parallel()
	f := openDataSite(t, "council-files", map[string][]string{
		"trafford": {"spend/trafford/trafford-supplier-spend-2024-25.zip"},
		"bolton":   {"spend/gm2019/bolton_2019.csv"},
		"salford":  {"spend/gm2019/salford_2019.csv"},
		"leeds":    {"spend/leeds/*.csv"},

		"manchester":       {"spend/samples/manchester_*.csv"},
		"newcastle":        {"spend/samples/newcastle_*.csv"},
		"tfl":              {"spend/samples/tfl_*.csv"},
		"trafford_cards":   {"spend/samples/government_procurement_card_transactions_*.csv"},
		"calderdale_cards": {"spend/samples/calderdale_*-card.csv"},
		"trafford_grants":  {"spend/trafford/trafford_vcs_grants_360giving.csv"},
	})
	report := f.run(t)
	want := map[string]published{
		"drop/trafford/trafford-supplier-spend-2024-25.zip": {Rows: 210_068, Sum: "565219573.74"},
		"drop/bolton/bolton_2019.csv":                       {Rows: 17_035, Sum: "175317348.01"},
		"drop/salford/salford_2019.csv":                     {Rows: 16_793, Sum: "327172549.77"},
		"drop/leeds/2010-12.csv":                            {Rows: 10_303, Blank: 3, Sum: "77179009.24"},
		"drop/leeds/2011-01.csv":                            {Rows: 8_837, Sum: "65483945.63"},
		"drop/leeds/2011-03.csv":                            {Rows: 11_024, Sum: "78447368.22"},
		"drop/leeds/2012-11.csv":                            {Rows: 10_050, Sum: "71558583.35"},
		"drop/leeds/2020-06.csv":                            {Rows: 16_176, Blank: 1, Sum: "104445727.45"},
		"drop/manchester/manchester_clean_2018-01.csv":      {Rows: 3_110, Sum: "59329296.77"},
		// The sample ends within its last row.
		"drop/newcastle/newcastle_clean_2017-04.csv":                               {Rows: 3_387, Quarantined: 1, Sum: "24957553.52"},
		"drop/tfl/tfl_clean_2021-P10.csv":                                          {Rows: 8_673, Sum: "404269180.42"},
		"drop/trafford_cards/government_procurement_card_transactions_2026-27.csv": {Rows: 2_024, Sum: "494906.66"},
		"drop/calderdale_cards/calderdale_clean_2016-10-card.csv":                  {Rows: 830, Sum: "63320.19"},
		"drop/trafford_grants/trafford_vcs_grants_360giving.csv":                   {Rows: 555, Sum: "1291436.54"},
	}
	got := map[string]published{}
	for name, record := range f.loads(t) {
		file := published{Rows: record.Rows, Blank: record.Skipped["blank"], Quarantined: record.Quarantined}
		for _, control := range record.Controls {
			if control.Column == "amount_gbp" || control.Column == "awarded_gbp" {
				file.Sum = control.SumRows
			}
		}
		if record.Records != record.Rows+record.Quarantined+record.SkippedTotal() {
			t.Errorf("%s: %d records, %d rows, %d quarantined, %d skipped", name, record.Records, record.Rows, record.Quarantined, record.SkippedTotal())
		}
		got[name] = file
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("loaded (-published +got):\n%s", diff)
	}
	for _, file := range report.Files {
		empty := strings.Contains(file.File, "2018-10.csv")
		if (file.Status == runreport.FileRefused) != empty {
			t.Errorf("%s is %s: %s", file.File, file.Status, file.Reason)
		}
		if empty && (!strings.Contains(file.Reason, "2018-10.csv") || !strings.Contains(file.Reason, "empty")) {
			t.Errorf("%s: the reason does not say that it is empty: %s", file.File, file.Reason)
		}
	}
	released := map[string]published{}
	for _, line := range f.texts(t, "spend", `select split_part(source_file, '!', 1), count(*), sum(published_amount_gbp)
		from spend.payments group by all
		union all select source_file, count(*), sum(awarded_gbp) from spend.grants group by all`) {
		cells := strings.Fields(line)
		rows, err := strconv.ParseInt(cells[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		file := want[cells[0]]
		released[cells[0]] = published{Rows: rows, Blank: file.Blank, Quarantined: file.Quarantined, Sum: cells[2]}
	}
	if diff := cmp.Diff(want, released); diff != "" {
		t.Errorf("spend.payments and spend.grants (-published +released):\n%s", diff)
	}
	cards := f.texts(t, "open", `select body_code, count(*), sum(transaction_amount_gbp) from spend.published_card_transactions
		where coverage = 'cards' group by all order by body_code`)
	if diff := cmp.Diff([]string{"E08000009 2024 494906.66", "E08000033 830 63320.19"}, cards); diff != "" {
		t.Errorf("spend.published_card_transactions (-published +released):\n%s", diff)
	}
	grants := f.texts(t, "open", `select count(*), sum(awarded_gbp) from spend.grant_totals
		where body_code = 'E08000009' and breakdown = 'all'`)
	if diff := cmp.Diff([]string{"12 1291436.54"}, grants); diff != "" {
		t.Errorf("spend.grant_totals, years and pounds (-published +released):\n%s", diff)
	}
}

func TestOpenDataEnglandGeography(t *testing.T) {
	t.Parallel()
	f := openDataSite(t, "england-geography", map[string][]string{
		"deprivation":   {"iod2019/File_*.csv", "iod2025/iod2025_england_lsoa21.csv"},
		"lad_summaries": {"iod2025/iod2025_england_lad_summaries.csv"},
		"lsoa_changes":  {"lookups/lsoa11_lsoa21_exact_fit_lad22.csv"},
		"lsoa_wards":    {"lookups/lsoa21_ward24_lad24.csv"},
		"msoas":         {"lookups/msoa_lad_cauth.csv"},
		"districts":     {"lookups/lad_all_codes.csv"},
		"postcodes":     {"postcodes/derived_lcr_postcode_lsoa.csv", "postcodes/NSPL_*.csv", "postcodes/codepoint_open_2025*.csv"},
		"population":    {"population/population_mid2020_*.csv"},
		"boundaries":    {"boundaries/*.geojson"},
	})
	const denominators = "File_6_-_IoD2025_Population_Denominators_Halton.csv"
	text, err := builtIn("fixtures/geography/deprivation/" + denominators)
	if err != nil {
		t.Fatal(err)
	}
	f.write(t, "drop/deprivation/"+denominators, text)
	report := f.run(t)
	for _, file := range report.Files {
		if file.Status != runreport.FileLoaded {
			t.Errorf("%s is %s: %s", file.File, file.Status, file.Reason)
		}
	}
	expectWhole(t, report, report.Release.Datasets)
	deciles(t, f)
	shares(t, f)
	halton := f.texts(t, "open", `select printf('%.3f', average_score), printf('%.2f', average_rank), printf('%.4f', decile_1_share),
		printf('%.4f', extent), printf('%.2f', local_concentration)
		from geo.area_summary where area_name = 'Halton' and iod_edition = '2025'`)
	if diff := cmp.Diff([]string{"31.117 20886.57 0.3125 0.4290 33327.38"}, halton); diff != "" {
		t.Errorf("Halton 2025 (-published +got):\n%s", diff)
	}
}

// deciles holds the decile of every LSOA against the published one and against
// ceil(rank * 10 / N).
func deciles(t *testing.T, f *flow) {
	t.Helper()
	for _, edition := range []struct {
		name, file, code, decile string
		lsoas                    int
	}{
		{"2019", "iod2019/File_1_-_IMD2019_Index_of_Multiple_Deprivation.csv", "LSOA code (2011)", "Index of Multiple Deprivation (IMD) Decile", 32_844},
		{"2025", "iod2025/iod2025_england_lsoa21.csv", "lsoa21_code", "IMD_decile", 33_755},
	} {
		want := column(t, edition.file, edition.code, edition.decile)
		if len(want) != edition.lsoas {
			t.Errorf("%s: %d LSOAs, want %d", edition.file, len(want), edition.lsoas)
		}
		got := map[string]string{}
		for _, line := range f.texts(t, "open", `select lsoa_code, imd_decile, (imd_rank * 10 + lsoas_in_england - 1) // lsoas_in_england
			from geo.lsoa where iod_edition = '`+edition.name+`'`) {
			cells := strings.Fields(line)
			got[cells[0]] = cells[1]
			if cells[1] != cells[2] {
				t.Errorf("%s %s: decile %s, ceil(rank * 10 / N) is %s", edition.name, cells[0], cells[1], cells[2])
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("deciles of %s (-published +got):\n%s", edition.name, diff)
		}
	}
}

// shares holds the share of neighbourhoods in the most deprived tenth against
// the published one. The publisher's figure of one district does not follow from
// the publisher's own ranks.
func shares(t *testing.T, f *flow) {
	t.Helper()
	const westNorthamptonshire = "E06000062"
	want := column(t, "iod2025/iod2025_england_lad_summaries.csv", "ltla24_code",
		"imd_proportion_of_lso_as_in_most_deprived_10_percent_nationally")
	if len(want) != 296 {
		t.Errorf("%d districts are published, want 296", len(want))
	}
	for code, text := range want {
		share, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		want[code] = fmt.Sprintf("%.4f", share)
	}
	if want[westNorthamptonshire] != "0.0210" {
		t.Errorf("West Northamptonshire is published as %s, want 0.0210", want[westNorthamptonshire])
	}
	want[westNorthamptonshire] = "0.0211"
	got := map[string]string{}
	for _, line := range f.texts(t, "open", `select lad_code, printf('%.4f', imd_decile_1_share) from geo.district
		where iod_edition = '2025' and lsoas > 0`) {
		cells := strings.Fields(line)
		// A district that got another code since stands under both; the publisher knows the old one.
		if _, known := want[cells[0]]; known {
			got[cells[0]] = cells[1]
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("share in decile 1 by district (-published +got):\n%s", diff)
	}
	current := f.texts(t, "open", "select sum(lsoas) from geo.district where iod_edition = '2025' and is_current")
	if diff := cmp.Diff([]string{"33755"}, current); diff != "" {
		t.Errorf("LSOAs of the districts of today (-want +got):\n%s", diff)
	}
}

// column reads one column of a published file by the values of another.
func column(t *testing.T, name, key, value string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(*openData, name))
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(data), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at, of := -1, -1
	for i, header := range records[0] {
		switch {
		case header == key:
			at = i
		case strings.HasPrefix(header, value) && of < 0:
			of = i
		}
	}
	if at < 0 || of < 0 {
		t.Fatalf("%s has no column %q or %q", name, key, value)
	}
	values := map[string]string{}
	for _, record := range records[1:] {
		values[record[at]] = record[of]
	}
	return values
}
