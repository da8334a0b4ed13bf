//go:build duckdb_arrow

package place_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/place"
	"socialvalue/internal/warehouse"
)

// The directory of the test: Liverpool and a postcode of another district, in the
// areas L and WA.
const directory = `
insert into geo.postcode values
    ('L3 1BP', 'E01000001', 'E01000001', 'E08000012', date '1990-02-01', null,              'small', true,  'E92000001', 'onspd-2025-08'),
    ('L1 8JQ', 'E01000002', 'E01000003', 'E08000012', date '2024-06-01', null,              'small', true,  'E92000001', 'onspd-2025-08'),
    ('L1 9XX', 'E01000004', 'E01000004', 'E08000012', date '1990-02-01', date '2015-06-01', 'small', true,  'E92000001', 'onspd-2025-08'),
    ('L69 3HN', 'E01000005', 'E01000005', 'E08000012', date '1990-02-01', null,             'large', true,  'E92000001', 'onspd-2025-08'),
    ('L2 2AA', null,        null,        'E08000012', date '1990-02-01', null,              'small', false, 'E92000001', 'onspd-2025-08'),
    ('WA1 1AA', 'E01000006', 'E01000007', 'E06000007', date '1990-02-01', null,             'small', true,  'E92000001', 'onspd-2025-08'),
    ('CH5 1AA', 'W01000001', 'W01000001', 'W06000005', date '1990-02-01', null,             'small', true,  'W92000004', 'onspd-2025-08');
insert into stage.postcode_area values ('L'), ('WA'), ('CH')`

func open(t *testing.T, directory, area string) *warehouse.DB {
	t.Helper()
	ctx := t.Context()
	db, err := warehouse.Open(ctx, "", warehouse.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	files, err := filepath.Glob("../../sql/macros/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	for len(files) > 0 {
		left := slices.DeleteFunc(slices.Clone(files), func(file string) bool {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = db.Exec(ctx, string(text))
			return err == nil
		})
		if len(left) == len(files) {
			t.Fatalf("macros that cannot be made: %v", left)
		}
		files = left // they need some that were made now
	}
	for _, statement := range []string{
		"create schema geo; create schema stage; create schema ref; create schema site",
		"create table geo.postcode (pcds varchar, lsoa11_code varchar, lsoa21_code varchar, lad_code varchar, introduced date, terminated date, user_type varchar, has_grid boolean, country_code varchar, directory_release varchar)",
		"create table stage.postcode_area (postcode_area varchar)",
		"create table site.area as select unnest(" + area + ") as lad_code",
		"create table ref.place_status as from read_csv('../../sql/ref/place_status.csv', header = true)",
		directory,
	} {
		if _, err := db.Exec(ctx, statement); err != nil {
			t.Fatalf("%v in %s", err, statement)
		}
	}
	return db
}

// placed is one postcode on one day, and how it is placed: status, LSOAs, release.
type placed struct{ text, day, want string }

// expect places all at once.
func expect(t *testing.T, db *warehouse.DB, query string, cases ...placed) {
	t.Helper()
	ctx := t.Context()
	var rows, want []string
	for _, c := range cases {
		rows = append(rows, "("+warehouse.Text(c.text)+", try_cast("+warehouse.Text(c.day)+" as date))")
		want = append(want, c.text+" "+c.day+": "+c.want)
	}
	slices.Sort(want)
	if _, err := db.Exec(ctx, "create or replace temp table "+place.Given+" as from (values "+strings.Join(rows, ", ")+") as given (postcode_text, on_date)"); err != nil {
		t.Fatal(err)
	}
	got, err := db.Texts(ctx, "select postcode_text || ' ' || coalesce(cast(on_date as varchar), '') || ': ' ||"+
		" concat_ws(' ', place_status, coalesce(lsoa11_code, '·'), coalesce(lsoa21_code, '·'), coalesce(directory_release, '·')) as line from ("+query+")")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got) // none is lost, none comes twice
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Methods C7, C8, C10: how a person's postcode is placed on a day.
func TestPlaces(t *testing.T) {
	t.Parallel()
	db := open(t, directory, "['E08000012']")
	cases := []placed{
		{"L3 1BP", "2024-05-01", "live E01000001 E01000001 onspd-2025-08"},
		{"l3-1bp.", "2024-05-01", "live E01000001 E01000001 onspd-2025-08"},
		{"L1 8JQ", "2024-05-31", "before_introduction E01000002 E01000003 onspd-2025-08"},
		{"L1 8JQ", "2024-06-01", "live E01000002 E01000003 onspd-2025-08"},
		{"L1 9XX", "2015-05-31", "live E01000004 E01000004 onspd-2025-08"},
		{"L1 9XX", "2015-06-01", "terminated E01000004 E01000004 onspd-2025-08"},
		{"L1 9XX", "2024-01-01", "terminated E01000004 E01000004 onspd-2025-08"},
		{"L1 9XX", "", "live E01000004 E01000004 onspd-2025-08"}, // no day to say otherwise
		{"L69 3HN", "2024-05-01", "non_residential E01000005 E01000005 onspd-2025-08"},
		{"L2 2AA", "2024-05-01", "no_grid · · onspd-2025-08"},
		{"L3 IBP", "2024-05-01", "repaired E01000001 E01000001 onspd-2025-08"},
		{"LO3 1BP", "2024-05-01", "invalid_unknown · · ·"},
		{"L9 9ZZ", "2024-05-01", "invalid_unknown · · ·"},
		{"M1 1AE", "2024-05-01", "outside_directory · · ·"},
		{"WA1 1AA", "2024-05-01", "live E01000006 E01000007 onspd-2025-08"}, // placed; the area of the site is the models' question
		{"CH5 1AA", "2024-05-01", "not_england · · onspd-2025-08"},
		{"CF10 1AA", "2024-05-01", "not_england · · ·"},
		{"JE2 3QA", "2024-05-01", "crown_dependency · · ·"},
		{"BFPO 801", "2024-05-01", "bfpo · · ·"},
		{"GIR 0AA", "2024-05-01", "non_geographic · · ·"},
		{"ZZ99 3VZ", "2024-05-01", "nfa · · ·"},
		{"UNKNOWN", "2024-05-01", "missing · · ·"},
		{"Q1 1AA", "2024-05-01", "invalid_unknown · · ·"},
	}
	expect(t, db, place.SQL(), cases...)
}

// An area that a directory lacks proves nothing while districts of the site are
// missing from it.
func TestADirectoryInParts(t *testing.T) {
	t.Parallel()
	db := open(t, directory, "['E08000012', 'E08000014']")
	expect(t, db, place.SQL(), placed{"PR8 1RX", "2024-05-01", "invalid_unknown · · ·"})
}

// A directory that is not loaded hinders nothing: what can be told without it is
// told, the rest is unplaced, and each status is one that models know.
func TestWithoutADirectory(t *testing.T) {
	t.Parallel()
	db := open(t, "select 1", "['E08000012']")
	const unplaced, nothing = "unplaced · · ·", " · · ·"
	expect(t, db, place.SQL(),
		placed{"L3 1BP", "2024-05-01", unplaced}, placed{"L3 IBP", "2024-05-01", unplaced}, placed{"M1 1AE", "2024-05-01", unplaced},
		placed{"ZZ99 3VZ", "2024-05-01", "nfa" + nothing}, placed{"CF10 1AA", "2024-05-01", "not_england" + nothing})
	expect(t, db, place.UnplacedSQL(), placed{"L3 1BP", "2024-05-01", unplaced})
	known, err := db.Texts(t.Context(), "select table_status from ref.place_status where place_status in ('unplaced', 'missing') order by place_status")
	if diff := cmp.Diff([]string{"unplaced", "unplaced"}, known); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

// Methods 4.6: where a decile is enough, the LSOAs are not stored. The decile of each edition is that of the LSOA of its
// own vintage; a postcode whose LSOA no edition knows has a district and no decile, and one without an LSOA has neither.
func TestDeciles(t *testing.T) {
	t.Parallel()
	db := open(t, directory, "['E08000012']")
	for _, statement := range []string{
		"create table ref.iod_edition as from (values ('2019', '2011'), ('2025', '2021')) as editions (iod_edition, lsoa_vintage)",
		`create table geo.lsoa as from (values ('2019', '2011', 'E01000001', 1), ('2019', '2011', 'E01000002', 4), ('2025', '2021', 'E01000001', 2),
			('2025', '2021', 'E01000003', 5), ('2025', '2011', 'E01000002', 9), ('2019', '2021', 'E01000003', 9)) as lsoas (iod_edition, vintage, lsoa_code, imd_decile)`,
		"create temp table " + place.Given + ` as from (values ('L3 1BP', date '2024-05-01'), ('L3 1BP', null), ('L1 8JQ', date '2024-06-01'), ('WA1 1AA', date '2024-05-01'),
			('L2 2AA', date '2024-05-01'), ('CH5 1AA', date '2024-05-01'), ('UNKNOWN', null)) as given (postcode_text, on_date)`,
	} {
		if _, err := db.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%v in %s", err, statement)
		}
	}
	columns := "select concat_ws(' ', postcode_text, coalesce(lad_code, '·'), coalesce(cast(imd_decile_2019 as varchar), '·'), coalesce(cast(imd_decile_2025 as varchar), '·'), place_status) as line from ("
	got, err := db.Texts(t.Context(), columns+place.DecilesSQL(place.SQL(), []string{"2019", "2025"})+") order by 1")
	want := []string{
		"CH5 1AA · · · not_england", "L1 8JQ E08000012 4 5 live", "L2 2AA · · · no_grid", "L3 1BP E08000012 1 2 live", "L3 1BP E08000012 1 2 live",
		"UNKNOWN · · · missing", "WA1 1AA E06000007 · · live",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	got, err = db.Texts(t.Context(), columns+place.UnplacedDecilesSQL([]string{"2019", "2025"})+") where postcode_text = 'L1 8JQ'")
	if diff := cmp.Diff([]string{"L1 8JQ · · · unplaced"}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	names, err := db.Texts(t.Context(), "select string_agg(column_name, ' ' order by column_name) from (describe "+place.DecilesSQL(place.SQL(), []string{"2019"})+")")
	if diff := cmp.Diff([]string{"directory_release imd_decile_2019 lad_code on_date place_status postcode_text"}, names); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}
