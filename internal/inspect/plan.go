package inspect

import (
	"context"
	"errors"
	"time"

	"socialvalue/internal/intake"
	"socialvalue/internal/model"
	"socialvalue/internal/runreport"
	"socialvalue/internal/upkeep"
	"socialvalue/internal/workspace"
)

// PlannedModel is a relation a run would build.
type PlannedModel struct {
	Relation string `json:"relation"`
	Reason   string `json:"reason"`
}

// Planned is what a run would do.
type Planned struct {
	Files     []intake.PlannedFile   `json:"files"`
	Models    []PlannedModel         `json:"models"`
	Dropped   []string               `json:"dropped,omitempty"`
	Unchanged int                    `json:"models_unchanged"`
	Purge     []runreport.PurgedFile `json:"landing_purge,omitempty"` // received files whose time is up
	Rows      runreport.RowRetention `json:"row_retention"`           // rows about people whose time is up
	Beside    *RunBeside             `json:"run_under_way,omitempty"`
}

// RunBeside is a run that is under way while it is said what a run would do. Relations that it has built by now are told as
// still to be built.
type RunBeside struct {
	Process int       `json:"process"`
	Since   time.Time `json:"since"`
}

// Plan says what a run would do and why, and does nothing. The rows of files
// not yet read may change more relations: those that hang on them are named.
func Plan(ctx context.Context, env workspace.Environment, want intake.Wanted) (planned *Planned, err error) {
	w, err := workspace.OpenToLook(ctx, env)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := w.CheckPipelines(want.Pipelines); err != nil {
		return nil, err
	}
	in := intake.Look(w, want)
	planned = &Planned{Files: []intake.PlannedFile{}, Models: []PlannedModel{}}
	if w.Beside != nil {
		planned.Beside = &RunBeside{Process: w.Beside.PID, Since: w.Beside.Since}
	}
	changed, err := in.Plan(ctx, func(file intake.PlannedFile) { planned.Files = append(planned.Files, file) })
	if err != nil {
		return nil, err
	}
	models, _, err := w.PlanModels(ctx, want.Full)
	if err != nil {
		return nil, err
	}
	planned.addModels(w.Project, models, changed)
	if planned.Rows, _, err = upkeep.RowsDue(ctx, w); err != nil {
		return nil, err
	}
	purges, err := upkeep.DuePurges(ctx, w)
	if err != nil {
		return nil, err
	}
	for _, d := range purges {
		if !d.Gone {
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
