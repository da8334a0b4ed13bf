package slots

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"socialvalue/internal/schedule"
)

// atOnce is how many occurrences of a job are enrolled in one transaction.
const atOnce = 5000

// Enrol makes the slots of all occurrences that are due by now and have none, and decides which of them will not run. Open
// are the slots that wait or run.
func Enrol(now time.Time, jobs []schedule.Schedule, watches []Watch, open []Slot) (Change, error) {
	e := enrolment{now: now, open: map[string][]Slot{}, busy: slices.ContainsFunc(open, func(s Slot) bool { return s.State == Running })}
	for _, s := range open {
		e.open[s.Job] = append(e.open[s.Job], s)
	}
	watched := map[string]bool{}
	current := map[string]schedule.Schedule{}
	for _, job := range jobs {
		current[job.Name] = job
	}
	for _, w := range watches {
		watched[w.Job] = true
		job, ok := current[w.Job]
		if !ok {
			job = schedule.Schedule{Name: w.Job}
		}
		if err := e.watch(w, job, ok); err != nil {
			return Change{}, err
		}
	}
	for _, job := range jobs {
		if !watched[job.Name] {
			e.change.Watches = append(e.change.Watches, Watch{Job: job.Name, Timing: job.Timing(), Until: now})
		}
	}
	for _, s := range InOrder(open) {
		job, there := current[s.Job]
		if gone := e.gone(job, there); gone.Why != "" && s.State == Waiting {
			e.change.Changed = append(e.change.Changed, skipped(s, now, gone.Why, gone.Reason))
		}
	}
	return e.change, nil
}

type enrolment struct {
	now    time.Time
	open   map[string][]Slot // by job
	busy   bool              // something runs
	change Change
}

// watch accounts for a job up to now; there says whether it still has a file.
func (e *enrolment) watch(w Watch, job schedule.Schedule, there bool) error {
	fresh, until, err := e.due(w, job)
	if err != nil {
		return err
	}
	whole := until.Equal(e.now) || until.After(e.now)
	if !whole {
		e.change.More = true
	}
	switch gone := e.gone(job, there); {
	case gone.Why != "":
		for _, s := range fresh {
			e.change.New = append(e.change.New, skipped(s, e.now, gone.Why, gone.Reason))
		}
	case len(fresh) > 0:
		e.judge(job, fresh)
	}
	switch {
	case whole && !there:
		e.change.Gone = append(e.change.Gone, w.Job)
	case whole && job.Timing() != w.Timing:
		e.change.Watches = append(e.change.Watches, Watch{Job: w.Job, Timing: job.Timing(), Until: until})
	case len(fresh) > 0:
		e.change.Watches = append(e.change.Watches, Watch{Job: w.Job, Timing: w.Timing, Until: until})
	}
	return nil
}

// due lists the occurrences after those accounted for, by the timing they were promised with.
func (e *enrolment) due(w Watch, job schedule.Schedule) (fresh []Slot, until time.Time, err error) {
	if w.Timing == "" || w.Until.After(e.now) {
		return nil, later(w.Until, e.now), nil
	}
	timed := job
	if job.Timing() != w.Timing {
		if timed, err = job.AsTimed(w.Timing); err != nil {
			return nil, time.Time{}, fmt.Errorf("account for %s: %w", w.Job, err)
		}
	}
	for at := timed.Next(w.Until); !at.IsZero() && !at.After(e.now); at = timed.Next(at) {
		if len(fresh) == atOnce {
			return fresh, fresh[len(fresh)-1].At, nil
		}
		fresh = append(fresh, Slot{
			Job: w.Job, At: at.UTC(), State: Waiting, Enrolled: e.now, Late: e.now.Sub(at) > job.LateAfter,
		})
	}
	return fresh, e.now, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// gone says why nothing of the job runs any more; an empty reason: it does.
func (e *enrolment) gone(job schedule.Schedule, there bool) Slot {
	switch {
	case !there:
		return Slot{Why: WhyRemoved, Reason: "the schedule was removed"}
	case !job.Enabled:
		return Slot{Why: WhyDisabled, Reason: "the schedule was disabled: " + job.DisabledBecause}
	}
	return Slot{}
}

// judge decides which of the occurrences that are newly due wait for their turn.
func (e *enrolment) judge(job schedule.Schedule, fresh []Slot) {
	open := e.open[job.Name]
	unfinished := slices.IndexFunc(open, func(s Slot) bool { return s.State == Running || !s.Late || s.Attempts > 0 })
	late := false
	for i, s := range fresh {
		reason := job.BlackedOut(s.At)
		switch {
		case reason != "":
			fresh[i] = skipped(s, e.now, WhyBlackout, "nothing may start then: "+reason)
		case s.Late:
			late = true
		case job.Overlap == schedule.Skip && unfinished >= 0:
			fresh[i] = skipped(s, e.now, WhyOverlap, "the occurrence of "+stamp(open[unfinished].At)+" was not finished")
		case job.Overlap == schedule.Skip && e.busy:
			fresh[i] = skipped(s, e.now, WhyOverlap, "another job was at work")
		}
	}
	changed := []Slot{}
	if late {
		changed = e.coalesce(job, fresh)
	}
	e.change.New = append(e.change.New, fresh...)
	e.change.Changed = append(e.change.Changed, changed...)
}

// coalesce leaves as many occurrences waiting as the job makes up for: those that nobody saw, and with CatchUpLatest any
// others that have not begun. It changes fresh, and returns what changes of the open ones.
func (e *enrolment) coalesce(job schedule.Schedule, fresh []Slot) (changed []Slot) {
	var waiting []*Slot
	open := slices.Clone(e.open[job.Name])
	for _, list := range [][]Slot{open, fresh} {
		for i := range list {
			if s := &list[i]; s.State == Waiting && s.Attempts == 0 && (s.Late || job.CatchUp == schedule.CatchUpLatest) {
				waiting = append(waiting, s)
			}
		}
	}
	slices.SortFunc(waiting, func(a, b *Slot) int { return a.At.Compare(b.At) })
	keep, reason := 0, "nobody was there when it was due, and catch_up is none"
	switch job.CatchUp {
	case schedule.CatchUpNone:
	case schedule.CatchUpLatest:
		keep, reason = 1, "nobody was there when it was due; the occurrence of "+stamp(waiting[len(waiting)-1].At)+" makes up for it"
	case schedule.CatchUpAll:
		keep, reason = job.CatchUpMax, fmt.Sprintf("nobody was there when it was due, and catch_up_max is %d", job.CatchUpMax)
	}
	superseded := map[Key]bool{}
	for _, s := range waiting[:max(0, len(waiting)-keep)] {
		*s = skipped(*s, e.now, WhyMissed, reason)
		superseded[s.Key()] = true
	}
	for _, s := range open {
		if superseded[s.Key()] {
			changed = append(changed, s)
		}
	}
	return changed
}

func skipped(s Slot, now time.Time, why Why, reason string) Slot {
	s.State, s.Why, s.Reason, s.Finished = Skipped, why, strings.TrimSpace(reason), now
	return s
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04Z") }

// Trigger names an attempt in the journal of runs.
func Trigger(job string, at time.Time, attempt int) string {
	return fmt.Sprintf("schedule:%s@%s#%d", job, at.UTC().Format(time.RFC3339), attempt)
}

// InOrder sorts slots as they take their turns.
func InOrder(list []Slot) []Slot {
	return slices.SortedFunc(slices.Values(list), func(a, b Slot) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Job, b.Job))
	})
}
