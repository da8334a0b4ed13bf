package upkeep

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"socialvalue/internal/baseline"
	"socialvalue/internal/lock"
	"socialvalue/internal/manifest"
	"socialvalue/internal/query"
	"socialvalue/internal/shelf"
	"socialvalue/internal/state"
	"socialvalue/internal/workspace"
)

// FreezeRequest says which year is frozen, and why although something is missing
// or a version stands already.
type FreezeRequest struct {
	Year   string
	Force  bool
	Reason string
}

// FreezeBaseline freezes what the current release measured of a year. Nothing is
// frozen from anything but a release: what is sealed is what people could read.
func FreezeBaseline(ctx context.Context, env workspace.Environment, request FreezeRequest) (seal baseline.Seal, err error) {
	if err := baseline.CheckYear(request.Year); err != nil {
		return seal, &workspace.ConfigurationError{Err: err}
	}
	if request.Force && strings.TrimSpace(request.Reason) == "" {
		return seal, &workspace.ConfigurationError{Err: errors.New("to freeze what is incomplete, say why: --force --reason \"…\"")}
	}
	err = freezing(ctx, env, func(ctx context.Context, env workspace.Environment) (any, error) {
		seal, err = freeze(ctx, env, request)
		return seal, err
	})
	return seal, err
}

// freezing does so with the lock held, and keeps in the journal what came of it.
func freezing(ctx context.Context, env workspace.Environment, work Work) (err error) {
	w := env.Site.Warehouse
	if err := w.Create(); err != nil {
		return err
	}
	held, err := lock.Acquire(w.Lock(), env.Now())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, held.Close()) }()
	return Locked(ctx, env, VerbBaseline, work)
}

func freeze(ctx context.Context, env workspace.Environment, request FreezeRequest) (seal baseline.Seal, err error) {
	current, tables, err := measured(ctx, env, request.Year)
	if err != nil {
		return seal, err
	}
	content := baseline.Content{
		Year: request.Year, Release: current.Release, Software: env.Version, Definitions: tables.definitions, Values: tables.values,
		Inputs: inputsOf(current), Missing: missing(current, tables.values, request.Year),
	}
	if request.Force || len(content.Missing) == 0 {
		content.Reason = request.Reason
	}
	if seal, err = baseline.Freeze(env.Site.Warehouse.Baselines(), content, env.Now()); err != nil {
		return seal, err
	}
	return seal, keepSeals(ctx, env)
}

// keepSeals notes in the state the seals of all baselines, also of one that was
// frozen just before the process died.
func keepSeals(ctx context.Context, env workspace.Environment) (err error) {
	seals, err := baseline.List(env.Site.Warehouse.Baselines())
	if err != nil {
		return err
	}
	db, err := state.Open(ctx, env.Site.Warehouse.StateDB())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, seal := range seals {
		if err := db.KeepSeal(ctx, state.Sealed{Year: seal.Year, Version: seal.Version, Seal: seal.Seal, FrozenAt: seal.FrozenAt}); err != nil {
			return err
		}
	}
	return nil
}

// indicatorTables are what a release says of the indicators.
type indicatorTables struct{ definitions, values baseline.Table }

// measured reads the indicators of the current release: all definitions, and the
// values of a year. Where an indicator was not collected then and its rule lets
// the baseline be later, the values of its first year stand for it.
func measured(ctx context.Context, env workspace.Environment, year string) (current *manifest.Manifest, tables indicatorTables, err error) {
	root := env.Site.Warehouse.Releases()
	if current, err = shelf.Current(root); err != nil {
		if errors.Is(err, shelf.ErrNoRelease) {
			return nil, tables, &workspace.ConfigurationError{Err: errors.New("there is no release to freeze from: run svw run first")}
		}
		return nil, tables, err
	}
	file, err := query.Open(ctx, filepath.Join(root, current.Release, manifest.DatabasePath(manifest.OpenPlace)), query.Limits{Memory: env.Site.DuckDB.MemoryLimit.Text, Threads: env.Site.DuckDB.Threads})
	if err != nil {
		return nil, tables, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if tables.definitions, err = askTable(ctx, file, "select * from indicators.definitions order by indicator_order, indicator_id"); err != nil {
		return nil, tables, err
	}
	tables.values, err = askTable(ctx, file, `
		with first_year as (
			select measurement.indicator_id, min(measurement.financial_year) as financial_year
			from indicators.measurements as measurement
			inner join indicators.definitions as definition on measurement.indicator_id = definition.indicator_id
			where definition.baseline_is_later and measurement.measured_value is not null
			group by measurement.indicator_id
		)
		select measurement.*
		from indicators.measurements as measurement
		left join first_year on measurement.indicator_id = first_year.indicator_id
		where measurement.financial_year = greatest('`+year+`', coalesce(first_year.financial_year, '`+year+`'))
		order by measurement.indicator_id, measurement.financial_year, measurement.breakdown, measurement.breakdown_value, measurement.iod_edition`)
	return current, tables, err
}

// askTable asks a question and keeps the answer as text.
func askTable(ctx context.Context, file *query.File, question string) (baseline.Table, error) {
	answer, err := file.Ask(ctx, question)
	if err != nil {
		return baseline.Table{}, fmt.Errorf("read the indicators of the release: %w", err)
	}
	table := baseline.Table{Rows: make([][]*string, 0, len(answer.Rows))}
	for _, column := range answer.Columns {
		table.Columns = append(table.Columns, column.Name)
	}
	for _, values := range answer.Rows {
		row := make([]*string, len(values))
		for i, value := range values {
			if !value.Null {
				row[i] = &value.Text
			}
		}
		table.Rows = append(table.Rows, row)
	}
	return table, nil
}

// inputsOf lists what a release was made from: files by source, and for each
// open dataset the hash of all its inputs.
func inputsOf(from *manifest.Manifest) baseline.Table {
	table := baseline.Table{Columns: []string{"kind", "name", "sha256"}}
	add := func(kind, name, sum string) { table.Rows = append(table.Rows, []*string{&kind, &name, &sum}) }
	for _, input := range from.Inputs {
		for _, sum := range input.SHA256 {
			add("source", input.Source, sum)
		}
	}
	for _, dataset := range from.Datasets {
		if dataset.Tier == manifest.TierOpen {
			add("dataset", dataset.Name, dataset.InputsHash)
		}
	}
	return table
}

// supplied are the reasons for which a measure has no one value although what it
// needs is there: its parts are never added, or too few people are behind it.
func supplied(reason string) bool { return reason == "not_added" || reason == "withheld" }

// missing is what a baseline should have and has not: values of the framework's
// own measures, sources that are silent, and datasets that are held.
func missing(from *manifest.Manifest, values baseline.Table, year string) []string {
	var found []string
	for _, source := range from.Stale {
		found = append(found, "source "+source+" has been silent for too long")
	}
	for _, dataset := range from.Held {
		found = append(found, dataset.Dataset+" is held at an earlier release")
	}
	for i := range values.Rows {
		id, reason := values.Cell(i, "indicator_id"), values.Cell(i, "null_reason")
		whole := values.Cell(i, "financial_year") == year && values.Cell(i, "breakdown") == "all"
		if strings.HasPrefix(id, "M") && whole && values.Cell(i, "measured_value") == "" && !supplied(reason) {
			found = append(found, id+" has no value: "+reason)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// VerifyBaselines reads every file of every baseline again, and holds the seals
// to those that were noted in the state when they were frozen, and to those that
// the current release repeats.
func VerifyBaselines(ctx context.Context, env workspace.Environment) (seals []baseline.Seal, err error) {
	root := env.Site.Warehouse.Baselines()
	if seals, err = baseline.List(root); err != nil {
		return nil, err
	}
	var problems []error
	for _, seal := range seals {
		if _, err := baseline.Open(root, seal.Year, seal.Version); err != nil {
			problems = append(problems, err)
		}
	}
	if _, err := os.Stat(env.Site.Warehouse.StateDB()); errors.Is(err, fs.ErrNotExist) {
		return seals, errors.Join(problems...)
	}
	db, err := state.Open(ctx, env.Site.Warehouse.StateDB())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	noted, err := db.Seals(ctx)
	if err != nil {
		return nil, err
	}
	current, err := shelf.Current(env.Site.Warehouse.Releases())
	if err != nil && !errors.Is(err, shelf.ErrNoRelease) {
		return nil, err
	}
	if current != nil {
		for _, b := range current.Baselines {
			noted = append(noted, state.Sealed{Year: b.Year, Version: b.Version, Seal: b.Seal})
		}
	}
	for _, known := range noted {
		i := slices.IndexFunc(seals, func(s baseline.Seal) bool { return s.Year == known.Year && s.Version == known.Version })
		name := fmt.Sprintf("%s/v%d", known.Year, known.Version)
		switch {
		case i < 0:
			problems = append(problems, &baseline.BrokenError{Folder: name, What: "it is gone"})
		case seals[i].Seal != known.Seal:
			problems = append(problems, &baseline.BrokenError{Folder: name, What: "it was replaced by another, with a seal of its own"})
		}
	}
	return seals, errors.Join(problems...)
}

// CompareBaseline holds a frozen baseline, the latest version of a year, against
// what the current release computes for it.
func CompareBaseline(ctx context.Context, env workspace.Environment, year string) (seal baseline.Seal, differences []baseline.Difference, err error) {
	frozen, err := OpenBaseline(env, year, 0)
	if err != nil {
		return seal, nil, err
	}
	_, tables, err := measured(ctx, env, year)
	if err != nil {
		return seal, nil, err
	}
	differences, err = baseline.Compare(frozen, tables.definitions, tables.values)
	return frozen.Seal, differences, err
}

// OpenBaseline reads a version of a year's baseline; version 0 is the latest.
func OpenBaseline(env workspace.Environment, year string, version int) (*baseline.Baseline, error) {
	if err := baseline.CheckYear(year); err != nil {
		return nil, &workspace.ConfigurationError{Err: err}
	}
	seals, err := baseline.List(env.Site.Warehouse.Baselines())
	if err != nil {
		return nil, err
	}
	if latest, found := baseline.Latest(seals, year); version == 0 && found {
		version = latest.Version
	}
	if !slices.ContainsFunc(seals, func(s baseline.Seal) bool { return s.Year == year && s.Version == version }) {
		return nil, &workspace.ConfigurationError{Err: fmt.Errorf("there is no such baseline of %s: svw baseline list shows them, svw baseline freeze %s makes one", year, year)}
	}
	return baseline.Open(env.Site.Warehouse.Baselines(), year, version)
}
