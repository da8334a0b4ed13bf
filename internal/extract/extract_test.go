package extract

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"socialvalue/internal/unprivileged"
)

func now() time.Time { return time.Date(2025, 6, 30, 2, 30, 0, 0, time.UTC) }

// memory is a Sightings held in a map, by source and name.
type memory map[[2]string]Sighting

func (m memory) Last(source, name string) (Sighting, bool) {
	s, ok := m[[2]string{source, name}]
	return s, ok
}

// site makes a folder with files that were last changed an hour ago.
func site(t *testing.T, names ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range names {
		write(t, root, name, "x")
	}
	return root
}

func write(t *testing.T, root, name, content string) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	old := now().Add(-time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
}

// finder never sleeps; during is what happens while it would.
func finder(root string, during func()) Finder {
	return Finder{
		Site: root, MinAge: time.Minute,
		Now: now,
		Sleep: func(context.Context, time.Duration) error {
			if during != nil {
				during()
			}
			return nil
		},
	}
}

func find(t *testing.T, f Finder, globs ...string) Listing {
	t.Helper()
	listings, err := f.Find(t.Context(), []Source{{Name: "leeds", Globs: globs}})
	if err != nil {
		t.Fatal(err)
	}
	return listings[0]
}

// lines tells a listing as text: one line for each thing in it.
func lines(l Listing) []string {
	var out []string
	for _, f := range l.Found {
		out = append(out, "found "+f.Name)
	}
	for _, p := range l.Pending {
		out = append(out, "pending "+p.Name+": "+p.Reason)
	}
	for _, s := range l.Skipped {
		out = append(out, "skipped "+s.Name+": "+s.Reason)
	}
	for _, u := range l.Unmatched {
		out = append(out, "unmatched "+u)
	}
	for _, err := range l.Errors {
		out = append(out, "error "+err.Error())
	}
	return out
}

func TestGlobs(t *testing.T) {
	t.Parallel()
	root := site(t, "drop/leeds/2011-01.csv", "drop/leeds/2010-12.csv", "drop/leeds/JULY.CSV", "drop/bolton/a.csv",
		"drop/leeds/.hidden.csv", "drop/leeds/~$open.csv", "drop/leeds/new.csv.part", "drop/leeds/new.TMP", "drop/.old/b.csv")
	if err := os.Mkdir(filepath.Join(root, "drop/leeds/folder.csv"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name  string
		globs []string
		want  []string
	}{
		{"sorted", []string{"drop/leeds/20*.csv"}, []string{"found drop/leeds/2010-12.csv", "found drop/leeds/2011-01.csv"}},
		{"overlapping globs give a file once", []string{"drop/leeds/2011*", "drop/./leeds/2011-01.csv"}, []string{"found drop/leeds/2011-01.csv"}},
		{"a folder level of wildcards", []string{"drop/*/[ab].csv"}, []string{"found drop/bolton/a.csv", "skipped drop/.old: it is a hidden folder"}},
		{"nothing there", []string{"drop/wigan/*.csv", "drop/leeds/2019.csv", "drop/leeds/2010-12.csv/x"}, []string{
			"unmatched drop/leeds/2010-12.csv/x", "unmatched drop/leeds/2019.csv", "unmatched drop/wigan/*.csv",
		}},
		{"upper case is told", []string{"drop/leeds/J*.csv"}, []string{
			"skipped drop/leeds/JULY.CSV: it matches drop/leeds/J*.csv but for upper and lower case: rename it or add a glob",
			"unmatched drop/leeds/J*.csv",
		}},
		{"upper case taken by a later glob", []string{"drop/leeds/J*.csv", "drop/leeds/J*.CSV"}, []string{
			"found drop/leeds/JULY.CSV", "unmatched drop/leeds/J*.csv",
		}},
		{"unfinished and hidden", []string{"drop/leeds/new*", "drop/leeds/~*", "drop/leeds/.*", "drop/leeds/f*"}, []string{
			"skipped drop/leeds/.hidden.csv: its name begins with a dot: hidden files are not read",
			"skipped drop/leeds/folder.csv: it is a folder",
			"skipped drop/leeds/new.TMP: its name ends in .tmp: it is taken for an unfinished copy",
			"skipped drop/leeds/new.csv.part: its name ends in .part: it is taken for an unfinished copy",
			"skipped drop/leeds/~$open.csv: it is the lock file of an open document",
		}},
		{"wrong globs", []string{"", "/mnt/x/*.csv", "../x.csv", "drop/**/a.csv", `drop\a.csv`, "drop/[a.csv", "drop/[!a].csv"}, []string{
			"error glob ../x.csv: it leads out of the site: link the folder into drop/ (ln -s) and name the link",
			"error glob /mnt/x/*.csv: it leads out of the site: link the folder into drop/ (ln -s) and name the link",
			"error glob drop/**/a.csv: ** is not supported: write one glob per folder level (a/*.csv, a/*/*.csv)",
			"error glob drop/[!a].csv: [! does not negate: write [^",
			"error glob drop/[a.csv: syntax error in pattern: close every [",
			`error glob drop\a.csv: it holds a backslash: separate folders with /`,
			"error glob: it is empty: write a path relative to the site, like drop/leeds/*.csv",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, lines(find(t, finder(root, nil), tc.globs...))); diff != "" {
				t.Errorf("listing (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFound(t *testing.T) {
	t.Parallel()
	root := site(t, "drop/a.csv")
	info, err := os.Stat(filepath.Join(root, "drop/a.csv"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Found{{
		Path: filepath.Join(root, "drop", "a.csv"), Name: "drop/a.csv", Size: 1,
		ModTime: info.ModTime(), Inode: info.Sys().(*syscall.Stat_t).Ino,
	}}
	if diff := cmp.Diff(want, find(t, finder(root, nil), "drop/*.csv").Found); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
}

func TestComplete(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		seen   func(f Found) Sighting // the last sighting; nil: none
		during func(t *testing.T, path string)
		age    time.Duration
		want   string
		slept  bool
	}{
		{name: "new and still", age: time.Hour, want: "found a.csv", slept: true},
		{name: "seen unchanged", seen: Found.Sighting, age: time.Hour, want: "found a.csv"},
		{
			name: "seen with another size", age: time.Hour, want: "found a.csv", slept: true,
			seen: func(f Found) Sighting { s := f.Sighting(); s.Size++; return s },
		},
		{
			name: "seen with another inode", age: time.Hour, want: "found a.csv", slept: true,
			seen: func(f Found) Sighting { s := f.Sighting(); s.Inode++; return s },
		},
		{name: "young", age: 12 * time.Second, want: "pending a.csv: changed 12s ago, younger than 1m0s"},
		{name: "young but seen", seen: Found.Sighting, age: 12 * time.Second, want: "pending a.csv: changed 12s ago, younger than 1m0s"},
		{
			name: "from the future", age: -time.Hour,
			want: "pending a.csv: changed in the future (2025-06-30T03:30:00Z): wait, or mend the clock of the machine that wrote it, or touch the file",
		},
		{
			name: "growing", age: time.Hour, slept: true, want: "pending a.csv: still changing: 1 bytes, 3 bytes 2s later",
			during: func(t *testing.T, path string) {
				if err := os.WriteFile(path, []byte("xyz"), 0o644); err != nil {
					t.Error(err)
				}
			},
		},
		{
			name: "replaced by one of the same size", age: time.Hour, slept: true, want: "pending a.csv: still changing: 1 bytes, 1 bytes 2s later",
			during: func(t *testing.T, path string) {
				if err := os.WriteFile(path+".new", []byte("y"), 0o644); err != nil {
					t.Error(err)
				}
				if err := os.Chtimes(path+".new", now().Add(-time.Hour), now().Add(-time.Hour)); err != nil {
					t.Error(err)
				}
				if err := os.Rename(path+".new", path); err != nil {
					t.Error(err)
				}
			},
		},
		{
			name: "vanished", age: time.Hour, slept: true, want: "pending a.csv: it vanished while being looked at",
			during: func(t *testing.T, path string) {
				if err := os.Remove(path); err != nil {
					t.Error(err)
				}
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			root := site(t, "a.csv")
			path := filepath.Join(root, "a.csv")
			changed := now().Add(-tc.age)
			if err := os.Chtimes(path, changed, changed); err != nil {
				t.Fatal(err)
			}
			slept := false
			f := finder(root, func() {
				slept = true
				if tc.during != nil {
					tc.during(t, path)
				}
			})
			if tc.seen != nil {
				file, err := look(path, "a.csv")
				if err != nil {
					t.Fatal(err)
				}
				f.Sightings = memory{{"leeds", "a.csv"}: tc.seen(file)}
			}
			if diff := cmp.Diff([]string{tc.want}, lines(find(t, f, "*.csv"))); diff != "" {
				t.Errorf("listing (-want +got):\n%s", diff)
			}
			if slept != tc.slept {
				t.Errorf("second look = %v, want %v", slept, tc.slept)
			}
		})
	}
}

func TestOneSleepForAllSources(t *testing.T) {
	t.Parallel()
	root := site(t, "a/1.csv", "a/2.csv", "b/1.csv")
	sleeps := 0
	f := finder(root, func() { sleeps++ })
	listings, err := f.Find(t.Context(), []Source{{Name: "b", Globs: []string{"b/*"}}, {Name: "a", Globs: []string{"a/*"}}})
	if err != nil {
		t.Fatal(err)
	}
	if sleeps != 1 {
		t.Errorf("slept %d times, want once", sleeps)
	}
	if listings[0].Source != "b" || len(listings[0].Found) != 1 || len(listings[1].Found) != 2 {
		t.Errorf("listings %+v", listings)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	f := finder(site(t, "a.csv"), nil)
	ctx, cancel := context.WithCancel(t.Context())
	f.Sleep = func(ctx context.Context, d time.Duration) error {
		cancel()
		return Wait(ctx, time.Hour)
	}
	if _, err := f.Find(ctx, []Source{{Name: "leeds", Globs: []string{"*"}}}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want cancelled", err)
	}
}

func TestLinksAndSpecialFiles(t *testing.T) {
	t.Parallel()
	root, share := site(t, "drop/a.csv"), site(t, "july/b.csv")
	for link, target := range map[string]string{
		"drop/linked.csv": filepath.Join(share, "july/b.csv"),
		"drop/july":       filepath.Join(share, "july"),
		"drop/gone.csv":   filepath.Join(share, "august.csv"),
		"drop/self.csv":   filepath.Join(root, "drop/self.csv"),
	} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(root, "drop/pipe.csv"), 0o644); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range lines(find(t, finder(root, nil), "drop/[^s]*.csv", "drop/self.csv", "drop/*/*.csv")) {
		got = append(got, strings.ReplaceAll(line, root, ""))
	}
	want := []string{
		"found drop/a.csv", "found drop/july/b.csv", "found drop/linked.csv",
		"skipped drop/pipe.csv: it is not a regular file",
		"error read drop/gone.csv: it links to something that does not exist: mount what it points to or remove the link",
		"error read drop/self.csv: too many levels of symbolic links: remove the link",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("listing (-want +got):\n%s", diff)
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	if unprivileged.Rerun(t) {
		return
	}
	root := site(t, "closed/a.csv", "noentry/b.csv", "open/c.csv", "open/d.csv")
	for path, mode := range map[string]os.FileMode{"closed": 0o300, "noentry": 0o600, "open/c.csv": 0o200} {
		if err := os.Chmod(filepath.Join(root, path), mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for _, folder := range []string{"closed", "noentry"} {
			if err := os.Chmod(filepath.Join(root, folder), 0o755); err != nil {
				t.Error(err)
			}
		}
	})
	l := find(t, finder(root, nil), "closed/*.csv", "noentry/*.csv", "open/*.csv")
	if len(l.Found) != 1 || l.Found[0].Name != "open/d.csv" || len(l.Unmatched) > 0 {
		t.Errorf("listing %q, want open/d.csv found alone", lines(l))
	}
	for i, name := range []string{"closed", "noentry/b.csv", "open/c.csv"} {
		if i >= len(l.Errors) || !strings.Contains(l.Errors[i].Error(), "read "+name+": permission denied: give the account") {
			t.Errorf("no error for %s in %q", name, l.Errors)
		}
	}
}

// However files arrived and in whatever order globs are written, the listing
// is the same.
func TestOrderIsIrrelevant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-c]/[a-zA-Z0-9]{1,3}\.(csv|txt|part)`), 1, 8, rapid.ID).Draw(rt, "names")
		globs := []string{"a/*.csv", "*/*", "b/[a-m]*", "c/x.csv"}
		listing := func(names, globs []string) []string {
			root := t.TempDir()
			for _, name := range names {
				write(t, root, name, "x")
			}
			return lines(find(t, finder(root, nil), globs...))
		}
		want := listing(names, globs)
		if len(want) < len(names) {
			rt.Errorf("%d names, but the listing tells only of %q", len(names), want)
		}
		got := listing(rapid.Permutation(names).Draw(rt, "arrival"), rapid.Permutation(globs).Draw(rt, "globs"))
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Errorf("listing (-one order +another):\n%s", diff)
		}
	})
}

func FuzzGlob(f *testing.F) {
	for _, glob := range []string{"drop/*.csv", "[", "a/../..", "*/*", "./a", "?", "drop//a.csv", "a[!b]/c"} {
		f.Add(glob)
	}
	f.Fuzz(func(t *testing.T, glob string) {
		root := site(t, "a/b.csv", "c.csv")
		l := find(t, finder(root, nil), glob)
		for _, file := range l.Found {
			if !filepath.IsLocal(file.Name) {
				t.Errorf("glob %q leads to %s, out of the site", glob, file.Name)
			}
		}
		if len(l.Found)+len(l.Skipped)+len(l.Unmatched)+len(l.Errors) == 0 {
			t.Errorf("glob %q is answered with silence", glob)
		}
	})
}
