package run

import (
	"maps"
	"slices"

	"socialvalue/internal/pipeline"
	"socialvalue/internal/schedule"
)

// Schedules reads the site's schedules and holds them against its pipelines and sources.
func Schedules(env Environment) ([]schedule.Schedule, error) {
	pipelines, err := pipeline.LoadAll(env.Files)
	if err != nil {
		return nil, &ConfigurationError{err}
	}
	jobs, err := schedule.Load(env.Files, schedule.Known{
		Pipelines: slices.Sorted(maps.Keys(pipelines)), Sources: slices.Sorted(maps.Keys(env.configured())),
	})
	if err != nil {
		return nil, &ConfigurationError{err}
	}
	return jobs, nil
}
