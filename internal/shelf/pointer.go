//go:build duckdb_arrow

package shelf

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"socialvalue/internal/durable"
	"socialvalue/internal/manifest"
)

// Names inside the releases folder.
const (
	currentName   = "current"   // symbolic link to the release in force
	publishedName = "published" // of the folder publications, to the edition in force
	twinSuffix    = ".json"     // the same for those who cannot follow links
	PendingName   = ".pending"  // release that is being made current
	StagingPrefix = ".staging-"
	FailedPrefix  = ".failed-"
)

// pointerName is the name of the link in a folder: that of publications is
// called after what it means for the public.
func pointerName(root string) string {
	if filepath.Base(root) == "publications" {
		return publishedName
	}
	return currentName
}

func twinName(root string) string { return pointerName(root) + twinSuffix }

// failedKept is how many releases that failed verification stay for inspection.
const failedKept = 3

// ErrNoRelease is returned where there is no current release yet.
var ErrNoRelease = errors.New("no release yet")

// Twin is the content of current.json.
type Twin struct {
	Release        string    `json:"release"`
	BuiltAt        time.Time `json:"built_at"`
	ManifestSHA256 string    `json:"manifest_sha256"`
}

// Current reads the manifest of the release in force below a releases folder.
func Current(root string) (*manifest.Manifest, error) {
	id, err := currentID(root)
	if err != nil {
		return nil, err
	}
	manifest, err := manifest.Read(filepath.Join(root, id))
	if err != nil {
		return nil, fmt.Errorf("current release %s: %w", id, err)
	}
	return manifest, nil
}

// currentID is the name of the release that the pointer names.
func currentID(root string) (string, error) {
	id, err := os.Readlink(filepath.Join(root, pointerName(root)))
	if errors.Is(err, fs.ErrNotExist) {
		return "", ErrNoRelease
	}
	if err != nil {
		return "", fmt.Errorf("read the current pointer: %w", err)
	}
	if !releaseID().MatchString(id) {
		return "", fmt.Errorf("%s points to %q, which is no release: point it to a folder beside it", filepath.Join(root, pointerName(root)), id)
	}
	return id, nil
}

// releaseID matches the name of a release.
func releaseID() *regexp.Regexp { return regexp.MustCompile(`^\d{8}T\d{6}Z-[0-9a-f]{4}$`) }

// StampFormat is the time in the name of a release.
const StampFormat = "20060102T150405Z"

// IDs names all releases, newest first.
func IDs(root string) ([]string, error) {
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list releases: %w", err)
	}
	id := releaseID()
	var ids []string
	for _, entry := range slices.Backward(entries) {
		if entry.IsDir() && id.MatchString(entry.Name()) {
			ids = append(ids, entry.Name())
		}
	}
	return ids, nil
}

// Read reads the manifest of one release.
func Read(root, id string) (*manifest.Manifest, error) {
	manifest, err := manifest.Read(filepath.Join(root, id))
	if err != nil {
		return nil, fmt.Errorf("release %s: %w", id, err)
	}
	return manifest, nil
}

// List reads the manifests of all releases, newest first.
func List(root string) ([]*manifest.Manifest, error) {
	ids, err := IDs(root)
	if err != nil {
		return nil, err
	}
	var releases []*manifest.Manifest
	for _, id := range ids {
		manifest, err := Read(root, id)
		if err != nil {
			return nil, err
		}
		releases = append(releases, manifest)
	}
	return releases, nil
}

// Point makes a complete release the current one. The link decides; its twin
// follows, and Clean repairs it when the process dies between the two, so at
// every instant both name a whole release. Whoever moves the pointer calls Clean
// first, since a pending note left by a kill speaks of the pointer it found.
func Point(disk durable.Disk, root string, manifest *manifest.Manifest) error {
	next := filepath.Join(root, durable.NextPrefix+pointerName(root))
	if err := disk.Remove(next); err != nil {
		return err
	}
	if err := disk.Symlink(manifest.Release, next); err != nil {
		return err
	}
	if err := disk.Rename(next, filepath.Join(root, pointerName(root))); err != nil {
		return err
	}
	if err := disk.Sync(root); err != nil {
		return err
	}
	return writeTwin(disk, root, manifest)
}

// twinOf is what current.json says of a release.
func twinOf(root string, m *manifest.Manifest) (Twin, error) {
	_, sum, err := durable.Sum(filepath.Join(root, m.Release, manifest.FileName))
	return Twin{Release: m.Release, BuiltAt: m.BuiltAt, ManifestSHA256: sum}, err
}

// writeTwin makes current.json say what the link says.
func writeTwin(disk durable.Disk, root string, manifest *manifest.Manifest) error {
	twin, err := twinOf(root, manifest)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(twin, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", twinName(root), err)
	}
	return durable.ReplaceWith(disk, filepath.Join(root, twinName(root)), append(data, '\n'), func(next string) error {
		return groupOfFolder(disk, root, next)
	})
}

// Clean removes what a killed run left below a releases folder and names it:
// staging folders, half-made pointers, and a release that was finished but never
// became current. The current release is not touched.
func Clean(disk durable.Disk, root string) (removed []string, err error) {
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("clean releases: %w", err)
	}
	removed, err = dropPending(disk, root)
	if err != nil {
		return removed, fmt.Errorf("clean releases: %w", err)
	}
	var failed []string
	for _, entry := range entries {
		name := entry.Name()
		switch {
		case strings.HasPrefix(name, FailedPrefix):
			failed = append(failed, name)
		case strings.HasPrefix(name, StagingPrefix), strings.HasPrefix(name, durable.NextPrefix):
			if err := disk.Remove(filepath.Join(root, name)); err != nil {
				return removed, fmt.Errorf("clean releases: %w", err)
			}
			removed = append(removed, name)
		}
	}
	for len(failed) > failedKept {
		if err := disk.Remove(filepath.Join(root, failed[0])); err != nil {
			return removed, fmt.Errorf("clean releases: %w", err)
		}
		removed, failed = append(removed, failed[0]), failed[1:]
	}
	if err := repairTwin(disk, root); err != nil {
		return removed, fmt.Errorf("clean releases: %w", err)
	}
	return removed, nil
}

// dropPending removes a release that was renamed into place and never became
// current. It goes by way of a staging name, so that a kill in the middle does
// not leave half a release under a release's name.
func dropPending(disk durable.Disk, root string) (removed []string, err error) {
	data, err := os.ReadFile(filepath.Join(root, PendingName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	id := strings.TrimSpace(string(data))
	current, err := currentID(root)
	if err != nil && !errors.Is(err, ErrNoRelease) {
		return nil, err
	}
	folder := filepath.Join(root, id)
	if releaseID().MatchString(id) && id != current && exists(folder) {
		if err := takeAway(disk, folder, filepath.Join(root, StagingPrefix+id)); err != nil {
			return nil, err
		}
		removed = []string{id}
	}
	return removed, disk.Remove(filepath.Join(root, PendingName))
}

func exists(path string) bool {
	_, err := os.Stat(path) //nolint:gosec // a name that releaseID matches
	return err == nil
}

// VerifyTwin says how what stands beside the link, for those who cannot follow links, differs from what the link says.
func VerifyTwin(root string) error {
	current, err := Current(root)
	if errors.Is(err, ErrNoRelease) {
		return nil
	}
	if err != nil {
		return err
	}
	return verifyTwin(root, current)
}

func verifyTwin(root string, current *manifest.Manifest) error {
	data, err := os.ReadFile(filepath.Join(root, twinName(root)))
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", twinName(root), err)
	}
	var twin Twin
	if err := json.Unmarshal(data, &twin); err != nil {
		return fmt.Errorf("%s cannot be read: %w", twinName(root), err)
	}
	want, err := twinOf(root, current)
	if err != nil {
		return err
	}
	if !twin.BuiltAt.Equal(want.BuiltAt) || twin.Release != want.Release || twin.ManifestSHA256 != want.ManifestSHA256 {
		return fmt.Errorf("%s speaks of release %s with manifest %s; the link, of release %s with manifest %s",
			twinName(root), twin.Release, twin.ManifestSHA256, want.Release, want.ManifestSHA256)
	}
	return nil
}

// repairTwin rewrites current.json when it does not say what the link says.
func repairTwin(disk durable.Disk, root string) error {
	manifest, err := Current(root)
	if errors.Is(err, ErrNoRelease) {
		return nil
	}
	if err != nil {
		return err
	}
	if verifyTwin(root, manifest) == nil {
		return nil
	}
	return writeTwin(disk, root, manifest)
}
