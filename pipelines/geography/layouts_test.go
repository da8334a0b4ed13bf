//go:build duckdb_arrow

package geography_test

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"socialvalue"
	"socialvalue/internal/contract"
	"socialvalue/internal/layout"
)

// absent stands where a release has not the meaning.
const absent = "(absent)"

// columnsOfMeanings says which column a meaning of onspd_nspl_columns.csv is read into. The other
// meanings are not kept.
func columnsOfMeanings() map[string]string {
	return map[string]string{
		"postcode single space":             "pcds",
		"introduced YYYYMM":                 "introduced",
		"terminated YYYYMM":                 "terminated",
		"local authority district":          "lad_code",
		"ward":                              "ward_code",
		"user type 0 small 1 large":         "user_type",
		"easting":                           "easting",
		"northing":                          "northing",
		"grid quality":                      "grid_quality",
		"country":                           "country_code",
		"LSOA 2011":                         "lsoa11_code",
		"LSOA 2021":                         "lsoa21_code",
		"MSOA 2011":                         "msoa11_code",
		"MSOA 2021":                         "msoa21_code",
		"deprivation rank, 2019/20 edition": "imd_rank_2019",
		"deprivation rank, 2025 edition":    "imd_rank_2025",
		"latitude (99.999999 = none)":       "latitude",
		"longitude":                         "longitude",
	}
}

func TestEveryReleaseOfThePostcodeDirectoriesIsRead(t *testing.T) {
	t.Parallel()
	postcodes := readContract(t, "postcodes")
	bySource := map[string]string{"release": "2026-08", "part": "L"} // what the source says beside the file
	tests := []struct{ release, layout string }{
		{"onspd_to_feb2025", "onspd_to_2025"},
		{"onspd_feb2026", "onspd_2026_february"},
		{"onspd_aug2026", "onspd_2026_august"},
		{"nspl_2025", "nspl_2025"},
		{"nspl_aug2026", "nspl_2026_august"},
	}
	for _, test := range tests {
		t.Run(test.release, func(t *testing.T) {
			t.Parallel()
			header, want := releaseHeader(t, test.release)
			chosen, err := layout.Match(postcodes.Layouts, header, len(header))
			if err != nil {
				t.Fatal(err)
			}
			if chosen.Name != test.layout {
				t.Errorf("layout %s, want %s", chosen.Name, test.layout)
			}
			bound, err := chosen.Bind(header, postcodes.LayoutColumns(), bySource)
			if err != nil {
				t.Fatal(err)
			}
			for _, column := range columnsOfMeanings() {
				if got := boundHeader(bound, column); got != want[column] {
					t.Errorf("%s is read from %q, want %q", column, got, want[column])
				}
			}
			// The years in the names go up every release.
			if chosen, err := layout.Match(postcodes.Layouts, nextYear(header), len(header)); err != nil || chosen.Name != test.layout {
				t.Errorf("the next year's names: layout %v, error %v", chosen, err)
			}
			for _, name := range chosen.When.HeaderHas {
				lacking := slices.DeleteFunc(slices.Clone(header), func(h string) bool {
					fits, err := path.Match(name, h)
					return err == nil && fits
				})
				if other, err := layout.Match(postcodes.Layouts, lacking, len(lacking)); err == nil {
					t.Errorf("without %s the file is read as %s: it must be refused", name, other.Name)
				}
			}
		})
	}
}

func TestBestFitLookUpIsRefused(t *testing.T) {
	t.Parallel()
	changes := readContract(t, "lsoa_changes")
	header := strings.Split("ObjectId,LSOA11CD,LSOA11NM,LSOA21CD,LSOA21NM,LAD22CD,LAD22NM,LAD22NMW", ",")
	if chosen, err := layout.Match(changes.Layouts, header, len(header)); err == nil {
		t.Errorf("the best-fit look-up is read as %s: it loses places", chosen.Name)
	}
}

func TestPartsOfTheIndicesAreToldApart(t *testing.T) {
	t.Parallel()
	const (
		rank   = " Rank (where 1 is most deprived)"
		decile = " Decile (where 1 is most deprived 10% of LSOAs)"
	)
	both := func(names ...string) (header []string) {
		for _, name := range names {
			header = append(header, name+rank, name+decile)
		}
		return header
	}
	all := func(names ...string) (header []string) {
		for _, name := range names {
			subject, rate, _ := strings.Cut(name, "|")
			header = append(header, subject+" Score"+rate, subject+rank, subject+decile)
		}
		return header
	}
	imd, idaci, idaopi := "Index of Multiple Deprivation (IMD)",
		"Income Deprivation Affecting Children Index (IDACI)", "Income Deprivation Affecting Older People (IDAOPI)"
	domains := []string{
		"Income", "Employment", "Education, Skills and Training", "Health Deprivation and Disability", "Crime",
		"Barriers to Housing and Services", "Living Environment",
	}
	parts := []string{
		"Children and Young People Sub-domain", "Adult Skills Sub-domain", "Geographical Barriers Sub-domain",
		"Wider Barriers Sub-domain", "Indoors Sub-domain", "Outdoors Sub-domain",
	}
	everything := all(append([]string{
		imd, "Income| (rate)", "Employment| (rate)", domains[2], domains[3], domains[4], domains[5], domains[6],
		idaci + "| (rate)", idaopi + "| (rate)",
	}, parts...)...)
	editions := []struct {
		edition string
		places  []string
		people  []string
	}{
		{
			"2019",
			[]string{"LSOA code (2011)", "LSOA name (2011)", "Local Authority District code (2019)", "Local Authority District name (2019)"},
			[]string{
				"Total population: mid 2015 (excluding prisoners)", "Dependent Children aged 0-15: mid 2015 (excluding prisoners)",
				"Population aged 16-59: mid 2015 (excluding prisoners)", "Older population aged 60 and over: mid 2015 (excluding prisoners)",
				"Working age population 18-59/64: for use with Employment Deprivation Domain (excluding prisoners) ",
			},
		},
		{
			"2025",
			[]string{"LSOA code (2021)", "LSOA name (2021)", "Local Authority District code (2024)", "Local Authority District name (2024)"},
			[]string{
				"Total population: mid 2022", "Dependent Children aged 0-15: mid 2022", "Older population aged 60 and over: mid 2022",
				"Working age population 18-66 (for use with Employment Deprivation Domain): mid 2022",
			},
		},
	}
	deprivation := readContract(t, "deprivation")
	for _, e := range editions {
		files := map[string][]string{
			"file_1_": both(imd),
			"file_2_": both(append([]string{imd}, domains...)...),
			"file_3_": both(imd, "Income", idaci, idaopi),
			"file_4_": both(append([]string{imd, domains[2], domains[5], domains[6]}, parts...)...),
			"file_5_": {
				imd + " Score", "Income Score (rate)", "Employment Score (rate)", "Education, Skills and Training Score",
				"Health Deprivation and Disability Score", "Crime Score", "Barriers to Housing and Services Score", "Living Environment Score",
			},
			"file_6_": e.people,
			"file_7_": slices.Concat(everything, e.people),
		}
		for name, columns := range files {
			t.Run(name+e.edition, func(t *testing.T) {
				t.Parallel()
				header := slices.Concat(e.places, columns)
				if e.edition == "2025" {
					// The publisher's file cuts this one name short.
					if i := slices.Index(header, parts[0]+decile); i >= 0 {
						header[i] = header[i][:80]
					}
				}
				chosen, err := layout.Match(deprivation.Layouts, header, len(header))
				if err != nil {
					t.Fatal(err)
				}
				if chosen.Name != name+e.edition {
					t.Fatalf("layout %s", chosen.Name)
				}
				if _, err := chosen.Bind(header, deprivation.LayoutColumns(), nil); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func readContract(t *testing.T, name string) *contract.Contract {
	t.Helper()
	contracts, err := contract.LoadAll(socialvalue.Assets)
	if err != nil {
		t.Fatal(err)
	}
	c := contracts["geography/"+name]
	if c == nil {
		t.Fatalf("no contract geography/%s", name)
	}
	return c
}

// releaseHeader is the header of a release, and the header of each column it is read into.
func releaseHeader(t *testing.T, release string) (header []string, columns map[string]string) {
	t.Helper()
	columns, kept := make(map[string]string), columnsOfMeanings()
	for _, row := range table(t, "testdata/onspd_nspl_columns.csv") {
		name := row[release]
		if name == absent {
			continue
		}
		name, _, _ = strings.Cut(name, " ") // "ruc21ind (from 2025)"
		header = append(header, name)
		if column := kept[row["meaning"]]; column != "" {
			columns[column] = name
		}
	}
	return header, columns
}

// nextYear is the header with the vintages that change every year one year on.
func nextYear(header []string) []string {
	vintage := regexp.MustCompile(`^(lad|wd|ctry|parncp|rgn|cty)(25|26)cd$`)
	renamed := make([]string, len(header))
	for i, name := range header {
		renamed[i] = vintage.ReplaceAllString(name, "${1}27cd")
	}
	return renamed
}

// boundHeader is the header a column is read from, empty when the file does not carry it.
func boundHeader(bound *layout.Binding, column string) string {
	for _, c := range bound.Columns {
		if c.Name == column && c.Index >= 0 {
			return c.Header
		}
	}
	return ""
}
