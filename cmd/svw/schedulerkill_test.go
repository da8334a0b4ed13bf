package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	socialvalue "socialvalue"
	"socialvalue/internal/demo"
	"socialvalue/internal/journal"
	"socialvalue/internal/pipeline"
	"socialvalue/internal/runreport"
	"socialvalue/internal/site"
	"socialvalue/internal/state"
)

var schedulerKills = flag.Int("scheduler-kills", usualSchedulerKills, "how often the scheduler is killed in the middle of a run")

// everyMinute is the one schedule of the test.
const everyMinute = `name: often
verb: run
cron: "* * * * *"
time_zone: Europe/London
overlap: queue
catch_up: all
catch_up_max: 2
timeout: 10m
`

// smallSite is the demonstration's places and spending alone, with two months of one body, and one schedule.
func smallSite(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	makeSmallSite(t, dir)
	return dir
}

func makeSmallSite(t *testing.T, dir string) {
	t.Helper()
	if err := demo.Prepare(dir, socialvalue.Assets); err != nil {
		t.Fatal(err)
	}
	settings, err := os.ReadFile(filepath.Join(dir, "svw.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	kept, _, found := strings.Cut(string(settings), "  # ---- contracts")
	if !found {
		t.Fatal("svw.yaml of the demonstration has no part about contracts")
	}
	files, err := pipeline.AllBut(socialvalue.Assets, "geography", "spend")
	if err != nil {
		t.Fatal(err)
	}
	files["svw.yaml"] = []byte(kept)
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o640); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range spendFiles(t, dir) {
		if base := filepath.Base(name); base != "lcrca_ledger_2022-04.csv" && base != "lcrca_ledger_2022-05.csv" {
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	shipped, err := fs.Glob(socialvalue.Assets, "schedules/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range shipped {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("disabled: true\n"), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "schedules/often.yaml"), []byte(everyMinute), 0o640); err != nil {
		t.Fatal(err)
	}
}

func spendFiles(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "drop/spend/*/*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// arrivals are the months that arrive while the scheduler is killed, one after the other.
func arrivals(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(socialvalue.Assets, "fixtures/spend/lcrca/lcrca_ledger_202[23]-0[6-9].csv")
	if err != nil || len(names) < 4 {
		t.Fatalf("%v, %v", names, err)
	}
	return names
}

func deliver(t *testing.T, dir, name string) {
	t.Helper()
	data, err := fs.ReadFile(socialvalue.Assets, name)
	if err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(dir, "drop", strings.TrimPrefix(name, "fixtures/"))
	if err := os.WriteFile(target+".part", data, 0o640); err != nil {
		t.Fatal(err)
	}
	// Equal lines count in the file with the earlier claim, so the times do not matter.
	long := time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)
	if err := errors.Join(os.Chtimes(target+".part", long, long), os.Rename(target+".part", target)); err != nil {
		t.Fatal(err)
	}
}

// scheduling is a scheduler in a process of its own, and what it has logged.
type scheduling struct {
	command *exec.Cmd
	events  chan string // the messages of its log
}

func startScheduler(t *testing.T, svw, dir string) *scheduling {
	t.Helper()
	s := &scheduling{command: exec.CommandContext(t.Context(), svw, "--site", dir, "schedule"), events: make(chan string, 1000)}
	s.command.WaitDelay = 10 * time.Second
	log, err := s.command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(s.events)
		lines := bufio.NewScanner(log)
		for lines.Scan() {
			var entry struct{ Msg, As string }
			if json.Unmarshal(lines.Bytes(), &entry) != nil {
				entry.Msg = lines.Text()
			}
			s.events <- strings.TrimSpace(entry.Msg + " " + entry.As)
		}
	}()
	return s
}

// await reads the log until an event.
func (s *scheduling) await(t *testing.T, events ...string) {
	t.Helper()
	var seen []string
	for {
		select {
		case event, ok := <-s.events:
			if !ok {
				t.Fatalf("it ended before %q; it said %q", events, seen)
			}
			seen = append(seen, event)
			if slices.Contains(events, event) {
				return
			}
		case <-time.After(4 * time.Minute):
			t.Fatalf("it never came to %q; it said %q", events, seen)
		}
	}
}

// end waits for the process.
func (s *scheduling) end() error {
	for range s.events { // to its end
		continue
	}
	return s.command.Wait()
}

// A scheduler is killed again and again in the middle of real runs, while files arrive. Then it is left in peace: the release
// is that of a site which nobody disturbed, every minute is accounted for, and the journal is complete.
func TestSchedulerKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	svw, err := exec.LookPath("svw")
	if err != nil {
		t.Fatal(err)
	}
	dir := smallSite(t)
	months := arrivals(t)
	usual := 8 * time.Second
	for i := range *schedulerKills {
		s := startScheduler(t, svw, dir)
		s.await(t, "job begins")
		if i%2 == 0 && i/2 < len(months) {
			deliver(t, dir, months[i/2])
		}
		time.Sleep(rand.N(usual))
		if err := s.command.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		var killed *exec.ExitError
		if err := s.end(); !errors.As(err, &killed) || killed.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("kill %d: it ended by itself: %v", i, err)
		}
		if output, err := exec.CommandContext(t.Context(), svw, "--site", dir, "releases", "verify").CombinedOutput(); err != nil && !bytes.Contains(output, []byte("no release")) {
			t.Fatalf("kill %d: %v\n%s", i, err, output)
		}
	}
	for _, name := range months {
		deliver(t, dir, name)
	}
	s := startScheduler(t, svw, dir)
	for range 2 { // the second begins after the last file has arrived
		s.await(t, "job ended succeeded")
	}
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.end(); err != nil {
		t.Fatalf("asked to stop, it ended with %v", err)
	}
	undisturbed := smallSite(t)
	for _, name := range months {
		deliver(t, undisturbed, name)
	}
	if output, err := exec.CommandContext(t.Context(), svw, "--site", undisturbed, "--quiet", "run").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if diff := cmp.Diff(datasetHashes(t, undisturbed), datasetHashes(t, dir)); diff != "" {
		t.Errorf("released (-undisturbed +killed):\n%s", diff)
	}
	expectCompleteJournal(t, dir)
}

// datasetHashes are the hashes of all released files that carry no clock.
func datasetHashes(t *testing.T, dir string) map[string]string {
	t.Helper()
	root, err := filepath.EvalSymlinks(filepath.Join(dir, "warehouse/releases/current"))
	if err != nil {
		t.Fatal(err)
	}
	hashes := map[string]string{}
	err = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.Contains(name, "/datasets/") || strings.Contains(name, "/datasets/meta.") {
			return err
		}
		data, err := os.ReadFile(name)
		sum := sha256.Sum256(data)
		hashes[strings.TrimPrefix(name, root)] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil || len(hashes) < 10 {
		t.Fatalf("%d files, %v", len(hashes), err)
	}
	return hashes
}

// expectCompleteJournal expects that each minute has one settled slot, and each run an end, a log, and, unless its process
// was killed, a report.
func expectCompleteJournal(t *testing.T, dir string) {
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
	runs, err := db.LastRuns(t.Context(), 100_000)
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]state.Run{}
	folder := journal.Folder(s.Warehouse.Runs())
	interrupted := 0
	for _, r := range runs {
		byID[r.ID] = r
		var report runreport.Report
		err := folder.Report(r.ID, &report)
		var log bytes.Buffer
		switch logErr := folder.CopyLog(r.ID, &log); {
		case r.Status == state.Running:
			t.Errorf("run %s has no end", r.ID)
		case r.Status == state.Interrupted:
			interrupted++
		case err != nil || report.RunID != r.ID || logErr != nil || !strings.Contains(log.String(), `"msg":"run ends"`):
			t.Errorf("run %s %s: %v, %v", r.ID, r.Status, err, logErr)
		}
	}
	minutes := slots[0].DueAt.Sub(slots[len(slots)-1].DueAt)/time.Minute + 1
	if int(minutes) != len(slots) {
		t.Errorf("%d slots for %d minutes", len(slots), minutes)
	}
	settled := false // newest first: on a busy machine some of the last minutes are still in the queue when it stops
	for _, slot := range slots {
		r, known := byID[slot.RunID]
		switch {
		case slot.State == "ran" && slot.Outcome != "failed" && (!known || r.Status != state.Succeeded || !strings.HasPrefix(r.Trigger, "schedule:often@"+slot.DueAt.Format(time.RFC3339))):
			t.Errorf("%+v has the run %+v", slot, r)
		case slot.State == "skipped" && slot.Reason == "":
			t.Errorf("%+v has no reason", slot)
		case slot.State != "ran" && slot.State != "skipped" && (settled || slot.State != "waiting"):
			t.Errorf("%+v is not settled", slot)
		}
		settled = settled || slot.State == "ran" || slot.State == "skipped"
	}
	t.Logf("%d occurrences, %d runs, %d of them interrupted", len(slots), len(runs), interrupted)
}
