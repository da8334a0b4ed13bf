//go:build duckdb_arrow

package run_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/crashtest"
	"socialvalue/internal/shelf"
	"socialvalue/internal/verify"
)

var demoKills = flag.Int("demo-kills", usualDemoKills, "random moments at which to kill a process that makes a run of the demonstration")

// running is a process that makes a run of the site.
func running(t *testing.T, f *flow) *exec.Cmd {
	t.Helper()
	return crashtest.Child(t, runRole, f.dir)
}

// TestKilledAtAnyMoment kills runs one after the other on one warehouse, never
// cleaning up. A run then completes, and what it releases is what a run that
// nobody disturbed releases. Half of the kills come after the first release, on
// a second month.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	undisturbed, killed := newSmallFlow(t), newSmallFlow(t)
	const late = "drop/spend/lcrca/lcrca_ledger_2022-06.csv"
	month := killed.read(t, late)
	killed.remove(t, late)
	usual := crashtest.Succeed(t, running(t, undisturbed), "undisturbed run")
	for i := range *demoKills {
		if i == (*demoKills+1)/2 {
			crashtest.Succeed(t, running(t, killed), fmt.Sprintf("run after %d kills", i))
			killed.write(t, late, month)
		}
		crashtest.Kill(t, running(t, killed), usual) // or it had just finished
		releases := killed.path("warehouse/releases")
		if _, err := shelf.Current(releases); errors.Is(err, shelf.ErrNoRelease) {
			continue
		} else if err != nil {
			t.Fatalf("after kill %d: %v", i, err)
		}
		if err := verify.Release(t.Context(), killed.path("warehouse/releases/current"), nil); err != nil {
			t.Fatalf("after kill %d: %v", i, err)
		}
	}
	if killed.read(t, "svw.yaml") != undisturbed.read(t, "svw.yaml") {
		t.Fatal("two sites")
	}
	killed.write(t, late, month)
	crashtest.Succeed(t, running(t, killed), "run after the kills")
	if diff := cmp.Diff(undisturbed.hashes(t), killed.hashes(t)); diff != "" {
		t.Errorf("the release differs from that of a run nobody disturbed (-undisturbed +killed):\n%s", diff)
	}
	want, got := undisturbed.loads(t), killed.loads(t)
	if len(want) != len(got) {
		t.Errorf("%d loads, want %d", len(got), len(want))
	}
	for name, record := range want {
		if got[name].ObjectSHA256 != record.ObjectSHA256 || got[name].Status != record.Status {
			t.Errorf("%s: object %s %s, want %s %s", name, got[name].ObjectSHA256, got[name].Status, record.ObjectSHA256, record.Status)
		}
	}
	expectOnePointer(t, killed)
	if objects, wanted := storeFiles(t, killed), storeFiles(t, undisturbed); len(objects) != len(wanted) {
		t.Errorf("%d files in the store, want %d", len(objects), len(wanted))
	}
}

// expectOnePointer expects that current.json names the release that the link does.
func expectOnePointer(t *testing.T, f *flow) {
	t.Helper()
	manifest, err := shelf.Current(f.path("warehouse/releases"))
	if err != nil {
		t.Fatal(err)
	}
	var twin shelf.Twin
	if err := json.Unmarshal([]byte(f.read(t, "warehouse/releases/current.json")), &twin); err != nil {
		t.Fatal(err)
	}
	if twin.Release != manifest.Release {
		t.Errorf("current.json names %s, the link %s", twin.Release, manifest.Release)
	}
}

// TestAQuietRunMendsThePointer makes what a kill between the two halves of the
// pointer leaves behind: a run with nothing to release mends it.
func TestAQuietRunMendsThePointer(t *testing.T) {
	t.Parallel()
	f := newSmallFlow(t)
	f.run(t)
	f.write(t, "warehouse/releases/current.json", `{"release": "19990101T000000Z-0000"}`)
	f.write(t, "warehouse/releases/.staging-19990101T000000Z-0000/part", "")
	if report := f.run(t); report.Release != nil {
		t.Fatal("something was released")
	}
	expectOnePointer(t, f)
	if left, err := filepath.Glob(f.path("warehouse/releases/.staging-*")); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func storeFiles(t *testing.T, f *flow) map[string]string {
	return fileHashes(t, f.path("warehouse/store"))
}
