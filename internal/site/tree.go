package site

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// Tree is a read-only file system: the built-in files with those of a site laid over them.
type Tree struct {
	files     map[string]treeFile
	dirs      map[string][]fs.DirEntry
	overrides []Override
	lowered   []Lowered
	contracts []string // pipeline/contract, of disabled pipelines
}

// treeFile is a built-in file, or the bytes of one of the site's.
type treeFile struct {
	from fs.FS // nil for one of the site's
	data []byte
}

// Overrides lists where the site differs from what is built in, by path.
func (t *Tree) Overrides() []Override { return slices.Clone(t.overrides) }

// DisabledContracts are the contracts of the pipelines that the site disables, as
// pipeline/contract, sorted.
func (t *Tree) DisabledContracts() []string { return slices.Sorted(slices.Values(t.contracts)) }

// Lowered lists where the site keeps more of people than the built-in files do,
// each with the decision that allows it.
func (t *Tree) Lowered() []Lowered { return slices.Clone(t.lowered) }

func (t *Tree) lay(name string, data []byte, decisions []Lowered) error {
	override := Override{Path: name, Kind: Added, Site: hash(data)}
	if below, ok := t.files[name]; ok {
		builtIn, err := fs.ReadFile(below.from, name)
		if err != nil {
			return err
		}
		override.Kind, override.BuiltIn, override.Base = Replaced, hash(builtIn), base(data)
		if err := checkAudience(name, builtIn, data); err != nil {
			return err
		}
		decided, err := checkLowered(name, builtIn, data, decisions)
		if err != nil {
			return err
		}
		t.lowered = append(t.lowered, decided...)
	}
	t.files[name] = treeFile{data: data}
	if override.BuiltIn != override.Site { // an unchanged copy overrides nothing
		t.overrides = append(t.overrides, override)
	}
	return nil
}

func (t *Tree) disable(name string, data []byte) error {
	below, ok := t.files[name]
	if !ok || below.from == nil {
		return fmt.Errorf("%s: disabled: true removes a built-in file, and there is none at this path: correct the path or delete the file", name)
	}
	builtIn, err := fs.ReadFile(below.from, name)
	if err != nil {
		return fmt.Errorf("disable %s: %w", name, err)
	}
	stem := strings.TrimSuffix(name, ".yaml")
	for other := range t.files {
		sibling := path.Dir(other) == path.Dir(name) && strings.TrimSuffix(other, path.Ext(other)) == stem
		inPipeline := path.Base(name) == "pipeline.yaml" && strings.HasPrefix(other, path.Dir(name)+"/")
		if sibling || inPipeline {
			delete(t.files, other)
			if folder, isContract := strings.CutSuffix(path.Dir(other), "/contracts"); inPipeline && isContract {
				t.contracts = append(t.contracts, path.Base(folder)+"/"+strings.TrimSuffix(path.Base(other), path.Ext(other)))
			}
		}
	}
	t.overrides = append(t.overrides, Override{Path: name, Kind: Disabled, BuiltIn: hash(builtIn), Site: hash(data)})
	return nil
}

// index lists the folders.
func (t *Tree) index() error {
	t.dirs = map[string][]fs.DirEntry{".": nil}
	for _, name := range slices.Sorted(maps.Keys(t.files)) {
		info, err := t.info(name)
		if err != nil {
			return err
		}
		t.dirs[path.Dir(name)] = append(t.dirs[path.Dir(name)], fs.FileInfoToDirEntry(info))
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if _, isFile := t.files[dir]; isFile {
				return fmt.Errorf("%s is a file, so %s cannot stand in it: rename one", dir, name)
			}
			parent, entry := path.Dir(dir), fs.FileInfoToDirEntry(treeInfo{name: path.Base(dir), dir: true})
			if !slices.ContainsFunc(t.dirs[parent], func(e fs.DirEntry) bool { return e.Name() == entry.Name() }) {
				t.dirs[parent] = append(t.dirs[parent], entry)
			}
		}
	}
	for _, entries := range t.dirs {
		slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	}
	return nil
}

func (t *Tree) info(name string) (fs.FileInfo, error) {
	f := t.files[name]
	if f.from == nil {
		return treeInfo{name: path.Base(name), size: int64(len(f.data))}, nil
	}
	info, err := fs.Stat(f.from, name)
	if err != nil {
		return nil, fmt.Errorf("built-in file: %w", err)
	}
	return info, nil
}

// Open opens a file or folder.
func (t *Tree) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	if f, ok := t.files[name]; ok {
		if f.from != nil {
			return f.from.Open(name)
		}
		return &openFile{Reader: bytes.NewReader(f.data), info: treeInfo{name: path.Base(name), size: int64(len(f.data))}}, nil
	}
	if entries, ok := t.dirs[name]; ok {
		return &openDir{info: treeInfo{name: path.Base(name), dir: true}, left: entries}, nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadDir lists a folder in the order of names.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, ok := t.dirs[name]
	if !ok {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	return slices.Clone(entries), nil
}

// openFile is an open file of the site.
type openFile struct {
	*bytes.Reader
	info treeInfo
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFile) Close() error               { return nil }

// openDir is an open folder; left are the entries not yet read.
type openDir struct {
	info treeInfo
	left []fs.DirEntry
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDir) Close() error               { return nil }

func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.info.name, Err: fs.ErrInvalid}
}

func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(d.left)
	} else if len(d.left) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.left))
	entries := slices.Clone(d.left[:n])
	d.left = d.left[n:]
	return entries, nil
}

// treeInfo describes a folder, or a file of the site. It has no time: nothing may depend on one.
type treeInfo struct {
	name string
	size int64
	dir  bool
}

func (i treeInfo) Name() string { return i.name }
func (i treeInfo) Size() int64  { return i.size }
func (i treeInfo) IsDir() bool  { return i.dir }
func (i treeInfo) Sys() any     { return nil }

func (i treeInfo) ModTime() time.Time { return time.Time{} }

func (i treeInfo) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o555
	}
	return 0o444
}
