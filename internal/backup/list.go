package backup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"socialvalue/internal/site"
)

// Source is what is backed up.
type Source struct {
	Name      string // of the site
	Root      string // the site folder
	Warehouse site.Warehouse
	Keys      []string // paths of key files
	WithKeys  bool
	Software  string
}

// entry is a file on its way into a backup.
type entry struct {
	File
	from  string
	fixed bool // never changes once it is there
}

// listing is everything that belongs into a backup.
type listing struct {
	folders []Folder
	links   []Link
	entries []*entry
	left    []string // of the site folder, what is not part of the backup
	keys    []string // key files that are not part of it
	first   map[inode]string
}

type inode struct{ device, number uint64 }

// ownFolders are the folders in which a site says how it differs from what is
// built in.
func ownFolders() []string { return []string{"overrides", "pipelines", "schedules", "sql"} }

// list finds everything that belongs into a backup: the site's own files, then
// the warehouse without what can be made again and what runs left half done.
func (s Source) list() (*listing, error) {
	l := &listing{first: map[inode]string{}}
	info, err := os.Stat(filepath.Join(s.Root, site.FileName))
	if err != nil {
		return nil, err
	}
	l.folders = append(l.folders, Folder{Path: sitePart, Mode: Mode(modeOf(s.Root))})
	l.file(sitePart+"/"+site.FileName, filepath.Join(s.Root, site.FileName), info)
	for _, name := range ownFolders() {
		if err := s.walk(l, sitePart, s.Root, name); err != nil {
			return nil, err
		}
	}
	if err := s.keys(l); err != nil {
		return nil, err
	}
	if err := s.leftOut(l); err != nil {
		return nil, err
	}
	l.folders = append(l.folders, Folder{Path: warehousePart, Mode: Mode(modeOf(s.Warehouse.Root))})
	entries, err := os.ReadDir(s.Warehouse.Root)
	if err != nil {
		return nil, fmt.Errorf("list the warehouse: %w", err)
	}
	// What was made for HR goes by a clock, which does not reach a copy.
	skipped := []string{filepath.Base(s.Warehouse.Build()), filepath.Base(s.Warehouse.State()), filepath.Base(s.Warehouse.ForHR())}
	for _, e := range entries {
		if slices.Contains(skipped, e.Name()) {
			continue
		}
		if err := s.walk(l, warehousePart, s.Warehouse.Root, e.Name()); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// halfDone matches what killed runs leave in the warehouse: the next run removes
// it.
func halfDone() *regexp.Regexp {
	return regexp.MustCompile(`^\.(landing|tmp|staging|next|failed|unfinished)-`)
}

// walk lists a file or folder below root.
func (s Source) walk(l *listing, part, root, name string) error {
	half := halfDone()
	err := filepath.WalkDir(filepath.Join(root, name), func(from string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, from)
		if err != nil {
			return fmt.Errorf("name %s: %w", from, err)
		}
		as := path.Join(part, filepath.ToSlash(relative))
		info, err := d.Info()
		switch {
		case err != nil:
			return err
		case half.MatchString(d.Name()):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			l.folders = append(l.folders, Folder{Path: as, Mode: Mode(info.Mode().Perm())})
			return nil
		case d.Type() == fs.ModeSymlink:
			target, err := os.Readlink(from)
			if err != nil {
				return err
			}
			if !staysInside(as, target) {
				return fmt.Errorf("%s is a link that leads to %s, which is no part of the backup: put the file itself there", from, target)
			}
			l.links = append(l.links, Link{Path: as, Target: filepath.ToSlash(target)})
			return nil
		case !d.Type().IsRegular():
			return fmt.Errorf("%s is neither file, folder nor link: take it away", from)
		case s.isKey(from):
			return nil // see keys
		}
		l.file(as, from, info)
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil // nobody has such a folder by need
	}
	if err != nil {
		return fmt.Errorf("list what is backed up: %w", err)
	}
	return nil
}

func (s Source) isKey(file string) bool { return slices.Contains(s.Keys, filepath.Clean(file)) }

// file adds a file. One that stands at several paths, as a Parquet file that
// releases share, is copied once.
func (l *listing) file(as, from string, info fs.FileInfo) {
	e := &entry{from: from, fixed: isFixed(as), File: File{
		Path: as, Bytes: info.Size(), Mode: Mode(info.Mode().Perm()), Modified: info.ModTime().UTC(),
	}}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Nlink > 1 {
		id := inode{uint64(stat.Dev), stat.Ino} //nolint:unconvert // other systems have other types
		if first, ok := l.first[id]; ok {
			e.SameAs = first
		} else {
			l.first[id] = as
		}
	}
	l.entries = append(l.entries, e)
}

// isFixed says whether what lies at a path never changes: files named by their
// hash, and what lies in the folder of one release, edition or baseline.
func isFixed(path string) bool {
	parts := strings.Split(path, "/")
	if parts[0] != warehousePart || len(parts) < 4 {
		return false
	}
	switch parts[1] {
	case "landing", "releases", "publications", "baselines":
		return true
	case "store":
		return parts[2] != "_loads"
	}
	return false
}

// namedHash is the hash that a file's name says it has, or empty.
func namedHash(path string) string {
	parts := strings.Split(path, "/")
	if len(parts) == 5 && parts[1] == "store" && parts[2] == "aside" {
		parts = append(parts[:2], parts[3:]...)
	}
	if len(parts) != 4 || parts[0] != warehousePart || !isFixed(path) {
		return ""
	}
	name := strings.TrimSuffix(parts[3], ".parquet")
	if parts[1] != "landing" && parts[1] != "store" || !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(name) {
		return ""
	}
	return name
}

// keys adds the key files when they are asked for.
func (s Source) keys(l *listing) error {
	for _, key := range s.Keys {
		relative, err := filepath.Rel(s.Root, key)
		info, statErr := os.Stat(key)
		if err != nil || statErr != nil || !s.WithKeys || !filepath.IsLocal(relative) {
			l.keys = append(l.keys, key)
			continue
		}
		as := path.Join(sitePart, filepath.ToSlash(relative))
		for dir := path.Dir(as); dir != sitePart; dir = path.Dir(dir) {
			if !slices.ContainsFunc(l.folders, func(f Folder) bool { return f.Path == dir }) {
				at := filepath.Join(s.Root, filepath.FromSlash(strings.TrimPrefix(dir, sitePart+"/")))
				l.folders = append(l.folders, Folder{Path: dir, Mode: Mode(modeOf(at))})
			}
		}
		l.file(as, key, info)
	}
	return nil
}

// leftOut names what else lies in the site folder.
func (s Source) leftOut(l *listing) error {
	entries, err := os.ReadDir(s.Root)
	if err != nil {
		return fmt.Errorf("list the site folder: %w", err)
	}
	for _, e := range entries {
		at := filepath.Join(s.Root, e.Name())
		if e.Name() != site.FileName && !slices.Contains(ownFolders(), e.Name()) && at != s.Warehouse.Root && !s.isKey(at) {
			l.left = append(l.left, e.Name())
		}
	}
	return nil
}

// modeOf is the mode of a folder, or that of the warehouse's when it cannot be
// seen.
func modeOf(dir string) fs.FileMode {
	info, err := os.Stat(dir)
	if err != nil {
		return 0o750
	}
	return info.Mode().Perm()
}

// forecast is how many bytes are to be written to a target that already has
// those files.
func (l *listing) forecast(known map[string]File) (bytes int64) {
	for _, e := range l.entries {
		if e.SameAs == "" && !e.unchanged(known) {
			bytes += e.Bytes
		}
	}
	return bytes
}

// unchanged says whether an earlier backup has this very file.
func (e *entry) unchanged(known map[string]File) bool {
	before, ok := known[e.Path]
	return ok && e.fixed && before.Bytes == e.Bytes && before.Modified.Equal(e.Modified)
}
