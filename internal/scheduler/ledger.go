package scheduler

import (
	"context"
	"errors"
	"time"

	"socialvalue/internal/slots"
	"socialvalue/internal/state"
)

// StateLedger is the ledger in a warehouse's state file.
type StateLedger struct{ DB *state.DB }

// Watches implements Ledger.
func (l StateLedger) Watches(ctx context.Context) ([]slots.Watch, error) {
	rows, err := l.DB.Watches(ctx)
	watches := make([]slots.Watch, len(rows))
	for i, w := range rows {
		watches[i] = slots.Watch(w)
	}
	return watches, err
}

// Open implements Ledger.
func (l StateLedger) Open(ctx context.Context) ([]slots.Slot, error) {
	rows, err := l.DB.OpenSlots(ctx)
	return FromState(rows), err
}

// Apply implements Ledger.
func (l StateLedger) Apply(ctx context.Context, change slots.Change) error {
	watches := make([]state.Watch, len(change.Watches))
	for i, w := range change.Watches {
		watches[i] = state.Watch(w)
	}
	return l.DB.ApplySlots(ctx, state.SlotChange{New: toState(change.New), Changed: toState(change.Changed), Watches: watches, Gone: change.Gone})
}

// Facts implements Ledger.
func (l StateLedger) Facts(ctx context.Context) (slots.Facts, error) {
	facts := slots.Facts{Ended: map[string]slots.Slot{}, Received: map[string]time.Time{}}
	ran, err := l.DB.LastRan(ctx)
	if err != nil {
		return facts, err
	}
	for _, s := range FromState(ran) {
		facts.Ended[s.Job] = s
	}
	facts.Received, err = l.DB.LastReceived(ctx)
	return facts, err
}

// Journalled implements Ledger.
func (l StateLedger) Journalled(ctx context.Context, trigger string) (slots.Result, bool, error) {
	r, err := l.DB.RunByTrigger(ctx, trigger)
	if errors.Is(err, state.ErrNotFound) {
		return slots.Result{}, false, nil
	}
	if err != nil {
		return slots.Result{}, false, err
	}
	result := slots.Result{RunID: r.ID, Text: r.Error}
	switch r.Status {
	case state.Succeeded:
		result.Ending = slots.EndedWell
	case state.Refused:
		result.Ending = slots.EndedRefused
	case state.Failed:
		result.Ending = slots.EndedFailed
	case state.Cancelled:
		result.Ending = slots.EndedStopped
	case state.Running, state.Interrupted:
		return result, false, nil
	}
	return result, true, nil
}

// FromState reads slots as the state file has them.
func FromState(rows []state.Slot) []slots.Slot {
	list := make([]slots.Slot, len(rows))
	for i, r := range rows {
		list[i] = slots.Slot{
			Job: r.Job, At: r.DueAt, State: slots.State(r.State), Outcome: slots.Outcome(r.Outcome), Why: slots.Why(r.Why), Reason: r.Reason,
			Enrolled: r.Enrolled, Late: r.Late, Attempts: r.Attempts, Lost: r.Lost, NotBefore: r.NotBefore, Started: r.Started,
			Finished: r.Finished, RunID: r.RunID,
		}
	}
	return list
}

func toState(list []slots.Slot) []state.Slot {
	rows := make([]state.Slot, len(list))
	for i, s := range list {
		rows[i] = state.Slot{
			Job: s.Job, DueAt: s.At, State: string(s.State), Outcome: string(s.Outcome), Why: string(s.Why), Reason: s.Reason,
			Enrolled: s.Enrolled, Late: s.Late, Attempts: s.Attempts, Lost: s.Lost, NotBefore: s.NotBefore, Started: s.Started,
			Finished: s.Finished, RunID: s.RunID,
		}
	}
	return rows
}
