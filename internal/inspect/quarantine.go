package inspect

import (
	"context"
	"errors"
	"slices"
	"strings"

	"socialvalue/internal/candidate"
	"socialvalue/internal/load"
	"socialvalue/internal/store"
	"socialvalue/internal/warehouse"
	"socialvalue/internal/workspace"
)

// QuarantinedFile is a document with rows in quarantine.
type QuarantinedFile struct {
	Source   string                     `json:"source"`
	File     string                     `json:"file"`
	LoadID   string                     `json:"load_id"`
	Relation string                     `json:"relation"`
	SHA256   string                     `json:"file_sha256"`
	Rows     int64                      `json:"rows_quarantined"`
	DataRows int64                      `json:"data_rows"` // records but those skipped by rule
	Rules    map[string]int64           `json:"rules"`     // reasons by column and rule
	Reasons  []candidate.QuarantinedRow `json:"reasons"`
}

// Share is the part of the document's data rows that is in quarantine.
func (f QuarantinedFile) Share() float64 {
	if f.DataRows == 0 {
		return 0
	}
	return float64(f.Rows) / float64(f.DataRows)
}

// Quarantine lists the documents that count and have rows in quarantine: those
// of one source, or those that subjects name by a load's id or a part of a
// file's name; nothing given lists all. It needs no lock, and can be asked
// during a run.
func Quarantine(ctx context.Context, env workspace.Environment, source string, subjects ...string) (files []QuarantinedFile, err error) {
	contracts, _, err := workspace.Definitions(env)
	if err != nil {
		return nil, err
	}
	st := store.New(env.Site.Warehouse.Store())
	all, err := Loads(ctx, env, LoadFilter{Source: source, Status: load.StatusActive})
	if err != nil {
		return nil, err
	}
	// The objects of the store are read in a database of their own: a second
	// process cannot open the build database.
	db, err := warehouse.Open(ctx, "", env.BesideRuns())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	files = []QuarantinedFile{}
	for _, l := range all {
		if l.QuarantineSHA256 == "" || !l.Configured || !named(l.Record, subjects) {
			continue
		}
		reasons, err := candidate.QuarantinedRows(ctx, db, st, l.Record, contracts[l.Contract])
		if err != nil {
			return nil, err
		}
		file := QuarantinedFile{
			Source: l.Source, File: load.Label(l.Record), LoadID: l.ID, Relation: l.Relation, SHA256: l.FileSHA256,
			Rows: l.Quarantined, DataRows: l.Records - l.SkippedTotal(), Rules: map[string]int64{}, Reasons: reasons,
		}
		for _, reason := range reasons {
			file.Rules[strings.TrimPrefix(reason.Column+" "+reason.Rule, " ")]++
		}
		files = append(files, file)
	}
	return files, nil
}

// named says whether one of the subjects names the load; none names all.
func named(record *load.Record, subjects []string) bool {
	return len(subjects) == 0 || slices.ContainsFunc(subjects, func(subject string) bool {
		return strings.HasPrefix(record.ID, subject) || strings.Contains(load.Label(record), subject)
	})
}
