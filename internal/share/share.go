//go:build duckdb_arrow

// Package share copies the open part of a release to folders and shares where
// other people look for it. Each release is a new folder under its own name; a
// file that somebody has open is never replaced. `latest.json`, and a link
// `latest` where there are links, name the newest whole copy.
//
// Nothing restricted is ever copied.
package share

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"socialvalue/internal/durable"
	"socialvalue/internal/shelf"
)

const (
	latestName  = "latest"
	copying     = ".copying-" // a copy that is not whole
	copiesKept  = 7
	folderMode  = 0o755 // open, as far as the account's umask lets it be
	fileMode    = 0o644
	pointerName = latestName + ".json"
)

// latest is what latest.json says.
type latest struct {
	Release        string `json:"release"`
	Folder         string `json:"folder"`
	ManifestSHA256 string `json:"manifest_sha256"`
}

// Copy is what became of one folder.
type Copy struct {
	Folder  string `json:"folder"`
	Release string `json:"release"`
	Copied  bool   `json:"copied"` // false: it was there already, or see Problem
	Problem string `json:"problem,omitempty"`
}

// Open copies the open part of the current release to a folder, unless it is
// there already, points to it, and removes old copies. What goes wrong is said in
// the result: a share that is away must not stop a release.
func Open(ctx context.Context, releases, folder string) Copy {
	result := Copy{Folder: folder}
	current, err := shelf.Current(releases)
	if err == nil {
		result.Release = current.Release
		result.Copied, err = copyOpen(ctx, releases, folder, current.Release)
	}
	if err != nil {
		result.Problem = err.Error()
	}
	return result
}

func copyOpen(ctx context.Context, releases, folder, id string) (copied bool, err error) {
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return false, errors.Join(fmt.Errorf("%s is not there: mount it, or correct publish_to", folder), err)
	}
	source, target := filepath.Join(releases, id, "open"), filepath.Join(folder, id)
	if _, err := os.Stat(target); errors.Is(err, fs.ErrNotExist) {
		partial := filepath.Join(folder, copying+id)
		if err := os.RemoveAll(partial); err != nil {
			return false, err
		}
		if err := copyTree(ctx, source, partial); err != nil {
			return false, errors.Join(err, os.RemoveAll(partial))
		}
		if err := durable.Rename(partial, target); err != nil {
			return false, err
		}
		copied = true
	} else if err != nil {
		return false, err
	}
	if err := point(folder, id); err != nil {
		return copied, err
	}
	return copied, prune(folder, id)
}

// copyTree copies files and folders, and waits until they are on disk.
func copyTree(ctx context.Context, from, to string) error {
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return fmt.Errorf("name a file: %w", err)
		}
		target := filepath.Join(to, relative)
		if entry.IsDir() {
			return os.MkdirAll(target, folderMode)
		}
		return copyFile(path, target)
	})
	if err != nil {
		return fmt.Errorf("copy the release: %w", err)
	}
	return durable.SyncDir(to)
}

func copyFile(from, to string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(target, source); err != nil {
		return errors.Join(fmt.Errorf("copy %s: %w", filepath.Base(from), err), target.Close())
	}
	return errors.Join(target.Sync(), target.Close())
}

// point makes latest.json, and the link where there can be one, name a copy.
func point(folder, id string) error {
	digest, err := durable.Digest(filepath.Join(folder, id, "manifest.json"))
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(latest{Release: id, Folder: id, ManifestSHA256: digest}, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", pointerName, err)
	}
	data = append(data, '\n')
	file := filepath.Join(folder, pointerName)
	if now, err := os.ReadFile(file); err != nil || string(now) != string(data) {
		if err := durable.WriteFile(file, data, fileMode); err != nil {
			return err
		}
	}
	link := filepath.Join(folder, latestName)
	if to, err := os.Readlink(link); err == nil && to == id {
		return nil
	}
	next := filepath.Join(folder, copying+latestName)
	if err := os.RemoveAll(next); err != nil {
		return err
	}
	if err := os.Symlink(id, next); err != nil {
		return nil //nolint:nilerr // no links on this file system: latest.json says it
	}
	return durable.Rename(next, link)
}

// prune removes halves of copies, and all copies but the newest few and the one
// pointed to.
func prune(folder, current string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	kept := 0
	for _, entry := range slices.Backward(entries) {
		name := entry.Name()
		half := len(name) > len(copying) && name[:len(copying)] == copying
		if !half && shelf.MadeAt(name).IsZero() {
			continue
		}
		if !half && (name == current || kept < copiesKept) {
			kept++
			continue
		}
		if err := os.RemoveAll(filepath.Join(folder, name)); err != nil {
			return fmt.Errorf("remove an old copy: %w", err)
		}
	}
	return nil
}
