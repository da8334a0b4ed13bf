package workspace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"socialvalue/internal/check"
	"socialvalue/internal/contract"
	"socialvalue/internal/correction"
	"socialvalue/internal/durable"
	"socialvalue/internal/load"
	"socialvalue/internal/lock"
	"socialvalue/internal/model"
	"socialvalue/internal/pipeline"
	"socialvalue/internal/release"
	"socialvalue/internal/shelf"
	"socialvalue/internal/state"
	"socialvalue/internal/store"
	"socialvalue/internal/warehouse"
)

// Workspace is an opened warehouse: the one writer, with everything it needs.
type Workspace struct {
	Env       Environment
	lock      *lock.Lock
	State     *state.DB
	DB        *warehouse.DB
	Store     store.Store
	Ledger    *load.Ledger
	Contracts map[string]*contract.Contract
	Pipelines map[string]pipeline.Pipeline
	Project   *model.Project
	settings  []siteRelation
	Corrected *correction.Set
	DuckDB    string // version
	Checked   []check.Result
	Overrides []release.OverrideFact
	Access    shelf.Access
	// Beside is the run that is under way while this only looks; nil when there is none.
	Beside   *lock.HeldError
	standing *model.Standing // what was built when it began
}

// Open takes the warehouse's one lock and opens everything, in order to
// work there.
func Open(ctx context.Context, env Environment) (opened *Workspace, err error) {
	return open(ctx, env, takeLock, func(ctx context.Context, w *Workspace) error {
		if err := cleanTemp(env.Site.Warehouse.Temp()); err != nil {
			return err
		}
		if err := durable.Clear(filepath.Dir(env.Site.Warehouse.Standing())); err != nil {
			return err
		}
		return w.openBuild(ctx)
	})
}

// takeLock makes this process the one writer.
func takeLock(w *Workspace) (err error) {
	w.lock, err = lock.Acquire(w.Env.Site.Warehouse.Lock(), w.Env.Now())
	return err
}

func open(ctx context.Context, env Environment, enter func(w *Workspace) error, build func(ctx context.Context, w *Workspace) error) (opened *Workspace, err error) {
	w := &Workspace{Env: env, Store: store.New(env.Site.Warehouse.Store())}
	if err := env.Site.Warehouse.Create(); err != nil {
		return nil, err
	}
	if err := enter(w); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	if w.Contracts, w.Pipelines, err = Definitions(env); err != nil {
		return nil, err
	}
	if w.State, err = state.Open(ctx, env.Site.Warehouse.StateDB()); err != nil {
		return nil, err
	}
	if err := build(ctx, w); err != nil {
		return nil, err
	}
	if w.settings, err = siteRelations(env.Site, env.Now()); err != nil {
		return nil, err
	}
	if w.Project, err = loadProject(ctx, env, w.Contracts, w.Pipelines, w.settings, w.DB); err != nil {
		return nil, err
	}
	if w.Corrected, err = Corrections(env, w.Contracts, w.Project); err != nil {
		return nil, err
	}
	w.Project.Override(w.Corrected.Overrides())
	if w.Access, err = GroupsOf(env, w.Project); err != nil {
		return nil, err
	}
	return w, nil
}

// Corrections reads what people corrected, as far as it is in force.
func Corrections(env Environment, contracts map[string]*contract.Contract, project *model.Project) (*correction.Set, error) {
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

// Definitions reads the pipelines and contracts and holds the site's sources
// against them.
func Definitions(env Environment) (map[string]*contract.Contract, map[string]pipeline.Pipeline, error) {
	contracts, err := contract.LoadAll(env.Files)
	if err != nil {
		return nil, nil, &ConfigurationError{err}
	}
	pipelines, err := pipeline.LoadAll(env.Files)
	if err != nil {
		return nil, nil, &ConfigurationError{err}
	}
	if err := enabled(env); err != nil {
		return nil, nil, err
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

// enabled refuses sources of contracts whose pipelines the site disables.
func enabled(env Environment) error {
	var wrong []error
	for _, source := range env.Site.Sources {
		if slices.Contains(disabledContracts(env.Files), source.Contract) {
			wrong = append(wrong, fmt.Errorf("%s: source %s is of the pipeline %s, which is disabled: take the source out, or delete pipelines/%s/pipeline.yaml",
				source.Where, source.Name, PipelineOf(source.Contract), PipelineOf(source.Contract)))
		}
	}
	if len(wrong) > 0 {
		return &ConfigurationError{errors.Join(wrong...)}
	}
	return nil
}

// openBuild opens the build database. It is a cache of another program's work
// when it was made by another version: then it is made again from the store.
func (w *Workspace) openBuild(ctx context.Context) (err error) {
	path := w.Env.Site.Warehouse.BuildDB()
	for attempt := 0; ; attempt++ {
		made, want, err := w.openDatabase(ctx, path, w.Env.DatabaseOptions())
		if err != nil {
			return err
		}
		if made == want {
			break
		}
		if made != "" && attempt == 0 {
			// Opening the ledger repairs the notes from the database that is to go.
			if _, err := load.OpenLedger(ctx, w.DB, w.Store, w.Env.Configured(), w.SortedContracts()); err != nil {
				return err
			}
			if err := w.dropBuild(path); err != nil {
				return err
			}
			continue
		}
		if _, err := w.DB.Exec(ctx, "create schema if not exists _svw; create or replace table _svw.made_by as select ? as version", want); err != nil {
			return fmt.Errorf("sign the build database: %w", err)
		}
		break
	}
	w.Ledger, err = load.OpenLedger(ctx, w.DB, w.Store, w.Env.Configured(), w.SortedContracts())
	return err
}

// openDatabase opens a build database and says which version made it, empty for a
// new one, and which this is.
func (w *Workspace) openDatabase(ctx context.Context, path string, options warehouse.Options) (made, want string, err error) {
	if w.DB, err = warehouse.Open(ctx, path, options); err != nil {
		return "", "", fmt.Errorf("%w; if the file is damaged, delete %s: it is made again from the store", err, filepath.Dir(path))
	}
	if w.DuckDB, err = w.DB.Version(ctx); err != nil {
		return "", "", err
	}
	made, err = w.madeBy(ctx)
	return made, w.Env.Version + " " + w.DuckDB, err
}

// Counting are the loads whose rows count, of all relations.
func (w *Workspace) Counting() []*load.Record {
	configured := w.Env.Configured()
	return slices.DeleteFunc(w.Ledger.Records(""), func(r *load.Record) bool { return r.Status != load.StatusActive || !configured[r.Source] })
}

// madeBy is the version that made the build database, empty for a new one.
func (w *Workspace) madeBy(ctx context.Context) (string, error) {
	tables, err := w.DB.Texts(ctx, "select table_name from duckdb_tables() where schema_name = '_svw' and table_name = 'made_by'")
	if err != nil || len(tables) == 0 {
		return "", err
	}
	versions, err := w.DB.Texts(ctx, "select version from _svw.made_by")
	if err != nil || len(versions) != 1 {
		return "unknown", err
	}
	return versions[0], nil
}

func (w *Workspace) dropBuild(path string) error {
	w.Env.Tell("build", "another version made the build database: making it again from the store")
	if err := w.DB.Close(); err != nil {
		return fmt.Errorf("close the old build database: %w", err)
	}
	w.DB = nil
	for _, file := range []string{path, path + ".wal"} {
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("drop the old build database: %w", err)
		}
	}
	return nil
}

// Close gives everything back; the lock last.
func (w *Workspace) Close() error {
	var errs []error
	if w.DB != nil {
		errs = append(errs, w.DB.Close())
	}
	if w.State != nil {
		errs = append(errs, w.State.Close())
	}
	if w.lock != nil {
		errs = append(errs, w.lock.Close())
	}
	return errors.Join(errs...)
}

// SourceNames are the configured sources and their contracts.
func (w *Workspace) SourceNames() map[string]string {
	names := make(map[string]string, len(w.Env.Site.Sources))
	for _, source := range w.Env.Site.Sources {
		names[source.Name] = source.Contract
	}
	return names
}

// SortedContracts lists the contracts by reference.
func (w *Workspace) SortedContracts() []*contract.Contract { return ByReference(w.Contracts) }

// ByReference lists contracts by their reference.
func ByReference(contracts map[string]*contract.Contract) []*contract.Contract {
	list := make([]*contract.Contract, 0, len(contracts))
	for _, c := range contracts {
		list = append(list, c)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Ref() < list[j].Ref() })
	return list
}

// CheckPipelines refuses names of pipelines that do not exist.
func (w *Workspace) CheckPipelines(names []string) error {
	for _, name := range names {
		if _, ok := w.Pipelines[name]; ok {
			continue
		}
		known := make([]string, 0, len(w.Pipelines))
		for name := range w.Pipelines {
			known = append(known, name)
		}
		slices.Sort(known)
		return &ConfigurationError{fmt.Errorf("there is no pipeline %q: there are %s", name, strings.Join(known, ", "))}
	}
	return nil
}
