//go:build duckdb_arrow

package release

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/internal/durable"
	"socialvalue/internal/manifest"
	"socialvalue/internal/warehouse"
)

// metaTable is one table that the release writes itself. Cells are texts that
// cast to the column's type; an empty one is null.
type metaTable struct {
	item
	rows [][]string
}

// visible says whether a place may speak of all that came from a source: the open
// tier of those that hold nothing personal, a domain of those and its own.
func (s SourceFact) visible(place string) bool {
	return !s.Bare && (!s.Personal || place != manifest.OpenPlace && concerns(place, s.Domain))
}

// bare is what everybody may know of a source with rows about people: that it is
// there, which days its files are of, and whether it is silent. The last day in
// its rows can be that of one person's death, and a count of one is a person.
func (s SourceFact) bare() SourceFact {
	return SourceFact{
		Source: s.Source, Contract: s.Contract, Domain: s.Domain, Supplied: s.Supplied, DataTo: s.FilesTo, FilesTo: s.FilesTo,
		ReceivedAt: s.ReceivedAt, StaleAfter: s.StaleAfter, Bare: true,
	}
}

// visible says whether a place may speak of a check.
func (c CheckFact) visible(place string) bool {
	return c.Open || place != manifest.OpenPlace && concerns(place, c.Domains...)
}

// concerns says whether a fact of some domains belongs in a place. One of no
// domain, or of a domain without a place, belongs nowhere.
func concerns(place string, domains ...string) bool {
	return slices.Contains(domains, place) || slices.Contains(domains, EveryDomain)
}

// metaTables gives the meta tables of a place with their rows.
func (w *composition) metaTables(place string) []metaTable {
	var tables []metaTable
	for _, definition := range metaDefinitions() {
		if definition.Tier == manifest.TierRestricted && place == manifest.OpenPlace || definition.Name == metaEditions && w.plan.Edition == nil {
			continue
		}
		definition.Columns = manifest.Canonical(definition.Columns)
		table := metaTable{item: item{Dataset: definition, places: []string{place}}, rows: w.metaRows(definition.Name, place)}
		table.InputsHash = hashJSON(table.rows)
		tables = append(tables, table)
	}
	return tables
}

// metaRows gives the rows of one meta table in a place.
func (w *composition) metaRows(name, place string) [][]string {
	facts := w.plan.Facts
	switch name {
	case metaRelease:
		return w.releaseRows(place)
	case metaColumns:
		return w.columnRows(place)
	case metaSources:
		return sourceRows(facts.Sources, place)
	case metaRuns:
		return rowsOf(facts.Runs, func(r RunFact) bool { return concerns(place, r.Domain) }, RunFact.cells)
	case metaChecks:
		return rowsOf(facts.Checks, func(c CheckFact) bool { return c.visible(place) }, CheckFact.cells)
	case metaQuarantine:
		return rowsOf(facts.Quarantine, func(q QuarantineFact) bool { return concerns(place, q.Domain) }, QuarantineFact.cells)
	case metaOverrides:
		return rowsOf(facts.Overrides, func(o OverrideFact) bool { return concerns(place, o.Domains...) }, OverrideFact.cells)
	case Suppressions:
		return w.suppressionRows(place)
	case metaEditions:
		return editionRows(w.plan.Edition)
	}
	return nil
}

// sourceRows tell of each source what a place may say. The open tier lists them
// all: who reads a figure there can see whether its feed has fallen silent.
func sourceRows(sources []SourceFact, place string) [][]string {
	rows := [][]string{}
	for _, source := range sources {
		switch {
		case source.visible(place):
			rows = append(rows, source.cells())
		case place == manifest.OpenPlace:
			rows = append(rows, source.bare().cells())
		}
	}
	return rows
}

func rowsOf[T any](facts []T, visible func(T) bool, cells func(T) []string) [][]string {
	rows := [][]string{}
	for _, fact := range facts {
		if visible(fact) {
			rows = append(rows, cells(fact))
		}
	}
	return rows
}

// releaseRows say, for each domain with datasets in a place, how far its data
// reach and what is held back.
func (w *composition) releaseRows(place string) [][]string {
	held := map[string][]string{}
	var domains []string
	for _, it := range inPlace(w.items, place) {
		domains = append(domains, it.schema())
	}
	for _, one := range w.tierManifest(place).Held {
		schema, _, _ := strings.Cut(one.Dataset, ".")
		held[schema] = append(held[schema], one.Dataset)
	}
	slices.Sort(domains)
	rows := [][]string{}
	for _, domain := range slices.Compact(domains) {
		names, _ := json.Marshal(append([]string{}, held[domain]...)) // texts always marshal
		rows = append(rows, []string{
			w.manifest.Release, domain, instant(w.manifest.BuiltAt), day(w.plan.Facts.DataUpTo[domain]), string(names),
			w.plan.Software, w.plan.SchemaVersion, w.plan.DuckDB, w.ledgerFindings(domain),
		})
	}
	return rows
}

// columnRows describe every column of every relation in a place.
func (w *composition) columnRows(place string) [][]string {
	records := slices.Clone(w.tierManifest(place).Datasets)
	for _, definition := range metaDefinitions() {
		if (definition.Tier == manifest.TierOpen || place != manifest.OpenPlace) && (definition.Name != metaEditions || w.plan.Edition != nil) {
			definition.Columns = manifest.Canonical(definition.Columns)
			records = append(records, item{Dataset: definition}.record(w.plan.DuckDB))
		}
	}
	records = append(records, freshness().record(w.plan.DuckDB))
	rows := [][]string{}
	for _, record := range records {
		for i, column := range record.Columns {
			personal := column.Personal
			if personal == "" {
				personal = "none"
			}
			rows = append(rows, []string{
				record.Name, column.Name, strconv.Itoa(i + 1), column.Type, column.Unit,
				column.Description, column.Example, personal, string(record.Tier),
			})
		}
	}
	return rows
}

// countedCells are the cells of meta.sources after those of freshness.
const countedCells = 8

func (s SourceFact) cells() []string {
	domain := s.Domain
	if domain == EveryDomain {
		domain = ""
	}
	freshness := []string{s.Source, s.Contract, domain, strconv.FormatBool(s.Supplied), day(s.DataTo), instant(s.ReceivedAt), instant(s.StaleAfter)}
	if s.Bare {
		return append(freshness, make([]string, countedCells)...)
	}
	return append(freshness,
		count(int64(len(s.SHA256))), count(s.RowsRead), count(s.RowsLoaded), count(s.RowsDuplicate), count(s.RowsQuarantined), count(s.RowsSkipped),
		s.ControlTotalGBP, strings.Join(s.KeyIDs, ","))
}

func (r RunFact) cells() []string {
	return []string{r.RunID, instant(r.StartedAt), instant(r.FinishedAt), r.Status, r.Reason, count(r.DatasetsBuilt)}
}

func (c CheckFact) cells() []string {
	return []string{c.Check, c.Dataset, c.Severity, c.Scope, c.Outcome, count(c.Offending), c.Description}
}

func (q QuarantineFact) cells() []string {
	value := q.Value
	if q.Personal {
		value = ""
	}
	return []string{q.Source, q.File, count(q.Row), q.Column, q.Rule, q.Reason, value, q.LoadID, instant(q.QuarantinedAt)}
}

func (o OverrideFact) cells() []string {
	key, value := o.Key, o.Value
	if o.Personal {
		key, value = "", ""
	}
	return []string{o.Dataset, o.Column, key, value, o.Reason, o.DecidedBy, day(o.DecidedOn), day(o.ExpiresOn), count(o.RowsChanged)}
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.999999Z")
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func count(n int64) string { return strconv.FormatInt(n, 10) }

// writeMeta writes a meta table's Parquet and CSV. Its rows reach DuckDB as
// Arrow texts and are cast to the declared types there.
func (w *composition) writeMeta(ctx context.Context, place string, table metaTable) error {
	reader, err := textRecords(table.Columns, table.rows)
	if err != nil {
		return err
	}
	defer reader.Release()
	casts := make([]string, len(table.Columns))
	for i, column := range table.Columns {
		name := warehouse.Ident(column.Name)
		casts[i] = "cast(nullif(" + name + ", '') as " + column.Type + ") as " + name
	}
	parquet := manifest.DatasetPath(place, table.Name, "parquet")
	file := w.staged(parquet)
	if err := w.Disk.Mkdir(w.staged(manifest.PlaceFolder(place) + "/datasets/" + table.Name)); err != nil {
		return err
	}
	statement := "copy (select * from (select " + strings.Join(casts, ", ") + " from " + warehouse.ArrowInput + ") order by " +
		orderList(table.Dataset) + ") to " + warehouse.Text(file) + " " + parquetOptions(table.Dataset)
	if err := w.Disk.Step("export", file, func() error { return w.DB.ExecArrow(ctx, statement, reader) }); err != nil {
		return fmt.Errorf("write Parquet: %w", warehouse.Scrub(err))
	}
	if err := w.Disk.Chmod(file, durable.SharedMode); err != nil {
		return err
	}
	rows := int64(len(table.rows))
	csv := manifest.DatasetPath(place, table.Name, "csv")
	if err := w.writeCSV(ctx, table.Dataset, file, w.staged(csv), rows); err != nil {
		return err
	}
	for _, release := range []string{parquet, csv} {
		size, sum, err := durable.Sum(w.staged(release))
		if err != nil {
			return err
		}
		w.manifest.RunFiles = append(w.manifest.RunFiles, manifest.File{Path: release, Dataset: table.Name, Bytes: size, Rows: &rows, SHA256: sum})
	}
	return nil
}

// textRecords is a table of texts as one Arrow stream.
func textRecords(columns []manifest.Column, rows [][]string) (array.RecordReader, error) {
	fields := make([]arrow.Field, len(columns))
	for i, column := range columns {
		fields[i] = arrow.Field{Name: column.Name, Type: arrow.BinaryTypes.String}
	}
	schema := arrow.NewSchema(fields, nil)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	for _, row := range rows {
		if len(row) != len(columns) {
			return nil, fmt.Errorf("a row has %d cells for %d columns", len(row), len(columns))
		}
		for i, cell := range row {
			builder.Field(i).(*array.StringBuilder).Append(cell)
		}
	}
	record := builder.NewRecordBatch()
	defer record.Release()
	reader, err := array.NewRecordReader(schema, []arrow.RecordBatch{record})
	if err != nil {
		return nil, fmt.Errorf("give rows to DuckDB: %w", err)
	}
	return reader, nil
}
