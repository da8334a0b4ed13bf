//go:build duckdb_arrow

package run_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"socialvalue/internal/run"
	"socialvalue/internal/unprivileged"
	"socialvalue/internal/workspace"
)

// The site names a group for each part; an ordinary account that is in them releases. Groups that are not there, or not
// its own, stop the run before a file is taken in.
func TestGroupsOfTheSite(t *testing.T) { //nolint:paralleltest // it runs again as an ordinary user
	if unprivileged.RerunIn(t, 70001, 70002) {
		return
	}
	mine, err := os.Getgroups()
	if err != nil {
		t.Fatal(err)
	}
	mine = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(mine))), func(group int) bool { return group == os.Getegid() })
	if len(mine) < 2 {
		t.Skip("this account is not in two groups beside its own; root tests it as one that is")
	}
	numbers := map[string]int{"svw-open": mine[0], "svw-feed": mine[1]}
	f := newTinyFlow(t)
	settle := func(t *testing.T, groups string) workspace.Environment {
		t.Helper()
		f.write(t, "svw.yaml", tinySite+groups)
		env, err := f.environment()
		if err != nil {
			t.Fatal(err)
		}
		env.Group = func(name string) (int, error) {
			if number, there := numbers[name]; there {
				return number, nil
			}
			return 0, errors.New("there is no group " + name + " on this machine: make it with groupadd " + name)
		}
		return env
	}
	var mistake *workspace.ConfigurationError
	_, err = run.Run(t.Context(), settle(t, "groups: {open: svw-open, feed: svw-gone}\n"), run.Options{Trigger: "test"})
	if !errors.As(err, &mistake) || !strings.Contains(err.Error(), "svw.yaml:32:32: feed: there is no group svw-gone on this machine: make it with groupadd svw-gone") {
		t.Errorf("a group that is not there: %v", err)
	}
	if landed, err := filepath.Glob(filepath.Join(f.dir, "warehouse/landing/*/*")); err != nil || len(landed) > 0 {
		t.Errorf("taken in all the same: %v, %v", landed, err)
	}
	// Without groups first, then with them: what stands already follows.
	if _, err := run.Run(t.Context(), settle(t, ""), run.Options{Trigger: "test"}); err != nil {
		t.Fatal(err)
	}
	env := settle(t, "groups: {open: svw-open, feed: svw-feed}\n")
	standing, err := workspace.Accessible(t.Context(), env)
	if err != nil || standing.Exposed == nil || !strings.Contains(standing.Exposed.Error(), "the folder releases is of group ") || len(standing.Ungrouped) != 0 {
		t.Errorf("before the next run: %+v, %v", standing, err)
	}
	report, err := run.Run(t.Context(), env, run.Options{Trigger: "test"})
	if err != nil || report.Release != nil {
		t.Fatalf("nothing is new: %+v, %v", report.Release, err)
	}
	if standing, err = workspace.Accessible(t.Context(), env); err != nil || standing.Exposed != nil {
		t.Errorf("after it: %+v, %v", standing, err)
	}
	for path, want := range map[string]int{
		"": numbers["svw-open"], "releases": numbers["svw-open"], "releases/current/open": numbers["svw-open"],
		"releases/current/restricted/feed": numbers["svw-feed"], "landing": os.Getegid(), "store": os.Getegid(), "state": os.Getegid(),
	} {
		info, err := os.Stat(filepath.Join(f.dir, "warehouse", path))
		if err != nil {
			t.Fatal(err)
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); !ok || int(stat.Gid) != want {
			t.Errorf("%s is of group %d, want %d", path, stat.Gid, want)
		}
	}
	if standing, err = workspace.Accessible(t.Context(), settle(t, "")); err != nil || strings.Join(standing.Ungrouped, " ") != "feed" {
		t.Errorf("without groups: %+v, %v", standing, err)
	}
	// The groups of the machine itself: one that this account is not in cannot be given files.
	env = settle(t, "groups: {feed: root}\n")
	env.Group = nil
	if _, err = run.Run(t.Context(), env, run.Options{Trigger: "test"}); !errors.As(err, &mistake) || !strings.Contains(err.Error(), "this account is not in the group root, so it cannot give files to it: add it with usermod -aG root") {
		t.Errorf("a group of others: %v", err)
	}
}
