//go:build duckdb_arrow

package run_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/difference"
	"socialvalue/internal/explain"
	"socialvalue/internal/manifest"
	"socialvalue/internal/publication"
	"socialvalue/internal/query"
	"socialvalue/internal/retention"
	"socialvalue/internal/shelf"
	"socialvalue/internal/site"
	"socialvalue/internal/upkeep"
	"socialvalue/internal/workspace"
)

// newPeopleFlow is a site without feeds, with models that have the shapes of
// the tables about people that pipelines will bring.
func newPeopleFlow(t *testing.T) *flow {
	t.Helper()
	f := &flow{dir: filepath.Join(t.TempDir(), "site"), now: time.Date(2025, time.September, 1, 2, 30, 0, 0, time.UTC)}
	if _, err := site.Init(f.dir, site.Options{Name: "Our City Region"}); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(f.dir, os.DirFS("testdata/people")); err != nil {
		t.Fatal(err)
	}
	f.disableAllBut(t)
	settings, _, _ := strings.Cut(f.read(t, "svw.yaml"), "\nsources:")
	f.write(t, "svw.yaml", settings+"\nsources: []\n")
	return f
}

// From a build to a release, a publication and the night after: §2.7 to §2.9.
func TestPeopleFromBuildToPublication(t *testing.T) {
	t.Parallel()
	f := newPeopleFlow(t)
	report := f.run(t)
	if report.Release == nil {
		t.Fatal("no release")
	}
	current := filepath.Join(f.dir, "warehouse", "releases", "current")
	file := func(parts ...string) string {
		data, err := os.ReadFile(filepath.Join(append([]string{current}, parts...)...))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	csv := file("open", "datasets", "people.profile", "people.profile.csv")
	for _, line := range []string{
		"2024-03-31,sex,all,grade,chief,[c],[c],0.5,\"headcount_rounded,share_all\",\n",
		"2024-03-31,sex,female,grade,low,300,0.559259259259,0.5,,\n",
		"2025-03-31,sex,all,grade,chief,20,1.0,0.5,,\n",
	} {
		if !strings.Contains(csv, line) {
			t.Errorf("people.profile lacks %q:\n%s", line, csv)
		}
	}
	// Pay needs ten on either side, bonus figures ten recipients; the count that is
	// linked to another table is withheld in both.
	csv = file("open", "datasets", "people.gaps", "people.gaps.csv")
	for _, line := range []string{",chief,mean_hourly,[c],[c],[c],true,\n", ",all,mean_bonus,[c],15,[c],true,\n", ",low,mean_hourly,1.25,350,260,false,\n"} {
		if !strings.Contains(csv, line) {
			t.Errorf("people.gaps lacks %q:\n%s", line, csv)
		}
	}
	csv = file("open", "datasets", "trips.reach", "trips.reach.csv")
	for _, line := range []string{"2024-25,ward,W3,100,[c],[c],", "2024-25,ward,W4,50,[c],[c],", "2024-25,district,D2,150,102,0.68,"} {
		if !strings.Contains(csv, line) {
			t.Errorf("reach lacks %q:\n%s", line, csv)
		}
	}
	// The twin in the domain has what is withheld, and says why.
	if twin := file("restricted", "people", "datasets", "people.profile_internal", "people.profile_internal.csv"); !strings.Contains(twin, "female,grade,chief,4,0.5") {
		t.Errorf("the twin lacks its values:\n%s", twin)
	}
	if why := file("restricted", "people", "datasets", "meta.suppressions", "meta.suppressions.csv"); !strings.Contains(why, "primary,small_count") || !strings.Contains(why, "secondary,") {
		t.Errorf("meta.suppressions of the domain:\n%s", why)
	}
	// The open form gives neither kind nor rule; its sentence is the same for all.
	open := file("open", "datasets", "meta.suppressions", "meta.suppressions.csv")
	if strings.Contains(open, "primary") || strings.Contains(open, "small_count") || !strings.Contains(open, "[c],\"Withheld, so that nobody can be singled out.\"") {
		t.Errorf("meta.suppressions of the open tier:\n%s", open)
	}
	if manifest := file("open", "manifest.json"); strings.Contains(manifest, "_internal") || strings.Contains(manifest, "small_count") {
		t.Error("the open manifest speaks of what is withheld")
	}
	if again := f.run(t); again.Release != nil {
		t.Errorf("a night with nothing new released %s: %v", again.Release.ID, again.Release.Changed)
	}
	publishes(t, f)
	// One person more: the night succeeds, and the candidate is marked.
	path := filepath.Join(f.dir, "sql", "ref", "people_profile.csv")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.NewReplacer("2024-03-31,male,all,all,430", "2024-03-31,male,all,all,433", "2024-03-31,all,all,all,950", "2024-03-31,all,all,all,953",
		"2024-03-31,male,grade,low,238", "2024-03-31,male,grade,low,241", "2024-03-31,all,grade,low,540", "2024-03-31,all,grade,low,543").Replace(string(data))
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	if report := f.run(t); report.Release == nil {
		t.Fatal("the night did not release")
	}
	m, err := shelf.Current(filepath.Join(f.dir, "warehouse", "releases"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]manifest.Finding{{Dataset: "people.profile", Cells: 4}}, m.Ledger.NotPublishable); diff != "" {
		t.Error(diff)
	}
	if marked := file("open", "datasets", "meta.release", "meta.release.csv"); !strings.Contains(marked, "people.profile") {
		t.Errorf("meta.release is not marked:\n%s", marked)
	}
	twinsAreForTheirReaders(t, f)
	publishesOnHold(t, f)
}

// twinsAreForTheirReaders: the unprotected form of a table about people is
// compared and explained for those who ask for its tier, and for nobody else.
func twinsAreForTheirReaders(t *testing.T, f *flow) {
	t.Helper()
	root := f.path("warehouse/releases")
	current, err := shelf.Current(root)
	if err != nil {
		t.Fatal(err)
	}
	before, err := shelf.Before(root, current.Release)
	if err != nil {
		t.Fatal(err)
	}
	for _, tiers := range [][]string{nil, {"people"}} {
		report, err := difference.Compare(t.Context(), root, before, current, difference.Options{Tiers: tiers, TempDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, dataset := range report.Datasets {
			names = append(names, dataset.Name)
		}
		want := []string{"people.profile"}
		if tiers != nil {
			want = append(want, "people.profile_internal")
		}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("tiers %v: %s", tiers, diff)
		}
	}
	if domains := current.Personal(); !slices.Contains(domains, "people") {
		t.Errorf("parts with personal data: %v", domains)
	}
	env, err := environment(f.dir, f.now)
	if err != nil {
		t.Fatal(err)
	}
	project, err := workspace.Project(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	key := map[string]string{"snapshot_date": "2024-03-31", "characteristic": "sex", "characteristic_group": "female", "breakdown": "grade", "breakdown_value": "chief"}
	for name, want := range map[string][2]string{"people.profile": {"open", ""}, "people.profile_internal": {"people", "4"}} {
		asked := ""
		report, err := explain.Figure(t.Context(), project, name, key, func(tier string) (*query.File, error) {
			asked = tier
			return query.Open(t.Context(), filepath.Join(root, "current", manifest.DatabasePath(tier)), query.Limits{})
		})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		i := slices.IndexFunc(report.Cells, func(c explain.Cell) bool { return c.Column == "headcount_rounded" })
		value := ""
		if cell := report.Cells[i]; cell.Value != nil {
			value = *cell.Value
		} else if !strings.HasPrefix(cell.NullReason, "withheld") {
			t.Errorf("%s: its empty cell says %q", name, cell.NullReason)
		}
		if got := [2]string{asked, value}; got != want {
			t.Errorf("%s: asked and read %v, want %v", name, got, want)
		}
	}
	if _, err := explain.Figure(t.Context(), project, "meta.calendar_internal", key, nil); !errors.Is(err, explain.ErrKey) {
		t.Errorf("a form that is none: %v", err)
	}
}

// publishesOnHold: a hold keeps releases from being made and says nothing
// against publishing the one that was gone back to, but is told; what was
// published keeps its release.
func publishesOnHold(t *testing.T, f *flow) {
	t.Helper()
	env, err := environment(f.dir, f.now)
	if err != nil {
		t.Fatal(err)
	}
	hold, err := upkeep.Rollback(t.Context(), env, "", "Ann Example", "three people too many")
	if err != nil {
		t.Fatal(err)
	}
	if report := f.run(t); report.Release != nil || report.OnHold == nil {
		t.Errorf("on hold: %+v (%s)", report.Release, report.ReleaseNote)
	}
	request := publication.Request{Period: "2024-25", ApprovedBy: "Ann Example", DryRun: true}
	outcome, err := upkeep.Publish(t.Context(), env, request, false)
	if err != nil || outcome.OnHold == nil || outcome.Seal.Candidate != hold.Release || !outcome.Unchanged {
		t.Errorf("Publish on hold = %+v, %v", outcome, err)
	}
	plan, err := upkeep.Prune(env, true)
	if err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(plan.Kept, func(k retention.Kept) bool { return k.Release == hold.Release }); i < 0 || !slices.Contains(plan.Kept[i].Because, "published as edition 1") {
		t.Errorf("kept: %+v", plan.Kept)
	}
}

// publishes makes the first edition of the site's release.
func publishes(t *testing.T, f *flow) {
	t.Helper()
	env, err := environment(f.dir, f.now)
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := upkeep.Publish(t.Context(), env, publication.Request{Period: "2024-25", ApprovedBy: "Ann Example"}, false)
	if err != nil || outcome.Edition == "" {
		t.Fatalf("Publish = %+v, %v", outcome, err)
	}
	if editions, err := upkeep.VerifyPublications(t.Context(), env); err != nil || editions != 1 {
		t.Errorf("verified %d editions, %v", editions, err)
	}
}
