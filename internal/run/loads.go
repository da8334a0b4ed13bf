package run

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"socialvalue/internal/load"
	"socialvalue/internal/runreport"
	"socialvalue/internal/state"
	"socialvalue/internal/workspace"
)

// RevertOptions say which loads are taken back, or count again.
type RevertOptions struct {
	Loads  []string // ids or beginnings of them
	By     string
	Reason string
	Args   []string // as it was called, for the journal
}

// StatusChange is a load that counts now and did not, or the reverse.
type StatusChange struct {
	LoadID string      `json:"load_id"`
	Source string      `json:"source"`
	File   string      `json:"file"`
	Was    load.Status `json:"was"`
	Is     load.Status `json:"is"`
}

// Revert takes loads back: their rows, and those of other readings of the same
// documents, do not count any more, and what they had superseded counts again.
// Nothing is deleted. The next run builds what changed.
func Revert(ctx context.Context, env workspace.Environment, options RevertOptions) ([]StatusChange, error) {
	if strings.TrimSpace(options.Reason) == "" || strings.TrimSpace(options.By) == "" {
		return nil, &workspace.ConfigurationError{Err: errors.New(`say why and who: --reason "…", --by NAME`)}
	}
	may := func(record *load.Record) bool {
		return record.Status == load.StatusActive || record.Status == load.StatusSuperseded
	}
	return changeLoads(ctx, env, "loads revert", options, may, func(ctx context.Context, w *workspace.Workspace, records []*load.Record) error {
		why := load.Reverted{At: env.Now().UTC(), By: options.By, Reason: options.Reason}
		return w.Ledger.Revert(ctx, records, why)
	})
}

// Restore undoes Revert. A file that still lies where its source looks is looked
// at again by the next run.
func Restore(ctx context.Context, env workspace.Environment, options RevertOptions) ([]StatusChange, error) {
	may := func(record *load.Record) bool { return record.Status == load.StatusReverted }
	return changeLoads(ctx, env, "loads restore", options, may, func(ctx context.Context, w *workspace.Workspace, records []*load.Record) error {
		if err := w.Ledger.Restore(ctx, records); err != nil {
			return err
		}
		return lookAgain(ctx, w, records)
	})
}

// changeLoads changes which loads count, and tells what became of all of them.
func changeLoads(ctx context.Context, env workspace.Environment, trigger string, options RevertOptions, may func(*load.Record) bool,
	change func(ctx context.Context, w *workspace.Workspace, records []*load.Record) error,
) (changes []StatusChange, err error) {
	w, err := workspace.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	records := make([]*load.Record, len(options.Loads))
	was := map[string]load.Status{}
	for i, text := range options.Loads {
		if records[i], err = load.Find(w.Ledger.Records(""), text); err != nil {
			return nil, &workspace.ConfigurationError{Err: err}
		}
		if !may(records[i]) {
			return nil, &workspace.ConfigurationError{Err: fmt.Errorf("%s cannot be asked of load %.12s: it is %s", trigger, records[i].ID, records[i].Status)}
		}
	}
	for _, record := range w.Ledger.Records("") {
		was[record.ID] = record.Status
	}
	_, err = journalled(ctx, w, trigger, options.Args, func(report *runreport.Report) error {
		if err := change(ctx, w, records); err != nil {
			return err
		}
		return tellLoads(context.WithoutCancel(ctx), w, report)
	})
	changes = []StatusChange{}
	for _, record := range w.Ledger.Records("") {
		if record.Status != was[record.ID] {
			changes = append(changes, StatusChange{record.ID, record.Source, load.Label(record), was[record.ID], record.Status})
		}
	}
	return changes, err
}

// lookAgain has the next run look at the files of loads again.
func lookAgain(ctx context.Context, w *workspace.Workspace, records []*load.Record) error {
	for _, record := range records {
		known, err := w.State.Sightings(ctx, record.Source)
		if err != nil {
			return err
		}
		var again []state.Sighting
		for _, sighting := range known {
			if sighting.SHA256 == record.FileSHA256 {
				sighting.Config = ""
				again = append(again, sighting)
			}
		}
		if err := w.State.PutSightings(ctx, again); err != nil {
			return err
		}
	}
	return nil
}
