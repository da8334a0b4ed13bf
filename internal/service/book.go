package service

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"socialvalue/internal/inspect"
	"socialvalue/internal/schedule"
	"socialvalue/internal/scheduler"
	"socialvalue/internal/state"
	"socialvalue/internal/workspace"
)

// Book is the schedules and what became of their occurrences.
type Book struct {
	Scheduler   *scheduler.Pulse `json:"scheduler"` // its last sign of life
	Jobs        []Job            `json:"jobs"`
	Occurrences []Occurrence     `json:"occurrences"`
}

// Job is one schedule.
type Job struct {
	Name            string    `json:"name"`
	Description     string    `json:"description"`
	Command         []string  `json:"command"`
	Cron            string    `json:"cron"`
	TimeZone        string    `json:"time_zone"`
	Enabled         bool      `json:"enabled"`
	DisabledBecause string    `json:"disabled_because,omitempty"`
	Next            time.Time `json:"next,omitzero"`
}

// Occurrence is one slot.
type Occurrence struct {
	Job         string    `json:"job"`
	DueAt       time.Time `json:"due_at"`
	State       string    `json:"state"`
	Outcome     string    `json:"outcome,omitempty"`
	Why         string    `json:"why,omitempty"`
	Reason      string    `json:"reason,omitempty"`
	Attempts    int       `json:"attempts"`
	Started     time.Time `json:"started,omitzero"`
	LateSeconds float64   `json:"late_s"` // how long after it was due the last attempt began
	Finished    time.Time `json:"finished,omitzero"`
	RunID       string    `json:"run_id,omitempty"`
}

// Schedules lists the schedules and their occurrences of the last days, of one job or of all.
func Schedules(ctx context.Context, env workspace.Environment, job string, days int) (book *Book, err error) {
	jobs, err := inspect.Schedules(env)
	if err != nil {
		return nil, err
	}
	if job != "" {
		if err := known(jobs, job); err != nil {
			return nil, err
		}
	}
	book = &Book{Jobs: []Job{}, Occurrences: []Occurrence{}}
	if book.Scheduler, err = ReadPulse(env); err != nil {
		return nil, err
	}
	for _, j := range jobs {
		entry := Job{
			Name: j.Name, Description: j.Description, Command: j.Command(), Cron: j.Cron, TimeZone: j.Location.String(), Enabled: j.Enabled,
			DisabledBecause: j.DisabledBecause,
		}
		if j.Enabled {
			entry.Next = j.Next(env.Now())
		}
		book.Jobs = append(book.Jobs, entry)
	}
	if _, err := os.Stat(env.Site.Warehouse.StateDB()); errors.Is(err, fs.ErrNotExist) {
		return book, nil
	}
	db, err := state.Open(ctx, env.Site.Warehouse.StateDB())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.Slots(ctx, job, env.Now().AddDate(0, 0, -days), env.Now().Add(time.Minute), mostOfAWeek)
	if err != nil {
		return nil, err
	}
	for _, s := range rows {
		o := Occurrence{
			Job: s.Job, DueAt: s.DueAt, State: s.State, Outcome: s.Outcome, Why: s.Why, Reason: s.Reason, Attempts: s.Attempts, Started: s.Started,
			Finished: s.Finished, RunID: s.RunID,
		}
		if !s.Started.IsZero() {
			o.LateSeconds = s.Started.Sub(s.DueAt).Seconds()
		}
		book.Occurrences = append(book.Occurrences, o)
	}
	return book, nil
}

// Firing is when a job is due.
type Firing struct {
	Job        string    `json:"job"`
	At         time.Time `json:"at"`
	BlackedOut string    `json:"blacked_out,omitempty"` // why it will be skipped
}

// Next lists when jobs are due, count times each, the soonest first; of those named, or of all.
func Next(env workspace.Environment, names []string, count int) ([]Firing, error) {
	jobs, err := inspect.Schedules(env)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := known(jobs, name); err != nil {
			return nil, err
		}
	}
	firings := []Firing{}
	for _, j := range jobs {
		if !j.Enabled || len(names) > 0 && !slices.Contains(names, j.Name) {
			continue
		}
		at := env.Now()
		for range count {
			if at = j.Next(at); at.IsZero() {
				break
			}
			firings = append(firings, Firing{Job: j.Name, At: at.In(j.Location), BlackedOut: j.BlackedOut(at)})
		}
	}
	slices.SortStableFunc(firings, func(a, b Firing) int { return a.At.Compare(b.At) })
	return firings, nil
}

func known(jobs []schedule.Schedule, name string) error {
	if slices.ContainsFunc(jobs, func(j schedule.Schedule) bool { return j.Name == name }) {
		return nil
	}
	return &workspace.ConfigurationError{Err: fmt.Errorf("there is no schedule %q: svw schedule list shows them", name)}
}
