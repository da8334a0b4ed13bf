package upkeep

import (
	"context"
	"errors"
	"log/slog"

	"socialvalue/internal/baseline"
	"socialvalue/internal/journal"
	"socialvalue/internal/publication"
	"socialvalue/internal/runreport"
	"socialvalue/internal/state"
	"socialvalue/internal/workspace"
)

// The verbs that the journal knows besides run.
const (
	VerbPublish  = "publish"
	VerbBackup   = "backup"
	VerbBaseline = "baseline"
	VerbDigest   = "digest"
)

// Work is that of a verb. What it returns is kept, with an error as well.
type Work func(ctx context.Context, env workspace.Environment) (kept any, err error)

// Locked does the work of a verb other than run and keeps in the journal what came of it: a log, and its outcome. The caller
// holds the lock of the warehouse.
func Locked(ctx context.Context, env workspace.Environment, verb string, work Work) error {
	return act(ctx, env, verb, work, func(db *state.DB, r state.Run) error {
		_, err := db.StartRun(ctx, r)
		return err
	})
}

// Beside does so for a verb that needs no lock.
func Beside(ctx context.Context, env workspace.Environment, verb string, work Work) error {
	return act(ctx, env, verb, work, func(db *state.DB, r state.Run) error { return db.StartBeside(ctx, r) })
}

func act(ctx context.Context, env workspace.Environment, verb string, work Work, start func(*state.DB, state.Run) error) (err error) {
	db, err := state.Open(ctx, env.Site.Warehouse.StateDB())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	r := state.Run{Started: env.Now().UTC(), Verb: verb, Trigger: env.Call.Trigger, Args: env.Call.Args, Version: env.Version}
	if r.ID, err = runreport.NewID(r.Started); err != nil {
		return err
	}
	if err := start(db, r); err != nil {
		return err
	}
	kept, err := journal.Folder(env.Site.Warehouse.Runs()).Open(r.ID, env.Now)
	var outcome any
	if err == nil {
		kept.Log().Info(verb+" begins", "trigger", r.Trigger, "version", r.Version)
		logged := env
		logged.Progress = env.LoggedTo(kept)
		outcome, err = work(ctx, logged)
	}
	r.Finished, r.Status = env.Now().UTC(), actStatus(err)
	if err != nil {
		r.Error = err.Error()
	}
	ctx = context.WithoutCancel(ctx) // the journal is closed also when the work was cancelled
	if kept != nil {
		level := slog.LevelInfo
		if err != nil {
			level = slog.LevelError
		}
		kept.Log().Log(ctx, level, verb+" ends", "status", r.Status, "seconds", r.Finished.Sub(r.Started).Seconds(), "error", r.Error)
		if unkept := kept.Close(journal.OutcomeName, outcome); unkept != nil {
			err = errors.Join(err, unkept)
			r.Status, r.Error = actStatus(err), err.Error()
		}
	}
	return errors.Join(err, db.FinishRun(ctx, r), Forget(ctx, env, db))
}

func actStatus(err error) state.Status {
	var refused *publication.RefusedError
	var unfrozen *baseline.RefusedError
	switch {
	case err == nil:
		return state.Succeeded
	case errors.Is(err, context.Canceled):
		return state.Cancelled
	case errors.As(err, &refused), errors.As(err, &unfrozen):
		return state.Refused
	}
	return state.Failed
}

// Forget removes what the journal kept for as long as the site says.
func Forget(ctx context.Context, env workspace.Environment, db *state.DB) error {
	keep := env.Site.Operations.Keep
	if keep <= 0 {
		return nil
	}
	before := env.Now().Add(-keep)
	if _, err := db.Prune(ctx, before); err != nil {
		return err
	}
	return journal.Folder(env.Site.Warehouse.Runs()).Sweep(before)
}
