package run

import (
	"context"
	"slices"

	"socialvalue/internal/load"
	"socialvalue/internal/runreport"
	"socialvalue/internal/upkeep"
	"socialvalue/internal/workspace"
)

// tellAside reports what stays aside when everything that came in is in the
// record.
func tellAside(ctx context.Context, w *workspace.Workspace, report *runreport.Report) error {
	aside, err := w.Ledger.Reconcile(ctx)
	if err != nil || len(aside) == 0 {
		return err
	}
	known, err := w.State.Loads(ctx)
	if err != nil {
		return err
	}
	report.Aside = upkeep.AsideObjects(w.Env, aside, known)
	for i := range report.Aside {
		object := &report.Aside[i]
		if slices.ContainsFunc(w.Ledger.Records(""), func(r *load.Record) bool { return r.Source == object.Source && r.FileSHA256 == object.FileSHA256 }) {
			object.Counted = false // its file was read again in another way
		}
	}
	return nil
}

// tellLost reports loads of which nothing but the state file knows.
func tellLost(ctx context.Context, w *workspace.Workspace, report *runreport.Report) error {
	known, err := w.State.Loads(ctx)
	if err != nil {
		return err
	}
	for _, l := range known {
		if !isCleared(l.Status) && w.Ledger.Get(l.ID) == nil {
			report.Lost = append(report.Lost, runreport.LostNote{LoadID: l.ID, Source: l.Source, File: l.Name, Status: l.Status})
		}
	}
	return nil
}
