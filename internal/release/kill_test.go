//go:build duckdb_arrow

package release_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"socialvalue/internal/crashtest"
	"socialvalue/internal/disclosure"
	"socialvalue/internal/durable"
	"socialvalue/internal/release"
	"socialvalue/internal/retention"
	"socialvalue/internal/shelf"
	"socialvalue/internal/verify"
	"socialvalue/internal/warehouse"
)

var (
	kills  = flag.Int("kills", usualKills, "random moments at which to kill a process that makes a release, or to fill its disk")
	fulls  = flag.Int("fulls", usualFulls, "random moments at which the disk of a process that makes a release is full")
	stride = flag.Int("faults", usualStride, "break every n-th file system step (1: each of them)")
)

const (
	// composeRole makes the test binary make one release below a folder.
	composeRole = "compose"
	// fullVariable is the file system step from which on its disk is full.
	fullVariable = "SVW_TEST_FULL_FROM"
)

// composeInChild makes one release, half of it new and half carried forward.
func composeInChild(root string) (err error) {
	ctx := context.Background()
	db, err := warehouse.Open(ctx, "", warehouse.Options{MemoryLimit: "1GB", Threads: 2})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.Exec(ctx, buildSQL); err != nil {
		return err
	}
	p := bare()
	for i := range p.Datasets {
		if i%2 == 0 {
			p.Datasets[i].InputsHash = strconv.FormatInt(time.Now().UnixNano(), 10)
		}
	}
	judged, err := disclosure.Protect(ctx, db, release.OpenRelations(p.Datasets), disclosure.Floor())
	if err != nil {
		return err
	}
	p.Masks = judged.Masks
	if err := crashtest.LimitFiles(); err != nil {
		return err
	}
	var disk durable.Disk
	if full, err := strconv.Atoi(os.Getenv(fullVariable)); err == nil {
		disk.Before = (&crashtest.Fault{At: full, Dead: true}).Step
	}
	// A process before this one may have died between a rollback and its end.
	if _, err := shelf.Resume(disk, root, "test", time.Now()); err != nil && !errors.Is(err, shelf.ErrNoHold) {
		return err
	}
	if _, err := (release.Composer{DB: db, Root: root, Now: time.Now, Disk: disk}).Compose(ctx, p); err != nil {
		return err
	}
	return backAndPrune(ctx, disk, root)
}

// backAndPrune moves to the release before, where there is one, and removes all
// that nothing keeps.
func backAndPrune(ctx context.Context, disk durable.Disk, root string) error {
	_, err := shelf.Rollback(ctx, disk, root, "", "test", "to see", time.Now(), nil)
	if errors.Is(err, shelf.ErrUnknown) {
		return nil
	}
	if err != nil {
		return err
	}
	releases := retention.Releases{Root: root, Location: time.UTC}
	plan, err := releases.Decide(retention.Usual(), time.Now())
	if err != nil {
		return err
	}
	if err := releases.Apply(disk, plan, retention.Usual(), time.Now()); err != nil {
		return err
	}
	_, err = shelf.Resume(disk, root, "test", time.Now())
	return err
}

// composing is a process that makes a release.
func composing(t *testing.T, root string, more ...string) *exec.Cmd {
	t.Helper()
	return crashtest.Child(t, composeRole, root, more...)
}

// whole makes sure that the current release verifies.
func whole(t *testing.T, root string, reader ...string) {
	t.Helper()
	if err := verify.Release(t.Context(), filepath.Join(root, "current"), reader); err != nil {
		t.Fatalf("current: %v", err)
	}
}

// nothingLeft makes sure that a releases folder has releases and pointers only.
func nothingLeft(t *testing.T, root string) {
	t.Helper()
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	releases, err := shelf.List(root)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"current": true, "current.json": true, "holds.json": true}
	for _, manifest := range releases {
		known[manifest.Release] = true
	}
	for _, entry := range entries {
		if !known[entry.Name()] {
			t.Errorf("%s is left", entry.Name())
		}
	}
}

// Whatever happens while a release is made, gone back from and pruned: a kill,
// a disk that is full from some step on, files that cannot grow past some size.
// The current release verifies at every moment, and the next run completes
// (architecture 7.1).
func TestKilledOrFullAtAnyMoment(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "releases")
	usual := crashtest.Succeed(t, composing(t, root), "first release")
	for i := range *kills {
		switch i % 3 {
		case 0:
			crashtest.Kill(t, composing(t, root), usual) // or it had just finished
		case 1:
			_ = composing(t, root, fullVariable+"="+strconv.Itoa(1+rand.IntN(300))).Run() // some steps are not reached
		case 2:
			_ = composing(t, root, crashtest.FileLimit(500+rand.IntN(1_000_000))).Run() // some files are smaller
		}
		whole(t, root)
		time.Sleep(time.Second) // the next release needs a second of its own
	}
	crashtest.Succeed(t, composing(t, root), "release after the kills")
	whole(t, root)
	nothingLeft(t, root)
}

// A disk that is full, as a disk is, from a random moment of a release that is made, gone back from and pruned. What is
// current verifies while the disk is full, and with room again the next run completes (architecture 7.1).
func TestAFullDisk(t *testing.T) { //nolint:paralleltest // the process of its own runs this test alone
	disk := crashtest.OnOwnDisk(t, 512<<20, "-fulls", strconv.Itoa(*fulls)) // a release keeps 64 MB free
	if disk == nil {
		return
	}
	root := filepath.Join(disk.Dir, "releases")
	usual, failed := crashtest.Succeed(t, composing(t, root), "first release"), 0
	for i := range *fulls {
		time.Sleep(time.Second) // a release needs a second of its own
		if said, met := disk.Fill(t, composing(t, root), usual, 64<<10); met {
			failed++
			t.Logf("%d: %s", i, said)
		}
		whole(t, root)
		if err := disk.Empty(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		crashtest.Succeed(t, composing(t, root), fmt.Sprint("the release after full disk ", i))
		whole(t, root)
		nothingLeft(t, root)
	}
	t.Logf("%d of %d met the full disk before their end", failed, *fulls)
}

func TestFilesThatCannotGrow(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "releases")
	crashtest.Succeed(t, composing(t, root), "first release")
	before, err := os.Readlink(filepath.Join(root, "current"))
	if err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int{500, 20_000, 300_000} {
		output, err := composing(t, root, crashtest.FileLimit(limit)).CombinedOutput()
		if err == nil {
			t.Fatalf("a release was made of files of at most %d bytes", limit)
		}
		if !strings.Contains(string(output), "compose release:") {
			t.Errorf("limit %d: %s", limit, output)
		}
		if now, err := os.Readlink(filepath.Join(root, "current")); err != nil || now != before {
			t.Errorf("limit %d: current -> %s, %v", limit, now, err)
		}
		whole(t, root)
		nothingLeft(t, root)
	}
}

func TestAFaultAtAnyStepLeavesTheCurrentReleaseWhole(t *testing.T) {
	t.Parallel()
	for _, dead := range []bool{false, true} {
		name := "one step fails"
		if dead {
			name = "that step and all after it fail"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := openBuild(t, 1)
			c := composer(t, db)
			// Opening the databases is no file system step; hashes are enough here.
			c.Reader = []string{"/bin/true"}
			compose(t, c, small(t))
			next := func(i int) release.Plan {
				p := small(t)
				p.Datasets[0].InputsHash = fmt.Sprint("inputs-", i)
				return p
			}
			var all crashtest.Fault
			c.Disk.Before = all.Step
			compose(t, c, next(-1))
			// The steps that move the pointer are the last; each of them is broken.
			for fault := range crashtest.Faults(all.Done, *stride, 20, dead) {
				c.Disk.Before = fault.Step
				_, err := c.Compose(t.Context(), next(fault.At))
				if fault.Reached() && err == nil {
					t.Fatalf("step %d of %d failed unnoticed", fault.At, all.Done)
				}
				whole(t, c.Root, c.Reader...)
			}
			c.Disk.Before, c.Reader = nil, nil
			compose(t, c, next(0))
			whole(t, c.Root)
			nothingLeft(t, c.Root)
		})
	}
}
