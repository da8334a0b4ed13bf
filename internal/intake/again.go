package intake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"socialvalue/internal/documents"
	"socialvalue/internal/load"
	"socialvalue/internal/runreport"
	"socialvalue/internal/site"
	"socialvalue/internal/workspace"
)

// takeCorrected reads the files again that toCorrect finds.
func (in *Intake) takeCorrected(ctx context.Context, sources []site.Source) (reports []runreport.FileReport, err error) {
	for _, record := range in.toCorrect(sources) {
		report, err := in.Again(ctx, record)
		if err != nil {
			return reports, err
		}
		if report.Status == runreport.FileSkipped {
			report.Reason = correctionsChanged + ": " + report.Reason
		}
		reports = append(reports, report)
	}
	if err := in.loader.Commit(ctx); err != nil {
		return reports, fmt.Errorf("commit the corrected loads: %w", err)
	}
	return reports, nil
}

// correctionsChanged is why a file is read again that nobody has touched.
const correctionsChanged = "its corrections changed"

// toCorrect lists the loads of files that do not lie where their source looks,
// and whose corrections are not those they were read with: one was added, changed
// or withdrawn, or expired.
func (in *Intake) toCorrect(sources []site.Source) []*load.Record {
	var stale []*load.Record
	for _, record := range in.ledger.Records("") {
		selected := slices.ContainsFunc(sources, func(s site.Source) bool { return s.Name == record.Source })
		if !selected || record.Status != load.StatusActive || in.there[documentPlace{record.Source, record.FileSHA256}] {
			continue
		}
		same := slices.EqualFunc(record.Corrections, in.corrected.Of(record.Relation, record.FileSHA256, record.Member),
			func(applied, wanted load.Correction) bool {
				applied.Applied = false
				return applied == wanted
			})
		if !same {
			stale = append(stale, record)
		}
	}
	return stale
}

// Again reads the document of a load once more from what was landed.
func (in *Intake) Again(ctx context.Context, record *load.Record) (runreport.FileReport, error) {
	source, _ := in.env.Site.Source(record.Source)
	c := in.contracts[source.Contract]
	report := runreport.FileReport{Source: record.Source, File: load.Label(record), Status: runreport.FileSkipped}
	if c.Relation() != record.Relation {
		report.Reason = fmt.Sprintf("it was loaded into %s, and source %s now fills %s: drop the file again", record.Relation, record.Source, c.Relation())
		return report, nil
	}
	in.env.Tell("load", report.File)
	from, trouble, err := in.readyFor(ctx, source, c)
	if err != nil {
		return report, err
	}
	if trouble != nil {
		return sourceRefusal(source, report.File, trouble), nil
	}
	landed, err := in.landing.Lookup(record.Source, record.FileSHA256, record.File)
	if errors.Is(err, fs.ErrNotExist) {
		report.Reason = err.Error()
		return report, nil
	}
	if err != nil {
		return report, err
	}
	landed.ModTime = record.FileModified
	contents, err := in.landing.Open(ctx, landed)
	if err == nil {
		contents, err = SheetsOf(ctx, source, documents.Options{WorkDir: in.loader.WorkDir, Password: from.Password}, contents)
	}
	if refusal := RefusalOf(err); refusal != nil {
		report.Status, report.Reason, report.Differences = runreport.FileRefused, refusal.Error(), refusal.Differences
		return report, nil
	}
	if err != nil {
		return report, err
	}
	for _, document := range contents.Documents {
		if document.Part() == record.Member {
			return in.takeDocument(ctx, source, from, landed, document)
		}
	}
	report.Reason = "the landed file has no such member: drop the file again"
	return report, nil
}

// TakeLanded reads the landed files of the window again whose documents were not found in the drop folder.
func (in *Intake) TakeLanded(ctx context.Context, report *runreport.Report) error {
	for _, record := range in.ledger.Records("") {
		source, ok := in.env.Site.Source(record.Source)
		if !ok || record.Status != load.StatusActive || workspace.PipelineOf(source.Contract) != in.wanted.Pipelines[0] ||
			in.there[documentPlace{record.Source, record.FileSHA256}] {
			continue
		}
		claim := site.Claim{PeriodStart: workspace.ParseDate(record.PeriodStart)}
		if last := workspace.ParseDate(record.PeriodEnd); !last.IsZero() {
			claim.PeriodEnd = last.AddDate(0, 0, 1)
		}
		if !in.wanted.Window.holds(claim) {
			continue
		}
		file, err := in.Again(ctx, record)
		if err != nil {
			return err
		}
		report.Files = append(report.Files, file)
	}
	if err := in.loader.Commit(ctx); err != nil {
		return fmt.Errorf("commit the loads read again: %w", err)
	}
	return nil
}

// elsewhere says whether a file's own name claims days outside of the window; an archive's name may claim nothing.
func (in *Intake) elsewhere(source site.Source, name string) bool {
	if in.wanted.Window == nil {
		return false
	}
	claim, err := source.Claim(name)
	return err == nil && claim.HasPeriod() && !in.wanted.Window.holds(claim)
}
