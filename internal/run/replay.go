package run

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"socialvalue/internal/intake"
	"socialvalue/internal/load"
	"socialvalue/internal/runreport"
	"socialvalue/internal/workspace"
)

// ReplayOptions say which loads are read again: those named, or those of a
// source or of all sources that have rows in quarantine.
type ReplayOptions struct {
	Loads  []string // ids or beginnings of them
	Source string
	All    bool
	Args   []string // as it was called, for the journal
}

// Counts are what became of the records of a document.
type Counts struct {
	Records     int64 `json:"records"`
	Rows        int64 `json:"rows"`
	Quarantined int64 `json:"quarantined"`
	Skipped     int64 `json:"skipped"`
	Corrected   int64 `json:"corrected"`
}

func countsOf(r *load.Record) Counts {
	return Counts{Records: r.Records, Rows: r.Rows, Quarantined: r.Quarantined, Skipped: r.SkippedTotal(), Corrected: r.Corrected()}
}

// Replayed is one document that was read again.
type Replayed struct {
	Source string               `json:"source"`
	File   string               `json:"file"`
	Status runreport.FileStatus `json:"status"` // loaded; refused or skipped: what was loaded before still counts
	Reason string               `json:"reason,omitempty"`
	From   string               `json:"from_load_id"`
	To     string               `json:"to_load_id,omitempty"`
	Before Counts               `json:"before"`
	After  *Counts              `json:"after,omitempty"`
}

// ReplayReport is what a replay did.
type ReplayReport struct {
	RunID string     `json:"run_id"`
	Files []Replayed `json:"files"`
}

// Refused says whether a file was refused when it was read again.
func (r *ReplayReport) Refused() bool {
	return slices.ContainsFunc(r.Files, func(f Replayed) bool { return f.Status == runreport.FileRefused })
}

// Replay reads landed files again under the present contracts, layouts and
// corrections, and makes what it finds count in the place of what counted. A
// file that is refused leaves all as it was. The next run builds what changed.
func Replay(ctx context.Context, env workspace.Environment, options ReplayOptions) (replayed *ReplayReport, err error) {
	w, err := workspace.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	records, err := toReplay(w, options)
	if err != nil {
		return nil, &workspace.ConfigurationError{Err: err}
	}
	replayed = &ReplayReport{Files: []Replayed{}}
	_, err = journalled(ctx, w, "quarantine replay", options.Args, func(report *runreport.Report) error {
		replayed.RunID = report.RunID
		in := intake.New(w, intake.Wanted{Full: true}, report)
		if err := in.Sweep(ctx, w); err != nil {
			return err
		}
		for _, record := range records {
			file, err := in.Again(ctx, record)
			if err != nil {
				return err
			}
			report.Files = append(report.Files, file)
			replayed.Files = append(replayed.Files, Replayed{
				Source: record.Source, File: file.File, Status: file.Status, Reason: file.Reason, From: record.ID, To: file.LoadID, Before: countsOf(record),
			})
			if err := in.Commit(ctx); err != nil {
				return fmt.Errorf("commit the load of %s: %w", record.File, err)
			}
		}
		for i := range replayed.Files {
			if record := w.Ledger.Get(replayed.Files[i].To); record != nil {
				after := countsOf(record)
				replayed.Files[i].After = &after
			}
		}
		if err := tellLoads(ctx, w, report); err != nil {
			return err
		}
		return tellAside(ctx, w, report)
	})
	return replayed, err
}

// toReplay finds the loads that are asked for.
func toReplay(w *workspace.Workspace, options ReplayOptions) ([]*load.Record, error) {
	var records []*load.Record
	for _, text := range options.Loads {
		record, err := load.Find(w.Ledger.Records(""), text)
		if err != nil {
			return nil, err
		}
		switch {
		case record.Status == load.StatusReverted:
			return nil, fmt.Errorf("load %s was reverted: svw loads restore it first", text)
		case record.Status == load.StatusPurged:
			return nil, fmt.Errorf("load %s is purged: its rows and its file were removed when their time was up", text)
		case record.Status != load.StatusActive:
			return nil, fmt.Errorf("load %s is superseded by %.12s: replay that one", text, record.SupersededBy)
		case !w.Env.Configured()[record.Source]:
			return nil, fmt.Errorf("svw.yaml has no source %s, which load %s is of: add it again", record.Source, text)
		}
		if !slices.Contains(records, record) {
			records = append(records, record)
		}
	}
	if options.Source != "" && !w.Env.Configured()[options.Source] {
		return nil, fmt.Errorf("svw.yaml has no source %s: svw status lists them", options.Source)
	}
	if options.Source == "" && !options.All {
		return records, nil
	}
	for _, record := range w.Ledger.Records("") {
		wanted := options.All || record.Source == options.Source
		if wanted && w.Env.Configured()[record.Source] && record.Status == load.StatusActive && record.Quarantined > 0 && !slices.Contains(records, record) {
			records = append(records, record)
		}
	}
	return records, nil
}
