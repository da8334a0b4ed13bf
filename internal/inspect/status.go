package inspect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"socialvalue/internal/load"
	"socialvalue/internal/runreport"
	"socialvalue/internal/shelf"
	"socialvalue/internal/state"
	"socialvalue/internal/upkeep"
	"socialvalue/internal/workspace"
)

// SourceStatus is what is known of one source without opening the build
// database, so that it can be asked during a run.
type SourceStatus struct {
	Source      string     `json:"source"`
	Contract    string     `json:"contract"`
	Files       int        `json:"files"`
	Refused     int        `json:"files_refused"`
	Rows        int64      `json:"rows"`
	Duplicates  int64      `json:"duplicates"`
	Quarantined int64      `json:"quarantined"`
	ReceivedAt  *time.Time `json:"received_at,omitempty"`
	Stale       bool       `json:"stale"`
}

// LeftSource is a source that svw.yaml does not have. What was loaded from it stays
// in the store and counts nowhere.
type LeftSource struct {
	Source string `json:"source"`
	Files  int    `json:"files"`
	Rows   int64  `json:"rows"`
}

// Firing is when a schedule is next due.
type Firing struct {
	Schedule string    `json:"schedule"`
	Next     time.Time `json:"next"`
}

// Standing is where the warehouse stands.
type Standing struct {
	Release   string         `json:"release,omitempty"`
	BuiltAt   *time.Time     `json:"built_at,omitempty"`
	Held      []string       `json:"held,omitempty"`
	Missing   []string       `json:"missing,omitempty"`
	OnHold    *shelf.Hold    `json:"on_hold,omitempty"`
	Runs      []state.Run    `json:"runs"`
	Sources   []SourceStatus `json:"sources"`
	Left      []LeftSource   `json:"sources_left,omitempty"`
	Schedules []Firing       `json:"schedules"`
	// Alerts are what scheduled work found wrong and is not over.
	Alerts []state.Alert           `json:"alerts,omitempty"`
	Aside  []runreport.AsideObject `json:"set_aside,omitempty"`
}

// runsShown is how many runs a standing tells of.
const runsShown = 5

// Status says where the warehouse stands: runs, freshness, rows, quarantine,
// next firing. It reads only what other programs may read during a run.
func Status(ctx context.Context, env workspace.Environment) (standing *Standing, err error) {
	_, pipelines, err := workspace.Definitions(env)
	if err != nil {
		return nil, err
	}
	standing = &Standing{Runs: []state.Run{}, Sources: []SourceStatus{}, Schedules: []Firing{}}
	manifest, err := shelf.Current(env.Site.Warehouse.Releases())
	switch {
	case errors.Is(err, shelf.ErrNoRelease):
	case err != nil:
		return nil, err
	default:
		standing.Release, standing.BuiltAt = manifest.Release, &manifest.BuiltAt
		for _, held := range manifest.Held {
			if held.Missing {
				standing.Missing = append(standing.Missing, held.Dataset)
			} else {
				standing.Held = append(standing.Held, held.Dataset)
			}
		}
	}
	if standing.OnHold, err = shelf.Holding(env.Site.Warehouse.Releases()); err != nil {
		return nil, err
	}
	schedules, err := Schedules(env)
	if err != nil {
		return nil, err
	}
	for _, s := range schedules {
		if next := s.Next(env.Now()); s.Enabled && !next.IsZero() {
			standing.Schedules = append(standing.Schedules, Firing{s.Name, next.In(s.Location)})
		}
	}
	if standing.Aside, err = upkeep.Aside(ctx, env); err != nil {
		return nil, err
	}
	if _, err := os.Stat(env.Site.Warehouse.StateDB()); errors.Is(err, fs.ErrNotExist) {
		return standing, nil
	}
	db, err := state.Open(ctx, env.Site.Warehouse.StateDB())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if standing.Runs, err = db.LastRuns(ctx, runsShown); err != nil {
		return nil, err
	}
	if standing.Alerts, err = db.Alerts(ctx); err != nil {
		return nil, err
	}
	loads, err := db.Loads(ctx)
	if err != nil {
		return nil, err
	}
	for _, source := range env.Site.Sources {
		status := SourceStatus{Source: source.Name, Contract: source.Contract}
		sightings, err := db.Sightings(ctx, source.Name)
		if err != nil {
			return nil, fmt.Errorf("read the files seen: %w", err)
		}
		for _, sighting := range sightings {
			status.Files++
			if sighting.Outcome == string(runreport.FileRefused) {
				status.Refused++
			}
		}
		for _, l := range loads {
			if l.Source != source.Name || l.Status != string(load.StatusActive) {
				continue
			}
			status.Rows += l.RowsLoaded
			status.Duplicates += l.RowsDuplicate
			status.Quarantined += l.RowsQuarantined
			if status.ReceivedAt == nil || l.LoadedAt.After(*status.ReceivedAt) {
				at := l.LoadedAt
				status.ReceivedAt = &at
			}
		}
		if stale := pipelines[workspace.PipelineOf(source.Contract)].Freshness.StaleAfter; stale > 0 && status.ReceivedAt != nil {
			status.Stale = env.Now().After(status.ReceivedAt.Add(stale.Duration()))
		}
		standing.Sources = append(standing.Sources, status)
	}
	standing.Left = leftSources(env, loads)
	return standing, nil
}

// leftSources are those with active loads that svw.yaml does not name.
func leftSources(env workspace.Environment, loads []state.Load) []LeftSource {
	configured, bySource := env.Configured(), map[string]LeftSource{}
	for _, l := range loads {
		if configured[l.Source] || l.Status != string(load.StatusActive) {
			continue
		}
		left := bySource[l.Source]
		bySource[l.Source] = LeftSource{Source: l.Source, Files: left.Files + 1, Rows: left.Rows + l.RowsLoaded}
	}
	var list []LeftSource
	for _, name := range slices.Sorted(maps.Keys(bySource)) {
		list = append(list, bySource[name])
	}
	return list
}
