//go:build duckdb_arrow

package run_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/inspect"
	"socialvalue/internal/runreport"
	"socialvalue/internal/shelf"
)

// A release that is made because a source fell silent has no dataset that is new, and withholds what the one before
// withheld: in every file, also when the masks have to be found anew because the build database is gone.
func TestSilenceWithholdsAllTheSame(t *testing.T) {
	t.Parallel()
	for name, build := range map[string]string{"masks known": "", "masks sought again": "warehouse/build"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newPeopleFlow(t)
			for path, file := range tinyFiles() {
				f.write(t, path, string(file.Data))
			}
			settings, feed := f.read(t, "svw.yaml"), "as_of: 2025-09-01 # the day that passes is no news here\nsources:\n  - {name: ours, contract: feed/lines, from: drop/lines_*}\n"
			if !strings.Contains(settings, "sources: []\n") {
				t.Fatal("the site has sources of its own")
			}
			f.write(t, "svw.yaml", strings.Replace(settings, "sources: []\n", feed, 1))
			f.write(t, "drop/lines_2025-01.csv", january)
			if report := f.run(t); report.Release == nil || report.Release.MetaOnly {
				t.Fatalf("the first release: %+v (%s)", report.Release, report.ReleaseNote)
			}
			before := stands(t, f)
			if build != "" {
				if err := os.RemoveAll(f.path(build)); err != nil {
					t.Fatal(err)
				}
			}
			f.now = f.now.Add(50 * 24 * time.Hour)
			report := f.run(t)
			if report.Release == nil || !report.Release.MetaOnly || len(report.Stale) != 1 {
				t.Fatalf("release %+v (%s), stale %+v", report.Release, report.ReleaseNote, report.Stale)
			}
			after := stands(t, f)
			if diff := cmp.Diff(before.files, after.files); diff != "" {
				t.Errorf("files of datasets (-before +after):\n%s", diff)
			}
			if diff := cmp.Diff(before.told, after.told); diff != "" {
				t.Errorf("what is withheld (-before +after):\n%s", diff)
			}
			if len(before.told["open"]) == 0 || len(before.told["people"]) == 0 {
				t.Errorf("nothing is withheld: the test shows nothing: %v", before.told)
			}
			if shown := f.texts(t, "open", "select count(*) from people.profile where withheld like '%headcount_rounded%' and headcount_rounded is not null"); shown[0] != "0" {
				t.Errorf("%s withheld cells are shown", shown[0])
			}
			// The twin has the values, in the file of its domain alone.
			const chief = "select headcount_rounded from people.profile_internal where snapshot_date = '2024-03-31' and characteristic_group = 'female' and breakdown_value = 'chief'"
			if got := f.texts(t, "people", chief); got[0] != "4" {
				t.Errorf("the twin says %v", got)
			}
			if twins := f.texts(t, "open", "select count(*) from duckdb_tables() where table_name like '%_internal'"); twins[0] != "0" {
				t.Errorf("%s twins in the open file", twins[0])
			}
		})
	}
}

// standing is what a release says of datasets about people: hashes of their files, and the cells withheld by place.
type standing struct {
	files map[string]string
	told  map[string][]string
}

func stands(t *testing.T, f *flow) standing {
	t.Helper()
	manifest, err := shelf.Current(f.path("warehouse/releases"))
	if err != nil {
		t.Fatal(err)
	}
	s := standing{files: map[string]string{}, told: map[string][]string{}}
	for _, file := range manifest.Files {
		s.files[file.Path] = file.SHA256
	}
	maps.DeleteFunc(s.files, func(path, _ string) bool { return filepath.Ext(path) == ".sql" })
	for place, query := range map[string]string{
		"open":   "select dataset || ' ' || cell_key || ' ' || column_name from meta.suppressions order by 1",
		"people": "select dataset || ' ' || cell_key || ' ' || column_name || ' ' || withholding || ' ' || withholding_rule from meta.suppressions order by 1",
	} {
		s.told[place] = f.texts(t, place, query)
	}
	return s
}

// A source that leaves svw.yaml takes its rows along. The run that makes the first release without them says so, and status
// goes on saying it; the same where every load was taken back.
func TestASourceThatGoesIsSaid(t *testing.T) {
	t.Parallel()
	f := newTinyFlow(t)
	f.write(t, "drop/quarter_2024-Q4.csv", tinyHeader+"2024-12-02,9,Example Ltd,5.00\n")
	if report := f.run(t); report.Release == nil || len(report.Gone) > 0 {
		t.Fatalf("the first release: %+v, gone %v", report.Release, report.Gone)
	}
	whole := f.read(t, "svw.yaml")
	without, _, _ := strings.Cut(whole, "  - name: quarters\n")
	f.write(t, "svw.yaml", without)
	report := f.run(t)
	want := []runreport.GoneSource{{Source: "quarters", Files: 1}}
	if diff := cmp.Diff(want, report.Gone); diff != "" || report.Release == nil {
		t.Errorf("release %v, gone (-want +got):\n%s", report.Release, diff)
	}
	if again := f.run(t); len(again.Gone) > 0 {
		t.Errorf("it is said again, with the release that says so: %v", again.Gone)
	}
	env, err := f.environment()
	if err != nil {
		t.Fatal(err)
	}
	standing, err := inspect.Status(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]inspect.LeftSource{{Source: "quarters", Files: 1, Rows: 1}}, standing.Left); diff != "" {
		t.Errorf("what status says (-want +got):\n%s", diff)
	}
	f.write(t, "svw.yaml", whole)
	if report := f.run(t); report.Release == nil || len(report.Gone) > 0 {
		t.Errorf("put back: %+v, gone %v", report.Release, report.Gone)
	}
}
