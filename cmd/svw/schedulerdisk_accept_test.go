//go:build accept

package main

import (
	"bytes"
	"errors"
	"flag"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/crashtest"
	"socialvalue/internal/journal"
	"socialvalue/internal/runreport"
	"socialvalue/internal/site"
	"socialvalue/internal/state"
)

var schedulerFills = flag.Int("scheduler-fills", 2, "how often the disk fills while the scheduler is at work")

// One scheduler lives through a disk that fills in the middle of real runs, again and again, while files arrive. In the end
// the release is that of a site which nobody disturbed, every minute is accounted for, and the journal says how each run ended.
func TestSchedulerOnADiskThatFills(t *testing.T) { //nolint:paralleltest // the process of its own runs this test alone
	disk := crashtest.OnOwnDisk(t, 4<<30, "-scheduler-fills", strconv.Itoa(*schedulerFills))
	if disk == nil {
		return
	}
	svw, err := exec.LookPath("svw")
	if err != nil {
		t.Fatal(err)
	}
	makeSmallSite(t, disk.Dir)
	months := arrivals(t)
	delivered := months[:min(len(months), *schedulerFills)]
	s := startScheduler(t, svw, disk.Dir)
	s.await(t, "job ended succeeded")
	troubles := 0
	for i := range *schedulerFills {
		if i < len(delivered) {
			deliver(t, disk.Dir, delivered[i])
		}
		s.await(t, "job begins")
		time.Sleep(rand.N(6 * time.Second))
		if err := disk.Leave(rand.N[int64](1 << 20)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(rand.N(90 * time.Second))
		for _, event := range s.soFar(t) {
			if event == "job ended failed" || strings.HasPrefix(event, "the turn failed") {
				troubles++
			}
		}
		if err := disk.Empty(); err != nil {
			t.Fatal(err)
		}
		s.await(t, "job ended succeeded")
	}
	if troubles == 0 {
		t.Error("nothing ever failed: the disk was not full")
	}
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.end(); err != nil {
		t.Fatalf("asked to stop, it ended with %v", err)
	}
	// What arrived last may not have been read by a run that succeeded.
	for _, dir := range []string{disk.Dir, smallSite(t)} {
		for _, name := range delivered {
			deliver(t, dir, name)
		}
		if output, err := exec.CommandContext(t.Context(), svw, "--site", dir, "--quiet", "run").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
		if dir != disk.Dir {
			if diff := cmp.Diff(datasetHashes(t, dir), datasetHashes(t, disk.Dir)); diff != "" {
				t.Errorf("released (-undisturbed +on a disk that filled):\n%s", diff)
			}
		}
	}
	expectAccountedFor(t, disk.Dir)
}

// soFar is what it has said by now.
func (s *scheduling) soFar(t *testing.T) (events []string) {
	t.Helper()
	for {
		select {
		case event, ok := <-s.events:
			if !ok {
				t.Fatalf("it ended; it said %q", events)
			}
			events = append(events, event)
		default:
			return events
		}
	}
}

// expectAccountedFor expects that each minute has one slot, that each run has an end, and that what succeeded left all that it
// did.
func expectAccountedFor(t *testing.T, dir string) {
	t.Helper()
	s, err := site.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	db, err := state.Open(t.Context(), s.Warehouse.StateDB())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // it was only read
	slots, err := db.Slots(t.Context(), "often", time.Unix(0, 0), time.Now().Add(time.Hour), 100_000)
	if err != nil || len(slots) == 0 {
		t.Fatalf("%d slots, %v", len(slots), err)
	}
	if minutes := slots[0].DueAt.Sub(slots[len(slots)-1].DueAt)/time.Minute + 1; int(minutes) != len(slots) {
		t.Errorf("%d slots for %d minutes", len(slots), minutes)
	}
	runs, err := db.LastRuns(t.Context(), 100_000)
	if err != nil {
		t.Fatal(err)
	}
	byID, count := map[string]state.Run{}, map[state.Status]int{}
	for _, r := range runs {
		byID[r.ID] = r
		count[r.Status]++
		if r.Status == state.Running || r.Status != state.Succeeded && r.Error == "" {
			t.Errorf("%+v", r)
		}
		if r.Status != state.Succeeded {
			continue
		}
		var report runreport.Report
		var log bytes.Buffer
		folder := journal.Folder(s.Warehouse.Runs())
		if err := errors.Join(folder.Report(r.ID, &report), folder.CopyLog(r.ID, &log)); err != nil || report.RunID != r.ID || !strings.Contains(log.String(), `"msg":"run ends"`) {
			t.Errorf("run %s: %v\n%s", r.ID, err, log.String())
		}
	}
	for _, slot := range slots {
		switch {
		case slot.State == "ran" && slot.Outcome == "succeeded" && byID[slot.RunID].Status != state.Succeeded,
			slot.State != "waiting" && slot.Outcome != "succeeded" && slot.Reason == "",
			slot.State == "running":
			t.Errorf("%+v has the run %+v", slot, byID[slot.RunID])
		}
	}
	t.Logf("%d occurrences, runs: %v", len(slots), count)
}
