//go:build duckdb_arrow

package run_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/inspect"
	"socialvalue/internal/run"
	"socialvalue/internal/runreport"
	"socialvalue/internal/upkeep"
	"socialvalue/internal/warehouse"
)

// loseNote takes away the note of the load of a file and the build database,
// which alone knows the load besides. It returns the note's path and text.
func (f *flow) loseNote(t testing.TB, file string) (name, text string) {
	t.Helper()
	name = "warehouse/store/_loads/" + f.loadOf(t, file).ID + ".json"
	text = f.read(t, name)
	f.remove(t, name, "warehouse/build")
	return name, text
}

// record are the objects of the store by their hash, wherever they lie.
func (f *flow) record(t testing.TB) map[string]bool {
	t.Helper()
	record := map[string]bool{}
	for name := range fileHashes(t, f.path("warehouse/store")) {
		if strings.HasSuffix(name, ".parquet") {
			record[filepath.Base(name)] = true
		}
	}
	return record
}

func (f *flow) asideObjects(t testing.TB) []runreport.AsideObject {
	t.Helper()
	env, err := f.environment()
	if err != nil {
		t.Fatal(err)
	}
	standing, err := inspect.Status(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	return standing.Aside
}

// TestALostNote deletes the build database and a note, as a person may who
// clears up, and runs: no accepted row is lost (architecture §2.4, §7.2).
func TestALostNote(t *testing.T) {
	t.Parallel()
	base := newTinyFlow(t)
	base.write(t, february, februaryText)
	base.run(t)
	rows := base.released(t)
	record := base.record(t)
	if rows == "" || len(record) != 3 { // January, February, and what of February is wrong
		t.Fatalf("released %q, %d objects", rows, len(record))
	}
	nothingAside := func(t *testing.T, f *flow) {
		t.Helper()
		if aside := f.asideObjects(t); len(aside) > 0 {
			t.Errorf("aside: %v", aside)
		}
		if _, err := os.Stat(f.path("warehouse/store/aside")); !os.IsNotExist(err) {
			t.Errorf("the folder stays: %v", err)
		}
		if got := f.released(t); got != rows {
			t.Errorf("released %s, want %s", got, rows)
		}
		if diff := cmp.Diff(record, f.record(t)); diff != "" {
			t.Errorf("objects of the store (-before +after):\n%s", diff)
		}
		if got := f.quarantined(t, february); len(got) != 2 {
			t.Errorf("quarantine: %v", got)
		}
	}

	t.Run("the file is still there", func(t *testing.T) {
		t.Parallel()
		f := base.clone(t)
		f.loseNote(t, february)
		report := f.run(t)
		nothingAside(t, f)
		if len(report.Lost) != 1 || !report.Refused() || report.Lost[0].File != february || !strings.Contains(report.Lost[0].String(), "copy it from a backup") {
			t.Errorf("lost: %v; refused %t", report.Lost, report.Refused())
		}
		if again := f.run(t); len(again.Lost) > 0 || again.Refused() {
			t.Errorf("the next run: %v", again.Lost)
		}
	})

	t.Run("the note alone is lost", func(t *testing.T) {
		t.Parallel()
		f := base.clone(t)
		f.remove(t, "warehouse/store/_loads/"+f.loadOf(t, february).ID+".json", february)
		f.run(t)
		nothingAside(t, f)
	})

	t.Run("the file is gone and the note comes back", func(t *testing.T) {
		t.Parallel()
		f := base.clone(t)
		name, note := f.loseNote(t, february)
		f.remove(t, february)
		report := f.run(t)
		if diff := cmp.Diff(record, f.record(t)); diff != "" {
			t.Errorf("objects of the store (-before +after):\n%s", diff)
		}
		if len(report.Aside) != 2 || !report.Refused() {
			t.Fatalf("aside: %v; refused %t", report.Aside, report.Refused())
		}
		env, err := f.environment()
		if err != nil {
			t.Fatal(err)
		}
		copied, err := upkeep.Backup(t.Context(), env, filepath.Join(t.TempDir(), "copies"), upkeep.BackupOptions{Verify: true})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // it is said again until somebody deals with it, and figures do not shrink
			if held := modelsBy(f.run(t), runreport.StatusHeld); !slices.Contains(held, "feed.lines") {
				t.Errorf("held: %v", held)
			}
			if got := f.released(t); got != rows {
				t.Errorf("released %s, want what was released before, %s", got, rows)
			}
			aside := f.asideObjects(t)
			if len(aside) != 2 {
				t.Fatalf("aside: %v", aside)
			}
			for _, object := range aside {
				said := object.String() + "; " + object.Remedy()
				for _, word := range []string{
					"warehouse/store/aside/" + object.Relation + "/" + object.SHA256 + ".parquet", february, filepath.Base(name), "copy the note from a backup", "warehouse/landing/ours/",
				} {
					if !strings.Contains(said, word) {
						t.Errorf("it does not say %q: %s", word, said)
					}
				}
				inBackup := filepath.Join(copied.Path, "warehouse", "store", "aside", object.Relation, object.SHA256+".parquet")
				if _, err := os.Stat(inBackup); err != nil {
					t.Errorf("the backup: %v", err)
				}
			}
		}
		f.write(t, name, note)
		f.run(t)
		nothingAside(t, f)
	})

	t.Run("the file is gone and not wanted", func(t *testing.T) {
		t.Parallel()
		f := base.clone(t)
		f.loseNote(t, february)
		f.remove(t, february)
		f.run(t)
		f.remove(t, "warehouse/store/aside")
		if report := f.run(t); len(report.Aside) > 0 || report.Refused() || report.Release == nil {
			t.Errorf("aside: %v, release %v", report.Aside, report.Release)
		}
		if got := f.released(t); got != "" {
			t.Errorf("released %s", got)
		}
	})

	t.Run("the file is gone and comes again", func(t *testing.T) {
		t.Parallel()
		f := base.clone(t)
		f.loseNote(t, february)
		f.remove(t, february)
		f.run(t)
		f.write(t, february, februaryText)
		if report := f.run(t); len(report.Aside) > 0 || report.Refused() {
			t.Errorf("aside: %v", report.Aside)
		}
		nothingAside(t, f)
	})

	t.Run("a reverted load", func(t *testing.T) {
		t.Parallel()
		f := base.clone(t)
		env, err := f.environment()
		if err != nil {
			t.Fatal(err)
		}
		lost := f.loadOf(t, february)
		if _, err := run.Revert(t.Context(), env, run.RevertOptions{Loads: []string{lost.ID}, By: "J. Smith", Reason: "a draft"}); err != nil {
			t.Fatal(err)
		}
		f.run(t)
		f.remove(t, "warehouse/store/_loads/"+lost.ID+".json", "warehouse/build")
		report := f.run(t)
		if len(report.Lost) != 1 || !report.Refused() || !strings.Contains(report.Lost[0].String(), "that it was reverted") {
			t.Errorf("lost: %v; refused %t", report.Lost, report.Refused())
		}
	})

	t.Run("made again under another hash", func(t *testing.T) {
		t.Parallel()
		f := base.clone(t)
		l := f.loadOf(t, february)
		object := f.path("warehouse/store/raw.feed_lines/" + l.ObjectSHA256 + ".parquet")
		// Twice the same rows cut otherwise, as a killed run leaves them, and once
		// half of them.
		f.writtenOtherwise(t, object, "compression snappy", "true")
		f.writtenOtherwise(t, object, "compression gzip", "true")
		f.writtenOtherwise(t, object, "compression gzip", "_source_row < 4")
		report := f.run(t)
		if len(report.Aside) != 1 || report.Aside[0].Rows >= l.Rows || report.Aside[0].LoadID != l.ID {
			t.Errorf("aside: %v", report.Aside)
		}

		// Without the load one of those with all rows is kept, and goes when the
		// load is made again.
		f.loseNote(t, february)
		f.remove(t, february)
		f.run(t)
		f.writtenOtherwise(t, f.path("warehouse/store/aside/raw.feed_lines/"+l.ObjectSHA256+".parquet"), "compression snappy", "true")
		if report := f.run(t); len(report.Aside) != 3 {
			t.Errorf("aside: %v", report.Aside)
		}
		f.write(t, february, februaryText)
		if report := f.run(t); len(report.Aside) != 1 {
			t.Errorf("aside: %v", report.Aside)
		}
		f.remove(t, "warehouse/store/aside")
		nothingAside(t, f)
	})
}

// writtenOtherwise puts rows of an object into the store as another.
func (f *flow) writtenOtherwise(t testing.TB, object, how, where string) {
	t.Helper()
	db, err := warehouse.Open(t.Context(), "", warehouse.Options{Threads: 1, MemoryLimit: "100MB"})
	if err != nil {
		t.Fatal(err)
	}
	temp := filepath.Join(t.TempDir(), "rows.parquet")
	_, err = db.Exec(t.Context(), "copy (select * from read_parquet("+warehouse.Text(object)+") where "+where+") to "+warehouse.Text(temp)+" (format parquet, "+how+")")
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(temp)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	f.write(t, "warehouse/store/raw.feed_lines/"+hex.EncodeToString(sum[:])+".parquet", string(data))
}

// A damaged object stays aside and stops a backup, like one in its place.
func TestADamagedObjectAside(t *testing.T) {
	t.Parallel()
	f := newTinyFlow(t)
	f.run(t)
	f.write(t, "warehouse/store/aside/raw.feed_lines/"+strings.Repeat("0", 64)+".parquet", "no rows")
	report := f.run(t)
	if len(report.Aside) != 1 || !report.Aside[0].Damaged || report.Refused() || !strings.Contains(report.Aside[0].String(), "cannot be read") {
		t.Errorf("aside: %v; refused %t", report.Aside, report.Refused())
	}
	env, err := f.environment()
	if err != nil {
		t.Fatal(err)
	}
	_, err = upkeep.Backup(t.Context(), env, filepath.Join(t.TempDir(), "copies"), upkeep.BackupOptions{})
	if err == nil || !strings.Contains(err.Error(), "has changed since it was written") {
		t.Errorf("the backup: %v", err)
	}
}
