//go:build duckdb_arrow

package release_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/durable"
	"socialvalue/internal/shelf"
	"socialvalue/internal/unprivileged"
)

// Groups that no account of a machine is likely to have.
const (
	openReaders   = 70001
	spendReaders  = 70002
	travelReaders = 70003
)

// groupOf is the number of a file's group.
func groupOf(t *testing.T, path string) int {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		t.Fatal("no groups here")
	}
	return int(stat.Gid)
}

// threeGroups are groups that this account may give files to.
func threeGroups(t *testing.T) shelf.Access {
	t.Helper()
	mine, err := os.Getgroups()
	if err != nil {
		t.Fatal(err)
	}
	mine = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(mine))), func(group int) bool { return group == os.Getegid() })
	if len(mine) < 3 {
		t.Skip("this account is not in three groups beside its own; root tests it as one that is")
	}
	return shelf.Access{"open": mine[0], "spend": mine[1], "travel": mine[2]}
}

// Architecture §6: restricted/<domain> is one group's each, 0750 and 0640. An ordinary account that is in the groups
// releases; nothing needs root.
func TestEveryPartHasItsGroup(t *testing.T) { //nolint:paralleltest // it runs again as an ordinary user
	if unprivileged.RerunIn(t, openReaders, spendReaders, travelReaders) {
		return
	}
	groups, own := threeGroups(t), os.Getegid()
	c := composer(t, openBuild(t, 1))
	_, before := compose(t, c, plan(t)) // made when no group was named
	c.Access = groups
	p := plan(t)
	p.Datasets[4].InputsHash = "inputs-2"
	manifest, folder := compose(t, c, p)
	for path, want := range map[string]int{
		".": groups["open"], "open": groups["open"], "queries": groups["open"], "restricted": groups["open"],
		"open/social_value_open.duckdb": groups["open"], "queries/districts.sql": groups["open"], "open/manifest.json": groups["open"],
		"manifest.json":    own, // it names what is restricted
		"restricted/spend": groups["spend"], "restricted/spend/datasets/spend.payments": groups["spend"],
		"restricted/spend/social_value_spend.duckdb":                      groups["spend"],
		"restricted/spend/manifest.json":                                  groups["spend"],
		"restricted/spend/datasets/spend.payments/spend.payments.parquet": groups["spend"], // carried forward
		"restricted/spend/datasets/meta.checks/meta.checks.parquet":       groups["spend"],
		"restricted/travel": groups["travel"],
		"restricted/travel/datasets/geo.postcode/geo.postcode.parquet": groups["open"], // one file of two domains
		"restricted/travel/datasets/geo.district/geo.district.parquet": groups["open"],
		// earlier releases follow
		"../" + filepath.Base(before) + "/restricted/spend":                                          groups["spend"],
		"../" + filepath.Base(before) + "/restricted/spend/datasets/meta.checks/meta.checks.parquet": groups["spend"],
	} {
		if got := groupOf(t, filepath.Join(folder, path)); got != want {
			t.Errorf("%s is of group %d, want %d", path, got, want)
		}
	}
	for _, id := range []string{manifest.Release, filepath.Base(before)} {
		if err := groups.Verify(c.Root, id); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	// The twin of the pointer is for whoever may list the folder.
	if got := groupOf(t, filepath.Join(c.Root, "current.json")); got != groups["open"] {
		t.Errorf("current.json is of group %d, want %d", got, groups["open"])
	}
	// Nothing moves on disk when nothing is to be set.
	quiet := durable.Disk{Before: func(step, path string) error {
		t.Errorf("%s of %s", step, path)
		return nil
	}}
	if err := groups.Set(quiet, c.Root); err != nil {
		t.Error(err)
	}

	for name, spoil := range map[string]struct {
		path string
		mode fs.FileMode
		gid  int
		want string
	}{
		"for everybody": {"restricted/spend/manifest.json", 0o644, groups["spend"], "restricted/spend/manifest.json is open to everybody on this machine (mode 0644)"},
		"a way in":      {"restricted/travel", 0o751, groups["travel"], "restricted/travel is open to everybody on this machine (mode 0751)"},
		"writable":      {"open/manifest.json", 0o660, groups["open"], "open/manifest.json can be changed by its group (mode 0660)"},
		"locked out":    {"restricted/spend", 0o700, groups["spend"], "restricted/spend cannot be read by its group (mode 0700)"},
		"another group": {"restricted/travel", 0o750, groups["spend"], "restricted/travel is of group "},
	} {
		path := filepath.Join(folder, spoil.path)
		mode, gid := fs.FileMode(0o640), groupOf(t, path)
		if strings.Count(spoil.path, ".") == 0 {
			mode = 0o750
		}
		if err := os.Chown(path, -1, spoil.gid); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, spoil.mode); err != nil {
			t.Fatal(err)
		}
		err := groups.Verify(c.Root, manifest.Release)
		if err == nil || !strings.Contains(err.Error(), manifest.Release+"/"+spoil.want) {
			t.Errorf("%s: %v, want %s", name, err, spoil.want)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(path, -1, gid); err != nil {
			t.Fatal(err)
		}
	}

	// A group that is not this account's stops the release before anything of it stands.
	c.Access = shelf.Access{"spend": 70009}
	p.Datasets[4].InputsHash = "inputs-3"
	if _, err := c.Compose(t.Context(), p); err == nil || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("a group of others: %v", err)
	}
	if current, err := shelf.Current(c.Root); err != nil || current.Release != manifest.Release {
		t.Errorf("current is %v, %v", current, err)
	}
}

// What the modes and groups are for: who reads what, tried by other people. Only root can become them.
func TestPeopleReadWhatTheirGroupsLetThem(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can become somebody else")
	}
	c := composer(t, openBuild(t, 1))
	for folder := filepath.Dir(c.Root); len(folder) > len(os.TempDir()); folder = filepath.Dir(folder) {
		if err := os.Chmod(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	compose(t, c, plan(t))
	c.Access = shelf.Access{"open": openReaders, "spend": spendReaders, "travel": travelReaders}
	p := plan(t)
	p.Datasets[4].InputsHash = "inputs-2"
	compose(t, c, p)
	for name, who := range map[string]struct {
		groups []uint32
		want   []string
	}{
		"nobody":              {[]uint32{65534}, nil},
		"a domain alone":      {[]uint32{spendReaders}, nil}, // the way there is open's
		"open":                {[]uint32{openReaders}, []string{"open", "queries"}},
		"open and spend":      {[]uint32{openReaders, spendReaders}, []string{"open", "queries", "restricted/spend"}},
		"open and two others": {[]uint32{openReaders, spendReaders, travelReaders}, []string{"open", "queries", "restricted/spend", "restricted/travel"}},
	} {
		got := readableBy(t, c.Root, who.groups)
		if diff := cmp.Diff(who.want, parts(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for _, part := range who.want {
			if want := filesBelow(t, c.Root, part); countBelow(got, part) != want {
				t.Errorf("%s reads %d of the %d files of %s", name, countBelow(got, part), want, part)
			}
		}
	}
}

// readableBy lists the files of all releases that a user in these groups can read.
func readableBy(t *testing.T, root string, groups []uint32) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "find", root, "-mindepth", "2", "-type", "f", "-readable")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 70010, Gid: groups[0], Groups: groups}}
	out, _ := cmd.Output() // it fails where it may not look, which is the point
	var files []string
	for line := range strings.Lines(string(out)) {
		name, err := filepath.Rel(root, strings.TrimSpace(line))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, name)
	}
	return files
}

// parts names the parts of releases that files lie in, each once.
func parts(files []string) (parts []string) {
	for _, file := range files {
		levels := strings.Split(file, "/")
		part := levels[1]
		if part == "restricted" {
			part += "/" + levels[2]
		}
		parts = append(parts, part)
	}
	slices.Sort(parts)
	return slices.Compact(parts)
}

func countBelow(files []string, part string) (n int) {
	for _, file := range files {
		if _, rest, _ := strings.Cut(file, "/"); strings.HasPrefix(rest, part+"/") {
			n++
		}
	}
	return n
}

func filesBelow(t *testing.T, root, part string) int {
	t.Helper()
	n := 0
	releases, err := filepath.Glob(filepath.Join(root, "2*"))
	if err != nil || len(releases) != 2 {
		t.Fatal(releases, err)
	}
	for _, folder := range releases {
		n += len(tree(t, filepath.Join(folder, part)))
	}
	return n
}
