package upkeep

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"socialvalue/internal/baseline"
	"socialvalue/internal/site"
	"socialvalue/internal/workspace"
)

// Due is what became of the baseline that the site asks for.
type Due struct {
	Year    string         `json:"year,omitempty"`    // baseline_year of svw.yaml
	Frozen  *baseline.Seal `json:"frozen,omitempty"`  // just now
	Because string         `json:"because,omitempty"` // nothing was frozen
}

// FreezeDue freezes the baseline that svw.yaml names, once: when its year is over and it was not frozen before. That
// nothing is to do is no error, so that it can be asked for by schedule, and again after a process that died.
func FreezeDue(ctx context.Context, env workspace.Environment) (due Due, err error) {
	due.Year = env.Site.BaselineYear
	if due.Year != "" {
		if err := baseline.CheckYear(due.Year); err != nil {
			return due, &workspace.ConfigurationError{Err: fmt.Errorf("baseline_year of svw.yaml: %w", err)}
		}
	}
	err = freezing(ctx, env, func(ctx context.Context, env workspace.Environment) (any, error) {
		if due.Because, err = notDue(env); err != nil || due.Because != "" {
			return due, err
		}
		seal, err := freeze(ctx, env, FreezeRequest{Year: due.Year})
		if err == nil {
			due.Frozen = &seal
		}
		return due, err
	})
	return due, err
}

// notDue says why there is nothing to freeze; empty when there is.
func notDue(env workspace.Environment) (because string, err error) {
	year := env.Site.BaselineYear
	if year == "" {
		return "svw.yaml names no baseline_year", nil
	}
	if end := lastDay(env.Site, year); !env.Site.AsOf(env.Now()).After(end) {
		return fmt.Sprintf("%s goes on until %s", year, end.Format(time.DateOnly)), nil
	}
	seals, err := baseline.List(env.Site.Warehouse.Baselines())
	if err != nil {
		return "", err
	}
	if latest, found := baseline.Latest(seals, year); found {
		return fmt.Sprintf("%s is frozen, on %s", latest.Name(), latest.FrozenAt.Format(time.DateOnly)), nil
	}
	return "", nil
}

// lastDay is that of a financial year, which was checked.
func lastDay(s *site.Site, year string) time.Time {
	begins, _ := strconv.Atoi(year[:4])
	start := s.FinancialYearStart
	return time.Date(begins+1, start.Month, start.Day-1, 0, 0, 0, 0, time.UTC)
}
