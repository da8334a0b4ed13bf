// Package service puts the scheduler of a site together: its ledger, its processes, whom it tells, and how it is watched.
package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"socialvalue/internal/alert"
	"socialvalue/internal/inspect"
	"socialvalue/internal/lock"
	"socialvalue/internal/metrics"
	"socialvalue/internal/notify"
	"socialvalue/internal/schedule"
	"socialvalue/internal/scheduler"
	"socialvalue/internal/site"
	"socialvalue/internal/state"
	"socialvalue/internal/workspace"
)

// Options are what the surroundings give a scheduler.
type Options struct {
	Command   []string                                  // this program and the flags that name the site
	Environ   []string                                  // of the processes it starts
	Read      func() (*site.Site, fs.FS, error)         // svw.yaml and the site's files as they are now
	Reload    <-chan struct{}                           // asks to read the schedules again
	Supervise func(state string)                        // tells systemd, in its own words
	BeatEvery time.Duration                             // longest time between two signs of life
	Lookup    func(name string) (value string, ok bool) // looks an environment variable up
	Log       *slog.Logger
}

// Service is the one scheduler of a site.
type Service struct {
	env     atomic.Pointer[workspace.Environment]
	options Options
	lock    *lock.Lock
	db      *state.DB
	desk    *alert.Desk
	daemon  *scheduler.Daemon
	pulse   atomic.Pointer[scheduler.Pulse]
	jobs    atomic.Pointer[[]schedule.Schedule]
	post    chan struct{}
	watched *watched // nil until it serves
}

// stopGrace is how long a run that is told to stop may take to leave in order; then it is killed, which loses nothing.
const stopGrace = 60 * time.Second

// Open makes this process the scheduler of the site. Another one makes it fail with lock.ErrHeld.
func Open(ctx context.Context, env workspace.Environment, options Options) (service *Service, err error) {
	s := &Service{options: options, post: make(chan struct{}, 1)}
	s.env.Store(&env)
	if err := env.Site.Warehouse.Create(); err != nil {
		return nil, err
	}
	if s.lock, err = lock.Acquire(env.Site.Warehouse.ScheduleLock(), env.Now()); err != nil {
		return nil, fmt.Errorf("another scheduler is at work: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	jobs, err := inspect.Schedules(env)
	if err != nil {
		return nil, err
	}
	s.jobs.Store(&jobs)
	if s.db, err = state.Open(ctx, env.Site.Warehouse.StateDB()); err != nil {
		return nil, err
	}
	if s.desk, err = desk(env, s.db, options.Lookup); err != nil {
		return nil, err
	}
	ledger := scheduler.StateLedger{DB: s.db}
	program := scheduler.Program{Command: options.Command, Environ: options.Environ, Ledger: ledger, Grace: stopGrace}
	s.daemon = &scheduler.Daemon{
		Engine: &scheduler.Engine{Ledger: ledger, Now: env.Now, Jobs: jobs},
		Do:     program.Do, Load: s.reload, Reload: options.Reload, Log: options.Log, Beat: s.beat, BeatEvery: options.BeatEvery,
		After: s.after, Tell: s.reloaded,
	}
	return s, nil
}

// desk is where alerts of a site are raised.
func desk(env workspace.Environment, db *state.DB, lookup func(string) (string, bool)) (*alert.Desk, error) {
	channels, err := notify.Channels(env.Site, lookup)
	if err != nil {
		return nil, &workspace.ConfigurationError{Err: err}
	}
	return &alert.Desk{DB: db, Now: env.Now, Settings: alert.NewSettings(env.Site, channels)}, nil
}

// Close gives everything back.
func (s *Service) Close() error {
	var errs []error
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	return errors.Join(append(errs, s.lock.Close())...)
}

// Serve runs until ctx ends.
func (s *Service) Serve(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	s.watched = &watched{ctx: ctx, group: group, handler: metrics.Handler(s.figures())}
	if err := s.watched.move(s.env.Load().Site.Operations.Listen); err != nil {
		return err
	}
	group.Go(func() error { <-ctx.Done(); return s.watched.move("") })
	group.Go(func() error { s.deliver(ctx); return nil })
	group.Go(func() error {
		s.options.Log.Info("scheduler begins", "version", s.env.Load().Version, "jobs", len(s.daemon.Engine.Jobs))
		defer s.options.Log.Info("scheduler ends")
		defer s.supervise("STOPPING=1")
		if err := s.daemon.Run(ctx); err != nil {
			return err
		}
		return errStopped
	})
	if err := group.Wait(); !errors.Is(err, errStopped) {
		return err //nolint:wrapcheck // what ran in the group has wrapped it
	}
	return nil
}

// errStopped ends what runs beside the scheduler when it has stopped.
var errStopped = errors.New("the scheduler has stopped")

// Once begins what is due, waits for it and sends what is to be told.
func (s *Service) Once(ctx context.Context) error {
	if err := s.daemon.Once(ctx); err != nil {
		return err
	}
	if err := s.desk.Deliver(ctx); err != nil {
		s.options.Log.Error("messages wait", "error", err.Error())
	}
	return nil
}

// figures are what those who watch are shown.
func (s *Service) figures() metrics.Source {
	env := s.env.Load()
	return metrics.Source{
		DB: s.db, Now: env.Now, Version: env.Version, Jobs: func() []schedule.Schedule { return *s.jobs.Load() },
		Standing: func(ctx context.Context) (*inspect.Standing, error) { return inspect.Status(ctx, *s.env.Load()) },
		Pulse: func() (time.Time, string, string) {
			if p := s.pulse.Load(); p != nil {
				return p.At, p.Job, p.Problem
			}
			return time.Time{}, "", "it has just begun"
		},
	}
}

// deliverEvery is how often messages that wait are looked at.
const deliverEvery = 20 * time.Second

// deliver sends messages until ctx ends, apart from the scheduler: a mail server that hangs delays no job.
func (s *Service) deliver(ctx context.Context) {
	for ctx.Err() == nil {
		if err := safely(func() error { return s.desk.Deliver(ctx) }); err != nil && ctx.Err() == nil {
			s.options.Log.Error("messages wait", "error", err.Error())
		}
		timer := time.NewTimer(deliverEvery)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-s.post:
		}
		timer.Stop()
	}
}

func safely(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f()
}

// after raises alerts about what was settled.
func (s *Service) after(ctx context.Context) error {
	if err := s.desk.TakeUp(ctx, s.daemon.Engine.Jobs); err != nil {
		return err
	}
	select {
	case s.post <- struct{}{}:
	default:
	}
	return nil
}

// reloaded tells the supervisor how a reload went.
func (s *Service) reloaded(_ []string, problem error) {
	if problem != nil {
		s.supervise("STATUS=not reloaded, what was in force stays: " + firstLine(problem.Error()))
	}
}

func firstLine(text string) string {
	for i, c := range text {
		if c == '\n' {
			return text[:i]
		}
	}
	return text
}

func (s *Service) supervise(state string) {
	if s.options.Supervise != nil {
		s.options.Supervise(state)
	}
}

// beat says that the scheduler lives.
func (s *Service) beat(p scheduler.Pulse) {
	first := s.pulse.Swap(&p) == nil
	if err := writePulse(s.env.Load().Site.Warehouse.Heartbeat(), p); err != nil {
		s.options.Log.Error("the sign of life was not written", "error", err.Error())
	}
	status := "STATUS=waiting"
	if !p.Next.IsZero() {
		status += ", next look " + p.Next.In(s.env.Load().Site.Location).Format("Mon 2 Jan 15:04")
	}
	if p.Job != "" {
		status = "STATUS=" + p.Job + " is at work"
	}
	if p.Problem != "" {
		status = "STATUS=the last turn failed, and is tried again: " + firstLine(p.Problem)
	}
	if first {
		status = "READY=1\n" + status
	}
	s.supervise(status + "\nWATCHDOG=1")
}

// writePulse replaces the file. It need not survive a power cut.
func writePulse(path string, p scheduler.Pulse) error {
	text, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write a sign of life: %w", err)
	}
	if err := os.WriteFile(path+".tmp", append(text, '\n'), 0o640); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}
