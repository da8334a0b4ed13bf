//go:build duckdb_arrow

package load_test

import (
	stdcmp "cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/contract"
	"socialvalue/internal/extract"
	"socialvalue/internal/landing"
	"socialvalue/internal/load"
	"socialvalue/internal/pseudonym"
	"socialvalue/internal/store"
	"socialvalue/internal/warehouse"
)

// bench is a warehouse in a temporary folder with one contract.
type bench struct {
	t        *testing.T
	root     string
	db       *warehouse.DB
	ledger   *load.Ledger
	loader   *load.Loader
	landing  *landing.Store
	contract *contract.Contract
	clock    time.Time
	only     string // the one source of the site; empty: ledger and other
	key      *pseudonym.Key
}

const payments = `
version: 1
description: payments
grain: one ledger line
load: {mode: replace_period, period: posting_date, identity: occurrence}
limits: {quarantine_share: 0.5, quarantine_max: 5, min_rows: 1}
control: [{sum: amount_gbp, from: footer}]
skip: [{rule: total, when: "supplier_name = 'TOTAL'"}]
columns:
  - {name: posting_date, type: date, aliases: [Posted]}
  - {name: supplier_name, type: text, required: true, aliases: [Payee]}
  - {name: amount_gbp, type: money, required: true, aliases: [Net]}
`

func setUp(t *testing.T, text string) *bench {
	t.Helper()
	b := &bench{t: t, root: t.TempDir(), clock: time.Date(2025, 6, 30, 2, 30, 0, 0, time.UTC)}
	c, err := contract.Parse("pipelines/demo/contracts/payments.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	b.contract = c
	b.landing = landing.NewStore(filepath.Join(b.root, "landing"), landing.DefaultLimits())
	b.open()
	return b
}

func (b *bench) open() {
	b.t.Helper()
	ctx := b.t.Context()
	for _, dir := range []string{"build", "work", "drop"} {
		if err := os.MkdirAll(filepath.Join(b.root, dir), 0o750); err != nil {
			b.t.Fatal(err)
		}
	}
	db, err := warehouse.Open(ctx, filepath.Join(b.root, "build", "build.duckdb"), warehouse.Options{Threads: 2})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = db.Close() })
	b.db = db
	st := store.New(filepath.Join(b.root, "store"))
	if b.ledger, err = load.OpenLedger(ctx, db, st, b.sources(), []*contract.Contract{b.contract}); err != nil {
		b.t.Fatal(err)
	}
	b.loader = &load.Loader{DB: db, Store: st, Ledger: b.ledger, WorkDir: filepath.Join(b.root, "work"), Now: func() time.Time { return b.clock }, RunID: "r1"}
}

// file is a file to load, with what its name would claim.
type file struct {
	name, text string
	start, end string
	byRow      bool
	source     string    // empty: ledger
	modified   time.Time // zero: now

	corrections []load.Correction
	constants   map[string]string
}

func (b *bench) load(ctx context.Context, f file) (*load.Record, bool, error) {
	b.t.Helper()
	source, arrived, err := b.arrive(ctx, f)
	if err != nil {
		return nil, false, err
	}
	return b.loader.Load(ctx, source, arrived.File, arrived.Document)
}

// arrive lands a file.
func (b *bench) arrive(ctx context.Context, f file) (load.Source, load.Arrived, error) {
	b.t.Helper()
	path := filepath.Join(b.root, "drop", f.name)
	if err := os.WriteFile(path, []byte(f.text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	if !f.modified.IsZero() {
		if err := os.Chtimes(path, f.modified, f.modified); err != nil {
			b.t.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		b.t.Fatal(err)
	}
	landed, err := b.landing.Land(ctx, stdcmp.Or(f.source, "ledger"), extract.FromInfo(path, "drop/"+f.name, info))
	if err != nil {
		b.t.Fatal(err)
	}
	contents, err := b.landing.Open(ctx, landed)
	if err != nil {
		return load.Source{}, load.Arrived{}, err
	}
	source := load.Source{Name: stdcmp.Or(f.source, "ledger"), Body: "E1", Contract: b.contract, OverlapByRow: f.byRow, Key: b.key, KeyGroup: "people"}
	return source, load.Arrived{File: load.File{
		Name: "drop/" + f.name, SHA256: landed.SHA256, Bytes: landed.Size, Modified: info.ModTime(), PeriodStart: f.start, PeriodEnd: f.end,
		Corrections: f.corrections, Constants: f.constants,
	}, Document: contents.Documents[0]}, nil
}

func (b *bench) commit() {
	b.t.Helper()
	ctx := b.t.Context()
	if err := b.loader.Commit(ctx); err != nil {
		b.t.Fatal(err)
	}
	b.views()
}

// views makes the raw relation; every object must be readable.
func (b *bench) views() {
	b.t.Helper()
	failed, err := b.ledger.Views(b.t.Context(), []*contract.Contract{b.contract})
	if err != nil || len(failed) > 0 {
		b.t.Fatal(err, failed)
	}
}

// sources are those of the site of the bench.
func (b *bench) sources() map[string]bool {
	if b.only != "" {
		return map[string]bool{b.only: true}
	}
	return map[string]bool{"ledger": true, "other": true}
}

// rows returns the active rows as text, in order.
func (b *bench) rows() []string {
	b.t.Helper()
	rows, err := b.db.Texts(b.t.Context(), `select concat_ws('|', posting_date, supplier_name, amount_gbp) from raw.demo_payments order by 1`)
	if err != nil {
		b.t.Fatal(err)
	}
	return rows
}

func TestEveryRecordIsAccountedFor(t *testing.T) {
	t.Parallel()
	b := setUp(t, payments)
	text := "Posted,Payee,Net\n" +
		"2022-04-01,A,10.00\n" + // 2
		"\n" +
		"2022-04-01,A,10.00\n" + // 4: equal line, real money
		"2022-04-31,B,5.00\n" + // 5: impossible date, its money can be read
		"2022-04-02,C,12.345\n" + // 6: money that cannot be read
		"2022-04-02,D\n" + // 7: ragged
		"2022-04-03,\"E, F\",\"1,000.00\"\n" + // 8
		",,\n" + // 9: blank
		",TOTAL,\"1,037.35\"\n" // 10
	record, fresh, err := b.load(t.Context(), file{name: "a.csv", text: text})
	if err != nil || !fresh {
		t.Fatalf("fresh %v, %v", fresh, err)
	}
	b.commit()
	got := map[string]any{
		"records": record.Records, "rows": record.Rows, "quarantined": record.Quarantined, "skipped": record.Skipped, "controls": record.Controls,
	}
	want := map[string]any{
		"records": int64(9), "rows": int64(3), "quarantined": int64(3), "skipped": map[string]int64{"blank": 2, "total": 1},
		"controls": []load.ControlResult{{Column: "amount_gbp", SumRows: "1020.00", SumQuarantined: "5.00", Unreadable: 2, Footer: "1037.35", Difference: "12.35"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	lines, err := b.db.Texts(t.Context(), "select _source_row || ':' || amount_gbp from raw.demo_payments order by _source_row")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2:10.00", "4:10.00", "8:1000.00"}, lines); diff != "" {
		t.Errorf("lines (-want +got)\n%s", diff)
	}
	reasons, err := b.db.Texts(t.Context(), "select source_row || ':' || column_name || ':' || rule || ':' || value from read_parquet("+
		warehouse.Text(filepath.Join(b.root, "store", load.QuarantineRelation, record.QuarantineSHA256+".parquet"))+")")
	if err != nil {
		t.Fatal(err)
	}
	want2 := []string{"5:posting_date:impossible_date:2022-04-31", "6:amount_gbp:not_money:12.345", "7::too_few_fields:2022-04-02,D"}
	if diff := cmp.Diff(want2, reasons); diff != "" {
		t.Errorf("quarantine (-want +got)\n%s", diff)
	}
}

func TestTheSameBytesLoadOnce(t *testing.T) {
	t.Parallel()
	b := setUp(t, payments)
	const text = "Posted,Payee,Net\n2022-04-01,A,10.00\n"
	first, _, err := b.load(t.Context(), file{name: "a.csv", text: text})
	if err != nil {
		t.Fatal(err)
	}
	b.commit()
	again, fresh, err := b.load(t.Context(), file{name: "renamed.csv", text: text})
	if err != nil || fresh || again.ID != first.ID {
		t.Errorf("fresh %v, %v", fresh, err)
	}
}

func TestControlTotalMustAgreeToThePenny(t *testing.T) {
	t.Parallel()
	b := setUp(t, payments)
	_, _, err := b.load(t.Context(), file{name: "a.csv", text: "Posted,Payee,Net\n2022-04-01,A,10.00\n,TOTAL,10.01\n"})
	var refusal *load.Refusal
	if !errors.As(err, &refusal) || !strings.Contains(err.Error(), "difference 0.01") {
		t.Errorf("got %v", err)
	}
}

func TestTooManyWrongRowsRefuseTheFile(t *testing.T) {
	t.Parallel()
	b := setUp(t, payments)
	var text strings.Builder
	text.WriteString("Posted,Payee,Net\n")
	for i := range 20 {
		fmt.Fprintf(&text, "2022-04-01,A,%d.123\n", i)
	}
	_, _, err := b.load(t.Context(), file{name: "a.csv", text: text.String()})
	if err == nil || !strings.Contains(err.Error(), "drop/a.csv:2: refused: 20 of 20 rows are wrong") || !strings.Contains(err.Error(), `column amount_gbp ("0.123"): must be an amount`) {
		t.Errorf("got %v", err)
	}
}

// Any order of arrival gives the same rows (architecture §2.3: the copy in the
// file with the least claimed period and hash counts).
func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	t.Parallel()
	files := []file{
		{name: "april.csv", text: "Posted,Payee,Net\n2022-04-01,A,10.00\n2022-04-01,A,10.00\n2022-04-05,B,1.00\n", start: "2022-04-01", end: "2022-04-30", byRow: true},
		{name: "quarter.csv", text: "Posted,Payee,Net\n2022-04-01,A,10.00\n2022-04-05,B,1.00\n2022-05-05,C,7.00\n2022-04-01,A,10.00\n2022-04-01,A,10.00\n", start: "2022-04-01", end: "2022-06-30", byRow: true},
		{name: "may.csv", text: "Posted,Payee,Net\n2022-05-05,C,7.00\n2022-05-06,C,8.00\n", start: "2022-05-01", end: "2022-05-31", byRow: true},
	}
	want := []string{
		"2022-04-01|A|10.00", "2022-04-01|A|10.00", "2022-04-01|A|10.00", "2022-04-05|B|1.00", "2022-05-05|C|7.00", "2022-05-06|C|8.00",
	}
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {1, 2, 0}} {
		for _, together := range []bool{true, false} {
			b := setUp(t, payments)
			for _, i := range order {
				if _, _, err := b.load(t.Context(), files[i]); err != nil {
					t.Fatal(err)
				}
				if !together {
					b.commit()
				}
			}
			b.commit()
			if diff := cmp.Diff(want, b.rows()); diff != "" {
				t.Errorf("order %v, together %v (-want +got)\n%s", order, together, diff)
			}
			counts, err := b.ledger.Duplicates(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var duplicates int64
			for _, n := range counts {
				duplicates += n
			}
			if duplicates != 4 {
				t.Errorf("order %v, together %v: %d duplicates", order, together, duplicates)
			}
		}
	}
}

func TestLedgerIsRebuiltFromTheStore(t *testing.T) {
	t.Parallel()
	b := setUp(t, payments)
	if _, _, err := b.load(t.Context(), file{name: "a.csv", text: "Posted,Payee,Net\n2022-04-01,A,10.00\n"}); err != nil {
		t.Fatal(err)
	}
	b.commit()
	want := b.rows()
	if err := b.db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(b.root, "build")); err != nil {
		t.Fatal(err)
	}
	b.open()
	b.commit()
	if diff := cmp.Diff(want, b.rows()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestPartlyOverlappingClaimsAreRefusedUnlessByRow(t *testing.T) {
	t.Parallel()
	b := setUp(t, payments)
	quarter := file{name: "q1.csv", text: "Posted,Payee,Net\n2022-04-01,A,10.00\n", start: "2022-04-01", end: "2022-06-30"}
	june := file{name: "june.csv", text: "Posted,Payee,Net\n2022-06-01,B,1.00\n", start: "2022-06-01", end: "2022-06-30"}
	if _, _, err := b.load(t.Context(), quarter); err != nil {
		t.Fatal(err)
	}
	for _, committed := range []bool{false, true} {
		_, _, err := b.load(t.Context(), june)
		if err == nil || !strings.Contains(err.Error(), "partly overlaps 2022-04-01 to 2022-06-30 claimed by drop/q1.csv") {
			t.Errorf("committed %v: got %v", committed, err)
		}
		b.commit()
	}
	june.byRow = true
	if _, _, err := b.load(t.Context(), june); err != nil {
		t.Error(err)
	}
}

// A newer file of the same period supersedes the older, whichever comes first.
func TestReissueSupersedes(t *testing.T) {
	t.Parallel()
	b := setUp(t, payments)
	old := file{name: "june.csv", text: "Posted,Payee,Net\n2022-06-01,A,10.00\n2022-06-02,B,1.00\n", start: "2022-06-01", end: "2022-06-30"}
	if _, _, err := b.load(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	b.commit()
	time.Sleep(10 * time.Millisecond) // the file system's clock decides which is newer
	amended := file{name: "june_v2.csv", text: "Posted,Payee,Net\n2022-06-01,A,12.00\n2022-06-02,B,1.00\n", start: "2022-06-01", end: "2022-06-30"}
	if _, _, err := b.load(t.Context(), amended); err != nil {
		t.Fatal(err)
	}
	b.commit()
	if diff := cmp.Diff([]string{"2022-06-01|A|12.00", "2022-06-02|B|1.00"}, b.rows()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
