//go:build duckdb_arrow

package release

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"socialvalue/internal/manifest"
	"socialvalue/internal/warehouse"
)

// OpenFacts reads back what the open meta tables of a release tell of its
// sources and dates.
func OpenFacts(ctx context.Context, db *warehouse.DB, folder string) (facts Facts, err error) {
	read := func(dataset, columns string, take func(rows *sql.Rows) error) (err error) {
		path := filepath.Join(folder, filepath.FromSlash(manifest.DatasetPath(manifest.OpenPlace, dataset, "parquet")))
		rows, err := db.Query(ctx, "select "+columns+" from read_parquet("+warehouse.Text(path)+")")
		if err != nil {
			return fmt.Errorf("read %s: %w", dataset, warehouse.Scrub(err))
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			if err := take(rows); err != nil {
				return fmt.Errorf("read %s: %w", dataset, err)
			}
		}
		return rows.Err()
	}
	facts.DataUpTo = map[string]time.Time{}
	err = read(metaRelease, "domain, data_up_to", func(rows *sql.Rows) error {
		var domain string
		var day sql.NullTime
		if err := rows.Scan(&domain, &day); err != nil {
			return err
		}
		facts.DataUpTo[domain] = day.Time
		return nil
	})
	if err != nil {
		return facts, err
	}
	err = read(metaSources, "source, contract, coalesce(domain, ''), supplied, data_to, received_at, stale_after, coalesce(rows_read, 0), "+
		"coalesce(rows_loaded, 0), coalesce(rows_duplicate, 0), coalesce(rows_quarantined, 0), coalesce(rows_skipped, 0), coalesce(cast(control_total_gbp as varchar), ''), files", func(rows *sql.Rows) error {
		var one SourceFact
		var dataTo, received, stale sql.NullTime
		var files sql.NullInt64
		err := rows.Scan(&one.Source, &one.Contract, &one.Domain, &one.Supplied, &dataTo, &received, &stale, &one.RowsRead, &one.RowsLoaded,
			&one.RowsDuplicate, &one.RowsQuarantined, &one.RowsSkipped, &one.ControlTotalGBP, &files)
		if err != nil {
			return err
		}
		one.DataTo, one.ReceivedAt, one.StaleAfter = dataTo.Time, received.Time, stale.Time
		one.FilesTo, one.Bare = one.DataTo, !files.Valid
		one.SHA256 = make([]string, files.Int64)
		facts.Sources = append(facts.Sources, one)
		return nil
	})
	if err != nil {
		return facts, err
	}
	manifest, err := manifest.Read(filepath.Join(folder, manifest.OpenPlace))
	if err != nil {
		return facts, err
	}
	for i := range facts.Sources {
		for _, input := range manifest.Inputs {
			if input.Source == facts.Sources[i].Source {
				facts.Sources[i].SHA256 = input.SHA256
			}
		}
	}
	return facts, nil
}
