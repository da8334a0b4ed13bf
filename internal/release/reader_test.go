//go:build duckdb_arrow

package release_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"socialvalue/internal/nodeclient"
	"socialvalue/internal/release"
	"socialvalue/internal/retention"
)

// An independent client reads a released file in a loop while releases are made,
// rolled back and pruned, its own among them: no error, and no change under it.
func TestAReaderIsNotDisturbed(t *testing.T) {
	t.Parallel()
	db := openBuild(t, 1)
	c := composer(t, db)
	c.Reader = []string{"/bin/true"}
	first, folder := compose(t, c, small(t))
	watcher, err := nodeclient.Watch(t.Context(), filepath.Join(folder, release.DatabasePath("open")),
		"select lad_code, population, (select count(*) from spend.local_spend) as cells from geo.district order by all")
	if err != nil {
		t.Fatal(err)
	}
	releases := retention.Releases{Root: c.Root, Location: time.UTC}
	for _, version := range []string{"inputs-2", "inputs-3", "inputs-4"} {
		execute(t, db, "update geo.district set population = population + 1")
		p := small(t)
		p.Datasets[0].InputsHash = version
		compose(t, c, p)
		if _, err := release.Rollback(t.Context(), c.Disk, c.Root, "", "A", "r", c.Now(), c.Reader); err != nil {
			t.Fatal(err)
		}
		if _, err := release.Resume(c.Disk, c.Root, "A", c.Now()); err != nil {
			t.Fatal(err)
		}
		p.Datasets[0].InputsHash += "b"
		compose(t, c, p)
		policy := retention.Policy{Days: 1, Months: 1, PersonalDays: 35}
		plan, err := releases.Decide(policy, c.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := releases.Apply(c.Disk, plan, policy, c.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(c.Root, first.Release)); !os.IsNotExist(err) {
		t.Errorf("the release that is read was not pruned: %v", err)
	}
	watched, err := watcher.Stop()
	if err != nil {
		t.Fatal(err)
	}
	if watched.Reads < 2 || len(watched.Answers) != 1 {
		t.Errorf("%d reads gave %d different answers: %v", watched.Reads, len(watched.Answers), watched.Answers)
	}
}
