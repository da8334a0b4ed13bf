package store

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"socialvalue/internal/durable"
)

// Swept is what a sweep of the store did, as paths, sorted.
type Swept struct {
	Removed  []string // half-written files, and day files of models, which are made again
	SetAside []string // objects of the record that no load names, as they were called
}

// Sweep tidies the store of what no load and no model names. Temporary files go,
// and day files of models, which are made again. An object of the record, which
// are the rows of raw relations and of the quarantine, is never deleted: nobody
// can make it again when the file it came from is gone. It is set aside, and
// comes back by TakeBack. Whatever else lies there was not put there by the
// program and stays.
func (s Store) Sweep(named map[string]bool) (swept Swept, err error) {
	relations, err := os.ReadDir(s.root)
	if errors.Is(err, os.ErrNotExist) {
		return Swept{}, nil
	}
	if err != nil {
		return Swept{}, fmt.Errorf("list store: %w", err)
	}
	for _, relation := range relations {
		if !relation.IsDir() || relation.Name() == asideDir {
			continue
		}
		entries, err := os.ReadDir(filepath.Join(s.root, relation.Name()))
		if err != nil {
			return swept, fmt.Errorf("list store: %w", err)
		}
		for _, entry := range entries {
			path := filepath.Join(s.root, relation.Name(), entry.Name())
			sha, isObject := objectName(entry)
			switch {
			case isTemp(entry.Name()), isObject && !named[path] && !isRecord(relation.Name()):
				if err := os.Remove(path); err != nil {
					return swept, fmt.Errorf("sweep store: %w", err)
				}
				swept.Removed = append(swept.Removed, path)
			case isObject && !named[path] && relation.Name() != loadsDir:
				if err := s.move(path, s.asidePath(relation.Name(), sha)); err != nil {
					return swept, fmt.Errorf("set an object of %s aside: %w", relation.Name(), err)
				}
				swept.SetAside = append(swept.SetAside, path)
			}
		}
	}
	slices.Sort(swept.Removed)
	slices.Sort(swept.SetAside)
	return swept, nil
}

func isTemp(name string) bool {
	return strings.HasPrefix(name, tempMark) || strings.HasPrefix(name, duckdbTempMark)
}

// isRecord says whether the objects of a relation are what was accepted. All
// others are made by models.
func isRecord(relation string) bool {
	return strings.HasPrefix(relation, "raw.") || strings.HasPrefix(relation, "_")
}

// objectName is the hash by which an object is called; false: it is none.
func objectName(entry os.DirEntry) (sha string, ok bool) {
	sha, ok = strings.CutSuffix(entry.Name(), ".parquet")
	if !ok || len(sha) != 64 || strings.Trim(sha, "0123456789abcdef") != "" {
		return "", false
	}
	return sha, entry.Type().IsRegular()
}

// Aside is an object of the record that was set aside, because no load names it.
type Aside struct {
	Relation string    `json:"relation"`
	SHA256   string    `json:"sha256"`
	Path     string    `json:"path"`
	Bytes    int64     `json:"bytes"`
	Modified time.Time `json:"written_at"`
}

func (s Store) asidePath(relation, sha string) string {
	return filepath.Join(s.root, asideDir, relation, sha+".parquet")
}

// Aside lists what was set aside, by relation and hash.
func (s Store) Aside() ([]Aside, error) {
	relations, err := os.ReadDir(filepath.Join(s.root, asideDir))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list what was set aside: %w", err)
	}
	var list []Aside
	for _, relation := range relations {
		if !relation.IsDir() {
			continue
		}
		entries, err := os.ReadDir(filepath.Join(s.root, asideDir, relation.Name()))
		if err != nil {
			return nil, fmt.Errorf("list what was set aside: %w", err)
		}
		for _, entry := range entries {
			sha, isObject := objectName(entry)
			if !isObject {
				continue
			}
			info, err := entry.Info()
			if errors.Is(err, os.ErrNotExist) {
				continue // a run took it back
			}
			if err != nil {
				return nil, fmt.Errorf("list what was set aside: %w", err)
			}
			list = append(list, Aside{
				Relation: relation.Name(), SHA256: sha, Path: s.asidePath(relation.Name(), sha), Bytes: info.Size(), Modified: info.ModTime().UTC(),
			})
		}
	}
	slices.SortFunc(list, func(a, b Aside) int {
		return cmp.Or(strings.Compare(a.Relation, b.Relation), strings.Compare(a.SHA256, b.SHA256))
	})
	return list, nil
}

// TakeBack puts an object that a load names again where it belongs. Where the
// same object stands already, the one aside goes. Bytes that are not what the
// name says stay aside, and are an error.
func (s Store) TakeBack(object Aside) error {
	there := s.Path(object.Relation, object.SHA256)
	if s.Has(object.Relation, object.SHA256) {
		found, err := describe(there)
		if err != nil {
			return fmt.Errorf("take an object of %s back: %w", object.Relation, err)
		}
		if found.SHA256 == object.SHA256 {
			return s.RemoveAside(object)
		}
	}
	found, err := describe(object.Path)
	if err != nil {
		return fmt.Errorf("take an object of %s back: %w", object.Relation, err)
	}
	if found.SHA256 != object.SHA256 {
		return fmt.Errorf("take an object of %s back: %s is damaged: its SHA-256 is %s; put the file back from a backup",
			object.Relation, object.Path, found.SHA256)
	}
	if err := s.move(object.Path, there); err != nil {
		return fmt.Errorf("take an object of %s back: %w", object.Relation, err)
	}
	return s.tidyAside(object.Relation)
}

// RemoveAside deletes an object that was set aside. The caller knows that its
// rows are in the record by another one.
func (s Store) RemoveAside(object Aside) error {
	if err := os.Remove(object.Path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove an object of %s that was set aside: %w", object.Relation, err)
	}
	return s.tidyAside(object.Relation)
}

// tidyAside removes the folder of a relation of which nothing is aside any more.
func (s Store) tidyAside(relation string) error {
	for _, dir := range []string{filepath.Join(s.root, asideDir, relation), filepath.Join(s.root, asideDir)} {
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("list what was set aside: %w", err)
		}
		if len(entries) > 0 {
			return nil
		}
		if err := os.Remove(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove an empty folder: %w", err)
		}
	}
	return nil
}

// move renames an object into another folder of the store, and makes it durable
// there before its old name may be forgotten.
func (s Store) move(from, to string) error {
	for _, dir := range []string{filepath.Dir(filepath.Dir(to)), filepath.Dir(to)} {
		if err := os.Mkdir(dir, dirMode); err != nil && !errors.Is(err, os.ErrExist) {
			return fmt.Errorf("make store folder: %w", err)
		}
		if err := durable.SyncDir(filepath.Dir(dir)); err != nil {
			return err
		}
	}
	if err := durable.Rename(from, to); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(from))
}
