// Package demo prepares the demonstration: a site folder with the built-in
// fixtures, the figures it shows and the questions it suggests.
package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"socialvalue/internal/site"
)

// Prepare makes dir a site with the fixtures in its drop folder. A site the
// demonstration made before gets its files anew; any other folder that is not
// empty is refused.
func Prepare(dir string, assets fs.FS) error {
	text, err := fs.ReadFile(assets, "fixtures/site/svw.yaml")
	if err != nil {
		return fmt.Errorf("read the built-in site: %w", err)
	}
	if err := mayWrite(dir, text); err != nil {
		return err
	}
	for _, folder := range []string{"drop", "overrides", "schedules"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o750); err != nil {
			return fmt.Errorf("make the demonstration: %w", err)
		}
	}
	trees, err := inputs(assets)
	if err != nil {
		return fmt.Errorf("make the demonstration: %w", err)
	}
	for _, tree := range trees {
		if err := copyTree(assets, path.Join("fixtures", tree), filepath.Join(dir, "drop", tree)); err != nil {
			return fmt.Errorf("make the demonstration: %w", err)
		}
	}
	for group, text := range keys() {
		if err := writeKey(filepath.Join(dir, filepath.FromSlash(site.KeyFile(group))), text); err != nil {
			return fmt.Errorf("make the demonstration: %w", err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, site.FileName), text, 0o640); err != nil {
		return fmt.Errorf("make the demonstration: %w", err)
	}
	return nil
}

// inputs are the folders of fixtures that a site reads, one for each pipeline: all
// but those that say which site it is and what must come out.
func inputs(assets fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(assets, "fixtures")
	if err != nil {
		return nil, err
	}
	var trees []string
	for _, entry := range entries {
		if entry.IsDir() && entry.Name() != "site" && entry.Name() != "golden" {
			trees = append(trees, entry.Name())
		}
	}
	return trees, nil
}

// keys are what the keys of each group of invented people are made from.
func keys() map[string]string {
	const text = "the key of the demonstration, whose people are invented"
	return map[string]string{
		"people":        text,
		"ownership":     text + ": ownership",
		"travel":        "the key of the demonstration, whose holders of passes are invented",
		"housing_first": text + ": housing_first",
		"skills":        text + ": skills",
	}
}

// writeKey writes the key of a group of invented people. It is no secret and the same
// everywhere, so that the demonstration makes the same bytes on every machine.
func writeKey(file, from string) error {
	sum := sha256.Sum256([]byte(from))
	text := hex.EncodeToString(sum[:]) + "\n"
	if existing, err := os.ReadFile(file); err == nil && string(existing) == text {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text), 0o400)
}

// mayWrite refuses a folder that holds something else.
func mayWrite(dir string, text []byte) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && len(entries) == 0) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("make the demonstration: %w", err)
	}
	if existing, err := os.ReadFile(filepath.Join(dir, site.FileName)); err == nil && string(existing) == string(text) {
		return nil
	}
	return fmt.Errorf("%s is not empty and not a demonstration: name another folder, or delete it", dir)
}

// delivered is when the first of the demonstration's files was written. The
// files follow each other by a minute in the order of their names, so that a
// re-issue is newer than what it replaces, and the same on every machine.
func delivered() time.Time { return time.Date(2025, time.June, 1, 9, 0, 0, 0, time.UTC) }

func copyTree(assets fs.FS, from, to string) error {
	when := delivered()
	return fs.WalkDir(assets, from, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, filepath.FromSlash(strings.TrimPrefix(name, from)))
		if entry.IsDir() {
			return os.MkdirAll(target, 0o750)
		}
		data, err := fs.ReadFile(assets, name)
		if err != nil {
			return err
		}
		if existing, err := os.ReadFile(target); err != nil || string(existing) != string(data) {
			if err := os.WriteFile(target, data, 0o640); err != nil {
				return err
			}
		}
		when = when.Add(time.Minute)
		return os.Chtimes(target, when, when)
	})
}
