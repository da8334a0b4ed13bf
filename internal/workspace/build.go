package workspace

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"socialvalue/internal/model"
	"socialvalue/internal/runreport"
)

// Outside gives the fingerprints of the relations that models read and do not
// make.
func (w *Workspace) Outside() map[string]string {
	fingerprints := map[string]string{}
	for _, c := range w.Contracts {
		fingerprints[c.Relation()] = w.Ledger.Fingerprint(c)
	}
	for _, relation := range w.settings {
		fingerprints[relation.name] = relation.fingerprint()
	}
	return fingerprints
}

// PlanModels says what must be built.
func (w *Workspace) PlanModels(ctx context.Context, full bool) (*model.Plan, map[string]string, error) {
	outside := w.Outside()
	plan, err := w.Project.Plan(ctx, w.DB, model.PlanOptions{Outside: outside, Engine: w.Env.Version, Full: full, Standing: w.standing})
	if err != nil {
		return nil, nil, fmt.Errorf("plan the build: %w", err)
	}
	fingerprints, err := w.Project.Fingerprints(outside, model.Versions{Engine: w.Env.Version, DuckDB: w.DuckDB})
	if err != nil {
		return nil, nil, err
	}
	return plan, fingerprints, nil
}

// BuildPlan builds what a plan says.
func (w *Workspace) BuildPlan(ctx context.Context, plan *model.Plan) (*model.Result, error) {
	result, err := model.Build(ctx, w.DB, plan, model.BuildOptions{
		Estimators: w.Env.Estimators, Now: w.Env.Now, Objects: w.rawObjects(), Store: w.Store,
		Progress: func(event model.Event) {
			if event.State == "building" {
				w.Env.Tell("build", event.Relation)
			}
		},
	})
	_, missing := os.Stat(w.Env.Site.Warehouse.Standing())
	if ctx.Err() == nil && (missing != nil || plan.Macros || len(plan.Steps)+len(plan.Drop) > 0) {
		if keeping := w.keepStanding(ctx); keeping != nil {
			return result, errors.Join(err, keeping)
		}
	}
	return result, err
}

// RefreshInputs makes the raw relations and the site's settings anew when
// something reads them: in a run with nothing new they stand as they are.
func (w *Workspace) RefreshInputs(ctx context.Context, plan *model.Plan, report *runreport.Report) error {
	if len(plan.Steps) == 0 {
		return nil
	}
	if err := makeSiteRelations(ctx, w.DB, w.settings); err != nil {
		return err
	}
	failed, err := w.Ledger.Views(ctx, w.SortedContracts())
	for _, relation := range slices.Sorted(maps.Keys(failed)) {
		report.Models = append(report.Models, runreport.ModelReport{Relation: relation, Status: runreport.StatusFailed, Reason: failed[relation].Error()})
	}
	return err
}

// AddBuilt tells of the relations that were built.
func AddBuilt(r *runreport.Report, result *model.Result) {
	for _, built := range result.Built {
		r.Models = append(r.Models, runreport.ModelReport{Relation: built.Relation, Status: runreport.StatusBuilt, Rows: built.Rows, Seconds: built.Seconds, Reason: built.Why})
	}
}
