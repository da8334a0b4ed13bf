package intake

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"socialvalue/internal/model"
	"socialvalue/internal/place"
	"socialvalue/internal/runreport"
	"socialvalue/internal/workspace"
)

// places makes what postcodes of people are looked up in, once, when the first
// feed needs it.
type places struct {
	workspace *workspace.Workspace
	wanted    []string
	report    *runreport.Report
	done      bool
	stand     bool // the relations are there
	trouble   error
}

// placeRelations are those that areas are looked up in.
func placeRelations() []string { return place.Relations() }

// decileRelations are those that deciles are looked up in.
func decileRelations() []string { return append(place.Relations(), place.DecileRelations()...) }

// relationsOf are those of the wanted relations that are built, false where the
// site's project lacks one: then every postcode is unplaced.
func relationsOf(project *model.Project, wanted []string) (relations []string, ok bool) {
	for _, relation := range wanted {
		if _, outside := project.Outside[relation]; outside {
			continue
		}
		if project.Nodes[relation] == nil {
			return nil, false
		}
		relations = append(relations, relation)
	}
	return relations, true
}

// feeding says which contracts' relations the wanted ones are made from: their
// files are taken in before those of feeds that look places up.
func feeding(project *model.Project, wanted []string) map[string]bool {
	relations, ok := relationsOf(project, wanted)
	if !ok {
		return nil
	}
	feeds := map[string]bool{}
	for _, ancestor := range project.Ancestors(relations...) {
		feeds[ancestor] = true
	}
	return feeds
}

// ready builds what is stale of the relations. The error is trouble of the
// machine; what is wrong with the relations themselves is p.trouble.
func (p *places) ready(ctx context.Context) error {
	if p.done {
		return nil
	}
	p.done = true
	relations, ok := relationsOf(p.workspace.Project, p.wanted)
	if !ok {
		return nil
	}
	w := p.workspace
	plan, err := w.Project.Plan(ctx, w.DB, model.PlanOptions{Outside: w.Outside(), Engine: w.Env.Version, Only: relations})
	if err != nil {
		return fmt.Errorf("plan the places: %w", err)
	}
	// What fails here fails again, and is told, when everything is built.
	if err := w.RefreshInputs(ctx, plan, &runreport.Report{}); err != nil {
		return err
	}
	built, err := w.BuildPlan(ctx, plan)
	var partial *model.PartialError
	if err != nil && !errors.As(err, &partial) {
		return err
	}
	workspace.AddBuilt(p.report, built)
	if partial != nil {
		failed := map[string]bool{}
		for _, failure := range partial.Failed {
			failed[failure.Relation] = true
		}
		p.trouble = fmt.Errorf("places cannot be looked up, because %v failed", slices.Sorted(maps.Keys(failed)))
		return nil
	}
	p.stand = true
	return nil
}
