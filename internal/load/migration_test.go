//go:build duckdb_arrow

package load_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/contract"
	"socialvalue/internal/load"
)

// version1 and version2 are a contract before and after its columns changed.
const version1 = `
version: 1
description: payments
grain: one ledger line
load: {mode: append, identity: occurrence}
columns:
  - {name: paid, type: date, required: true}
  - {name: payee, type: text, required: true}
  - {name: kind, type: code}
  - {name: hours, type: integer}
  - {name: note, type: text}
`

const version2 = `
version: 2
description: payments
grain: one ledger line
migrations:
  - from: 1
    note: the ledger was replaced; kinds got other codes, notes are no longer sent, hours may be halves
    rename: {paid: posting_date, payee: supplier_name}
    recode: {kind: {R: REVENUE, C: CAPITAL}}
    set: {currency: GBP}
    drop: [note]
load: {mode: append, identity: occurrence}
columns:
  - {name: posting_date, type: date, required: true}
  - {name: supplier_name, type: text, required: true}
  - {name: kind, type: code}
  - {name: hours, type: decimal}
  - {name: currency, type: code, required: true}
`

// under lets the site have another contract from the next run on.
func (b *bench) under(text string) {
	b.t.Helper()
	c, err := contract.Parse("pipelines/demo/contracts/payments.yaml", []byte(text))
	if err != nil {
		b.t.Fatal(err)
	}
	b.contract = c
	if err := b.db.Close(); err != nil {
		b.t.Fatal(err)
	}
	b.open()
}

func (b *bench) texts(query string) []string {
	b.t.Helper()
	texts, err := b.db.Texts(b.t.Context(), query)
	if err != nil {
		b.t.Fatal(err)
	}
	return texts
}

// Rows kept under version 1 are read through the written mapping, and are the
// same rows as those taken in under version 2 (architecture §3: contract v2
// reads store v1 through a written mapping).
func TestMigration(t *testing.T) {
	t.Parallel()
	b := setUp(t, version1)
	b.take(file{name: "old.csv", text: "paid,payee,kind,hours,note\n2022-04-01,A,r,3,x\n2022-04-01,A,R,3,x\n2022-04-02,B,X,,\n"})
	b.commit()
	b.under(version2)
	b.views()
	// The first three rows are those of the old file, sent again; a third A is new.
	b.take(file{name: "new.csv", text: "posting_date,supplier_name,kind,hours,currency\n" +
		"2022-04-01,A,REVENUE,3,GBP\n2022-04-02,B,X,,GBP\n2022-04-01,A,revenue,3.0,GBP\n2022-04-01,A,REVENUE,3,GBP\n2022-05-01,C,CAPITAL,7.5,GBP\n"})
	b.commit()
	const all = "select concat_ws('|', posting_date, supplier_name, kind, cast(hours as decimal(9, 1)), currency) from raw.demo_payments order by 1"
	want := []string{
		"2022-04-01|A|REVENUE|3.0|GBP", "2022-04-01|A|REVENUE|3.0|GBP", "2022-04-01|A|REVENUE|3.0|GBP",
		"2022-04-02|B|X|GBP", "2022-05-01|C|CAPITAL|7.5|GBP",
	}
	if diff := cmp.Diff(want, b.texts(all)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if keys := b.texts("select count(distinct line_key) || ' of ' || count(*) from raw.demo_payments"); keys[0] != "5 of 5" {
		t.Errorf("distinct keys: %s", keys[0])
	}
	b.reopen(true)
	if diff := cmp.Diff(want, b.texts(all)); diff != "" {
		t.Errorf("from the store (-want +got)\n%s", diff)
	}
}

func TestRowsOfANewerContract(t *testing.T) {
	t.Parallel()
	b := setUp(t, version2)
	b.take(file{name: "new.csv", text: "posting_date,supplier_name,kind,hours,currency\n2022-04-01,A,REVENUE,3,GBP\n"})
	b.commit()
	b.under(version1)
	failed, err := b.ledger.Views(t.Context(), []*contract.Contract{b.contract})
	const want = "under version 2 of contract demo/payments, and this svw knows version 1: install the newer svw"
	if err != nil || failed["raw.demo_payments"] == nil || !strings.Contains(failed["raw.demo_payments"].Error(), want) {
		t.Errorf("got %v, %v", failed, err)
	}
	_, _, err = b.load(t.Context(), file{name: "old.csv", text: "paid,payee,kind,hours,note\n2022-04-01,A,R,3,x\n"})
	var refusal *load.Refusal
	if !errors.As(err, &refusal) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v", err)
	}
}

// A contract that changed without a word stops its own relation, and taking the
// file in again mends it.
func TestUnwrittenChange(t *testing.T) {
	t.Parallel()
	b := setUp(t, version1)
	b.take(file{name: "a.csv", text: "paid,payee,kind,hours,note\n2022-04-01,A,R,3,x\n"})
	b.commit()
	without := strings.Replace(version1, "  - {name: note, type: text}\n", "", 1)
	b.under(without)
	failed, err := b.ledger.Views(t.Context(), []*contract.Contract{b.contract})
	if err != nil || failed["raw.demo_payments"] == nil || !strings.Contains(failed["raw.demo_payments"].Error(), "they have note, which the contract has no more") {
		t.Errorf("got %v, %v", failed, err)
	}
	b.under(without + "layouts: [{name: by_name, ignore: [note]}]\n")
	b.take(file{name: "a.csv", text: "paid,payee,kind,hours,note\n2022-04-01,A,R,3,x\n"})
	b.commit()
	if got := b.texts("select payee from raw.demo_payments"); len(got) != 1 {
		t.Errorf("got %v", got)
	}
}

// A store that an earlier program wrote under version 1, its loads without what
// later ones say, is read under version 2.
func TestOlderStore(t *testing.T) {
	t.Parallel()
	b := setUp(t, version2)
	if err := os.CopyFS(b.root+"/store", os.DirFS("testdata/store_v1")); err != nil {
		t.Fatal(err)
	}
	b.reopen(true)
	want := []string{"2022-04-01 A REVENUE GBP", "2022-04-02 B X GBP"}
	if diff := cmp.Diff(want, b.texts("select concat_ws(' ', posting_date, supplier_name, kind, currency) from raw.demo_payments order by 1")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A column that is dropped was never kept, so rows of an earlier version have none
// of it; one that is placed is several.
func TestMigrationOfWhatIsNotKept(t *testing.T) {
	t.Parallel()
	text := func(version, paid string) string {
		return version + `
description: payments
grain: one ledger line
load: {mode: append, identity: key, key: [ref]}
columns:
  - {name: ref, type: code, required: true}
  - {name: holder, type: text, personal: direct, action: drop}
  - {name: postcode, type: text, personal: direct, action: place, place: {at: ` + paid + `}}
  - {name: ` + paid + `, type: date, required: true}
`
	}
	b := setUp(t, text("version: 1", "paid"))
	b.take(file{name: "old.csv", text: "ref,holder,postcode,paid\nR1,Ann,L1 1AA,2022-04-01\nR2,Bob,,2022-04-02\n"})
	b.commit()
	b.under(text("version: 2\nmigrations: [{from: 1, note: the day has another name, rename: {paid: posting_date}}]", "posting_date"))
	b.views()
	b.take(file{name: "new.csv", text: "ref,holder,postcode,posting_date\nR2,Bob,,2022-04-02\nR3,Cat,,2022-04-03\n"})
	b.commit()
	const all = "select concat_ws('|', ref, posting_date, place_status) from raw.demo_payments order by ref"
	want := []string{"R1|2022-04-01|unplaced", "R2|2022-04-02|missing", "R3|2022-04-03|missing"}
	if diff := cmp.Diff(want, b.texts(all)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := b.texts("select column_name from duckdb_columns() where table_name = 'demo_payments' and column_name in ('holder', 'postcode')"); len(got) > 0 {
		t.Errorf("kept: %v", got)
	}
}
