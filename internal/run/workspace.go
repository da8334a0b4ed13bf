package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"

	"socialvalue/internal/check"
	"socialvalue/internal/contract"
	"socialvalue/internal/correction"
	"socialvalue/internal/load"
	"socialvalue/internal/lock"
	"socialvalue/internal/model"
	"socialvalue/internal/pipeline"
	"socialvalue/internal/release"
	"socialvalue/internal/state"
	"socialvalue/internal/store"
	"socialvalue/internal/warehouse"
)

// workspace is an opened warehouse: the one writer, with everything it needs.
type workspace struct {
	env       Environment
	lock      *lock.Lock
	state     *state.DB
	db        *warehouse.DB
	store     store.Store
	ledger    *load.Ledger
	contracts map[string]*contract.Contract
	pipelines map[string]pipeline.Pipeline
	project   *model.Project
	settings  []siteRelation
	corrected *correction.Set
	duckdb    string // version
	checked   []check.Result
	overrides []release.OverrideFact
	access    release.Access
}

// openWorkspace takes the warehouse's one lock and opens everything, in order to
// work there.
func openWorkspace(ctx context.Context, env Environment) (opened *workspace, err error) {
	return open(ctx, env, func(ctx context.Context, w *workspace) error {
		if err := cleanTemp(env.Site.Warehouse.Temp()); err != nil {
			return err
		}
		return w.openBuild(ctx)
	})
}

// openToLook does so for what changes nothing: what a killed run left is not
// cleared away, and a build database of another version stays.
func openToLook(ctx context.Context, env Environment) (opened *workspace, err error) {
	return open(ctx, env, func(ctx context.Context, w *workspace) error { return w.lookAtBuild(ctx) })
}

func open(ctx context.Context, env Environment, build func(ctx context.Context, w *workspace) error) (opened *workspace, err error) {
	w := &workspace{env: env, store: store.New(env.Site.Warehouse.Store())}
	if err := env.Site.Warehouse.Create(); err != nil {
		return nil, err
	}
	if w.lock, err = lock.Acquire(env.Site.Warehouse.Lock(), env.Now()); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if w.contracts, w.pipelines, err = definitions(env); err != nil {
		return nil, err
	}
	if w.state, err = state.Open(ctx, env.Site.Warehouse.StateDB()); err != nil {
		return nil, err
	}
	if err := build(ctx, w); err != nil {
		return nil, err
	}
	if w.settings, err = siteRelations(env.Site, env.Now()); err != nil {
		return nil, err
	}
	if w.project, err = loadProject(ctx, env, w.contracts, w.pipelines, w.settings, w.db); err != nil {
		return nil, err
	}
	if w.corrected, err = corrections(env, w.contracts, w.project); err != nil {
		return nil, err
	}
	w.project.Override(w.corrected.Overrides())
	if w.access, err = access(env, w.project); err != nil {
		return nil, err
	}
	return w, nil
}

// corrections reads what people corrected, as far as it is in force.
func corrections(env Environment, contracts map[string]*contract.Contract, project *model.Project) (*correction.Set, error) {
	known := correction.Known{Contracts: contracts, Project: project}
	set, err := correction.Read(env.Site.Corrections(), known, env.Site.AsOf(env.Now()))
	if err != nil {
		return nil, &ConfigurationError{err}
	}
	return set, nil
}

// cleanTemp removes what a killed run left of the files it was reading and of
// what the database laid aside: both may hold plain text about people. The caller
// holds the lock of the warehouse.
func cleanTemp(dir string) error {
	leftovers, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("clean the folder for temporary files: %w", err)
	}
	for _, leftover := range leftovers {
		if err := os.RemoveAll(filepath.Join(dir, leftover.Name())); err != nil {
			return fmt.Errorf("clean the folder for temporary files: %w", err)
		}
	}
	return nil
}

// definitions reads the pipelines and contracts and holds the site's sources
// against them.
func definitions(env Environment) (map[string]*contract.Contract, map[string]pipeline.Pipeline, error) {
	contracts, err := contract.LoadAll(env.Files)
	if err != nil {
		return nil, nil, &ConfigurationError{err}
	}
	pipelines, err := pipeline.LoadAll(env.Files)
	if err != nil {
		return nil, nil, &ConfigurationError{err}
	}
	columns := layoutColumns(contracts)
	if err := env.Site.CheckContracts(columns); err != nil {
		return nil, nil, &ConfigurationError{err}
	}
	if err := checkDomains(contracts, pipelines); err != nil {
		return nil, nil, err
	}
	return contracts, pipelines, nil
}

// openBuild opens the build database. It is a cache of another program's work
// when it was made by another version: then it is made again from the store.
func (w *workspace) openBuild(ctx context.Context) (err error) {
	path := w.env.Site.Warehouse.BuildDB()
	for attempt := 0; ; attempt++ {
		made, want, err := w.openDatabase(ctx, path, w.env.databaseOptions())
		if err != nil {
			return err
		}
		if made == want {
			break
		}
		if made != "" && attempt == 0 {
			// Opening the ledger repairs the notes from the database that is to go.
			if _, err := load.OpenLedger(ctx, w.db, w.store, w.env.configured(), w.sortedContracts()); err != nil {
				return err
			}
			if err := w.dropBuild(path); err != nil {
				return err
			}
			continue
		}
		if _, err := w.db.Exec(ctx, "create schema if not exists _svw; create or replace table _svw.made_by as select ? as version", want); err != nil {
			return fmt.Errorf("sign the build database: %w", err)
		}
		break
	}
	w.ledger, err = load.OpenLedger(ctx, w.db, w.store, w.env.configured(), w.sortedContracts())
	return err
}

// lookAtBuild opens the build database if this version made it. Otherwise a run
// would make it anew from the store: an empty one in memory stands for that.
func (w *workspace) lookAtBuild(ctx context.Context) (err error) {
	path := w.env.Site.Warehouse.BuildDB()
	if _, err := os.Stat(path); err == nil {
		made, want, err := w.openDatabase(ctx, path, w.env.besideRuns())
		if err != nil {
			return err
		}
		if made == want {
			w.ledger, err = load.OpenLedger(ctx, w.db, w.store, w.env.configured(), w.sortedContracts())
			return err
		}
		if err := w.db.Close(); err != nil {
			return fmt.Errorf("close the build database: %w", err)
		}
		w.db = nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("look for the build database: %w", err)
	}
	if _, _, err = w.openDatabase(ctx, "", w.env.besideRuns()); err != nil {
		return err
	}
	w.ledger, err = load.ReadLedger(w.store, w.env.configured())
	return err
}

// openDatabase opens a build database and says which version made it, empty for a
// new one, and which this is.
func (w *workspace) openDatabase(ctx context.Context, path string, options warehouse.Options) (made, want string, err error) {
	if w.db, err = warehouse.Open(ctx, path, options); err != nil {
		return "", "", fmt.Errorf("%w; if the file is damaged, delete %s: it is made again from the store", err, filepath.Dir(path))
	}
	if w.duckdb, err = w.db.Version(ctx); err != nil {
		return "", "", err
	}
	made, err = w.madeBy(ctx)
	return made, w.env.Version + " " + w.duckdb, err
}

// counting are the loads whose rows count, of all relations.
func (w *workspace) counting() []*load.Record {
	configured := w.env.configured()
	return slices.DeleteFunc(w.ledger.Records(""), func(r *load.Record) bool { return r.Status != load.StatusActive || !configured[r.Source] })
}

// madeBy is the version that made the build database, empty for a new one.
func (w *workspace) madeBy(ctx context.Context) (string, error) {
	tables, err := w.db.Texts(ctx, "select table_name from duckdb_tables() where schema_name = '_svw' and table_name = 'made_by'")
	if err != nil || len(tables) == 0 {
		return "", err
	}
	versions, err := w.db.Texts(ctx, "select version from _svw.made_by")
	if err != nil || len(versions) != 1 {
		return "unknown", err
	}
	return versions[0], nil
}

func (w *workspace) dropBuild(path string) error {
	w.env.progress("build", "another version made the build database: making it again from the store")
	if err := w.db.Close(); err != nil {
		return fmt.Errorf("close the old build database: %w", err)
	}
	w.db = nil
	for _, file := range []string{path, path + ".wal"} {
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("drop the old build database: %w", err)
		}
	}
	return nil
}

// close gives everything back; the lock last.
func (w *workspace) close() error {
	var errs []error
	if w.db != nil {
		errs = append(errs, w.db.Close())
	}
	if w.state != nil {
		errs = append(errs, w.state.Close())
	}
	if w.lock != nil {
		errs = append(errs, w.lock.Close())
	}
	return errors.Join(errs...)
}

// sourceNames are the configured sources and their contracts.
func (w *workspace) sourceNames() map[string]string {
	names := make(map[string]string, len(w.env.Site.Sources))
	for _, source := range w.env.Site.Sources {
		names[source.Name] = source.Contract
	}
	return names
}

// sortedContracts lists the contracts by reference.
func (w *workspace) sortedContracts() []*contract.Contract { return byReference(w.contracts) }

func byReference(contracts map[string]*contract.Contract) []*contract.Contract {
	list := make([]*contract.Contract, 0, len(contracts))
	for _, c := range contracts {
		list = append(list, c)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Ref() < list[j].Ref() })
	return list
}
