package durable

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
)

// Modes of what is written. Parquet and CSV files are read-only for everybody,
// because one file may stand in several folders and releases.
const (
	folderMode fs.FileMode = 0o750
	FileMode   fs.FileMode = 0o640
	SharedMode fs.FileMode = 0o440
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

// Step runs one file system step.
func (d Disk) Step(name, path string, action func() error) error {
	if d.Before != nil {
		if err := d.Before(name, path); err != nil {
			return &fs.PathError{Op: name, Path: path, Err: err}
		}
	}
	return action()
}

// Room is how many bytes may be written below a folder.
func (d Disk) Room(folder string) (uint64, error) {
	if d.Free != nil {
		return d.Free(folder)
	}
	return Free(folder)
}

// Mkdir makes a folder, and those above it, with the release's mode whatever
// the umask.
func (d Disk) Mkdir(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if parent := filepath.Dir(path); parent != path {
		if err := d.Mkdir(parent); err != nil {
			return err
		}
	}
	return d.Step("mkdir", path, func() error {
		if err := os.Mkdir(path, folderMode); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		return os.Chmod(path, folderMode)
	})
}

// Write makes a small file.
func (d Disk) Write(path string, data []byte, mode fs.FileMode) error {
	if err := d.Step("write", path, func() error { return os.WriteFile(path, data, FileMode) }); err != nil {
		return err
	}
	return d.Chmod(path, mode)
}

// Chmod gives a file or folder another mode.
func (d Disk) Chmod(path string, mode fs.FileMode) error {
	return d.Step("chmod", path, func() error { return os.Chmod(path, mode) })
}

// Chgrp gives a file, a folder or a link another group.
func (d Disk) Chgrp(path string, group int) error {
	return d.Step("chgrp", path, func() error { return os.Lchown(path, -1, group) })
}

// Sync waits until a file or folder is on disk.
func (d Disk) Sync(path string) error {
	return d.Step("sync", path, func() error { return SyncFile(path) })
}

// syncers is how many files are waited for at once: the file system then
// commits them together, ten times faster than one by one.
const syncers = 8

// SyncTree waits until every file and folder of a tree is on disk.
func (d Disk) SyncTree(root string) error {
	var group errgroup.Group
	group.SetLimit(syncers)
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return d.Step("sync", path, func() error {
			group.Go(func() error { return SyncFile(path) })
			return nil
		})
	})
	return errors.Join(err, group.Wait())
}

// Link makes the same file stand at another path: by hard link, or as a copy
// where the file system has none to offer between the two.
func (d Disk) Link(from, to string) error {
	if err := d.Mkdir(filepath.Dir(to)); err != nil {
		return err
	}
	err := d.Step("link", to, func() error { return os.Link(from, to) })
	for _, refusal := range []error{syscall.EXDEV, syscall.EMLINK, syscall.EPERM, syscall.ENOTSUP} {
		if errors.Is(err, refusal) {
			return d.copy(from, to)
		}
	}
	return err
}

func (d Disk) copy(from, to string) error {
	err := d.Step("copy", to, func() error {
		source, err := os.Open(from)
		if err != nil {
			return err
		}
		target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, FileMode)
		if err != nil {
			return errors.Join(err, source.Close())
		}
		_, err = io.Copy(target, source)
		return errors.Join(err, source.Close(), target.Close())
	})
	if err != nil {
		return err
	}
	return d.Chmod(to, SharedMode)
}

// Rename gives a file or folder another name.
func (d Disk) Rename(from, to string) error {
	return d.Step("rename", to, func() error { return os.Rename(from, to) })
}

// Symlink makes a link at path.
func (d Disk) Symlink(target, path string) error {
	return d.Step("symlink", path, func() error { return os.Symlink(target, path) })
}

// Remove removes a file, or a folder with all in it.
func (d Disk) Remove(path string) error {
	return d.Step("remove", path, func() error { return os.RemoveAll(path) })
}

// Sum is the size and the SHA-256 of a file.
func Sum(path string) (size int64, sum string, err error) {
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
	_, sum, err := Sum(path)
	return sum, err
}
