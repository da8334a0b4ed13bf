//go:build duckdb_arrow

package release_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/manifest"
	"socialvalue/internal/release"
	"socialvalue/internal/warehouse"
)

// byDay is a plan with one dataset that is cut into days, and the files of its days.
type byDay struct {
	db     *warehouse.DB
	folder string
	plan   release.Plan
	now    time.Time
}

func newByDay(t *testing.T) (*byDay, release.Composer) {
	t.Helper()
	db := openBuild(t, 2)
	b := &byDay{db: db, folder: t.TempDir(), plan: small(t), now: time.Date(2025, 6, 30, 2, 30, 0, 0, time.UTC)}
	execute(t, db, "create table travel.swipes_all (service_day date, swipe_key bigint, card bigint); create view travel.swipes as select * from travel.swipes_all")
	b.plan.Datasets = append(b.plan.Datasets, release.Dataset{
		Name: "travel.swipes", Kind: manifest.KindTable, Tier: manifest.TierRestricted, DefinedIn: "sql/travel/swipes.yaml", Description: "Cards swiped",
		Grain: "one swipe", Key: []string{"service_day", "swipe_key"}, Formats: []string{"parquet"}, Licence: "OGL-UK-3.0", SchemaVersion: 1,
		InputsHash: "inputs-1", DayColumn: "service_day",
		Columns: []manifest.Column{column("service_day", "DATE", ""), column("swipe_key", "BIGINT", ""), column("card", "BIGINT", "")},
	})
	c := composer(t, db)
	c.Now = func() time.Time { return b.now }
	return b, c
}

// day makes the file of one day, as a build does, in place of what it held.
func (b *byDay) day(t *testing.T, date string, rows int, content string) {
	t.Helper()
	path := filepath.Join(b.folder, date+"-"+content+".parquet")
	execute(t, b.db, "delete from travel.swipes_all where service_day = '"+date+"'")
	execute(t, b.db, fmt.Sprintf("insert into travel.swipes_all select '%s', hash('%s', '%s', i) // 4, i from range(%d) r(i)", date, date, content, rows))
	execute(t, b.db, "copy (select * from travel.swipes_all where service_day = '"+date+"' order by swipe_key) to '"+path+
		"' (format parquet, kv_metadata {dataset: 'travel.swipes', inputs_hash: '"+content+"'})")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dataset := &b.plan.Datasets[len(b.plan.Datasets)-1]
	dataset.InputsHash += date + content
	dataset.Days = slices.DeleteFunc(dataset.Days, func(d release.Day) bool { return d.Date == date })
	if rows > 0 {
		dataset.Days = append(dataset.Days, release.Day{Date: date, Path: path, SHA256: sum(data), Bytes: int64(len(data)), Rows: int64(rows), InputsHash: content})
	}
	slices.SortFunc(dataset.Days, func(x, y release.Day) int { return strings.Compare(x.Date, y.Date) })
}

// compose makes the next release, an hour later, and compares its table with the build's rows.
func (b *byDay) compose(t *testing.T, c release.Composer) *manifest.Manifest {
	t.Helper()
	b.now = b.now.Add(time.Hour)
	m, folder := compose(t, c, b.plan)
	const question = "select service_day || ' ' || swipe_key || ' ' || card from travel.swipes order by 1"
	want, err := b.db.Texts(t.Context(), question)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, texts(t, filepath.Join(folder, manifest.DatabasePath("travel")), question)); diff != "" {
		t.Fatalf("the released table is not what was built (-want +got):\n%s", diff)
	}
	return m
}

// database is the manifest's entry of a place's DuckDB file.
func database(t *testing.T, m *manifest.Manifest, place string) manifest.File {
	t.Helper()
	at := slices.IndexFunc(m.RunFiles, func(f manifest.File) bool { return f.Path == manifest.DatabasePath(place) })
	if at < 0 {
		t.Fatalf("no DuckDB file of %s", place)
	}
	return m.RunFiles[at]
}

// Architecture §4: the table is carried forward and mended by day; it is written whole weekly and at 20% deleted.
func TestTablesByDayAreCarriedForward(t *testing.T) {
	t.Parallel()
	b, c := newByDay(t)
	for i := range 15 {
		b.day(t, fmt.Sprintf("2025-05-%02d", i+1), 100, "a")
	}
	first := b.compose(t, c)
	whole := database(t, first, "travel").WrittenWhole
	if whole == nil || !whole.Equal(first.BuiltAt) {
		t.Fatalf("the first file was written whole at %v, want %v", whole, first.BuiltAt)
	}
	if database(t, first, "spend").WrittenWhole != nil {
		t.Error("a file without days says when it was written whole")
	}
	expect := func(why string, manifest *manifest.Manifest, carried bool, replaced int64) {
		t.Helper()
		entry := database(t, manifest, "travel")
		if got := !entry.WrittenWhole.Equal(manifest.BuiltAt); got != carried || entry.RowsReplaced != replaced {
			t.Errorf("%s: carried %v with %d rows replaced, want %v with %d", why, got, entry.RowsReplaced, carried, replaced)
		}
	}
	b.day(t, "2025-05-16", 100, "a")
	expect("a new day", b.compose(t, c), true, 0)
	b.day(t, "2025-05-03", 90, "b")
	b.plan.Datasets[0].Description = "Districts, described anew"
	expect("a day with other rows", b.compose(t, c), true, 100)
	b.day(t, "2025-05-16", 0, "b")
	expect("a day that is gone", b.compose(t, c), true, 200)
	b.day(t, "2025-05-04", 100, "b")
	b.day(t, "2025-05-05", 100, "b")
	expect("more than a fifth replaced", b.compose(t, c), false, 0)
	b.day(t, "2025-05-17", 5, "a")
	expect("the next new day", b.compose(t, c), true, 0)
	b.plan.RewriteDatabases = true
	b.day(t, "2025-05-18", 5, "a")
	expect("after an erasure", b.compose(t, c), false, 0)
	b.plan.RewriteDatabases = false
	b.now = b.now.AddDate(0, 0, 7)
	b.day(t, "2025-05-19", 5, "a")
	expect("after a week", b.compose(t, c), false, 0)
	b.day(t, "2025-05-20", 5, "a")
	dataset := &b.plan.Datasets[len(b.plan.Datasets)-1]
	dataset.Columns[2].Type = "INTEGER"
	execute(t, b.db, "create or replace view travel.swipes as select service_day, swipe_key, card::integer as card from travel.swipes_all")
	for i := range dataset.Days {
		day := dataset.Days[i]
		b.retype(t, day.Date)
	}
	expect("with other columns", b.compose(t, c), false, 0)
}

// retype writes a day's file with the types the view has now.
func (b *byDay) retype(t *testing.T, date string) {
	t.Helper()
	path := filepath.Join(b.folder, date+"-typed.parquet")
	execute(t, b.db, "copy (select * from travel.swipes where service_day = '"+date+"' order by swipe_key) to '"+path+
		"' (format parquet, kv_metadata {dataset: 'travel.swipes', inputs_hash: 'typed'})")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	days := b.plan.Datasets[len(b.plan.Datasets)-1].Days
	at := slices.IndexFunc(days, func(d release.Day) bool { return d.Date == date })
	days[at].Path, days[at].SHA256, days[at].Bytes, days[at].InputsHash = path, sum(data), int64(len(data)), "typed"
}

// A file that is not what its manifest says is not built upon.
func TestADamagedDuckDBFileIsNotCarriedForward(t *testing.T) {
	t.Parallel()
	b, c := newByDay(t)
	b.day(t, "2025-05-01", 10, "a")
	first := b.compose(t, c)
	file := filepath.Join(c.Root, first.Release, manifest.DatabasePath("travel"))
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	b.day(t, "2025-05-02", 1, "a")
	second := b.compose(t, c)
	if entry := database(t, second, "travel"); !entry.WrittenWhole.Equal(second.BuiltAt) {
		t.Error("a damaged file was carried forward")
	}
}

// A held dataset keeps the day files of the release before, and its table.
func TestAHeldDatasetKeepsItsDays(t *testing.T) {
	t.Parallel()
	b, c := newByDay(t)
	b.day(t, "2025-05-01", 10, "a")
	b.day(t, "2025-06-02", 10, "a")
	first, before := compose(t, c, b.plan)
	b.day(t, "2025-06-02", 7, "b")
	b.plan.Datasets[len(b.plan.Datasets)-1].Held = true
	b.plan.Datasets[0].Description = "Something new, so that there is a release"
	b.now = b.now.Add(time.Hour)
	_, after := compose(t, c, b.plan)
	if first.Release == filepath.Base(after) {
		t.Fatal("no second release")
	}
	for _, name := range []string{"2025-05/2025-05-01.parquet", "2025-06/2025-06-02.parquet"} {
		path := "restricted/travel/datasets/travel.swipes/" + name
		if tree(t, before)[path] == "" || tree(t, before)[path] != tree(t, after)[path] {
			t.Errorf("%s is not what it was", path)
		}
	}
	if got := texts(t, filepath.Join(after, manifest.DatabasePath("travel")), "select count(*)::varchar from travel.swipes"); got[0] != "20" {
		t.Errorf("%s rows in the table, want the 20 it had", got[0])
	}
}

// A dataset cut into days that has none is a file without rows.
func TestADatasetWithoutDaysIsEmpty(t *testing.T) {
	t.Parallel()
	b, c := newByDay(t)
	_, folder := compose(t, c, b.plan)
	if tree(t, folder)["restricted/travel/datasets/travel.swipes/travel.swipes.parquet"] == "" {
		t.Error("no Parquet file")
	}
	b.day(t, "2025-05-01", 3, "a")
	b.compose(t, c)
}

func sum(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }
