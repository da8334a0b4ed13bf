package intake

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"socialvalue/internal/documents"
	"socialvalue/internal/extract"
	"socialvalue/internal/landing"
	"socialvalue/internal/load"
	"socialvalue/internal/runreport"
	"socialvalue/internal/site"
	"socialvalue/internal/state"
	"socialvalue/internal/workbook"
)

// arrival is a file on its way from its source into the record.
type arrival struct {
	from      load.Source
	landed    landing.Landed
	documents []landing.Document
	sighting  *state.Sighting // nil: an earlier run dealt with the file
	reports   []runreport.FileReport
}

// land lands a file and opens its documents. What hinders that is in its reports.
func (in *Intake) land(ctx context.Context, source site.Source, from load.Source, found extract.Found, sighting state.Sighting, config string) (*arrival, error) {
	in.env.Tell("load", found.Name)
	sighting.Config = config
	a := &arrival{from: from, sighting: &sighting}
	landed, err := in.landing.Land(ctx, source.Name, found)
	if errors.Is(err, landing.ErrChangedWhileRead) {
		a.reports = []runreport.FileReport{{Source: source.Name, File: found.Name, Status: runreport.FilePending, Reason: err.Error()}}
		return a, nil
	}
	if err != nil {
		a.reports, err = in.landTrouble(source, found, a.sighting, err)
		return a, err
	}
	a.landed, sighting.SHA256 = landed, landed.SHA256
	contents, err := in.landing.Open(ctx, landed)
	if err == nil {
		contents, err = SheetsOf(ctx, source, documents.Options{WorkDir: in.loader.WorkDir, Password: from.Password}, contents)
	}
	if refusal := RefusalOf(err); refusal != nil {
		if errors.Is(err, workbook.ErrPassword) {
			sighting.Config = "" // the password may be right at the next run
		}
		sighting.Outcome, sighting.Message = string(runreport.FileRefused), refusal.Error()
		a.reports = []runreport.FileReport{{Source: source.Name, File: found.Name, Status: runreport.FileRefused, Reason: refusal.Error(), Differences: refusal.Differences}}
		return a, nil
	}
	if err != nil {
		return nil, err
	}
	for _, ignored := range contents.Ignored {
		a.reports = append(a.reports, runreport.FileReport{Source: source.Name, File: found.Name + "!" + ignored.Name, Status: runreport.FileSkipped, Reason: ignored.Reason})
	}
	a.documents, sighting.Outcome = contents.Documents, string(runreport.FileLoaded)
	return a, nil
}

// takeAll loads the documents of files that were landed, in their order, and
// writes down what became of each.
func (in *Intake) takeAll(ctx context.Context, source site.Source, arrivals []*arrival) error {
	var arrived []load.Arrived
	var reports []*runreport.FileReport // of those
	var from load.Source
	for _, a := range arrivals {
		if len(a.documents) > 0 {
			from = a.from // all are of one source
		}
		told := len(a.reports)
		a.reports = append(a.reports, make([]runreport.FileReport, len(a.documents))...)
		for i, document := range a.documents {
			report := &a.reports[told+i]
			file, asked := in.claimed(source, a.landed, document, report)
			if asked {
				arrived, reports = append(arrived, load.Arrived{File: file, Document: document}), append(reports, report)
			}
		}
	}
	for i, outcome := range in.loader.LoadAll(ctx, from, arrived) {
		if err := tell(reports[i], arrived[i].File, outcome); err != nil {
			for _, a := range arrivals { // what was not told is not known
				a.reports = slices.DeleteFunc(a.reports, func(r runreport.FileReport) bool { return r.Status == "" })
			}
			return err
		}
	}
	for _, a := range arrivals {
		a.conclude()
	}
	return nil
}

// claimed is what the name of a document says of it; false when it is not to be
// loaded, for a reason that is reported.
func (in *Intake) claimed(source site.Source, landed landing.Landed, document landing.Document, report *runreport.FileReport) (load.File, bool) {
	report.Source, report.File = source.Name, document.Name
	file, claim, err := Claimed(source, document)
	if err != nil {
		report.Status, report.Reason = runreport.FileRefused, err.Error()
		return file, false
	}
	file.Name, file.SHA256, file.Bytes, file.Modified = landed.Name, landed.SHA256, landed.Size, landed.ModTime
	if outside := in.wanted.outside(claim); outside != "" {
		report.Status, report.Reason = runreport.FileSkipped, outside
		return file, false
	}
	file.Corrections = in.corrected.Of(in.contracts[source.Contract].Relation(), landed.SHA256, document.Part())
	return file, true
}

// takeDocument loads one document.
func (in *Intake) takeDocument(ctx context.Context, source site.Source, from load.Source, landed landing.Landed, document landing.Document) (runreport.FileReport, error) {
	var report runreport.FileReport
	file, asked := in.claimed(source, landed, document, &report)
	if !asked {
		return report, nil
	}
	err := tell(&report, file, in.loader.LoadAll(ctx, from, []load.Arrived{{File: file, Document: document}})[0])
	return report, err
}

// tell writes down what became of a document. The error is trouble of the machine.
func tell(report *runreport.FileReport, file load.File, outcome load.Outcome) error {
	report.Status = runreport.FileRefused
	if outcome.Err != nil {
		refusal := RefusalOf(outcome.Err)
		if refusal == nil {
			report.Status = ""
			return outcome.Err
		}
		report.Reason, report.Differences, report.Again = refusal.Error(), refusal.Differences, refusal.Again
		return nil
	}
	record := outcome.Record
	report.Status = runreport.FileLoaded
	if !outcome.Fresh {
		report.Status = runreport.FileSameBytes
		report.Reason = "the same bytes as " + record.File
		if record.File == file.Name {
			report.Reason = "it was read in this way before"
		}
	}
	if record.Reverted != nil {
		report.Status, report.Reason = runreport.FileReverted, revertedReason(record)
	}
	if record.RowsPurgedAt != nil {
		report.Reason = "its rows were removed on " + record.RowsPurgedAt.Format(time.DateOnly) + ", when their time was up"
	}
	report.LoadID, report.Layout, report.Records, report.Rows = record.ID, record.Layout, record.Records, record.Rows
	report.Quarantined, report.Skipped, report.Controls = record.Quarantined, record.SkippedTotal(), record.Controls
	report.Corrected = record.Corrected()
	report.Warnings = record.Warnings
	return nil
}

// conclude remembers of a file what became of its documents.
func (a *arrival) conclude() {
	for _, report := range a.reports[len(a.reports)-len(a.documents):] {
		if report.Again {
			a.sighting.Config = ""
		}
		switch {
		case report.Status == runreport.FileRefused:
			a.sighting.Outcome, a.sighting.Message = string(runreport.FileRefused), report.Reason
		case report.Status == runreport.FileSkipped && a.sighting.Outcome != string(runreport.FileRefused):
			a.sighting.Outcome = string(runreport.FileSkipped) // not done with: a run without --from and --to looks again
		}
		if report.LoadID != "" {
			a.sighting.Loads = append(a.sighting.Loads, report.LoadID)
		}
	}
}

// landTrouble tells a file that is gone or cannot be read from a landing folder
// that cannot be written. Neither is remembered: a right to read that was given
// since shows in nothing that a listing sees.
func (in *Intake) landTrouble(source site.Source, found extract.Found, sighting *state.Sighting, err error) ([]runreport.FileReport, error) {
	var trouble *fs.PathError
	if !errors.As(err, &trouble) || trouble.Path != found.Path {
		return nil, err
	}
	report := runreport.FileReport{Source: source.Name, File: found.Name, Status: runreport.FilePending, Reason: "it is gone: the next run looks again"}
	if !errors.Is(err, fs.ErrNotExist) {
		report.Status = runreport.FileRefused
		report.Reason = (&load.Refusal{File: found.Name, Reason: "it cannot be read: " + err.Error()}).Error()
		sighting.Outcome, sighting.Message, sighting.Config = string(runreport.FileRefused), report.Reason, ""
	}
	return []runreport.FileReport{report}, nil
}
