package slots

import (
	"fmt"
	"strings"
	"time"

	"socialvalue/internal/schedule"
)

// Facts are what slots wait for.
type Facts struct {
	Ended    map[string]Slot      // the last slot of each job that ran
	Received map[string]time.Time // when each source delivered last
}

// Turn is what comes next.
type Turn struct {
	Start *Slot  // not yet claimed
	Skip  []Slot // what waited in vain
	// Wake is when something may be different without anything happening; zero: never.
	Wake time.Time
}

// lookAgain is how long until the end of a blackout and what a slot needs are looked for again.
const lookAgain = time.Minute

// Next says whose turn it is. One slot runs at a time, since the warehouse has one writer.
func Next(now time.Time, jobs []schedule.Schedule, open []Slot, facts Facts) Turn {
	byName := map[string]schedule.Schedule{}
	var turn Turn
	for _, job := range jobs {
		byName[job.Name] = job
		if job.Enabled {
			turn.wake(job.Next(now))
		}
	}
	running := false
	for _, s := range open {
		running = running || s.State == Running
	}
	for _, s := range InOrder(open) {
		job, ok := byName[s.Job]
		if s.State != Waiting || !ok {
			continue
		}
		if s.NotBefore.After(now) {
			turn.wake(s.NotBefore)
			continue
		}
		if job.BlackedOut(now) != "" {
			turn.wake(now.Add(lookAgain))
			continue
		}
		if lacks := lacking(now, job, s, open, facts); lacks != "" {
			if !now.Before(s.Enrolled.Add(job.Needs.Wait)) {
				turn.Skip = append(turn.Skip, skipped(s, now, WhyNeeds, fmt.Sprintf("it waited %s for %s, in vain", job.Needs.Wait, lacks)))
				continue
			}
			turn.wake(now.Add(lookAgain))
			continue
		}
		if !running && turn.Start == nil {
			turn.Start = &s
		}
	}
	return turn
}

// wake brings the next look forward.
func (t *Turn) wake(at time.Time) {
	if !at.IsZero() && (t.Wake.IsZero() || at.Before(t.Wake)) {
		t.Wake = at
	}
}

// lacking lists what a slot needs and does not have.
func lacking(now time.Time, job schedule.Schedule, s Slot, open []Slot, facts Facts) string {
	var lacks []string
	for _, need := range job.Needs.Jobs {
		before := func() bool {
			for _, other := range open {
				if other.Job == need && !other.At.After(s.At) {
					return true
				}
			}
			return false
		}
		last, ok := facts.Ended[need]
		switch {
		case before():
			lacks = append(lacks, "the job "+need+" to end")
		case !ok:
			lacks = append(lacks, "the job "+need+" to run")
		case last.Outcome == Failed:
			lacks = append(lacks, "the job "+need+" to end well")
		}
	}
	for _, need := range job.Needs.Sources {
		if received, ok := facts.Received[need.Source]; !ok || now.Sub(received) > need.Within {
			lacks = append(lacks, "files of the source "+need.Source)
		}
	}
	return strings.Join(lacks, ", ")
}

// Begun is a slot that is claimed for an attempt.
func Begun(s Slot, now time.Time) Slot {
	s.State, s.Started, s.Reason, s.RunID, s.NotBefore = Running, now, "", "", time.Time{}
	s.Attempts++
	return s
}

// Ending is how an attempt ended.
type Ending string

// The endings of attempts.
const (
	EndedWell     Ending = "succeeded"
	EndedRefused  Ending = "refused"       // done, and something was refused or held
	EndedFailed   Ending = "failed"        // it may be tried again
	EndedUnusable Ending = "unusable"      // wrongly configured: trying again is no use
	EndedLocked   Ending = "locked"        // another run was at work: nothing was done
	EndedStopped  Ending = "stopped"       // by the scheduler, which stops: it is no fault of the job
	EndedLost     Ending = "interrupted"   // its process ended without a word
	EndedCalled   Ending = "stopped early" // somebody stopped it
)

// Result is what came of an attempt.
type Result struct {
	Ending Ending
	Text   string // for people: what went wrong
	RunID  string
}

const (
	// mostLost is how often an attempt may vanish with its process before the slot is given up: what kills the scheduler
	// each time must not be tried for ever.
	mostLost = 5
	// lockedFor is how long to wait before looking whether the other run has ended.
	lockedFor = 15 * time.Second
)

// Settled is a running slot after its attempt has ended.
func Settled(job schedule.Schedule, s Slot, result Result, now time.Time) Slot {
	s.RunID = result.RunID
	waiting := func(until time.Time, reason string) Slot {
		s.State, s.NotBefore, s.Reason = Waiting, until, reason
		return s
	}
	ran := func(outcome Outcome) Slot {
		s.State, s.Outcome, s.Reason, s.Finished = Ran, outcome, result.Text, now
		return s
	}
	switch result.Ending {
	case EndedWell:
		return ran(Succeeded)
	case EndedRefused:
		return ran(Refused)
	case EndedLocked:
		s.Attempts--
		if job.Overlap == schedule.Skip && !s.Late && s.Attempts == 0 {
			return skipped(s, now, WhyOverlap, result.Text)
		}
		return waiting(now.Add(lockedFor), result.Text)
	case EndedStopped:
		s.Attempts--
		return waiting(time.Time{}, "it was stopped with the scheduler")
	case EndedLost:
		if s.Lost++; s.Lost < mostLost {
			return waiting(time.Time{}, "its process ended without a word")
		}
		result.Text = fmt.Sprintf("its process ended without a word %d times", s.Lost)
		return ran(Failed)
	case EndedFailed:
		if failures := s.Attempts - s.Lost; failures <= job.Retries.Max {
			return waiting(now.Add(job.Retries.Wait(failures)), result.Text)
		}
	case EndedUnusable, EndedCalled:
	}
	return ran(Failed)
}
