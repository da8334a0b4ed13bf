//go:build duckdb_arrow

package run_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"socialvalue/internal/crashtest"
	"socialvalue/internal/load"
	"socialvalue/internal/verify"
)

// wrongLine is a line of the first file with an amount that is none, and what it
// is corrected to.
const wrongLine, wrongPence = "w", 800

// revertible are files of each load mode, each of which replaces something of
// another or is replaced by it.
func revertible() []arrival {
	first := text([]line{{"a", 100}, {"a", 100}, {"b", 250}}) + wrongLine + ",2024-01-01,8.0.0\n"
	return []arrival{
		{"added/first.csv", first, 40},
		{"added/second.csv", text([]line{{"a", 100}, {"c", 5}}), 39},
		{"monthly/m_2024-01.csv", text([]line{{"m", 10}, {"n", 20}}), 37},
		{"monthly/m_2024-01_again.csv", text([]line{{"m", 11}, {"n", 20}}), 30},
		{"sliced/s_e1.csv", text([]line{{"x", 1}, {"y", 2}}), 34},
		{"sliced/s_e1_again.csv", text([]line{{"x", 1}, {"y", 4}}), 25},
		{"keyed/k1.csv", text([]line{{"k", 1}, {"l", 2}}), 32},
		{"keyed/k2.csv", text([]line{{"k", 7}, {"m", 3}}), 31},
	}
}

// without is what counts of those files when some are taken back, by hand: of
// added each line as often as the file that has it most often, of a month and an
// edition the newest file, of keyed the newest row of a reference.
func without(reverted map[string]bool, corrected bool) truth {
	want := truth{}
	add := func(source string, lines []line) {
		for _, l := range lines {
			if n := occurrences(lines, l); occurrences(want[source], l) < n {
				want[source] = append(want[source], l)
			}
		}
	}
	for _, file := range revertible() {
		if reverted[file.name] {
			continue
		}
		lines, source := linesOf(file.text), path.Dir(file.name)
		switch source {
		case "added":
			if corrected && file.name == "added/first.csv" {
				lines = append(lines, line{wrongLine, wrongPence})
			}
			add(source, lines)
		case "keyed":
			for _, l := range lines {
				want[source] = slices.DeleteFunc(want[source], func(older line) bool { return older.ref == l.ref })
			}
			want[source] = append(want[source], lines...)
		default:
			want[source] = lines
		}
	}
	return want
}

func occurrences(lines []line, l line) (n int) {
	for _, other := range lines {
		if other == l {
			n++
		}
	}
	return n
}

// linesOf reads the right lines of a file back.
func linesOf(text string) (lines []line) {
	for _, row := range strings.Split(text, "\n")[1:] {
		fields := strings.Split(row, ",")
		var l line
		var pounds, pence int
		if len(fields) == 3 && fields[0] != wrongLine {
			if _, err := fmt.Sscanf(fields[2], "%d.%d", &pounds, &pence); err == nil {
				l = line{fields[0], pounds*100 + pence}
				lines = append(lines, l)
			}
		}
	}
	return lines
}

// TestRevertsKilledAtAnyMoment takes loads back, restores them and reads them
// again, and kills the process at a random moment of each, sometimes losing the
// build database too. Each verb was done or was not, never half; the next run
// completes it, and build, store and state agree (architecture §7.1).
func TestRevertsKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	y := newTiny(t)
	last := y.now.AddDate(0, 0, 2)
	for _, file := range revertible() {
		y.put(t, file, last)
	}
	y.run(t)
	y.expectSound(t, without(nil, false))
	if t.Failed() {
		t.FailNow()
	}
	var usual time.Duration
	for _, verb := range []string{"revert ", "restore ", "replay "} {
		usual += crashtest.Succeed(t, y.child(t, verbVariable+"="+verb+y.someLoad(t, "drop/added/second.csv").ID), verb) / 3
	}
	done := map[string]int{}
	corrected := false
	for i := range (*kills + 1) / 2 {
		y.now = y.now.Add(time.Hour)
		target := y.someLoad(t, "")
		verb := "revert"
		switch {
		case target.Reverted != nil:
			verb = "restore"
		case rand.IntN(3) == 0 && target.Status == load.StatusActive:
			verb = "replay"
			if target.File == "drop/added/first.csv" {
				corrected = !corrected
				y.correct(t, target, corrected)
			}
		}
		crashtest.Kill(t, y.child(t, verbVariable+"="+verb+" "+target.ID), usual) // or it had just finished
		if err := verify.Release(t.Context(), y.path("warehouse/releases/current"), nil); err != nil {
			t.Fatalf("%d, after the kill: %v", i, err)
		}
		before := y.reverted(t)
		if rand.IntN(4) == 0 {
			y.remove(t, "warehouse/build")
		}
		crashtest.Succeed(t, y.child(t), fmt.Sprintf("%d: the run after %s of %s", i, verb, target.File))
		after := y.reverted(t)
		for name := range after {
			if name != strings.TrimPrefix(target.File, "drop/") && after[name] != before[name] {
				t.Errorf("%d: %s of %s changed %s", i, verb, target.File, name)
			}
		}
		if is := after[strings.TrimPrefix(target.File, "drop/")]; is != (target.Reverted != nil) {
			done[verb]++
		}
		y.expectSound(t, without(after, corrected))
		if t.Failed() {
			t.Fatalf("%d: %s of %s, corrected %t, reverted %v", i, verb, target.File, corrected, after)
		}
		y.prune(t)
	}
	t.Logf("done in spite of the kill: %v", done)
}

// someLoad is a load drawn from the store's notes, of a document that counts or
// could, not a reading that another one replaced: of that file, or of any.
func (y *tiny) someLoad(t testing.TB, file string) *load.Record {
	t.Helper()
	newest := map[string]*load.Record{}
	for _, name := range y.glob(t, "warehouse/store/_loads/*.json") {
		var r load.Record
		if err := json.Unmarshal([]byte(y.read(t, name)), &r); err != nil {
			t.Fatal(err)
		}
		if file != "" && r.File != file {
			continue
		}
		if other := newest[r.File]; other == nil || r.ReceivedAt.After(other.ReceivedAt) {
			newest[r.File] = &r
		}
	}
	var records []*load.Record
	for _, r := range newest {
		records = append(records, r)
	}
	slices.SortFunc(records, func(a, b *load.Record) int { return cmp.Compare(a.File, b.File) })
	return records[rand.IntN(len(records))]
}

// reverted says of each file whether it was taken back.
func (y *tiny) reverted(t testing.TB) map[string]bool {
	t.Helper()
	reverted := map[string]bool{}
	for _, name := range y.glob(t, "warehouse/store/_loads/*.json") {
		var r load.Record
		if err := json.Unmarshal([]byte(y.read(t, name)), &r); err != nil {
			t.Fatal(err)
		}
		reverted[strings.TrimPrefix(r.File, "drop/")] = reverted[strings.TrimPrefix(r.File, "drop/")] || r.Reverted != nil
	}
	return reverted
}

// correct writes the correction of the wrong line, or withdraws it.
func (y *tiny) correct(t testing.TB, of *load.Record, in bool) {
	t.Helper()
	const name = "overrides/raw.tiny_added.csv"
	if !in {
		y.remove(t, name)
		return
	}
	y.write(t, name, correctionsHeader+fmt.Sprintf("%s,5,%s,amount_gbp,,,,%d.%02d,the invoice says so,J. Smith,2025-06-01,\n",
		of.File, of.FileSHA256, wrongPence/100, wrongPence%100))
}
