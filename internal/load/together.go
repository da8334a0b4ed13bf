package load

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"socialvalue/internal/contract"
	"socialvalue/internal/documents"
	"socialvalue/internal/landing"
	"socialvalue/internal/warehouse"
)

// togetherBytes bounds the documents that are read together, so that what is
// staged stays small beside the memory that DuckDB may use.
const togetherBytes = 64 << 20

// Arrived is a document that is to be loaded, with what its file says of it.
type Arrived struct {
	File     File
	Document landing.Document
}

// Outcome is what became of one document; see Load.
type Outcome struct {
	Record *Record
	Fresh  bool
	Err    error
}

// LoadAll loads documents of one source in their order, each as Load does. It
// ends where the machine is in trouble: what comes after has no outcome.
//
// DuckDB takes longer to plan a statement over the columns of a wide contract
// than to run it over the rows of a day. Documents that are written alike, and
// whose rows are judged one by one, are therefore staged and judged by the same
// statements. What comes out is what reading each alone gives; where anything
// hinders reading them together, that is done.
func (l *Loader) LoadAll(ctx context.Context, source Source, arrived []Arrived) []Outcome {
	outcomes := make([]Outcome, len(arrived))
	for at := 0; at < len(arrived); {
		run := l.alike(ctx, source, arrived[at:])
		if len(run) > 1 && l.loadTogether(ctx, run, outcomes[at:]) == nil {
			at += len(run)
			continue
		}
		for range max(1, len(run)) {
			outcome := l.loadAlone(ctx, source, arrived[at])
			outcomes[at] = outcome
			at++
			var refusal *Refusal
			if outcome.Err != nil && !errors.As(outcome.Err, &refusal) {
				return outcomes
			}
		}
	}
	return outcomes
}

// alike opens the first of the documents that can be read together.
func (l *Loader) alike(ctx context.Context, source Source, arrived []Arrived) (run []*document) {
	if !source.Contract.RowsStandAlone() {
		return nil
	}
	size := int64(0)
	for _, one := range arrived {
		size += one.File.Bytes
		if len(run) > 0 && size > togetherBytes {
			return run
		}
		d := l.document(source, one)
		if !l.joins(ctx, d, one.Document, run) {
			_ = d.opened.Close() // it is opened again to be read alone
			return run
		}
		run = append(run, d)
	}
	return run
}

// joins says whether a document can be read together with others: it is a text
// that DuckDB reads where it lies, written like them and new.
func (l *Loader) joins(ctx context.Context, d *document, landed landing.Document, run []*document) bool {
	if d.form != landing.Text || len(d.file.Corrections) > 0 || l.describe(ctx, d, landed.Part()) != nil {
		return false
	}
	if l.Ledger.Get(d.record.ID) != nil && !l.Reread {
		return false
	}
	if existing, err := l.find(d); existing != nil || err != nil {
		return false
	}
	if d.prepare(ctx) != nil || d.prepared.Exact || d.prepared.Rows == 0 {
		return false
	}
	for _, other := range run {
		if d.record.FileSHA256 == other.record.FileSHA256 || overlapping(d.record, []*Record{other.record}) != nil {
			return false // which of the two is refused hangs on what becomes of the other
		}
	}
	for _, earlier := range l.Ledger.records {
		d.record.comesAfter(earlier)
	}
	if len(run) == 0 {
		return true
	}
	first := run[0]
	return d.layout.Name == first.layout.Name && slices.Equal(d.header, first.header) && reflect.DeepEqual(d.written, first.written) &&
		d.prepared.SkipLines == first.prepared.SkipLines && d.prepared.NewLine == first.prepared.NewLine
}

// part is where the rows of a document stand among those that were staged.
type part struct{ from, until int64 }

// first is the place of the document's first row among those staged.
func (d *document) first() int64 {
	if d.part == nil {
		return 0
	}
	return d.part.from
}

// own is the SQL of the document's own rows of a table that has a row_index.
func (d *document) own(table string) string {
	if d.part == nil {
		return table
	}
	return fmt.Sprintf("(select * from %s where row_index >= %d and row_index < %d)", table, d.part.from, d.part.until)
}

// loadTogether takes the rows of documents into the record. A document that is
// refused has that for an outcome; an error says that they must be read alone.
func (l *Loader) loadTogether(ctx context.Context, run []*document, outcomes []Outcome) (err error) {
	defer func() {
		err = errors.Join(err, l.dropStaging(context.WithoutCancel(ctx)))
		for _, d := range run {
			_ = d.opened.Close() // what stays is removed when the next run starts
		}
	}()
	staged, err := l.stageTogether(ctx, run)
	if err != nil {
		return err
	}
	if err := l.exceptions(ctx, staged); err != nil {
		return err
	}
	if err := l.refuseLostDigits(ctx, staged); err != nil {
		return err // it says so of one of them
	}
	for _, d := range run {
		d.typed, d.inOrder = d.own(contract.Typed), staged.inOrder
	}
	if err := l.rowChecks(ctx, staged, run...); err != nil {
		return err
	}
	var loaded []*Record
	err = l.DB.WithOneThread(ctx, func(ctx context.Context) error {
		for i, d := range run {
			err := l.keepPart(ctx, d)
			var refusal *Refusal
			if err != nil && !errors.As(err, &refusal) {
				return err
			}
			if outcomes[i] = (Outcome{Err: err}); err == nil {
				outcomes[i] = Outcome{Record: d.record, Fresh: true}
				loaded = append(loaded, d.record)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	l.pending = append(l.pending, loaded...)
	l.Together += len(run)
	return nil
}

// keepPart accounts for the rows of one of the documents, and keeps them.
func (l *Loader) keepPart(ctx context.Context, d *document) error {
	d.begin()
	if err := l.count(ctx, d); err != nil {
		return fmt.Errorf("count the rows of %s: %w", d.label, err)
	}
	if err := l.account(ctx, d); err != nil {
		return err
	}
	if err := l.keep(ctx, d); err != nil {
		return fmt.Errorf("load %s: %w", d.label, err)
	}
	return nil
}

// errApart says that documents cannot be read together after all.
var errApart = errors.New("they are read one by one")

// stageTogether stages the rows of documents, one document after the other, and
// makes sure that each has as many as its own scan counted.
func (l *Loader) stageTogether(ctx context.Context, run []*document) (*document, error) {
	first := run[0]
	readings := make([]*contract.Reading, len(run))
	paths := make([]string, len(run))
	staged := &document{
		source: first.source, label: first.label, form: first.form, written: first.written, header: first.header, prepared: first.prepared, isSeveral: true,
	}
	from := int64(0)
	for i, d := range run {
		readings[i], paths[i] = d.reading, d.prepared.Path
		staged.prepared.OnlySpaces = staged.prepared.OnlySpaces && d.prepared.OnlySpaces
		d.part = &part{from, from + d.prepared.Rows}
		from = d.part.until
	}
	staged.prepared.Rows = from
	reading, constants, ok := first.reading.Together(readings)
	if !ok {
		return nil, errApart
	}
	staged.reading = reading
	items := append(staged.stagingItems(), "cast(file_index as INTEGER) as "+documentColumn)
	for _, constant := range constants {
		items = append(items, "(["+strings.Join(constant.Texts, ", ")+"])[cast(file_index as INTEGER) + 1] as "+warehouse.Ident(constant.Column))
	}
	err := l.exec(ctx, "create or replace temp table "+contract.Staging+" as\nselect "+strings.Join(items, ", ")+"\nfrom "+staged.readCSV(warehouse.TextList(paths)))
	if err != nil {
		return nil, err
	}
	// DuckDB keeps the order of files and rows; that it did is not taken on trust.
	found, err := l.DB.Texts(ctx, "select concat_ws(' ', "+documentColumn+", min(rowid), max(rowid) + 1, count(*)) from "+contract.Staging+
		" group by "+documentColumn+" order by "+documentColumn)
	if err != nil {
		return nil, warehouse.Scrub(err)
	}
	if len(found) != len(run) {
		return nil, errApart
	}
	for i, d := range run {
		if found[i] != strings.Join([]string{strconv.Itoa(i), strconv.FormatInt(d.part.from, 10), strconv.FormatInt(d.part.until, 10), strconv.FormatInt(d.prepared.Rows, 10)}, " ") {
			return nil, errApart
		}
	}
	return staged, nil
}

// documentColumn is the column of the staging table that says which of the
// documents read together a row is of.
const documentColumn = "svw_document"

// document opens a document that arrived.
func (l *Loader) document(source Source, arrived Arrived) *document {
	d := &document{source: source, file: arrived.File, label: arrived.Document.Name, form: arrived.Document.Form}
	d.opened = documents.Open(arrived.Document, documents.Options{WorkDir: l.WorkDir, Password: source.Password})
	return d
}
