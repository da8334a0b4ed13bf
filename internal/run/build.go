package run

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"socialvalue/internal/model"
)

// outside gives the fingerprints of the relations that models read and do not
// make.
func (w *workspace) outside() map[string]string {
	fingerprints := map[string]string{}
	for _, c := range w.contracts {
		fingerprints[c.Relation()] = w.ledger.Fingerprint(c)
	}
	for _, relation := range w.settings {
		fingerprints[relation.name] = relation.fingerprint()
	}
	return fingerprints
}

// planModels says what must be built.
func (w *workspace) planModels(ctx context.Context, full bool) (*model.Plan, map[string]string, error) {
	outside := w.outside()
	plan, err := w.project.Plan(ctx, w.db, model.PlanOptions{Outside: outside, Engine: w.env.Version, Full: full})
	if err != nil {
		return nil, nil, fmt.Errorf("plan the build: %w", err)
	}
	fingerprints, err := w.project.Fingerprints(outside, model.Versions{Engine: w.env.Version, DuckDB: w.duckdb})
	if err != nil {
		return nil, nil, err
	}
	return plan, fingerprints, nil
}

// buildPlan builds what a plan says.
func (w *workspace) buildPlan(ctx context.Context, plan *model.Plan) (*model.Result, error) {
	return model.Build(ctx, w.db, plan, model.BuildOptions{
		Estimators: w.env.Estimators, Now: w.env.Now, Objects: w.rawObjects(), Store: w.store,
		Progress: func(event model.Event) {
			if event.State == "building" {
				w.env.progress("build", event.Relation)
			}
		},
	})
}

// refreshInputs makes the raw relations and the site's settings anew when
// something reads them: in a run with nothing new they stand as they are.
func (w *workspace) refreshInputs(ctx context.Context, plan *model.Plan, report *Report) error {
	if len(plan.Steps) == 0 {
		return nil
	}
	if err := makeSiteRelations(ctx, w.db, w.settings); err != nil {
		return err
	}
	failed, err := w.ledger.Views(ctx, w.sortedContracts())
	for _, relation := range slices.Sorted(maps.Keys(failed)) {
		report.Models = append(report.Models, ModelReport{Relation: relation, Status: StatusFailed, Reason: failed[relation].Error()})
	}
	return err
}

// addBuilt tells of the relations that were built.
func (r *Report) addBuilt(result *model.Result) {
	for _, built := range result.Built {
		r.Models = append(r.Models, ModelReport{Relation: built.Relation, Status: StatusBuilt, Rows: built.Rows, Seconds: built.Seconds, Reason: built.Why})
	}
}
