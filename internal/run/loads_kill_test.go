//go:build duckdb_arrow

package run_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"socialvalue/internal/backup"
	"socialvalue/internal/crashtest"
	"socialvalue/internal/verify"
)

var kills = flag.Int("kills", usualKills, "random moments of loads at which to kill the process")

// deliver puts one new file into the drop folder of a source that takes turns,
// and keeps account of the lines that count.
func (y *tiny) deliver(t *testing.T, i int, want truth) {
	t.Helper()
	lines := make([]line, 3+rand.IntN(20))
	for j := range lines {
		lines[j] = line{fmt.Sprintf("r%d-%d", i, j/2), 100 + j/2*7} // every line is there twice, and both are real
	}
	month := fmt.Sprintf("%d-%02d", 2000+i/48, i/4%12+1)
	switch i % 4 {
	case 0:
		y.write(t, fmt.Sprintf("drop/added/file%d.csv", i), text(lines))
		want["added"] = append(want["added"], lines...)
	case 1:
		y.write(t, "drop/monthly/m_"+month+".csv", text(lines))
		want["monthly"] = append(want["monthly"], lines...)
	case 2: // the month comes again, later and with other lines
		earlier := len(want["monthly"])
		for earlier > 0 && want["monthly"][earlier-1].ref[:len(fmt.Sprintf("r%d-", i-1))] == fmt.Sprintf("r%d-", i-1) {
			earlier--
		}
		y.write(t, "drop/monthly/m_"+month+"_again.csv", text(lines))
		want["monthly"] = append(want["monthly"][:earlier], lines...)
	case 3:
		y.write(t, fmt.Sprintf("drop/sliced/s_e%d.csv", i), text(lines))
		want["sliced"] = append(want["sliced"], lines...)
	}
}

// TestLoadsKilledAtAnyMoment takes in one file after the other and kills the
// process at a random moment of each: a run, a backup, or the process that
// verifies the release. The next run completes, and every row is there once.
// Days pass between the files, so that received files are purged as well.
func TestLoadsKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	y := newTiny(t)
	want := truth{}
	y.deliver(t, 0, want)
	usual := crashtest.Succeed(t, y.child(t), "the first run")
	copies := filepath.Join(t.TempDir(), "copies")
	for i := 1; i <= *kills; i++ {
		y.now = y.now.Add(23 * time.Hour)
		y.deliver(t, i, want)
		switch i % 8 {
		case 5:
			if output, err := y.child(t, readerDiesVariable+"=1").CombinedOutput(); err == nil {
				t.Fatalf("load %d: a release was made that nobody verified\n%s", i, output)
			}
		case 7:
			crashtest.Kill(t, y.child(t, backupVariable+"="+copies), usual)
			if found, err := backup.Find(copies); err == nil {
				if _, err := backup.Verify(t.Context(), found); err != nil {
					t.Fatalf("load %d: a killed backup: %v", i, err)
				}
				if err := os.RemoveAll(found); err != nil {
					t.Fatal(err)
				}
			}
		default:
			crashtest.Kill(t, y.child(t), usual) // or it had just finished
		}
		if err := verify.Release(t.Context(), y.path("warehouse/releases/current"), nil); err != nil {
			t.Fatalf("load %d, after the kill: %v", i, err)
		}
		crashtest.Succeed(t, y.child(t), fmt.Sprintf("load %d, the run after the kill", i))
		y.expectSound(t, want)
		if t.Failed() {
			t.Fatalf("after load %d", i)
		}
		y.prune(t)
	}
}

// prune removes releases that are not current, as a person may.
func (y *tiny) prune(t *testing.T) {
	t.Helper()
	current, err := os.Readlink(y.path("warehouse/releases/current"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range y.glob(t, "warehouse/releases/2*") {
		if filepath.Base(name) != current {
			y.remove(t, name)
		}
	}
}

// TestFilesThatCannotGrow is a full disk at any place: no file of the process
// may exceed a size. What was released stays whole, and when there is room again
// the next run completes.
func TestFilesThatCannotGrow(t *testing.T) {
	t.Parallel()
	y := newTiny(t)
	want := truth{}
	y.deliver(t, 0, want)
	y.run(t)
	for i, limit := range []int{0, 100, 2_000, 12_000, 40_000, 300_000, 800_000} {
		y.now = y.now.Add(23 * time.Hour)
		y.deliver(t, i+1, want)
		output, err := y.child(t, crashtest.FileLimit(limit)).CombinedOutput()
		if err == nil {
			t.Errorf("limit %d: the run succeeded", limit)
		} else if len(output) == 0 {
			t.Errorf("limit %d: nothing is said", limit)
		}
		if err := verify.Release(t.Context(), y.path("warehouse/releases/current"), nil); err != nil {
			t.Fatalf("limit %d: %v", limit, err)
		}
		crashtest.Succeed(t, y.child(t), fmt.Sprintf("limit %d, the run with room", limit))
		y.expectSound(t, want)
		if t.Failed() {
			t.Fatalf("limit %d: %s", limit, output)
		}
	}
}
