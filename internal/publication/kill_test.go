//go:build duckdb_arrow

package publication_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"socialvalue/internal/crashtest"
	"socialvalue/internal/publication"
	"socialvalue/internal/verify"
)

var (
	kills  = flag.Int("kills", usualKills, "random moments at which to kill a process that publishes")
	fulls  = flag.Int("fulls", usualFulls, "random moments at which the disk of a process that publishes is full")
	stride = flag.Int("faults", usualStride, "break every n-th file system step (1: each of them)")
)

// publishRole makes the test binary publish at the desk in a folder.
const publishRole = "publish"

func TestMain(m *testing.M) {
	os.Exit(crashtest.Main(m, map[string]func(string) error{publishRole: publishInChild}))
}

// publishInChild publishes the current release, whatever differs.
func publishInChild(root string) error {
	if err := crashtest.LimitFiles(); err != nil {
		return err
	}
	d := &desk{root: root, now: time.Now()}
	_, err := d.try(context.Background(), everything())
	return err
}

// everything approves all, and explains and accepts whatever differs.
func everything() publication.Request {
	why := map[string]string{"people.headcount": "a test", "geo.district": "a test"}
	return publication.Request{Explain: why, Accept: why}
}

func publishing(t *testing.T, root string, more ...string) *exec.Cmd {
	t.Helper()
	return crashtest.Child(t, publishRole, root, more...)
}

// whole makes sure that what is published verifies, that the ledger agrees with
// it, and that nothing else is left.
func (d *desk) whole(t *testing.T) {
	t.Helper()
	if _, err := d.verified(t.Context()); err != nil {
		t.Fatalf("after a crash: %v", err)
	}
	editions, published, err := publication.List(d.publications())
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(d.publications())
	if err != nil {
		t.Fatal(err)
	}
	if want := len(editions) + 2; len(entries) != want || editions[0].Release != published {
		t.Fatalf("%d entries for %d editions, published %s", len(entries), len(editions), published)
	}
	parts, err := os.ReadDir(filepath.Join(d.root, "disclosure_ledger"))
	if err != nil {
		t.Fatal(err)
	}
	if len(parts) != 2*len(editions) {
		t.Fatalf("the ledger has %d files for %d editions", len(parts), len(editions))
	}
}

// numbered is headcounts with another number in every edition.
func numbered(n int) string {
	return with("320", strconv.Itoa(400+20*n), "215", strconv.Itoa(295+20*n))
}

// §7.1: kill -9 at any instant leaves the published edition whole, ledger and
// editions agree after the next start, and the next publication completes.
func TestKillAtRandomMoments(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.now, d.opens = time.Now().Add(-time.Hour), true
	d.released(t, headcounts, district)
	d.publish(t, publication.Request{})
	begun := time.Now()
	if err := d.release(t.Context(), numbered(0), district, nil); err != nil {
		t.Fatal(err)
	}
	crashtest.Succeed(t, publishing(t, d.root), "the second publication")
	usual := time.Since(begun)
	killed := 0
	for n := 1; n <= *kills; n++ {
		d.released(t, numbered(n), district+n)
		if crashtest.Kill(t, publishing(t, d.root), usual) {
			killed++
		}
		d.whole(t)
	}
	crashtest.Succeed(t, publishing(t, d.root), "the next publication")
	d.whole(t)
	t.Logf("%d of %d were killed before their end", killed, *kills)
}

// desksEditions is how many editions one desk makes: each is verified with all before it.
const desksEditions = 10

// A disk that is full, as a disk is, from a random moment of publishing. What is published verifies while the disk is
// full; with room again ledger and editions agree, and the next publication completes.
func TestAFullDisk(t *testing.T) { //nolint:paralleltest // the process of its own runs this test alone
	disk := crashtest.OnOwnDisk(t, 512<<20, "-fulls", strconv.Itoa(*fulls))
	if disk == nil {
		return
	}
	var d *desk
	var usual time.Duration
	failed := 0
	for n := range *fulls {
		if n%desksEditions == 0 {
			if d != nil {
				remove(t, d.root)
			}
			d = &desk{root: filepath.Join(disk.Dir, strconv.Itoa(n)), now: time.Now().Add(-time.Hour), opens: true}
			if err := os.Mkdir(d.root, 0o750); err != nil {
				t.Fatal(err)
			}
			d.released(t, headcounts, district)
			usual = crashtest.Succeed(t, publishing(t, d.root), "the first publication")
		}
		d.released(t, numbered(n%desksEditions+1), district+n)
		if said, met := disk.Fill(t, publishing(t, d.root), usual, 16<<10); met {
			failed++
			t.Logf("%d: %s", n, said)
		}
		if err := verify.Release(t.Context(), filepath.Join(d.publications(), "published"), hashesOnly()); err != nil {
			t.Fatalf("on full disk %d: %v", n, err)
		}
		if err := disk.Empty(); err != nil {
			t.Fatal(err)
		}
		d.whole(t)
		crashtest.Succeed(t, publishing(t, d.root), fmt.Sprint("the publication after full disk ", n))
		d.whole(t)
	}
	t.Logf("%d of %d met the full disk before their end", failed, *fulls)
}

// Files that cannot grow while an edition or the ledger is written.
func TestFilesThatCannotGrow(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.now = time.Now().Add(-time.Hour)
	d.released(t, headcounts, district)
	d.publish(t, publication.Request{})
	d.released(t, numbered(1), district)
	before := d.published(t)
	for _, limit := range []int{900, 100_000} {
		output, err := publishing(t, d.root, crashtest.FileLimit(limit)).CombinedOutput()
		if err == nil {
			t.Fatalf("published with files of at most %d bytes", limit)
		}
		if now := d.published(t); now != before {
			t.Errorf("limit %d: published -> %s\n%s", limit, now, output)
		}
		d.whole(t)
	}
}

// Every file system step of an edition fails in turn, alone and with all after
// it.
func TestAFaultAtAnyStep(t *testing.T) {
	t.Parallel()
	for _, dead := range []bool{false, true} {
		t.Run(fmt.Sprint("and all after it: ", dead), func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.released(t, headcounts, district)
			var all crashtest.Fault
			d.disk.Before = all.Step
			d.publish(t, publication.Request{})
			fresh := true // what the release has is public already
			for fault := range crashtest.Faults(all.Done, *stride, 4, dead) {
				if fresh {
					d.released(t, numbered(fault.At), district)
				}
				d.disk.Before = fault.Step
				_, err := d.try(t.Context(), everything())
				if fault.Reached() && err == nil {
					t.Fatalf("step %d of %d failed unnoticed", fault.At, all.Done)
				}
				d.disk.Before, fresh = nil, err == nil
				d.whole(t)
			}
			d.released(t, numbered(all.Done+1), district)
			d.publish(t, everything())
			d.whole(t)
		})
	}
}

// What was removed or changed by hand is told, not mended.
func TestTheLedgerTellsWhenItWasTouched(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		touch func(t *testing.T, d *desk, ledger []string)
		words string
	}{
		{"a part was changed", func(t *testing.T, _ *desk, ledger []string) { overwrite(t, ledger[1]) }, "was changed since it was sealed"},
		{"a seal was removed", func(t *testing.T, _ *desk, ledger []string) { remove(t, ledger[0]) }, "the seal before it is missing"},
		{"all of it was removed", func(t *testing.T, _ *desk, ledger []string) {
			for _, path := range ledger {
				remove(t, path)
			}
		}, "restore disclosure_ledger/ from a backup"},
		{"the editions were removed", func(t *testing.T, d *desk, _ []string) { remove(t, d.publications()) }, "restore publications/ from a backup"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.released(t, headcounts, district)
			d.publish(t, publication.Request{})
			d.released(t, numbered(1), district)
			d.publish(t, everything())
			ledger, err := filepath.Glob(filepath.Join(d.root, "disclosure_ledger", "*"))
			if err != nil || len(ledger) != 4 {
				t.Fatalf("%v, %v", ledger, err)
			}
			test.touch(t, d, ledger)
			if _, err := d.verified(t.Context()); err == nil || !strings.Contains(err.Error(), test.words) {
				t.Errorf("Verify = %v, want %q", err, test.words)
			}
		})
	}
}

func overwrite(t *testing.T, path string) {
	t.Helper()
	if err := errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, []byte("x"), 0o600)); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}
