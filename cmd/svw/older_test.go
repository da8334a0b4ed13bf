package main

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	socialvalue "socialvalue"
	"socialvalue/internal/estimators"
	"socialvalue/internal/load"
	"socialvalue/internal/manifest"
	"socialvalue/internal/query"
	"socialvalue/internal/run"
	"socialvalue/internal/runreport"
	"socialvalue/internal/site"
	"socialvalue/internal/state"
	"socialvalue/internal/store"
	"socialvalue/internal/verify"
	"socialvalue/internal/workspace"
)

// What the older program wrote must come out the same; the breakdown by ownership came after it.
const (
	olderPayments   = "select body_code, document_ref, amount_gbp, line_key from spend.payments order by body_code, document_ref, line_key"
	olderLocalSpend = "select body_code, financial_year, breakdown, local_definition, spend_gbp, local_gbp, unknown_gbp from spend.local_spend where breakdown <> 'ownership' order by all"
)

// unpackOlder puts a stored site into a new folder.
func unpackOlder(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	file, err := os.Open(filepath.Join("testdata", name, "site.tar.zst"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	packed, err := zstd.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	entries := tar.NewReader(packed)
	type made struct {
		path string
		mode fs.FileMode
	}
	var folders []made
	for {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, filepath.Clean(header.Name))
		switch header.Typeflag {
		case tar.TypeDir:
			folders = append(folders, made{to, header.FileInfo().Mode().Perm()})
			err = os.MkdirAll(to, 0o750)
		case tar.TypeSymlink:
			err = os.Symlink(header.Linkname, to)
		case tar.TypeLink:
			err = os.Link(filepath.Join(dir, header.Linkname), to)
		default:
			var text []byte
			if text, err = io.ReadAll(entries); err == nil {
				err = os.WriteFile(to, text, 0o600)
			}
			err = errors.Join(err, os.Chtimes(to, header.ModTime, header.ModTime), os.Chmod(to, header.FileInfo().Mode().Perm()))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range slices.Backward(folders) {
		if err := os.Chmod(folder.path, folder.mode); err != nil {
			t.Fatal(err)
		}
	}
	folder := filepath.Join(dir, "site")
	mendOlder(t, folder)
	return folder
}

// mendOlder does what the program asks of whoever upgrades such a site: coverage is
// no key of a source any more.
func mendOlder(t *testing.T, dir string) {
	t.Helper()
	if _, err := site.Load(dir); err == nil || strings.Count(err.Error(), `unknown key "coverage": it is a column like any other; write set: {coverage: …}`) != 2 {
		t.Fatalf("the older svw.yaml: %v", err)
	}
	name := filepath.Join(dir, site.FileName)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	mended := strings.ReplaceAll(string(text), "    coverage: ledger\n", "    set: {coverage: ledger}\n")
	if err := os.WriteFile(name, []byte(mended), 0o600); err != nil {
		t.Fatal(err)
	}
}

func olderEnvironment(t *testing.T, dir string, now time.Time) workspace.Environment {
	t.Helper()
	s, err := site.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	files, err := s.Files(socialvalue.Assets)
	if err != nil {
		t.Fatal(err)
	}
	return workspace.Environment{
		Site: s, Files: files, Estimators: estimators.All(), Version: "newer",
		Now:   func() time.Time { return now },
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

// answerCSV is what the current release answers, as CSV.
func answerCSV(t *testing.T, dir, place, question string) string {
	t.Helper()
	db, err := query.Open(t.Context(), filepath.Join(dir, "warehouse/releases/current", manifest.DatabasePath(place)), query.Limits{})
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
	var b strings.Builder
	for _, row := range answer.Rows {
		cells := make([]string, len(row))
		for i, value := range row {
			cells[i] = value.Text
		}
		b.WriteString(strings.Join(cells, ",") + "\n")
	}
	return b.String()
}

// stored is the answer of the older version, without its header.
func stored(t *testing.T, name, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name, file))
	if err != nil {
		t.Fatal(err)
	}
	_, rows, _ := strings.Cut(string(text), "\n")
	return rows
}

// olderLoads are the records of a store, by file.
func olderLoads(t *testing.T, dir string) map[string][]load.Record {
	t.Helper()
	notes, err := store.New(filepath.Join(dir, "warehouse/store")).Loads()
	if err != nil {
		t.Fatal(err)
	}
	loads := map[string][]load.Record{}
	for _, id := range slices.Sorted(maps.Keys(notes)) {
		var r load.Record
		if err := json.Unmarshal(notes[id], &r); err != nil {
			t.Fatal(err)
		}
		loads[r.File] = append(loads[r.File], r)
	}
	return loads
}

// TestUpgradeOfAStoredSite runs this program on the site of an older one. Files
// in the drop folder are there or were taken away; either way no row is lost,
// none counts twice, keys and figures are the same, and what was released last
// stays and verifies.
func TestUpgradeOfAStoredSite(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"older"} {
		for what, prepare := range map[string]func(t *testing.T, dir string){
			"as it was left": func(*testing.T, string) {},
			"without its state and what was dropped": func(t *testing.T, dir string) {
				t.Helper()
				for _, gone := range []string{"drop", "warehouse/state"} {
					if err := os.RemoveAll(filepath.Join(dir, gone)); err != nil {
						t.Fatal(err)
					}
				}
			},
		} {
			t.Run(name+" "+what, func(t *testing.T) {
				t.Parallel()
				dir := unpackOlder(t, name)
				prepare(t, dir)
				upgrade(t, name, dir)
			})
		}
	}
}

func upgrade(t *testing.T, name, dir string) {
	t.Helper()
	before := olderLoads(t, dir)
	releases, err := filepath.Glob(filepath.Join(dir, "warehouse/releases/2*"))
	if err != nil || len(releases) != 2 {
		t.Fatalf("%v, %v", releases, err)
	}
	// A long time later: what the old program received is past its retention.
	now := time.Date(2027, 6, 1, 2, 30, 0, 0, time.UTC)
	for range 2 {
		now = now.Add(time.Hour)
		report, err := run.Run(t.Context(), olderEnvironment(t, dir, now), run.Options{Trigger: "test"})
		if err != nil {
			t.Fatal(err)
		}
		for _, model := range report.Models {
			if model.Status != runreport.StatusBuilt {
				t.Errorf("%+v", model)
			}
		}
	}
	if diff := cmp.Diff(stored(t, name, "payments.csv"), answerCSV(t, dir, "spend", olderPayments)); diff != "" {
		t.Errorf("payments (-older +now):\n%s", diff)
	}
	if diff := cmp.Diff(stored(t, name, "local_spend.csv"), answerCSV(t, dir, "open", olderLocalSpend)); diff != "" {
		t.Errorf("local spend (-older +now):\n%s", diff)
	}
	// Of a day, the last release is kept; the earlier one went by its age.
	for _, folder := range []string{releases[1], filepath.Join(dir, "warehouse/releases/current")} {
		if err := verify.Release(t.Context(), folder, nil); err != nil {
			t.Error(err)
		}
	}
	after := olderLoads(t, dir)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after))); diff != "" {
		t.Errorf("files loaded (-older +now):\n%s", diff)
	}
	for file, records := range before {
		active := slices.DeleteFunc(after[file], func(r load.Record) bool { return r.Status != load.StatusActive })
		if want := records[0].Status == load.StatusActive; (len(active) == 1) != want || len(active) > 1 {
			t.Errorf("%s: %d loads count; it counted before: %t", file, len(active), want)
		}
		if len(active) == 1 && (active[0].Rows != records[0].Rows || active[0].Quarantined != records[0].Quarantined) {
			t.Errorf("%s: %d rows and %d quarantined, before %d and %d", file, active[0].Rows, active[0].Quarantined, records[0].Rows, records[0].Quarantined)
		}
	}
	db, err := state.Open(t.Context(), filepath.Join(dir, "warehouse/state/state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // it was only read
	loads, err := db.Loads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, records := range after {
		n += len(records)
	}
	if len(loads) != n {
		t.Errorf("the state file tells of %d loads, the store of %d", len(loads), n)
	}
}
