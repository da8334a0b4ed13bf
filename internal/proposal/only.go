//go:build duckdb_arrow

package proposal

import (
	"io/fs"
	"slices"
	"strings"
)

// onlyImpact is the built-in tree without what an assessment needs not: other pipelines and their models would be built
// from nothing.
type onlyImpact struct{ fs.FS }

// Open opens a file that is in the tree.
func (o onlyImpact) Open(name string) (fs.File, error) {
	if !needed(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return o.FS.Open(name)
}

// ReadDir lists what is in the tree.
func (o onlyImpact) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(entries, func(entry fs.DirEntry) bool {
		return !needed(strings.TrimPrefix(name+"/"+entry.Name(), "./"))
	}), nil
}

// needed tells of a path whether an assessment needs it.
func needed(name string) bool {
	parts := strings.Split(name, "/")
	switch {
	case len(parts) < 2:
		return true
	case parts[0] == "pipelines":
		return parts[1] == "impact"
	case parts[0] == "schedules":
		return false
	case parts[0] != "sql":
		return true
	}
	switch parts[1] {
	case "impact", "macros":
		return true
	case "stage", "ref":
		return len(parts) == 2 || strings.HasPrefix(parts[2], "impact_")
	default:
		return false
	}
}
