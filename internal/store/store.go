// Package store keeps the record: one immutable Parquet object per loaded
// file, named by the hash of its bytes, and one JSON note per load. Everything
// in the build database can be made again from here.
package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"socialvalue/internal/durable"
)

const (
	loadsDir = "_loads"
	asideDir = "aside"
	tempMark = ".tmp-"
	// DuckDB writes beside the file it was asked to write, under a name with this
	// before it, and renames at the end.
	duckdbTempMark = "tmp_" + tempMark
	fileMode       = 0o440
	dirMode        = 0o750
)

// Store is the folder of objects and load notes.
type Store struct {
	root string
}

// New returns the store in the folder root.
func New(root string) Store { return Store{root: root} }

// Object is one stored file.
type Object struct {
	SHA256 string
	Bytes  int64
}

// Path is where the object of a relation lies.
func (s Store) Path(relation, sha string) string {
	return filepath.Join(s.root, relation, sha+".parquet")
}

// Has says whether an object is there.
func (s Store) Has(relation, sha string) bool {
	_, err := os.Stat(s.Path(relation, sha))
	return err == nil
}

// TempPath is a free name for an object being written, in the folder it will
// be kept in, so that putting it there is a rename.
func (s Store) TempPath(relation string) (string, error) {
	dir := filepath.Join(s.root, relation)
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return "", fmt.Errorf("make store folder: %w", err)
	}
	file, err := os.CreateTemp(dir, tempMark+"*")
	if err != nil {
		return "", fmt.Errorf("make store file: %w", err)
	}
	return file.Name(), file.Close()
}

// Put makes a finished temporary file an object of the relation.
func (s Store) Put(relation, temp string) (Object, error) {
	object, err := describe(temp)
	if err != nil {
		return Object{}, fmt.Errorf("store object of %s: %w", relation, err)
	}
	path := s.Path(relation, object.SHA256)
	if _, err := os.Stat(path); err == nil {
		return object, os.Remove(temp)
	}
	if err := os.Chmod(temp, fileMode); err != nil {
		return Object{}, fmt.Errorf("store object of %s: %w", relation, err)
	}
	if err := durable.SyncFile(temp); err != nil {
		return Object{}, fmt.Errorf("store object of %s: %w", relation, err)
	}
	if err := durable.Rename(temp, path); err != nil {
		return Object{}, fmt.Errorf("store object of %s: %w", relation, err)
	}
	return object, nil
}

func describe(path string) (object Object, err error) {
	file, err := os.Open(path)
	if err != nil {
		return Object{}, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	hash := sha256.New()
	bytes, err := io.Copy(hash, file)
	if err != nil {
		return Object{}, fmt.Errorf("hash: %w", err)
	}
	return Object{SHA256: hex.EncodeToString(hash.Sum(nil)), Bytes: bytes}, nil
}

// PutLoad writes the note of a load.
func (s Store) PutLoad(id string, note []byte) error {
	dir := filepath.Join(s.root, loadsDir)
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return fmt.Errorf("make folder of load notes: %w", err)
	}
	return durable.WriteFile(filepath.Join(dir, id+".json"), note, 0o640)
}

// Loads reads every load note, by load id.
func (s Store) Loads() (map[string][]byte, error) {
	paths, err := filepath.Glob(filepath.Join(s.root, loadsDir, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("list load notes: %w", err)
	}
	notes := make(map[string][]byte, len(paths))
	for _, path := range paths {
		note, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read load note: %w", err)
		}
		notes[strings.TrimSuffix(filepath.Base(path), ".json")] = note
	}
	return notes, nil
}

// Remove deletes an object that no load names any more because its time is up.
func (s Store) Remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove an object whose time is up: %w", err)
	}
	return nil
}
