package upkeep

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"socialvalue/internal/intake"
	"socialvalue/internal/landing"
	"socialvalue/internal/load"
	"socialvalue/internal/pipeline"
	"socialvalue/internal/runreport"
	"socialvalue/internal/state"
	"socialvalue/internal/workspace"
)

// Purge removes received files by the retention of their pipelines. It runs
// also after a build or a release that failed: how long bytes are kept must not
// hang on that.
func Purge(ctx context.Context, w *workspace.Workspace, report *runreport.Report) error {
	due, err := DuePurges(ctx, w)
	if err != nil {
		return fmt.Errorf("find received files whose time is up: %w", err)
	}
	kept := landing.NewStore(w.Env.Site.Warehouse.Landing(), landing.DefaultLimits())
	var failed []error
	var purged []*load.Record
	for _, d := range due {
		removed, err := kept.Remove(d.Source, d.SHA256)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		if removed {
			report.Purged = append(report.Purged, d.PurgedFile)
		}
		purged = append(purged, d.records...)
	}
	// Only what is gone is said to be gone; a run that dies in between finds the
	// file missing and says so then.
	err = w.Ledger.NotePurged(ctx, purged, w.Env.Now().UTC())
	return errors.Join(errors.Join(failed...), err, purgeTheirFiles(ctx, w, w.Env.Now().UTC()))
}

// due is a file to be purged and the loads made of it.
type due struct {
	runreport.PurgedFile
	records []*load.Record
	Gone    bool // removed by a run that died before it could say so, or by hand
}

// DuePurges lists the files whose time is up. A file stays while any of its
// documents is not in the record and was not refused, and while the rows made of
// it are not in the store.
func DuePurges(ctx context.Context, w *workspace.Workspace) ([]due, error) {
	kept, err := landing.NewStore(w.Env.Site.Warehouse.Landing(), landing.DefaultLimits()).List()
	if err != nil {
		return nil, err
	}
	byFile := map[fileKey][]*load.Record{}
	for _, record := range w.Ledger.Records("") {
		key := fileKey{record.Source, record.FileSHA256}
		byFile[key] = append(byFile[key], record)
	}
	here := map[fileKey]bool{}
	seen := map[string][]state.Sighting{}
	var list []due
	for _, file := range kept {
		key := fileKey{file.Source, file.SHA256}
		here[key] = true
		d := due{PurgedFile: runreport.PurgedFile{Source: file.Source, SHA256: file.SHA256, ReceivedAt: file.ModTime.UTC()}, records: byFile[key]}
		if _, read := seen[file.Source]; !read {
			if seen[file.Source], err = sightings(ctx, w, file.Source); err != nil {
				return nil, err
			}
		}
		notDone := dealtWith(w, &d, seen[file.Source])
		for _, record := range d.records {
			d.ReceivedAt, d.File = earlier(d.ReceivedAt, record.Received()), record.File
		}
		if d.KeptDays = landingDays(w, file.Source, d.records); notDone == nil && past(w, d) && inStore(w, d.records) {
			list = append(list, d)
		}
	}
	for key, records := range byFile {
		if d := (due{PurgedFile: runreport.PurgedFile{Source: key.source, SHA256: key.sha256}, records: records, Gone: true}); !here[key] && !purgedBefore(records) {
			d.ReceivedAt = records[0].Received()
			for _, record := range records {
				d.ReceivedAt = earlier(d.ReceivedAt, record.Received())
			}
			if d.KeptDays = landingDays(w, key.source, records); past(w, d) {
				list = append(list, d)
			}
		}
	}
	slices.SortFunc(list, func(a, b due) int { return strings.Compare(a.Source+"/"+a.SHA256, b.Source+"/"+b.SHA256) })
	return list, nil
}

// fileKey names a received file.
type fileKey struct{ source, sha256 string }

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func purgedBefore(records []*load.Record) bool {
	return !slices.ContainsFunc(records, func(r *load.Record) bool { return r.LandingPurgedAt == nil })
}

// past says whether a file was kept for as long as it may be.
func past(w *workspace.Workspace, d due) bool {
	return d.KeptDays > 0 && w.Env.Now().After(d.ReceivedAt.AddDate(0, 0, d.KeptDays))
}

// inStore says whether the rows of all loads of a file are in the store, or were
// there for as long as they may be.
func inStore(w *workspace.Workspace, records []*load.Record) bool {
	return !slices.ContainsFunc(records, func(r *load.Record) bool {
		return r.RowsPurgedAt == nil && !w.Store.Has(r.Relation, r.ObjectSHA256)
	})
}

// errNotDone says that a received file is still to be read.
var errNotDone = errors.New("not every document of it was read")

// dealtWith notes what is remembered of a file, or says that it is not done
// with. A file without loads of which nothing is remembered was perhaps not read
// yet: the state file may have been lost.
func dealtWith(w *workspace.Workspace, d *due, sightings []state.Sighting) error {
	for _, sighting := range sightings {
		if sighting.SHA256 != d.SHA256 {
			continue
		}
		d.File = sighting.Name
		// A name that was known may have got another content since.
		d.ReceivedAt = earlier(d.ReceivedAt, workspace.Later(sighting.FirstSeen, time.Unix(0, sighting.MtimeNS).UTC()))
		switch runreport.FileStatus(sighting.Outcome) {
		case runreport.FileRefused:
			d.Refused = true
		case runreport.FilePending, runreport.FileSkipped:
			return errNotDone
		case runreport.FileLoaded, runreport.FileSameBytes, runreport.FileUnchanged, runreport.FileReverted:
		}
	}
	if !d.Refused && len(d.records) == 0 {
		return errNotDone
	}
	return nil
}

func sightings(ctx context.Context, w *workspace.Workspace, source string) ([]state.Sighting, error) {
	byName, err := w.State.Sightings(ctx, source)
	if err != nil {
		return nil, err
	}
	list := make([]state.Sighting, 0, len(byName))
	for _, sighting := range byName {
		list = append(list, sighting)
	}
	slices.SortFunc(list, func(a, b state.Sighting) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// landingDays is how long a source's files are kept; 0 when nothing says so. A
// source that the site has no more is judged by what its files were loaded as.
func landingDays(w *workspace.Workspace, source string, records []*load.Record) int {
	configured, ok := w.Env.Site.Source(source)
	switch {
	case ok:
		return w.Pipelines[workspace.PipelineOf(configured.Contract)].Retention.LandingDays
	case len(records) > 0:
		return w.Pipelines[workspace.PipelineOf(records[0].Contract)].Retention.LandingDays
	}
	return 0
}

// Lingering lists the files of personal pipelines that were left in the drop
// folder for longer than they may be kept.
func Lingering(found []intake.SeenFile, pipelines map[string]pipeline.Pipeline, now time.Time) []runreport.LingeringFile {
	var list []runreport.LingeringFile
	for _, file := range found {
		p := pipelines[file.Pipeline]
		if days := p.Retention.LandingDays; p.Personal && days > 0 && now.After(file.Since.AddDate(0, 0, days)) {
			list = append(list, runreport.LingeringFile{Source: file.Source, File: file.Name, Since: file.Since, KeptDays: days})
		}
	}
	return list
}
