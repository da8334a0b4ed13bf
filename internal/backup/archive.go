package backup

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/klauspost/compress/zstd"

	"socialvalue/internal/durable"
)

// archive is a backup in one file. The manifest is its last entry, so that a
// part of an archive is never a whole backup.
type archive struct {
	path, part string
	file       *os.File
	packed     *zstd.Encoder
	tar        *tar.Writer
	done       bool // it stands under its name
	fault      func(step, path string) error
}

// Write implements io.Writer over the file, so that tests can break the disk.
func (a *archive) Write(p []byte) (int, error) {
	if a.fault != nil {
		if err := a.fault("write", a.part); err != nil {
			return 0, &fs.PathError{Op: "write", Path: a.part, Err: err}
		}
	}
	return a.file.Write(p)
}

func (a *archive) open() (err error) {
	if a.tar != nil {
		return nil
	}
	if a.file, err = os.OpenFile(a.part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return err
	}
	if a.packed, err = zstd.NewWriter(a); err != nil {
		return fmt.Errorf("compress: %w", err)
	}
	a.tar = tar.NewWriter(a.packed)
	return nil
}

func (a *archive) add(ctx context.Context, e *entry) (linked bool, err error) {
	if err := a.open(); err != nil {
		return false, err
	}
	header := &tar.Header{Typeflag: tar.TypeReg, Name: e.Path, Mode: int64(e.Mode), ModTime: e.Modified, Format: tar.FormatPAX}
	if e.SameAs != "" {
		header.Typeflag, header.Linkname = tar.TypeLink, e.SameAs
		if err := a.tar.WriteHeader(header); err != nil {
			return false, fmt.Errorf("write %s: %w", e.Path, err)
		}
		return true, nil
	}
	in, err := os.Open(e.from)
	if err != nil {
		return false, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	info, err := in.Stat()
	if err != nil {
		return false, err
	}
	header.Size = info.Size()
	if err := a.tar.WriteHeader(header); err != nil {
		return false, fmt.Errorf("write %s: %w", e.Path, err)
	}
	return false, copyHashed(ctx, &e.File, a.tar, in)
}

func (a *archive) finish(m *Manifest, text []byte) (string, error) {
	if err := a.open(); err != nil {
		return "", err
	}
	header := &tar.Header{Typeflag: tar.TypeReg, Name: manifestName, Mode: 0o600, Size: int64(len(text)), ModTime: m.MadeAt, Format: tar.FormatPAX}
	err := a.tar.WriteHeader(header)
	if err == nil {
		_, err = a.tar.Write(text)
	}
	if err == nil {
		err = a.tar.Close()
	}
	if err == nil {
		err = a.packed.Close()
	}
	if err == nil {
		err = a.file.Sync()
	}
	if err := errors.Join(err, a.file.Close()); err != nil {
		return "", fmt.Errorf("write %s: %w", manifestName, err)
	}
	a.file = nil
	if err := durable.Rename(a.part, a.path); err != nil {
		return "", err
	}
	a.done = true
	return a.path, nil
}

func (a *archive) abandon() error {
	var errs []error
	if a.file != nil {
		errs = append(errs, a.file.Close())
	}
	if a.done {
		errs = append(errs, remove(a.path))
	}
	return errors.Join(append(errs, remove(a.part))...)
}

// readArchive calls take for every entry of an archive, in order.
func readArchive(path string, take func(header *tar.Header, content io.Reader) error) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was only read
	unpacked, err := zstd.NewReader(file)
	if err != nil {
		return fmt.Errorf("unpack %s: %w", path, err)
	}
	defer unpacked.Close()
	entries := tar.NewReader(unpacked)
	for {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return cutShort(err)
		}
		if err := take(header, content{entries}); err != nil {
			return err
		}
	}
}

// content reads one entry of an archive.
type content struct{ in io.Reader }

func (c content) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = cutShort(err)
	}
	return n, err
}

func cutShort(err error) error {
	return fmt.Errorf("%w: the archive is cut short or damaged (%w); take an earlier one", ErrDamaged, err)
}
