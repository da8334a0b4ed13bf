package intake

import (
	"path/filepath"
	"time"

	"socialvalue/internal/extract"
	"socialvalue/internal/site"
)

// Matching lists the files that a run would look at for a source.
func Matching(s *site.Site, source site.Source) extract.Listing {
	return extract.Matching(s.Root, extractSource(s, source))
}

// extractSource is a source as extract knows it.
func extractSource(s *site.Site, source site.Source) extract.Source {
	glob := source.From
	if rel, err := filepath.Rel(s.Root, glob); err == nil {
		glob = rel
	}
	return extract.Source{Name: source.Name, Globs: []string{filepath.ToSlash(glob)}}
}

// Below is a path as people write it: below the site.
func Below(s *site.Site, path string) string {
	if rel, err := filepath.Rel(s.Root, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return path
}

// SeenFile is a file that lies in the drop folder, and since when it is known.
type SeenFile struct {
	Source, Name, Pipeline string
	Since                  time.Time
}
