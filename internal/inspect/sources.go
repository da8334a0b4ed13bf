package inspect

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"socialvalue/internal/contract"
	"socialvalue/internal/documents"
	"socialvalue/internal/intake"
	"socialvalue/internal/landing"
	"socialvalue/internal/layout"
	"socialvalue/internal/load"
	"socialvalue/internal/nearest"
	"socialvalue/internal/preview"
	"socialvalue/internal/pseudonym"
	"socialvalue/internal/site"
	"socialvalue/internal/warehouse"
	"socialvalue/internal/workspace"
)

// ListedSource is one source of the site and how it stands.
type ListedSource struct {
	SourceStatus
	From     string `json:"from"`
	Matching int    `json:"files_matching"` // on the disk at this moment
}

// Sources lists the site's sources. It can be asked during a run.
func Sources(ctx context.Context, env workspace.Environment) ([]ListedSource, error) {
	standing, err := Status(ctx, env)
	if err != nil {
		return nil, err
	}
	list := make([]ListedSource, 0, len(env.Site.Sources))
	for _, source := range env.Site.Sources {
		listed := ListedSource{From: intake.Below(env.Site, source.From), SourceStatus: SourceStatus{Source: source.Name, Contract: source.Contract}}
		for _, status := range standing.Sources {
			if status.Source == source.Name {
				listed.SourceStatus = status
			}
		}
		listed.Matching = len(intake.Matching(env.Site, source).Found)
		list = append(list, listed)
	}
	return list, nil
}

// TestSource judges the first rows of the files of a source as a run would, all
// of them when most is 0, and keeps nothing. It takes no lock.
func TestSource(ctx context.Context, env workspace.Environment, name string, most int64) (trials []load.Trial, err error) {
	source, ok := env.Site.Source(name)
	if !ok {
		return nil, noSuchSource(env.Site, name)
	}
	contracts, _, err := workspace.Definitions(env)
	if err != nil {
		return nil, err
	}
	listing := intake.Matching(env.Site, source)
	b, err := openBench(ctx, env)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	trials = []load.Trial{}
	for _, trouble := range listing.Errors {
		trials = append(trials, load.Trial{File: intake.Below(env.Site, source.From), Refused: trouble.Error()})
	}
	for _, file := range listing.Found {
		documents, err := b.documentsOf(ctx, source, file.Name, file.Path)
		if err != nil {
			if refused := refusedWhole(file.Name, err); refused != nil {
				trials = append(trials, *refused)
				continue
			}
			return trials, err
		}
		for _, document := range documents {
			env.Tell("test", document.Name)
			trial, err := b.try(ctx, source, contracts[source.Contract], document, most)
			if err != nil {
				return trials, err
			}
			trials = append(trials, trial)
		}
	}
	return trials, nil
}

func noSuchSource(s *site.Site, name string) error {
	names := make([]string, len(s.Sources))
	for i, source := range s.Sources {
		names[i] = source.Name
	}
	if meant := nearest.Of(name, names); meant != "" {
		return &workspace.ConfigurationError{Err: fmt.Errorf("there is no source %q: did you mean %s?", name, meant)}
	}
	return &workspace.ConfigurationError{Err: fmt.Errorf("there is no source %q: there are %s", name, strings.Join(names, ", "))}
}

// refusedWhole makes what is wrong with a file as such a trial; nil when the
// trouble is the machine's.
func refusedWhole(name string, err error) *load.Trial {
	refusal := intake.RefusalOf(err)
	if refusal == nil && (errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist)) {
		refusal = &load.Refusal{File: name, Reason: "it cannot be read: " + err.Error()}
	}
	if refusal == nil {
		return nil
	}
	return &load.Trial{File: name, Refused: refusal.Error(), Differences: refusal.Differences}
}

// PreviewFile looks at a file that need not belong to the site: what its columns
// hold and which layout would read it. ref names the contract; empty: the one
// that fits best.
func PreviewFile(ctx context.Context, env workspace.Environment, file, ref string) (shown *preview.Preview, err error) {
	contracts, err := contract.LoadAll(env.Files)
	if err != nil {
		return nil, &workspace.ConfigurationError{Err: err}
	}
	request := preview.Request{File: file, Contracts: contracts}
	if ref != "" {
		if request.Contract = contracts[ref]; request.Contract == nil {
			return nil, noSuchContract(contracts, ref)
		}
	}
	b, err := openBench(ctx, env)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	documents, err := b.documents(ctx, "preview", file, file)
	if err != nil {
		return nil, &workspace.ConfigurationError{Err: err}
	}
	request.File = documents[0].Name
	shown, err = preview.Look(ctx, func(ctx context.Context, format landing.Format) (landing.Glimpse, error) {
		return b.loader.Glimpse(ctx, documents[0], format)
	}, request)
	if err != nil {
		return nil, &workspace.ConfigurationError{Err: err}
	}
	if len(documents) > 1 {
		shown.Notes = append(shown.Notes, fmt.Sprintf("the archive holds %d documents; this is the first", len(documents)))
	}
	return shown, nil
}

func noSuchContract(contracts map[string]*contract.Contract, ref string) error {
	names := slices.Sorted(maps.Keys(contracts))
	if meant := nearest.Of(ref, names); meant != "" {
		return &workspace.ConfigurationError{Err: fmt.Errorf("there is no contract %q: did you mean %s?", ref, meant)}
	}
	return &workspace.ConfigurationError{Err: fmt.Errorf("there is no contract %q: there are %s", ref, strings.Join(names, ", "))}
}

// Difference compares two contracts, each named by pipeline/contract (as the
// site has it) or by the path of a YAML file. Without the second, the built-in
// contract is compared with the site's.
func Difference(env workspace.Environment, builtIn fs.FS, before, after string) ([]layout.Difference, error) {
	files := builtIn
	if after == "" {
		after = before
	} else {
		files = env.Files
	}
	older, err := contractAt(files, before)
	if err != nil {
		return nil, err
	}
	newer, err := contractAt(env.Files, after)
	if err != nil {
		return nil, err
	}
	return contract.Compare(older, newer), nil
}

func contractAt(files fs.FS, name string) (*contract.Contract, error) {
	if filepath.Ext(name) == ".yaml" {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, &workspace.ConfigurationError{Err: fmt.Errorf("read the contract: %w", err)}
		}
		absolute, err := filepath.Abs(name)
		if err != nil {
			return nil, fmt.Errorf("read the contract: %w", err)
		}
		c, err := contract.Parse(filepath.ToSlash(absolute), text)
		if err != nil {
			return nil, &workspace.ConfigurationError{Err: err}
		}
		return c, nil
	}
	contracts, err := contract.LoadAll(files)
	if err != nil {
		return nil, &workspace.ConfigurationError{Err: err}
	}
	if contracts[name] == nil {
		return nil, noSuchContract(contracts, name)
	}
	return contracts[name], nil
}

// bench is what files are tried on: a database in memory and a folder for
// copies, both gone afterwards.
type bench struct {
	env     workspace.Environment
	db      *warehouse.DB
	work    string
	landing *landing.Store
	loader  *load.Loader
}

func openBench(ctx context.Context, env workspace.Environment) (*bench, error) {
	work, err := os.MkdirTemp("", "svw-try-*")
	if err != nil {
		return nil, fmt.Errorf("make a folder for trying files: %w", err)
	}
	b := &bench{env: env, work: work, landing: landing.NewStore(work, landing.DefaultLimits())}
	options := warehouse.Options{Threads: 2, TempDir: work}
	if env.Site != nil {
		options.MemoryLimit, options.Threads, options.TempLimit = env.Site.DuckDB.MemoryLimit.Text, env.Site.DuckDB.Threads, env.Site.DuckDB.TempLimit.Text
	}
	if b.db, err = warehouse.Open(ctx, "", options); err != nil {
		return nil, errors.Join(err, os.RemoveAll(work))
	}
	b.loader = &load.Loader{DB: b.db, WorkDir: work, Now: env.Now}
	return b, nil
}

func (b *bench) close() error { return errors.Join(b.db.Close(), os.RemoveAll(b.work)) }

// documents opens a file where it lies.
func (b *bench) documents(ctx context.Context, source, name, path string) ([]landing.Document, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	contents, err := b.landing.Open(ctx, landing.Landed{Source: source, Name: name, Path: path, Size: info.Size(), ModTime: info.ModTime()})
	return contents.Documents, err
}

// documentsOf opens a file as its source reads it.
func (b *bench) documentsOf(ctx context.Context, source site.Source, name, path string) ([]landing.Document, error) {
	found, err := b.documents(ctx, source.Name, name, path)
	if err != nil {
		return nil, err
	}
	contents, err := intake.SheetsOf(ctx, source, documents.Options{WorkDir: b.work, Password: intake.LoadSource(b.env, source, nil, nil).Password}, landing.Contents{Documents: found})
	return contents.Documents, err
}

func (b *bench) try(ctx context.Context, source site.Source, c *contract.Contract, document landing.Document, most int64) (load.Trial, error) {
	file, _, err := intake.Claimed(source, document)
	if err != nil {
		return load.Trial{File: document.Name, Refused: err.Error()}, nil
	}
	from := intake.LoadSource(b.env, source, c, nil)
	if c.NeedsKey() {
		if from.Key, err = throwawayKey(); err != nil {
			return load.Trial{}, err
		}
	}
	return b.loader.Try(ctx, from, file, document, most)
}

// throwawayKey stands in for the key of a feed about people: what is tried is
// not kept, so trying needs none that could turn a pseudonym back.
func throwawayKey() (*pseudonym.Key, error) {
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return nil, fmt.Errorf("make a key to try files with: %w", err)
	}
	key, err := pseudonym.New([]byte(hex.EncodeToString(secret)), pseudonym.Scope{Context: "trial", Version: 1})
	if err != nil {
		return nil, fmt.Errorf("make a key to try files with: %w", err)
	}
	return key, nil
}
