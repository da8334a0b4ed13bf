package scheduler_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"socialvalue/internal/schedule"
	"socialvalue/internal/scheduler"
	"socialvalue/internal/slots"
)

// crash is what the world panics with when the process dies.
type crash struct{}

// world is a machine with a clock of its own: a ledger and a journal that survive, and a process that does not.
type world struct {
	t       testing.TB
	random  *rand.Rand
	now     time.Time
	jobs    map[string]spec
	slots   map[slots.Key]slots.Slot
	watches map[string]slots.Watch
	journal map[string]slots.Result
	engine  *scheduler.Engine
	work    *work

	steps     int
	crashAt   int // the step before which the process dies; 0: by chance
	crashOdds float64
	outcomes  func(key slots.Key) slots.Ending
	long      bool // some work takes hours

	pending map[slots.Key]bool // open slots
	ended   map[string]slots.Slot
	parsed  map[string]schedule.Schedule // by text

	completed map[slots.Key]int
	begun     map[slots.Key]int
	spans     map[string][]span // in force, as the process noticed
	crashes   int
}

// work is a run under way.
type work struct {
	order scheduler.Order
	ends  time.Time
	as    slots.Ending
}

// span is a time in which a job's occurrences came from one edition of its file: those after from, up to until.
type span struct {
	spec        spec
	from, until time.Time
}

// spec is a job as the test knows it, apart from how the program reads it.
type spec struct {
	minute, hours string // of cron; hours a number, a list or *
	day, weekday  int    // 0: any; weekday from 1 (Monday) to 7
	extra         string // YAML
	disabled      bool
}

func (s spec) yaml(name string) string {
	field := func(n int) string {
		if n == 0 {
			return "*"
		}
		return strconv.Itoa(n % 7 * min(1, n)) // used for weekdays alone
	}
	day := "*"
	if s.day > 0 {
		day = strconv.Itoa(s.day)
	}
	text := fmt.Sprintf("name: %s\ncron: \"%s %s %s * %s\"\ntime_zone: Europe/London\ntimeout: 1h\n%s", name, s.minute, s.hours, day, field(s.weekday), s.extra)
	if s.disabled {
		text += "enabled: false\ndisabled_because: a test\n"
	}
	return text
}

// lastSunday is the last Sunday of a month, 01:00 UTC: when British clocks change.
func lastSunday(year int, month time.Month) time.Time {
	t := time.Date(year, month+1, 0, 1, 0, 0, 0, time.UTC)
	return t.AddDate(0, 0, -int(t.Weekday()))
}

// summer says whether British clocks are an hour ahead.
func summer(t time.Time) bool {
	return !t.Before(lastSunday(t.Year(), time.March)) && t.Before(lastSunday(t.Year(), time.October))
}

// occurrences lists when the job is due after from and up to until, by the rule of British clocks and nothing of the
// program: the first instant at which the clock on the wall shows the time, or the change that skips it.
func (s spec) occurrences(from, until time.Time) []time.Time {
	if s.disabled {
		return nil
	}
	var hours []int
	if s.hours == "*" {
		for h := range 24 {
			hours = append(hours, h)
		}
	} else {
		for text := range strings.SplitSeq(s.hours, ",") {
			h, _ := strconv.Atoi(text)
			hours = append(hours, h)
		}
	}
	minute, _ := strconv.Atoi(s.minute)
	from, until = from.UTC(), until.UTC()
	var all []time.Time
	for day := from.AddDate(0, 0, -2).Truncate(24 * time.Hour); !day.After(until.AddDate(0, 0, 2)); day = day.AddDate(0, 0, 1) {
		if s.day > 0 && day.Day() != s.day || s.weekday > 0 && int(day.Weekday()) != s.weekday%7 {
			continue
		}
		for _, h := range hours {
			wall := day.Add(time.Duration(h)*time.Hour + time.Duration(minute)*time.Minute)
			at := wall.Add(-time.Hour)
			if !summer(at) {
				at = wall
				if summer(at) {
					at = lastSunday(day.Year(), time.March)
				}
			}
			if at.After(from) && !at.After(until) {
				all = append(all, at)
			}
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

func newWorld(t testing.TB, seed uint64, start time.Time) *world {
	t.Helper()
	return &world{
		t: t, random: rand.New(rand.NewPCG(seed, 9)), now: start, jobs: map[string]spec{}, slots: map[slots.Key]slots.Slot{},
		watches: map[string]slots.Watch{}, journal: map[string]slots.Result{}, completed: map[slots.Key]int{},
		begun: map[slots.Key]int{}, spans: map[string][]span{}, pending: map[slots.Key]bool{}, ended: map[string]slots.Slot{},
		parsed:   map[string]schedule.Schedule{},
		outcomes: func(slots.Key) slots.Ending { return slots.EndedWell },
	}
}

// step is a place at which the process may die.
func (w *world) step() {
	w.steps++
	if w.crashAt == w.steps || w.crashOdds > 0 && w.random.Float64() < w.crashOdds {
		w.crashes++
		panic(crash{})
	}
}

// The ledger of the world.

func (w *world) Watches(context.Context) ([]slots.Watch, error) {
	w.step()
	list := slices.Collect(maps.Values(w.watches))
	slices.SortFunc(list, func(a, b slots.Watch) int { return strings.Compare(a.Job, b.Job) })
	return list, nil
}

func (w *world) Open(context.Context) ([]slots.Slot, error) {
	w.step()
	return w.open(), nil
}

func (w *world) open() []slots.Slot {
	var open []slots.Slot
	for key := range w.pending {
		open = append(open, w.slots[key])
	}
	return slots.InOrder(open)
}

func (w *world) Apply(_ context.Context, change slots.Change) error {
	w.step()
	for _, s := range change.New {
		if _, ok := w.slots[s.Key()]; ok {
			w.t.Fatalf("%s: the occurrence of %s at %s is enrolled twice", w.now, s.Job, s.At)
		}
		w.put(s)
	}
	for _, s := range change.Changed {
		was, ok := w.slots[s.Key()]
		if !ok || was.State == slots.Ran || was.State == slots.Skipped {
			w.t.Fatalf("%s: the settled slot of %s at %s changes", w.now, s.Job, s.At)
		}
		w.put(s)
	}
	for _, watch := range change.Watches {
		was, ok := w.watches[watch.Job]
		w.watches[watch.Job] = watch
		if !ok || was.Timing != watch.Timing {
			w.notice(watch.Job)
		}
	}
	for _, job := range change.Gone {
		delete(w.watches, job)
		w.notice(job)
	}
	w.step()
	return nil
}

func (w *world) put(s slots.Slot) {
	w.slots[s.Key()] = s
	if s.State == slots.Waiting || s.State == slots.Running {
		w.pending[s.Key()] = true
		return
	}
	delete(w.pending, s.Key())
	if last, ok := w.ended[s.Job]; s.State == slots.Ran && (!ok || last.At.Before(s.At)) {
		w.ended[s.Job] = s
	}
}

// notice takes down that the process has seen at this moment how a job's file is now. The files are the world's own.
func (w *world) notice(job string) {
	spans := w.spans[job]
	if n := len(spans); n > 0 && spans[n-1].until.IsZero() {
		spans[n-1].until = w.now
	}
	if spec, ok := w.jobs[job]; ok {
		spans = append(spans, span{spec: spec, from: w.now})
	}
	w.spans[job] = spans
}

func (w *world) Facts(context.Context) (slots.Facts, error) {
	w.step()
	return slots.Facts{Ended: maps.Clone(w.ended)}, nil
}

func (w *world) Journalled(_ context.Context, trigger string) (slots.Result, bool, error) {
	w.step()
	result, ok := w.journal[trigger]
	return result, ok, nil
}

// files is what the process reads of the jobs now.
func (w *world) files() []schedule.Schedule {
	var all []schedule.Schedule
	for _, name := range slices.Sorted(maps.Keys(w.jobs)) {
		text := w.jobs[name].yaml(name)
		if _, ok := w.parsed[text]; !ok {
			s, err := schedule.Parse("schedules/"+name+".yaml", []byte(text))
			if err != nil {
				w.t.Fatal(err)
			}
			w.parsed[text] = s
		}
		all = append(all, w.parsed[text])
	}
	return all
}

// alive runs one turn of the process and says whether it lived through it.
func (w *world) alive(turn func() error) (lived bool) {
	defer func() {
		switch died := recover(); died.(type) {
		case nil:
		case crash:
			w.engine, w.work, lived = nil, nil, false
		default:
			panic(died)
		}
	}()
	if err := turn(); err != nil {
		w.t.Fatal(err)
	}
	return true
}

// boot starts the process.
func (w *world) boot(ctx context.Context) error {
	w.engine = &scheduler.Engine{Ledger: w, Now: func() time.Time { return w.now }, Jobs: w.files()}
	return w.engine.Recover(ctx)
}

// turn is one turn of the process: what ended is settled, what is due is begun. It returns when the next one is.
func (w *world) turn(ctx context.Context) (time.Time, error) {
	if w.work != nil && !w.now.Before(w.work.ends) {
		if err := w.finish(ctx); err != nil {
			return time.Time{}, err
		}
	}
	order, wake, err := w.engine.Tick(ctx)
	if err != nil {
		return time.Time{}, err
	}
	if order != nil {
		w.step()
		w.begin(*order)
	}
	if w.work != nil && (wake.IsZero() || w.work.ends.Before(wake)) {
		wake = w.work.ends
	}
	return wake, nil
}

func (w *world) begin(order scheduler.Order) {
	if w.work != nil {
		w.t.Fatalf("%s: %s begins while %s is at work", w.now, order.Job.Name, w.work.order.Job.Name)
	}
	key := order.Slot.Key()
	if w.slots[key].State != slots.Running {
		w.t.Fatalf("%s: work begins that nobody claimed", w.now)
	}
	w.begun[key]++
	minutes := 1 + w.random.IntN(20)
	if w.long && w.random.IntN(50) == 0 {
		minutes = 60 * (1 + w.random.IntN(30)) // over the next occurrence
	}
	w.work = &work{order: order, ends: w.now.Add(time.Duration(minutes) * time.Minute), as: w.outcomes(key)}
}

// finish ends the work: first in the journal of runs, then in the ledger.
func (w *world) finish(ctx context.Context) error {
	done := *w.work
	result := slots.Result{Ending: done.as, Text: "as the test says", RunID: "run"}
	if done.as != slots.EndedLocked {
		w.journal[done.order.Slot.Trigger()] = result
	}
	if done.as == slots.EndedWell || done.as == slots.EndedRefused {
		w.completed[done.order.Slot.Key()]++
	}
	w.step()
	w.work = nil
	return w.engine.Ended(ctx, done.order.Slot, result)
}

// until lives on to a time; it reboots after each death, after a while that down says.
func (w *world) until(ctx context.Context, end time.Time, down func() time.Duration) {
	for w.now.Before(end) {
		wake := w.now
		lived := w.alive(func() (err error) {
			if w.engine == nil {
				if err := w.boot(ctx); err != nil {
					return err
				}
			}
			wake, err = w.turn(ctx)
			return err
		})
		switch {
		case !lived:
			w.now = w.now.Add(down())
		case wake.IsZero() || wake.After(end):
			w.now = end
		default:
			w.now = later(wake, w.now.Add(time.Second))
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// drain lives on without trouble until nothing waits.
func (w *world) drain(ctx context.Context) {
	w.crashOdds, w.crashAt = 0, 0
	w.outcomes = func(slots.Key) slots.Ending { return slots.EndedWell }
	for range 5000 {
		w.until(ctx, w.now.Add(10*time.Minute), nil)
		if len(w.open()) == 0 && w.work == nil {
			return
		}
	}
	w.t.Fatalf("after a month without trouble these still wait: %+v", w.open())
}

// account holds the ledger against the occurrences there were.
func (w *world) account() {
	w.t.Helper()
	want := map[slots.Key]bool{}
	for job, spans := range w.spans {
		for _, span := range spans {
			if span.until.IsZero() { // the world ended before the process had its turn at this moment
				span.until = w.now.Add(-time.Second)
			}
			for _, at := range span.spec.occurrences(span.from, span.until) {
				want[slots.Key{Job: job, At: at.Unix()}] = true
			}
		}
	}
	for key := range want {
		if _, ok := w.slots[key]; !ok {
			w.t.Errorf("the occurrence of %s at %s is not accounted for", key.Job, time.Unix(key.At, 0).UTC())
		}
	}
	for key, s := range w.slots {
		switch {
		case !want[key]:
			w.t.Errorf("there was no occurrence of %s at %s", s.Job, s.At)
		case s.State == slots.Ran && s.Outcome == slots.Failed && w.completed[key] != 0,
			s.State == slots.Ran && s.Outcome != slots.Failed && w.completed[key] != 1,
			s.State == slots.Skipped && (w.completed[key] != 0 || s.Reason == "" || s.Why == ""),
			s.State != slots.Ran && s.State != slots.Skipped:
			w.t.Errorf("%+v was completed %d times", s, w.completed[key])
		case s.Finished.Before(s.At) || s.Attempts < 0:
			w.t.Errorf("%+v makes no sense", s)
		}
	}
}
