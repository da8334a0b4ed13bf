package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"socialvalue/internal/journal"
	"socialvalue/internal/state"
)

// mostRuns is how many runs back one is looked for by the beginning of its id.
const mostRuns = 10_000

// Runs lists the last runs of a verb, or of all where it is empty, the newest first. It can be asked during a run.
func Runs(ctx context.Context, env Environment, verb string, most int) (runs []state.Run, err error) {
	if _, err := os.Stat(env.Site.Warehouse.StateDB()); errors.Is(err, fs.ErrNotExist) {
		return []state.Run{}, nil
	}
	db, err := state.Open(ctx, env.Site.Warehouse.StateDB())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if verb != "" {
		return db.LastOf(ctx, verb, most)
	}
	return db.LastRuns(ctx, most)
}

// FindRun finds a run by its id or the beginning of it, among those of a verb or of all; last is the newest of the verb, or
// the newest whose verb is run.
func FindRun(ctx context.Context, env Environment, verb, text string) (state.Run, error) {
	runs, err := Runs(ctx, env, verb, mostRuns)
	if err != nil {
		return state.Run{}, err
	}
	var found []state.Run
	for _, r := range runs {
		if r.ID == text || text == "last" && r.Verb == cmp.Or(verb, state.VerbRun) {
			return r, nil
		}
		if text != "" && strings.HasPrefix(r.ID, text) {
			found = append(found, r)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return state.Run{}, &ConfigurationError{fmt.Errorf("there is no run %q: svw runs list shows them", text)}
	}
	return state.Run{}, &ConfigurationError{fmt.Errorf("%d runs begin with %q: write more of the id", len(found), text)}
}

// ShowRun finds a run and what it reported; no report when it left none.
func ShowRun(ctx context.Context, env Environment, verb, text string) (state.Run, *Report, error) {
	r, err := FindRun(ctx, env, verb, text)
	if err != nil {
		return r, nil, err
	}
	var report Report
	err = journal.Folder(env.Site.Warehouse.Runs()).Report(r.ID, &report)
	if errors.Is(err, journal.ErrNone) {
		return r, nil, nil
	}
	if err != nil {
		return r, nil, err
	}
	return r, &report, nil
}
