//go:build duckdb_arrow

package release

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sync/errgroup"

	"socialvalue/internal/durable"
)

// Modes of what is written. Parquet and CSV files are read-only for everybody,
// because one file may stand in several folders and releases.
const (
	folderMode fs.FileMode = 0o750
	fileMode   fs.FileMode = 0o640
	sharedMode fs.FileMode = 0o440
)

// Disk does the file system steps of a release. The zero value is the real
// disk.
type Disk struct {
	// Before, when set, is called before each step with its name and path; an
	// error it returns is the outcome of the step. Tests break the disk with it.
	Before func(step, path string) error
	// Free tells how many bytes may be written below a folder; nil asks the
	// system.
	Free func(folder string) (uint64, error)
}

// step runs one file system step.
func (d Disk) step(name, path string, action func() error) error {
	if d.Before != nil {
		if err := d.Before(name, path); err != nil {
			return &fs.PathError{Op: name, Path: path, Err: err}
		}
	}
	return action()
}

func (d Disk) free(folder string) (uint64, error) {
	if d.Free != nil {
		return d.Free(folder)
	}
	return durable.Free(folder)
}

// mkdir makes a folder, and those above it, with the release's mode whatever
// the umask.
func (d Disk) mkdir(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if parent := filepath.Dir(path); parent != path {
		if err := d.mkdir(parent); err != nil {
			return err
		}
	}
	return d.step("mkdir", path, func() error {
		if err := os.Mkdir(path, folderMode); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		return os.Chmod(path, folderMode)
	})
}

// write makes a small file.
func (d Disk) write(path string, data []byte, mode fs.FileMode) error {
	if err := d.step("write", path, func() error { return os.WriteFile(path, data, fileMode) }); err != nil {
		return err
	}
	return d.chmod(path, mode)
}

func (d Disk) chmod(path string, mode fs.FileMode) error {
	return d.step("chmod", path, func() error { return os.Chmod(path, mode) })
}

func (d Disk) chgrp(path string, group int) error {
	return d.step("chgrp", path, func() error { return os.Lchown(path, -1, group) })
}

// sync waits until a file or folder is on disk.
func (d Disk) sync(path string) error {
	return d.step("sync", path, func() error { return durable.SyncFile(path) })
}

// syncers is how many files are waited for at once: the file system then
// commits them together, ten times faster than one by one.
const syncers = 8

// syncTree waits until every file and folder of a tree is on disk.
func (d Disk) syncTree(root string) error {
	var group errgroup.Group
	group.SetLimit(syncers)
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return d.step("sync", path, func() error {
			group.Go(func() error { return durable.SyncFile(path) })
			return nil
		})
	})
	return errors.Join(err, group.Wait())
}

// link makes the same file stand at another path: by hard link, or as a copy
// where the file system has none to offer between the two.
func (d Disk) link(from, to string) error {
	if err := d.mkdir(filepath.Dir(to)); err != nil {
		return err
	}
	err := d.step("link", to, func() error { return os.Link(from, to) })
	for _, refusal := range []error{syscall.EXDEV, syscall.EMLINK, syscall.EPERM, syscall.ENOTSUP} {
		if errors.Is(err, refusal) {
			return d.copy(from, to)
		}
	}
	return err
}

func (d Disk) copy(from, to string) error {
	err := d.step("copy", to, func() error {
		source, err := os.Open(from)
		if err != nil {
			return err
		}
		target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
		if err != nil {
			return errors.Join(err, source.Close())
		}
		_, err = io.Copy(target, source)
		return errors.Join(err, source.Close(), target.Close())
	})
	if err != nil {
		return err
	}
	return d.chmod(to, sharedMode)
}

func (d Disk) rename(from, to string) error {
	return d.step("rename", to, func() error { return os.Rename(from, to) }) //nolint:gosec // paths of the releases folder
}

func (d Disk) symlink(target, path string) error {
	return d.step("symlink", path, func() error { return os.Symlink(target, path) })
}

func (d Disk) remove(path string) error {
	return d.step("remove", path, func() error { return os.RemoveAll(path) }) //nolint:gosec // paths of the releases folder
}

// digest is the size and the SHA-256 of a file.
func digest(path string) (size int64, sum string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	hash := sha256.New()
	size, err = io.Copy(hash, file)
	if err := errors.Join(err, file.Close()); err != nil {
		return 0, "", fmt.Errorf("hash %s: %w", path, err)
	}
	return size, hex.EncodeToString(hash.Sum(nil)), nil
}

// Digest is the SHA-256 of a file, in hex.
func Digest(path string) (string, error) {
	_, sum, err := digest(path)
	return sum, err
}
