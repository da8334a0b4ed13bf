package contract_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/contract"
	"socialvalue/internal/layout"
	"socialvalue/internal/warehouse"
)

// withColumn is a contract with one column of people beside a day and a note.
func withColumn(column string) string {
	return `
version: 1
description: people
grain: one person
load: {mode: append, identity: none}
columns:
  - {name: seen_on, type: date}
  - ` + column + "\n"
}

// Architecture §2.4: names, numbers and full postcodes of people live in landing
// alone.
func TestWhatMayBecomeOfPersonalColumns(t *testing.T) {
	t.Parallel()
	cases := []struct{ column, want string }{ // want is empty: accepted
		{"{name: a, type: text, personal: direct}", "personal data need an action"},
		{"{name: a, type: text, personal: special}", "personal data need an action"},
		{"{name: a, type: text, personal: secret}", "must be none, indirect, direct or special"},
		{"{name: a, type: text, personal: direct, action: hash}", "unknown action"},
		{"{name: a, type: text, action: drop}", "for personal data"},
		// keep
		{"{name: a, type: text, personal: direct, action: keep, because: we like it}", "never stored as it is"},
		{"{name: a, type: code, personal: special, action: keep}", "never stored as it is"},
		{"{name: a, type: integer, personal: direct, action: keep, because: we like it}", "never stored as it is"},
		{"{name: a, type: date, personal: direct, action: keep}", "add because"},
		{"{name: a, type: date, personal: direct, action: keep, because: ages are counted in days}", ""},
		{"{name: a, type: text, personal: special, action: keep, values: [x, y]}", ""},
		{"{name: a, type: boolean, personal: special, action: keep}", ""},
		{"{name: a, type: money, personal: special, action: keep}", ""},
		{"{name: a, type: text, personal: indirect, action: keep}", ""},
		{"{name: a, type: text, personal: indirect, action: keep, because: x}", "because is for a direct identifier"},
		// pseudonymise
		{"{name: a, type: text, personal: direct, action: pseudonymise}", "needs a domain"},
		{"{name: a, type: text, personal: direct, action: pseudonymise, domain: Card No}", "needs a domain"},
		{"{name: a, type: integer, personal: direct, action: pseudonymise, domain: card}", "needs type text or code"},
		{"{name: a, type: text, personal: direct, action: pseudonymise, domain: card, values: [x]}", "take values"},
		{"{name: a, type: text, personal: direct, action: pseudonymise, domain: card, numeric: true, pattern: '[0-9]{18}'}", ""},
		{"{name: a, type: text, personal: direct, action: drop, domain: card}", "domain and numeric are for action pseudonymise"},
		// band
		{"{name: a, type: date, personal: direct, action: band}", "needs edges"},
		{"{name: a, type: date, personal: direct, action: band, band: {edges: [16, 25]}}", "age_at"},
		{"{name: a, type: date, personal: direct, action: band, band: {edges: [16, 25], age_at: nothing}}", "no date column"},
		{"{name: a, type: date, personal: direct, action: band, band: {edges: [25, 16], age_at: seen_on}}", "ascend"},
		{"{name: a, type: date, personal: direct, action: band, band: {edges: [1.5], age_at: seen_on}}", "whole number"},
		{"{name: a, type: date, personal: direct, action: band, band: {edges: [16], age_at: seen_on, year_end: 02-29}}", "every year has"},
		{"{name: a, type: date, personal: direct, action: band, band: {edges: [16], age_at: seen_on, year_end: 03-31}}", ""},
		{"{name: a, type: text, personal: direct, action: band, band: {edges: [16]}}", "needs a number or a date of birth"},
		{"{name: a, type: money, personal: indirect, action: band, band: {edges: [10.5, 20], age_at: seen_on}}", "for a date of birth"},
		{"{name: a, type: money, personal: indirect, action: band, band: {edges: [10.5, 20]}}", ""},
		// place
		{"{name: home_postcode, type: text, personal: direct, action: place}", "needs the date column"},
		{"{name: home_postcode, type: text, personal: direct, action: place, place: {at: nothing}}", "needs the date column"},
		{"{name: home, type: text, personal: direct, action: place, place: {at: seen_on}}", "does not end in postcode"},
		{"{name: home, type: text, personal: direct, action: place, place: {at: seen_on, prefix: home_}}", ""},
		{"{name: postcode, type: text, personal: direct, action: place, place: {at: seen_on}}", ""},
		{"{name: a, type: text, personal: direct, action: drop, place: {at: seen_on}}", "place is for action place"},
		{"{name: postcode, type: text, personal: direct, action: place, place: {at: seen_on, deciles: ['2019', '2025']}}", ""},
		{"{name: postcode, type: text, personal: direct, action: place, place: {at: seen_on, deciles: ['2019', '2019']}}", "each once"},
		{"{name: postcode, type: text, personal: direct, action: place, place: {at: seen_on, deciles: [iod25]}}", "editions of the Indices"},
		// drop
		{"{name: a, type: text, personal: special, action: drop}", ""},
		{"{name: a, type: text, personal: special, action: drop, required: true}", "take required away"},
		{"{name: a, type: text, personal: special, action: drop, pattern: x}", "take values"},
		// two columns that come out as one
		{"{name: postcode, type: text, personal: direct, action: place, place: {at: seen_on}}\n  - {name: lsoa11_code, type: code}", "both become lsoa11_code"},
	}
	for _, tc := range cases {
		t.Run(tc.column, func(t *testing.T) {
			t.Parallel()
			_, err := contract.Parse("pipelines/demo/contracts/people.yaml", []byte(withColumn(tc.column)))
			switch {
			case tc.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

// Nothing in a contract may show, or hang on, a value that is not stored.
func TestRulesAboutHiddenColumns(t *testing.T) {
	t.Parallel()
	const columns = `
version: 1
description: people
grain: one person
load: LOAD
CONTROL
SKIP
columns:
  - {name: ref, type: text, required: true, personal: direct, action: pseudonymise, domain: person}
  - {name: birthday, type: date, personal: direct, action: keep, because: a test}
  - {name: pay, type: money, personal: special, action: keep}
  - {name: note, type: text, personal: special, action: drop}
  - {name: home_postcode, type: text, personal: direct, action: place, place: {at: seen_on}}
  - {name: seen_on, type: date}
CHECK
`
	cases := []struct{ load, control, skip, check, want string }{
		{load: "{mode: append, identity: key, key: [ref]}"},
		{load: "{mode: append, identity: key, key: [home_postcode]}", want: "key names home_postcode, whose values are not stored"},
		{load: "{mode: replace_period, period: seen_on, identity: none}"},
		{load: "{mode: replace_period, period: birthday, identity: none}", want: "period names birthday, whose values are not stored or not shown"},
		{load: "{mode: snapshot, slice: [ref], identity: none}", want: "slice names ref"},
		{control: "control: [{sum: pay, from: ledger}]", want: "pay is about single people"},
		{skip: `skip: [{rule: a, when: "note is null"}]`, want: "note is dropped"},
		{skip: `skip: [{rule: a, when: "home_postcode = 'TOTAL'"}]`},
		{skip: `skip: [{rule: a, when: "home_postcode = 'see note'"}]`}, // a text, not the column
		{skip: `skip: [{rule: a, when: "home_postcode = 'it''s' and NOTE is null"}]`, want: "note is dropped"},
		{skip: `skip: [{rule: a, when: '"note" is null'}]`, want: "note is dropped"},
		{check: `checks: [{name: a, when: "home_place_status = 'note'", severity: warn}]`},
		{check: `checks: [{name: a, when: "home_postcode is null", severity: warn}]`, want: "checks are about what is stored, and home_postcode is not"},
		{check: `checks: [{name: a, when: "home_place_status = 'missing'", severity: warn}]`},
	}
	for i, tc := range cases {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			if tc.load == "" {
				tc.load = "{mode: append, identity: none}"
			}
			text := strings.NewReplacer("LOAD", tc.load, "CONTROL", tc.control, "SKIP", tc.skip, "CHECK", tc.check).Replace(columns)
			_, err := contract.Parse("pipelines/demo/contracts/people.yaml", []byte(text))
			switch {
			case tc.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestStoredColumns(t *testing.T) {
	t.Parallel()
	c := parse(t, `
version: 1
description: people
grain: one person
load: {mode: append, identity: none}
columns:
  - {name: ref, type: text, personal: direct, action: pseudonymise, domain: person}
  - {name: person_name, type: text, personal: direct, action: drop}
  - {name: age_band, type: date, personal: direct, action: band, band: {edges: [16], age_at: seen_on}}
  - {name: postcode, type: text, personal: direct, action: place, place: {at: seen_on}}
  - {name: work_postcode, type: text, personal: direct, action: place, place: {at: seen_on}}
  - {name: school, type: text, personal: direct, action: place, place: {at: seen_on, prefix: taught_}}
  - {name: home_postcode, type: text, personal: direct, action: place, place: {at: seen_on, deciles: ['2019', '2025']}}
  - {name: seen_on, type: date}
`)
	var got []string
	for _, stored := range c.Raw() {
		got = append(got, fmt.Sprintf("%s %s %v", stored.Name, stored.SQLType, stored.Apart))
	}
	want := []string{"ref UUID false", "age_band VARCHAR false"}
	for _, prefix := range []string{"", "work_", "taught_"} {
		for _, name := range []string{"lsoa11_code", "lsoa21_code", "place_status", "directory_release"} {
			want = append(want, prefix+name+" VARCHAR true")
		}
	}
	want = append(want, "home_lad_code VARCHAR true", "home_imd_decile_2019 INTEGER true", "home_imd_decile_2025 INTEGER true",
		"home_place_status VARCHAR true", "home_directory_release VARCHAR true") // no LSOA
	if diff := cmp.Diff(append(want, "seen_on DATE false"), got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// banded gives the band of a text in a contract's column.
func banded(t *testing.T, c *contract.Contract, column, seen string, texts ...string) []string {
	t.Helper()
	ctx := t.Context()
	db, err := warehouse.Open(ctx, "", warehouse.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	reading, err := contract.NewReading(c, []contract.Source{{Field: 0}, {Field: 1}}, layout.DefaultFormat(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, text := range texts {
		rows = append(rows, "("+warehouse.Text(seen)+", nullif("+warehouse.Text(text)+", ''))")
	}
	staging := "create or replace temp table " + contract.Staging + " (c0 varchar, c1 varchar); insert into " + contract.Staging + " values " + strings.Join(rows, ", ")
	for _, statement := range []string{staging, reading.ExceptionsSQL(), reading.ViolationsSQL(), reading.TypedSQL(true)} {
		if _, err := db.Exec(ctx, statement); err != nil {
			t.Fatalf("%v in\n%s", err, statement)
		}
	}
	got, err := db.Texts(ctx, "select band from (select row_index, coalesce("+column+", '·') as band from "+contract.Typed+
		" union all select row_index, rule from "+contract.Violations+") order by row_index")
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Methods D6: bands of ages, the day of which decides; who was born on 29 February
// is a year older on 1 March.
func TestAgeBands(t *testing.T) {
	t.Parallel()
	const passes = "edges: [5, 16, 25, 60, 66, 75, 85], age_at: seen_on"
	cases := []struct {
		name, band, seen string
		births, want     []string
	}{
		{
			"every band of passes", passes, "2025-06-15",
			[]string{"2021-06-15", "2020-06-15", "2009-06-16", "2009-06-15", "2000-06-16", "2000-06-15", "1965-06-16", "1965-06-15", "1959-06-16", "1959-06-15", "1950-06-16", "1950-06-15", "1940-06-16", "1940-06-15", ""},
			[]string{"under 5", "5-15", "5-15", "16-24", "16-24", "25-59", "25-59", "60-65", "60-65", "66-74", "66-74", "75-84", "75-84", "85+", "·"},
		},
		{"born on 29 February, on 28 February", passes, "2025-02-28", []string{"1960-02-29", "1959-02-28"}, []string{"60-65", "66-74"}},
		{"born on 29 February 66 years ago, the day before", passes, "2026-02-28", []string{"1960-02-29"}, []string{"60-65"}},
		{"and on 1 March", passes, "2026-03-01", []string{"1960-02-29"}, []string{"66-74"}},
		{"in a leap year, on the day itself", "edges: [4, 8], age_at: seen_on", "2024-02-29", []string{"2020-02-29", "2016-02-29"}, []string{"4-7", "8+"}},
		{"at the end of the year, which is later", passes + ", year_end: 03-31", "2025-04-01", []string{"1960-03-31", "1960-04-01"}, []string{"66-74", "60-65"}},
		{"at the end of the year, which is that day", passes + ", year_end: 03-31", "2025-03-31", []string{"1959-03-31", "1959-04-01"}, []string{"66-74", "60-65"}},
		{"born after the day", passes, "2025-03-31", []string{"2025-04-01", "2025-03-31"}, []string{"born_later", "under 5"}},
		{"born after the day and before the end of the year", passes + ", year_end: 03-31", "2025-05-01", []string{"2026-04-01", "2026-03-31"}, []string{"born_later", "under 5"}},
		{"no such day", passes, "2025-03-31", []string{"1959-02-29"}, []string{"impossible_date"}},
		{"a band of one year", "edges: [18, 19, 20], age_at: seen_on", "2025-03-31", []string{"2007-03-31", "2006-03-31", "2000-01-01"}, []string{"18", "19", "20+"}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := parse(t, withColumn("{name: age_band, type: date, personal: direct, action: band, band: {"+tc.band+"}}"))
			if diff := cmp.Diff(tc.want, banded(t, c, "age_band", tc.seen, tc.births...)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestEdgeCase56BornOn29February: methods 6, age in completed years on 31 March, in the bands of the shipped contract of
// people: who was born on a 29 February is a year older on 1 March, so by the snapshot date.
func TestEdgeCase56BornOn29February(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../pipelines/people/contracts/person.yaml")
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := contract.Parse("pipelines/people/contracts/person.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	band := shipped.Column("age_band").Band
	if band == nil || band.AgeAt != "snapshot_date" {
		t.Fatalf("the age is that of %+v", band)
	}
	var edges []string
	for _, edge := range band.Edges {
		edges = append(edges, fmt.Sprint(edge))
	}
	c := parse(t, withColumn("{name: age_band, type: date, personal: direct, action: band, band: {edges: ["+strings.Join(edges, ", ")+"], age_at: seen_on}}"))
	got := banded(t, c, "age_band", "2025-03-31", "2000-02-29", "2000-03-31", "2000-04-01", "1960-02-29", "1960-04-01")
	if diff := cmp.Diff([]string{"25-34", "25-34", "16-24", "65+", "55-64"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestNumberBands(t *testing.T) {
	t.Parallel()
	c := parse(t, withColumn("{name: pay_band, type: money, personal: indirect, action: band, band: {edges: [0, 10000.5, 20000]}}"))
	got := banded(t, c, "pay_band", "2025-01-01", "-0.01", "0", "£10,000.49", "10000.50", "19999.99", "20000", "", "x")
	want := []string{"under 0", "0 to under 10000.5", "0 to under 10000.5", "10000.5 to under 20000", "10000.5 to under 20000", "20000+", "·", "not_money"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	c = parse(t, withColumn("{name: children, type: integer, personal: indirect, action: band, band: {edges: [1, 2, 5]}}"))
	if diff := cmp.Diff([]string{"under 1", "1", "2-4", "2-4", "5+"}, banded(t, c, "children", "2025-01-01", "0", "1", "2", "4", "5")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
