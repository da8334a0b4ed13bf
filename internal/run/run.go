package run

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"socialvalue/internal/check"
	"socialvalue/internal/landing"
	"socialvalue/internal/load"
	"socialvalue/internal/model"
	"socialvalue/internal/release"
	"socialvalue/internal/share"
	"socialvalue/internal/state"
)

// ConfigurationError is a mistake in the site's own files or in how a run was
// asked for; nothing was done.
type ConfigurationError struct{ Err error }

func (e *ConfigurationError) Error() string { return e.Err.Error() }

// Unwrap gives the mistake.
func (e *ConfigurationError) Unwrap() error { return e.Err }

// Run makes one run. The report is returned with an error as well, as far as
// the run came. What was refused or held is in the report and is no error.
func Run(ctx context.Context, env Environment, options Options) (report *Report, err error) {
	w, err := openWorkspace(ctx, env)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.checkPipelines(options.Pipelines); err != nil {
		return nil, err
	}
	return w.journalled(ctx, options.Trigger, options.Args, func(report *Report) error {
		return w.stages(ctx, options, report)
	})
}

// journalled does work that changes the warehouse and keeps in the journal what
// came of it. The report is returned with an error as well.
func (w *workspace) journalled(ctx context.Context, trigger string, args []string, work func(report *Report) error) (*Report, error) {
	started := w.env.Now().UTC()
	id, err := runID(started)
	if err != nil {
		return nil, err
	}
	report := &Report{RunID: id, Started: started, Status: string(state.Running), Files: []FileReport{}, Models: []ModelReport{}}
	journal := state.Run{ID: id, Started: started, Status: state.Running, Trigger: trigger, Args: args, Version: w.env.Version}
	if _, err := w.state.StartRun(ctx, journal); err != nil {
		return report, err
	}
	watching := w.env.Progress
	defer func() { w.env.Progress = watching }()
	kept, err := w.keepLog(ctx, journal)
	if err == nil {
		err = work(report)
	}
	report.Finished = w.env.Now().UTC()
	journal.Finished, journal.Status = report.Finished, outcome(report, err)
	journal.Counts = report.counts()
	if err != nil {
		journal.Error = err.Error()
	}
	report.Status = string(journal.Status)
	// What is told of the run is there before the journal says that it ended.
	err = errors.Join(err, w.keepReport(context.WithoutCancel(ctx), kept, report, journal.Error))
	// The journal is closed also when the run was cancelled.
	return report, errors.Join(err, w.state.FinishRun(context.WithoutCancel(ctx), journal))
}

// stages runs the stages one after the other.
func (w *workspace) stages(ctx context.Context, options Options, report *Report) error {
	if err := w.checkSchema(); err != nil {
		return err
	}
	if err := w.takeIn(ctx, options, report); err != nil {
		return err
	}
	err := w.buildAndRelease(ctx, options, report)
	if ctx.Err() != nil {
		return err
	}
	// What is past its time goes also after a run that failed.
	return errors.Join(err, w.prune(report), w.purge(ctx, report))
}

func (w *workspace) buildAndRelease(ctx context.Context, options Options, report *Report) error {
	held, fingerprints, err := w.build(ctx, options, report)
	if err != nil {
		return err
	}
	if err := w.tellCorrections(ctx, report); err != nil {
		return err
	}
	if err := w.release(ctx, report, held, fingerprints); err != nil {
		return err
	}
	// A copy that failed is tried again by every run.
	for _, folder := range w.env.Site.PublishTo {
		report.Copies = append(report.Copies, share.Open(ctx, w.env.Site.Warehouse.Releases(), folder))
	}
	return nil
}

// takeIn takes in the files and makes the raw relations.
func (w *workspace) takeIn(ctx context.Context, options Options, report *Report) (err error) {
	in := w.intake(options, report)
	if err := w.sweep(ctx, in); err != nil {
		return err
	}
	if err := w.tellLost(ctx, report); err != nil {
		return err
	}
	if err := w.purgeRows(ctx, report); err != nil {
		return err
	}
	report.Files, report.NoFiles, err = in.take(ctx)
	report.Lingering = lingering(in.present, w.pipelines, w.env.Now())
	if report.Files == nil {
		report.Files = []FileReport{}
	}
	// What was committed before the trouble is told too.
	err = errors.Join(err, w.tellLoads(context.WithoutCancel(ctx), report))
	if err != nil {
		return err
	}
	return w.tellAside(ctx, report)
}

// intake is what takes files in for a run.
func (w *workspace) intake(options Options, report *Report) *intake {
	return &intake{
		env: w.env, contracts: w.contracts, state: w.state, ledger: w.ledger, options: options,
		corrected: w.corrected, there: map[documentPlace]bool{},
		landing: landing.NewStore(w.env.Site.Warehouse.Landing(), landing.DefaultLimits()),
		loader: &load.Loader{
			DB: w.db, Store: w.store, Ledger: w.ledger, WorkDir: w.env.Site.Warehouse.Temp(), Now: w.env.Now, RunID: report.RunID,
			Reread: options.Full || options.window != nil,
		},
		keys:   openKeyring(w.env, w.contracts, w.pipelines, w.counting()),
		places: &places{workspace: w, report: report},
		feeds:  feeding(w.project),
	}
}

// tellLoads tells the report and the state file what came in.
func (w *workspace) tellLoads(ctx context.Context, report *Report) error {
	duplicates, err := w.ledger.Duplicates(ctx)
	if err != nil {
		return err
	}
	for i := range report.Files {
		report.Files[i].Duplicates = duplicates[report.Files[i].LoadID]
	}
	return w.copyLoads(ctx, duplicates)
}

// sweep removes what a killed run left in the store, the landing folder and the
// releases.
func (w *workspace) sweep(ctx context.Context, in *intake) error {
	named, err := model.DayObjects(ctx, w.db, w.store)
	if err != nil {
		return err
	}
	maps.Copy(named, w.ledger.Objects())
	if _, err := w.store.Sweep(named); err != nil {
		return err
	}
	if err := in.landing.Clean(); err != nil {
		return fmt.Errorf("clean the landing folder: %w", err)
	}
	if _, err := release.Clean(release.Disk{}, w.env.Site.Warehouse.Releases()); err != nil {
		return err
	}
	return nil
}

// copyLoads copies the ledger to the state file, where other programs can read
// it during a run: whatever is told otherwise there, since a file that came in and
// a source that was taken out change what became of others.
func (w *workspace) copyLoads(ctx context.Context, duplicates map[string]int64) error {
	records := w.ledger.Records("")
	known, err := w.state.Loads(ctx)
	if err != nil {
		return err
	}
	before := make(map[string]state.Load, len(known))
	var loads []state.Load
	for _, l := range known {
		before[l.ID] = l
		if w.ledger.Get(l.ID) == nil && !isCleared(l.Status) {
			l.Status = loadCleared + " " + l.Status
			loads = append(loads, l)
		}
	}
	for _, record := range records {
		start, end := parseDate(record.PeriodStart), parseDate(record.PeriodEnd)
		if !end.IsZero() {
			end = end.AddDate(0, 0, 1)
		}
		now := state.Load{
			ID: record.ID, Source: record.Source, Relation: record.Relation, Name: record.File, SHA256: record.FileSHA256,
			PeriodStart: start, PeriodEnd: end, Status: string(record.Status), RowsRead: record.Records,
			RowsLoaded: record.Rows - duplicates[record.ID], RowsDuplicate: duplicates[record.ID],
			RowsQuarantined: record.Quarantined, RowsSkipped: record.SkippedTotal(), LoadedAt: record.ReceivedAt,
		}
		if told, ok := before[record.ID]; !ok || !tellsSame(told, now) {
			loads = append(loads, now)
		}
	}
	if len(loads) == 0 {
		return nil
	}
	return w.state.PutLoads(ctx, loads)
}

// loadCleared begins the status, in the state file, of a load that the store has
// no more; what it was follows.
const loadCleared = "cleared"

func isCleared(status string) bool { return strings.HasPrefix(status, loadCleared) }

// tellsSame says whether two rows tell the same of one load. When it was read and
// what of never change.
func tellsSame(a, b state.Load) bool {
	return a.Status == b.Status && a.RowsRead == b.RowsRead && a.RowsLoaded == b.RowsLoaded && a.RowsDuplicate == b.RowsDuplicate &&
		a.RowsQuarantined == b.RowsQuarantined && a.RowsSkipped == b.RowsSkipped
}

func parseDate(text string) time.Time {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}
	}
	return day
}

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

// build builds what is stale and checks it. It returns the relations that stay
// at their last released content.
func (w *workspace) build(ctx context.Context, options Options, report *Report) (held map[string]bool, fingerprints map[string]string, err error) {
	plan, fingerprints, err := w.planModels(ctx, options.Full)
	if err != nil {
		return nil, nil, err
	}
	held = map[string]bool{}
	report.Unchanged = len(plan.Unchanged) - len(report.Models) // places were built for the feeds
	if err := w.refreshInputs(ctx, plan, report); err != nil {
		return nil, nil, err
	}
	result, err := w.buildPlan(ctx, plan)
	var partial *model.PartialError
	if err != nil && !errors.As(err, &partial) {
		return nil, nil, err
	}
	report.addBuilt(result)
	changed := map[string]check.Change{}
	for _, built := range result.Built {
		if node := w.project.Nodes[built.Relation]; node.DayColumn() != "" {
			changed[built.Relation] = check.Change{Before: built.Before, Column: node.DayColumn(), Days: built.Days}
		}
	}
	if partial != nil {
		for _, failure := range partial.Failed {
			held[failure.Relation] = true
			report.Models = append(report.Models, ModelReport{Relation: failure.Relation, Status: StatusFailed, Reason: failure.Err.Error()})
		}
		for _, h := range partial.Held {
			held[h.Relation] = true
			report.Models = append(report.Models, ModelReport{Relation: h.Relation, Status: StatusHeld, Reason: "it depends on " + h.Because + ", which failed"})
		}
	}
	w.holdLost(report, held)
	if err := w.check(ctx, report, held, changed); err != nil {
		return nil, nil, err
	}
	return held, fingerprints, nil
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

// addBuilt tells of the relations that were built.
func (r *Report) addBuilt(result *model.Result) {
	for _, built := range result.Built {
		r.Models = append(r.Models, ModelReport{Relation: built.Relation, Status: StatusBuilt, Rows: built.Rows, Seconds: built.Seconds, Reason: built.Why})
	}
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

// checkPipelines refuses names of pipelines that do not exist.
func (w *workspace) checkPipelines(names []string) error {
	for _, name := range names {
		if _, ok := w.pipelines[name]; ok {
			continue
		}
		known := make([]string, 0, len(w.pipelines))
		for name := range w.pipelines {
			known = append(known, name)
		}
		slices.Sort(known)
		return &ConfigurationError{fmt.Errorf("there is no pipeline %q: there are %s", name, strings.Join(known, ", "))}
	}
	return nil
}

func outcome(report *Report, err error) state.Status {
	switch {
	case errors.Is(err, context.Canceled):
		return state.Cancelled
	case err != nil:
		return state.Failed
	case report.Refused():
		return state.Refused
	}
	return state.Succeeded
}

// runID names a run so that names sort by time.
func runID(started time.Time) (string, error) {
	random := make([]byte, 2)
	if _, err := rand.Read(random); err != nil {
		return "", fmt.Errorf("name the run: %w", err)
	}
	return started.Format("20060102T150405Z") + "-" + hex.EncodeToString(random), nil
}

// counts are what the journal keeps of a run.
func (r *Report) counts() map[string]int64 {
	counts := map[string]int64{
		"models_unchanged": int64(r.Unchanged), "checks_run": int64(r.Checks), "checks_unchanged": int64(r.ChecksUnchanged), "findings": int64(len(r.Findings)),
		"files_purged": int64(len(r.Purged)), "loads_purged": int64(len(r.Rows.Gone)),
	}
	for _, file := range r.Files {
		counts["files_"+string(file.Status)]++
		if file.Status == FileLoaded {
			counts["rows_loaded"] += file.Rows - file.Duplicates
			counts["rows_quarantined"] += file.Quarantined
		}
	}
	for _, m := range r.Models {
		counts["models_"+m.Status]++
	}
	return counts
}
