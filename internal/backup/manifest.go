package backup

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	manifestName   = "manifest.json"
	manifestFormat = 1
	stampFormat    = "20060102T150405Z"
	archiveSuffix  = ".tar.zst"
	// unfinished begins the name of everything that is still being written, and
	// of what a killed backup leaves behind.
	unfinished = ".unfinished-"
)

// ErrNone is what errors.Is finds where there is no whole backup.
var ErrNone = errors.New("there is no whole backup")

// Manifest says what a backup holds.
type Manifest struct {
	Format   int       `json:"format"`
	MadeAt   time.Time `json:"made_at"`
	Software string    `json:"software_version"`
	Site     string    `json:"site"`
	WithKeys bool      `json:"with_keys"`
	Folders  []Folder  `json:"folders"`
	Links    []Link    `json:"links"`
	Files    []File    `json:"files"`
}

// Folder is a folder with its mode, which says who may enter it.
type Folder struct {
	Path string `json:"path"`
	Mode Mode   `json:"mode"`
}

// Link is a symbolic link, such as the pointer to the current release.
type Link struct {
	Path   string `json:"path"`
	Target string `json:"target"`
}

// File is one file of a backup.
type File struct {
	Path     string    `json:"path"` // site/… or warehouse/…
	Bytes    int64     `json:"bytes"`
	Mode     Mode      `json:"mode"`
	Modified time.Time `json:"modified"`
	SHA256   string    `json:"sha256"`
	SameAs   string    `json:"same_as,omitempty"` // another path of the very same file
}

// Mode is written as people know it: 0640.
type Mode fs.FileMode

// MarshalText writes the mode.
func (m Mode) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%04o", uint32(m)), nil }

// UnmarshalText reads the mode.
func (m *Mode) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 8, 32)
	if err != nil || n > 0o777 {
		return fmt.Errorf("%q is no file mode such as 0640", text)
	}
	*m = Mode(n)
	return nil
}

// parseManifest reads a manifest and refuses one that would lead out of the
// folder it is restored to.
func parseManifest(data []byte) (*Manifest, error) {
	var head struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("read %s: %w", manifestName, err)
	}
	if head.Format > manifestFormat {
		return nil, fmt.Errorf("the backup is of format %d and this svw reads up to %d: use the version of svw that made it, or a newer one",
			head.Format, manifestFormat)
	}
	var m Manifest
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		return nil, fmt.Errorf("read %s: %w", manifestName, err)
	}
	seen := map[string]bool{}
	check := func(path string) error {
		if !belongs(path) || seen[path] {
			return fmt.Errorf("read %s: the path %q does not belong into a backup, or is there twice", manifestName, path)
		}
		seen[path] = true
		return nil
	}
	for _, folder := range m.Folders {
		if err := check(folder.Path); err != nil {
			return nil, err
		}
	}
	for _, link := range m.Links {
		if err := check(link.Path); err != nil {
			return nil, err
		}
		if !staysInside(link.Path, link.Target) {
			return nil, fmt.Errorf("read %s: the link %s leads out of the backup, to %q", manifestName, link.Path, link.Target)
		}
	}
	files := map[string]File{}
	for _, file := range m.Files {
		if err := check(file.Path); err != nil {
			return nil, err
		}
		if first, ok := files[file.SameAs]; file.SameAs != "" && (!ok || first.SHA256 != file.SHA256) {
			return nil, fmt.Errorf("read %s: %s is said to be the same file as %s, which is another", manifestName, file.Path, file.SameAs)
		}
		files[file.Path] = file
	}
	return &m, nil
}

const (
	sitePart      = "site"
	warehousePart = "warehouse"
)

// belongs says whether a path is one of a backup's: below site/ or warehouse/.
func belongs(path string) bool {
	part, rest, _ := strings.Cut(path, "/")
	return (part == sitePart || part == warehousePart) && (rest == "" || filepath.IsLocal(rest)) &&
		filepath.ToSlash(filepath.Clean(path)) == path
}

// staysInside says whether a symbolic link leads to something in the same part
// of the backup.
func staysInside(path, target string) bool {
	part, rest, _ := strings.Cut(path, "/")
	if filepath.IsAbs(target) || rest == "" {
		return false
	}
	led := filepath.Join(filepath.Dir(rest), target)
	return filepath.IsLocal(led) && belongs(part+"/"+filepath.ToSlash(led))
}

func stampPattern() *regexp.Regexp { return regexp.MustCompile(`^\d{8}T\d{6}Z$`) }

// Find says where a backup lies: path itself when it is an archive or the folder
// of one backup, or the newest whole backup in a folder of several.
func Find(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("find the backup: %w", err)
	}
	if !info.IsDir() {
		if !strings.HasSuffix(path, archiveSuffix) {
			return "", fmt.Errorf("%s: %w: it is no folder and its name does not end in %s", path, ErrNone, archiveSuffix)
		}
		return path, nil
	}
	if _, err := os.Stat(filepath.Join(path, manifestName)); err == nil {
		return path, nil
	}
	newest, err := newest(path)
	if err != nil {
		return "", err
	}
	if newest == "" {
		return "", fmt.Errorf("%s: %w: it holds no folder such as 20260305T023000Z with a %s; a backup that was stopped is not whole",
			path, ErrNone, manifestName)
	}
	return newest, nil
}

// newest is the folder of the latest whole backup, or empty.
func newest(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("list the backups: %w", err)
	}
	for _, entry := range slices.Backward(entries) {
		folder := filepath.Join(dir, entry.Name())
		if !stampPattern().MatchString(entry.Name()) {
			continue
		}
		if _, err := os.Stat(filepath.Join(folder, manifestName)); err == nil {
			return folder, nil
		}
	}
	return "", nil
}
