package landing

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// List names all files that were landed and are still there, by source.
func (s *Store) List() ([]Landed, error) {
	sources, err := os.ReadDir(s.root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the landing folder: %w", err)
	}
	var list []Landed
	for _, source := range sources {
		if !source.IsDir() {
			continue
		}
		files, err := os.ReadDir(filepath.Join(s.root, source.Name()))
		if err != nil {
			return nil, fmt.Errorf("list the landing folder: %w", err)
		}
		for _, file := range files {
			if b, err := hex.DecodeString(file.Name()); err != nil || len(b) != 32 {
				continue
			}
			info, err := file.Info()
			if err != nil {
				return nil, fmt.Errorf("list the landing folder: %w", err)
			}
			list = append(list, Landed{
				Source: source.Name(), SHA256: file.Name(), Path: filepath.Join(s.root, source.Name(), file.Name()),
				Size: info.Size(), ModTime: info.ModTime(), Existed: true,
			})
		}
	}
	return list, nil
}

// Remove removes a landed file for good; false when it is not there.
func (s *Store) Remove(source, sha256 string) (removed bool, err error) {
	dir, err := s.dir(source)
	if err != nil {
		return false, fmt.Errorf("purge: %w", err)
	}
	err = s.disk.Remove(filepath.Join(dir, sha256))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err == nil {
		err = s.disk.SyncDir(dir)
	}
	if err != nil {
		return false, fmt.Errorf("purge a received file of %s: %w", source, withRemedy(err, s.root))
	}
	return true, nil
}
