package inspect

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"socialvalue/internal/journal"
	"socialvalue/internal/runreport"
	"socialvalue/internal/state"
	"socialvalue/internal/workspace"
)

// mostRuns is how many runs back one is looked for by the beginning of its id.
const mostRuns = 10_000

// Runs lists the last runs of a verb, or of all where it is empty, the newest first. It can be asked during a run.
func Runs(ctx context.Context, env workspace.Environment, verb string, most int) (runs []state.Run, err error) {
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
func FindRun(ctx context.Context, env workspace.Environment, verb, text string) (state.Run, error) {
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
		return state.Run{}, &workspace.ConfigurationError{Err: fmt.Errorf("there is no run %q: svw runs list shows them", text)}
	}
	return state.Run{}, &workspace.ConfigurationError{Err: fmt.Errorf("%d runs begin with %q: write more of the id", len(found), text)}
}

// ShowRun finds a run and what it reported; no report when it left none.
func ShowRun(ctx context.Context, env workspace.Environment, verb, text string) (state.Run, *runreport.Report, error) {
	r, err := FindRun(ctx, env, verb, text)
	if err != nil {
		return r, nil, err
	}
	var report runreport.Report
	err = journal.Folder(env.Site.Warehouse.Runs()).Report(r.ID, &report)
	if errors.Is(err, journal.ErrNone) {
		return r, nil, nil
	}
	if err != nil {
		return r, nil, err
	}
	return r, &report, nil
}

// ShowAct is what a verb other than run kept of its outcome, as JSON; empty when it left none.
func ShowAct(env workspace.Environment, r state.Run) (json.RawMessage, error) {
	text, err := journal.Folder(env.Site.Warehouse.Runs()).Outcome(r.ID)
	if errors.Is(err, journal.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the outcome of %s %s: %w", r.Verb, r.ID, err)
	}
	return text, nil
}
