//go:build duckdb_arrow

package run_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"socialvalue/internal/crashtest"
	"socialvalue/internal/load"
	"socialvalue/internal/run"
	"socialvalue/internal/runreport"
	"socialvalue/internal/site"
	"socialvalue/internal/state"
	"socialvalue/internal/upkeep"
	"socialvalue/internal/verify"
	"socialvalue/internal/warehouse"
	"socialvalue/internal/workspace"
)

const (
	// tinyRole turns the test binary into a process that makes one run of the tiny site in a folder.
	tinyRole = "tiny"
	// nowVariable is the time of that run.
	nowVariable = "SVW_TEST_NOW"
	// backupVariable makes it a backup to that place instead of a run.
	backupVariable = "SVW_TEST_BACKUP"
	// verbVariable makes it that verb on that load instead: revert, restore or replay, a space, the load's id.
	verbVariable = "SVW_TEST_VERB"
)

// tiny is a site of the tiny project, whose runs take a fraction of a second.
type tiny struct{ flow }

// newTiny makes an empty one.
func newTiny(t testing.TB) *tiny {
	t.Helper()
	y := &tiny{flow{dir: t.TempDir(), now: time.Date(2025, time.July, 1, 2, 30, 0, 0, time.UTC)}}
	_, text, err := tinyProject()
	if err != nil {
		t.Fatal(err)
	}
	y.write(t, site.FileName, text)
	return y
}

// tinyProject is the project and the site file of testdata/tiny.txtar.
func tinyProject() (fstest.MapFS, string, error) {
	archive, err := txtar.ParseFile(filepath.Join("testdata", "tiny.txtar"))
	if err != nil {
		return nil, "", err
	}
	files, text := fstest.MapFS{}, ""
	for _, file := range archive.Files {
		if file.Name == site.FileName {
			text = string(file.Data)
			continue
		}
		files[file.Name] = &fstest.MapFile{Data: file.Data}
	}
	return files, text, nil
}

func tinyEnvironment(dir string, now time.Time) (workspace.Environment, error) {
	env, err := environment(dir, now)
	if err != nil {
		return workspace.Environment{}, err
	}
	files, _, err := tinyProject()
	if err != nil {
		return workspace.Environment{}, err
	}
	env.Files, err = env.Site.Files(files)
	return env, err
}

// tinyInChild makes one run or one backup in a process of its own.
func tinyInChild(dir string) error {
	now, err := time.Parse(time.RFC3339, os.Getenv(nowVariable))
	if err != nil {
		return err
	}
	env, err := tinyEnvironment(dir, now)
	if err != nil {
		return err
	}
	if err := crashtest.LimitFiles(); err != nil {
		return err
	}
	if target := os.Getenv(backupVariable); target != "" {
		_, err := upkeep.Backup(context.Background(), env, target, upkeep.BackupOptions{Verify: true})
		return err
	}
	if verb, id, asked := strings.Cut(os.Getenv(verbVariable), " "); asked {
		return tinyVerb(context.Background(), env, verb, id)
	}
	report, err := run.Run(context.Background(), env, run.Options{Trigger: "test"})
	if err != nil {
		return err
	}
	for _, file := range report.Files {
		if file.Status == runreport.FileRefused {
			return fmt.Errorf("refused: %s", file.Reason)
		}
	}
	return nil
}

// tinyVerb changes which loads count, or reads one again.
func tinyVerb(ctx context.Context, env workspace.Environment, verb, id string) error {
	options := run.RevertOptions{Loads: []string{id}, By: "J. Smith", Reason: "a draft"}
	var err error
	switch verb {
	case "revert":
		_, err = run.Revert(ctx, env, options)
	case "restore":
		_, err = run.Restore(ctx, env, options)
	case "replay":
		_, err = run.Replay(ctx, env, run.ReplayOptions{Loads: []string{id}})
	default:
		err = fmt.Errorf("%s is no verb", verb)
	}
	return err
}

// child is such a process.
func (y *tiny) child(t testing.TB, more ...string) *exec.Cmd {
	t.Helper()
	return crashtest.Child(t, tinyRole, y.dir, append(more, nowVariable+"="+y.now.Format(time.RFC3339))...)
}

// run makes one run that succeeds.
func (y *tiny) run(t testing.TB) *runreport.Report {
	t.Helper()
	env, err := tinyEnvironment(y.dir, y.now)
	if err != nil {
		t.Fatal(err)
	}
	y.now = y.now.Add(time.Hour)
	report, err := run.Run(t.Context(), env, run.Options{Trigger: "test"})
	if err != nil {
		t.Fatal(err)
	}
	for _, model := range report.Models {
		if model.Status != runreport.StatusBuilt {
			t.Fatalf("%+v", model)
		}
	}
	return report
}

// line is one line of a generated file.
type line struct {
	ref   string
	pence int
}

// text is a file of lines.
func text(lines []line) string {
	var b strings.Builder
	b.WriteString("ref,day,amount_gbp\n")
	for _, l := range lines {
		fmt.Fprintf(&b, "%s,2024-01-01,%d.%02d\n", l.ref, l.pence/100, l.pence%100)
	}
	return b.String()
}

// truth is what the lines that count add up to, by source.
type truth map[string][]line

func (w truth) totals() []string {
	var list []string
	for _, source := range []string{"added", "keyed", "monthly", "quarterly", "sliced"} {
		pence := 0
		for _, l := range w[source] {
			pence += l.pence
		}
		if n := len(w[source]); n > 0 {
			list = append(list, fmt.Sprintf("%s %d.%02d %d", source, pence/100, pence%100, n))
		}
	}
	return list
}

// totals are those of the current release.
func (y *tiny) totals(t testing.TB) []string {
	t.Helper()
	return y.texts(t, "open", "select source, amount_gbp, lines from tiny.total order by source")
}

// expectSound expects that the current release verifies and holds the truth,
// that build, store and state agree, and that nothing half done lies about.
func (y *tiny) expectSound(t *testing.T, want truth) {
	t.Helper()
	if err := verify.Release(t.Context(), y.path("warehouse/releases/current"), nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.totals(), y.totals(t)); diff != "" {
		t.Fatalf("lines that count (-want +got):\n%s", diff)
	}
	notes, objects := map[string]string{}, map[string]bool{}
	for _, name := range y.glob(t, "warehouse/store/_loads/*.json") {
		var r load.Record
		if err := json.Unmarshal([]byte(y.read(t, name)), &r); err != nil {
			t.Fatal(err)
		}
		notes[r.ID] = string(r.Status)
		objects[r.Relation+"/"+r.ObjectSHA256+".parquet"] = true
		if r.Quarantined > 0 {
			objects[load.QuarantineRelation+"/"+r.QuarantineSHA256+".parquet"] = true
		}
		if r.Rows+r.Quarantined+r.SkippedTotal() != r.Records {
			t.Errorf("%s: %d records, %d rows, %d quarantined, %d skipped", r.File, r.Records, r.Rows, r.Quarantined, r.SkippedTotal())
		}
		landed := y.path("warehouse/landing/" + r.Source + "/" + r.FileSHA256)
		_, err := os.Stat(landed)
		if past := y.now.After(r.ReceivedAt.AddDate(0, 0, 30)); past != (err != nil) || past != (r.LandingPurgedAt != nil) {
			t.Errorf("%s received %s: landed %v, purged at %v; it is %s", r.File, r.ReceivedAt, err, r.LandingPurgedAt, y.now)
		}
	}
	kept := map[string]bool{}
	for name := range storeFiles(t, &y.flow) {
		if !strings.HasPrefix(name, "_loads/") {
			kept[name] = true
		}
	}
	if diff := cmp.Diff(objects, kept); diff != "" {
		t.Errorf("objects of the store (-noted +there):\n%s", diff)
	}
	if diff := cmp.Diff(notes, y.stateLoads(t)); diff != "" {
		t.Errorf("loads of the state file (-store +state):\n%s", diff)
	}
	if diff := cmp.Diff(notes, y.buildLoads(t)); diff != "" {
		t.Errorf("loads of the build database (-store +build):\n%s", diff)
	}
	expectOnePointer(t, &y.flow)
	err := filepath.WalkDir(y.path("warehouse"), func(path string, d fs.DirEntry, err error) error {
		// A release that failed verification stays for inspection.
		if err == nil && strings.HasPrefix(d.Name(), ".") && !strings.HasPrefix(d.Name(), ".failed-") {
			t.Errorf("%s is left", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (y *tiny) stateLoads(t testing.TB) map[string]string {
	t.Helper()
	db, err := state.Open(t.Context(), y.path("warehouse/state/state.db"))
	if err != nil {
		t.Fatal(err)
	}
	loads, err := db.Loads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	status := map[string]string{}
	for _, l := range loads {
		if status[l.ID] != "" {
			t.Errorf("load %s is there twice", l.ID)
		}
		status[l.ID] = l.Status
	}
	return status
}

func (y *tiny) buildLoads(t testing.TB) map[string]string {
	t.Helper()
	db, err := warehouse.Open(t.Context(), y.path("warehouse/build/build.duckdb"), warehouse.Options{MemoryLimit: "512MB", Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	pairs, err := db.Texts(t.Context(), "select load_id || ' ' || status from _svw.loads")
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	status := map[string]string{}
	for _, pair := range pairs {
		id, s, _ := strings.Cut(pair, " ")
		status[id] = s
	}
	return status
}
