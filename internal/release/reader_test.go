//go:build duckdb_arrow

package release_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"socialvalue/internal/manifest"
	"socialvalue/internal/nodeclient"
	"socialvalue/internal/release"
	"socialvalue/internal/retention"
	"socialvalue/internal/shelf"
)

// An independent client reads a released file in a loop while releases are made,
// rolled back and pruned, its own among them: no error, and no change under it, in
// its answers or in the bytes of the file. Another opens the current release anew
// each time: no error either, and every answer is that of one whole release.
func TestAReaderIsNotDisturbed(t *testing.T) {
	t.Parallel()
	db := openBuild(t, 1)
	c := composer(t, db)
	c.Reader = []string{"/bin/true"}
	first, folder := compose(t, c, small(t))
	watcher, err := nodeclient.Watch(t.Context(), filepath.Join(folder, manifest.DatabasePath("open")),
		"select lad_code, population, (select count(*) from spend.local_spend) as cells from geo.district order by all")
	if err != nil {
		t.Fatal(err)
	}
	follower, err := nodeclient.Follow(t.Context(), filepath.Join(c.Root, "current", manifest.DatabasePath("open")),
		"select sum(population)::varchar as people, (select max(release_id) from meta.release) as release from geo.district")
	if err != nil {
		t.Fatal(err)
	}
	const before, rises = 486100 + 154500 + 128500, 3
	wholes := map[string]bool{fmt.Sprintf(`[{"people":"%d","release":"%s"}]`, before, first.Release): true}
	people := before
	made := func(p release.Plan) {
		manifest, _ := compose(t, c, p)
		wholes[fmt.Sprintf(`[{"people":"%d","release":"%s"}]`, people, manifest.Release)] = true
	}
	releases := retention.Releases{Root: c.Root, Location: time.UTC}
	for _, version := range []string{"inputs-2", "inputs-3", "inputs-4"} {
		execute(t, db, "update geo.district set population = population + 1")
		people += rises
		p := small(t)
		p.Datasets[0].InputsHash = version
		made(p)
		if _, err := shelf.Rollback(t.Context(), c.Disk, c.Root, "", "A", "r", c.Now(), c.Reader); err != nil {
			t.Fatal(err)
		}
		if _, err := shelf.Resume(c.Disk, c.Root, "A", c.Now()); err != nil {
			t.Fatal(err)
		}
		p.Datasets[0].InputsHash += "b"
		made(p)
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
	if watched.Reads < 2 || len(watched.Answers) != 1 || len(watched.Contents) != 1 {
		t.Errorf("%d reads gave %d different answers, of %d different contents: %v", watched.Reads, len(watched.Answers), len(watched.Contents), watched.Answers)
	}
	followed, err := follower.Stop()
	if err != nil {
		t.Fatal(err)
	}
	if followed.Reads < 2 || len(followed.Answers) < 2 {
		t.Errorf("%d reads saw %d releases: %v", followed.Reads, len(followed.Answers), followed.Answers)
	}
	for _, answer := range followed.Answers {
		if !wholes[answer] {
			t.Errorf("an answer is of no release: %s", answer)
		}
	}
	t.Logf("%d reads of one file, %d of the current one, which was %d releases", watched.Reads, followed.Reads, len(followed.Answers))
}
