//go:build duckdb_arrow

package shelf

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"socialvalue/internal/durable"
	"socialvalue/internal/manifest"
)

// Access says which group of the operating system reads which part of a release: open, or the domain of a restricted
// part, by the group's number. Parts that it does not name keep the group of the account that made them. Nothing of a
// release is ever for everybody on the machine.
//
// Folders keep people out: restricted/<domain> lets in its own group alone. A file has the group of its part, too. One
// that stands in parts of several groups, by hard links, can have one group only; it has that of open, which everybody
// who reads any part is in.
type Access map[string]int

// keepGroup says that a group is not ours to set.
const keepGroup = -1

// entry is one file or folder of a release and the group it should have.
type entry struct {
	path  string
	info  fs.FileInfo
	group int
}

// of is the group of a part.
func (a Access) of(place string) int {
	if group, named := a[place]; named {
		return group
	}
	return keepGroup
}

// place is the part of a release that a path in it belongs to. The manifest of the whole names restricted datasets, so
// it belongs to none, as all files beside it; an edition holds nothing that is not open.
func place(name string, info fs.FileInfo, edition bool) (place string, any bool) {
	first, rest, _ := strings.Cut(name, "/")
	switch {
	case first == "restricted" && rest != "":
		domain, _, _ := strings.Cut(rest, "/")
		return domain, true
	case rest == "" && !info.IsDir() && !edition:
		return "", false
	}
	return manifest.OpenPlace, true
}

// survey lists what stands in a folder of releases, or of editions, with the group that each should have, and in a
// staging folder when one is named.
func (a Access) survey(root, staging string) ([]entry, error) {
	found, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	top, err := os.Stat(root)
	if err != nil {
		return nil, err
	}
	entries := []entry{{root, top, a.of(manifest.OpenPlace)}}
	id := releaseID()
	for _, each := range found {
		folder := filepath.Join(root, each.Name())
		info, err := each.Info()
		switch {
		case errors.Is(err, fs.ErrNotExist): // gone meanwhile
		case err != nil:
			return nil, err
		case each.Name() == twinName(root):
			entries = append(entries, entry{folder, info, a.of(manifest.OpenPlace)})
		case each.IsDir() && (id.MatchString(each.Name()) || strings.HasPrefix(each.Name(), FailedPrefix) || folder == staging):
			inside, err := a.folder(folder, pointerName(root) == publishedName)
			if err != nil {
				return nil, err
			}
			entries = append(entries, inside...)
		}
	}
	return shared(entries, a.of(manifest.OpenPlace)), nil
}

// folder lists what stands in one release.
func (a Access) folder(folder string, edition bool) (entries []entry, err error) {
	err = filepath.WalkDir(folder, func(path string, each fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := each.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return fmt.Errorf("name a file: %w", err)
		}
		group := keepGroup
		if place, any := place(filepath.ToSlash(name), info, edition); any {
			group = a.of(place)
		}
		entries = append(entries, entry{path, info, group})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", folder, err)
	}
	return entries, nil
}

// shared gives files that are one and stand in parts of several groups the group of open.
func shared(entries []entry, open int) []entry {
	groups := map[uint64][]int{}
	for _, e := range entries {
		if stat, ok := e.info.Sys().(*syscall.Stat_t); ok && !e.info.IsDir() && stat.Nlink > 1 {
			groups[stat.Ino] = append(groups[stat.Ino], e.group)
		}
	}
	for i, e := range entries {
		stat, ok := e.info.Sys().(*syscall.Stat_t)
		if ok && !e.info.IsDir() && len(slices.Compact(slices.Sorted(slices.Values(groups[stat.Ino])))) > 1 {
			entries[i].group = open
		}
	}
	return entries
}

// SetFolder lets those who read what is open pass through a folder above the releases.
func (a Access) SetFolder(disk durable.Disk, folder string) error {
	group := a.of(manifest.OpenPlace)
	info, err := os.Stat(folder)
	if err != nil {
		return fmt.Errorf("set the group of a folder: %w", err)
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || group == keepGroup || int(stat.Gid) == group {
		return nil
	}
	return disk.Chgrp(folder, group)
}

// groupOfFolder gives a file the group of the folder it lies in, so that whoever may list the folder may read it. An
// account that may not do so leaves it to the next run: a pointer must move.
func groupOfFolder(disk durable.Disk, folder, file string) error {
	info, err := os.Stat(folder)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if made, err := os.Stat(file); err != nil || !ok || sameGroup(made, stat) {
		return err
	}
	if err := disk.Chgrp(file, int(stat.Gid)); !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

func sameGroup(info fs.FileInfo, stat *syscall.Stat_t) bool {
	other, ok := info.Sys().(*syscall.Stat_t)
	return ok && other.Gid == stat.Gid
}

// Set gives every release below a folder, of releases or of editions, its groups. What has them is not touched.
func (a Access) Set(disk durable.Disk, root string) error { return a.SetAlso(disk, root, "") }

// SetAlso does so, and in a staging folder of the root.
func (a Access) SetAlso(disk durable.Disk, root, staging string) error {
	if len(a) == 0 {
		return nil
	}
	entries, err := a.survey(root, staging)
	if err != nil {
		return fmt.Errorf("set the groups of releases: %w", err)
	}
	done := map[uint64]bool{}
	for _, e := range entries {
		stat, ok := e.info.Sys().(*syscall.Stat_t)
		if !ok || e.group == keepGroup || int(stat.Gid) == e.group || done[stat.Ino] {
			continue
		}
		if err := disk.Chgrp(e.path, e.group); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("set the groups of releases: %w", err)
		}
		done[stat.Ino] = true
	}
	return nil
}

// Verify says what of a release, named by its folder's name, is readable by others than it should be, or not by those
// who should.
func (a Access) Verify(root, release string) error {
	entries, err := a.survey(root, "")
	if err != nil {
		return fmt.Errorf("verify who may read: %w", err)
	}
	folder := filepath.Join(root, release)
	var wrong []error
	for _, e := range entries {
		if e.path != folder && !strings.HasPrefix(e.path, folder+string(filepath.Separator)) && e.path != root {
			continue
		}
		name := "the folder " + filepath.Base(root)
		if rel, err := filepath.Rel(folder, e.path); err == nil && e.path != root {
			name = filepath.Join(release, rel)
		}
		if problem := e.problem(); problem != "" {
			wrong = append(wrong, fmt.Errorf("%s %s", name, problem))
		}
	}
	const told = 10
	if len(wrong) > told {
		wrong = append(wrong[:told], fmt.Errorf("and %d more", len(wrong)-told))
	}
	return errors.Join(wrong...)
}

// problem says what is wrong with the mode or the group of a file or folder.
func (e entry) problem() string {
	mode := e.info.Mode().Perm()
	needed := fs.FileMode(0o040)
	if e.info.IsDir() {
		needed = 0o050
	}
	stat, ok := e.info.Sys().(*syscall.Stat_t)
	switch {
	case mode&0o007 != 0:
		return fmt.Sprintf("is open to everybody on this machine (mode %04o)", mode)
	case mode&0o020 != 0:
		return fmt.Sprintf("can be changed by its group (mode %04o)", mode)
	case mode&needed != needed:
		return fmt.Sprintf("cannot be read by its group (mode %04o)", mode)
	case ok && e.group != keepGroup && int(stat.Gid) != e.group:
		return fmt.Sprintf("is of group %d, and should be of %d", stat.Gid, e.group)
	}
	return ""
}
