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
	"socialvalue/internal/shelf"
	"socialvalue/internal/verify"
	"socialvalue/internal/warehouse"
)

// work is one edition in the making.
type work struct {
	Publisher
	request   Request
	candidate *manifest.Manifest
	previous  *manifest.Manifest // nil: the first edition
	end       time.Time          // last day whose rows may be in it
	outcome   *Outcome
	plan      release.Plan
	approved  []string
	cells     []string // queries of the cells of approved datasets
}

// Publish makes an edition, unless something speaks against it: then the error
// is a RefusedError, and the outcome tells the rest. A dry run says what would
// be, and changes nothing.
func (p Publisher) Publish(ctx context.Context, request Request) (*Outcome, error) {
	if err := request.check(); err != nil {
		return nil, err
	}
	if err := p.Recover(); err != nil {
		return nil, err
	}
	w := &work{Publisher: p, request: request, outcome: &Outcome{Datasets: []DatasetOutcome{}, Refusals: []string{}, DryRun: request.DryRun}}
	if reason, barred := request.barred(p.Today); barred {
		w.refuse("%s", reason)
		return w.outcome, &RefusedError{w.outcome.Refusals}
	}
	if err := w.open(); err != nil {
		return nil, err
	}
	if err := w.choose(ctx); err != nil {
		return nil, err
	}
	w.seal()
	if len(w.outcome.Refusals) > 0 {
		return w.outcome, &RefusedError{w.outcome.Refusals}
	}
	if request.DryRun || w.outcome.Unchanged {
		return w.outcome, nil
	}
	return w.outcome, w.publish(ctx)
}

// Recover cleans up after a process that died while it published, and makes the
// ledger agree with what is public.
func (p Publisher) Recover() error {
	if _, err := shelf.Clean(p.Disk, p.Root); err != nil {
		return fmt.Errorf("publications: %w", err)
	}
	number, edition := 0, ""
	switch published, err := Published(p.Root); {
	case errors.Is(err, shelf.ErrNoRelease):
	case err != nil:
		return err
	default:
		number, edition = published.Edition.Number, published.Release
	}
	return p.Ledger.Repair(number, edition)
}

// Published reads the manifest of the edition in force.
func Published(root string) (*manifest.Manifest, error) {
	m, err := shelf.Current(root)
	if err != nil {
		return nil, err
	}
	if m.Edition == nil {
		return nil, fmt.Errorf("%s: its manifest has no seal of an edition", filepath.Join(root, m.Release))
	}
	return m, nil
}

func (w *work) refuse(format string, args ...any) {
	w.outcome.Refusals = append(w.outcome.Refusals, fmt.Sprintf(format, args...))
}

// open finds the candidate and the edition before.
func (w *work) open() (err error) {
	if w.candidate, err = shelf.Current(w.Releases); err != nil {
		if errors.Is(err, shelf.ErrNoRelease) {
			return &RequestError{errors.New("there is no release to publish: make one with svw run")}
		}
		return err
	}
	// Somebody went back to this release because it is good: a hold keeps new ones
	// from being made, and says nothing against publishing this one.
	if w.outcome.OnHold, err = shelf.Holding(w.Releases); err != nil {
		return err
	}
	if w.previous, err = Published(w.Root); err != nil && !errors.Is(err, shelf.ErrNoRelease) {
		return err
	}
	switch {
	case w.request.Period != "":
		if w.end, err = w.Calendar.Closing(w.request.Period, w.Today); err != nil {
			return &RequestError{err}
		}
	case len(w.request.Standing) == 0:
		return &RequestError{errors.New("name the period that is published, as svw publish 2024-25")}
	case w.previous != nil:
		w.request.Period = w.previous.Edition.Period
		if w.request.Period != "" {
			w.end, _ = w.Calendar.End("", w.request.Period)
		}
	}
	if corrects := w.request.Corrects; corrects != "" {
		if _, err := shelf.List(w.Root); err != nil {
			return err
		}
		if !slices.Contains(editionNames(w.Root), corrects) {
			return &RequestError{fmt.Errorf("there is no edition %q: svw publish list names them", corrects)}
		}
	}
	return nil
}

func editionNames(root string) []string {
	editions, err := shelf.List(root)
	if err != nil {
		return nil
	}
	names := make([]string, len(editions))
	for i, edition := range editions {
		names[i] = edition.Release
	}
	return names
}

// choose says of every open dataset whether it is approved or carried forward.
func (w *work) choose(ctx context.Context) error {
	candidates := openRecords(w.candidate)
	if err := w.checkNames(candidates); err != nil {
		return err
	}
	for _, record := range candidates {
		if !w.isApproved(record) {
			continue
		}
		if err := w.approve(ctx, record); err != nil {
			return fmt.Errorf("%s: %w", record.Name, err)
		}
	}
	if w.previous != nil {
		for _, record := range openRecords(w.previous) {
			if slices.Contains(w.approved, record.Name) {
				continue
			}
			dataset := datasetOf(record)
			dataset.Held = true
			w.plan.Datasets = append(w.plan.Datasets, dataset)
			w.outcome.Datasets = append(w.outcome.Datasets, DatasetOutcome{
				Dataset: record.Name, Status: Carried, People: len(record.People) > 0, Rows: w.previous.Rows(record.Name),
			})
		}
	}
	slices.SortFunc(w.outcome.Datasets, func(a, b DatasetOutcome) int { return strings.Compare(a.Dataset, b.Dataset) })
	if len(w.approved) == 0 {
		return &RequestError{errors.New("no dataset of the release is approved")}
	}
	return nil
}

func (w *work) checkNames(candidates []manifest.DatasetRecord) error {
	for _, name := range slices.Concat(w.request.Only, keys(w.request.Explain), keys(w.request.Accept)) {
		if !slices.ContainsFunc(candidates, func(r manifest.DatasetRecord) bool { return r.Name == name }) {
			return &RequestError{fmt.Errorf("%q is no open dataset of release %s", name, w.candidate.Release)}
		}
	}
	return nil
}

func keys(given map[string]string) []string {
	names := make([]string, 0, len(given))
	for name := range given {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// isApproved says whether a dataset of the candidate goes out this time.
func (w *work) isApproved(record manifest.DatasetRecord) bool {
	schema, _, _ := strings.Cut(record.Name, ".")
	if len(w.request.Standing) > 0 {
		return len(record.People) == 0 && len(record.OpenForms) == 0 && slices.Contains(w.request.Standing, schema)
	}
	return len(w.request.Only) == 0 || slices.Contains(w.request.Only, record.Name)
}

// approve takes a dataset of the candidate into the edition.
func (w *work) approve(ctx context.Context, record manifest.DatasetRecord) error {
	name := record.Name
	w.approved = append(w.approved, name)
	explained := strings.TrimSpace(w.request.Explain[name]) != ""
	if record.Held && !explained {
		w.refuse("%s is held at earlier content, because a check failed: mend it, leave it out with --only, or --explain %q", name, name+": why it may go out as it is")
	}
	if source := w.request.Stale[name]; source != "" && !explained {
		w.refuse("%s is stale: source %s has been silent for too long: leave it out with --only, or --explain %q", name, source, name+": why it may go out as it is")
	}
	for _, form := range record.OpenForms {
		if at, there := w.candidate.Dataset(form); there && !w.isApproved(at) {
			w.refuse("%s tells what the open form of %s tells, and that is not approved with it: approve both, or neither", name, form)
		}
	}
	dataset := datasetOf(record)
	w.plan.Datasets = append(w.plan.Datasets, dataset)
	one := DatasetOutcome{Dataset: name, Status: Approved, People: len(record.People) > 0}
	if record.Kind == manifest.KindTable {
		if err := w.take(ctx, record, &one); err != nil {
			return err
		}
		if err := w.compare(ctx, dataset, &one, explained); err != nil {
			return err
		}
	}
	w.outcome.Datasets = append(w.outcome.Datasets, one)
	return nil
}

// take makes the dataset's relation in the working database: its file in the
// candidate, without the rows of open periods.
func (w *work) take(ctx context.Context, record manifest.DatasetRecord, one *DatasetOutcome) error {
	files := w.candidate.Parquet(record.Name, "open")
	if len(files) == 0 {
		return fmt.Errorf("release %s has no open Parquet file of it", w.candidate.Release)
	}
	for _, file := range files {
		if err := verify.File(filepath.Join(w.Releases, w.candidate.Release, filepath.FromSlash(file.Path)), file); err != nil {
			return fmt.Errorf("the release is damaged, so nothing is published from it: %w", err)
		}
	}
	from := rowsIn(w.Releases, w.candidate, record.Name)
	where, err := w.closedOnly(ctx, record, from)
	if err != nil {
		return err
	}
	schema, _, _ := strings.Cut(record.Name, ".")
	statement := "create schema if not exists " + warehouse.Ident(schema) + ";\ncreate view " + warehouse.Relation(record.Name) + " as select * from " + from + where
	if _, err := w.DB.Exec(ctx, statement); err != nil {
		return fmt.Errorf("read the release: %w", warehouse.Scrub(err))
	}
	if err := w.DB.One(ctx, "select count(*) from "+warehouse.Relation(record.Name), nil, &one.Rows); err != nil {
		return fmt.Errorf("count its rows: %w", warehouse.Scrub(err))
	}
	one.RowsCut = w.candidate.Rows(record.Name) - one.Rows
	w.setMask(record, where)
	return nil
}

// setMask makes the content of the edition's file hang on what is taken of the
// candidate's, so that equal content is carried and other content written.
func (w *work) setMask(record manifest.DatasetRecord, where string) {
	if w.plan.Masks == nil {
		w.plan.Masks = disclosure.Masks{}
	}
	w.plan.Masks[record.Name] = disclosure.Mask{Hash: record.Content + where}
}

// closedOnly is the condition that leaves out rows of periods that are not
// closed, or later than the one that is published. What has no readable period
// has none that is over.
func (w *work) closedOnly(ctx context.Context, record manifest.DatasetRecord, from string) (string, error) {
	if record.Period == nil {
		if len(record.People) > 0 {
			return "", errors.New("it is about people and says no period: add publish.period to its definition")
		}
		return "", nil
	}
	column := warehouse.Ident(record.Period.Column)
	values, err := w.DB.Texts(ctx, "select distinct cast("+column+" as varchar) from "+from+" where "+column+" is not null order by 1")
	if err != nil {
		return "", fmt.Errorf("read its periods: %w", warehouse.Scrub(err))
	}
	closed := []string{}
	for _, value := range values {
		end, known := w.Calendar.End(record.Period.Column, value)
		if known && !end.After(w.end) && end.AddDate(0, 0, record.Period.DelayDays).Before(w.Today) {
			closed = append(closed, value)
		}
	}
	if len(closed) == len(values) {
		var without int64
		if err := w.DB.One(ctx, "select count(*) from "+from+" where "+column+" is null", nil, &without); err != nil {
			return "", fmt.Errorf("read its periods: %w", warehouse.Scrub(err))
		}
		if without == 0 {
			return "", nil
		}
	}
	return " where coalesce(list_contains(" + warehouse.TextList(closed) + "::varchar[], cast(" + column + " as varchar)), false)", nil
}

// compare holds the dataset against what was published before.
func (w *work) compare(ctx context.Context, dataset release.Dataset, one *DatasetOutcome, explained bool) error {
	cells := disclosure.Cells(dataset.Name, warehouse.Relation(dataset.Name), dataset.Key, dataset.DisclosureColumns())
	w.cells = append(w.cells, cells)
	compared := disclosure.Compared{Dataset: dataset.Name, Cells: cells, People: dataset.People, Period: dataset.PeriodInKey(), Minimum: w.Thresholds.Count}
	difference, err := w.Ledger.Compare(ctx, w.DB, compared)
	if err != nil {
		return err
	}
	one.Difference = &difference
	if w.request.Cells > 0 {
		if one.Changes, err = w.Ledger.Changes(ctx, w.DB, compared, w.request.Cells); err != nil {
			return err
		}
	}
	if difference.Differs() && !explained && len(w.request.Standing) == 0 {
		w.refuse("%s: %s from what was published before%s: look at them with --dry-run --cells 20, then explain why with --explain %q, or leave it out with --only",
			dataset.Name, differ(difference.Otherwise()), example(difference.Example), dataset.Name+": why")
	}
	if difference.Unsafe() > 0 && strings.TrimSpace(w.request.Accept[dataset.Name]) == "" {
		w.refuse("%s: %s: whoever has an earlier edition could subtract. Leave it out with --only until the data protection officer has decided, then --accept %q",
			dataset.Name, unsafeText(difference, w.Thresholds.Count), dataset.Name+": who decided, and why")
	}
	return nil
}

func example(text string) string {
	if text == "" {
		return ""
	}
	return " (for example " + text + ")"
}

func unsafeText(d disclosure.Difference, minimum int64) string {
	var parts []string
	add := func(n int64, what string) {
		if n > 0 {
			parts = append(parts, plural(n, "cell")+" "+what)
		}
	}
	add(d.HiddenAgain, "withheld now and shown before")
	add(d.ShownAfter, "shown now and withheld before")
	add(d.SmallChanges, fmt.Sprintf("counting from 1 to %d people more or fewer than an earlier edition", minimum-1))
	return strings.Join(parts, ", ")
}

func differ(cells int64) string {
	if cells == 1 {
		return "1 cell differs"
	}
	return fmt.Sprintf("%d cells differ", cells)
}

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
