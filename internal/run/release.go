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
	"socialvalue/internal/manifest"
	"socialvalue/internal/model"
	"socialvalue/internal/release"
	"socialvalue/internal/shelf"
)

// release makes a release when something in it would be new.
func (w *workspace) release(ctx context.Context, report *Report, held map[string]bool, fingerprints map[string]string) error {
	published, err := datasets(w.project, fingerprints, held, w.days(ctx))
	if err != nil {
		return err
	}
	plan := release.Plan{
		RunID: report.RunID, Software: w.env.Version, DuckDB: w.duckdb, SchemaVersion: schemaVersion, Publisher: w.env.Site.Name,
		Datasets: published, Macros: macros(w.project), Queries: queries(w.project),
	}
	holdFamilies(plan.Datasets)
	judged, err := w.protect(ctx, plan.Datasets, fingerprints)
	if err != nil {
		return err
	}
	plan.Masks = judged.Masks
	root := w.env.Site.Warehouse.Releases()
	previous, err := shelf.Current(root)
	if err != nil && !errors.Is(err, shelf.ErrNoRelease) {
		return err
	}
	if plan.Facts.Sources, err = w.factsInput().sourceFacts(ctx); err != nil {
		return err
	}
	changed := release.Changed(previous, plan)
	report.Stale = w.stale(plan.Facts.Sources, previous)
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
	if err = w.facts(ctx, &plan.Facts); err != nil {
		return err
	}
	plan.Facts.Withheld = judged.Suppressions
	if plan.Facts.Ledger, err = w.audit(ctx, plan.Datasets, judged); err != nil {
		return err
	}
	w.env.progress("release", fmt.Sprintf("%d datasets, %d changed", len(plan.Datasets), len(changed)))
	composer := release.Composer{DB: w.db, Root: root, Now: w.env.Now, Reader: w.env.Verifier, Access: w.access}
	m, err := composer.Compose(ctx, plan)
	if err != nil {
		return err
	}
	report.Release = &ReleaseReport{
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

// stale tells of the sources that are silent for too long, and which of them are
// so since the current release.
func (w *workspace) stale(sources []release.SourceFact, previous *manifest.Manifest) []StaleReport {
	var list []StaleReport
	for _, name := range release.Stale(sources, w.env.Now()) {
		i := slices.IndexFunc(sources, func(s release.SourceFact) bool { return s.Source == name })
		list = append(list, StaleReport{
			Source: name, ReceivedAt: sources[i].ReceivedAt, StaleAfter: sources[i].StaleAfter,
			News: previous == nil || !slices.Contains(previous.Stale, name),
		})
	}
	return list
}

func names(stale []StaleReport) []string {
	var names []string
	for _, source := range stale {
		names = append(names, source.Source)
	}
	return names
}

func (w *workspace) factsInput() factsInput {
	return factsInput{
		db: w.db, ledger: w.ledger, state: w.state, contracts: w.contracts, pipelines: w.pipelines,
		sources: w.sourceNames(), readers: w.readers(),
	}
}

// facts gathers what the meta tables of a release tell beside the sources.
func (w *workspace) facts(ctx context.Context, facts *release.Facts) (err error) {
	f := w.factsInput()
	if facts.Runs, err = f.runFacts(ctx); err != nil {
		return err
	}
	if facts.Quarantine, err = f.quarantineFacts(ctx, w.store); err != nil {
		return err
	}
	facts.Overrides = w.overrides
	facts.Checks = w.checkFacts()
	facts.DataUpTo = dataUpTo(w.project, w.ledger)
	return nil
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
