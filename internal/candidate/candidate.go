package candidate

import (
	"context"
	"errors"
	"slices"

	"socialvalue/internal/check"
	"socialvalue/internal/load"
	"socialvalue/internal/model"
	"socialvalue/internal/runreport"
	"socialvalue/internal/workspace"
)

// Build builds what is stale, or everything, and checks it. It returns the relations that stay
// at their last released content.
func Build(ctx context.Context, w *workspace.Workspace, full bool, report *runreport.Report) (held map[string]bool, fingerprints map[string]string, err error) {
	plan, fingerprints, err := w.PlanModels(ctx, full)
	if err != nil {
		return nil, nil, err
	}
	held = map[string]bool{}
	report.Unchanged = len(plan.Unchanged) - len(report.Models) // places were built for the feeds
	if err := w.RefreshInputs(ctx, plan, report); err != nil {
		return nil, nil, err
	}
	result, err := w.BuildPlan(ctx, plan)
	var partial *model.PartialError
	if err != nil && !errors.As(err, &partial) {
		return nil, nil, err
	}
	workspace.AddBuilt(report, result)
	changed := map[string]check.Change{}
	for _, built := range result.Built {
		if node := w.Project.Nodes[built.Relation]; node.DayColumn() != "" {
			changed[built.Relation] = check.Change{Before: built.Before, Column: node.DayColumn(), Days: built.Days}
		}
	}
	if partial != nil {
		for _, failure := range partial.Failed {
			held[failure.Relation] = true
			report.Models = append(report.Models, runreport.ModelReport{Relation: failure.Relation, Status: runreport.StatusFailed, Reason: failure.Err.Error()})
		}
		for _, h := range partial.Held {
			held[h.Relation] = true
			report.Models = append(report.Models, runreport.ModelReport{Relation: h.Relation, Status: runreport.StatusHeld, Reason: "it depends on " + h.Because + ", which failed"})
		}
	}
	holdLost(w, report, held)
	if err := runChecks(ctx, w, report, held, changed); err != nil {
		return nil, nil, err
	}
	return held, fingerprints, nil
}

// holdLost keeps what is made of rows that counted, and were lost with the note of
// their load, at its last released content: figures must not shrink because a file
// of ours is gone.
func holdLost(w *workspace.Workspace, report *runreport.Report, held map[string]bool) {
	for _, object := range report.Aside {
		if !object.Counted || object.Relation == load.QuarantineRelation {
			continue
		}
		for _, relation := range w.Project.Descendants(object.Relation) {
			if held[relation] {
				continue
			}
			held[relation] = true
			reason := "rows of " + object.Relation + " were set aside: see svw status"
			at := slices.IndexFunc(report.Models, func(m runreport.ModelReport) bool { return m.Relation == relation })
			if at < 0 {
				report.Models = append(report.Models, runreport.ModelReport{Relation: relation, Status: runreport.StatusHeld, Reason: reason})
				continue
			}
			report.Models[at].Status, report.Models[at].Reason = runreport.StatusHeld, reason
		}
	}
}
