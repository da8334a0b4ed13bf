//go:build duckdb_arrow

package disclosure

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"socialvalue/internal/durable"
	"socialvalue/internal/warehouse"
)

// Ledger is the record of every open cell ever published: one Parquet file and
// one seal for each edition, with the cells that it changed. It is only added
// to. Each seal names the one before, so that none can be taken out unnoticed.
type Ledger struct{ Folder string }

// Seal closes one edition's part of the ledger.
type Seal struct {
	Number   int    `json:"number"`
	Edition  string `json:"edition"`
	Cells    int64  `json:"cells"`
	SHA256   string `json:"sha256"`   // of the part's Parquet file
	Previous string `json:"previous"` // SHA-256 of the seal before
}

const (
	partPrefix = ".next-" // a part that no edition has sealed yet
	partMode   = 0o440
)

// sealName is the name of an edition's seal.
func sealName(number int, edition string) string { return fmt.Sprintf("%06d-%s.json", number, edition) }

// partName is that of its cells.
func (s Seal) partName() string { return fmt.Sprintf("%06d-%s.parquet", s.Number, s.Edition) }

// Seals reads the seals in order, and makes sure that none is missing and none
// was changed.
func (l Ledger) Seals() ([]Seal, error) {
	entries, err := os.ReadDir(l.Folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the disclosure ledger: %w", err)
	}
	pattern := regexp.MustCompile(`^\d{6}-.+\.json$`)
	var seals []Seal
	previous := ""
	for _, entry := range entries { // sorted by name, so by number
		if !pattern.MatchString(entry.Name()) {
			continue
		}
		path := filepath.Join(l.Folder, entry.Name())
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read the disclosure ledger: %w", err)
		}
		var seal Seal
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&seal); err != nil {
			return nil, fmt.Errorf("%s: it is no seal of the ledger: restore the folder from a backup: %w", path, err)
		}
		if seal.Number != len(seals)+1 || seal.Previous != previous || sealName(seal.Number, seal.Edition) != entry.Name() {
			return nil, fmt.Errorf("%s: the seal before it is missing or was changed: restore the folder from a backup", path)
		}
		previous = sum(data)
		seals = append(seals, seal)
	}
	return seals, nil
}

// Verify reads every part again.
func (l Ledger) Verify() error {
	seals, err := l.Seals()
	if err != nil {
		return err
	}
	for _, seal := range seals {
		got, err := fileSum(filepath.Join(l.Folder, seal.partName()))
		if err != nil {
			return fmt.Errorf("disclosure ledger: %w", err)
		}
		if got != seal.SHA256 {
			return fmt.Errorf("%s was changed since it was sealed: restore it from a backup", filepath.Join(l.Folder, seal.partName()))
		}
	}
	return nil
}

// Part is an edition's part that is written and not yet sealed.
type Part struct {
	ledger Ledger
	path   string
	Cells  int64
	SHA256 string
}

// Write writes, for the next edition, the cells that it changes: those of
// select, a query of CellColumns, that the ledger does not hold as they are.
// `gone` lists datasets of which every earlier cell that select lacks is noted as
// gone.
func (l Ledger) Write(ctx context.Context, db *warehouse.DB, cells string, datasets []string) (*Part, error) {
	if err := os.MkdirAll(l.Folder, 0o750); err != nil {
		return nil, fmt.Errorf("disclosure ledger: %w", err)
	}
	latest, err := l.latest()
	if err != nil {
		return nil, err
	}
	part := &Part{ledger: l, path: filepath.Join(l.Folder, partPrefix+"part.parquet")}
	if err := os.RemoveAll(part.path); err != nil {
		return nil, fmt.Errorf("disclosure ledger: %w", err)
	}
	query := "with now as (" + cells + "), latest as (" + latest + "), gone as (" +
		"select dataset, cell_key, column_name, null::varchar as shown_value, '" + stateGone + "' as state from latest " +
		"where state <> '" + stateGone + "' and list_contains(" + warehouse.TextList(datasets) + ", dataset) " +
		"and not exists (select 1 from now where now.dataset = latest.dataset and now.cell_key = latest.cell_key and now.column_name = latest.column_name)) " +
		"select " + CellColumns + " from now where not exists (select 1 from latest where latest.dataset = now.dataset and latest.cell_key = now.cell_key " +
		"and latest.column_name = now.column_name and latest.state = now.state and latest.shown_value is not distinct from now.shown_value) " +
		"union all select " + CellColumns + " from gone order by dataset, cell_key, column_name"
	if part.Cells, err = db.Exec(ctx, "copy ("+query+") to "+warehouse.Text(part.path)+" (format parquet, parquet_version v1, compression zstd)"); err != nil {
		return nil, fmt.Errorf("write the disclosure ledger: %w", warehouse.Scrub(err))
	}
	if part.SHA256, err = fileSum(part.path); err != nil {
		return nil, fmt.Errorf("write the disclosure ledger: %w", err)
	}
	return part, nil
}

// Seal makes a part stand for an edition. The cells come first, then the seal
// that makes them count.
func (p *Part) Seal(number int, edition string) error {
	seals, err := p.ledger.Seals()
	if err != nil {
		return err
	}
	seal := Seal{Number: number, Edition: edition, Cells: p.Cells, SHA256: p.SHA256}
	if len(seals) != number-1 {
		return fmt.Errorf("edition %d would follow part %d of the disclosure ledger: run svw publish verify", number, len(seals))
	}
	if number > 1 {
		last := seals[number-2]
		data, err := os.ReadFile(filepath.Join(p.ledger.Folder, sealName(last.Number, last.Edition)))
		if err != nil {
			return fmt.Errorf("seal the disclosure ledger: %w", err)
		}
		seal.Previous = sum(data)
	}
	if err := os.Chmod(p.path, partMode); err != nil {
		return fmt.Errorf("seal the disclosure ledger: %w", err)
	}
	if err := durable.SyncFile(p.path); err != nil {
		return fmt.Errorf("seal the disclosure ledger: %w", err)
	}
	if err := durable.Rename(p.path, filepath.Join(p.ledger.Folder, seal.partName())); err != nil {
		return fmt.Errorf("seal the disclosure ledger: %w", err)
	}
	data, err := json.MarshalIndent(seal, "", "  ")
	if err != nil {
		return fmt.Errorf("seal the disclosure ledger: %w", err)
	}
	return durable.WriteFile(filepath.Join(p.ledger.Folder, sealName(number, edition)), append(data, '\n'), partMode)
}

// Repair makes the ledger agree with what is public, after a process died while
// it published: what is public is the truth, and its part is written before it
// becomes public. So the ledger may be one part ahead, which then never became
// public and is removed. It is never behind, unless somebody removed something.
func (l Ledger) Repair(published int, edition string) error {
	seals, err := l.Seals()
	if err != nil {
		return err
	}
	switch {
	case len(seals) > published+1:
		return fmt.Errorf("the disclosure ledger knows %d editions and %d are published: restore publications/ from a backup", len(seals), published)
	case len(seals) < published:
		return fmt.Errorf("edition %d is published and the disclosure ledger ends at %d: restore disclosure_ledger/ from a backup", published, len(seals))
	case len(seals) == published+1:
		ahead := seals[published]
		// The seal goes first: without it the cells are nothing.
		for _, name := range []string{sealName(ahead.Number, ahead.Edition), ahead.partName()} {
			if err := os.Remove(filepath.Join(l.Folder, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("repair the disclosure ledger: %w", err)
			}
			if err := durable.SyncDir(l.Folder); err != nil {
				return fmt.Errorf("repair the disclosure ledger: %w", err)
			}
		}
		seals = seals[:published]
	}
	if published > 0 && seals[published-1].Edition != edition {
		return fmt.Errorf("edition %s is published and the disclosure ledger ends with %s: restore both from one backup", edition, seals[published-1].Edition)
	}
	return l.sweep(seals)
}

// sweep removes files that no seal names.
func (l Ledger) sweep(seals []Seal) error {
	entries, err := os.ReadDir(l.Folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("repair the disclosure ledger: %w", err)
	}
	for _, entry := range entries {
		name := entry.Name()
		sealed := slices.ContainsFunc(seals, func(s Seal) bool { return name == s.partName() || name == sealName(s.Number, s.Edition) })
		leftover := strings.HasPrefix(name, partPrefix) || strings.HasPrefix(name, ".tmp-") || strings.HasSuffix(name, ".parquet")
		if sealed || !leftover {
			continue
		}
		if err := os.Remove(filepath.Join(l.Folder, name)); err != nil {
			return fmt.Errorf("repair the disclosure ledger: %w", err)
		}
	}
	return nil
}

func sum(data []byte) string {
	hash := sha256.Sum256(data)
	return hex.EncodeToString(hash[:])
}

func fileSum(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	_, err = io.Copy(hash, file)
	if err := errors.Join(err, file.Close()); err != nil {
		return "", fmt.Errorf("hash %s: %w", path, err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
