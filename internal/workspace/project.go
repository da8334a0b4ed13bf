package workspace

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"socialvalue/internal/contract"
	"socialvalue/internal/layout"
	"socialvalue/internal/load"
	"socialvalue/internal/model"
	"socialvalue/internal/pipeline"
	"socialvalue/internal/release"
	"socialvalue/internal/warehouse"
)

// LoadProject reads the SQL project against the relations that contracts and
// the site give it, without the build database.
func LoadProject(ctx context.Context, env Environment, contracts map[string]*contract.Contract, pipelines map[string]pipeline.Pipeline) (*model.Project, error) {
	settings, err := siteRelations(env.Site, env.Now())
	if err != nil {
		return nil, err
	}
	return loadProject(ctx, env, contracts, pipelines, settings, nil)
}

// loadProject does so with the build database, which knows what was read before.
func loadProject(ctx context.Context, env Environment, contracts map[string]*contract.Contract, pipelines map[string]pipeline.Pipeline, settings []siteRelation, db *warehouse.DB) (*model.Project, error) {
	outside := make(map[string][]model.Column, len(contracts)+len(settings))
	personal := make(map[string][]string)
	for _, c := range contracts {
		columns := make([]model.Column, 0, len(c.Columns))
		for _, column := range load.RawColumns(c) {
			columns = append(columns, model.Column{Name: column.Name, Type: column.Type})
		}
		outside[c.Relation()] = columns
		if c.HasPersonal() || pipelines[c.Pipeline].Personal {
			personal[c.Relation()] = c.PersonalColumns()
		}
	}
	for _, relation := range settings {
		outside[relation.name] = relation.columns
	}
	options := model.LoadOptions{
		Outside: outside, Personal: personal, Disabled: disabledFeeds(env.Files), Estimators: env.Estimators, DB: db, Engine: env.Version,
	}
	if db != nil {
		options.Cache = model.DatabaseCache{DB: db}
	}
	project, err := model.Load(ctx, env.Files, options)
	var mistakes model.Problems
	if errors.As(err, &mistakes) {
		return nil, &ConfigurationError{err}
	}
	if err != nil {
		return nil, err
	}
	if err := (Readers{contracts, pipelines, project}).check(); err != nil {
		return nil, err
	}
	if err := releasable(project); err != nil {
		return nil, err
	}
	return project, nil
}

// disabledContracts are those of the pipelines that the site disables. Files that
// are no site's disable nothing.
func disabledContracts(files fs.FS) []string {
	if tree, overlaid := files.(interface{ DisabledContracts() []string }); overlaid {
		return tree.DisabledContracts()
	}
	return nil
}

// DisabledPipelines are the pipelines that the site disables, by name.
func DisabledPipelines(files fs.FS) []string {
	var names []string
	for _, ref := range disabledContracts(files) {
		names = append(names, PipelineOf(ref))
	}
	return slices.Compact(names)
}

// disabledFeeds are the relations of those contracts.
func disabledFeeds(files fs.FS) []string {
	var relations []string
	for _, ref := range disabledContracts(files) {
		relations = append(relations, contract.RelationOf(ref))
	}
	return relations
}

// releasable reports definitions with which no release can be composed: one of
// them would stop the datasets of all.
func releasable(project *model.Project) error {
	published, err := Datasets(project, nil, nil, func(string) ([]release.Day, error) { return nil, nil })
	if err != nil {
		return err
	}
	if err := (release.Plan{Datasets: published, Macros: Macros(project), Queries: Queries(project)}).DefinitionProblems(); err != nil {
		return &ConfigurationError{err}
	}
	return nil
}

func layoutColumns(contracts map[string]*contract.Contract) map[string][]layout.Column {
	columns := make(map[string][]layout.Column, len(contracts))
	for ref, c := range contracts {
		columns[ref] = c.LayoutColumns()
	}
	return columns
}

// Project reads the SQL project without opening the warehouse.
func Project(ctx context.Context, env Environment) (*model.Project, error) {
	contracts, pipelines, err := Definitions(env)
	if err != nil {
		return nil, err
	}
	return LoadProject(ctx, env, contracts, pipelines)
}
