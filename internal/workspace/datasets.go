package workspace

import (
	"context"
	"fmt"
	"slices"

	"socialvalue/internal/manifest"
	"socialvalue/internal/model"
	"socialvalue/internal/release"
)

// SchemaVersion is the version of the published schema as a whole; it rises
// when a column is renamed or dropped.
const SchemaVersion = "1"

// Datasets turns the published relations of a project into what a release
// writes. Held relations stay at their last released content.
func Datasets(project *model.Project, fingerprints map[string]string, held map[string]bool, days daysOf) ([]release.Dataset, error) {
	var list []release.Dataset
	openForms := formsOfPeople(project)
	for _, relation := range project.Order {
		node := project.Nodes[relation]
		if !node.Spec.Publish.IsPublished() {
			continue
		}
		publish := node.Spec.Publish
		dataset := release.Dataset{
			Name: relation, DefinedIn: node.SpecFile, Kind: manifest.KindTable,
			Tier: manifest.Tier(publish.Tier), Domains: publish.AllDomains(),
			Description: node.Spec.Description, Grain: node.Spec.Grain, Key: node.Spec.Key, OrderBy: node.Order(),
			Formats: publish.Formats, Licence: publish.Licence, SchemaVersion: 1,
			InputsHash: fingerprints[relation], Held: held[relation], Rules: publish.Disclosure, People: publish.Disclosure.CountColumns(), Announced: publish.Announced,
			Period:    manifest.Period{Kind: publish.Period, Column: node.PeriodColumn(), DelayDays: publish.DelayDays()},
			Headlines: node.Spec.Headline, OpenForms: openForms[relation], NoInternal: publish.Internal == "none",
		}
		if node.IsView() {
			dataset.Kind, dataset.ViewSQL, dataset.Reads = manifest.KindView, node.SQL, node.Inputs
			dataset.Macros = calls(project, node.Macros)
		}
		for _, column := range node.Spec.Columns {
			dataset.Columns = append(dataset.Columns, manifest.Column{
				Name: column.Name, Type: column.Type, Unit: column.Unit, Description: column.Description,
				Example: column.Example, Personal: column.Personal, Deprecated: column.Deprecated, RenamedFrom: column.RenamedFrom,
			})
		}
		if dataset.DayColumn = node.DayColumn(); dataset.DayColumn != "" {
			var err error
			if dataset.Days, err = days(relation); err != nil {
				return nil, err
			}
		}
		list = append(list, dataset)
	}
	return list, nil
}

// formsOfPeople are, of each relation that is released of open forms, those forms
// that count people.
func formsOfPeople(project *model.Project) map[string][]string {
	all := map[string][]string{}
	for _, form := range project.OpenForms() {
		for _, read := range form.Forms {
			if project.Nodes[read].Spec.Publish.Disclosure != nil {
				all[form.Relation] = append(all[form.Relation], read)
			}
		}
	}
	return all
}

// daysOf lists the days of an incremental relation that have rows.
type daysOf func(relation string) ([]release.Day, error)

// Days reads them from the build database.
func (w *Workspace) Days(ctx context.Context) daysOf {
	return func(relation string) ([]release.Day, error) {
		stored, err := model.StoredDays(ctx, w.DB, relation)
		if err != nil {
			return nil, fmt.Errorf("list the days of %s: %w", relation, err)
		}
		var days []release.Day
		for _, day := range stored {
			if day.Rows > 0 {
				days = append(days, release.Day{
					Date: day.Date, Path: w.Store.Path(relation, day.SHA256), SHA256: day.SHA256, Bytes: day.Bytes, Rows: day.Rows, InputsHash: day.Fingerprint,
				})
			}
		}
		return days, nil
	}
}

// Macros lists the functions that a release carries.
func Macros(project *model.Project) []release.Macro {
	var list []release.Macro
	for _, name := range project.MacroOrder {
		macro := project.Macros[name]
		if !macro.Publish {
			continue
		}
		description := ""
		if len(macro.Comment) > 0 {
			description = macro.Comment[0]
		}
		list = append(list, release.Macro{Name: name, SQL: macro.SQL(), Description: description})
	}
	return list
}

// Queries lists the named questions that a release carries.
func Queries(project *model.Project) []release.Query {
	list := make([]release.Query, len(project.Queries))
	for i, query := range project.Queries {
		list[i] = release.Query{Name: query.Name, SQL: query.SQL, Tier: query.Tier, Reads: query.Reads}
	}
	return list
}

// calls are macros and all that they call, sorted.
func calls(project *model.Project, macros []string) []string {
	all := slices.Clone(macros)
	for i := 0; i < len(all); i++ {
		for _, called := range project.Macros[all[i]].Macros {
			if !slices.Contains(all, called) {
				all = append(all, called)
			}
		}
	}
	slices.Sort(all)
	return all
}
