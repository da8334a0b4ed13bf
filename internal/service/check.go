package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"socialvalue/internal/digest"
	"socialvalue/internal/durable"
	"socialvalue/internal/inspect"
	"socialvalue/internal/lock"
	"socialvalue/internal/notify"
	"socialvalue/internal/scheduler"
	"socialvalue/internal/slots"
	"socialvalue/internal/state"
	"socialvalue/internal/upkeep"
	"socialvalue/internal/workspace"
)

// The limits beyond which a scheduler that says it lives is not believed.
const (
	silentFor = 5 * time.Minute  // since its last turn
	unsentFor = 2 * time.Hour    // a message that nobody took
	overdue   = 15 * time.Minute // a job beyond its timeout
)

// Check looks at the scheduler from outside, as a process that has no part in it, and lists what is wrong.
func Check(ctx context.Context, env workspace.Environment) (wrong []string, err error) {
	pulse, err := ReadPulse(env)
	if err != nil {
		return nil, err
	}
	now := env.Now()
	switch {
	case pulse == nil:
		return []string{"the scheduler has never run"}, nil
	case now.Sub(pulse.At) > silentFor:
		wrong = append(wrong, "the scheduler last took a turn at "+pulse.At.Format(time.RFC3339))
	case pulse.Problem != "":
		wrong = append(wrong, "the scheduler's last turn failed: "+firstLine(pulse.Problem))
	}
	db, err := state.Open(ctx, env.Site.Warehouse.StateDB())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	jobs, err := inspect.Schedules(env)
	if err != nil {
		return nil, err
	}
	open, err := scheduler.StateLedger{DB: db}.Open(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range open {
		for _, job := range jobs {
			if job.Name == s.Job && s.State == slots.Running && now.Sub(s.Started) > job.Timeout+overdue {
				wrong = append(wrong, fmt.Sprintf("%s has been at work since %s, longer than its timeout", s.Job, s.Started.Format(time.RFC3339)))
			}
		}
	}
	unsent, err := db.Unsent(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range unsent {
		if now.Sub(m.Created) > unsentFor {
			wrong = append(wrong, fmt.Sprintf("a message by %s of %s was not taken: %s", m.Channel, m.Created.Format(time.RFC3339), m.Error))
			break
		}
	}
	return wrong, nil
}

// ReadPulse is the scheduler's last sign of life; nil when there has been none.
func ReadPulse(env workspace.Environment) (*scheduler.Pulse, error) {
	data, err := os.ReadFile(env.Site.Warehouse.Heartbeat())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var p scheduler.Pulse
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, fmt.Errorf("read %s: %w", env.Site.Warehouse.Heartbeat(), err)
	}
	return &p, nil
}

// Ping asks the site's address for signs of life; false when it has none.
func Ping(ctx context.Context, env workspace.Environment) (bool, error) {
	address, err := env.Site.Operations.Ping.Read(env.Site.Root, env.Environ)
	if err != nil {
		return false, &workspace.ConfigurationError{Err: fmt.Errorf("the address of the ping: %w", err)}
	}
	if address == "" {
		return false, nil
	}
	return true, notify.Ping(ctx, address)
}

// Digest lays out how the last week went.
func Digest(ctx context.Context, env workspace.Environment) (week digest.Week, err error) {
	now := env.Now()
	week = digest.Week{Site: env.Site.Name, From: now.AddDate(0, 0, -7), To: now, Location: env.Site.Location}
	if err := env.Site.Warehouse.Create(); err != nil {
		return week, err
	}
	db, err := state.Open(ctx, env.Site.Warehouse.StateDB())
	if err != nil {
		return week, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.Slots(ctx, "", week.From, now, mostOfAWeek)
	if err != nil {
		return week, err
	}
	week.Slots = scheduler.FromState(rows)
	if week.Runs, err = db.RunsSince(ctx, week.From); err != nil {
		return week, err
	}
	if week.Alerts, err = db.Alerts(ctx); err != nil {
		return week, err
	}
	unsent, err := db.Unsent(ctx)
	if err != nil {
		return week, err
	}
	week.Unsent = len(unsent)
	free, err := durable.Free(env.Site.Warehouse.Root)
	if err != nil {
		return week, err
	}
	week.FreeGB = float64(free) / 1e9
	week.Standing, err = inspect.Status(ctx, env)
	return week, err
}

// mostOfAWeek is how many occurrences a digest lists at most.
const mostOfAWeek = 5000

// SendDigest gives the digest to every channel of the site and returns how many there are. Where no scheduler is at work
// that would send it, it is sent at once.
func SendDigest(ctx context.Context, env workspace.Environment, week digest.Week) (channels int, err error) {
	err = upkeep.Beside(ctx, env, upkeep.VerbDigest, func(ctx context.Context, env workspace.Environment) (any, error) {
		channels, err = sendDigest(ctx, env, week)
		return map[string]any{"subject": week.Subject(), "text": week.Text(), "channels": channels}, err
	})
	return channels, err
}

func sendDigest(ctx context.Context, env workspace.Environment, week digest.Week) (channels int, err error) {
	db, err := state.Open(ctx, env.Site.Warehouse.StateDB())
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	d, err := desk(env, db, env.Environ)
	if err != nil {
		return 0, err
	}
	if err := db.PutMessages(ctx, d.ToAll("digest", week.Subject(), week.Text())); err != nil {
		return 0, err
	}
	alone, err := lock.Acquire(env.Site.Warehouse.ScheduleLock(), env.Now())
	if errors.Is(err, lock.ErrHeld) {
		return len(d.Settings.Channels()), nil
	}
	if err != nil {
		return 0, err
	}
	return len(d.Settings.Channels()), errors.Join(d.Deliver(ctx), alone.Close())
}
