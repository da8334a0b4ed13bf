//go:build duckdb_arrow

package publication

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"socialvalue/internal/disclosure"
	"socialvalue/internal/manifest"
	"socialvalue/internal/release"
	"socialvalue/internal/warehouse"
)

// seal writes who publishes what and why.
func (w *work) seal() {
	edition := &manifest.Edition{
		Number: 1, Candidate: w.candidate.Release, Period: w.request.Period, PublishedAt: w.Now().UTC().Truncate(time.Second),
		ApprovedBy: strings.TrimSpace(w.request.ApprovedBy), Reason: strings.TrimSpace(w.request.Reason), Approved: w.approved,
		Explanations: explanations(w.request.Explain, w.approved, w.counted(disclosure.Difference.Otherwise)),
		Accepted:     explanations(w.request.Accept, w.approved, w.counted(disclosure.Difference.Unsafe)),
		Corrects:     w.request.Corrects, Note: strings.TrimSpace(w.request.Note), Earlier: []manifest.Correction{},
	}
	w.outcome.Unchanged = false
	if w.previous != nil {
		before := w.previous.Edition
		edition.Number, edition.Previous = before.Number+1, w.previous.Release
		edition.Earlier = append(edition.Earlier, before.Earlier...)
		if before.Note != "" || len(before.Explanations) > 0 {
			edition.Earlier = append(edition.Earlier, manifest.Correction{
				Edition: w.previous.Release, Number: before.Number, Corrects: before.Corrects, Note: before.Note, At: before.PublishedAt, Explanations: before.Explanations,
			})
		}
		w.outcome.Unchanged = edition.Note == "" && !w.changes()
	}
	w.outcome.Seal = edition
	w.plan.Edition = edition
}

// counted counts cells of a dataset by what was found of it.
func (w *work) counted(cells func(disclosure.Difference) int64) func(dataset string) int64 {
	return func(dataset string) int64 {
		for _, one := range w.outcome.Datasets {
			if one.Dataset == dataset && one.Difference != nil {
				return cells(*one.Difference)
			}
		}
		return 0
	}
}

// changes says whether any file of the edition would be other than before.
func (w *work) changes() bool {
	for _, dataset := range w.outcome.Datasets {
		if d := dataset.Difference; d != nil && (d.Differs() || d.Fresh > 0 || dataset.Rows != w.previous.Rows(dataset.Dataset)) {
			return true
		}
		if _, known := recordOf(w.previous, dataset.Dataset); !known {
			return true
		}
	}
	return false
}

// publish composes the edition. The ledger has its part before the pointer
// moves, so that nothing is ever public that the ledger does not know.
func (w *work) publish(ctx context.Context) error {
	w.Progress("ledger")
	part, err := w.Ledger.Write(ctx, w.DB, strings.Join(w.cells, " union all "), w.approved)
	if err != nil {
		return err
	}
	w.plan.Edition.LedgerSHA256 = part.SHA256
	w.plan.RunID, w.plan.Software, w.plan.DuckDB, w.plan.SchemaVersion, w.plan.Publisher = w.candidate.RunID, w.Software, w.DuckDB, w.request.Versions, w.Authority
	w.plan.Macros = w.request.Macros
	names := map[string]bool{}
	for _, dataset := range w.plan.Datasets {
		names[dataset.Name] = true
	}
	for _, query := range w.request.Queries {
		unknown := slices.ContainsFunc(query.Reads, func(name string) bool { return !names[name] && !strings.HasPrefix(name, "meta.") })
		if query.Tier == "open" && !unknown {
			w.plan.Queries = append(w.plan.Queries, query)
		}
	}
	if w.plan.Masks == nil {
		w.plan.Masks = disclosure.Masks{}
	}
	for _, dataset := range w.plan.Datasets {
		if _, judged := w.plan.Masks[dataset.Name]; !judged {
			w.plan.Masks[dataset.Name] = disclosure.Mask{}
		}
	}
	if w.plan.Facts, err = w.facts(ctx); err != nil {
		return err
	}
	w.Progress("edition")
	composer := release.Composer{
		DB: w.DB, Root: w.Root, Now: w.Now, Disk: w.Disk, Reader: w.Reader,
		Announcing: func(edition string) error { return part.Seal(w.plan.Edition.Number, edition) },
	}
	manifest, err := composer.Compose(ctx, w.plan)
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	w.outcome.Edition, w.outcome.Folder = manifest.Release, filepath.Join(w.Root, manifest.Release)
	return nil
}

// facts are what the meta tables of the edition tell: sources and dates as the
// candidate's open file tells them, and the cells that are withheld.
func (w *work) facts(ctx context.Context) (facts release.Facts, err error) {
	if facts, err = release.OpenFacts(ctx, w.DB, filepath.Join(w.Releases, w.candidate.Release)); err != nil {
		return facts, err
	}
	var queries []string
	queries = append(queries, w.cells...)
	for _, dataset := range w.plan.Datasets {
		if !dataset.Held || dataset.Kind != manifest.KindTable {
			continue
		}
		queries = append(queries, disclosure.Cells(dataset.Name, rowsIn(w.Root, w.previous, dataset.Name), dataset.Key, dataset.DisclosureColumns()))
	}
	rows, err := w.DB.Query(ctx, "select dataset, cell_key, column_name from ("+strings.Join(queries, " union all ")+") where state = 'withheld' order by all")
	if err != nil {
		return facts, fmt.Errorf("list withheld cells: %w", warehouse.Scrub(err))
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var cell disclosure.Suppression
		if err := rows.Scan(&cell.Dataset, &cell.CellKey, &cell.Column); err != nil {
			return facts, fmt.Errorf("list withheld cells: %w", err)
		}
		facts.Withheld = append(facts.Withheld, cell)
	}
	return facts, rows.Err()
}

// openRecords are the open datasets of a release or an edition.
func openRecords(m *manifest.Manifest) []manifest.DatasetRecord {
	var records []manifest.DatasetRecord
	for _, record := range m.Datasets {
		if record.Tier == manifest.TierOpen {
			records = append(records, record)
		}
	}
	return records
}

func recordOf(m *manifest.Manifest, name string) (manifest.DatasetRecord, bool) {
	for _, record := range openRecords(m) {
		if record.Name == name {
			return record, true
		}
	}
	return manifest.DatasetRecord{}, false
}

// rowsIn is SQL that reads the rows of a dataset from its files in a release or
// an edition.
func rowsIn(root string, manifest *manifest.Manifest, name string) string {
	var paths []string
	for _, file := range manifest.Parquet(name, "open") {
		paths = append(paths, filepath.Join(root, manifest.Release, filepath.FromSlash(file.Path)))
	}
	return "read_parquet(" + warehouse.TextList(paths) + ", hive_partitioning = false)"
}

// datasetOf is the dataset that a record describes.
func datasetOf(record manifest.DatasetRecord) release.Dataset {
	dataset := release.Dataset{
		Name: record.Name, Kind: record.Kind, ViewSQL: record.ViewSQL, Reads: record.Reads, Macros: record.Macros, Tier: manifest.TierOpen, Columns: record.Columns,
		Description: record.Description, Grain: record.Grain, Key: record.Key, OrderBy: record.OrderBy, Formats: record.Formats,
		Licence: record.Licence, SchemaVersion: record.SchemaVersion, InputsHash: record.InputsHash, People: record.People, OpenForms: record.OpenForms,
	}
	if record.Period != nil {
		dataset.Period = *record.Period
	}
	return dataset
}
