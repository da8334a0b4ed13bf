package scheduler_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"socialvalue/internal/slots"
)

var (
	worlds    = flag.Int("worlds", 6, "how many times five years are walked through")
	worldSeed = flag.Uint64("world-seed", 1, "what the first is drawn from; 0: by chance")
)

// someSpec draws a job; many of them are due in the hours that clock changes skip and repeat.
func someSpec(random *rand.Rand, needs string) spec {
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	s := spec{minute: pick("0", "15", "30", "59"), hours: pick("0", "1", "1", "1", "2", "2", "3", "7", "23", "0,1,2", "5,17", "*")}
	switch random.IntN(5) {
	case 0:
		s.weekday = 7 // clocks change on Sundays
	case 1:
		s.weekday = 1 + random.IntN(6)
	case 2:
		s.day = 1 + random.IntN(31)
	}
	if s.hours == "*" && s.weekday == 0 && s.day == 0 {
		s.weekday = 7
	}
	s.extra = somePolicy(random, s.weekday)
	if needs != "" && random.IntN(4) == 0 {
		s.extra += fmt.Sprintf("needs: {jobs: [%s], wait: 2h}\n", needs)
	}
	return s
}

// somePolicy draws what a job on this weekday does about trouble. No blackout covers its every occurrence: that is a mistake
// which the program refuses.
func somePolicy(random *rand.Rand, weekday int) string {
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	days := "[sun, wed]"
	if weekday == 7 || weekday == 3 {
		days = "[sat]"
	}
	return pick("overlap: skip\n", "overlap: queue\n") +
		pick("catch_up: none\n", "catch_up: latest\n", "catch_up: all\ncatch_up_max: 3\n") +
		pick("", "", "retries: {max: 2, after: 10m}\n") +
		pick("", "", "", "blackout: [{between: \"01:00-02:10\", days: "+days+", reason: a test}]\n", "blackout: [{from: 2026-03-20, to: 2026-04-02, reason: a test}]\n")
}

// edit does something to the files of the jobs.
func (w *world) edit() {
	name := []string{"a", "b", "c"}[w.random.IntN(3)]
	s, ok := w.jobs[name]
	switch {
	case !ok || w.random.IntN(4) == 0:
		needs := ""
		if name != "a" {
			needs = "a"
		}
		w.jobs[name] = someSpec(w.random, needs)
		if _, ok := w.jobs["a"]; !ok {
			w.jobs["a"] = someSpec(w.random, "")
		}
	case w.random.IntN(3) == 0:
		s.disabled = !s.disabled
		w.jobs[name] = s
	case w.random.IntN(4) == 0:
		delete(w.jobs, name)
	default: // another minute or policy at the same hour
		s.minute, s.extra = someSpec(w.random, "").minute, somePolicy(w.random, s.weekday)
		w.jobs[name] = s
	}
}

// Rule 8 of what must hold: every occurrence runs once, or its skip is recorded with a reason. Five years of London, with
// the process dying at any step, the machine off for minutes or weeks, files edited while it is up or down, runs that fail,
// take long, or find another run at work.
func TestFiveYearsAreAccountedFor(t *testing.T) {
	t.Parallel()
	for i := range *worlds {
		seed := *worldSeed + uint64(i)
		if *worldSeed == 0 {
			seed = rand.Uint64()
		}
		start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, int(seed%24), 0)
		w := newWorld(t, seed, start)
		end := start.AddDate(5, 0, 0)
		w.crashOdds = []float64{0, 0.0005, 0.01, 0.1}[w.random.IntN(4)]
		trouble := w.random.IntN(2) == 0
		w.long = trouble
		w.outcomes = func(slots.Key) slots.Ending {
			if trouble {
				return []slots.Ending{
					slots.EndedWell, slots.EndedWell, slots.EndedRefused, slots.EndedFailed, slots.EndedUnusable, slots.EndedLocked, slots.EndedStopped,
				}[w.random.IntN(7)]
			}
			return slots.EndedWell
		}
		down := func() time.Duration {
			if w.random.IntN(50) == 0 {
				return time.Duration(w.random.IntN(40*24)) * time.Hour
			}
			return time.Duration(w.random.IntN(600)) * time.Second
		}
		for w.edit(); w.now.Before(end); w.edit() {
			if w.engine != nil {
				w.engine.Jobs = w.files() // it was told to reload
			}
			w.until(t.Context(), w.now.Add(time.Duration(1+w.random.IntN(90*24*60))*time.Minute), down)
			if w.engine != nil && w.random.IntN(3) == 0 { // the machine goes off
				w.engine, w.work = nil, nil
				w.now = w.now.Add(time.Duration(w.random.IntN(20*24*60)) * time.Minute)
			}
		}
		w.drain(t.Context())
		w.account()
		if t.Failed() {
			t.Fatalf("seen with -worlds 1 -world-seed %d", seed)
		}
	}
}

// TestDyingAtEveryStep walks a week over each clock change again and again; the n-th time the process dies before the n-th
// step, until there are no more steps.
func TestDyingAtEveryStep(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]time.Time{
		"spring": time.Date(2026, 3, 26, 12, 0, 0, 0, time.UTC), "autumn": time.Date(2026, 10, 22, 12, 0, 0, 0, time.UTC),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := 1; ; n++ {
				w := newWorld(t, 1, start)
				w.crashAt = n
				fail := map[slots.Key]bool{}
				w.outcomes = func(key slots.Key) slots.Ending {
					if key.Job == "b" && !fail[key] {
						fail[key] = true
						return slots.EndedFailed
					}
					return slots.EndedWell
				}
				w.jobs["a"] = spec{minute: "30", hours: "1", extra: "overlap: queue\n"}
				w.jobs["b"] = spec{minute: "45", hours: "0,1,2", extra: "overlap: queue\nretries: {max: 1, after: 3m}\nneeds: {jobs: [a]}\n"}
				down := func() time.Duration { return 5 * time.Minute }
				w.until(t.Context(), start.AddDate(0, 0, 3), down)
				w.jobs["a"] = spec{minute: "31", hours: "1", extra: "overlap: queue\n"}
				if w.engine != nil {
					w.engine.Jobs = w.files()
				}
				w.until(t.Context(), start.AddDate(0, 0, 4).Add(time.Hour), down)
				died := w.crashes > 0
				w.drain(t.Context())
				w.account()
				for key, s := range w.slots {
					if s.State != slots.Ran || s.Outcome != slots.Succeeded {
						t.Errorf("step %d: %s is %+v", n, key.Job, s)
					}
				}
				if t.Failed() {
					t.Fatalf("it died before step %d", n)
				}
				if !died {
					if n < 100 {
						t.Errorf("only %d steps were tried", n)
					}
					break
				}
			}
		})
	}
}
