package upkeep

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"socialvalue/internal/contract"
	"socialvalue/internal/landing"
	"socialvalue/internal/load"
	"socialvalue/internal/runreport"
	"socialvalue/internal/workspace"
)

// noticeDays is how long before rows go that is said.
const noticeDays = 31

// going is what rowsDue found to go.
type going struct {
	records []*load.Record
	objects []runreport.AsideObject
}

// RowsDue finds the rows about people that were kept for as long as their
// pipeline says, counted from when their file was first received. Rows about
// nobody are the record, and stay.
func RowsDue(ctx context.Context, w *workspace.Workspace) (retention runreport.RowRetention, goes going, err error) {
	received := map[fileKey]time.Time{}
	for _, record := range w.Ledger.Records("") {
		key := fileKey{record.Source, record.FileSHA256}
		if at, known := received[key]; !known || record.Received().Before(at) {
			received[key] = record.Received()
		}
	}
	now := w.Env.Now()
	due := map[string][]*load.Record{}
	told := map[string]runreport.PurgedRows{}
	for _, record := range w.Ledger.Records("") {
		years := storeYears(w, record.Contract)
		if years == 0 || record.RowsPurgedAt != nil {
			continue
		}
		rows := runreport.PurgedRows{
			LoadID: record.ID, Source: record.Source, File: load.Label(record), Rows: record.Rows,
			ReceivedAt: received[fileKey{record.Source, record.FileSHA256}], KeptYears: years,
		}
		switch end := rows.ReceivedAt.AddDate(years, 0, 0); {
		case now.After(end):
			due[record.Relation] = append(due[record.Relation], record)
			told[record.ID] = rows
		case now.AddDate(0, 0, noticeDays).After(end):
			retention.Soon = append(retention.Soon, rows)
		}
	}
	contracts := map[string]*contract.Contract{}
	for _, c := range w.Contracts {
		contracts[c.Relation()] = c
	}
	for _, relation := range slices.Sorted(maps.Keys(due)) {
		past := due[relation]
		if c := contracts[relation]; c != nil { // without its contract nobody reads the relation
			if past, err = w.Ledger.MayGo(ctx, c, past); err != nil {
				return retention, goes, fmt.Errorf("find rows of %s whose time is up: %w", relation, err)
			}
		}
		for _, record := range due[relation] {
			if slices.Contains(past, record) {
				retention.Gone = append(retention.Gone, told[record.ID])
			} else {
				retention.Stays = append(retention.Stays, told[record.ID])
			}
		}
		goes.records = append(goes.records, past...)
	}
	return retention, goes, asideDue(ctx, w, &retention, &goes)
}

// asideDue finds what was set aside of a feed about people and is past its time.
// Of when its file was received only the time of writing is left.
func asideDue(ctx context.Context, w *workspace.Workspace, retention *runreport.RowRetention, goes *going) error {
	objects, err := Aside(ctx, w.Env)
	if err != nil {
		return err
	}
	for _, object := range objects {
		for _, c := range w.SortedContracts() {
			years := storeYears(w, c.Ref())
			if c.Relation() != object.Relation || years == 0 || !w.Env.Now().After(object.Modified.AddDate(years, 0, 0)) {
				continue
			}
			retention.Aside = append(retention.Aside, object.String())
			goes.objects = append(goes.objects, object)
		}
	}
	return nil
}

// storeYears is how long rows of a contract are kept; 0 for ever.
func storeYears(w *workspace.Workspace, ref string) int {
	if p := w.Pipelines[workspace.PipelineOf(ref)]; p.Personal {
		return p.Retention.StoreYears
	}
	return 0
}

// PurgeRows removes rows about people whose time is up before anything is built:
// the same run makes what is built and released without them.
func PurgeRows(ctx context.Context, w *workspace.Workspace, report *runreport.Report) error {
	due, goes, err := RowsDue(ctx, w)
	if err != nil {
		return err
	}
	report.Rows = due
	if err := w.Ledger.PurgeRows(ctx, goes.records, w.Env.Now().UTC()); err != nil {
		return err
	}
	var failed []error
	for _, object := range goes.objects {
		failed = append(failed, w.Store.RemoveAside(object.Aside.Aside))
	}
	return errors.Join(failed...)
}

// purgeTheirFiles removes the received files of which no row is kept, however
// long received files are, also those that were landed again from the drop folder.
func purgeTheirFiles(ctx context.Context, w *workspace.Workspace, at time.Time) error {
	byFile := map[fileKey][]*load.Record{}
	for _, record := range w.Ledger.Records("") {
		key := fileKey{record.Source, record.FileSHA256}
		byFile[key] = append(byFile[key], record)
	}
	kept := landing.NewStore(w.Env.Site.Warehouse.Landing(), landing.DefaultLimits())
	var failed []error
	var purged []*load.Record
	for key, records := range byFile {
		if slices.ContainsFunc(records, func(r *load.Record) bool { return r.RowsPurgedAt == nil }) {
			continue
		}
		if _, err := kept.Remove(key.source, key.sha256); err != nil {
			failed = append(failed, err)
			continue
		}
		purged = append(purged, records...)
	}
	return errors.Join(errors.Join(failed...), w.Ledger.NotePurged(ctx, purged, at))
}
