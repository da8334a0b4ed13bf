package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"socialvalue/internal/release"
)

// checkSchema refuses a project that would drop, rename or retype a column that
// people use, before anything is taken in.
func (w *workspace) checkSchema() error {
	published, err := publications(w.env.Site.Warehouse.Publications())
	if err != nil {
		return err
	}
	current, err := release.Current(w.env.Site.Warehouse.Releases())
	if err != nil && !errors.Is(err, release.ErrNoRelease) {
		return err
	}
	planned, err := datasets(w.project, nil, nil, func(string) ([]release.Day, error) { return nil, nil })
	if err != nil {
		return err
	}
	if problems := release.SchemaProblems(published, current, planned); len(problems) > 0 {
		return &ConfigurationError{fmt.Errorf("columns in use:\n%s", strings.Join(problems, "\n"))}
	}
	return nil
}

// publications are the manifests of all editions, in the order in which they
// were sealed, which is that of their release or else of their folders.
func publications(folder string) ([]*release.Manifest, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*", "manifest.json"))
	if err != nil {
		return nil, fmt.Errorf("list publications: %w", err)
	}
	var editions []*release.Manifest
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		// Only columns are asked for: the rest of an edition's manifest is its own.
		var edition release.Manifest
		if err := json.Unmarshal(data, &edition); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		editions = append(editions, &edition)
	}
	slices.SortStableFunc(editions, func(a, b *release.Manifest) int { return a.BuiltAt.Compare(b.BuiltAt) })
	return editions, nil
}
