package run

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"socialvalue/internal/release"
	"socialvalue/internal/shelf"
)

// checkSchema refuses a project that would drop, rename or retype a column that
// people use, before anything is taken in.
func (w *workspace) checkSchema() error {
	published, err := shelf.List(w.env.Site.Warehouse.Publications())
	if err != nil {
		return err
	}
	slices.Reverse(published)
	current, err := shelf.Current(w.env.Site.Warehouse.Releases())
	if err != nil && !errors.Is(err, shelf.ErrNoRelease) {
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
