//go:build duckdb_arrow

package release

import "path/filepath"

// tempPrefix begins the name of a file or link that is not in its place yet.
const tempPrefix = ".next-"

// replaceFile puts a file in the place of another in one step.
func replaceFile(disk Disk, path string, data []byte) error {
	return replaceWith(disk, path, data, func(string) error { return nil })
}

// replaceWith does so, and does something with the new file before it is there.
func replaceWith(disk Disk, path string, data []byte, prepare func(next string) error) error {
	next := filepath.Join(filepath.Dir(path), tempPrefix+filepath.Base(path))
	if err := disk.write(next, data, fileMode); err != nil {
		return err
	}
	if err := prepare(next); err != nil {
		return err
	}
	if err := disk.sync(next); err != nil {
		return err
	}
	if err := disk.rename(next, path); err != nil {
		return err
	}
	return disk.sync(filepath.Dir(path))
}
