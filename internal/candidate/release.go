package candidate

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"time"

	"socialvalue/internal/baseline"
	"socialvalue/internal/load"
	"socialvalue/internal/manifest"
	"socialvalue/internal/model"
	"socialvalue/internal/release"
	"socialvalue/internal/runreport"
	"socialvalue/internal/shelf"
	"socialvalue/internal/workspace"
)

// Release makes a release when something in it would be new.
func Release(ctx context.Context, w *workspace.Workspace, report *runreport.Report, held map[string]bool, fingerprints map[string]string) error {
	published, err := workspace.Datasets(w.Project, fingerprints, held, w.Days(ctx))
	if err != nil {
		return err
	}
	plan := release.Plan{
		RunID: report.RunID, Software: w.Env.Version, DuckDB: w.DuckDB, SchemaVersion: workspace.SchemaVersion, Publisher: w.Env.Site.Name,
		Datasets: published, Macros: workspace.Macros(w.Project), Queries: workspace.Queries(w.Project),
	}
	holdFamilies(plan.Datasets)
	judged, err := protect(ctx, w, plan.Datasets, fingerprints)
	if err != nil {
		return err
	}
	if err := openForms(ctx, w, plan.Datasets, judged.Masks); err != nil {
		return err
	}
	plan.Masks = judged.Masks
	root := w.Env.Site.Warehouse.Releases()
	previous, err := shelf.Current(root)
	if err != nil && !errors.Is(err, shelf.ErrNoRelease) {
		return err
	}
	if plan.Facts.Sources, err = factsFrom(w).sourceFacts(ctx); err != nil {
		return err
	}
	changed := release.Changed(previous, plan)
	report.Stale = staleSources(w, plan.Facts.Sources, previous)
	report.Gone = goneSources(w, plan.Facts.Sources, previous)
	// A source that falls silent, or speaks again, is news of its own: once, not
	// every night, since the release says which sources were stale when it was made.
	news := previous != nil && !slices.Equal(previous.Stale, names(report.Stale))
	if len(changed) == 0 && !news {
		report.ReleaseNote = "nothing is new"
		return nil
	}
	if report.OnHold, err = shelf.Holding(root); err != nil {
		return err
	} else if report.OnHold != nil {
		report.ReleaseNote = "on hold: " + report.OnHold.String() + "; go on with svw releases resume"
		return nil
	}
	if err = gatherFacts(ctx, w, &plan.Facts); err != nil {
		return err
	}
	if plan.Facts.Withheld, err = withheldCells(ctx, w, judged); err != nil {
		return err
	}
	if plan.Facts.Ledger, err = audit(ctx, w, plan.Datasets, judged); err != nil {
		return err
	}
	w.Env.Tell("release", fmt.Sprintf("%d datasets, %d changed", len(plan.Datasets), len(changed)))
	composer := release.Composer{DB: w.DB, Root: root, Now: w.Env.Now, Reader: w.Env.Verifier, Access: w.Access}
	m, err := composer.Compose(ctx, plan)
	if err != nil {
		return err
	}
	report.Release = &runreport.ReleaseReport{
		ID: m.Release, Path: filepath.Join(root, m.Release), Datasets: len(m.Datasets), Changed: changed, MetaOnly: len(changed) == 0,
	}
	for _, file := range slices.Concat(m.Files, m.RunFiles) {
		report.Release.Files++
		report.Release.Bytes += file.Bytes
	}
	for _, h := range m.Held {
		if h.Missing {
			report.Release.Missing = append(report.Release.Missing, h.Dataset)
		} else {
			report.Release.Held = append(report.Release.Held, h.Dataset)
		}
	}
	return nil
}

// staleSources tells of the sources that are silent for too long, and which of them are
// so since the current release.
func staleSources(w *workspace.Workspace, sources []release.SourceFact, previous *manifest.Manifest) []runreport.StaleReport {
	var list []runreport.StaleReport
	for _, name := range release.Stale(sources, w.Env.Now()) {
		i := slices.IndexFunc(sources, func(s release.SourceFact) bool { return s.Source == name })
		list = append(list, runreport.StaleReport{
			Source: name, ReceivedAt: sources[i].ReceivedAt, StaleAfter: sources[i].StaleAfter,
			News: previous == nil || !slices.Contains(previous.Stale, name),
		})
	}
	return list
}

// goneSources are those that the current release was made with, and of which nothing counts any more.
func goneSources(w *workspace.Workspace, sources []release.SourceFact, previous *manifest.Manifest) []runreport.GoneSource {
	if previous == nil {
		return nil
	}
	configured := w.Env.Configured()
	var gone []runreport.GoneSource
	for _, input := range previous.Inputs {
		counts := slices.ContainsFunc(sources, func(s release.SourceFact) bool { return s.Source == input.Source && s.Supplied })
		if len(input.SHA256) > 0 && !counts {
			gone = append(gone, runreport.GoneSource{Source: input.Source, Files: len(input.SHA256), Configured: configured[input.Source]})
		}
	}
	return gone
}

func names(stale []runreport.StaleReport) []string {
	var names []string
	for _, source := range stale {
		names = append(names, source.Source)
	}
	return names
}

func factsFrom(w *workspace.Workspace) factsInput {
	return factsInput{
		db: w.DB, ledger: w.Ledger, state: w.State, contracts: w.Contracts, pipelines: w.Pipelines,
		sources: w.SourceNames(), readers: w.Readers(),
	}
}

// gatherFacts gathers what the meta tables of a release tell beside the sources.
func gatherFacts(ctx context.Context, w *workspace.Workspace, facts *release.Facts) (err error) {
	f := factsFrom(w)
	if facts.Runs, err = f.runFacts(ctx); err != nil {
		return err
	}
	if facts.Quarantine, err = f.quarantineFacts(ctx, w.Store); err != nil {
		return err
	}
	seals, err := baseline.List(w.Env.Site.Warehouse.Baselines())
	if err != nil {
		return err
	}
	for _, seal := range seals {
		facts.Baselines = append(facts.Baselines, manifest.Baseline{Year: seal.Year, Version: seal.Version, Seal: seal.Seal})
	}
	facts.Overrides = w.Overrides
	facts.Checks = checkFacts(w)
	facts.DataUpTo = dataUpTo(w.Project, w.Ledger, f.sources)
	return nil
}

// dataUpTo is, by schema, the last day that the feeds its datasets hang on are
// of. Sources that the site has no longer do not speak of it.
func dataUpTo(project *model.Project, ledger *load.Ledger, sources map[string]string) map[string]time.Time {
	last := map[string]time.Time{}
	for _, record := range ledger.Records("") {
		day := workspace.ParseDate(record.DataTo)
		if _, configured := sources[record.Source]; !configured || record.Status != load.StatusActive || day.IsZero() {
			continue
		}
		last[record.Relation] = workspace.Later(last[record.Relation], day)
	}
	upTo := map[string]time.Time{}
	relations := make([]string, 0, len(last))
	for relation := range last {
		relations = append(relations, relation)
	}
	sort.Strings(relations)
	for _, relation := range relations {
		for _, dependent := range project.Descendants(relation) {
			node, ok := project.Nodes[dependent]
			if ok && node.Spec.Publish.IsPublished() {
				upTo[node.Schema()] = workspace.Later(upTo[node.Schema()], last[relation])
			}
		}
	}
	return upTo
}
