package run

import (
	"context"

	"socialvalue/internal/release"
)

func (w *workspace) check(ctx context.Context, report *Report, held map[string]bool, fingerprints map[string]string) error {
	return nil
}

func (w *workspace) checkFacts(ctx context.Context) ([]release.CheckFact, error) { return nil, nil }
