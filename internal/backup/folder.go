package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"socialvalue/internal/durable"
)

// folder is a backup in a folder of its own, beside those made before.
type folder struct {
	dir, stamp string
	staging    string
	previous   string
	known      map[string]File
	fault      func(step, path string) error
}

func newFolder(dir, stamp, siteName string, fault func(step, path string) error) (*folder, error) {
	f := &folder{dir: dir, stamp: stamp, staging: filepath.Join(dir, unfinished+stamp), known: map[string]File{}, fault: fault}
	if _, err := os.Lstat(filepath.Join(dir, stamp)); err == nil {
		return nil, fmt.Errorf("there is a backup %s already: wait a second", stamp)
	}
	previous, err := newest(dir)
	if err != nil {
		return nil, err
	}
	if previous != "" {
		text, err := os.ReadFile(filepath.Join(previous, manifestName))
		if err != nil {
			return nil, err
		}
		m, err := parseManifest(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", previous, err)
		}
		if m.Site != siteName {
			return nil, &TargetError{fmt.Errorf("%s holds backups of the site %q, not of %q: give each site a folder of its own", dir, m.Site, siteName)}
		}
		f.previous = previous
		for _, file := range m.Files {
			f.known[file.Path] = file
		}
	}
	return f, f.step("mkdir", f.staging, func() error { return os.Mkdir(f.staging, 0o700) })
}

// step does one step on the disk.
func (f *folder) step(name, path string, action func() error) error {
	if f.fault != nil {
		if err := f.fault(name, path); err != nil {
			return &fs.PathError{Op: name, Path: path, Err: err}
		}
	}
	return action()
}

func (f *folder) add(ctx context.Context, e *entry) (linked bool, err error) {
	to := filepath.Join(f.staging, filepath.FromSlash(e.Path))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return false, err
	}
	if e.SameAs != "" {
		from := filepath.Join(f.staging, filepath.FromSlash(e.SameAs))
		if err := f.step("link", to, func() error { return os.Link(from, to) }); err == nil {
			return true, nil
		}
		e.SameAs = "" // the target cannot link
	}
	if e.unchanged(f.known) {
		before := f.known[e.Path]
		from := filepath.Join(f.previous, filepath.FromSlash(e.Path))
		info, err := os.Lstat(from)
		if err == nil && info.Mode().IsRegular() && info.Size() == before.Bytes &&
			f.step("link", to, func() error { return os.Link(from, to) }) == nil {
			e.SHA256 = before.SHA256
			return true, nil
		}
	}
	in, err := os.Open(e.from)
	if err != nil {
		return false, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	return false, f.step("write", to, func() error {
		out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		err = copyHashed(ctx, &e.File, out, in)
		if err == nil {
			err = out.Sync()
		}
		if err := errors.Join(err, out.Close()); err != nil {
			return err
		}
		if err := os.Chtimes(to, e.Modified, e.Modified); err != nil {
			return err
		}
		return os.Chmod(to, fs.FileMode(e.Mode))
	})
}

func (f *folder) finish(m *Manifest, text []byte) (string, error) {
	for _, dir := range m.Folders {
		if err := os.MkdirAll(filepath.Join(f.staging, filepath.FromSlash(dir.Path)), 0o700); err != nil {
			return "", err
		}
	}
	manifest := filepath.Join(f.staging, manifestName)
	err := f.step("write", manifest, func() error { return durable.WriteFile(manifest, text, 0o600) })
	if err != nil {
		return "", err
	}
	err = filepath.WalkDir(f.staging, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return f.step("sync", path, func() error { return durable.SyncDir(path) })
	})
	if err != nil {
		return "", fmt.Errorf("make it durable: %w", err)
	}
	final := filepath.Join(f.dir, f.stamp)
	if err := f.step("rename", final, func() error { return durable.Rename(f.staging, final) }); err != nil {
		return "", err
	}
	return final, nil
}

// abandon removes what was written, also when it stands under its final name
// already: then it was found to be bad.
func (f *folder) abandon() error {
	return errors.Join(remove(f.staging), remove(filepath.Join(f.dir, f.stamp)))
}

// extras lists what lies in the folder of a backup and is not in its manifest.
func extras(root string, m *Manifest) (extra []string, err error) {
	known := map[string]bool{manifestName: true, ".": true}
	for _, dir := range m.Folders {
		known[dir.Path] = true
	}
	for _, file := range m.Files {
		known[file.Path] = true
	}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return fmt.Errorf("name %s: %w", path, err)
		}
		name := filepath.ToSlash(relative)
		if !known[name] && (!d.IsDir() || !holdsKnown(known, name)) {
			extra = append(extra, name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", root, err)
	}
	return extra, nil
}

// holdsKnown says whether a folder leads to something that is known.
func holdsKnown(known map[string]bool, dir string) bool {
	for path := range known {
		if strings.HasPrefix(path, dir+"/") {
			return true
		}
	}
	return false
}
