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
