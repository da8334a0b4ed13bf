package landing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"socialvalue/internal/extract"
)

// Landed is a file as received, kept under its hash.
type Landed struct {
	Source  string
	Name    string // the file's name in the site when it was landed
	SHA256  string // of its bytes, in hex
	Path    string
	Size    int64
	ModTime time.Time // of the file landed
	Existed bool      // the same bytes were here before

	survey *survey // what the copying pass saw; nil when looked up later
}

// Store is the landing folder: <root>/<source>/<sha256>.
type Store struct {
	root   string
	limits Limits
	disk   disk
}

// NewStore returns the store in the folder root, which need not exist yet.
func NewStore(root string, limits Limits) *Store {
	return &Store{root: root, limits: limits, disk: osDisk{}}
}

const (
	tempPrefix = ".landing-"
	copyChunk  = 1 << 20
	keptMode   = fs.FileMode(0o440)
)

// Land copies a file as it stands into the store, in one pass that also hashes
// it and counts its records. On any error nothing new stands under a final name.
func (s *Store) Land(ctx context.Context, source string, found extract.Found) (Landed, error) {
	landed, err := s.land(ctx, source, found)
	if err != nil {
		return Landed{}, fmt.Errorf("land %s: %w", found.Name, withRemedy(err, s.root))
	}
	return landed, nil
}

func (s *Store) land(ctx context.Context, source string, found extract.Found) (Landed, error) {
	dir, err := s.dir(source)
	if err != nil {
		return Landed{}, err
	}
	in, err := os.Open(found.Path)
	if err != nil {
		return Landed{}, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	if err := unchanged(in, found); err != nil {
		return Landed{}, err
	}
	if err := s.makeDir(dir); err != nil {
		return Landed{}, err
	}
	temp, err := s.disk.CreateTemp(dir, tempPrefix+"*")
	if err != nil {
		return Landed{}, err
	}

	hash, seen := sha256.New(), &survey{}
	err = copyWhole(ctx, io.MultiWriter(hash, seen, temp), in, found.Size)
	if err == nil {
		err = unchanged(in, found)
	}
	if err != nil {
		return Landed{}, errors.Join(err, temp.Close(), s.discard(temp))
	}
	seen.finish()
	landed := Landed{
		Source: source, Name: found.Name, SHA256: hex.EncodeToString(hash.Sum(nil)),
		Size: found.Size, ModTime: found.ModTime, survey: seen,
	}
	landed.Path = filepath.Join(dir, landed.SHA256)
	if info, err := os.Lstat(landed.Path); err == nil && info.Mode().IsRegular() && info.Size() == landed.Size {
		landed.Existed = true
		return landed, errors.Join(temp.Close(), s.discard(temp))
	}
	if err := s.keep(temp, dir, landed.Path); err != nil {
		return Landed{}, errors.Join(err, s.discard(temp))
	}
	return landed, nil
}

// keep makes a finished copy durable under its final name.
func (s *Store) keep(temp tempFile, dir, final string) error {
	err := temp.Chmod(keptMode)
	if err == nil {
		err = temp.Sync()
	}
	if err := errors.Join(err, temp.Close()); err != nil {
		return err
	}
	if err := s.disk.Rename(temp.Name(), final); err != nil {
		return fmt.Errorf("rename into place: %w", err)
	}
	if err := s.disk.SyncDir(dir); err != nil {
		// The name might not survive a power cut, so it must not be relied on.
		return errors.Join(err, s.disk.Remove(final))
	}
	return nil
}

// discard removes a copy that did not reach its final name.
func (s *Store) discard(temp tempFile) error {
	if err := s.disk.Remove(temp.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the unfinished copy: %w", err)
	}
	return nil
}

// Lookup returns a file landed by an earlier run; name is what it was called.
func (s *Store) Lookup(source, sha256, name string) (Landed, error) {
	dir, err := s.dir(source)
	if err != nil {
		return Landed{}, fmt.Errorf("look up %s: %w", name, err)
	}
	if b, err := hex.DecodeString(sha256); err != nil || len(b) != 32 {
		return Landed{}, fmt.Errorf("look up %s: %q is no SHA-256 in hex", name, sha256)
	}
	path := filepath.Join(dir, sha256)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Landed{}, fmt.Errorf("look up %s: %w: it was purged by retention or is missing: drop the file again", name, err)
	}
	if err != nil {
		return Landed{}, fmt.Errorf("look up %s: %w", name, err)
	}
	return Landed{
		Source: source, Name: name, SHA256: sha256, Path: path,
		Size: info.Size(), ModTime: info.ModTime(), Existed: true,
	}, nil
}

// Clean removes what interrupted runs left half copied. The caller holds the
// lock of the warehouse.
func (s *Store) Clean() error {
	leftovers, err := filepath.Glob(filepath.Join(s.root, "*", tempPrefix+"*"))
	if err != nil {
		return fmt.Errorf("clean landing: %w", err)
	}
	for _, path := range leftovers {
		if err := s.disk.Remove(path); err != nil {
			return fmt.Errorf("clean landing: %w", err)
		}
	}
	return nil
}

// dir returns the folder of a source.
func (s *Store) dir(source string) (string, error) {
	if source == "" || strings.HasPrefix(source, ".") || strings.ContainsAny(source, "/\\\x00") {
		return "", fmt.Errorf("%q cannot be the name of a source: use letters, digits, _ and -", source)
	}
	return filepath.Join(s.root, source), nil
}

// makeDir makes the folder of a source, durably.
func (s *Store) makeDir(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	if err := s.disk.MkdirAll(dir); err != nil {
		return err
	}
	return s.disk.SyncDir(s.root)
}

// unchanged holds the open file, and what its path now leads to, against what
// was listed.
func unchanged(f *os.File, found extract.Found) error {
	want := found.Sighting()
	held, err := f.Stat()
	if err != nil {
		return err
	}
	if got := extract.FromInfo(found.Path, found.Name, held); !got.Sighting().Same(want) {
		return fmt.Errorf("%w (%d bytes listed, %d now): it is left for the next run", ErrChangedWhileRead, want.Size, got.Size)
	}
	named, err := os.Stat(found.Path)
	if err != nil || !os.SameFile(held, named) {
		return fmt.Errorf("%w (another file took its place): it is left for the next run", ErrChangedWhileRead)
	}
	return nil
}

// copyWhole copies a file of a known size and notices if it has another.
func copyWhole(ctx context.Context, out io.Writer, in io.Reader, size int64) error {
	buf := make([]byte, copyChunk)
	for left := size; ; {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("copy: %w", err)
		}
		n, err := in.Read(buf)
		if left -= int64(n); left < 0 {
			return fmt.Errorf("%w (it grew beyond %d bytes): it is left for the next run", ErrChangedWhileRead, size)
		}
		if _, err := out.Write(buf[:n]); err != nil {
			return fmt.Errorf("copy: %w", err)
		}
		switch {
		case errors.Is(err, io.EOF) && left > 0:
			return fmt.Errorf("%w (it ended %d bytes early): it is left for the next run", ErrChangedWhileRead, left)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("copy: %w", err)
		}
	}
}

// withRemedy adds to an error of the disk that dir is on what to do about it.
func withRemedy(err error, dir string) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: free space on the disk of %s and run again", err, dir)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: give the account that runs svw (uid %d) the right to read the file and to write to %s",
			err, os.Geteuid(), dir)
	}
	return err
}
