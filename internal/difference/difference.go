//go:build duckdb_arrow

// Package difference says in what two releases differ: datasets and columns,
// rows by key, and the headline figures in words, traced to the rows behind
// them. It reads the releases' Parquet files and manifests and nothing else.
//
// Restricted datasets are spoken of only to those who ask for their tier and may
// read it: how many rows came and went can be as much as who. Of restricted rows
// behind a figure that is open and not about people the number is told: "three
// late invoices" is what a sentence is for.
package difference

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"socialvalue/internal/manifest"
	"socialvalue/internal/warehouse"
)

// Report is in what the later release differs from the earlier one.
type Report struct {
	From     string    `json:"from"`
	To       string    `json:"to"`
	Datasets []Dataset `json:"datasets"` // those that differ, by name
	Figures  []Figure  `json:"figures"`
	Unasked  []string  `json:"not_compared,omitempty"` // domains of restricted datasets that were not asked for
	Notes    []string  `json:"notes,omitempty"`
}

// State is what became of a dataset.
type State string

// What can become of a dataset.
const (
	New     State = "new"
	Gone    State = "gone"
	Changed State = "changed" // its rows
	Defined State = "defined" // described, placed or written otherwise, with the same rows
	Held    State = "held"    // it stays at an earlier content
)

// Dataset is a dataset that differs.
type Dataset struct {
	Name           string           `json:"name"`
	State          State            `json:"state"`
	Held           bool             `json:"held,omitempty"` // in the later release
	NewColumns     []string         `json:"new_columns,omitempty"`
	DroppedColumns []string         `json:"dropped_columns,omitempty"`
	RetypedColumns []string         `json:"retyped_columns,omitempty"`
	RowsBefore     int64            `json:"rows_before"`
	RowsAfter      int64            `json:"rows_after"`
	Rows           *Rows            `json:"rows,omitempty"`
	Changes        map[string]int64 `json:"changed_columns,omitempty"` // column → rows in which it changed
	Note           string           `json:"note,omitempty"`            // why rows are not compared
}

// Rows counts rows by key. The keys are those of a few.
type Rows struct {
	New     int64    `json:"new"`
	Gone    int64    `json:"gone"`
	Changed int64    `json:"changed"`
	Keys    []string `json:"keys,omitempty"`
}

// ErrTier says that a tier that was asked for is not there, or not for this account.
var ErrTier = errors.New("this tier cannot be compared")

// Options say how to compare.
type Options struct {
	Tiers   []string // restricted domains that are spoken of
	TempDir string
}

// comparison is one comparison under way.
type comparison struct {
	db       *warehouse.DB
	root     string
	from, to *manifest.Manifest
	options  Options
	gone     map[string]map[string]bool // release → parts that were removed
}

// Compare compares two releases below a releases folder.
func Compare(ctx context.Context, root string, from, to *manifest.Manifest, options Options) (report *Report, err error) {
	db, err := warehouse.Open(ctx, "", warehouse.Options{Threads: 2, MemoryLimit: "2GB", TempDir: options.TempDir})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	c := &comparison{db: db, root: root, from: from, to: to, options: options, gone: map[string]map[string]bool{}}
	report = &Report{From: from.Release, To: to.Release, Datasets: []Dataset{}, Figures: []Figure{}}
	if report.Unasked, err = c.unasked(); err != nil {
		return nil, err
	}
	for _, m := range []*manifest.Manifest{from, to} {
		parts, err := manifest.RemovedParts(filepath.Join(root, m.Release))
		if err != nil {
			return nil, err
		}
		c.gone[m.Release] = map[string]bool{}
		for _, part := range parts {
			c.gone[m.Release][part.Place] = true
			if !slices.Contains(options.Tiers, part.Place) {
				continue
			}
			report.Notes = append(report.Notes, fmt.Sprintf("%s has no restricted/%s any more: its rows cannot be compared", m.Release, part.Place))
		}
	}
	for _, name := range c.names() {
		dataset, differs, err := c.dataset(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("compare %s: %w", name, warehouse.Scrub(err))
		}
		if differs {
			report.Datasets = append(report.Datasets, dataset)
		}
	}
	for _, record := range to.Datasets {
		for _, headline := range record.Headlines {
			figures, err := c.headline(ctx, record, headline)
			if err != nil {
				return nil, fmt.Errorf("compare %s of %s: %w", headline.Measure, record.Name, warehouse.Scrub(err))
			}
			report.Figures = append(report.Figures, figures...)
		}
	}
	return report, nil
}

// unasked are the domains of restricted datasets that nobody asked for. A tier that was asked for must be there, and its
// folder open to this account.
func (c *comparison) unasked() (domains []string, err error) {
	for _, m := range []*manifest.Manifest{c.from, c.to} {
		for _, record := range m.Datasets {
			if record.Tier == manifest.TierRestricted {
				domains = append(domains, record.Places...)
			}
		}
	}
	slices.Sort(domains)
	domains = slices.Compact(domains)
	for _, tier := range c.options.Tiers {
		if !slices.Contains(domains, tier) {
			return nil, fmt.Errorf("%w: no restricted dataset is of %q; there are %s", ErrTier, tier, cmp.Or(strings.Join(domains, ", "), "none"))
		}
		for _, manifest := range []*manifest.Manifest{c.from, c.to} {
			_, err := os.ReadDir(filepath.Join(c.root, manifest.Release, "restricted", tier))
			if errors.Is(err, fs.ErrPermission) {
				return nil, fmt.Errorf("%w: this account may not read restricted/%s", ErrTier, tier)
			}
		}
	}
	return slices.DeleteFunc(domains, func(domain string) bool { return slices.Contains(c.options.Tiers, domain) }), nil
}

// names are the datasets of both releases that are spoken of, each once.
func (c *comparison) names() []string {
	var names []string
	for _, manifest := range []*manifest.Manifest{c.from, c.to} {
		for _, record := range manifest.Datasets {
			if c.told(record) {
				names = append(names, record.Name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// dataset compares one dataset.
func (c *comparison) dataset(ctx context.Context, name string) (d Dataset, differs bool, err error) {
	before, was := c.from.Dataset(name)
	after, is := c.to.Dataset(name)
	d = Dataset{Name: name, Held: after.Held, RowsBefore: c.from.Rows(name), RowsAfter: c.to.Rows(name)}
	switch {
	case !was:
		d.State = New
		return d, true, nil
	case !is:
		d.State = Gone
		return d, true, nil
	}
	d.NewColumns, d.DroppedColumns, d.RetypedColumns = columns(before, after)
	oldFiles, newFiles := hashes(c.from, before), hashes(c.to, after)
	switch {
	case len(oldFiles) == 0 || len(newFiles) == 0: // a view: its rows are those of what it reads
		d.State = Defined
		return d, before.ViewSQL != after.ViewSQL || len(d.NewColumns)+len(d.DroppedColumns)+len(d.RetypedColumns) > 0, nil
	case slices.Equal(oldFiles, newFiles):
		d.State = Held
		return d, after.Held && !before.Held, nil
	}
	d.State = Changed
	if err := c.rows(ctx, &d, before, after); err != nil {
		return d, true, err
	}
	if d.Rows != nil && d.Rows.New+d.Rows.Gone+d.Rows.Changed == 0 {
		d.State = Defined
		return d, len(d.NewColumns)+len(d.DroppedColumns)+len(d.RetypedColumns) > 0, nil
	}
	return d, true, nil
}

// hashes are those of a dataset's Parquet files: one, or one a day.
func hashes(manifest *manifest.Manifest, record manifest.DatasetRecord) (hashes []string) {
	if len(record.Places) == 0 {
		return nil
	}
	for _, file := range manifest.Parquet(record.Name, record.Places[0]) {
		hashes = append(hashes, file.SHA256)
	}
	slices.Sort(hashes)
	return hashes
}

func columns(before, after manifest.DatasetRecord) (added, dropped, retyped []string) {
	types := map[string]string{}
	for _, column := range before.Columns {
		types[column.Name] = column.Type
	}
	for _, column := range after.Columns {
		switch was, known := types[column.Name]; {
		case !known:
			added = append(added, column.Name)
		case was != column.Type:
			retyped = append(retyped, column.Name+" "+was+" → "+column.Type)
		}
		delete(types, column.Name)
	}
	for name := range types {
		dropped = append(dropped, name)
	}
	slices.Sort(dropped)
	return added, dropped, retyped
}

// shared are the columns that both forms of a dataset have under the same type.
func shared(before, after manifest.DatasetRecord) map[string]bool {
	types := map[string]string{}
	for _, column := range before.Columns {
		types[column.Name] = column.Type
	}
	both := map[string]bool{}
	for _, column := range after.Columns {
		both[column.Name] = types[column.Name] == column.Type
	}
	return both
}

// keysTold is how many keys are told of a dataset.
const keysTold = 5

// rows compares the rows of a dataset by key.
func (c *comparison) rows(ctx context.Context, d *Dataset, before, after manifest.DatasetRecord) error {
	both := shared(before, after)
	if slices.ContainsFunc(after.Key, func(name string) bool { return !both[name] }) || !slices.Equal(before.Key, after.Key) {
		d.Note = "its key is another now: rows are not compared"
		return nil
	}
	old, oldProblem := c.file(c.from, before)
	current, newProblem := c.file(c.to, after)
	if problem := oldProblem + newProblem; problem != "" {
		d.Note = problem
		return nil
	}
	var compared []string
	for _, column := range after.Columns {
		if both[column.Name] && !slices.Contains(after.Key, column.Name) {
			compared = append(compared, column.Name)
		}
	}
	counts := []string{"count(*) filter (where was is null)", "count(*) filter (where is_now is null)"}
	differs := []string{"false"}
	for _, name := range compared {
		differs = append(differs, "a."+warehouse.Ident(name)+" is distinct from b."+warehouse.Ident(name))
	}
	changed := "was and is_now and (" + strings.Join(differs, " or ") + ")"
	counts = append(counts, "count(*) filter (where "+changed+")")
	for i := range compared {
		counts = append(counts, "count(*) filter (where was and is_now and "+differs[i+1]+")")
	}
	joined := " from (select *, true as was from " + old + ") as a full join (select *, true as is_now from " + current + ") as b on " + sameKey(after.Key)
	d.Rows = &Rows{}
	into := []any{&d.Rows.New, &d.Rows.Gone, &d.Rows.Changed}
	perColumn := make([]int64, len(compared))
	for i := range perColumn {
		into = append(into, &perColumn[i])
	}
	if err := c.db.One(ctx, "select "+strings.Join(counts, ", ")+joined, nil, into...); err != nil {
		return err
	}
	d.Changes = map[string]int64{}
	for i, n := range perColumn {
		if n > 0 {
			d.Changes[compared[i]] = n
		}
	}
	parts := make([]string, len(after.Key))
	for i, name := range after.Key {
		value := "coalesce(cast(coalesce(b." + warehouse.Ident(name) + ", a." + warehouse.Ident(name) + ") as varchar), '')"
		parts[i] = warehouse.Text(name+"=") + " || " + value
	}
	var err error
	d.Rows.Keys, err = c.db.Texts(ctx, "select case when was is null then 'new ' when is_now is null then 'gone ' else 'changed ' end || "+
		strings.Join(parts, " || ' ' || ")+joined+" where was is null or is_now is null or ("+changed+") order by 1 limit "+fmt.Sprint(keysTold))
	return err
}

func sameKey(key []string) string {
	pairs := make([]string, len(key))
	for i, name := range key {
		pairs[i] = "a." + warehouse.Ident(name) + " is not distinct from b." + warehouse.Ident(name)
	}
	return strings.Join(pairs, " and ")
}

// told says whether a dataset is spoken of.
func (c *comparison) told(record manifest.DatasetRecord) bool {
	return record.Tier == manifest.TierOpen || slices.ContainsFunc(record.Places, func(place string) bool { return slices.Contains(c.options.Tiers, place) })
}

// file is a dataset's rows in a release as SQL, or why they cannot be read. Of a
// dataset with a file a day, days that both releases have are left out.
func (c *comparison) file(m *manifest.Manifest, record manifest.DatasetRecord) (sql, problem string) {
	other := c.from
	if m == c.from {
		other = c.to
	}
	otherRecord, _ := other.Dataset(record.Name)
	known := hashes(other, otherRecord)
	for _, place := range record.Places {
		if c.gone[m.Release][place] {
			continue
		}
		files, condition := m.Parquet(record.Name, place), ""
		fresh := slices.DeleteFunc(slices.Clone(files), func(f manifest.File) bool { return slices.Contains(known, f.SHA256) })
		if len(fresh) > 0 {
			files = fresh
		} else if len(files) > 0 {
			files, condition = files[:1], " where false" // its columns, and none of its rows
		}
		paths := make([]string, len(files))
		for i, file := range files {
			paths[i] = filepath.Join(c.root, m.Release, filepath.FromSlash(file.Path))
		}
		switch err := readable(paths); {
		case errors.Is(err, fs.ErrPermission):
			problem = "this account may not read its rows"
			continue
		case err != nil || len(paths) == 0:
			problem = "its file in " + m.Release + " cannot be read"
			continue
		}
		return "(select * from read_parquet(" + warehouse.TextList(paths) + ")" + condition + ")", ""
	}
	if problem == "" {
		problem = "its rows in " + m.Release + " have been removed"
	}
	return "", problem
}

// readable says whether files can be opened.
func readable(paths []string) error {
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		if err := file.Close(); err != nil {
			return err
		}
	}
	return nil
}
