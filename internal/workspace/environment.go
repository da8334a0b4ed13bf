package workspace

import (
	"context"
	"io/fs"
	"time"

	"socialvalue/internal/estimator"
	"socialvalue/internal/site"
	"socialvalue/internal/warehouse"
)

// Environment is everything a run works with and on. Clock, waiting and the
// command that verifies files are given, so that a run can be repeated.
type Environment struct {
	Site       *site.Site
	Files      fs.FS // the built-in tree with the site's own files laid over it
	Estimators estimator.Registry
	Version    string // of the program
	Now        func() time.Time
	Sleep      func(ctx context.Context, d time.Duration) error
	Environ    func(name string) (string, bool) // looks an environment variable up; nil: there are none
	Verifier   []string                         // command that verifies a released DuckDB file, see release.Composer
	Progress   func(stage, subject string)      // nil: nobody watches
	Group      func(name string) (int, error)   // looks up a group of this machine that may be given files; nil: the machine
}

// ReadSecret fetches a secret of the site.
func (e Environment) ReadSecret(where site.Secret) (string, error) {
	environ := e.Environ
	if environ == nil {
		environ = func(string) (string, bool) { return "", false }
	}
	secret, err := where.Read(e.Site.Root, environ)
	return string(secret), err
}

// Tell tells whoever watches what is being done.
func (e Environment) Tell(stage, subject string) {
	if e.Progress != nil {
		e.Progress(stage, subject)
	}
}

// DatabaseOptions are the site's limits for DuckDB.
func (e Environment) DatabaseOptions() warehouse.Options {
	return warehouse.Options{
		MemoryLimit: e.Site.DuckDB.MemoryLimit.Text, Threads: e.Site.DuckDB.Threads,
		TempDir: e.Site.Warehouse.Temp(), TempLimit: e.Site.DuckDB.TempLimit.Text,
	}
}

// BesideRuns are the limits of a database that takes no lock: its temporary files
// do not lie in the warehouse, where the next run would clear them away.
func (e Environment) BesideRuns() warehouse.Options {
	options := e.DatabaseOptions()
	options.TempDir = ""
	return options
}

// Configured are the sources the site has.
func (e Environment) Configured() map[string]bool {
	names := make(map[string]bool, len(e.Site.Sources))
	for _, source := range e.Site.Sources {
		names[source.Name] = true
	}
	return names
}
