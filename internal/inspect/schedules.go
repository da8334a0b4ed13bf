package inspect

import (
	"maps"
	"slices"

	"socialvalue/internal/pipeline"
	"socialvalue/internal/schedule"
	"socialvalue/internal/workspace"
)

// Schedules reads the site's schedules and holds them against its pipelines and sources.
func Schedules(env workspace.Environment) ([]schedule.Schedule, error) {
	pipelines, err := pipeline.LoadAll(env.Files)
	if err != nil {
		return nil, &workspace.ConfigurationError{Err: err}
	}
	jobs, err := schedule.Load(env.Files, schedule.Known{
		Pipelines: slices.Sorted(maps.Keys(pipelines)), Disabled: workspace.DisabledPipelines(env.Files), Sources: slices.Sorted(maps.Keys(env.Configured())),
	})
	if err != nil {
		return nil, &workspace.ConfigurationError{Err: err}
	}
	return jobs, nil
}
