// Package durable makes files that survive a power cut: written under a
// temporary name in the same folder, synced, renamed, and the folder synced. Disk
// does the steps of a release one by one, so that a test can break any of them.
package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// mark begins the names of files that are being written.
const mark = ".tmp-"

// WriteFile writes a small file atomically: after a crash the path holds
// either the old content or the new, never part of it.
func WriteFile(path string, data []byte, mode os.FileMode) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), mark+"*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	if _, err := file.Write(data); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), file.Close())
	}
	if err := file.Chmod(mode); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), file.Close())
	}
	if err := file.Sync(); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), file.Close())
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return Rename(file.Name(), path)
}

// Clear removes what a killed process left half-written in a folder, where there
// is one. Nobody else may be writing there.
func Clear(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, mark+"*"))
	if err != nil {
		return fmt.Errorf("clear %s: %w", dir, err)
	}
	for _, name := range left {
		if err := os.Remove(name); err != nil {
			return fmt.Errorf("clear %s: %w", dir, err)
		}
	}
	return nil
}

// Rename moves a file whose content is already synced to its final name and
// makes the move durable.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("rename into place: %w", err)
	}
	return SyncDir(filepath.Dir(to))
}

// SyncFile makes the content of a closed file durable.
func SyncFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync %s: %w", path, err)
	}
	return errors.Join(file.Sync(), file.Close())
}

// SyncDir makes the names in a folder durable.
func SyncDir(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Free tells how many bytes may be written below a folder.
func Free(dir string) (uint64, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return 0, &os.PathError{Op: "statfs", Path: dir, Err: err}
	}
	return stat.Bavail * uint64(stat.Bsize), nil //nolint:gosec // a block has a positive size
}
