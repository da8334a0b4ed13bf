package load

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"socialvalue/internal/contract"
	"socialvalue/internal/documents"
	"socialvalue/internal/landing"
	"socialvalue/internal/layout"
	"socialvalue/internal/pseudonym"
	"socialvalue/internal/store"
	"socialvalue/internal/warehouse"
)

// Loader takes documents into the record: the staging tables are those of one
// session.
type Loader struct {
	DB      *warehouse.DB
	Store   store.Store
	Ledger  *Ledger
	WorkDir string // for clean copies of documents that cannot be read as they are
	Now     func() time.Time
	RunID   string
	Reread  bool // read every document again, also those known
	// CanPlace says that what places are looked up in stands; where it does not,
	// postcodes are unplaced.
	CanPlace bool
	// PlacesFrom identifies what places are looked up in: under another directory
	// the same file is read otherwise.
	PlacesFrom string
	// Together counts the documents that were read together with others.
	Together int

	pending []*Record // loaded, not yet committed
}

// Commit makes the loads since the last commit active, in one transaction.
func (l *Loader) Commit(ctx context.Context) error {
	pending := l.pending
	l.pending = nil
	return l.Ledger.Commit(ctx, pending)
}

// Source is a configured feed: where its rows come from and how its files are
// written.
type Source struct {
	Name         string
	Body         string
	Contract     *contract.Contract
	Layouts      []layout.Layout // of the site; empty: those shipped with the contract
	Constants    map[string]string
	OverlapByRow bool
	KeyGroup     string                 // of the feed's pipeline
	Key          *pseudonym.Key         // nil: the contract needs none
	Password     func() (string, error) // fetches the password of locked workbooks; nil: there is none
}

// File is one received file and what its name claims.
type File struct {
	Name        string // relative to the site
	SHA256      string
	Bytes       int64
	Modified    time.Time
	PeriodStart string // first day claimed, ISO; empty when the name claims no period
	PeriodEnd   string // last day claimed, ISO
	Constants   map[string]string
	Corrections []Correction // by people, of cells of the document
}

// document is one document on its way into the record.
type document struct {
	source   Source
	file     File
	label    string // as the person knows it
	form     landing.Form
	opened   documents.Document
	layout   *layout.Layout
	header   []string
	written  layout.Format         // how the rows are written once they are prepared
	fields   map[int]string        // contract columns by field
	types    map[int]contract.Type // and their types
	reading  *contract.Reading
	prepared landing.Prepared
	ready    bool // it is prepared
	record   *Record

	isSeveral bool  // it stands for several documents that are read together
	part      *part // where its rows stand among theirs; nil: it is read alone

	most     int64  // rows to read when only some are tried; 0: all
	typed    string // SQL of the typed rows: their table, or the query that types them
	inOrder  bool   // the table of the typed rows has them in the file's order
	content  string // SQL of what makes a typed row itself, see keys
	repeated bool   // some rows are equal
	shift    *int64 // from a row's place to its line, when it is the same for all
}

// Load reads one document and returns its record, not yet committed, with its
// object already in the store; fresh is false when the same bytes were loaded
// before in the same way, or were loaded and reverted or purged. Commit makes the
// records active. A document that is not acceptable as a whole is a *Refusal.
func (l *Loader) Load(ctx context.Context, source Source, file File, landed landing.Document) (record *Record, fresh bool, err error) {
	outcome := l.loadAlone(ctx, source, Arrived{file, landed})
	return outcome.Record, outcome.Fresh, outcome.Err
}

// loadAlone loads one document by statements of its own.
func (l *Loader) loadAlone(ctx context.Context, source Source, arrived Arrived) Outcome {
	d := l.document(source, arrived)
	defer d.opened.Close() //nolint:errcheck // what stays is removed when the next run starts
	if err := l.describe(ctx, d, arrived.Document.Part()); err != nil {
		return Outcome{Err: refusalOf(d.label, err)}
	}
	if existing, err := l.find(d); existing != nil || err != nil {
		return Outcome{Record: existing, Err: err}
	}
	for _, earlier := range l.Ledger.records {
		d.record.comesAfter(earlier)
	}
	if err := l.takeRows(ctx, d); err != nil {
		return Outcome{Err: err}
	}
	l.pending = append(l.pending, d.record)
	return Outcome{Record: d.record, Fresh: true}
}

// comesAfter remembers that the file came before.
func (r *Record) comesAfter(earlier *Record) {
	if earlier.Source == r.Source && earlier.FileSHA256 == r.FileSHA256 && earlier.Received().Before(r.Received()) {
		first := earlier.Received()
		r.FirstReceivedAt = &first
	}
}

// find gives the load that has the rows of a described document already, nil when
// they are to be read. A document that cannot stand beside what was loaded is
// refused.
func (l *Loader) find(d *document) (*Record, error) {
	if err := l.Ledger.newer(d.source.Contract); err != nil {
		return nil, &Refusal{File: d.label, Reason: err.Error()}
	}
	if taken := l.Ledger.revertedAs(d.record); taken != nil {
		return taken, nil
	}
	if gone := l.Ledger.purgedAs(d.record); gone != nil {
		return gone, nil
	}
	known := append(l.Ledger.Records(d.record.Relation), l.pending...)
	if other := sameBytesElsewhere(d.record, known); other != nil {
		return nil, &Refusal{
			File: d.label, Reason: "it has the bytes of " + other.File + ", which claims to be something else", Remedy: "ask the sender for the right file",
		}
	}
	if existing := l.known(d.record); existing != nil {
		return existing, nil
	}
	active := slices.DeleteFunc(known, func(r *Record) bool { return r.Status != StatusActive })
	if other := overlapping(d.record, active); other != nil && !d.source.OverlapByRow {
		return nil, &Refusal{
			File:   d.label,
			Reason: fmt.Sprintf("it claims %s to %s, which partly overlaps %s to %s claimed by %s", d.record.PeriodStart, d.record.PeriodEnd, other.PeriodStart, other.PeriodEnd, other.File),
			Remedy: "keep one of the two, or say `overlap: by_row` for source " + d.source.Name + " if equal rows of both are one row",
		}
	}
	return nil, nil
}

// takeRows stages, judges and keeps the rows of a document. Whatever comes of it,
// no text of the file stays in the database.
func (l *Loader) takeRows(ctx context.Context, d *document) (err error) {
	defer func() {
		if dropErr := l.dropStaging(context.WithoutCancel(ctx)); dropErr != nil {
			err = errors.Join(err, dropErr)
		}
	}()
	if err := errors.Join(l.stage(ctx, d), d.opened.Close()); err != nil {
		return refusalOf(d.label, err)
	}
	if err := l.correct(ctx, d); err != nil {
		return fmt.Errorf("correct the cells of %s: %w", d.label, err)
	}
	if err := l.judge(ctx, d); err != nil {
		return err
	}
	if err := l.keep(ctx, d); err != nil {
		return fmt.Errorf("load %s: %w", d.label, err)
	}
	return nil
}

// known returns the load of the same document read in the same way, when there
// is one whose object is there. If it lost to a later reading, or the file came
// again with a later time, it takes part anew in deciding which loads count: so
// a file that is restored and a contract that is reverted take effect.
func (l *Loader) known(record *Record) *Record {
	for _, pending := range l.pending {
		if pending.ID == record.ID {
			return pending
		}
	}
	existing := l.Ledger.Get(record.ID)
	if existing == nil || l.Reread || !l.Store.Has(existing.Relation, existing.ObjectSHA256) {
		return nil
	}
	revived := *existing
	if record.FileModified.After(existing.FileModified) {
		revived.FileModified, revived.File = record.FileModified, record.File
	}
	if winner := l.Ledger.Get(existing.SupersededBy); winner != nil && winner.FileSHA256 == existing.FileSHA256 {
		first := existing.Received()
		revived.ReceivedAt, revived.FirstReceivedAt, revived.RunID = record.ReceivedAt, &first, record.RunID
	}
	if revived.FileModified.Equal(existing.FileModified) && revived.ReceivedAt.Equal(existing.ReceivedAt) {
		return existing
	}
	l.pending = append(l.pending, &revived)
	return &revived
}

// describe chooses the layout by the header, binds the contract's columns to
// the file's, and makes the record of how the document will be read.
func (l *Loader) describe(ctx context.Context, d *document, member string) error {
	c := d.source.Contract
	layouts := d.source.Layouts
	if len(layouts) == 0 {
		layouts = c.Layouts
	}
	chosen, err := layout.MatchEach(layouts, func(as *layout.Layout) ([]string, int, error) {
		return d.opened.Header(ctx, as.Format)
	}, c.LayoutColumns()...)
	if err != nil {
		return l.headerTrouble(ctx, d, layouts, err)
	}
	if d.written, err = d.opened.Written(chosen.Format); err != nil {
		return err
	}
	constants := map[string]string{}
	maps.Copy(constants, d.source.Constants)
	maps.Copy(constants, d.file.Constants)
	header, _, err := d.opened.Header(ctx, chosen.Format)
	if err != nil {
		return err
	}
	if part := d.opened.Part(chosen.Format); part != "" {
		d.label += "!" + part
	}
	binding, err := chosen.Bind(header, c.LayoutColumns(), constants)
	if err != nil {
		return l.headerTrouble(ctx, d, layouts, err)
	}
	sources := make([]contract.Source, len(binding.Columns))
	vintages := map[string]string{}
	d.fields, d.types = map[int]string{}, map[int]contract.Type{}
	for i, bound := range binding.Columns {
		sources[i] = contract.Source{Field: bound.Index}
		if bound.Index >= 0 {
			d.fields[bound.Index], d.types[bound.Index] = bound.Name, c.Columns[i].Type
		}
		if bound.IsConstant {
			sources[i].Constant = &bound.Constant
			constants[bound.Name] = bound.Constant
		}
		if bound.Vintage != "" {
			vintages[bound.Name] = bound.Vintage
		}
	}
	if d.reading, err = contract.NewReading(c, sources, d.written, binding.Blank); err != nil {
		return err
	}
	d.layout, d.header = chosen, chosen.Header(header)
	digest, err := configDigest(c, chosen, constants, d.source, l.PlacesFrom, d.file.Corrections)
	if err != nil {
		return err
	}
	d.record = &Record{
		Relation: c.Relation(), Source: d.source.Name, Body: d.source.Body,
		Contract: c.Ref(), ContractVersion: c.Version, ConfigDigest: digest,
		File: d.file.Name, Member: member, FileSHA256: d.file.SHA256, FileBytes: d.file.Bytes,
		FileModified: d.file.Modified.UTC(), ReceivedAt: l.Now().UTC(), RunID: l.RunID,
		Layout: chosen.Name, Encoding: d.written.Encoding, Vintages: vintages, Constants: constants,
		Columns: RawColumns(c), Identity: identity(c), Skipped: map[string]int64{}, Corrections: slices.Clone(d.file.Corrections), Status: StatusActive, Format: loadedFormat,
	}
	if d.source.Key != nil {
		d.record.KeyGroup, d.record.KeyID, d.record.KeyVersion = d.source.KeyGroup, d.source.Key.ID(), d.source.Key.Version()
	}
	switch c.Load.Mode {
	case contract.ModeSnapshot:
		if d.record.Slice, err = slice(c, constants, d.label); err != nil {
			return err
		}
	case contract.ModeReplacePeriod:
		d.record.PeriodStart, d.record.PeriodEnd = d.file.PeriodStart, d.file.PeriodEnd
	case contract.ModeUpsert:
		d.record.AsOf = d.file.PeriodEnd
	case contract.ModeAppend:
	}
	d.record.ID = loadID(d.record)
	return nil
}

// slice names the slice of a snapshot: the constants of its slice columns, or
// the file itself.
func slice(c *contract.Contract, constants map[string]string, label string) (string, error) {
	if len(c.Load.Slice) == 0 {
		return label, nil
	}
	name := ""
	for _, column := range c.Load.Slice {
		value, ok := constants[column]
		if !ok {
			return "", &Refusal{
				File: label, Reason: "the slice column " + column + " has no constant for this file",
				Remedy: "give it by `set` or by a group of `name_pattern`",
			}
		}
		name = path.Join(name, value)
	}
	return name, nil
}

// configDigest identifies everything that decides how bytes become rows.
func configDigest(c *contract.Contract, chosen *layout.Layout, constants map[string]string, source Source, places string, corrections []Correction) (string, error) {
	contractDigest, err := c.Digest()
	if err != nil {
		return "", err
	}
	key := ""
	if source.Key != nil {
		key = source.Key.ID()
	}
	if !c.NeedsPlaces() {
		places = ""
	}
	text, err := json.Marshal(struct {
		Contract  string
		Layout    *layout.Layout
		Constants map[string]string
		Body      string
		Key       string `json:",omitempty"`
		Places    string `json:",omitempty"`

		Corrections []Correction `json:",omitempty"`
	}{contractDigest, chosen, constants, source.Body, key, places, corrections})
	if err != nil {
		return "", fmt.Errorf("digest layout %s: %w", chosen.Name, err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}

// loadID names a load by the bytes, the source, the way of reading and the
// period claimed, so that the same file is never loaded twice. The constants of
// a slice are part of the way of reading.
func loadID(r *Record) string {
	parts := []string{r.FileSHA256, r.Member, r.Source, r.Relation, r.ConfigDigest, r.PeriodStart, r.PeriodEnd}
	if r.AsOf != "" {
		parts = append(parts, r.AsOf)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// dropStaging forgets the tables of the last document.
func (l *Loader) dropStaging(ctx context.Context) error {
	tables, err := l.DB.Texts(ctx, "select table_name from duckdb_tables() where temporary and starts_with(table_name, 'svw_')")
	if err != nil {
		return fmt.Errorf("list staging tables: %w", err)
	}
	for _, table := range tables {
		if _, err := l.DB.Exec(ctx, "drop table "+warehouse.Ident(table)); err != nil {
			return fmt.Errorf("drop staging table %s: %w", table, err)
		}
	}
	return nil
}
