package scheduler_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"socialvalue/internal/schedule"
	"socialvalue/internal/scheduler"
	"socialvalue/internal/slots"
	"socialvalue/internal/state"
)

// TestMain is also the program that the scheduler of these tests starts: what it does stands in the schedule's file.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "--program" {
		os.Exit(program(os.Args[2:]))
	}
	goleak.VerifyTestMain(m)
}

// program plays svw: "run NAME" does what NAME says.
func program(args []string) int {
	switch args[len(args)-1] {
	case "well":
		return 0
	case "refuse":
		return 3
	case "fail":
		fmt.Fprintln(os.Stderr, "on the way\nsvw: the disk is full")
		return 1
	case "unusable":
		return 2
	case "busy":
		fmt.Fprintln(os.Stderr, "svw: lock: process 7 has held the lock: wait for it to end")
		return 4
	case "die":
		panic("as an out of memory would")
	case "hang":
		time.Sleep(time.Hour)
	}
	return 0
}

// clock is a clock that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Millisecond)
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bench is a daemon on a state file, with the real processes.
type bench struct {
	db     *state.DB
	clock  *clock
	daemon *scheduler.Daemon
	reload chan struct{}
	log    *safeBuffer
	files  func() ([]schedule.Schedule, error)
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func job(t *testing.T, name, does, extra string) schedule.Schedule {
	t.Helper()
	text := "name: " + name + "\npipelines: [" + does + "]\ncron: \"30 2 * * *\"\ntime_zone: Europe/London\ntimeout: 1h\n" + extra
	s, err := schedule.Parse("schedules/"+name+".yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// newBench begins an hour before jobs are due.
func newBench(t *testing.T, jobs ...schedule.Schedule) *bench {
	t.Helper()
	b := &bench{
		db: openState(t), clock: &clock{now: time.Date(2026, 3, 5, 1, 30, 0, 0, time.UTC)}, reload: make(chan struct{}, 1), log: &safeBuffer{},
	}
	b.files = func() ([]schedule.Schedule, error) { return jobs, nil }
	ledger := scheduler.StateLedger{DB: b.db}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := scheduler.Program{Command: []string{self, "--program"}, Environ: os.Environ(), Ledger: ledger, Grace: time.Second}
	b.daemon = &scheduler.Daemon{
		Engine: &scheduler.Engine{Ledger: ledger, Now: b.clock.Now, Jobs: jobs},
		Do:     child.Do, Load: func() ([]schedule.Schedule, []string, error) {
			jobs, err := b.files()
			return jobs, nil, err
		}, Reload: b.reload,
		Log: slog.New(slog.NewJSONHandler(b.log, nil)), BeatEvery: 20 * time.Millisecond,
	}
	b.once(t) // from now on the jobs are watched
	return b
}

func (b *bench) once(t *testing.T) {
	t.Helper()
	if err := b.daemon.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) slots(t *testing.T) []slots.Slot {
	t.Helper()
	rows, err := b.db.Slots(t.Context(), "", time.Time{}.AddDate(1, 0, 0), b.clock.Now().AddDate(1, 0, 0), 100)
	if err != nil {
		t.Fatal(err)
	}
	return scheduler.FromState(rows)
}

func (b *bench) only(t *testing.T) slots.Slot {
	t.Helper()
	all := b.slots(t)
	if len(all) != 1 {
		t.Fatalf("%d slots: %+v", len(all), all)
	}
	return all[0]
}

func TestHowProcessesEnd(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		extra   string
		state   slots.State
		outcome slots.Outcome
		reason  string
		tries   int
	}{
		"well":     {"", slots.Ran, slots.Succeeded, "", 1},
		"refuse":   {"", slots.Ran, slots.Refused, "", 1},
		"fail":     {"", slots.Ran, slots.Failed, "the disk is full", 1},
		"unusable": {"retries: {max: 3}\n", slots.Ran, slots.Failed, "", 1},
		"busy":     {"", slots.Skipped, "", "process 7 has held the lock", 0},
		"die":      {"", slots.Ran, slots.Failed, "", 1},
	}
	for does, tc := range tests {
		t.Run(does, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, job(t, "a", does, tc.extra))
			b.clock.move(time.Hour)
			b.once(t)
			s := b.only(t)
			if s.State != tc.state || s.Outcome != tc.outcome || s.Attempts != tc.tries || !strings.Contains(s.Reason, tc.reason) {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestAFailureIsTriedAgainLater(t *testing.T) {
	t.Parallel()
	b := newBench(t, job(t, "a", "fail", "retries: {max: 2, after: 10m, factor: 3, at_most: 20m}\n"))
	b.clock.move(time.Hour)
	for i, wait := range []time.Duration{10 * time.Minute, 20 * time.Minute} {
		b.once(t)
		s := b.only(t)
		if got := s.NotBefore.Sub(s.Started).Round(time.Minute); s.State != slots.Waiting || s.Attempts != i+1 || got != wait {
			t.Fatalf("after %d failures it waits %s: %+v", i+1, got, s)
		}
		b.once(t)
		if again := b.only(t); again.Attempts != i+1 {
			t.Fatalf("it did not wait: %+v", again)
		}
		b.clock.move(wait + time.Minute)
	}
	b.once(t)
	if s := b.only(t); s.State != slots.Ran || s.Outcome != slots.Failed || s.Attempts != 3 {
		t.Errorf("%+v", s)
	}
}

func TestARunThatTakesTooLongIsStopped(t *testing.T) {
	t.Parallel()
	a := job(t, "a", "hang", "")
	a.Timeout = 100 * time.Millisecond
	b := newBench(t, a)
	b.clock.move(time.Hour)
	b.once(t)
	if s := b.only(t); s.Outcome != slots.Failed || !strings.Contains(s.Reason, "longer than its timeout, 100ms") {
		t.Errorf("%+v", s)
	}
}

// run runs the daemon until the test stops it.
func (b *bench) run(t *testing.T) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.daemon.Run(ctx) }()
	return func() error { cancel(); return <-ended }
}

func (b *bench) until(t *testing.T, what string, seen func() bool) {
	t.Helper()
	for range 2000 {
		if seen() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("it never came to: %s\n%s", what, b.log)
}

func (b *bench) waitFor(t *testing.T, state slots.State) {
	t.Helper()
	b.until(t, string(state), func() bool {
		all := b.slots(t)
		return len(all) > 0 && all[0].State == state
	})
}

// Stopping tells the run to stop, waits for it, and leaves the occurrence to the next start.
func TestStoppedInTheMiddleItGoesOnAtTheNextStart(t *testing.T) {
	t.Parallel()
	b := newBench(t, job(t, "a", "hang", ""))
	stop := b.run(t)
	b.clock.move(time.Hour)
	b.waitFor(t, slots.Running)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if s := b.only(t); s.State != slots.Waiting || s.Attempts != 0 {
		t.Fatalf("%+v", s)
	}
	b.daemon.Engine.Jobs = []schedule.Schedule{job(t, "a", "well", "")}
	b.once(t)
	if s := b.only(t); s.State != slots.Ran || s.Outcome != slots.Succeeded {
		t.Errorf("%+v", s)
	}
}

// A panic in the scheduler's own code ends neither the scheduler nor the slot.
func TestPanicsAreContained(t *testing.T) {
	t.Parallel()
	b := newBench(t, job(t, "a", "well", ""))
	panics := 0
	b.daemon.Do = func(context.Context, scheduler.Order) slots.Result { panic("in the work") }
	b.daemon.After = func(context.Context) error {
		if panics++; panics == 1 {
			panic("in a turn")
		}
		return nil
	}
	stop := b.run(t)
	b.clock.move(time.Hour)
	b.waitFor(t, slots.Ran)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if s := b.only(t); s.Outcome != slots.Failed || !strings.Contains(s.Reason, "panic: in the work") {
		t.Errorf("%+v", s)
	}
	if !strings.Contains(b.log.String(), "panic: in a turn") {
		t.Errorf("nothing is said of the panic in a turn:\n%s", b.log)
	}
}

// A reload shows what changed, makes nothing that was due before, and leaves all as it was when a file has a mistake.
func TestReloadShowsTheChange(t *testing.T) {
	t.Parallel()
	b := newBench(t, job(t, "a", "well", ""))
	stop := b.run(t)
	b.clock.move(30 * time.Minute) // 02:00
	edited := job(t, "a", "well", "overlap: queue\n")
	edited.Cron = ""
	earlier, err := edited.AsTimed("15 1 * * * Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	b.files = func() ([]schedule.Schedule, error) { return []schedule.Schedule{earlier, job(t, "b", "well", "")}, nil }
	b.reload <- struct{}{}
	b.until(t, "a reload", func() bool { return strings.Contains(b.log.String(), "schedules reloaded") })
	b.files = func() ([]schedule.Schedule, error) { return nil, errors.New("schedules/a.yaml:3:7: a mistake") }
	b.reload <- struct{}{}
	b.until(t, "a refused reload", func() bool { return strings.Contains(b.log.String(), "schedules/a.yaml:3:7: a mistake") })
	b.clock.move(time.Hour) // 03:00
	b.waitFor(t, slots.Ran)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if s := b.only(t); s.Job != "b" {
		t.Errorf("the occurrence at 01:15, before the edit, was made up: %+v", s)
	}
	var changes []string
	for line := range strings.SplitSeq(b.log.String(), "\n") {
		var entry struct {
			Msg     string
			Changes []string
		}
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "schedules reloaded" {
			changes = entry.Changes
		}
	}
	want := []string{"a: cron was 30 2 * * * and is 15 1 * * *, overlap was skip and is queue", "b: new, due 30 2 * * * Europe/London"}
	if !slices.Equal(changes, want) {
		t.Errorf("changes %q, want %q", changes, want)
	}
}

// The journal of runs settles what a scheduler that died right after the end of a run could not.
func TestTheJournalSettlesWhatNobodyWrote(t *testing.T) {
	t.Parallel()
	for status, want := range map[state.Status]slots.Slot{
		state.Succeeded:   {State: slots.Ran, Outcome: slots.Succeeded, Attempts: 1},
		state.Refused:     {State: slots.Ran, Outcome: slots.Refused, Attempts: 1},
		state.Failed:      {State: slots.Ran, Outcome: slots.Failed, Attempts: 1},
		state.Cancelled:   {State: slots.Waiting},
		state.Interrupted: {State: slots.Waiting, Attempts: 1, Lost: 1},
		"":                {State: slots.Waiting, Attempts: 1, Lost: 1},
	} {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, job(t, "a", "well", ""))
			b.clock.move(time.Hour)
			order, _, err := b.daemon.Engine.Tick(t.Context())
			if err != nil || order == nil {
				t.Fatalf("%+v, %v", order, err)
			}
			if status != "" {
				r := state.Run{ID: "r", Started: b.clock.Now(), Finished: b.clock.Now(), Status: status, Trigger: order.Slot.Trigger()}
				if _, err := b.db.StartRun(t.Context(), r); err != nil {
					t.Fatal(err)
				}
				if err := b.db.FinishRun(t.Context(), r); err != nil {
					t.Fatal(err)
				}
			}
			if err := b.daemon.Engine.Recover(t.Context()); err != nil {
				t.Fatal(err)
			}
			if s := b.only(t); s.State != want.State || s.Outcome != want.Outcome || s.Attempts != want.Attempts || s.Lost != want.Lost {
				t.Errorf("%+v", s)
			}
		})
	}
}

// What kills the scheduler each time is not tried for ever.
func TestASlotThatIsAlwaysLostIsGivenUp(t *testing.T) {
	t.Parallel()
	b := newBench(t, job(t, "a", "well", ""))
	b.clock.move(time.Hour)
	for n := 1; ; n++ {
		order, _, err := b.daemon.Engine.Tick(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if order == nil {
			if n != 6 {
				t.Errorf("it was tried %d times", n-1)
			}
			break
		}
		if err := b.daemon.Engine.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if s := b.only(t); s.Outcome != slots.Failed || !strings.Contains(s.Reason, "5 times") {
		t.Errorf("%+v", s)
	}
}

func TestBeats(t *testing.T) {
	t.Parallel()
	b := newBench(t, job(t, "a", "hang", ""))
	var mu sync.Mutex
	var beats []scheduler.Pulse
	b.daemon.Beat = func(p scheduler.Pulse) {
		mu.Lock()
		defer mu.Unlock()
		beats = append(beats, p)
	}
	stop := b.run(t)
	b.clock.move(time.Hour)
	b.until(t, "beats during work", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(beats) > 3 && beats[len(beats)-1].Job == "a" && beats[len(beats)-2].Job == "a"
	})
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}
