package state

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Sealed is the seal of a frozen baseline, kept apart from its folder.
type Sealed struct {
	Year     string
	Version  int
	Seal     string
	FrozenAt time.Time
}

// KeepSeal notes a seal. One that stands already is never changed.
func (d *DB) KeepSeal(ctx context.Context, seal Sealed) error {
	return d.within(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "insert into baselines (year, version, seal, frozen_at) values (?, ?, ?, ?) on conflict do nothing",
			seal.Year, seal.Version, seal.Seal, formatTime(seal.FrozenAt))
		if err != nil {
			return fmt.Errorf("keep the seal of baseline %s v%d: %w", seal.Year, seal.Version, err)
		}
		return nil
	})
}

// Seals lists the seals of all baselines, by year and version.
func (d *DB) Seals(ctx context.Context) ([]Sealed, error) {
	seals, err := collect(ctx, d.db, func(rows *sql.Rows) (Sealed, error) {
		var seal Sealed
		var at sql.NullString
		err := rows.Scan(&seal.Year, &seal.Version, &seal.Seal, &at)
		if err == nil {
			seal.FrozenAt, err = parseTime(at)
		}
		return seal, err
	}, "select year, version, seal, frozen_at from baselines order by year, version")
	if err != nil {
		return nil, fmt.Errorf("list the seals of baselines: %w", err)
	}
	return seals, nil
}
