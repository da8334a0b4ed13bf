package load

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"time"

	"socialvalue/internal/contract"
	"socialvalue/internal/landing"
	"socialvalue/internal/layout"
	"socialvalue/internal/store"
)

// Loader takes documents into the record, one at a time: the staging tables
// are those of one session.
type Loader struct {
	DB      *warehouse.DB
	Store   store.Store
	Ledger  *Ledger
	Landing *landing.Store
	WorkDir string // for clean copies of documents that cannot be read as they are
	Now     func() time.Time
	RunID   string
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
}

// document is one document on its way into the record.
type document struct {
	source   Source
	file     File
	label    string
	landed   landing.Document
	layout   *layout.Layout
	format   landing.Format
	reading  *contract.Reading
	prepared landing.Prepared
	record   *Record
}

// Load reads one document and returns its record, not yet committed, with its
// object already in the store. It returns an existing record when the same
// bytes were loaded before in the same way, and a *Refusal when the whole
// document is not acceptable.
func (l *Loader) Load(ctx context.Context, source Source, file File, landed landing.Document) (*Record, bool, error) {
	d := &document{source: source, file: file, landed: landed, label: file.Name}
	if landed.Name != "" {
		d.label += "!" + landed.Name
	}
	fields, err := l.describe(ctx, d)
	if err != nil {
		return nil, false, d.refuse(err)
	}
	if existing := l.Ledger.Get(d.record.ID); existing != nil {
		return existing, false, nil
	}
	if d.prepared, err = l.stage(ctx, landed, d.format, d.reading, fields); err != nil {
		return nil, false, d.refuse(err)
	}
	if err := l.judge(ctx, d); err != nil {
		return nil, false, err
	}
	if err := l.keep(ctx, d); err != nil {
		return nil, false, fmt.Errorf("load %s: %w", d.label, err)
	}
	return d.record, true, nil
}

// describe chooses the layout by the header and makes the record of how the
// document will be read. It returns the number of fields of a data record.
func (l *Loader) describe(ctx context.Context, d *document) (int, error) {
	c := d.source.Contract
	layouts := d.source.Layouts
	if len(layouts) == 0 {
		layouts = c.Layouts
	}
	chosen, err := l.chooseLayout(ctx, d, layouts)
	if err != nil {
		return 0, err
	}
	constants := map[string]string{}
	maps.Copy(constants, chosen.layout.Set)
	maps.Copy(constants, d.source.Constants)
	maps.Copy(constants, d.file.Constants)

	sources := make([]contract.Source, len(c.Columns))
	vintages := map[string]string{}
	for i := range c.Columns {
		name := c.Columns[i].Name
		sources[i] = contract.Source{Field: -1}
		if constant, ok := constants[name]; ok {
			sources[i].Constant = &constant
			continue
		}
		if mapped, ok := chosen.mapping.Columns[name]; ok {
			sources[i].Field = mapped.Index
			if mapped.Vintage != "" {
				vintages[name] = mapped.Vintage
			}
			continue
		}
		if c.Columns[i].Required {
			return 0, fmt.Errorf("column %s is required and the file has none for it; add it to `map` or `set` of layout %s", name, chosen.layout.Name)
		}
	}
	if d.reading, err = contract.NewReading(c, sources, chosen.layout.Format.Dates, chosen.layout.Format.Nulls); err != nil {
		return 0, err
	}
	d.layout, d.format = chosen.layout, chosen.format

	digest, err := configDigest(c, chosen.layout, constants, d.source.Body)
	if err != nil {
		return 0, err
	}
	d.record = &Record{
		Relation: c.Relation(), Source: d.source.Name, Body: d.source.Body,
		Contract: c.Ref(), ContractVersion: c.Version, ConfigDigest: digest,
		File: d.file.Name, Member: d.landed.Name, FileSHA256: d.file.SHA256, FileBytes: d.file.Bytes,
		FileModified: d.file.Modified.UTC(), ReceivedAt: l.Now().UTC(), RunID: l.RunID,
		Layout: chosen.layout.Name, Encoding: chosen.layout.Format.Encoding, Vintages: vintages, Constants: constants,
		Skipped: map[string]int64{}, Status: StatusActive,
	}
	switch c.Load.Mode {
	case contract.ModeSnapshot:
		if d.record.Slice, err = slice(c, constants, d.label); err != nil {
			return 0, err
		}
	case contract.ModeReplacePeriod:
		d.record.PeriodStart, d.record.PeriodEnd = d.file.PeriodStart, d.file.PeriodEnd
	}
	d.record.ID = loadID(d.record)
	return chosen.fields, nil
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
			return "", fmt.Errorf("the slice column %s has no constant for this file; give it by `set` or by a group of `name_pattern`", column)
		}
		name = path.Join(name, value)
	}
	return name, nil
}

// configDigest identifies everything that decides how bytes become rows.
func configDigest(c *contract.Contract, chosen *layout.Layout, constants map[string]string, body string) (string, error) {
	contractDigest, err := c.Digest()
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(struct {
		Contract  string
		Layout    *layout.Layout
		Constants map[string]string
		Body      string
	}{contractDigest, chosen, constants, body})
	if err != nil {
		return "", fmt.Errorf("digest layout %s: %w", chosen.Name, err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}

// loadID names a load by the bytes, the source and the way of reading, so that
// the same file is never loaded twice.
func loadID(r *Record) string {
	sum := sha256.Sum256([]byte(r.FileSHA256 + "\x00" + r.Member + "\x00" + r.Source + "\x00" + r.Relation + "\x00" + r.ConfigDigest))
	return hex.EncodeToString(sum[:16])
}

// refuse turns what is wrong with a document into a refusal that names it.
func (d *document) refuse(err error) error {
	return refusalOf(d.label, err)
}

// dropStaging forgets the staging tables of the last document.
func (l *Loader) dropStaging(ctx context.Context) error {
	_, err := l.DB.Exec(ctx, "drop table if exists "+contract.Staging+"; drop table if exists "+contract.Exceptions+
		"; drop table if exists "+contract.Violations+"; drop table if exists "+contract.Typed)
	if err != nil {
		return fmt.Errorf("drop staging tables: %w", err)
	}
	return nil
}
