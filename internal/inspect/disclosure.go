package inspect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"socialvalue/internal/candidate"
	"socialvalue/internal/disclosure"
	"socialvalue/internal/manifest"
	"socialvalue/internal/release"
	"socialvalue/internal/shelf"
	"socialvalue/internal/warehouse"
	"socialvalue/internal/workspace"
)

// DatasetAudit is what the audit says of one open dataset about people.
type DatasetAudit struct {
	Dataset    string                `json:"dataset"`
	Withheld   int64                 `json:"withheld"` // cells
	Shown      int64                 `json:"shown"`
	Difference disclosure.Difference `json:"difference"` // from what was published
}

// Audit is what an audit of a release found.
type Audit struct {
	Release  string         `json:"release"`
	Editions int            `json:"editions"` // in the ledger it was compared with
	Datasets []DatasetAudit `json:"datasets"`
}

// Unsafe counts the cells that speak against publishing.
func (a *Audit) Unsafe() (cells int64) {
	for _, d := range a.Datasets {
		cells += d.Difference.Unsafe()
	}
	return cells
}

// AuditRelease holds the open tables about people of a release (the current one
// if not named) against all that was published. It reads released files only.
func AuditRelease(ctx context.Context, env workspace.Environment, id string) (audit *Audit, err error) {
	root := env.Site.Warehouse.Releases()
	m, err := releaseNamed(root, id)
	if err != nil {
		return nil, err
	}
	db, err := warehouse.Open(ctx, "", env.BesideRuns())
	if err != nil {
		return nil, fmt.Errorf("open a database to audit with: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	ledger := disclosure.Ledger{Folder: env.Site.Warehouse.DisclosureLedger()}
	seals, err := ledger.Seals()
	if err != nil {
		return nil, err
	}
	audit = &Audit{Release: m.Release, Editions: len(seals), Datasets: []DatasetAudit{}}
	for _, record := range m.Datasets {
		if record.Tier != manifest.TierOpen || len(record.People) == 0 {
			continue
		}
		var paths []string
		for _, file := range m.Parquet(record.Name, string(manifest.TierOpen)) {
			paths = append(paths, filepath.Join(root, m.Release, filepath.FromSlash(file.Path)))
		}
		columns := release.Dataset{Columns: record.Columns}.DisclosureColumns()
		cells := disclosure.Cells(record.Name, "read_parquet("+warehouse.TextList(paths)+")", record.Key, columns)
		one := DatasetAudit{Dataset: record.Name}
		period := release.Dataset{Key: record.Key}
		if record.Period != nil {
			period.Period = *record.Period
		}
		query := "select count(*) filter (state = 'withheld'), count(*) filter (state = 'shown') from (" + cells + ")"
		if err := db.One(ctx, query, nil, &one.Withheld, &one.Shown); err != nil {
			return nil, fmt.Errorf("%s: count its cells: %w", record.Name, warehouse.Scrub(err))
		}
		if one.Difference, err = ledger.Compare(ctx, db, disclosure.Compared{
			Dataset: record.Name, Cells: cells, People: record.People, Period: period.PeriodInKey(), Minimum: candidate.Thresholds(env).Count,
		}); err != nil {
			return nil, err
		}
		audit.Datasets = append(audit.Datasets, one)
	}
	return audit, nil
}

func releaseNamed(root, id string) (*manifest.Manifest, error) {
	manifest, err := shelf.Find(root, id)
	switch {
	case errors.Is(err, shelf.ErrNoRelease):
		return nil, &workspace.ConfigurationError{Err: errors.New("there is no release yet: make a release with svw run")}
	case errors.Is(err, shelf.ErrUnknown):
		return nil, &workspace.ConfigurationError{Err: err}
	}
	return manifest, err
}

// CellExplanation says why one cell is withheld.
type CellExplanation struct {
	CellKey     string `json:"cell_key"`
	Column      string `json:"column"`
	Withholding string `json:"withholding"`
	Rule        string `json:"rule"`
	Means       string `json:"means"`
}

// Explained is everything that is known of a row's withheld cells.
type Explained struct {
	Dataset string             `json:"dataset"`
	Cells   []CellExplanation  `json:"cells"`
	History []disclosure.Entry `json:"history"` // what was ever published of the row
}

// ExplainWithheld says why cells of the rows with these key values are withheld.
// It reads the restricted file of the dataset's domain, so its reader is one of
// those who may know.
func ExplainWithheld(ctx context.Context, env workspace.Environment, dataset string, key map[string]string) (explained *Explained, err error) {
	root := env.Site.Warehouse.Releases()
	m, err := releaseNamed(root, "")
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(m.Datasets, func(r manifest.DatasetRecord) bool { return r.Name == dataset && r.Tier == manifest.TierOpen })
	if i < 0 || len(m.Datasets[i].People) == 0 {
		return nil, &workspace.ConfigurationError{Err: fmt.Errorf("%q is no open dataset about people in release %s", dataset, m.Release)}
	}
	record := m.Datasets[i]
	for name := range key {
		if !slices.Contains(record.Key, name) {
			return nil, &workspace.ConfigurationError{Err: fmt.Errorf("%s is not in the key of %s: it is %s", name, dataset, strings.Join(record.Key, ", "))}
		}
	}
	domains := release.Domains(dataset, nil)
	if len(domains) == 0 {
		return nil, &workspace.ConfigurationError{Err: fmt.Errorf("%s is of no domain, so nobody is told why its cells are withheld", dataset)}
	}
	db, err := warehouse.Open(ctx, "", env.BesideRuns())
	if err != nil {
		return nil, fmt.Errorf("open a database: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	path := filepath.Join(root, m.Release, filepath.FromSlash(manifest.DatasetPath(domains[0], release.Suppressions, "parquet")))
	explained = &Explained{Dataset: dataset, Cells: []CellExplanation{}, History: []disclosure.Entry{}}
	rows, err := db.Query(ctx, "select cell_key, column_name, coalesce(withholding, ''), coalesce(withholding_rule, '') from read_parquet("+warehouse.Text(path)+") where dataset = ? order by all", dataset)
	if err != nil {
		return nil, fmt.Errorf("read why cells are withheld: %w", warehouse.Scrub(err))
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	keys := map[string]bool{}
	for rows.Next() {
		var one CellExplanation
		if err := rows.Scan(&one.CellKey, &one.Column, &one.Withholding, &one.Rule); err != nil {
			return nil, fmt.Errorf("read why cells are withheld: %w", err)
		}
		var values map[string]*string
		if err := json.Unmarshal([]byte(one.CellKey), &values); err != nil {
			return nil, fmt.Errorf("read why cells are withheld: %w", err)
		}
		if !matches(values, key) {
			continue
		}
		one.Means = disclosure.Means(one.Rule)
		keys[one.CellKey] = true
		explained.Cells = append(explained.Cells, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read why cells are withheld: %w", err)
	}
	names := make([]string, 0, len(keys))
	for name := range keys {
		names = append(names, name)
	}
	sort.Strings(names)
	ledger := disclosure.Ledger{Folder: env.Site.Warehouse.DisclosureLedger()}
	for _, name := range names {
		entries, err := ledger.History(ctx, db, dataset, name)
		if err != nil {
			return nil, err
		}
		explained.History = append(explained.History, entries...)
	}
	return explained, nil
}

func matches(values map[string]*string, key map[string]string) bool {
	for name, want := range key {
		if got := values[name]; got == nil && want != "" || got != nil && *got != want {
			return false
		}
	}
	return true
}
