//go:build duckdb_arrow

package shelf

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"socialvalue/internal/durable"
	"socialvalue/internal/manifest"
)

// HasPart says whether a release still has the folder of a domain.
func HasPart(root, id, domain string) bool {
	return exists(filepath.Join(root, id, filepath.FromSlash(manifest.PlaceFolder(domain))))
}

// Remove takes a whole release away; the current one stays. It goes by way of a
// staging name, which Clean removes, so that a kill leaves no half of it under a
// release's name. Whoever has a file of it open keeps that file.
func Remove(disk durable.Disk, root, id string) error {
	if current, err := currentID(root); err != nil || current == id || !releaseID().MatchString(id) {
		return errors.Join(err, fmt.Errorf("%s cannot be removed: it is the current release, or none", id))
	}
	return takeAway(disk, filepath.Join(root, id), filepath.Join(root, StagingPrefix+id))
}

// RemovePart takes the folder of a domain out of a release that is not the
// current one, and leaves a note of it there. The note comes first: a release
// without the folder and without the note would not verify.
func RemovePart(disk durable.Disk, root, id string, part manifest.RemovedPart) error {
	if current, err := currentID(root); err != nil || current == id || !releaseID().MatchString(id) || part.Place == manifest.OpenPlace {
		return errors.Join(err, fmt.Errorf("%s of %s cannot be removed: it is the current release, or open", part.Place, id))
	}
	folder := filepath.Join(root, id)
	parts, err := manifest.RemovedParts(folder)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(parts, func(p manifest.RemovedPart) bool { return p.Place == part.Place }) {
		data, err := json.MarshalIndent(append(parts, part), "", "  ")
		if err != nil {
			return fmt.Errorf("note what is removed: %w", err)
		}
		// The half-made note lies outside the release, where Clean finds it.
		next := filepath.Join(root, durable.NextPrefix+manifest.RemovedName)
		if err := disk.Write(next, append(data, '\n'), durable.FileMode); err != nil {
			return err
		}
		if err := disk.Sync(next); err != nil {
			return err
		}
		if err := disk.Rename(next, filepath.Join(folder, manifest.RemovedName)); err != nil {
			return err
		}
		if err := disk.Sync(folder); err != nil {
			return err
		}
	}
	if !HasPart(root, id, part.Place) {
		return nil
	}
	return takeAway(disk, filepath.Join(folder, filepath.FromSlash(manifest.PlaceFolder(part.Place))), filepath.Join(root, StagingPrefix+id+"-"+part.Place))
}

// takeAway renames a folder to a staging name and removes it there.
func takeAway(disk durable.Disk, folder, doomed string) error {
	if err := disk.Remove(doomed); err != nil {
		return err
	}
	if err := disk.Rename(folder, doomed); err != nil {
		return err
	}
	if err := disk.Sync(filepath.Dir(folder)); err != nil {
		return err
	}
	return disk.Remove(doomed)
}

// RemoveFailed removes what failed verification before a day and lies aside,
// and names it.
func RemoveFailed(disk durable.Disk, root string, before time.Time, dryRun bool) (removed []string, err error) {
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		name := entry.Name()
		if len(name) <= len(FailedPrefix) || name[:len(FailedPrefix)] != FailedPrefix {
			continue
		}
		if at := MadeAt(name[len(FailedPrefix):]); at.IsZero() || !at.Before(before) {
			continue
		}
		if !dryRun {
			if err := disk.Remove(filepath.Join(root, name)); err != nil {
				return removed, err
			}
		}
		removed = append(removed, name)
	}
	return removed, nil
}

// MadeAt is the time in the name of a release; zero for anything else.
func MadeAt(id string) time.Time {
	if !releaseID().MatchString(id) {
		return time.Time{}
	}
	at, err := time.Parse(StampFormat, id[:len(StampFormat)])
	if err != nil {
		return time.Time{}
	}
	return at
}
