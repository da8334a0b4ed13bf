// Package slots decides, from a clock, schedules and a ledger, what becomes of each occurrence of each job: it runs once,
// or it is skipped and the ledger says why. It is arithmetic alone: it reads no clock and keeps nothing. It imports
// internal/schedule only.
//
// An occurrence is accounted for when it has a slot. A slot is made when the occurrence is due, and claimed before its work
// starts; both are written before anything else happens, so that a process that dies at any moment leaves a ledger from
// which the next one goes on. What a schedule's file says now makes no slots before now: up to the moment at which a change
// is noticed, the file as it was decides what was due.
package slots

import "time"

// State is how an occurrence stands.
type State string

// The states. Waiting and running slots are open; the others never change again.
const (
	Waiting State = "waiting" // for its turn, a retry, or what it needs
	Running State = "running"
	Ran     State = "ran"
	Skipped State = "skipped"
)

// Outcome is how the work of a slot that ran ended.
type Outcome string

// The outcomes. Refused is done: what was refused or held is said by the run.
const (
	Succeeded Outcome = "succeeded"
	Refused   Outcome = "refused"
	Failed    Outcome = "failed"
)

// Why is the kind of reason for which an occurrence was skipped.
type Why string

// The reasons.
const (
	WhyMissed   Why = "missed"   // nobody was there when it was due
	WhyOverlap  Why = "overlap"  // another run was at work
	WhyBlackout Why = "blackout" // nothing may start then
	WhyNeeds    Why = "needs"    // what it needs did not come
	WhyRemoved  Why = "removed"  // there is no such job any more
	WhyDisabled Why = "disabled"
)

// Slot is one occurrence of one job.
type Slot struct {
	Job       string
	At        time.Time // when it is due
	State     State
	Outcome   Outcome   // of one that ran
	Why       Why       // of one that was skipped
	Reason    string    // for people: of a skip, a failure, a wait
	Enrolled  time.Time // when the slot was made
	Late      bool      // when that was too long after it was due
	Attempts  int       // begun so far
	Lost      int       // of these, those whose process ended without a word
	NotBefore time.Time // of a waiting one
	Started   time.Time // of the last attempt
	Finished  time.Time
	RunID     string // in the journal of runs
}

// Key identifies a slot.
type Key struct {
	Job string
	At  int64 // Unix seconds
}

// Key of the slot.
func (s Slot) Key() Key { return Key{s.Job, s.At.Unix()} }

// Trigger names the slot's present attempt in the journal of runs.
func (s Slot) Trigger() string {
	return Trigger(s.Job, s.At, s.Attempts)
}

// Watch says up to when the occurrences of a job are accounted for, and by which timing they are reckoned after that.
type Watch struct {
	Job    string
	Timing string // schedule.Schedule.Timing; empty: disabled
	Until  time.Time
}

// Change is what the ledger must take up in one transaction.
type Change struct {
	New     []Slot // a slot that is there already stays as it is
	Changed []Slot // open slots
	Watches []Watch
	Gone    []string // jobs that are watched no more
	More    bool     // there is more: take this up and ask again
}

// Empty says whether there is nothing to take up.
func (c Change) Empty() bool {
	return len(c.New)+len(c.Changed)+len(c.Watches)+len(c.Gone) == 0
}
