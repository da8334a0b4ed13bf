package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"socialvalue/internal/documents"
	"socialvalue/internal/load"
	"socialvalue/internal/site"
)

// ReplayOptions say which loads are read again: those named, or those of a
// source or of all sources that have rows in quarantine.
type ReplayOptions struct {
	Loads  []string // ids or beginnings of them
	Source string
	All    bool
	Args   []string // as it was called, for the journal
}

// Counts are what became of the records of a document.
type Counts struct {
	Records     int64 `json:"records"`
	Rows        int64 `json:"rows"`
	Quarantined int64 `json:"quarantined"`
	Skipped     int64 `json:"skipped"`
	Corrected   int64 `json:"corrected"`
}

func countsOf(r *load.Record) Counts {
	return Counts{Records: r.Records, Rows: r.Rows, Quarantined: r.Quarantined, Skipped: r.SkippedTotal(), Corrected: r.Corrected()}
}

// Replayed is one document that was read again.
type Replayed struct {
	Source string     `json:"source"`
	File   string     `json:"file"`
	Status FileStatus `json:"status"` // loaded; refused or skipped: what was loaded before still counts
	Reason string     `json:"reason,omitempty"`
	From   string     `json:"from_load_id"`
	To     string     `json:"to_load_id,omitempty"`
	Before Counts     `json:"before"`
	After  *Counts    `json:"after,omitempty"`
}

// ReplayReport is what a replay did.
type ReplayReport struct {
	RunID string     `json:"run_id"`
	Files []Replayed `json:"files"`
}

// Refused says whether a file was refused when it was read again.
func (r *ReplayReport) Refused() bool {
	return slices.ContainsFunc(r.Files, func(f Replayed) bool { return f.Status == FileRefused })
}

// Replay reads landed files again under the present contracts, layouts and
// corrections, and makes what it finds count in the place of what counted. A
// file that is refused leaves all as it was. The next run builds what changed.
func Replay(ctx context.Context, env Environment, options ReplayOptions) (replayed *ReplayReport, err error) {
	w, err := openWorkspace(ctx, env)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	records, err := w.toReplay(options)
	if err != nil {
		return nil, &ConfigurationError{err}
	}
	replayed = &ReplayReport{Files: []Replayed{}}
	_, err = w.journalled(ctx, "quarantine replay", options.Args, func(report *Report) error {
		replayed.RunID = report.RunID
		in := w.intake(Options{Full: true}, report)
		if err := w.sweep(ctx, in); err != nil {
			return err
		}
		for _, record := range records {
			file, err := in.again(ctx, record)
			if err != nil {
				return err
			}
			report.Files = append(report.Files, file)
			replayed.Files = append(replayed.Files, Replayed{
				Source: record.Source, File: file.File, Status: file.Status, Reason: file.Reason, From: record.ID, To: file.LoadID, Before: countsOf(record),
			})
			if err := in.loader.Commit(ctx); err != nil {
				return fmt.Errorf("commit the load of %s: %w", record.File, err)
			}
		}
		for i := range replayed.Files {
			if record := w.ledger.Get(replayed.Files[i].To); record != nil {
				after := countsOf(record)
				replayed.Files[i].After = &after
			}
		}
		if err := w.tellLoads(ctx, report); err != nil {
			return err
		}
		return w.tellAside(ctx, report)
	})
	return replayed, err
}

// toReplay finds the loads that are asked for.
func (w *workspace) toReplay(options ReplayOptions) ([]*load.Record, error) {
	var records []*load.Record
	for _, text := range options.Loads {
		record, err := load.Find(w.ledger.Records(""), text)
		if err != nil {
			return nil, err
		}
		switch {
		case record.Status == load.StatusReverted:
			return nil, fmt.Errorf("load %s was reverted: svw loads restore it first", text)
		case record.Status == load.StatusPurged:
			return nil, fmt.Errorf("load %s is purged: its rows and its file were removed when their time was up", text)
		case record.Status != load.StatusActive:
			return nil, fmt.Errorf("load %s is superseded by %.12s: replay that one", text, record.SupersededBy)
		case !w.env.configured()[record.Source]:
			return nil, fmt.Errorf("svw.yaml has no source %s, which load %s is of: add it again", record.Source, text)
		}
		if !slices.Contains(records, record) {
			records = append(records, record)
		}
	}
	if options.Source != "" && !w.env.configured()[options.Source] {
		return nil, fmt.Errorf("svw.yaml has no source %s: svw status lists them", options.Source)
	}
	if options.Source == "" && !options.All {
		return records, nil
	}
	for _, record := range w.ledger.Records("") {
		wanted := options.All || record.Source == options.Source
		if wanted && w.env.configured()[record.Source] && record.Status == load.StatusActive && record.Quarantined > 0 && !slices.Contains(records, record) {
			records = append(records, record)
		}
	}
	return records, nil
}

// takeCorrected reads the files again that toCorrect finds.
func (in *intake) takeCorrected(ctx context.Context, sources []site.Source) (reports []FileReport, err error) {
	for _, record := range in.toCorrect(sources) {
		report, err := in.again(ctx, record)
		if err != nil {
			return reports, err
		}
		if report.Status == FileSkipped {
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
func (in *intake) toCorrect(sources []site.Source) []*load.Record {
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

// again reads the document of a load once more from what was landed.
func (in *intake) again(ctx context.Context, record *load.Record) (FileReport, error) {
	source, _ := in.env.Site.Source(record.Source)
	c := in.contracts[source.Contract]
	report := FileReport{Source: record.Source, File: label(record), Status: FileSkipped}
	if c.Relation() != record.Relation {
		report.Reason = fmt.Sprintf("it was loaded into %s, and source %s now fills %s: drop the file again", record.Relation, record.Source, c.Relation())
		return report, nil
	}
	in.env.progress("load", report.File)
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
		contents, err = sheetsOf(ctx, source, documents.Options{WorkDir: in.loader.WorkDir, Password: from.Password}, contents)
	}
	if refusal := refusalOf(err); refusal != nil {
		report.Status, report.Reason, report.Differences = FileRefused, refusal.Error(), refusal.Differences
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

// label names the document of a load as people know it.
func label(record *load.Record) string {
	if record.Member == "" {
		return record.File
	}
	return record.File + "!" + record.Member
}
