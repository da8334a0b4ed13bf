package site

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// OverrideKind says what a file of the site does to the built-in files.
type OverrideKind string

// A site may add a file, replace a whole one, or disable one by a YAML file with disabled: true.
const (
	Added    OverrideKind = "added"
	Replaced OverrideKind = "replaced"
	Disabled OverrideKind = "disabled"
)

// Override is one file in which a site differs from what is built in.
type Override struct {
	Path    string
	Kind    OverrideKind
	BuiltIn string // SHA-256 of the built-in file, empty for an added one
	Site    string // SHA-256 of the site's file
	Base    string // of a replaced file: the beginning of the SHA-256 of the built-in file it says it was made from
}

// MadeFromThis says whether a replaced file says that it was made from the
// built-in file as it is now.
func (o Override) MadeFromThis() bool { return o.Base != "" && strings.HasPrefix(o.BuiltIn, o.Base) }

// BaseLine is the line by which a replaced file says that it was made from the
// built-in file as it is now; empty where the kind of file has no remarks.
func (o Override) BaseLine() string {
	mark := map[string]string{".sql": "--", ".yaml": "#"}[path.Ext(o.Path)]
	if mark == "" || o.Kind != Replaced {
		return ""
	}
	return mark + " replaces built-in " + o.BuiltIn[:12]
}

var basePattern = regexp.MustCompile(`(?m)^(?:--|#) replaces built-in ([0-9a-f]{12,64})\s*$`)

// base reads the line BaseLine asks for.
func base(data []byte) string {
	if found := basePattern.FindSubmatch(data); found != nil {
		return string(found[1])
	}
	return ""
}

// overlaid are the folders of a site that are laid over the built-in ones.
func overlaid() []string { return []string{"pipelines", "sql", "schedules"} }

// Files is the built-in tree with the site's own pipelines, SQL and schedules laid over it, as they are at this moment. A
// file at the path of a built-in one replaces the whole of it. A YAML file with disabled: true removes the built-in files
// that differ from it in the ending only (a model's .sql and .yaml); disabling a pipeline.yaml removes the pipeline's folder.
func (s *Site) Files(builtIn fs.FS) (*Tree, error) {
	t := &Tree{files: make(map[string]treeFile)}
	err := fs.WalkDir(builtIn, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.files[name] = treeFile{from: builtIn}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the built-in files: %w", err)
	}
	own, err := s.ownFiles()
	if err != nil {
		return nil, fmt.Errorf("read the site's own files: %w", err)
	}
	var disabled []string
	for _, name := range slices.Sorted(maps.Keys(own)) {
		if isDisabled(name, own[name]) {
			disabled = append(disabled, name)
			continue
		}
		if err := t.lay(name, own[name], s.LessProtected); err != nil {
			return nil, fmt.Errorf("lay %s over the built-in files: %w", name, err)
		}
	}
	if err := unusedDecision(s.LessProtected, t.lowered); err != nil {
		return nil, err
	}
	for _, name := range disabled {
		if err := t.disable(name, own[name]); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(t.overrides, func(a, b Override) int { return cmp.Compare(a.Path, b.Path) })
	if err := t.index(); err != nil {
		return nil, fmt.Errorf("lay the site's files over the built-in ones: %w", err)
	}
	return t, nil
}

// ownFiles reads the site's files; symbolic links that lead out of the site are refused by os.Root.
func (s *Site) ownFiles() (map[string][]byte, error) {
	root, err := os.OpenRoot(s.Root)
	if err != nil {
		return nil, err
	}
	defer root.Close() //nolint:errcheck // it was only read
	own := make(map[string][]byte)
	for _, dir := range overlaid() {
		err := fs.WalkDir(root.FS(), dir, func(name string, d fs.DirEntry, err error) error {
			switch {
			case name == dir && errors.Is(err, fs.ErrNotExist):
				return fs.SkipDir // a site need not have any
			case err != nil:
				return err
			case isLeftover(d.Name()):
				if d.IsDir() {
					return fs.SkipDir
				}
				return nil
			case d.IsDir():
				return nil
			}
			own[name], err = fs.ReadFile(root.FS(), name)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return own, nil
}

// isLeftover spots what editors and file managers leave behind.
func isLeftover(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~")
}

func isDisabled(name string, data []byte) bool {
	if path.Ext(name) != ".yaml" {
		return false
	}
	var file struct {
		Disabled bool `yaml:"disabled"`
	}
	// A file that does not decode is not disabled; whoever uses it says what is wrong with it.
	return yaml.Unmarshal(data, &file) == nil && file.Disabled
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
