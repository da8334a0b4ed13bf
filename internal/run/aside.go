package run

import (
	"context"
	"slices"

	"socialvalue/internal/load"
)

// tellAside reports what stays aside when everything that came in is in the
// record.
func (w *workspace) tellAside(ctx context.Context, report *Report) error {
	aside, err := w.ledger.Reconcile(ctx)
	if err != nil || len(aside) == 0 {
		return err
	}
	known, err := w.state.Loads(ctx)
	if err != nil {
		return err
	}
	report.Aside = asideObjects(w.env, aside, known)
	for i := range report.Aside {
		object := &report.Aside[i]
		if slices.ContainsFunc(w.ledger.Records(""), func(r *load.Record) bool { return r.Source == object.Source && r.FileSHA256 == object.fileSHA256 }) {
			object.Counted = false // its file was read again in another way
		}
	}
	return nil
}

// tellLost reports loads of which nothing but the state file knows.
func (w *workspace) tellLost(ctx context.Context, report *Report) error {
	known, err := w.state.Loads(ctx)
	if err != nil {
		return err
	}
	for _, l := range known {
		if !isCleared(l.Status) && w.ledger.Get(l.ID) == nil {
			report.Lost = append(report.Lost, LostNote{l.ID, l.Source, l.Name, l.Status})
		}
	}
	return nil
}
