//go:build duckdb_arrow

package load_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/load"
)

// inMode is the contract of payments under another load mode.
func inMode(mode string) string {
	return strings.Replace(payments, "load: {mode: replace_period, period: posting_date, identity: occurrence}", "load: "+mode, 1)
}

// Taking a load back makes what it had replaced count again, in each mode; the
// file does not come back by itself, nor when every file is read again, nor when
// the build database is lost; restoring it undoes that (architecture §2.4).
func TestRevert(t *testing.T) {
	t.Parallel()
	const first, second = "2022-06-01,A,10.00\n2022-06-02,B,1.00\n", "2022-06-01,A,12.00\n2022-06-02,B,1.00\n"
	cases := []struct {
		name, contract string
		files          [2]file
		both, reverted []string // the second one is taken back
	}{
		{
			"replace_period", payments,
			[2]file{month("june.csv", "06", first), month("june_v2.csv", "06", second)},
			[]string{"2022-06-01|A|12.00", "2022-06-02|B|1.00"},
			[]string{"2022-06-01|A|10.00", "2022-06-02|B|1.00"},
		},
		{
			"append", inMode("{mode: append, identity: none}"),
			[2]file{{name: "a.csv", text: header + first}, {name: "b.csv", text: header + second}},
			[]string{"2022-06-01|A|10.00", "2022-06-01|A|12.00", "2022-06-02|B|1.00", "2022-06-02|B|1.00"},
			[]string{"2022-06-01|A|10.00", "2022-06-02|B|1.00"},
		},
		{
			"append, equal rows once", inMode("{mode: append, identity: occurrence}"),
			[2]file{{name: "a.csv", text: header + first}, {name: "b.csv", text: header + second}},
			[]string{"2022-06-01|A|10.00", "2022-06-01|A|12.00", "2022-06-02|B|1.00"},
			[]string{"2022-06-01|A|10.00", "2022-06-02|B|1.00"},
		},
		{
			"snapshot", inMode("{mode: snapshot, identity: none}"),
			[2]file{{name: "slice.csv", text: header + first}, {name: "slice.csv", text: header + second}},
			[]string{"2022-06-01|A|12.00", "2022-06-02|B|1.00"},
			[]string{"2022-06-01|A|10.00", "2022-06-02|B|1.00"},
		},
		{
			"overlapping by row", payments,
			[2]file{
				{name: "quarter.csv", text: header + first, start: "2022-04-01", end: "2022-06-30", byRow: true},
				{name: "june.csv", text: header + second, start: "2022-06-01", end: "2022-06-30", byRow: true},
			},
			[]string{"2022-06-01|A|10.00", "2022-06-01|A|12.00", "2022-06-02|B|1.00"},
			[]string{"2022-06-01|A|10.00", "2022-06-02|B|1.00"},
		},
		{
			"upsert", passes,
			[2]file{on("a.csv", first, 1, 0), on("b.csv", "2022-06-01,A,12.00\n2022-06-03,C,3.00\n", 2, 0)},
			[]string{"2022-06-01|A|12.00", "2022-06-02|B|1.00", "2022-06-03|C|3.00"},
			[]string{"2022-06-01|A|10.00", "2022-06-02|B|1.00"},
		},
		{
			"upsert, with a row that takes a key away", changes(),
			[2]file{
				{name: "a.csv", text: changed("2022-06-01,A,10.00,1,\n2022-06-02,B,1.00,1,\n2022-06-03,C,5.00,9,\n")},
				{name: "b.csv", text: changed("2022-06-01,,,2,D\n2022-06-02,B,2.00,2,\n2022-06-03,C,4.00,8,\n")},
			},
			[]string{"2022-06-02|B|2.00", "2022-06-03|C|5.00"},
			[]string{"2022-06-01|A|10.00", "2022-06-02|B|1.00", "2022-06-03|C|5.00"},
		},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := setUp(t, tc.contract)
			b.take(tc.files[0])
			b.commit()
			b.take(tc.files[1])
			b.commit()
			b.expect("both", tc.both...)
			why := load.Reverted{At: b.clock, By: "J. Smith", Reason: "a draft"}
			if err := b.ledger.Revert(t.Context(), []*load.Record{b.newest()}, why); err != nil {
				t.Fatal(err)
			}
			b.views()
			b.expect("reverted", tc.reverted...)
			id := b.newest().ID
			for _, all := range []bool{false, true} {
				b.loader.Reread = all
				record, fresh, err := b.load(t.Context(), tc.files[1])
				if err != nil || fresh || record.Reverted == nil {
					t.Errorf("read again (all %t): fresh %t, %+v, %v", all, fresh, record, err)
				}
				b.commit()
				b.expect("read again", tc.reverted...)
			}
			b.reopen(true)
			b.expect("from the store", tc.reverted...)
			if got := b.ledger.Get(id); got.Status != load.StatusReverted || got.Reverted.By != "J. Smith" {
				t.Errorf("%+v", got)
			}
			if err := b.ledger.Restore(t.Context(), []*load.Record{b.ledger.Get(id)}); err != nil {
				t.Fatal(err)
			}
			b.views()
			b.expect("restored", tc.both...)
			b.reopen(true)
			b.expect("restored, from the store", tc.both...)
		})
	}
}

// newest is the load that was received last.
func (b *bench) newest() *load.Record {
	b.t.Helper()
	var newest *load.Record
	for _, record := range b.ledger.Records("") {
		if newest == nil || record.ReceivedAt.After(newest.ReceivedAt) {
			newest = record
		}
	}
	return newest
}

// Another reading of the same bytes, under a mended contract, does not come back
// either; the same bytes under the right name do.
func TestARevertIsOfADocumentAndItsClaim(t *testing.T) {
	t.Parallel()
	b := setUp(t, payments)
	june := month("june.csv", "06", "2022-06-01,A,10.00\n")
	b.take(june)
	b.commit()
	why := load.Reverted{At: b.clock, By: "J. Smith", Reason: "it is July's"}
	if err := b.ledger.Revert(t.Context(), []*load.Record{b.newest()}, why); err != nil {
		t.Fatal(err)
	}
	june.corrections = []load.Correction{{Row: 2, Column: "amount_gbp", Value: "11.00", Reason: "x", Who: "y", When: "2025-06-01"}}
	b.clock = b.clock.Add(time.Hour)
	if _, fresh, err := b.load(t.Context(), june); err != nil || fresh {
		t.Errorf("read in another way: fresh %t, %v", fresh, err)
	}
	b.commit()
	b.expect("in another way")
	b.take(month("july.csv", "07", "2022-06-01,A,10.00\n"))
	b.commit()
	b.expect("under another claim", "2022-06-01|A|10.00")
}

// A kill between the commit and the notes leaves notes that lag; they are
// rewritten when the ledger is opened, so that the revert outlives the build
// database.
func TestARevertOutlivesAKill(t *testing.T) {
	t.Parallel()
	b := setUp(t, payments)
	b.take(month("june.csv", "06", "2022-06-01,A,10.00\n"))
	b.commit()
	notes, err := filepath.Glob(filepath.Join(b.root, "store", "_loads", "*.json"))
	if err != nil || len(notes) != 1 {
		t.Fatal(notes, err)
	}
	before, err := os.ReadFile(notes[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := b.ledger.Revert(t.Context(), b.ledger.Records(""), load.Reverted{At: b.clock, By: "x", Reason: "y"}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(notes[0], before, 0o600); err != nil {
		t.Fatal(err)
	}
	b.reopen(false)
	b.reopen(true)
	b.expect("reverted")
}

// A corrected cell is judged as if the file had said so; the equation and the
// control totals follow, and its line stays its line.
func TestCorrections(t *testing.T) {
	t.Parallel()
	by := func(row int64, column, value string) load.Correction {
		return load.Correction{Row: row, Column: column, Value: value, Reason: "the invoice", Who: "J. Smith", When: "2025-06-01"}
	}
	// Line 3 is blank, so that rows and lines part; line 6 has too few fields.
	const text = header + "2022-06-01,A,10.00\n\n2022-06-31,B,2.00\n2022-06-02,C,3.005\n2022-06-02,D\n2022-06-03,E,4.00\n"
	cases := []struct {
		name        string
		text        string
		corrections []load.Correction
		rows        []string // line|day|payee|amount
		quarantined int64
		applied     int64
		refused     string
	}{
		{"E26 none, and a row too short", text, nil, []string{"2|2022-06-01|A|10.00", "7|2022-06-03|E|4.00"}, 3, 0, ""},
		{
			"two", text,
			[]load.Correction{by(4, "posting_date", " 2022-06-30 "), by(5, "amount_gbp", "3.01")},
			[]string{"2|2022-06-01|A|10.00", "4|2022-06-30|B|2.00", "5|2022-06-02|C|3.01", "7|2022-06-03|E|4.00"},
			1, 2, "",
		},
		{"to nothing", text, []load.Correction{by(4, "posting_date", "")}, []string{"2|2022-06-01|A|10.00", "4|·|B|2.00", "7|2022-06-03|E|4.00"}, 2, 1, ""},
		{"one that is wrong too", text, []load.Correction{by(5, "amount_gbp", "3.0.1")}, []string{"2|2022-06-01|A|10.00", "7|2022-06-03|E|4.00"}, 3, 1, ""},
		{
			"where there is no cell", text,
			[]load.Correction{by(1, "amount_gbp", "1"), by(3, "amount_gbp", "1"), by(6, "amount_gbp", "1"), by(8, "amount_gbp", "1"), by(900, "amount_gbp", "1")},
			[]string{"2|2022-06-01|A|10.00", "7|2022-06-03|E|4.00"},
			3, 0, "",
		},
		{
			"the total agrees with it", header + "2022-06-01,A,10.00\n2022-06-01,B,2.00\n,TOTAL,13.00\n",
			[]load.Correction{by(3, "amount_gbp", "3.00")},
			[]string{"2|2022-06-01|A|10.00", "3|2022-06-01|B|3.00"},
			0, 1, "",
		},
		{
			"the total does not", header + "2022-06-01,A,10.00\n2022-06-01,B,2.00\n,TOTAL,12.00\n",
			[]load.Correction{by(3, "amount_gbp", "3.00")},
			nil, 0, 0, "look at the corrections of amount_gbp in overrides/",
		},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := setUp(t, strings.Replace(payments, "quarantine_share: 0.5", "quarantine_share: 0.6", 1))
			record, _, err := b.load(t.Context(), file{name: "a.csv", text: tc.text, corrections: tc.corrections})
			if tc.refused != "" {
				if err == nil || !strings.Contains(err.Error(), tc.refused) {
					t.Errorf("got %v, want that it says %q", err, tc.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			b.commit()
			got, err := b.db.Texts(t.Context(), "select concat_ws('|', _source_row, coalesce(cast(posting_date as varchar), '·'), supplier_name, amount_gbp) from raw.demo_payments order by _source_row")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.rows, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if record.Quarantined != tc.quarantined || record.Corrected() != tc.applied {
				t.Errorf("%d quarantined, %d corrected", record.Quarantined, record.Corrected())
			}
		})
	}
}

// A correction that is changed or withdrawn is another reading of the same bytes.
func TestACorrectionThatChanges(t *testing.T) {
	t.Parallel()
	b := setUp(t, payments)
	june := month("june.csv", "06", "2022-06-01,A,10.00\n2022-06-31,B,2.00\n")
	as := func(value string) []load.Correction {
		return []load.Correction{{Row: 3, Column: "posting_date", Value: value, Reason: "x", Who: "y", When: "2025-06-01"}}
	}
	for _, step := range []struct {
		corrections []load.Correction
		want        []string
	}{
		{nil, []string{"2022-06-01|A|10.00"}},
		{as("2022-06-30"), []string{"2022-06-01|A|10.00", "2022-06-30|B|2.00"}},
		{as("2022-06-29"), []string{"2022-06-01|A|10.00", "2022-06-29|B|2.00"}},
		{nil, []string{"2022-06-01|A|10.00"}},
		{as("2022-06-30"), []string{"2022-06-01|A|10.00", "2022-06-30|B|2.00"}},
	} {
		june.corrections = step.corrections
		b.take(june)
		b.commit()
		b.expect("corrected", step.want...)
	}
	if n := len(b.ledger.Records("")); n != 3 {
		t.Errorf("%d loads, want one for each way of reading", n)
	}
}
