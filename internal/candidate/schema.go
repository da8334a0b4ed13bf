package candidate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"socialvalue/internal/release"
	"socialvalue/internal/shelf"
	"socialvalue/internal/workspace"
)

// CheckSchema refuses a project that would drop, rename or retype a column that
// people use, before anything is taken in.
func CheckSchema(w *workspace.Workspace) error {
	published, err := shelf.List(w.Env.Site.Warehouse.Publications())
	if err != nil {
		return err
	}
	slices.Reverse(published)
	current, err := shelf.Current(w.Env.Site.Warehouse.Releases())
	if err != nil && !errors.Is(err, shelf.ErrNoRelease) {
		return err
	}
	planned, err := workspace.Datasets(w.Project, nil, nil, func(string) ([]release.Day, error) { return nil, nil })
	if err != nil {
		return err
	}
	if problems := release.SchemaProblems(published, current, planned); len(problems) > 0 {
		return &workspace.ConfigurationError{Err: fmt.Errorf("columns in use:\n%s", strings.Join(problems, "\n"))}
	}
	return nil
}
