package run

import (
	"context"
	"errors"

	"socialvalue/internal/model"
)

// PlannedModel is a relation a run would build.
type PlannedModel struct {
	Relation string `json:"relation"`
	Reason   string `json:"reason"`
}

// Planned is what a run would do.
type Planned struct {
	Files     []PlannedFile  `json:"files"`
	Models    []PlannedModel `json:"models"`
	Dropped   []string       `json:"dropped,omitempty"`
	Unchanged int            `json:"models_unchanged"`
	Purge     []PurgedFile   `json:"landing_purge,omitempty"` // received files whose time is up
	Rows      RowRetention   `json:"row_retention"`           // rows about people whose time is up
}

// Plan says what a run would do and why, and does nothing. The rows of files
// not yet read may change more relations: those that hang on them are named.
func Plan(ctx context.Context, env Environment, want Wanted) (planned *Planned, err error) {
	w, err := openToLook(ctx, env)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.checkPipelines(want.Pipelines); err != nil {
		return nil, err
	}
	in := lookingIntake(w, want)
	planned = &Planned{Files: []PlannedFile{}, Models: []PlannedModel{}}
	changed, err := in.plan(ctx, func(file PlannedFile) { planned.Files = append(planned.Files, file) })
	if err != nil {
		return nil, err
	}
	models, _, err := w.planModels(ctx, want.Full)
	if err != nil {
		return nil, err
	}
	planned.addModels(w.project, models, changed)
	if planned.Rows, _, err = w.rowsDue(ctx); err != nil {
		return nil, err
	}
	purges, err := w.duePurges(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range purges {
		if !d.gone {
			planned.Purge = append(planned.Purge, d.PurgedFile)
		}
	}
	return planned, nil
}

func (p *Planned) addModels(project *model.Project, models *model.Plan, changed []string) {
	because := map[string]string{}
	for _, relation := range changed {
		for _, dependent := range project.Descendants(relation) {
			because[dependent] = "files of " + relation + " are new"
		}
	}
	stale := map[string]bool{}
	for _, step := range models.Steps {
		stale[step.Node.Relation] = true
		because[step.Node.Relation] = step.Why
	}
	for _, relation := range project.Order {
		if reason, ok := because[relation]; ok {
			p.Models = append(p.Models, PlannedModel{relation, reason})
		}
	}
	p.Dropped = models.Drop
	p.Unchanged = len(project.Order) - len(p.Models)
}
