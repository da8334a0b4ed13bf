package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"socialvalue/internal/schedule"
	"socialvalue/internal/slots"
)

// Daemon runs an engine with a clock and processes until it is told to stop.
type Daemon struct {
	Engine *Engine
	// Do does the work of an order; it ends soon when ctx does.
	Do func(ctx context.Context, order Order) slots.Result
	// Load reads the schedules as their files are now, and says what else changed with them.
	Load func() (jobs []schedule.Schedule, changes []string, err error)
	// Reload is what asks to read the schedules again.
	Reload <-chan struct{}
	Log    *slog.Logger
	// Beat is called at every turn, at least once in BeatEvery.
	Beat      func(Pulse)
	BeatEvery time.Duration
	// After is called when a turn may have settled something.
	After func(ctx context.Context) error
	// Tell is called when schedules changed, or could not be read.
	Tell func(changes []string, problem error)
}

// Pulse is what the scheduler is at.
type Pulse struct {
	At      time.Time `json:"at"`
	Job     string    `json:"job,omitempty"` // at work
	DueAt   time.Time `json:"due_at,omitzero"`
	Since   time.Time `json:"since,omitzero"`
	Next    time.Time `json:"next,omitzero"`
	Problem string    `json:"problem,omitempty"` // the last turn failed
}

// ended is the work of a slot that has ended and is not settled yet.
type ended struct {
	slot   slots.Slot
	result slots.Result
}

// troubled is how long to wait after a turn that failed, as with a full disk.
const troubled = 15 * time.Second

// Run runs until ctx ends. Then the work under way is told to stop, and its slot waits for the next start.
func (d *Daemon) Run(ctx context.Context) error { return d.run(ctx, false) }

// Once runs until nothing can be begun now, for a machine whose own cron calls the program.
func (d *Daemon) Once(ctx context.Context) error { return d.run(ctx, true) }

func (d *Daemon) run(ctx context.Context, once bool) error {
	t := &turns{Daemon: d, done: make(chan ended, 1)}
	for ctx.Err() == nil {
		wake, err := t.turn(ctx)
		if err != nil && once {
			return errors.Join(err, t.stop(ctx))
		}
		if once && t.at == nil && !t.soon(ctx, wake) {
			return nil
		}
		// Signs of life come also while nothing is due.
		if next := t.Engine.Now().Add(t.BeatEvery); wake.IsZero() || wake.After(next) {
			wake = next
		}
		t.wait(ctx, wake)
	}
	return t.stop(ctx)
}

// turns is a daemon that runs.
type turns struct {
	*Daemon
	done      chan ended
	recovered bool   // what the process before left running is settled
	at        *Order // at work
	settle    *ended // ended, and not yet in the ledger
	problem   string
}

// turn does what there is to do now and says when the next one is.
func (t *turns) turn(ctx context.Context) (wake time.Time, err error) {
	now := t.Engine.Now()
	err = safely(func() error {
		if !t.recovered {
			if err := t.Engine.Recover(ctx); err != nil {
				return err
			}
			t.recovered = true
		}
		if t.settle != nil {
			if err := t.settled(ctx); err != nil {
				return err
			}
		}
		var order *Order
		if order, wake, err = t.Engine.Tick(ctx); err != nil {
			return err
		}
		if order != nil {
			t.start(ctx, *order)
		}
		return t.after(ctx)
	})
	t.problem = ""
	if err != nil && ctx.Err() == nil {
		t.problem = err.Error()
		t.Log.Error("the turn failed; it is tried again", "error", err.Error())
		wake = now.Add(troubled)
	}
	t.beat(wake)
	return wake, err
}

func (t *turns) after(ctx context.Context) error {
	if t.After == nil {
		return nil
	}
	return t.After(ctx)
}

func (t *turns) beat(next time.Time) {
	if t.Beat == nil {
		return
	}
	pulse := Pulse{At: t.Engine.Now().UTC(), Problem: t.problem}
	if !next.IsZero() {
		pulse.Next = next.UTC()
	}
	if t.at != nil {
		pulse.Job, pulse.DueAt, pulse.Since = t.at.Job.Name, t.at.Slot.At, t.at.Slot.Started.UTC()
	}
	t.Beat(pulse)
}

// start begins the work of a claimed slot.
func (t *turns) start(ctx context.Context, order Order) {
	t.at = &order
	t.Log.Info("job begins", "job", order.Job.Name, "due_at", order.Slot.At, "attempt", order.Slot.Attempts, "late", order.Slot.Late)
	go func() {
		e := ended{slot: order.Slot}
		if err := safely(func() error { e.result = t.Do(ctx, order); return nil }); err != nil {
			e.result = slots.Result{Ending: slots.EndedFailed, Text: err.Error()}
		}
		t.done <- e
	}()
}

// settled writes what came of the work into the ledger.
func (t *turns) settled(ctx context.Context) error {
	if err := t.Engine.Ended(context.WithoutCancel(ctx), t.settle.slot, t.settle.result); err != nil {
		return err
	}
	t.settle = nil
	return nil
}

// wait waits until something happens.
func (t *turns) wait(ctx context.Context, wake time.Time) {
	timer := time.NewTimer(max(wake.Sub(t.Engine.Now()), time.Millisecond))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case e := <-t.done:
		t.took(e)
	case <-t.Reload:
		t.reload()
	}
}

// took takes the end of the work.
func (t *turns) took(e ended) {
	t.Log.Info("job ended", "job", e.slot.Job, "due_at", e.slot.At, "attempt", e.slot.Attempts, "as", string(e.result.Ending),
		"run_id", e.result.RunID, "text", e.result.Text)
	t.at, t.settle = nil, &e
}

// soon says whether something will begin within moments, which Once waits for.
func (t *turns) soon(ctx context.Context, wake time.Time) bool {
	if t.settle != nil {
		return true
	}
	open, err := t.Engine.Ledger.Open(ctx)
	return err == nil && len(open) > 0 && !wake.IsZero() && wake.Sub(t.Engine.Now()) <= time.Second
}

// reload reads the schedules again. Files with a mistake change nothing.
func (t *turns) reload() {
	jobs, changes, err := t.Load()
	if err != nil {
		t.Log.Error("the schedules were not reloaded: the ones before stay in force", "error", err.Error())
		t.tell(nil, err)
		return
	}
	changes = append(append([]string{}, changes...), Changes(t.Engine.Jobs, jobs)...)
	t.Engine.Jobs = jobs
	t.Log.Info("schedules reloaded", "changes", changes)
	t.tell(changes, nil)
}

func (t *turns) tell(changes []string, problem error) {
	if t.Tell != nil {
		t.Tell(changes, problem)
	}
}

// stop waits for the work under way, which has been told to stop, and settles it.
func (t *turns) stop(ctx context.Context) error {
	if t.at != nil {
		t.took(<-t.done)
	}
	if t.settle == nil {
		return nil
	}
	return safely(func() error { return errors.Join(t.settled(ctx), t.after(context.WithoutCancel(ctx))) })
}

// safely turns a panic into an error.
func safely(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}
