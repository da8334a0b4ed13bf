package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"socialvalue/internal/journal"
	"socialvalue/internal/lineage"
	"socialvalue/internal/runreport"
	"socialvalue/internal/state"
	"socialvalue/internal/upkeep"
	"socialvalue/internal/workspace"
)

// keepLog opens the folder of a run. From then on what the run tells of its progress goes into its log too.
func keepLog(ctx context.Context, w *workspace.Workspace, r state.Run) (*journal.Run, error) {
	if err := upkeep.Forget(ctx, w.Env, w.State); err != nil {
		return nil, err
	}
	kept, err := journal.Folder(w.Env.Site.Warehouse.Runs()).Open(r.ID, w.Env.Now)
	if err != nil {
		return nil, err
	}
	kept.Log().Info("run begins", "trigger", r.Trigger, "version", r.Version)
	w.Env.Progress = w.Env.LoggedTo(kept)
	return kept, nil
}

// keepReport writes what came of the run into its log, keeps its report, and its lineage for a catalogue.
func keepReport(ctx context.Context, w *workspace.Workspace, kept *journal.Run, report *runreport.Report, problem string) error {
	if kept == nil {
		return nil
	}
	log := kept.Log()
	for _, file := range report.Files {
		switch file.Status {
		case runreport.FileRefused:
			log.Warn("file refused", "source", file.Source, "file", file.File, "reason", file.Reason)
		case runreport.FileLoaded:
			log.Info("file loaded", "source", file.Source, "file", file.File, "load_id", file.LoadID, "records", file.Records, "rows", file.Rows,
				"duplicates", file.Duplicates, "quarantined", file.Quarantined, "skipped", file.Skipped)
		case runreport.FileUnchanged, runreport.FileSameBytes, runreport.FilePending, runreport.FileSkipped, runreport.FileReverted:
		}
	}
	for _, m := range report.Models {
		level := slog.LevelInfo
		if m.Status != runreport.StatusBuilt {
			level = slog.LevelWarn
		}
		log.Log(ctx, level, "relation "+m.Status, "relation", m.Relation, "rows", m.Rows, "seconds", m.Seconds, "reason", m.Reason)
	}
	for _, f := range report.Findings {
		log.Warn("check found something", "check", f.Name, "relation", f.Relation, "severity", f.Severity, "rows", f.Offending, "problem", f.Problem)
	}
	for _, stale := range report.Stale {
		log.Warn("source is silent", "source", stale.Source, "received_at", stale.ReceivedAt, "late_since", stale.StaleAfter)
	}
	if report.Release != nil {
		log.Info("released", "release", report.Release.ID, "datasets", report.Release.Datasets, "files", report.Release.Files, "bytes", report.Release.Bytes)
	}
	level := slog.LevelInfo
	if problem != "" {
		level = slog.LevelError
	}
	log.Log(ctx, level, "run ends", "status", report.Status, "seconds", report.Finished.Sub(report.Started).Seconds(), "error", problem)
	events, err := lineage.Events(lineageOf(w, report, problem))
	if err == nil {
		err = kept.Write(journal.LineageName, events)
	}
	if err = errors.Join(err, kept.Close(journal.ReportName, report)); err != nil {
		return fmt.Errorf("keep what the run did: %w", err)
	}
	return nil
}

// lineageOf is the report as files that became relations, and relations that became others.
func lineageOf(w *workspace.Workspace, report *runreport.Report, problem string) lineage.Run {
	r := lineage.Run{
		ID: report.RunID, Started: report.Started, Finished: report.Finished, Ended: "COMPLETE", Error: problem,
		Namespace: "svw://" + w.Env.Site.Root, Version: w.Env.Version,
	}
	switch state.Status(report.Status) {
	case state.Failed:
		r.Ended = "FAIL"
	case state.Cancelled:
		r.Ended = "ABORT"
	case state.Running, state.Succeeded, state.Refused, state.Interrupted:
	}
	for _, source := range w.Env.Site.Sources {
		load := lineage.Step{Name: "load." + source.Name}
		var rows int64
		for _, file := range report.Files {
			if file.Source == source.Name && file.Status == runreport.FileLoaded {
				load.Inputs = append(load.Inputs, lineage.Dataset{Name: file.File, File: true})
				rows += file.Rows - file.Duplicates
			}
		}
		if len(load.Inputs) > 0 {
			load.Outputs = []lineage.Dataset{{Name: w.Contracts[source.Contract].Relation(), Rows: rows}}
			r.Steps = append(r.Steps, load)
		}
	}
	for _, m := range report.Models {
		built := lineage.Step{Name: m.Relation, Failed: m.Status != runreport.StatusBuilt, Error: m.Reason}
		if node := w.Project.Nodes[m.Relation]; node != nil {
			for _, input := range slices.Sorted(slices.Values(node.Inputs)) {
				built.Inputs = append(built.Inputs, lineage.Dataset{Name: input})
			}
		}
		built.Outputs = []lineage.Dataset{{Name: m.Relation, Rows: m.Rows}}
		r.Steps = append(r.Steps, built)
	}
	return r
}
