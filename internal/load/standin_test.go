//go:build duckdb_arrow

package load_test

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/load"
	"socialvalue/internal/pseudonym"
	"socialvalue/internal/warehouse"
)

// heldPasses is a feed about people with one column of each action.
const heldPasses = `
version: 1
description: passes
grain: one pass
load: {mode: append, identity: occurrence}
limits: {quarantine_share: 0.5}
columns:
  - {name: pass_key, type: text, personal: direct, action: pseudonymise, domain: card, numeric: true, required: true}
  - {name: person_key, type: code, personal: direct, action: pseudonymise, domain: concession-person}
  - {name: holder, type: text, personal: direct, action: drop}
  - {name: age_band, type: date, personal: direct, action: band, band: {edges: [60, 66], age_at: issued_on}}
  - {name: postcode, type: text, personal: direct, action: place, place: {at: issued_on}}
  - {name: issued_on, type: date}
`

const passHeader = "pass_key,person_key,holder,age_band,postcode,issued_on\n"

func newKey(t *testing.T, version int) *pseudonym.Key {
	t.Helper()
	key, err := pseudonym.New([]byte("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"), pseudonym.Scope{Context: "lcrca", Version: version})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Methods D3: what is stored is the vector's keyed hash, its first 16 bytes as a
// UUID with no bits altered, however the identifier was written.
func TestKeysAreThoseOfTheVectors(t *testing.T) {
	t.Parallel()
	b := setUp(t, heldPasses)
	b.key = newKey(t, 1)
	record, _, err := b.load(t.Context(), file{name: "a.csv", text: passHeader +
		"633597012312345673,000123456,Ann,1950-01-01,L3 1BP,2024-01-01\n" +
		"6335 9701 2312 345673, 000123456 ,Ann,1950-01-01,L3 1BP,2024-02-01\n" +
		"1,,Bo,,,2024-02-01\n"})
	if err != nil {
		t.Fatal(err)
	}
	b.commit()
	got := b.texts("select concat_ws(' ', pass_key, person_key, age_band, place_status) from raw.demo_payments order by _source_row")
	card, person := "31e99bcf-3c1f-f8bc-1203-905628d039f5", "7b0677c2-fbe9-402d-dd7f-f09c625c3af8"
	one := b.key.Pseudonym("card", "1")
	text := hex.EncodeToString(one[:])
	want := []string{
		card + " " + person + " 66+ unplaced", card + " " + person + " 66+ unplaced",
		strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-") + " missing",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if record.KeyGroup != "people" || record.KeyID != b.key.ID() || record.KeyVersion != 1 {
		t.Errorf("the load does not say its key: %+v", record)
	}
	types := b.texts("select column_name || ' ' || data_type from duckdb_columns() where schema_name = 'raw' order by column_index")
	wantTypes := []string{
		"pass_key UUID", "person_key UUID", "age_band VARCHAR", "lsoa11_code VARCHAR", "lsoa21_code VARCHAR", "place_status VARCHAR",
		"directory_release VARCHAR", "issued_on DATE", "source VARCHAR", "body_code VARCHAR", "line_key UUID", "_load_id VARCHAR", "_source_file VARCHAR", "_source_row BIGINT",
	}
	if diff := cmp.Diff(wantTypes, types); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Where deciles stand for a postcode, no LSOA is stored, also where there is no geography to look it up in.
func TestDecilesInThePlaceOfAreas(t *testing.T) {
	t.Parallel()
	b := setUp(t, strings.Replace(heldPasses, "place: {at: issued_on}", "place: {at: issued_on, deciles: ['2019', '2025']}", 1))
	b.key = newKey(t, 1)
	if _, _, err := b.load(t.Context(), file{name: "a.csv", text: passHeader + "1,,,,L3 1BP,2024-01-01\n2,,,,,2024-01-01\n"}); err != nil {
		t.Fatal(err)
	}
	b.commit()
	got := b.texts("select concat_ws(' ', lad_code is null, imd_decile_2019 is null, imd_decile_2025 is null, place_status) from raw.demo_payments order by _source_row")
	got = append(got, b.texts("select column_name || ' ' || data_type from duckdb_columns() where schema_name = 'raw' and (column_name like '%lsoa%' or column_name like '%decile%') order by column_index")...)
	want := []string{"true true true unplaced", "true true true missing", "imd_decile_2019 INTEGER", "imd_decile_2025 INTEGER"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Nothing of a file stays in the database, whatever became of it, and nothing of
// its identifiers in the store.
func TestNoTextOfAFileStays(t *testing.T) {
	t.Parallel()
	b := setUp(t, heldPasses)
	b.key = newKey(t, 1)
	good := "633597012312345673,P-1,Ann Quillfeather,1950-01-01,L3 1BP,2024-01-01\n"
	for name, text := range map[string]string{
		"good.csv":    passHeader + good + "x-quillfeather,P-2,,,,2024-01-01\n" + good,
		"refused.csv": passHeader + strings.Repeat("x-quillfeather,P-2,Ann Quillfeather,,,2024-01-01\n", 5),
	} {
		_, _, err := b.load(t.Context(), file{name: name, text: text})
		if (err != nil) != (name == "refused.csv") {
			t.Fatal(name, err)
		}
		if left := b.texts("select table_name from duckdb_tables() where temporary"); len(left) > 0 {
			t.Errorf("after %s the database holds %v", name, left)
		}
	}
	b.commit()
	objects, err := filepath.Glob(filepath.Join(b.root, "store", "*", "*.parquet"))
	if err != nil || len(objects) != 2 {
		t.Fatal(objects, err)
	}
	for _, object := range objects {
		rows := strings.Join(b.texts("select cast(columns_of as varchar) from read_parquet("+warehouse.Text(object)+") as columns_of"), "\n")
		data, err := os.ReadFile(object)
		if err != nil {
			t.Fatal(err)
		}
		for _, mark := range []string{"quillfeather", "633597", "1950-01-01", "L3 1BP"} {
			if strings.Contains(rows, mark) || strings.Contains(string(data), mark) {
				t.Errorf("%s holds %s", object, mark)
			}
		}
	}
}

// The key of a row is made of what is stored: it cannot be had by trying
// identifiers, and it stays what it is when the places do not.
func TestLineKeysHangOnWhatIsStored(t *testing.T) {
	t.Parallel()
	b := setUp(t, heldPasses)
	row := "633597012312345673,P-1,Ann,1950-01-01,L3 1BP,2024-01-01\n"
	lineKeys := func(name, text string) []string {
		record, _, err := b.load(t.Context(), file{name: name, text: passHeader + text})
		if err != nil {
			t.Fatal(err)
		}
		b.commit()
		return b.texts("select line_key from read_parquet(" + warehouse.Text(b.loader.Store.Path(record.Relation, record.ObjectSHA256)) + ") order by _source_row")
	}
	b.key = newKey(t, 1)
	first := lineKeys("a.csv", row+row)
	if first[0] == first[1] {
		t.Error("equal rows of one file are one")
	}
	again := lineKeys("b.csv", strings.ReplaceAll(row, "L3 1BP", "l3-1bp.")+strings.ReplaceAll(row, "Ann", "Ann B"))
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the same rows, written otherwise, are others:\n%s", diff)
	}
	b.key = newKey(t, 2)
	if rotated := lineKeys("c.csv", row); rotated[0] == first[0] {
		t.Error("the key of a row does not hang on the key of its person: it can be had by trying identifiers")
	}
}

// A new key is another reading: the same file is read again under it.
func TestAnotherKeyIsAnotherLoad(t *testing.T) {
	t.Parallel()
	b := setUp(t, heldPasses)
	f := file{name: "a.csv", text: passHeader + "1,P-1,,,,2024-01-01\n"}
	ids := map[string]bool{}
	for _, version := range []int{1, 2, 2} {
		b.key = newKey(t, version)
		b.clock = b.clock.AddDate(0, 0, 1)
		record, fresh, err := b.load(t.Context(), f)
		if err != nil || fresh == ids[record.ID] {
			t.Fatalf("version %d: %+v, fresh %v, %v", version, record, fresh, err)
		}
		ids[record.ID] = true
		b.commit()
	}
	var active []string
	for _, record := range b.ledger.Records("") {
		if record.Status == load.StatusActive {
			active = append(active, fmt.Sprint(record.KeyVersion))
		}
	}
	if diff := cmp.Diff([]string{"2"}, active); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Keys are made in portions: every identifier of a large file has its own.
func TestManyIdentifiers(t *testing.T) {
	t.Parallel()
	const people = 200_001 // one more than a portion
	b := setUp(t, heldPasses)
	b.key = newKey(t, 1)
	var text strings.Builder
	text.WriteString(passHeader)
	for i := range people {
		fmt.Fprintf(&text, "%d,,,,,2024-01-01\n", i)
	}
	if _, _, err := b.load(t.Context(), file{name: "a.csv", text: text.String()}); err != nil {
		t.Fatal(err)
	}
	b.commit()
	if got := b.texts("select concat(count(distinct pass_key), ' ', count(*)) from raw.demo_payments"); got[0] != fmt.Sprint(people, " ", people) {
		t.Errorf("got %s keys and rows, want %d of each", got, people)
	}
	last := b.key.Pseudonym("card", fmt.Sprint(people-1))
	if got := b.texts("select count(*) from raw.demo_payments where replace(cast(pass_key as varchar), '-', '') = '" + hex.EncodeToString(last[:]) + "'"); got[0] != "1" {
		t.Error("the last identifier has no key of its own")
	}
}
