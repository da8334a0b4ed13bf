//go:build duckdb_arrow

package run_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	socialvalue "socialvalue"
	"socialvalue/internal/crashtest"
	"socialvalue/internal/demo"
	"socialvalue/internal/estimators"
	"socialvalue/internal/load"
	"socialvalue/internal/manifest"
	"socialvalue/internal/pipeline"
	"socialvalue/internal/query"
	"socialvalue/internal/run"
	"socialvalue/internal/runreport"
	"socialvalue/internal/site"
	"socialvalue/internal/verify"
	"socialvalue/internal/workspace"
)

const (
	// readerRole turns the test binary into the process that verifies a DuckDB file.
	readerRole = "reader"
	// readerDiesVariable kills that process before it reads anything.
	readerDiesVariable = "SVW_TEST_READER_DIES"
	// runRole turns it into a process that makes one run of the site in a folder.
	runRole = "run"
)

func TestMain(m *testing.M) {
	os.Exit(crashtest.Main(m, map[string]func(string) error{readerRole: verifyFile, tinyRole: tinyInChild, runRole: runInChild}))
}

// verifyFile verifies the file that is the last argument of the process.
func verifyFile(string) error {
	if os.Getenv(readerDiesVariable) != "" {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	expect, err := verify.ReadExpect(os.Stdin)
	if err != nil {
		return err
	}
	return verify.DuckDB(context.Background(), os.Args[len(os.Args)-1], expect)
}

func runInChild(dir string) error {
	env, err := environment(dir, time.Now())
	if err != nil {
		return err
	}
	_, err = run.Run(context.Background(), env, run.Options{Trigger: "test"})
	return err
}

// environment is what a run in dir works with at that time.
func environment(dir string, now time.Time) (workspace.Environment, error) {
	return environmentOf(dir, now, socialvalue.Assets)
}

// environmentOf is the same with other built-in files.
func environmentOf(dir string, now time.Time, builtIn fs.FS) (workspace.Environment, error) {
	s, err := site.Load(dir)
	if err != nil {
		return workspace.Environment{}, err
	}
	files, err := s.Files(builtIn)
	if err != nil {
		return workspace.Environment{}, err
	}
	verifier, err := crashtest.Command(readerRole)
	if err != nil {
		return workspace.Environment{}, err
	}
	return workspace.Environment{
		Site: s, Files: files, Estimators: estimators.All(), Version: "test",
		Now:      func() time.Time { return now },
		Sleep:    func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Verifier: verifier,
	}, nil
}

// flow is a site on which runs are made, an hour apart.
type flow struct {
	dir     string
	now     time.Time
	builtIn fs.FS // empty: what the program carries
	asking  sync.Mutex
}

// environment is what a run of the flow works with.
func (f *flow) environment() (workspace.Environment, error) {
	if f.builtIn == nil {
		return environment(f.dir, f.now)
	}
	return environmentOf(f.dir, f.now, f.builtIn)
}

// newFlow makes the demonstration's site.
func newFlow(t testing.TB) *flow {
	t.Helper()
	f := &flow{dir: t.TempDir(), now: time.Date(2025, time.July, 1, 2, 30, 0, 0, time.UTC)}
	if err := demo.Prepare(f.dir, socialvalue.Assets); err != nil {
		t.Fatal(err)
	}
	return f
}

// newSmallFlow makes it with geography and spend alone, three months of one body and a quarter of the other.
func newSmallFlow(t testing.TB) *flow {
	t.Helper()
	f := newFlow(t)
	f.keepPipelines(t, "geography", "spend")
	keep := []string{"lcrca_ledger_2022-04.csv", "lcrca_ledger_2022-05.csv", "lcrca_ledger_2022-06.csv", "mt_payments_2022-23_Q1.csv"}
	for _, name := range f.glob(t, "drop/spend/*/*.csv") {
		if !slices.Contains(keep, filepath.Base(name)) {
			f.remove(t, name)
		}
	}
	return f
}

// keepPipelines leaves nothing of the demonstration but these, each with its part
// of svw.yaml.
func (f *flow) keepPipelines(t testing.TB, kept ...string) {
	t.Helper()
	f.disableAllBut(t, kept...)
	parts := strings.Split(f.read(t, "svw.yaml"), "  # ---- ")
	settings := parts[0]
	for _, part := range parts[1:] {
		heading, _, _ := strings.Cut(part, "\n")
		if name, _, _ := strings.Cut(heading, ":"); slices.Contains(kept, name) {
			settings += "  # ---- " + part
		}
	}
	f.write(t, "svw.yaml", settings)
}

// disableAllBut has the site do without the other pipelines: flows that are about
// the engine need not build three hundred relations.
func (f *flow) disableAllBut(t testing.TB, kept ...string) {
	t.Helper()
	disabled, err := pipeline.AllBut(socialvalue.Assets, kept...)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range disabled {
		f.write(t, name, string(text))
	}
}

// try makes one run.
func (f *flow) try(ctx context.Context, options run.Options) (*runreport.Report, error) {
	env, err := f.environment()
	if err != nil {
		return nil, err
	}
	f.now = f.now.Add(time.Hour)
	return run.Run(ctx, env, options)
}

// run makes one run that succeeds, though it may refuse or hold something.
func (f *flow) run(t testing.TB) *runreport.Report {
	t.Helper()
	report, err := f.try(t.Context(), run.Options{Trigger: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// clone is a second site in the same state. What is never written again is
// shared: a file under another inode would be a new file to a run.
func (f *flow) clone(t testing.TB) *flow {
	t.Helper()
	twin := &flow{dir: t.TempDir(), now: f.now, builtIn: f.builtIn}
	err := filepath.WalkDir(f.dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(f.dir, name)
		if err != nil {
			return err
		}
		target := filepath.Join(twin.dir, relative)
		top := strings.Split(filepath.ToSlash(relative), "/")
		written := top[0] == site.FileName || len(top) > 1 && top[0] == "warehouse" && (top[1] == "build" || top[1] == "state")
		switch {
		case entry.IsDir():
			return os.MkdirAll(target, 0o750)
		case entry.Type() == fs.ModeSymlink:
			link, err := os.Readlink(name)
			if err != nil {
				return err
			}
			return os.Symlink(link, target)
		case written:
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			return os.WriteFile(target, data, 0o640)
		}
		return os.Link(name, target)
	})
	if err != nil {
		t.Fatal(err)
	}
	return twin
}

func (f *flow) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

func (f *flow) glob(t testing.TB, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(f.path(pattern))
	if err != nil || len(found) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(found), err)
	}
	names := make([]string, len(found))
	for i, name := range found {
		names[i], _ = filepath.Rel(f.dir, name)
	}
	return names
}

// write puts a file into the site, delivered long enough ago to be taken in. It
// never writes through a link that clones share.
func (f *flow) write(t testing.TB, name, text string) {
	t.Helper()
	target := f.path(name)
	if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(target); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(target, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	delivered := f.now.Add(-time.Minute)
	if err := os.Chtimes(target, delivered, delivered); err != nil {
		t.Fatal(err)
	}
}

func (f *flow) read(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(f.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func (f *flow) remove(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := os.RemoveAll(f.path(name)); err != nil {
			t.Fatal(err)
		}
	}
}

// configure replaces a text of svw.yaml.
func (f *flow) configure(t testing.TB, old, replacement string) {
	t.Helper()
	text := f.read(t, site.FileName)
	if !strings.Contains(text, old) {
		t.Fatalf("%s has no %q", site.FileName, old)
	}
	f.write(t, site.FileName, strings.Replace(text, old, replacement, 1))
}

// keepSources leaves only the sources that fit in svw.yaml.
func (f *flow) keepSources(t testing.TB, fits func(name string) bool) {
	t.Helper()
	head, list, found := strings.Cut(f.read(t, site.FileName), "\nsources:\n")
	if !found {
		t.Fatal("no sources")
	}
	var kept strings.Builder
	for _, source := range strings.Split(list, "  - name: ")[1:] {
		name, _, _ := strings.Cut(source, "\n")
		if fits(name) {
			kept.WriteString("  - name: " + source)
		}
	}
	f.write(t, site.FileName, head+"\nsources:\n"+kept.String())
}

// hashes are the Parquet and CSV files of the current release, without those of
// meta tables that tell of the run; meta.calendar is a dataset like any other.
func (f *flow) hashes(t testing.TB) map[string]string {
	t.Helper()
	current, err := filepath.EvalSymlinks(f.path("warehouse/releases/current"))
	if err != nil {
		t.Fatal(err)
	}
	all := fileHashes(t, current)
	for name := range all {
		dataset := filepath.Base(filepath.Dir(name))
		ext := filepath.Ext(name)
		if (ext != ".parquet" && ext != ".csv") || (strings.HasPrefix(dataset, "meta.") && dataset != "meta.calendar") {
			delete(all, name)
		}
	}
	if len(all) < 10 {
		t.Fatalf("the release in %s has only %d files", current, len(all))
	}
	return all
}

// fileHashes are the files below a folder.
func fileHashes(t testing.TB, dir string) map[string]string {
	t.Helper()
	hashes := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		relative, err := filepath.Rel(dir, name)
		hashes[filepath.ToSlash(relative)] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hashes
}

// ask answers a question from the current release, one at a time: within a process a file of a release is open once, and locked
// against settings.
func (f *flow) ask(t testing.TB, place, question string) query.Answer {
	t.Helper()
	f.asking.Lock()
	defer f.asking.Unlock()
	db, err := query.Open(t.Context(), f.path("warehouse/releases/current/"+manifest.DatabasePath(place)), query.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := db.Ask(t.Context(), question)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return answer
}

// texts are the rows of an answer, each joined by a space; no value is a dot.
func (f *flow) texts(t testing.TB, place, question string) []string {
	t.Helper()
	var lines []string
	for _, row := range f.ask(t, place, question).Rows {
		cells := make([]string, len(row))
		for i, value := range row {
			cells[i] = value.Text
			if value.Null {
				cells[i] = "·"
			}
		}
		lines = append(lines, strings.Join(cells, " "))
	}
	return lines
}

// loads are the notes of all loads in the store, by file.
func (f *flow) loads(t testing.TB) map[string]load.Record {
	t.Helper()
	records := map[string]load.Record{}
	for _, name := range f.glob(t, "warehouse/store/_loads/*.json") {
		var record load.Record
		if err := json.Unmarshal([]byte(f.read(t, name)), &record); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		records[record.File] = record
	}
	return records
}

// builtIn is the text of a file that the program carries.
func builtIn(name string) (string, error) {
	data, err := socialvalue.Assets.ReadFile(name)
	return string(data), err
}

// modelsBy are the relations of a report with a status, sorted.
func modelsBy(report *runreport.Report, status string) []string {
	var relations []string
	for _, m := range report.Models {
		if m.Status == status {
			relations = append(relations, m.Relation)
		}
	}
	slices.Sort(relations)
	return relations
}

// filesBy are the files of a report with a status, sorted.
func filesBy(report *runreport.Report, status runreport.FileStatus) []string {
	var files []string
	for _, file := range report.Files {
		if file.Status == status {
			files = append(files, file.File)
		}
	}
	slices.Sort(files)
	return files
}
