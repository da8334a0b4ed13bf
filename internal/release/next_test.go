//go:build duckdb_arrow

package release_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/durable"
	"socialvalue/internal/manifest"
	"socialvalue/internal/release"
	"socialvalue/internal/shelf"
)

// sameFile says whether two paths are one file.
func sameFile(t *testing.T, a, b string) bool {
	t.Helper()
	first, err := os.Stat(a)
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.Stat(b)
	if err != nil {
		t.Fatal(err)
	}
	return os.SameFile(first, second)
}

const (
	districtFile = "open/datasets/geo.district/geo.district.parquet"
	spendFile    = "open/datasets/spend.local_spend/spend.local_spend.parquet"
)

func TestUnchangedDatasetsAreCarriedForward(t *testing.T) {
	t.Parallel()
	db := openBuild(t, 2)
	c := composer(t, db)
	_, first := compose(t, c, plan(t))
	before := tree(t, first)
	if !sameFile(t, filepath.Join(first, districtFile), filepath.Join(first, "restricted/spend/datasets/geo.district/geo.district.parquet")) {
		t.Error("a dataset of two places is written twice")
	}
	execute(t, db, "update spend.local_spend set spend_gbp = 121.50 where breakdown = 'all' and financial_year = '2022-23'")
	// Rows that change without another fingerprint show whether files are taken over.
	execute(t, db, "delete from geo.district where lad_code = 'E06000006'")
	p := plan(t)
	p.Datasets[4].InputsHash = "inputs-2"
	_, second := compose(t, c, p)
	if !sameFile(t, filepath.Join(first, districtFile), filepath.Join(second, districtFile)) {
		t.Error("an unchanged dataset was written again")
	}
	if sameFile(t, filepath.Join(first, spendFile), filepath.Join(second, spendFile)) {
		t.Error("a changed dataset was carried forward")
	}
	if got := texts(t, second+"/restricted/spend/social_value_spend.duckdb", "select spend_gbp::varchar from spend.local_spend limit 1"); got[0] != "121.50" {
		t.Errorf("the new value is %s", got[0])
	}
	if diff := cmp.Diff(before, tree(t, first)); diff != "" {
		t.Errorf("the first release has changed:\n%s", diff)
	}
}

func TestADamagedFileIsNotCarriedForward(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 1))
	_, first := compose(t, c, plan(t))
	damage(t, filepath.Join(first, districtFile))
	_, second := compose(t, c, plan(t))
	if sameFile(t, filepath.Join(first, districtFile), filepath.Join(second, districtFile)) {
		t.Error("a damaged file was carried forward")
	}
}

// damage flips a byte in the middle of a file, whatever its mode.
func damage(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 0xff
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o640); err != nil {
		t.Fatal(err)
	}
}

func TestFileSystemsWithoutLinks(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 1))
	c.Disk.Before = func(step, _ string) error {
		if step == "link" {
			return syscall.EXDEV
		}
		return nil
	}
	_, first := compose(t, c, plan(t))
	if sameFile(t, filepath.Join(first, districtFile), filepath.Join(first, "restricted/spend/datasets/geo.district/geo.district.parquet")) {
		t.Error("linked after all")
	}
	_, second := compose(t, c, plan(t))
	whole(t, c.Root)
	if sameFile(t, filepath.Join(first, districtFile), filepath.Join(second, districtFile)) {
		t.Error("linked after all")
	}
}

func TestHeldDatasetsStayAtTheirLastContent(t *testing.T) {
	t.Parallel()
	db := openBuild(t, 1)
	c := composer(t, db)
	compose(t, c, plan(t))
	execute(t, db, "update spend.local_spend set spend_gbp = 999 where breakdown = 'all'; drop table spend.payments; create table spend.payments as select 1 as broken")
	p := plan(t)
	for i := range p.Datasets {
		if p.Datasets[i].Name != "geo.district" {
			p.Datasets[i].InputsHash = "inputs-2"
		}
		switch p.Datasets[i].Name {
		case "spend.local_spend", "spend.payments", "spend.in_scope_payments":
			p.Datasets[i].Held = true
			p.Datasets[i].Columns = []manifest.Column{column("line_key", "UUID", "")} // its definition moved on
			p.Datasets[i].Key, p.Datasets[i].OrderBy = []string{"line_key"}, nil
		}
	}
	m, folder := compose(t, c, p)
	if want := []manifest.Held{{Dataset: "spend.in_scope_payments"}, {Dataset: "spend.local_spend"}, {Dataset: "spend.payments"}}; !slices.Equal(m.Held, want) {
		t.Errorf("held: %v", m.Held)
	}
	spend := folder + "/restricted/spend/social_value_spend.duckdb"
	if got := texts(t, spend, "select spend_gbp::varchar from spend.local_spend limit 1"); got[0] != "120.50" {
		t.Errorf("held content is %s", got[0])
	}
	if got := texts(t, spend, "select count(*)::varchar from spend.in_scope_payments"); got[0] != "2250" {
		t.Errorf("held view has %s rows", got[0])
	}
	if got := texts(t, spend, "select held_back from meta.release where domain = 'spend'"); got[0] != `["spend.in_scope_payments","spend.local_spend","spend.payments"]` {
		t.Errorf("meta.release in spend: %s", got[0])
	}
	if got := texts(t, folder+"/open/social_value_open.duckdb", "select held_back from meta.release where domain = 'spend'"); got[0] != `["spend.local_spend"]` {
		t.Errorf("meta.release in open: %s", got[0])
	}
	if got := release.Changed(m, p); len(got) != 0 {
		t.Errorf("the same plan again changes %v", got)
	}
}

func TestHeldFromTheFirstDayIsMissing(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 1))
	p := plan(t)
	for i := range p.Datasets {
		p.Datasets[i].Held = p.Datasets[i].Name == "spend.payments"
	}
	m, folder := compose(t, c, p)
	want := []manifest.Held{{Dataset: "spend.in_scope_payments", Missing: true}, {Dataset: "spend.payments", Missing: true}}
	if !slices.Equal(m.Held, want) {
		t.Errorf("held: %v", m.Held)
	}
	if got := texts(t, folder+"/restricted/spend/social_value_spend.duckdb", "select table_name from duckdb_tables() where schema_name = 'spend'"); !slices.Equal(got, []string{"local_spend"}) {
		t.Errorf("tables of spend: %v", got)
	}
}

func TestAHeldDatasetDoesNotMoveToAnotherTier(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 1))
	p := plan(t)
	p.Datasets[4].Tier = manifest.TierRestricted
	compose(t, c, p)
	p = plan(t)
	p.Datasets[4].Held = true // open now, and held
	m, folder := compose(t, c, p)
	if want := []manifest.Held{{Dataset: "spend.local_spend", Missing: true}}; !slices.Equal(m.Held, want) {
		t.Errorf("held: %v", m.Held)
	}
	if _, err := os.Stat(filepath.Join(folder, spendFile)); !errors.Is(err, os.ErrNotExist) {
		t.Error("restricted rows became open")
	}
}

func TestChanged(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 1))
	m, _ := compose(t, c, plan(t))
	for _, test := range []struct {
		name   string
		change func(p *release.Plan)
		want   []string
	}{
		{"nothing", func(*release.Plan) {}, nil},
		{"another run, other facts", func(p *release.Plan) { p.RunID, p.Facts = "run-2", release.Facts{} }, nil},
		{"inputs", func(p *release.Plan) { p.Datasets[0].InputsHash = "x" }, []string{"geo.district"}},
		{"schema version", func(p *release.Plan) { p.Datasets[0].SchemaVersion = 2 }, []string{"geo.district"}},
		{"a column's type", func(p *release.Plan) { p.Datasets[0].Columns[2].Type = "INTEGER" }, []string{"geo.district"}},
		{"another spelling of a type", func(p *release.Plan) { p.Datasets[0].Columns[1].Type = "VARCHAR" }, nil},
		{"DuckDB", func(p *release.Plan) { p.DuckDB, p.Datasets = "v2.0.0", p.Datasets[:1]; p.Queries, p.Macros = nil, nil }, []string{
			"geo.district", "geo.postcode", "macro financial_year", "macro share", "query districts", "query spend_in_scope",
			"spend.in_scope_payments", "spend.local_spend", "spend.payments", "travel.journeys_monthly", "travel.tunnel_accounts",
		}},
		{"a description", func(p *release.Plan) { p.Datasets[0].Columns[0].Description = "other" }, []string{"geo.district"}},
		{"tier", func(p *release.Plan) { p.Datasets[4].Tier = manifest.TierRestricted }, []string{"spend.local_spend"}},
		{"domains", func(p *release.Plan) { p.Datasets[1].Domains = []string{"spend"} }, []string{"geo.postcode"}},
		{"formats", func(p *release.Plan) { p.Datasets[1].Formats = []string{"parquet", "csv"} }, []string{"geo.postcode"}},
		{"a dataset goes", func(p *release.Plan) { p.Datasets = p.Datasets[:6] }, []string{"travel.tunnel_accounts"}},
		{"held", func(p *release.Plan) { p.Datasets[0].Held = true }, []string{"geo.district"}},
		{"a macro", func(p *release.Plan) { p.Macros[0].SQL += " -- other" }, []string{"macro share"}},
		{"a query's tier", func(p *release.Plan) { p.Queries[0].Tier = "spend" }, []string{"query districts"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := plan(t)
			test.change(&p)
			if diff := cmp.Diff(test.want, release.Changed(m, p)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := release.Changed(nil, plan(t)); len(got) != 11 {
		t.Errorf("against nothing: %v", got)
	}
}

func TestNoRoom(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 1))
	c.Disk.Free = func(string) (uint64, error) { return 70 << 20, nil }
	_, err := c.Compose(t.Context(), plan(t))
	if !errors.Is(err, release.ErrNoRoom) || !strings.Contains(err.Error(), "70 MB are free") {
		t.Errorf("Compose = %v", err)
	}
	entries, err := os.ReadDir(c.Root)
	if err != nil || len(entries) != 0 {
		t.Errorf("written all the same: %v, %v", entries, err)
	}
}

func TestCancelledComposeLeavesNothing(t *testing.T) {
	t.Parallel()
	db := openBuild(t, 1)
	c := composer(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	c.Disk.Before = func(step, _ string) error {
		if step == "checkpoint" {
			cancel()
		}
		return nil
	}
	if _, err := c.Compose(ctx, plan(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("Compose = %v", err)
	}
	nothingLeft(t, c.Root)
	// The session is as it was: in its own database, with nothing attached.
	c.Disk.Before = nil
	compose(t, c, plan(t))
}

func TestListAndCurrent(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 1))
	if _, err := shelf.Current(c.Root); !errors.Is(err, shelf.ErrNoRelease) {
		t.Errorf("Current of nothing = %v", err)
	}
	if list, err := shelf.List(c.Root); err != nil || len(list) != 0 {
		t.Errorf("List of nothing = %v, %v", list, err)
	}
	first, _ := compose(t, c, plan(t))
	second, _ := compose(t, c, plan(t))
	list, err := shelf.List(c.Root)
	if err != nil || len(list) != 2 || list[0].Release != second.Release || list[1].Release != first.Release {
		t.Errorf("List = %v, %v", list, err)
	}
	if err := os.Remove(c.Root + "/current"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc", c.Root+"/current"); err != nil {
		t.Fatal(err)
	}
	if _, err := shelf.Current(c.Root); err == nil || !strings.Contains(err.Error(), "which is no release") {
		t.Errorf("Current of a stray link = %v", err)
	}
}

func TestCleanRepairsWhatAKillLeft(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 1))
	first, _ := compose(t, c, plan(t))
	second, _ := compose(t, c, plan(t))
	for _, name := range []string{".staging-20250630T023000Z/open", ".failed-a", ".failed-b", ".failed-c", ".failed-d"} {
		if err := os.MkdirAll(filepath.Join(c.Root, name), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	// Killed before the pointer moved: the second release never was.
	write(t, c.Root+"/.pending", second.Release+"\n")
	write(t, c.Root+"/.next-current.json", "{")
	if err := os.Remove(c.Root + "/current"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(first.Release, c.Root+"/current"); err != nil {
		t.Fatal(err)
	}
	removed, err := shelf.Clean(durable.Disk{}, c.Root)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(removed)
	want := []string{".failed-a", ".next-current.json", ".staging-20250630T023000Z", second.Release}
	slices.Sort(want)
	if diff := cmp.Diff(want, removed); diff != "" {
		t.Errorf("removed:\n%s", diff)
	}
	var twin shelf.Twin
	data, err := os.ReadFile(c.Root + "/current.json")
	if err != nil || json.Unmarshal(data, &twin) != nil || twin.Release != first.Release {
		t.Errorf("current.json = %s, %v", data, err)
	}
	if twin.ManifestSHA256 != digest(t, c.Root+"/"+first.Release+"/manifest.json") {
		t.Error("current.json has another manifest")
	}
	if removed, err := shelf.Clean(durable.Disk{}, c.Root); err != nil || len(removed) != 0 {
		t.Errorf("cleaned again: %v, %v", removed, err)
	}
	// Whatever it says wrongly is found, and mended.
	for _, wrong := range []string{"", "{", `{"release": "` + first.Release + `"}`, strings.Replace(string(data), twin.ManifestSHA256, strings.Repeat("0", 64), 1)} {
		write(t, c.Root+"/current.json", wrong)
		if err := shelf.VerifyTwin(c.Root); err == nil || !strings.Contains(err.Error(), "current.json") {
			t.Errorf("current.json = %q: %v", wrong, err)
		}
		if _, err := shelf.Clean(durable.Disk{}, c.Root); err != nil || shelf.VerifyTwin(c.Root) != nil {
			t.Errorf("current.json = %q is not mended: %v, %v", wrong, err, shelf.VerifyTwin(c.Root))
		}
	}
}
