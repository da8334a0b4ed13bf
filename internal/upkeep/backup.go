package upkeep

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"socialvalue/internal/backup"
	"socialvalue/internal/load"
	"socialvalue/internal/lock"
	"socialvalue/internal/state"
	"socialvalue/internal/store"
	"socialvalue/internal/warehouse"
	"socialvalue/internal/workspace"
)

// BackupOptions say how a backup is made.
type BackupOptions struct {
	WithKeys bool // the files that pseudonyms are made with, too
	Verify   bool
	Progress func(stage string, done, total int64, subject string)
}

// Backup copies the site and its warehouse to target while no run is under way.
func Backup(ctx context.Context, env workspace.Environment, target string, options BackupOptions) (report *backup.Report, err error) {
	w := env.Site.Warehouse
	if err := w.Create(); err != nil {
		return nil, err
	}
	held, err := lock.Acquire(w.Lock(), env.Now())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, held.Close()) }()
	env.Progress = nil // options.Progress tells more
	err = Locked(ctx, env, VerbBackup, func(ctx context.Context, env workspace.Environment) (any, error) {
		report, err = copyAll(ctx, env, target, options)
		return report, err
	})
	return report, err
}

// copyAll does so with the lock held.
func copyAll(ctx context.Context, env workspace.Environment, target string, options BackupOptions) (report *backup.Report, err error) {
	w := env.Site.Warehouse
	if err := settleNotes(ctx, env); err != nil {
		return nil, err
	}
	report, err = backup.Write(ctx, backup.Source{
		Name: env.Site.Name, Root: env.Site.Root, Warehouse: w, Keys: keyFiles(env), WithKeys: options.WithKeys, Software: env.Version,
	}, target, backup.Options{
		Now: env.Now(), Verify: options.Verify, Progress: stages(env, options.Progress),
		CopyState: func(ctx context.Context, to string) (bool, error) { return state.Copy(ctx, w.StateDB(), to) },
	})
	var mistake *backup.TargetError
	if errors.As(err, &mistake) {
		return nil, &workspace.ConfigurationError{Err: err}
	}
	return report, err
}

// stages tells the environment of each stage once, and watching, which may be nil, of every step.
func stages(env workspace.Environment, watching func(stage string, done, total int64, subject string)) func(string, int64, int64, string) {
	told := ""
	return func(stage string, done, total int64, subject string) {
		if stage != told {
			told = stage
			env.Tell(stage, fmt.Sprintf("%d bytes", total))
		}
		if watching != nil {
			watching(stage, done, total, subject)
		}
	}
}

// settleNotes writes what a killed run committed to the build database and did
// not note in the store yet: the build database is no part of a backup.
func settleNotes(ctx context.Context, env workspace.Environment) (err error) {
	path := env.Site.Warehouse.BuildDB()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	db, err := warehouse.Open(ctx, path, env.DatabaseOptions())
	if err != nil {
		return fmt.Errorf("see whether every load is noted in the store: %w; if the file is damaged, delete %s: it is made again from the store",
			err, filepath.Dir(path))
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	contracts, _, err := workspace.Definitions(env)
	if err != nil {
		return err
	}
	_, err = load.OpenLedger(ctx, db, store.New(env.Site.Warehouse.Store()), env.Configured(), workspace.ByReference(contracts))
	return err
}

// keyFiles are the files that the site's keys are kept in.
func keyFiles(env workspace.Environment) []string {
	var files []string
	for _, secret := range env.Site.Keys {
		kind, file, _ := strings.Cut(string(secret), ":")
		if kind != "file" {
			continue
		}
		if !filepath.IsAbs(file) {
			file = filepath.Join(env.Site.Root, file)
		}
		files = append(files, filepath.Clean(file))
	}
	slices.Sort(files)
	return slices.Compact(files)
}
