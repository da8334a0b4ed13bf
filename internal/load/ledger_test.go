//go:build duckdb_arrow

package load_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/contract"
)

// month is a file that claims a month of 2022.
func month(name, number, rows string) file {
	return file{name: name, text: header + rows, start: "2022-" + number + "-01", end: "2022-" + number + "-28"}
}

// take loads files one after the other, each changed later than the one before.
func (b *bench) take(files ...file) {
	b.t.Helper()
	for _, f := range files {
		time.Sleep(5 * time.Millisecond) // the file system's clock tells them apart
		b.clock = b.clock.Add(time.Minute)
		if _, _, err := b.load(b.t.Context(), f); err != nil {
			b.t.Fatal(err)
		}
	}
}

// reopen closes the database and opens it again, as the next run does.
func (b *bench) reopen(dropBuild bool) {
	b.t.Helper()
	if err := b.db.Close(); err != nil {
		b.t.Fatal(err)
	}
	if dropBuild {
		if err := os.RemoveAll(filepath.Join(b.root, "build")); err != nil {
			b.t.Fatal(err)
		}
	}
	b.open()
	b.views()
}

func (b *bench) expect(what string, want ...string) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.rows()); diff != "" {
		b.t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

func TestRestoredFileCountsAgain(t *testing.T) {
	t.Parallel()
	b := setUp(t, payments)
	for _, amount := range []string{"10.00", "99.00", "10.00"} {
		b.take(month("june.csv", "06", "2022-06-01,A,"+amount+"\n"))
		b.commit()
		b.expect("after "+amount, "2022-06-01|A|"+amount)
	}
	b.reopen(true)
	b.expect("from the store", "2022-06-01|A|10.00")
}

func TestRevertedContractTakesEffect(t *testing.T) {
	t.Parallel()
	b := setUp(t, payments)
	wrong, err := contract.Parse("pipelines/demo/contracts/payments.yaml",
		[]byte(strings.Replace(payments, "type: text, required: true", "type: text, required: true, recode: {A: WRONG}", 1)))
	if err != nil {
		t.Fatal(err)
	}
	right := b.contract
	june := month("june.csv", "06", "2022-06-01,A,10.00\n")
	for _, step := range []struct {
		contract *contract.Contract
		want     string
	}{{right, "A"}, {wrong, "WRONG"}, {right, "A"}} {
		b.contract = step.contract
		b.take(june)
		b.commit()
		b.expect("supplier", "2022-06-01|"+step.want+"|10.00")
	}
}

// A row of a source that is no longer configured must not stand in for its
// copy in one that is.
func TestRenamedSourceLosesNoRow(t *testing.T) {
	t.Parallel()
	b := setUp(t, payments)
	var want []string
	for _, source := range []string{"ledger", "other"} {
		want = nil
		for _, number := range []string{"01", "02", "03", "04", "05", "06"} {
			f := month(number+".csv", number, "2022-"+number+"-01,A,10.00\n")
			f.source = source
			b.take(f)
			want = append(want, "2022-"+number+"-01|A|10.00")
		}
		b.commit()
	}
	b.expect("both sources", want...)
	b.only = "other"
	b.reopen(false)
	b.expect("after the first source is gone", want...)
	b.only = "ledger"
	b.reopen(false)
	b.expect("after the other one is gone", want...)
}

func TestOlderObjectsAreReadAsTheContractStandsNow(t *testing.T) {
	t.Parallel()
	b := setUp(t, strings.Replace(payments, "{name: amount_gbp, type: money", "{name: hours, type: integer}\n  - {name: amount_gbp, type: money", 1))
	for _, hours := range []string{"1", "2", "3", "4"} {
		b.take(file{name: "a" + hours + ".csv", text: "Posted,Payee,hours,Net\n2022-06-01,A," + hours + ",10.00\n"})
	}
	b.commit()
	wider, err := contract.Parse("pipelines/demo/contracts/payments.yaml", []byte(strings.Replace(payments,
		"{name: amount_gbp, type: money", "{name: hours, type: decimal}\n  - {name: cost_centre, type: text}\n  - {name: amount_gbp, type: money", 1)))
	if err != nil {
		t.Fatal(err)
	}
	b.contract = wider
	b.views()
	b.take(file{name: "b.csv", text: "Posted,Payee,hours,cost_centre,Net\n2022-06-02,B,7.5,C1,10.00\n"})
	b.commit()
	got, err := b.db.Texts(t.Context(), "select concat_ws(' ', cast(hours as decimal(9, 1)), coalesce(cost_centre, '-'), typeof(hours)) from raw.demo_payments order by hours")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1.0 - DECIMAL(38,10)", "2.0 - DECIMAL(38,10)", "3.0 - DECIMAL(38,10)", "4.0 - DECIMAL(38,10)", "7.5 C1 DECIMAL(38,10)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// April's file delivered as May's by mistake is refused; May's money stays.
func TestSameBytesUnderTwoClaims(t *testing.T) {
	t.Parallel()
	for _, together := range []bool{true, false} {
		b := setUp(t, payments)
		b.take(month("2022-04.csv", "04", "2022-04-01,A,10.00\n"), month("2022-05.csv", "05", "2022-05-01,B,5.00\n"))
		b.commit()
		b.take(month("2022-04_v2.csv", "04", "2022-04-01,A,11.00\n"))
		if !together {
			b.commit()
		}
		_, _, err := b.load(t.Context(), month("2022-05_v2.csv", "05", "2022-04-01,A,11.00\n"))
		if err == nil || !strings.Contains(err.Error(), "it has the bytes of drop/2022-04_v2.csv") {
			t.Errorf("together %v: got %v", together, err)
		}
		b.commit()
		b.expect("May stands", "2022-04-01|A|11.00", "2022-05-01|B|5.00")
	}
}

func TestSameBytesUnderTwoNamesInOneBatch(t *testing.T) {
	t.Parallel()
	b := setUp(t, payments)
	b.take(month("a.csv", "06", "2022-06-01,A,10.00\n"))
	record, fresh, err := b.load(t.Context(), month("resent.csv", "06", "2022-06-01,A,10.00\n"))
	if err != nil || fresh || record.File != "drop/a.csv" {
		t.Errorf("fresh %v, %v", fresh, err)
	}
	b.commit()
	b.expect("once", "2022-06-01|A|10.00")
}

// A claim that is given later is a new reading of the same file, and the next
// correction replaces it.
func TestClaimGivenLater(t *testing.T) {
	t.Parallel()
	b := setUp(t, payments)
	june := month("june.csv", "06", "2022-06-01,A,10.00\n")
	unclaimed := june
	unclaimed.start, unclaimed.end = "", ""
	b.take(unclaimed)
	b.commit()
	b.take(june)
	b.commit()
	b.expect("claimed", "2022-06-01|A|10.00")
	b.take(month("june_v2.csv", "06", "2022-06-01,A,12.00\n"))
	b.commit()
	b.expect("corrected", "2022-06-01|A|12.00")
	b.reopen(true)
	b.expect("from the store", "2022-06-01|A|12.00")
}

// A crash between the notes of a winner and of its loser, and then the loss of
// the build database, must not make both count.
func TestStatusFollowsFromTheLoadsAlone(t *testing.T) {
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
	b.take(month("june_v2.csv", "06", "2022-06-01,A,12.00\n"))
	b.commit()
	if err := os.Chmod(notes[0], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(notes[0], before, 0o600); err != nil { // the loser's note was never rewritten
		t.Fatal(err)
	}
	b.reopen(true)
	b.expect("from the store", "2022-06-01|A|12.00")
}

func TestNoCopyOfAFileStaysInTheWorkFolder(t *testing.T) {
	t.Parallel()
	b := setUp(t, payments)
	b.take(file{name: "ragged.csv", text: header + "2022-06-01,A,10.00\n2022-06-02,B\n"})
	left, err := os.ReadDir(filepath.Join(b.root, "work"))
	if err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}
