//go:build duckdb_arrow

package load_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"socialvalue/internal/load"
)

// feed is a contract of one load mode, and how a row of its files is written.
type feed struct {
	contract string
	row      func(t *rapid.T, day int) string
	header   string
}

// feeds are contracts of each load mode.
func feeds() map[string]feed {
	claims := strings.Replace(payments, "min_rows: 1", "min_rows: 0", 1)
	line := func(t *rapid.T, day int) string {
		return fmt.Sprintf("2022-01-%02d,A,%d.00\n", day, rapid.IntRange(1, 2).Draw(t, "pounds"))
	}
	change := func(t *rapid.T, day int) string {
		row := fmt.Sprintf("2022-01-%02d,A,%d.00,%d,", day, rapid.IntRange(1, 2).Draw(t, "pounds"), rapid.IntRange(1, 3).Draw(t, "revision"))
		return row + rapid.SampledFrom([]string{"", "", "D"}).Draw(t, "change") + "\n"
	}
	return map[string]feed{
		"replace_period":   {claims, line, header},
		"append":           {strings.Replace(claims, "mode: replace_period", "mode: append", 1), line, header},
		"append, by key":   {strings.Replace(passes, "mode: upsert", "mode: append", 1), line, header},
		"append, all rows": {strings.Replace(claims, "mode: replace_period, period: posting_date, identity: occurrence", "mode: append, identity: none", 1), line, header},
		"snapshot":         {strings.Replace(claims, "mode: replace_period, period: posting_date", "mode: snapshot", 1), line, header},
		"upsert":           {passes, line, header},
		"upsert, newest":   {changes(), change, changed("")},
	}
}

// files draws small files of few distinct rows that claim one of two days, or
// none. Their names are those of the order in which they are drawn.
func (f feed) files() *rapid.Generator[[]file] {
	one := rapid.Custom(func(t *rapid.T) file {
		var text strings.Builder
		text.WriteString(f.header)
		for _, day := range rapid.SliceOfNDistinct(rapid.IntRange(1, 3), 1, 3, rapid.ID[int]).Draw(t, "days") {
			text.WriteString(f.row(t, day))
		}
		drawn := file{text: text.String(), modified: time.Date(2022, 1, rapid.IntRange(1, 2).Draw(t, "changed"), 0, 0, 0, 0, time.UTC)}
		if claimed := rapid.IntRange(0, 2).Draw(t, "claimed"); claimed > 0 {
			drawn.start = fmt.Sprintf("2022-02-%02d", claimed)
			drawn.end = drawn.start
		}
		return drawn
	})
	return rapid.Custom(func(t *rapid.T) []file {
		drawn := rapid.SliceOfNDistinct(one, 2, 4, func(f file) string { return f.text }).Draw(t, "files")
		for i := range drawn {
			drawn[i].name = fmt.Sprintf("%d.csv", i)
			drawn[i].modified = drawn[i].modified.Add(time.Duration(i) * time.Minute)
		}
		return drawn
	})
}

// Any order of arrival, in any batches, gives the same rows and keys in each
// load mode, and rows that count and rows that do not add up to those kept.
func TestOrderOfArrivalInEachMode(t *testing.T) {
	t.Parallel()
	for mode, feed := range feeds() {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			for example := range orders {
				drawn := feed.files().Example(example)
				want := arrive(t, feed.contract, drawn, example%2 == 0)
				shuffled := rapid.Permutation(drawn).Example(example)
				if diff := cmp.Diff(want, arrive(t, feed.contract, shuffled, example%3 == 0)); diff != "" {
					t.Errorf("example %d (-one order +the other)\n%s", example, diff)
				}
			}
		})
	}
}

// What is left when files are taken back is what there would be had they never
// come: in each load mode, in whatever order files come and are taken back, also
// when it is made again from the store. When they are restored all is as if
// nothing had been taken back (architecture §2.4).
func TestRevertsInEachMode(t *testing.T) {
	t.Parallel()
	for mode, feed := range feeds() {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			for example := range orders {
				drawn := feed.files().Example(example)
				draft := rapid.SliceOfN(rapid.Bool(), len(drawn), len(drawn)).Example(example)
				var good []file
				for i, f := range drawn {
					if !draft[i] {
						good = append(good, f)
					}
				}
				want, all := arrive(t, feed.contract, good, true), arrive(t, feed.contract, drawn, true)

				b := setUp(t, feed.contract)
				var drafts []*load.Record
				for step, i := range rapid.Permutation(indexes(len(drawn))).Example(example) {
					record, _, err := b.load(t.Context(), drawn[i])
					if err != nil {
						t.Fatal(err)
					}
					b.commit()
					if draft[i] {
						drafts = append(drafts, record)
					}
					if step%2 == 0 { // some are taken back before the others come
						b.revert(drafts...)
					}
				}
				b.revert(drafts...)
				if diff := cmp.Diff(want, b.account()); diff != "" {
					t.Errorf("example %d, reverted (-never came +taken back)\n%s", example, diff)
				}
				b.reopen(true)
				if diff := cmp.Diff(want, b.account()); diff != "" {
					t.Errorf("example %d, from the store (-never came +taken back)\n%s", example, diff)
				}
				for _, draft := range drafts {
					if err := b.ledger.Restore(t.Context(), []*load.Record{b.ledger.Get(draft.ID)}); err != nil {
						t.Fatal(err)
					}
				}
				b.views()
				if diff := cmp.Diff(all, b.account()); diff != "" {
					t.Errorf("example %d, restored (-never taken back +restored)\n%s", example, diff)
				}
				b.drop()
			}
		})
	}
}

func indexes(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// revert takes loads back, one after the other.
func (b *bench) revert(records ...*load.Record) {
	b.t.Helper()
	for _, record := range records {
		why := load.Reverted{At: b.clock, By: "J. Smith", Reason: "a draft"}
		if err := b.ledger.Revert(b.t.Context(), []*load.Record{b.ledger.Get(record.ID)}, why); err != nil {
			b.t.Fatal(err)
		}
	}
	b.views()
}

// arrive takes files in and returns the rows that count.
func arrive(t *testing.T, contract string, files []file, together bool) []string {
	t.Helper()
	b := setUp(t, contract)
	for _, f := range files {
		if _, _, err := b.load(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		if !together {
			b.commit()
		}
	}
	b.commit()
	rows := b.account()
	b.drop()
	return rows
}

// account returns the rows that count, with their keys, and proves that the
// others are accounted for.
func (b *bench) account() []string {
	b.t.Helper()
	rows, err := b.db.Texts(b.t.Context(), "select concat_ws('|', posting_date, supplier_name, amount_gbp, line_key, _source_file, _source_row) from raw.demo_payments order by 1")
	if err != nil {
		b.t.Fatal(err)
	}
	duplicates, err := b.ledger.Duplicates(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	var kept, replaced int64
	for _, record := range b.ledger.Records("") {
		if record.Status == load.StatusActive {
			kept += record.Rows
			replaced += duplicates[record.ID]
		} else if duplicates[record.ID] > 0 {
			b.t.Errorf("%s is %s and has %d duplicates", record.File, record.Status, duplicates[record.ID])
		}
	}
	if kept != int64(len(rows))+replaced {
		b.t.Errorf("%d rows kept, %d count and %d do not", kept, len(rows), replaced)
	}
	return rows
}

// drop gives the database of a bench back: there is one for each example.
func (b *bench) drop() {
	b.t.Helper()
	if err := b.db.Close(); err != nil {
		b.t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(b.root, "build")); err != nil {
		b.t.Fatal(err)
	}
}
