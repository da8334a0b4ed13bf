package load

import (
	"context"
	"errors"
	"fmt"

	"socialvalue/internal/documents"
	"socialvalue/internal/landing"
	"socialvalue/internal/layout"
)

// Trial is what would become of a document: nothing of it is kept.
type Trial struct {
	File        string              `json:"file"`
	Layout      string              `json:"layout,omitempty"`
	Encoding    string              `json:"encoding,omitempty"`
	Whole       bool                `json:"whole"` // all of its rows were judged, its totals and limits too
	Rows        int64               `json:"rows"`  // judged and right
	Quarantined int64               `json:"quarantined"`
	Skipped     int64               `json:"skipped"`
	Reasons     string              `json:"reasons,omitempty"` // why rows are wrong, the most frequent first
	Refused     string              `json:"refused,omitempty"`
	Differences []layout.Difference `json:"differences,omitempty"`
}

// Glimpse returns the first records of a document, whatever kind of document it
// is, read in a format; with no encoding it is judged by the bytes.
func (l *Loader) Glimpse(ctx context.Context, landed landing.Document, format landing.Format) (landing.Glimpse, error) {
	opened := documents.Open(landed, documents.Options{WorkDir: l.WorkDir})
	glimpse, err := opened.Glimpse(ctx, layout.Format{Encoding: format.Encoding, Delimiter: format.Delimiter})
	if err := errors.Join(err, opened.Close()); err != nil {
		return landing.Glimpse{}, refusalOf(landed.Name, err)
	}
	return glimpse, nil
}

// Try judges the first rows of a document (all when most is 0) as Load would and
// keeps nothing. It needs no ledger and no store.
func (l *Loader) Try(ctx context.Context, source Source, file File, landed landing.Document, most int64) (Trial, error) {
	d := &document{source: source, file: file, label: landed.Name, form: landed.Form, most: most}
	trial := Trial{File: landed.Name}
	d.opened = documents.Open(landed, documents.Options{WorkDir: l.WorkDir, Password: source.Password})
	err := errors.Join(l.try(ctx, d, landed, &trial), d.opened.Close(), l.dropStaging(context.WithoutCancel(ctx)))
	var refusal *Refusal
	if errors.As(err, &refusal) {
		trial.Refused, trial.Differences = refusal.Error(), refusal.Differences
		return trial, nil
	}
	return trial, err
}

func (l *Loader) try(ctx context.Context, d *document, landed landing.Document, trial *Trial) (err error) {
	if err := l.describe(ctx, d, landed.Part()); err != nil {
		return refusalOf(d.label, err)
	}
	trial.Layout = d.layout.Name
	if err := l.stage(ctx, d); err != nil {
		return refusalOf(d.label, err)
	}
	trial.Encoding, trial.Whole = d.prepared.Encoding, d.most == 0 || d.prepared.Rows <= d.most
	judge := l.sortRows
	if trial.Whole {
		judge = l.judge
	}
	err = judge(ctx, d)
	trial.Rows, trial.Quarantined, trial.Skipped = d.record.Rows, d.record.Quarantined, d.record.SkippedTotal()
	if err != nil || d.record.Quarantined == 0 {
		return err
	}
	if trial.Reasons, _, err = l.worst(ctx, d); err != nil {
		return fmt.Errorf("list the reasons of %s: %w", d.label, err)
	}
	return nil
}
