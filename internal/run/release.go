package run

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"time"

	"socialvalue/internal/load"
	"socialvalue/internal/model"
	"socialvalue/internal/release"
)

// release makes a release when something in it would be new.
func (w *workspace) release(ctx context.Context, report *Report, held map[string]bool, fingerprints map[string]string) error {
	published, err := datasets(w.project, fingerprints, held, w.days(ctx))
	if err != nil {
		return err
	}
	plan := release.Plan{
		RunID: report.RunID, Software: w.env.Version, DuckDB: w.duckdb, SchemaVersion: schemaVersion,
		Datasets: published, Macros: macros(w.project), Queries: queries(w.project),
	}
	holdFamilies(plan.Datasets)
	judged, err := w.protect(ctx, plan.Datasets, fingerprints)
	if err != nil {
		return err
	}
	plan.Masks = judged.Masks
	root := w.env.Site.Warehouse.Releases()
	previous, err := release.Current(root)
	if err != nil && !errors.Is(err, release.ErrNoRelease) {
		return err
	}
	changed := release.Changed(previous, plan)
	if len(changed) == 0 {
		report.ReleaseNote = "nothing is new"
		return nil
	}
	if previous == nil {
		// What was never released cannot stay at its released content.
		plan.Datasets = slices.DeleteFunc(plan.Datasets, func(d release.Dataset) bool { return d.Held })
	}
	if plan.Facts, err = w.facts(ctx, report); err != nil {
		return err
	}
	plan.Facts.Withheld = judged.Suppressions
	if plan.Facts.Ledger, err = w.audit(ctx, plan.Datasets, judged); err != nil {
		return err
	}
	w.env.progress("release", fmt.Sprintf("%d datasets, %d changed", len(plan.Datasets), len(changed)))
	composer := release.Composer{DB: w.db, Root: root, Now: w.env.Now, Reader: w.env.Verifier}
	manifest, err := composer.Compose(ctx, plan)
	if err != nil {
		return err
	}
	report.Release = &ReleaseReport{
		ID: manifest.Release, Path: filepath.Join(root, manifest.Release), Datasets: len(manifest.Datasets), Changed: changed,
	}
	for _, file := range slices.Concat(manifest.Files, manifest.RunFiles) {
		report.Release.Files++
		report.Release.Bytes += file.Bytes
	}
	for _, h := range manifest.Held {
		report.Release.Held = append(report.Release.Held, h.Dataset)
	}
	return nil
}

// facts gathers what the meta tables of a release tell.
func (w *workspace) facts(ctx context.Context, report *Report) (release.Facts, error) {
	f := factsInput{
		db: w.db, ledger: w.ledger, state: w.state, contracts: w.contracts, pipelines: w.pipelines,
		sources: w.sourceNames(), domains: domains(w.project),
	}
	var facts release.Facts
	var err error
	if facts.Sources, err = f.sourceFacts(ctx); err != nil {
		return facts, err
	}
	if facts.Runs, err = f.runFacts(ctx); err != nil {
		return facts, err
	}
	if facts.Quarantine, err = f.quarantineFacts(ctx, w.store); err != nil {
		return facts, err
	}
	facts.Checks = w.checkFacts()
	facts.DataUpTo = dataUpTo(w.project, w.ledger)
	return facts, nil
}

// dataUpTo is, by schema, the last day seen in the period columns of the feeds
// its datasets hang on.
func dataUpTo(project *model.Project, ledger *load.Ledger) map[string]time.Time {
	last := map[string]time.Time{}
	for _, record := range ledger.Records("") {
		day := parseDate(record.DataTo)
		if record.Status != load.StatusActive || day.IsZero() {
			continue
		}
		last[record.Relation] = later(last[record.Relation], day)
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
				upTo[node.Schema()] = later(upTo[node.Schema()], last[relation])
			}
		}
	}
	return upTo
}
