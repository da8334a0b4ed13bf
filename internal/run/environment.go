package run

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"time"

	"socialvalue/internal/contract"
	"socialvalue/internal/estimator"
	"socialvalue/internal/layout"
	"socialvalue/internal/pseudonym"
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
	Call       Call
}

// Call is how the program was called, for the journal.
type Call struct {
	Trigger string // what started it, for example "hand"
	Args    []string
}

// secret fetches a secret of the site.
func (e Environment) secret(where site.Secret) (string, error) {
	environ := e.Environ
	if environ == nil {
		environ = func(string) (string, bool) { return "", false }
	}
	secret, err := where.Read(e.Site.Root, environ)
	return string(secret), err
}

func (e Environment) progress(stage, subject string) {
	if e.Progress != nil {
		e.Progress(stage, subject)
	}
}

// databaseOptions are the site's limits for DuckDB.
func (e Environment) databaseOptions() warehouse.Options {
	return warehouse.Options{
		MemoryLimit: e.Site.DuckDB.MemoryLimit.Text, Threads: e.Site.DuckDB.Threads,
		TempDir: e.Site.Warehouse.Temp(), TempLimit: e.Site.DuckDB.TempLimit.Text,
	}
}

// besideRuns are the limits of a database that takes no lock: its temporary files
// do not lie in the warehouse, where the next run would clear them away.
func (e Environment) besideRuns() warehouse.Options {
	options := e.databaseOptions()
	options.TempDir = ""
	return options
}

// configured are the sources the site has.
func (e Environment) configured() map[string]bool {
	names := make(map[string]bool, len(e.Site.Sources))
	for _, source := range e.Site.Sources {
		names[source.Name] = true
	}
	return names
}

// Options says what one run does.
type Options struct {
	Pipelines []string  // take in the files of these only; empty: of all
	From, To  time.Time // take in files whose claimed period touches these days only; zero: all
	Full      bool      // read every file again and build every relation
	Trigger   string    // what started the run, for example "hand"
	Args      []string  // as it was called, for the journal

	window *window // of a backfill: read the files again that claim days in it, and no others
}

// outside says why a file that claims a period is not asked for; empty when it
// is, or claims none.
func (o Options) outside(claim site.Claim) string {
	switch {
	case !claim.HasPeriod():
	case !o.From.IsZero() && !claim.PeriodEnd.After(o.From):
		return "its name claims days before --from " + o.From.Format(time.DateOnly)
	case !o.To.IsZero() && claim.PeriodStart.After(o.To):
		return "its name claims days after --to " + o.To.Format(time.DateOnly)
	}
	return ""
}

// sourceDigest identifies everything in the configuration that decides how the
// files of a source are read: under another digest they are looked at again. Where
// the site lies and where in svw.yaml the source stands decide nothing.
func (e Environment) sourceDigest(source site.Source, c *contract.Contract, key *pseudonym.Key) (string, error) {
	contractDigest, err := c.Digest()
	if err != nil {
		return "", err
	}
	keyID := ""
	if key != nil {
		keyID = key.ID()
	}
	text, err := json.Marshal(struct {
		Contract, Limits, Defaults any
		Name, Ref, Body, From      string
		Overlap                    site.Overlap
		Layouts                    []layout.Layout
		Set                        map[string]string
		UnlockedBy                 site.Secret // where it is kept, never itself
		Naming, Key                string
		Sheets                     string `json:",omitempty"`
	}{
		contractDigest, c.Limits, c.Layouts, source.Name, source.Contract, source.Body, below(e.Site, source.From),
		source.Overlap, source.Layouts, source.Set, source.Password, source.Naming(), keyID, source.Sheets,
	})
	if err != nil {
		return "", fmt.Errorf("digest source %s: %w", source.Name, err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}
