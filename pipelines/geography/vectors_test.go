//go:build duckdb_arrow

package geography_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue"
	"socialvalue/internal/crashtest"
	"socialvalue/internal/estimators"
	"socialvalue/internal/pipeline"
	"socialvalue/internal/run"
	"socialvalue/internal/site"
	"socialvalue/internal/verify"
	"socialvalue/internal/warehouse"
	"socialvalue/internal/workspace"
)

// readerRole makes the test binary the process that verifies a released file.
const readerRole = "reader"

func TestMain(m *testing.M) {
	os.Exit(crashtest.Main(m, map[string]func(string) error{readerRole: func(string) error {
		expect, err := verify.ReadExpect(os.Stdin)
		if err != nil {
			return err
		}
		return verify.DuckDB(context.Background(), os.Args[len(os.Args)-1], expect)
	}}))
}

const geographySite = `name: Geography
version: 1
bodies: [{code: E47000004, name: Liverpool City Region}]
area: {name: Liverpool City Region, lad_codes: [E06000006, E08000011, E08000012, E08000013, E08000014, E08000015]}
baseline_year: 2022-23
duckdb: {memory_limit: 1GB, threads: 2, temp_limit: 4GB}
warehouse: warehouse
sources:
  - {name: deprivation, contract: geography/deprivation, from: drop/deprivation/*.csv}
  - {name: lsoa_changes, contract: geography/lsoa_changes, from: drop/lsoa_changes/*.csv}
  - {name: lsoa_wards, contract: geography/lsoa_wards, from: drop/lsoa_wards/*.csv}
  - {name: districts, contract: geography/districts, from: drop/districts/*.csv}
  - {name: population, contract: geography/population, from: drop/population/*.csv, name_pattern: 'population_mid(?P<population_year>\d{4})_'}
  - {name: census, contract: geography/population, from: drop/census/*.csv}
`

// geographyAlone runs a site that has the geography of the fixtures, and the census counts of the vector of changed areas,
// and opens what it built.
func geographyAlone(t *testing.T) *warehouse.DB {
	t.Helper()
	dir := t.TempDir()
	for _, feed := range []string{"deprivation", "lsoa_changes", "lsoa_wards", "districts", "population"} {
		if err := os.CopyFS(filepath.Join(dir, "drop", feed), os.DirFS(filepath.Join("../../fixtures/geography", feed))); err != nil {
			t.Fatal(err)
		}
	}
	census := []string{"date,geography,geography code,Residence type: Total; measures: Value,Residence type: Lives in a household; measures: Value,Residence type: Lives in a communal establishment; measures: Value"}
	for _, row := range table(t, "testdata/lsoa11_lsoa21_lcr_changes.csv") {
		census = append(census, fmt.Sprintf("2021,%s,%s,%s,%s,0", row["lsoa21cd"], row["lsoa21cd"], row["pop_census2021_lsoa21"], row["pop_census2021_lsoa21"]))
	}
	slices.Sort(census[1:])
	disabled, err := pipeline.AllBut(socialvalue.Assets, "geography")
	if err != nil {
		t.Fatal(err)
	}
	disabled["svw.yaml"] = []byte(geographySite)
	disabled["drop/census/census2021-ts001-lsoa.csv"] = []byte(strings.Join(slices.Compact(census), "\n") + "\n")
	for name, text := range disabled {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o400); err != nil {
			t.Fatal(err)
		}
	}
	place, err := site.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	files, err := place.Files(socialvalue.Assets)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := crashtest.Command(readerRole)
	if err != nil {
		t.Fatal(err)
	}
	report, err := run.Run(t.Context(), workspace.Environment{
		Site: place, Files: files, Estimators: estimators.All(), Version: "test", Verifier: reader,
		Now:   func() time.Time { return time.Date(2030, time.June, 30, 0, 0, 0, 0, time.UTC) },
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}, run.Options{Trigger: "test"})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range report.Files {
		if file.Reason != "" {
			t.Errorf("%s: %s: %s", file.File, file.Status, file.Reason)
		}
	}
	db, err := warehouse.Open(t.Context(), filepath.Join(dir, "warehouse", "build", "build.duckdb"), warehouse.Options{Threads: 2, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// TestGeographyVectors holds what is built from the geography of the fixtures, which is real, against counts made elsewhere
// from the same publications.
func TestGeographyVectors(t *testing.T) {
	t.Parallel()
	db := geographyAlone(t)
	asks := func(t *testing.T, want []string, query string) {
		t.Helper()
		got, err := db.Texts(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-vector +built)\n%s", diff)
		}
	}
	of := func(row map[string]string, names ...string) string {
		values := make([]string, len(names))
		for i, name := range names {
			values[i] = row[name]
		}
		return strings.Join(values, " ")
	}
	deciles := func(prefix string) (names []string) {
		for i := range 10 {
			names = append(names, prefix+strconv.Itoa(i+1))
		}
		return names
	}
	t.Run("iod_lcr_decile_counts", func(t *testing.T) {
		var want []string
		for _, row := range table(t, "testdata/iod_lcr_decile_counts.csv") {
			want = append(want, of(row, slices.Concat([]string{"edition", "code", "lsoas"}, deciles("d"), []string{"prop_d1", "prop_d1_d2"})...))
		}
		counts := "count(*)"
		for i := range 10 {
			counts += fmt.Sprintf(", count(*) filter (where imd_decile = %d)", i+1)
		}
		asks(t, want, "select concat_ws(' ', iod_edition, coalesce(active_lad_code, 'E47000004'), "+counts+
			", format('{:.4f}', count(*) filter (where imd_decile = 1) / count(*)), format('{:.4f}', count(*) filter (where imd_decile <= 2) / count(*)))"+
			" from geo.lsoa where in_area group by grouping sets ((iod_edition, active_lad_code), (iod_edition))")
	})
	t.Run("imd_decile_transition_lcr_unchanged", func(t *testing.T) {
		var want []string
		for _, row := range table(t, "testdata/imd_decile_transition_lcr_unchanged.csv") {
			want = append(want, of(row, append([]string{"imd19_decile"}, deciles("to_imd25_d")...)...))
		}
		moves := ""
		for i := range 10 {
			moves += fmt.Sprintf(", count(*) filter (where after.imd_decile = %d)", i+1)
		}
		asks(t, want, "select concat_ws(' ', before.imd_decile"+moves+") from geo.lsoa_change as change"+
			" join geo.lsoa as before on before.lsoa_code = change.lsoa11_code and before.iod_edition = '2019'"+
			" join geo.lsoa as after on after.lsoa_code = change.lsoa21_code and after.iod_edition = '2025'"+
			" where change.in_area and change.change_code = 'U' group by before.imd_decile")
	})
	t.Run("lsoa_lookup_counts", func(t *testing.T) {
		var want []string
		for _, row := range table(t, "testdata/lsoa_lookup_counts.csv") {
			if strings.HasPrefix(row["name"], "England") {
				continue // the fixtures have the city region alone
			}
			want = append(want, of(row, "code", "lsoa11", "lsoa21", "lookup_rows", "U", "S", "M", "X"))
		}
		asks(t, want, "select concat_ws(' ', coalesce(lad_code, 'E47000004'), count(distinct lsoa11_code), count(distinct lsoa21_code), count(*)"+
			", count(*) filter (where change_code = 'U'), count(*) filter (where change_code = 'S')"+
			", count(*) filter (where change_code = 'M'), count(*) filter (where change_code = 'X'))"+
			" from geo.lsoa_change where in_area group by grouping sets ((lad_code), ())")
	})
	t.Run("lsoa11_lsoa21_lcr_changes", func(t *testing.T) {
		var want []string
		for _, row := range table(t, "testdata/lsoa11_lsoa21_lcr_changes.csv") {
			want = append(want, of(row, "lsoa11cd", "chgind", "lsoa21cd", "pop_mid2020_lsoa11", "pop_census2021_lsoa21", "weight_11_to_21", "imd19_rank", "imd19_decile", "imd25_rank", "imd25_decile"))
		}
		asks(t, want, "select concat_ws(' ', change.lsoa11_code, change.change_code, change.lsoa21_code, change.residents_2011, change.residents_2021"+
			", format('{:.9f}', change.weight_2011_to_2021), before.imd_rank, before.imd_decile, after.imd_rank, after.imd_decile)"+
			" from geo.lsoa_change as change"+
			" join geo.lsoa as before on before.lsoa_code = change.lsoa11_code and before.iod_edition = '2019'"+
			" join geo.lsoa as after on after.lsoa_code = change.lsoa21_code and after.iod_edition = '2025'"+
			" where change.in_area and change.change_code <> 'U'")
	})
	t.Run("eligible_population_imd19_decile", func(t *testing.T) {
		var want []string
		for _, row := range table(t, "testdata/eligible_population_imd19_decile.csv") {
			if row["lsoas"] == "0" {
				continue // no place, no row
			}
			want = append(want, of(row, "lad", "imd19_decile", "lsoas", "pop_all", "pop_60plus", "pop_66plus"))
		}
		asks(t, want, "select concat_ws(' ', active_lad_code, imd_decile, count(*), sum(population), sum(population_60_plus), sum(population_66_plus))"+
			" from geo.lsoa where in_area and iod_edition = '2019' group by active_lad_code, imd_decile")
	})
	t.Run("imd2019_tied_ranks", func(t *testing.T) {
		for _, row := range table(t, "testdata/imd2019_tied_ranks.csv") {
			// One of the two may lie outside: ties are of England.
			asks(t, nil, "select concat_ws(' ', lsoa_code, imd_rank, imd_decile) from geo.lsoa where iod_edition = '2019' and ("+
				"lsoa_code = "+warehouse.Text(row["lsoa11cd_a"])+" and not (imd_rank = "+row["imd_rank"]+" and imd_decile = "+row["decile_a"]+") or "+
				"lsoa_code = "+warehouse.Text(row["lsoa11cd_b"])+" and not (imd_rank = "+row["imd_rank"]+" and imd_decile = "+row["decile_b"]+"))")
			var decile string
			if err := db.One(t.Context(), "select cast(quantile_of_rank("+row["imd_rank"]+", max(lsoas_in_england), 10) as varchar) from geo.lsoa where iod_edition = '2019'", nil, &decile); err != nil {
				t.Fatal(err)
			}
			if decile != row["decile_a"] || decile != row["decile_b"] {
				t.Errorf("rank %s is in decile %s, want %s and %s", row["imd_rank"], decile, row["decile_a"], row["decile_b"])
			}
		}
		var places, ranks int
		if err := db.One(t.Context(), "select count(*), count(distinct imd_rank) from geo.lsoa where iod_edition = '2025'", nil, &places, &ranks); err != nil {
			t.Fatal(err)
		}
		if places != ranks {
			t.Errorf("%d places of 2025 have %d ranks", places, ranks)
		}
	})
}
