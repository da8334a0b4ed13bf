// Package scheduler runs schedules: it keeps the ledger of slots, starts the work of those whose turn it is in processes of
// their own, and lets a person reload and stop it. What becomes of a slot is decided by internal/slots.
package scheduler

import (
	"context"
	"fmt"
	"time"

	"socialvalue/internal/schedule"
	"socialvalue/internal/slots"
)

// Ledger keeps slots. Every method is whole or not at all.
type Ledger interface {
	Watches(ctx context.Context) ([]slots.Watch, error)
	Open(ctx context.Context) ([]slots.Slot, error)
	Apply(ctx context.Context, change slots.Change) error
	Facts(ctx context.Context) (slots.Facts, error)
	// Journalled says how the run of an attempt ended, as the journal of runs has it; false when it has no end there.
	Journalled(ctx context.Context, trigger string) (slots.Result, bool, error)
}

// Engine is the scheduler without its processes: each method does one step, and dying between any two of them loses
// nothing. Its methods are called by one goroutine.
type Engine struct {
	Ledger Ledger
	Now    func() time.Time
	Jobs   []schedule.Schedule
}

// Order is work to be started now.
type Order struct {
	Job  schedule.Schedule
	Slot slots.Slot // claimed
}

// Recover settles what a process left running that is no more. The caller has made sure that there is no other.
func (e *Engine) Recover(ctx context.Context) error {
	open, err := e.Ledger.Open(ctx)
	if err != nil {
		return err
	}
	for _, s := range open {
		if s.State != slots.Running {
			continue
		}
		result, ok, err := e.Ledger.Journalled(ctx, s.Trigger())
		if err != nil {
			return err
		}
		if !ok {
			result = slots.Result{Ending: slots.EndedLost, RunID: result.RunID}
		}
		if err := e.Ended(ctx, s, result); err != nil {
			return err
		}
	}
	return nil
}

// Tick enrols what is due, skips what waited in vain, and claims the slot whose turn it is. Wake is when to call again
// if nothing happens.
func (e *Engine) Tick(ctx context.Context) (order *Order, wake time.Time, err error) {
	open, err := e.enrol(ctx)
	if err != nil {
		return nil, time.Time{}, err
	}
	facts, err := e.Ledger.Facts(ctx)
	if err != nil {
		return nil, time.Time{}, err
	}
	turn := slots.Next(e.Now(), e.Jobs, open, facts)
	if len(turn.Skip) > 0 {
		if err := e.Ledger.Apply(ctx, slots.Change{Changed: turn.Skip}); err != nil {
			return nil, time.Time{}, err
		}
	}
	if turn.Start == nil {
		return nil, turn.Wake, nil
	}
	claimed := slots.Begun(*turn.Start, e.Now())
	if err := e.Ledger.Apply(ctx, slots.Change{Changed: []slots.Slot{claimed}}); err != nil {
		return nil, time.Time{}, err
	}
	job, _ := e.job(claimed.Job)
	return &Order{Job: job, Slot: claimed}, turn.Wake, nil
}

// enrol takes up all that is due and returns the open slots.
func (e *Engine) enrol(ctx context.Context) ([]slots.Slot, error) {
	for {
		watches, err := e.Ledger.Watches(ctx)
		if err != nil {
			return nil, err
		}
		open, err := e.Ledger.Open(ctx)
		if err != nil {
			return nil, err
		}
		change, err := slots.Enrol(e.Now(), e.Jobs, watches, open)
		if err != nil {
			return nil, fmt.Errorf("enrol what is due: %w", err)
		}
		if change.Empty() {
			return open, nil
		}
		if err := e.Ledger.Apply(ctx, change); err != nil {
			return nil, err
		}
	}
}

// Ended settles a slot whose attempt has ended.
func (e *Engine) Ended(ctx context.Context, s slots.Slot, result slots.Result) error {
	job, _ := e.job(s.Job)
	return e.Ledger.Apply(ctx, slots.Change{Changed: []slots.Slot{slots.Settled(job, s, result, e.Now())}})
}

func (e *Engine) job(name string) (schedule.Schedule, bool) {
	for _, job := range e.Jobs {
		if job.Name == name {
			return job, true
		}
	}
	return schedule.Schedule{Name: name}, false
}
