package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"socialvalue/internal/durable"
	"socialvalue/internal/load"
	"socialvalue/internal/lock"
	"socialvalue/internal/model"
)

// OpenToLook does so for what changes nothing: what a killed run left is not cleared away, and a build database of another
// version stays. While a run is under way it opens nothing that the run has: what was built is known from when it began.
func OpenToLook(ctx context.Context, env Environment) (opened *Workspace, err error) {
	enter := func(w *Workspace) (err error) {
		w.lock, err = lock.AcquireToLook(env.Site.Warehouse.Lock(), env.Now())
		if errors.As(err, &w.Beside) {
			return nil
		}
		return err
	}
	return open(ctx, env, enter, func(ctx context.Context, w *Workspace) error {
		if w.Beside == nil {
			return w.lookAtBuild(ctx)
		}
		if err := w.lookAtNotes(ctx); err != nil {
			return err
		}
		return w.readStanding()
	})
}

// lookAtBuild opens the build database if this version made it. Otherwise a run
// would make it anew from the store: an empty one in memory stands for that.
func (w *Workspace) lookAtBuild(ctx context.Context) (err error) {
	path := w.Env.Site.Warehouse.BuildDB()
	if _, err := os.Stat(path); err == nil {
		made, want, err := w.openDatabase(ctx, path, w.Env.BesideRuns())
		if err != nil {
			return err
		}
		if made == want {
			w.Ledger, err = load.OpenLedger(ctx, w.DB, w.Store, w.Env.Configured(), w.SortedContracts())
			return err
		}
		if err := w.DB.Close(); err != nil {
			return fmt.Errorf("close the build database: %w", err)
		}
		w.DB = nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("look for the build database: %w", err)
	}
	return w.lookAtNotes(ctx)
}

// lookAtNotes takes the ledger from the notes in the store, and an empty database for the one that is made or used by others.
func (w *Workspace) lookAtNotes(ctx context.Context) (err error) {
	if _, _, err = w.openDatabase(ctx, "", w.Env.BesideRuns()); err != nil {
		return err
	}
	w.Ledger, err = load.ReadLedger(w.Store, w.Env.Configured())
	return err
}

// keepStanding keeps what is built for those who look while a run has the database.
func (w *Workspace) keepStanding(ctx context.Context) error {
	standing, err := model.ReadStanding(ctx, w.DB)
	if err != nil {
		return err
	}
	standing.MadeBy = w.Env.Version + " " + w.DuckDB
	for name, relation := range standing.Relations {
		if relation.Fingerprint == "" {
			delete(standing.Relations, name)
		}
	}
	text, err := json.Marshal(standing)
	if err == nil {
		err = durable.WriteFile(w.Env.Site.Warehouse.Standing(), text, 0o640)
	}
	if err != nil {
		return fmt.Errorf("keep what was built for who looks during a run: %w", err)
	}
	return nil
}

// readStanding reads what was built when the last run ended; nothing where there was none, or another version made it.
func (w *Workspace) readStanding() error {
	w.standing = &model.Standing{Relations: map[string]model.StandingRelation{}, Macros: map[string]string{}}
	text, err := os.ReadFile(w.Env.Site.Warehouse.Standing())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var kept model.Standing
	if err == nil {
		err = json.Unmarshal(text, &kept)
	}
	if err != nil {
		return fmt.Errorf("read what was built: %w", err)
	}
	if kept.MadeBy == w.Env.Version+" "+w.DuckDB {
		w.standing = &kept
	}
	return nil
}
