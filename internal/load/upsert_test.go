//go:build duckdb_arrow

package load_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"socialvalue/internal/load"
)

// passes is a feed of which the newest row of a key counts.
const passes = `
version: 1
description: passes
grain: one pass
load: {mode: upsert, identity: key, key: [posting_date]}
columns:
  - {name: posting_date, type: date, required: true, aliases: [Posted]}
  - {name: supplier_name, type: text, required: true, aliases: [Payee]}
  - {name: amount_gbp, type: money, required: true, aliases: [Net]}
`

// changes is the same feed with a column that says which row is newest and one
// that says that it is gone.
func changes() string {
	return strings.Replace(passes, "key: [posting_date]}", "key: [posting_date], newest: revision, deleted: {column: change, values: [D]}}", 1) +
		"  - {name: revision, type: integer, required: true}\n  - {name: change, type: code}\n"
}

// on is a file that was changed on a day of 2022 and, perhaps, claims one.
func on(name, rows string, modified, claimed int) file {
	f := file{name: name, text: header + rows, modified: time.Date(2022, 1, modified, 0, 0, 0, 0, time.UTC)}
	if claimed > 0 {
		f.start = fmt.Sprintf("2022-02-%02d", claimed)
		f.end = f.start
	}
	return f
}

func changed(rows string) string {
	return "Posted,Payee,Net,revision,change\n" + rows
}

func TestUpsert(t *testing.T) {
	t.Parallel()
	first := on("first.csv", "2022-01-01,A,1.00\n2022-01-02,B,2.00\n", 1, 0)
	second := on("second.csv", "2022-01-01,A,1.50\n2022-01-03,C,3.00\n", 2, 0)
	cases := []struct {
		name     string
		contract string
		files    []file
		want     []string
		unused   int64 // rows of which a newer one counts, and deletions
	}{
		{
			name: "the file changed last has the newest row of a key", contract: passes, files: []file{first, second},
			want: []string{"2022-01-01|A|1.50", "2022-01-02|B|2.00", "2022-01-03|C|3.00"}, unused: 1,
		},
		{
			name: "a claimed day comes before the time of change", contract: passes,
			files: []file{on("a.csv", "2022-01-01,A,1.00\n", 9, 1), on("b.csv", "2022-01-01,A,2.00\n", 1, 2)},
			want:  []string{"2022-01-01|A|2.00"}, unused: 1,
		},
		{
			name: "the same bytes of another day are its word", contract: passes,
			files: []file{
				on("a.csv", "2022-01-01,A,1.00\n", 1, 1), on("b.csv", "2022-01-01,A,2.00\n", 2, 2), on("c.csv", "2022-01-01,A,1.00\n", 3, 3),
			},
			want: []string{"2022-01-01|A|1.00"}, unused: 2,
		},
		{
			name: "the contract's column comes before everything", contract: changes(),
			files: []file{
				{name: "a.csv", text: changed("2022-01-01,A,9.00,9,\n"), modified: first.modified},
				{name: "b.csv", text: changed("2022-01-01,A,2.00,2,\n2022-01-01,A,3.00,3,\n2022-01-02,B,1.00,1,\n"), modified: second.modified},
			},
			want: []string{"2022-01-01|A|9.00", "2022-01-02|B|1.00"}, unused: 2,
		},
		{
			name: "the newest row takes its key away, and needs no more than key and marker", contract: changes(),
			files: []file{
				{name: "a.csv", text: changed("2022-01-01,A,1.00,1,\n2022-01-02,B,1.00,1,\n2022-01-03,C,1.00,1,\n"), modified: first.modified},
				{name: "b.csv", text: changed("2022-01-01,,,2,d\n2022-01-02,,,0,D\n2022-01-03,,,2,D\n2022-01-03,C,4.00,3,\n"), modified: second.modified},
			},
			want: []string{"2022-01-02|B|1.00", "2022-01-03|C|4.00"}, unused: 5,
		},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for _, order := range permutations(len(tc.files)) {
				b := setUp(t, tc.contract)
				var loads []*load.Record
				for _, i := range order {
					record, _, err := b.load(t.Context(), tc.files[i])
					if err != nil {
						t.Fatal(err)
					}
					loads = append(loads, record)
					b.commit()
				}
				b.expect(fmt.Sprint("order ", order), tc.want...)
				b.expectEquation(loads, tc.unused)
				b.reopen(true)
				b.expect("from the store", tc.want...)
				b.expectEquation(loads, tc.unused)
			}
		})
	}
}

// expectEquation holds the counts of loads against the rows of the relation:
// every record is loaded, replaced, quarantined or skipped.
func (b *bench) expectEquation(loads []*load.Record, unused int64) {
	b.t.Helper()
	duplicates, err := b.ledger.Duplicates(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	var records, other, replaced int64
	for _, record := range loads {
		records += record.Records
		other += record.Quarantined + record.SkippedTotal()
		replaced += duplicates[record.ID]
	}
	if rows := int64(len(b.rows())); replaced != unused || records != rows+replaced+other {
		b.t.Errorf("%d records, %d rows, %d replaced (want %d), %d others", records, rows, replaced, unused, other)
	}
}

func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{{}}
	}
	var all [][]int
	for _, shorter := range permutations(n - 1) {
		for at := range n {
			all = append(all, slices.Insert(slices.Clone(shorter), at, n-1))
		}
	}
	return all
}

func TestUpsertContradiction(t *testing.T) {
	t.Parallel()
	b := setUp(t, strings.Replace(changes(), "grain: one pass", "grain: one pass\nlimits: {quarantine_share: 1}", 1))
	record, _, err := b.load(t.Context(), file{name: "a.csv", text: changed("2022-01-01,A,1.00,1,\n2022-01-01,A,2.00,1,\n2022-01-01,A,2.00,2,\n")})
	if err != nil || record.Quarantined != 1 || record.Rows != 2 {
		t.Errorf("%+v, %v", record, err)
	}
}
