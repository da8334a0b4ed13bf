//go:build duckdb_arrow

package load_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/load"
)

// objects are the names of the objects in the store.
func (b *bench) objects() []string {
	b.t.Helper()
	found, err := filepath.Glob(filepath.Join(b.root, "store", "*", "*.parquet"))
	if err != nil {
		b.t.Fatal(err)
	}
	return found
}

// In an upsert feed a row is the state of its key for as long as nothing newer
// says otherwise, and a row that takes a key away is needed for as long as an
// older one that it took away is kept.
func TestWhatMayGoOfAnUpsertFeed(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		files []string // revision by revision
		due   []int
		goes  []int
		rows  []string // that count, before and after
	}{
		{"a row of it counts", []string{"2022-01-01,A,1.00,1,\n2022-01-02,B,1.00,1,\n", "2022-01-01,A,2.00,2,\n"}, []int{0}, nil, []string{"2022-01-01|A|2.00", "2022-01-02|B|1.00"}},
		{"all of it is replaced", []string{"2022-01-01,A,1.00,1,\n", "2022-01-01,A,2.00,2,\n"}, []int{0}, []int{0}, []string{"2022-01-01|A|2.00"}},
		{"the newer of two counts", []string{"2022-01-01,A,1.00,1,\n", "2022-01-01,A,2.00,2,\n"}, []int{0, 1}, []int{0}, []string{"2022-01-01|A|2.00"}},
		{"it takes a key away that an older one has", []string{"2022-01-01,A,1.00,1,\n2022-01-02,B,1.00,1,\n", "2022-01-01,,,2,D\n"}, []int{0, 1}, nil, []string{"2022-01-02|B|1.00"}},
		{"both have nothing that counts", []string{"2022-01-01,A,1.00,1,\n", "2022-01-01,,,2,D\n"}, []int{0, 1}, []int{0, 1}, nil},
		{"one needs the other", []string{"2022-01-01,A,1.00,1,\n2022-01-03,C,1.00,1,\n", "2022-01-01,A,2.00,2,\n2022-01-02,B,1.00,1,\n", "2022-01-01,,,3,D\n2022-01-02,,,2,D\n"}, []int{1, 2}, nil, []string{"2022-01-03|C|1.00"}},
		{"a newer row counts", []string{"2022-01-01,A,1.00,1,\n2022-01-03,C,1.00,1,\n", "2022-01-01,,,2,D\n", "2022-01-01,A,3.00,3,\n"}, []int{1}, []int{1}, []string{"2022-01-01|A|3.00", "2022-01-03|C|1.00"}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := setUp(t, changes())
			var loads []*load.Record
			for i, rows := range tc.files {
				record, _, err := b.load(t.Context(), file{name: string(rune('a'+i)) + ".csv", text: changed(rows)})
				if err != nil {
					t.Fatal(err)
				}
				b.commit()
				loads = append(loads, record)
			}
			b.expect("before", tc.rows...)
			pick := func(indexes []int) (list []*load.Record) {
				for _, i := range indexes {
					list = append(list, b.ledger.Get(loads[i].ID))
				}
				return list
			}
			goes, err := b.ledger.MayGo(t.Context(), b.contract, pick(tc.due))
			if err != nil {
				t.Fatal(err)
			}
			var got []int
			for i, l := range loads {
				if slices.ContainsFunc(goes, func(r *load.Record) bool { return r.ID == l.ID }) {
					got = append(got, i)
				}
			}
			if diff := cmp.Diff(tc.goes, got); diff != "" {
				t.Errorf("may go (-want +got)\n%s", diff)
			}
			if err := b.ledger.PurgeRows(t.Context(), goes, b.clock); err != nil {
				t.Fatal(err)
			}
			b.views()
			b.expect("after", tc.rows...)
			b.reopen(true)
			b.expect("from the store", tc.rows...)
			if n := len(b.objects()); n != len(loads)-len(goes) {
				t.Errorf("%d objects of %d loads, %d purged", n, len(loads), len(goes))
			}
		})
	}
}

// Purged rows do not come back: not with the same file, not because a newer file
// of the same month is gone, not by a kill before the object was removed.
func TestPurgedRowsDoNotComeBack(t *testing.T) {
	t.Parallel()
	b := setUp(t, payments)
	first, second := month("june.csv", "06", "2022-06-01,A,10.00\n"), month("june_v2.csv", "06", "2022-06-01,A,12.00\n2022-06-31,B,1.00\n")
	b.take(first)
	b.commit()
	record, _, err := b.load(t.Context(), second)
	if err != nil {
		t.Fatal(err)
	}
	b.commit()
	kept := map[string][]byte{}
	for _, path := range b.objects() {
		if kept[path], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	if len(kept) != 3 { // two with rows, one with what is wrong
		t.Fatalf("%d objects", len(kept))
	}
	if err := b.ledger.PurgeRows(t.Context(), []*load.Record{b.ledger.Get(record.ID)}, b.clock); err != nil {
		t.Fatal(err)
	}
	b.views()
	b.expect("purged")
	if n := len(b.objects()); n != 1 {
		t.Errorf("%d objects, want that of the older file", n)
	}
	got := b.ledger.Get(record.ID)
	if got.Status != load.StatusPurged || got.Records != 2 || got.Rows != 1 || got.Quarantined != 1 || len(got.Controls) != len(record.Controls) {
		t.Errorf("what stays of it: %+v", got)
	}
	for _, all := range []bool{false, true} {
		b.loader.Reread = all
		again, fresh, err := b.load(t.Context(), second)
		if err != nil || fresh || again.RowsPurgedAt == nil {
			t.Errorf("read again (all %t): fresh %t, %v", all, fresh, err)
		}
		b.commit()
		b.expect("read again")
	}
	// A kill after the note and before the object was removed.
	for path, data := range kept {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.reopen(true)
	if _, err := b.loader.Store.Sweep(b.ledger.Objects()); err != nil {
		t.Fatal(err)
	}
	aside, err := b.ledger.Reconcile(t.Context())
	if err != nil || len(aside) > 0 || len(b.objects()) != 1 {
		t.Errorf("aside %v, %d objects, %v", aside, len(b.objects()), err)
	}
	b.expect("after the kill")
}
