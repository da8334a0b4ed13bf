package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"socialvalue/internal/durable"
	"socialvalue/internal/site"
)

// ErrDamaged is what errors.Is finds when a backup is not what its manifest says.
var ErrDamaged = errors.New("the backup is damaged")

// Restored says what was put back.
type Restored struct {
	From      string   `json:"from"`
	To        string   `json:"to,omitempty"` // empty: it was only verified
	Warehouse string   `json:"warehouse,omitempty"`
	MadeAt    string   `json:"made_at"`
	Software  string   `json:"software_version"`
	Files     int      `json:"files"`
	Bytes     int64    `json:"bytes"`
	Keys      []string `json:"keys_missing,omitempty"` // key files that the site names and that are not there
}

// Verify reads every file of a backup and compares it with the manifest. It
// writes nothing.
func Verify(ctx context.Context, from string) (*Restored, error) {
	r := &restoring{from: from}
	m, err := r.read(ctx)
	if err != nil {
		return nil, fmt.Errorf("verify %s: %w", from, err)
	}
	return r.told(m), nil
}

// Restore puts a backup into an empty folder, or one that does not exist. Every
// file is compared with the manifest; of a backup that is damaged nothing stays.
// svw.yaml comes last, so that what a killed restore leaves is no site.
func Restore(ctx context.Context, from, to string) (*Restored, error) {
	to, err := filepath.Abs(to)
	if err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	made, err := emptyFolder(to)
	if err != nil {
		return nil, err
	}
	r := &restoring{from: from, to: to}
	m, err := r.read(ctx)
	if err == nil {
		err = r.finish(m)
	}
	if err != nil {
		return nil, fmt.Errorf("restore %s: %w", from, withRemedy(errors.Join(err, r.clear(made))))
	}
	restored := r.told(m)
	restored.To, restored.Warehouse = to, r.warehouse
	for _, key := range r.site.Keys {
		if kind, file, _ := strings.Cut(string(key), ":"); kind == "file" {
			if !filepath.IsAbs(file) {
				file = filepath.Join(to, file)
			}
			if _, err := os.Stat(file); err != nil {
				restored.Keys = append(restored.Keys, file)
			}
		}
	}
	slices.Sort(restored.Keys)
	return restored, nil
}

// emptyFolder makes sure that a folder is empty, and says whether it made it.
func emptyFolder(dir string) (made bool, err error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return false, fmt.Errorf("restore: %w", err)
		}
		return true, nil
	case err != nil:
		return false, &TargetError{fmt.Errorf("restore: %w", err)}
	case len(entries) > 0:
		return false, &TargetError{fmt.Errorf("%s is not empty: restore into an empty folder, and compare or move afterwards", dir)}
	}
	return false, nil
}

// restoring is a backup that is being read, and put somewhere when to is set.
type restoring struct {
	from, to      string
	site          *site.Site
	warehouse     string
	madeWarehouse bool // outside of to
	got           map[string]File
	text          []byte // of the manifest
}

// read reads a whole backup and compares it with its manifest.
func (r *restoring) read(ctx context.Context) (*Manifest, error) {
	r.got = map[string]File{}
	info, err := os.Stat(r.from)
	if err != nil {
		return nil, err
	}
	var extra []string
	if info.IsDir() {
		extra, err = r.readFolder(ctx)
	} else {
		err = r.readArchive(ctx)
	}
	if err != nil {
		return nil, err
	}
	m, err := parseManifest(r.text)
	if err != nil {
		return nil, err
	}
	return m, r.compare(m, extra)
}

func (r *restoring) readFolder(ctx context.Context) (extra []string, err error) {
	if r.text, err = os.ReadFile(filepath.Join(r.from, manifestName)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	m, err := parseManifest(r.text)
	if err != nil {
		return nil, err
	}
	for _, file := range m.Files {
		in, err := os.Open(filepath.Join(r.from, filepath.FromSlash(file.Path)))
		if errors.Is(err, fs.ErrNotExist) {
			continue // compare says so
		}
		if err != nil {
			return nil, err
		}
		err = r.take(ctx, file.Path, file.SameAs != "", in)
		if err := errors.Join(err, in.Close()); err != nil {
			return nil, err
		}
	}
	return extras(r.from, m)
}

func (r *restoring) readArchive(ctx context.Context) error {
	err := readArchive(r.from, func(header *tar.Header, content io.Reader) (err error) {
		switch {
		case r.text != nil:
			return fmt.Errorf("%w: %q comes after the manifest", ErrDamaged, header.Name)
		case header.Name == manifestName:
			if r.text, err = io.ReadAll(content); err != nil {
				return fmt.Errorf("read the manifest: %w", err)
			}
			return nil
		case header.Typeflag == tar.TypeLink:
			first, ok := r.got[header.Linkname]
			if !ok {
				return fmt.Errorf("%w: %q is said to be %q, which is not there", ErrDamaged, header.Name, header.Linkname)
			}
			r.got[header.Name] = first
			return nil
		case header.Typeflag != tar.TypeReg:
			return fmt.Errorf("%w: %q is no file", ErrDamaged, header.Name)
		}
		return r.take(ctx, header.Name, false, content)
	})
	if err == nil && r.text == nil {
		return fmt.Errorf("%w: %s has no %s: it was not finished", ErrNone, r.from, manifestName)
	}
	return err
}

// take reads one file; one that is the same as another is not written again.
func (r *restoring) take(ctx context.Context, path string, same bool, in io.Reader) (err error) {
	if !belongs(path) {
		return fmt.Errorf("%w: the path %q does not belong into a backup", ErrDamaged, path)
	}
	if _, twice := r.got[path]; twice {
		return fmt.Errorf("%w: %s is in it twice", ErrDamaged, path)
	}
	if path == sitePart+"/"+site.FileName {
		text, err := io.ReadAll(in)
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		if r.to != "" {
			if err := r.findWarehouse(text); err != nil {
				return err
			}
		}
		in = bytes.NewReader(text)
	}
	file := File{Path: path}
	out := io.Writer(io.Discard)
	if r.to != "" && !same {
		to, err := r.place(path)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
			return err
		}
		written, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, written.Sync(), written.Close()) }()
		out = written
	}
	if err := copyHashed(ctx, &file, out, in); err != nil {
		return err
	}
	r.got[path] = file
	return nil
}

// findWarehouse reads where the site has its warehouse, which must be empty too.
func (r *restoring) findWarehouse(text []byte) (err error) {
	if r.site, err = site.Parse(r.to, site.FileName, text); err != nil {
		return err
	}
	r.warehouse = r.site.Warehouse.Root
	if relative, err := filepath.Rel(r.to, r.warehouse); err == nil && filepath.IsLocal(relative) {
		return nil
	}
	if r.madeWarehouse, err = emptyFolder(r.warehouse); err != nil {
		r.warehouse = ""
		return fmt.Errorf("svw.yaml has its warehouse outside of the site: %w", err)
	}
	return nil
}

// place is where a path of the backup goes; svw.yaml waits under another name.
func (r *restoring) place(path string) (string, error) {
	part, rest, _ := strings.Cut(path, "/")
	switch {
	case r.warehouse == "":
		return "", fmt.Errorf("%w: it does not begin with %s", ErrDamaged, site.FileName)
	case part == warehousePart:
		return filepath.Join(r.warehouse, filepath.FromSlash(rest)), nil
	case rest == site.FileName:
		return filepath.Join(r.to, unfinished+site.FileName), nil
	}
	return filepath.Join(r.to, filepath.FromSlash(rest)), nil
}

// told is how many differences an error names.
const told = 10

// compare holds what was read against the manifest.
func (r *restoring) compare(m *Manifest, extra []string) error {
	var wrong []string
	for _, file := range m.Files {
		got, ok := r.got[file.Path]
		switch {
		case !ok:
			wrong = append(wrong, file.Path+" is missing")
		case got.SHA256 != file.SHA256 || got.Bytes != file.Bytes:
			wrong = append(wrong, fmt.Sprintf("%s has changed: %d bytes with SHA-256 %s, the manifest says %d bytes with %s",
				file.Path, got.Bytes, got.SHA256, file.Bytes, file.SHA256))
		}
		delete(r.got, file.Path)
	}
	for path := range r.got {
		extra = append(extra, path)
	}
	slices.Sort(extra)
	for _, path := range extra {
		if slices.ContainsFunc(m.Links, func(l Link) bool { return l.Path == path }) {
			continue
		}
		wrong = append(wrong, path+" is not in the manifest")
	}
	if len(wrong) == 0 {
		return nil
	}
	if more := len(wrong) - told; more > 0 {
		wrong = append(wrong[:told], fmt.Sprintf("and %d more", more))
	}
	return fmt.Errorf("%w, nothing of it is used; take an earlier one:\n  %s", ErrDamaged, strings.Join(wrong, "\n  "))
}

// finish links, dates and locks what was written, and names svw.yaml last.
func (r *restoring) finish(m *Manifest) error {
	for _, file := range m.Files {
		to, err := r.place(file.Path)
		if err != nil {
			return err
		}
		if file.SameAs != "" {
			first, err := r.place(file.SameAs)
			if err != nil {
				return err
			}
			if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
				return err
			}
			if err := os.Link(first, to); err != nil {
				return err
			}
			continue
		}
		if err := errors.Join(os.Chtimes(to, file.Modified, file.Modified), os.Chmod(to, fs.FileMode(file.Mode))); err != nil {
			return err
		}
	}
	for _, link := range m.Links {
		to, err := r.place(link.Path)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
			return err
		}
		if err := os.Symlink(filepath.FromSlash(link.Target), to); err != nil {
			return err
		}
	}
	// Those inside first: a folder may be closed by its mode.
	for _, dir := range slices.Backward(m.Folders) {
		to, err := r.place(dir.Path)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(to, 0o750); err != nil {
			return err
		}
		if err := durable.SyncDir(to); err != nil {
			return err
		}
		if err := os.Chmod(to, fs.FileMode(dir.Mode)); err != nil {
			return err
		}
	}
	return durable.Rename(filepath.Join(r.to, unfinished+site.FileName), filepath.Join(r.to, site.FileName))
}

// clear removes what was written. A folder that was there stays, empty.
func (r *restoring) clear(made bool) error {
	return errors.Join(clearFolder(r.to, made), func() error {
		if relative, err := filepath.Rel(r.to, r.warehouse); r.warehouse == "" || err == nil && filepath.IsLocal(relative) {
			return nil
		}
		return clearFolder(r.warehouse, r.madeWarehouse)
	}())
}

func clearFolder(dir string, all bool) error {
	if all {
		return remove(dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, entry := range entries {
		errs = append(errs, remove(filepath.Join(dir, entry.Name())))
	}
	return errors.Join(errs...)
}

func (r *restoring) told(m *Manifest) *Restored {
	restored := &Restored{From: r.from, MadeAt: m.MadeAt.Format("2006-01-02T15:04:05Z07:00"), Software: m.Software, Files: len(m.Files)}
	for _, file := range m.Files {
		restored.Bytes += file.Bytes
	}
	return restored
}
