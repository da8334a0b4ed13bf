package intake

import (
	"context"
	"fmt"
	"maps"

	"socialvalue/internal/durable"
	"socialvalue/internal/landing"
	"socialvalue/internal/load"
	"socialvalue/internal/model"
	"socialvalue/internal/runreport"
	"socialvalue/internal/shelf"
	"socialvalue/internal/workspace"
)

// New takes in for a run.
func New(w *workspace.Workspace, want Wanted, report *runreport.Report) *Intake {
	in := Look(w, want)
	in.landing = landing.NewStore(w.Env.Site.Warehouse.Landing(), landing.DefaultLimits())
	in.loader = &load.Loader{
		DB: w.DB, Store: w.Store, Ledger: w.Ledger, WorkDir: w.Env.Site.Warehouse.Temp(), Now: w.Env.Now, RunID: report.RunID,
		Reread: want.Full || want.Window != nil,
	}
	in.places = &places{workspace: w, report: report, wanted: placeRelations()}
	in.deciles = &places{workspace: w, report: report, wanted: decileRelations()}
	return in
}

// Look says what would be taken in, and takes nothing.
func Look(w *workspace.Workspace, want Wanted) *Intake {
	return &Intake{
		env: w.Env, contracts: w.Contracts, state: w.State, ledger: w.Ledger, wanted: want,
		corrected: w.Corrected, there: map[documentPlace]bool{},
		keys: openKeyring(w.Env, w.Contracts, w.Pipelines, w.Counting()), feeds: feeding(w.Project, placeRelations()), decileFeeds: feeding(w.Project, decileRelations()),
	}
}

// Commit makes what was loaded count.
func (in *Intake) Commit(ctx context.Context) error { return in.loader.Commit(ctx) }

// Sweep removes what a killed run left in the store, the landing folder and the
// releases.
func (in *Intake) Sweep(ctx context.Context, w *workspace.Workspace) error {
	named, err := model.DayObjects(ctx, w.DB, w.Store)
	if err != nil {
		return err
	}
	maps.Copy(named, w.Ledger.Objects())
	if _, err := w.Store.Sweep(named); err != nil {
		return err
	}
	if err := in.landing.Clean(); err != nil {
		return fmt.Errorf("clean the landing folder: %w", err)
	}
	if _, err := shelf.Clean(durable.Disk{}, w.Env.Site.Warehouse.Releases()); err != nil {
		return err
	}
	return nil
}
