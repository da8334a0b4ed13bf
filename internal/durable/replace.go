package durable

import "path/filepath"

// NextPrefix begins the name of a file or link that is not in its place yet.
const NextPrefix = ".next-"

// ReplaceFile puts a file in the place of another in one step.
func ReplaceFile(disk Disk, path string, data []byte) error {
	return ReplaceWith(disk, path, data, func(string) error { return nil })
}

// ReplaceWith does so, and does something with the new file before it is there.
func ReplaceWith(disk Disk, path string, data []byte, prepare func(next string) error) error {
	next := filepath.Join(filepath.Dir(path), NextPrefix+filepath.Base(path))
	if err := disk.Write(next, data, FileMode); err != nil {
		return err
	}
	if err := prepare(next); err != nil {
		return err
	}
	if err := disk.Sync(next); err != nil {
		return err
	}
	if err := disk.Rename(next, path); err != nil {
		return err
	}
	return disk.Sync(filepath.Dir(path))
}
