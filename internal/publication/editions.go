//go:build duckdb_arrow

package publication

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"socialvalue/internal/disclosure"
	"socialvalue/internal/manifest"
	"socialvalue/internal/shelf"
	"socialvalue/internal/verify"
	"socialvalue/internal/warehouse"
)

// List reads the manifests of all editions, the newest first, and names the one
// in force.
func List(root string) (editions []*manifest.Manifest, published string, err error) {
	switch current, err := Published(root); {
	case errors.Is(err, shelf.ErrNoRelease):
		return nil, "", nil
	case err != nil:
		return nil, "", err
	default:
		published = current.Release
	}
	if editions, err = shelf.List(root); err != nil {
		return nil, "", err
	}
	// One that a killed process left behind was never public.
	editions = slices.DeleteFunc(editions, func(m *manifest.Manifest) bool { return m.Edition == nil })
	slices.SortFunc(editions, func(a, b *manifest.Manifest) int { return b.Edition.Number - a.Edition.Number })
	return editions, published, nil
}

// Find gives one edition: by name, by number, or the one in force for "".
func Find(root, name string) (*manifest.Manifest, error) {
	editions, published, err := List(root)
	if err != nil {
		return nil, err
	}
	for _, edition := range editions {
		if edition.Release == name || fmt.Sprint(edition.Edition.Number) == name || name == "" && edition.Release == published {
			return edition, nil
		}
	}
	if len(editions) == 0 {
		return nil, &RequestError{errors.New("nothing has been published yet")}
	}
	return nil, &RequestError{fmt.Errorf("there is no edition %q: svw publish list names them", name)}
}

// Verify reads every edition and the ledger again, after it has recovered from
// whatever a killed process left.
func (p Publisher) Verify(ctx context.Context) (editions int, err error) {
	if err := p.Recover(); err != nil {
		return 0, err
	}
	if err := p.Ledger.Verify(); err != nil {
		return 0, err
	}
	seals, err := p.Ledger.Seals()
	if err != nil {
		return 0, err
	}
	all, _, err := List(p.Root)
	if err != nil {
		return 0, err
	}
	var wrong []error
	for _, edition := range all {
		if err := verify.Release(ctx, filepath.Join(p.Root, edition.Release), p.Reader); err != nil {
			wrong = append(wrong, err)
			continue
		}
		seal := edition.Edition
		if seal.Number > len(seals) || seals[seal.Number-1].Edition != edition.Release || seals[seal.Number-1].SHA256 != seal.LedgerSHA256 {
			wrong = append(wrong, fmt.Errorf("edition %s: the disclosure ledger has another part for it: restore both from one backup", edition.Release))
		}
	}
	return len(all), errors.Join(wrong...)
}

// DatasetDiff is how a dataset differs between two editions.
type DatasetDiff struct {
	Dataset string `json:"dataset"`
	Cells   int64  `json:"cells"` // with another value
	New     int64  `json:"new"`   // only in the later edition
	Gone    int64  `json:"gone"`  // only in the earlier one

	Changes []disclosure.Change `json:"changes,omitempty"` // some of those cells, where asked for
}

// Diff says in which datasets two editions differ, by how many cells, and lists
// as many of each dataset as asked for.
func Diff(ctx context.Context, db *warehouse.DB, root string, from, to *manifest.Manifest, listed int) ([]DatasetDiff, error) {
	diffs := []DatasetDiff{}
	names := map[string]bool{}
	for _, m := range []*manifest.Manifest{from, to} {
		for _, record := range openRecords(m) {
			names[record.Name] = record.Kind == manifest.KindTable
		}
	}
	for _, name := range keysOf(names) {
		before, after := from.Parquet(name, "open"), to.Parquet(name, "open")
		if !names[name] || len(before) == 1 && len(after) == 1 && before[0].SHA256 == after[0].SHA256 {
			continue
		}
		const changed = "b.state is not null and a.state is not null and (a.state <> b.state or a.shown_value is distinct from b.shown_value)"
		pairs := "with before as (" + cellsOf(root, from, name) + "), after as (" + cellsOf(root, to, name) + "), " +
			"pairs as (select cell_key, column_name, " + changed + " as changed, b.state is null as fresh, a.state is null as gone, " +
			disclosure.ShownText("b.shown_value", "b.state") + " as was, " + disclosure.ShownText("a.shown_value", "a.state") + " as is_now " +
			"from before as b full join after as a using (cell_key, column_name)) "
		diff := DatasetDiff{Dataset: name}
		query := pairs + "select count(*) filter (changed), count(*) filter (fresh), count(*) filter (gone) from pairs"
		if err := db.One(ctx, query, nil, &diff.Cells, &diff.New, &diff.Gone); err != nil {
			return nil, fmt.Errorf("%s: compare two editions: %w", name, warehouse.Scrub(err))
		}
		if listed > 0 {
			query = pairs + "select cell_key, column_name, was, is_now from pairs where changed or fresh or gone order by all limit " + fmt.Sprint(listed)
			var err error
			if diff.Changes, err = changesOf(ctx, db, query); err != nil {
				return nil, fmt.Errorf("%s: compare two editions: %w", name, err)
			}
		}
		diffs = append(diffs, diff)
	}
	return diffs, nil
}

// changesOf reads the cells that a query lists.
func changesOf(ctx context.Context, db *warehouse.DB, query string) (changes []disclosure.Change, err error) {
	rows, err := db.Query(ctx, query)
	if err != nil {
		return nil, warehouse.Scrub(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var change disclosure.Change
		if err := rows.Scan(&change.CellKey, &change.Column, &change.Was, &change.Is); err != nil {
			return nil, fmt.Errorf("read a cell: %w", err)
		}
		changes = append(changes, change)
	}
	return changes, rows.Err()
}

func keysOf(names map[string]bool) []string {
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// cellsOf is a query of the cells of a dataset in an edition; none where it is
// not in it.
func cellsOf(root string, manifest *manifest.Manifest, name string) string {
	record, known := recordOf(manifest, name)
	if !known || len(manifest.Parquet(name, "open")) == 0 {
		return disclosure.Cells(name, "(select 1)", nil, nil)
	}
	dataset := datasetOf(record)
	return disclosure.Cells(name, rowsIn(root, manifest, name), dataset.Key, dataset.DisclosureColumns())
}

// Explanations reads "dataset: text" lines.
func Explanations(lines []string) (map[string]string, error) {
	given := map[string]string{}
	for _, line := range lines {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		dataset, text, ok := strings.Cut(line, ":")
		if dataset, text = strings.TrimSpace(dataset), strings.TrimSpace(text); !ok || text == "" || strings.Count(dataset, ".") != 1 {
			return nil, &RequestError{fmt.Errorf("%q explains nothing: write dataset: why, as \"spend.local_spend: three late invoices\"", line)}
		}
		if given[dataset] != "" {
			text = given[dataset] + "; " + text
		}
		given[dataset] = text
	}
	return given, nil
}
