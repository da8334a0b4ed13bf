package model

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"socialvalue/internal/estimator"
	"socialvalue/internal/sqlast"
	"socialvalue/internal/strictyaml"
	"socialvalue/internal/warehouse"
)

// LoadOptions say what a project may rely on.
type LoadOptions struct {
	// Outside are the relations that are read and not made by the project, with their columns: raw.* of the contracts,
	// site.* and, for meta.*, those of the engine's own schema _svw.
	Outside map[string][]Column
	// Personal names, for relations of Outside that come from a feed about people, its personal columns, also those that
	// the relation does not hold; none where the feed as a whole is said to be about people.
	Personal map[string][]string
	// Estimators are those that models may name.
	Estimators estimator.Registry
	// Disabled are relations of Outside that the site disabled: they are not there, and what hangs on them is left out.
	Disabled []string
	// DB lends its parser; without it a database in memory is opened for the purpose.
	DB *warehouse.DB
	// Cache, when there is one, spares texts that were read before.
	Cache Cache
	// Engine is the version of this program; what another one found in a text is not believed.
	Engine string
}

// Load reads and checks everything under sql/. The error is Problems when files are at fault: all of them together.
func Load(ctx context.Context, fsys fs.FS, options LoadOptions) (*Project, error) {
	l := &loader{
		fsys: fsys, options: options, docs: make(map[string]*strictyaml.Doc), disabled: make(map[string]bool),
		unread:        make(map[string]bool),
		leftOut:       make(map[string]bool),
		doubleColumns: make(map[string]map[string]bool),
		project:       &Project{Nodes: make(map[string]*Node), Macros: make(map[string]*Macro), Outside: options.Outside},
	}
	if err := l.readFiles(); err != nil {
		return nil, err
	}
	if err := l.addRows(); err != nil {
		return nil, err
	}
	if err := l.parse(ctx); err != nil {
		return nil, err
	}
	l.leaveOut()
	if l.composeUnions(); len(l.unions) > 0 {
		if err := l.parse(ctx); err != nil {
			return nil, err
		}
	}
	if err := l.remember(ctx); err != nil {
		return nil, err
	}
	l.resolve()
	if problems := l.finish(); len(problems) > 0 {
		return nil, problems
	}
	return l.project, nil
}

type loader struct {
	fsys     fs.FS
	options  LoadOptions
	project  *Project
	problems Problems
	early    map[string]*early
	docs     map[string]*strictyaml.Doc // by file; what is wrong in them is collected last
	disabled map[string]bool            // relations a site switched off
	unread   map[string]bool            // relations whose YAML could not be read
	leftOut  map[string]bool            // relations, checks.* and queries.* that hang on what the site disabled
	reading  string                     // what is read at the moment, by the name of its folder and its own
	pieces   []piece
	checks   []laterCheck
	unions   []*Node
	added    []addition

	doubleColumns map[string]map[string]bool
	types         string                       // digest of which columns are DOUBLE
	kept          map[string]*sqlast.Statement // what the cache had, once it was asked
	asked         bool                         // whether DuckDB was asked for more
}

// laterCheck is one that is put off until all files are read.
type laterCheck struct {
	of  string // whose it is
	run func()
}

// piece is one text of SQL and where it is from.
type piece struct {
	of     string // whose it is: schema.name, checks.name or queries.name
	spare  func() // does without it where it reads what was left out; nil: then all it is of is left out
	text   string
	parsed string // what DuckDB is given, when not the text itself
	rules  string // what the rules it is read by hang on besides types
	report func(problem sqlast.Problem)
	read   func(tree string) *sqlast.Statement
	accept func(statement *sqlast.Statement) // called once all pieces are read
	found  *sqlast.Statement

	unsound bool // it cannot be parsed, which was reported
}

func (l *loader) fail(file string, format string, args ...any) {
	l.problems = append(l.problems, Problem{File: file, Text: fmt.Sprintf(format, args...)})
}

// failAt reports a mistake at an offset of a file's text.
func (l *loader) failAt(file, text string) func(sqlast.Problem) {
	return func(p sqlast.Problem) {
		line, column := sqlast.Position(text, p.Offset)
		l.problems = append(l.problems, Problem{file, line, column, p.Text})
	}
}

// readFiles reads every file under sql/ and hands it to the reader of its kind.
func (l *loader) readFiles() error {
	folders, err := fs.ReadDir(l.fsys, "sql")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list sql: %w", err)
	}
	groups := make(map[string]map[string]map[string]string, len(folders))
	var specs []string
	for _, folder := range folders {
		name := folder.Name()
		if !folder.IsDir() {
			if !isAside(name) {
				l.fail("sql/"+name, "not in a folder: a model is sql/<schema>/<name>.sql")
			}
			continue
		}
		if groups[name], err = l.group("sql/" + name); err != nil {
			return err
		}
		for _, files := range groups[name] {
			if spec := files[".yaml"]; spec != "" && name != "ref" && name != "checks" {
				specs = append(specs, spec)
			}
		}
	}
	l.readEarly(specs)
	for _, name := range sortedKeys(groups) {
		for _, stem := range sortedKeys(groups[name]) {
			if err := l.readOne(name, stem, groups[name][stem]); err != nil {
				return err
			}
		}
	}
	return nil
}

// early is a model's YAML, decoded before its turn.
type early struct {
	spec    Spec
	doc     *strictyaml.Doc
	unread  error // the file could not be read
	unsound error // it is no YAML
}

// readEarly decodes the YAML of models side by side: they are hundreds, and that is a third of reading a project.
func (l *loader) readEarly(files []string) {
	decoded := make([]*early, len(files))
	var together errgroup.Group
	together.SetLimit(runtime.GOMAXPROCS(0))
	for i, file := range files {
		together.Go(func() error {
			decoded[i] = &early{}
			data, err := l.read(file)
			if err != nil {
				decoded[i].unread = err
				return nil
			}
			decoded[i].doc, decoded[i].unsound = strictyaml.Decode(file, data, &decoded[i].spec)
			return nil
		})
	}
	_ = together.Wait() // what is wrong is told when its turn comes
	l.early = make(map[string]*early, len(files))
	for i, file := range files {
		l.early[file] = decoded[i]
	}
}

// decodeSpec gives a model's YAML as decode does.
func (l *loader) decodeSpec(file string, spec *Spec) (*strictyaml.Doc, error) {
	ready := l.early[file]
	if ready == nil {
		return l.decode(file, spec)
	}
	if ready.unread != nil {
		return nil, ready.unread
	}
	*spec = ready.spec
	return l.sound(file, ready.doc, ready.unsound), nil
}

// group lists a folder's files by the name they share: extension → path.
func (l *loader) group(folder string) (map[string]map[string]string, error) {
	entries, err := fs.ReadDir(l.fsys, folder)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", folder, err)
	}
	files := make(map[string]map[string]string)
	for _, entry := range entries {
		name := entry.Name()
		file := path.Join(folder, name)
		extension := path.Ext(name)
		switch stem := strings.TrimSuffix(name, extension); {
		case isAside(name):
		case entry.IsDir():
			l.fail(file, "a folder in a schema's folder: put its files beside the others")
		case extension != ".sql" && extension != ".yaml" && (extension != ".csv" || folder != "sql/ref"):
			l.fail(file, "not a file of the project: models are .sql and .yaml, reference data .csv and .yaml in sql/ref")
		case !isName(stem) || isReserved(stem):
			l.fail(file, "the name is small letters, digits and _, and no SQL word")
		default:
			if files[stem] == nil {
				files[stem] = make(map[string]string)
			}
			files[stem][extension] = file
		}
	}
	return files, nil
}

// isAside says whether a file is for people or tools and not part of the project.
func isAside(name string) bool { return name == "README.md" || strings.HasPrefix(name, ".") }

// readOne reads the files that share a name in one folder.
func (l *loader) readOne(folder, stem string, files map[string]string) error {
	l.reading = folder + "." + stem
	switch folder {
	case "macros":
		return l.readMacroFile(stem, files)
	case "checks":
		return l.readCheckFile(stem, files)
	case "queries":
		return l.readQueryFile(stem, files)
	case "ref":
		return l.readReferenceFile(stem, files)
	case "raw", "site", "main", "temp", "system", "information_schema", "pg_catalog":
		for _, file := range files {
			l.fail(file, "%s.* is not made here: raw.* comes from contracts, site.* from the site file", folder)
		}
		return nil
	}
	if !isName(folder) || isReserved(folder) || strings.HasPrefix(folder, "_") {
		for _, file := range files {
			l.fail(file, "the folder's name is the schema: small letters, digits and _, and no SQL word")
		}
		return nil
	}
	return l.readModelFile(folder+"."+stem, files)
}

func (l *loader) read(file string) ([]byte, error) {
	data, err := fs.ReadFile(l.fsys, file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return data, nil
}

// decode reads a YAML file into out; nil when something in it could not be read, which is reported: the rest of the
// mistakes would only follow from that.
func (l *loader) decode(file string, out any) (*strictyaml.Doc, error) {
	data, err := l.read(file)
	if err != nil {
		return nil, err
	}
	doc, err := strictyaml.Decode(file, data, out)
	return l.sound(file, doc, err), nil
}

// sound keeps a document in which nothing is wrong so far; nil for another, whose mistakes it reports.
func (l *loader) sound(file string, doc *strictyaml.Doc, err error) *strictyaml.Doc {
	if err == nil {
		err = doc.Err()
	}
	if err != nil {
		l.problems.addYAML(file, err)
		return nil
	}
	l.docs[file] = doc
	return doc
}

// parse reads all pieces: those the cache knows from there, the others by having DuckDB parse them at once.
func (l *loader) parse(ctx context.Context) error {
	if l.kept == nil {
		var err error
		if l.kept, err = l.cached(ctx); err != nil {
			return err
		}
	}
	var texts []string
	var asked []*piece
	for i := range l.pieces {
		p := &l.pieces[i]
		if p.found != nil || p.unsound {
			continue
		}
		if problem := sqlast.Parsable(p.text); problem != nil {
			p.report(*problem)
			p.unsound = true
			continue
		}
		if p.found = l.kept[l.key(p)]; p.found == nil {
			texts = append(texts, cmp.Or(p.parsed, p.text))
			asked = append(asked, p)
		}
	}
	if len(texts) == 0 {
		return nil
	}
	trees, err := parseAll(ctx, l.options.DB, texts)
	if err != nil {
		return err
	}
	for i, p := range asked {
		p.found = p.read(trees[i])
	}
	l.asked = true
	return nil
}

func parseAll(ctx context.Context, db *warehouse.DB, texts []string) (trees []string, err error) {
	if db == nil {
		db, err = warehouse.Open(ctx, "", warehouse.Options{Threads: 1})
		if err != nil {
			return nil, fmt.Errorf("open the parser: %w", err)
		}
		defer func() { err = errors.Join(err, db.Close()) }()
	}
	trees, err = db.Texts(ctx, sqlast.SerialiseQuery(texts))
	if err != nil {
		return nil, fmt.Errorf("parse the project's SQL: %w", err)
	}
	return trees, nil
}

// finish collects what is wrong in all files.
func (l *loader) finish() Problems {
	for file, doc := range l.docs {
		if err := doc.Err(); err != nil {
			l.problems.addYAML(file, err)
		}
	}
	return l.problems.sorted()
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
