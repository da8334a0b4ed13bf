package site

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Corrections are the files by which people correct single values; the folder need not be there.
func (s *Site) Corrections() fs.FS { return os.DirFS(filepath.Join(s.Root, "overrides")) }

// Warehouse is the folder that the program writes. All of it lies on one file system.
type Warehouse struct {
	Root string // absolute
}

// Landing keeps received files under their hash, in a folder for each source.
func (w Warehouse) Landing() string { return filepath.Join(w.Root, "landing") }

// Store keeps typed rows as immutable Parquet objects: the record.
func (w Warehouse) Store() string { return filepath.Join(w.Root, "store") }

// Loads keeps the ledger of loads beside the store, a file for each.
func (w Warehouse) Loads() string { return filepath.Join(w.Root, "store", "_loads") }

// Build is a cache that can be deleted.
func (w Warehouse) Build() string { return filepath.Join(w.Root, "build") }

// BuildDB is the database in which models are built; only the program opens it.
func (w Warehouse) BuildDB() string { return filepath.Join(w.Root, "build", "build.duckdb") }

// Standing is what of the build database a plan asks, for while a run has that.
func (w Warehouse) Standing() string { return filepath.Join(w.Root, "build", "standing.json") }

// Temp is where DuckDB spills.
func (w Warehouse) Temp() string { return filepath.Join(w.Root, "build", "temp") }

// State is the folder of the run state.
func (w Warehouse) State() string { return filepath.Join(w.Root, "state") }

// StateDB is the file of the run state.
func (w Warehouse) StateDB() string { return filepath.Join(w.Root, "state", "state.db") }

// Lock is the file that the one writer holds.
func (w Warehouse) Lock() string { return filepath.Join(w.Root, "state", "lock") }

// Runs keeps what each run wrote and reported, in a folder of its own.
func (w Warehouse) Runs() string { return filepath.Join(w.Root, "state", "runs") }

// ScheduleLock is the file that the one scheduler holds.
func (w Warehouse) ScheduleLock() string { return filepath.Join(w.Root, "state", "schedule.lock") }

// Heartbeat is the file in which the scheduler says that it lives, and what it does.
func (w Warehouse) Heartbeat() string { return filepath.Join(w.Root, "state", "schedule.json") }

// DisclosureLedger keeps every open cell ever published.
func (w Warehouse) DisclosureLedger() string { return filepath.Join(w.Root, "disclosure_ledger") }

// Baselines keeps sealed baselines, a folder for each year.
func (w Warehouse) Baselines() string { return filepath.Join(w.Root, "baselines") }

// Releases keeps releases and the pointer current.
func (w Warehouse) Releases() string { return filepath.Join(w.Root, "releases") }

// Publications keeps sealed editions and the pointer published.
func (w Warehouse) Publications() string { return filepath.Join(w.Root, "publications") }

// ForHR keeps what is made for HR alone. It is made when it is needed.
func (w Warehouse) ForHR() string { return filepath.Join(w.Root, "for_hr") }

// Create makes the folders that are missing, closed to others.
func (w Warehouse) Create() error {
	for _, dir := range []string{
		w.Root, w.Landing(), w.Store(), w.Loads(), w.Build(), w.Temp(), w.State(), w.Runs(), w.DisclosureLedger(), w.Baselines(), w.Releases(),
		w.Publications(),
	} {
		if err := makeDir(dir); err != nil {
			return fmt.Errorf("create the warehouse: %w", err)
		}
	}
	return nil
}

// makeDir makes one folder and its parents with mode 0750 whatever the umask; one that is there keeps its mode.
func makeDir(dir string) error {
	err := os.Mkdir(dir, 0o750)
	switch {
	case errors.Is(err, fs.ErrExist):
		if info, statErr := os.Stat(dir); statErr != nil || !info.IsDir() {
			return fmt.Errorf("%s is in the way: it is not a folder", dir)
		}
		return nil
	case errors.Is(err, fs.ErrNotExist):
		if err := makeDir(filepath.Dir(dir)); err != nil {
			return err
		}
		return makeDir(dir)
	case err != nil:
		return err
	}
	return os.Chmod(dir, 0o750) //nolint:gosec // the group reads
}
