package run

import (
	"context"
	"errors"
	"strings"
	"time"

	"socialvalue/internal/candidate"
	"socialvalue/internal/intake"
	"socialvalue/internal/runreport"
	"socialvalue/internal/share"
	"socialvalue/internal/state"
	"socialvalue/internal/upkeep"
	"socialvalue/internal/workspace"
)

// Options says what one run does.
type Options struct {
	Pipelines []string  // take in the files of these only; empty: of all
	From, To  time.Time // take in files whose claimed period touches these days only; zero: all
	Full      bool      // read every file again and build every relation
	Trigger   string    // what started the run, for example "hand"
	Args      []string  // as it was called, for the journal

	window *intake.Window // of a backfill
}

// Wanted are the files that the run takes in.
func (o Options) Wanted() intake.Wanted {
	return intake.Wanted{Pipelines: o.Pipelines, From: o.From, To: o.To, Full: o.Full, Window: o.window}
}

// Run makes one run. The report is returned with an error as well, as far as
// the run came. What was refused or held is in the report and is no error.
func Run(ctx context.Context, env workspace.Environment, options Options) (report *runreport.Report, err error) {
	w, err := workspace.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := w.CheckPipelines(options.Pipelines); err != nil {
		return nil, err
	}
	return journalled(ctx, w, options.Trigger, options.Args, func(report *runreport.Report) error {
		return stages(ctx, w, options, report)
	})
}

// journalled does work that changes the warehouse and keeps in the journal what
// came of it. The report is returned with an error as well.
func journalled(ctx context.Context, w *workspace.Workspace, trigger string, args []string, work func(report *runreport.Report) error) (*runreport.Report, error) {
	started := w.Env.Now().UTC()
	id, err := runreport.NewID(started)
	if err != nil {
		return nil, err
	}
	report := &runreport.Report{RunID: id, Started: started, Status: string(state.Running), Files: []runreport.FileReport{}, Models: []runreport.ModelReport{}}
	journal := state.Run{ID: id, Started: started, Status: state.Running, Trigger: trigger, Args: args, Version: w.Env.Version}
	if _, err := w.State.StartRun(ctx, journal); err != nil {
		return report, err
	}
	watching := w.Env.Progress
	defer func() { w.Env.Progress = watching }()
	kept, err := keepLog(ctx, w, journal)
	if err == nil {
		err = work(report)
	}
	report.Finished = w.Env.Now().UTC()
	journal.Finished, journal.Status = report.Finished, outcome(report, err)
	journal.Counts = report.Counts()
	if err != nil {
		journal.Error = err.Error()
	}
	report.Status = string(journal.Status)
	// What is told of the run is there before the journal says that it ended. Without it nobody could be told of what was
	// refused, so the run has failed, and is made again.
	if unkept := keepReport(context.WithoutCancel(ctx), w, kept, report, journal.Error); unkept != nil {
		err = errors.Join(err, unkept)
		journal.Status, journal.Error = outcome(report, err), err.Error()
		report.Status = string(journal.Status)
	}
	// The journal is closed also when the run was cancelled.
	return report, errors.Join(err, w.State.FinishRun(context.WithoutCancel(ctx), journal))
}

// stages runs the stages one after the other.
func stages(ctx context.Context, w *workspace.Workspace, options Options, report *runreport.Report) error {
	if err := candidate.CheckSchema(w); err != nil {
		return err
	}
	if err := takeIn(ctx, w, options, report); err != nil {
		return err
	}
	err := buildAndRelease(ctx, w, options, report)
	if ctx.Err() != nil {
		return err
	}
	// What is past its time goes also after a run that failed.
	return errors.Join(err, upkeep.PruneDue(w, report), upkeep.Purge(ctx, w, report))
}

func buildAndRelease(ctx context.Context, w *workspace.Workspace, options Options, report *runreport.Report) error {
	held, fingerprints, err := candidate.Build(ctx, w, options.Full, report)
	if err != nil {
		return err
	}
	if err := candidate.TellCorrections(ctx, w, report); err != nil {
		return err
	}
	if err := candidate.Release(ctx, w, report, held, fingerprints); err != nil {
		return err
	}
	// A copy that failed is tried again by every run.
	for _, folder := range w.Env.Site.PublishTo {
		report.Copies = append(report.Copies, share.Open(ctx, w.Env.Site.Warehouse.Releases(), folder))
	}
	return nil
}

// takeIn takes in the files and makes the raw relations.
func takeIn(ctx context.Context, w *workspace.Workspace, options Options, report *runreport.Report) (err error) {
	in := intake.New(w, options.Wanted(), report)
	if err := in.Sweep(ctx, w); err != nil {
		return err
	}
	if err := tellLost(ctx, w, report); err != nil {
		return err
	}
	if err := upkeep.PurgeRows(ctx, w, report); err != nil {
		return err
	}
	report.Files, report.NoFiles, err = in.Take(ctx)
	report.Lingering = upkeep.Lingering(in.Present, w.Pipelines, w.Env.Now())
	if report.Files == nil {
		report.Files = []runreport.FileReport{}
	}
	// What was committed before the trouble is told too.
	err = errors.Join(err, tellLoads(context.WithoutCancel(ctx), w, report))
	if err != nil {
		return err
	}
	return tellAside(ctx, w, report)
}

// tellLoads tells the report and the state file what came in.
func tellLoads(ctx context.Context, w *workspace.Workspace, report *runreport.Report) error {
	duplicates, err := w.Ledger.Duplicates(ctx)
	if err != nil {
		return err
	}
	for i := range report.Files {
		report.Files[i].Duplicates = duplicates[report.Files[i].LoadID]
	}
	return copyLoads(ctx, w, duplicates)
}

// copyLoads copies the ledger to the state file, where other programs can read
// it during a run: whatever is told otherwise there, since a file that came in and
// a source that was taken out change what became of others.
func copyLoads(ctx context.Context, w *workspace.Workspace, duplicates map[string]int64) error {
	records := w.Ledger.Records("")
	known, err := w.State.Loads(ctx)
	if err != nil {
		return err
	}
	before := make(map[string]state.Load, len(known))
	var loads []state.Load
	for _, l := range known {
		before[l.ID] = l
		if w.Ledger.Get(l.ID) == nil && !isCleared(l.Status) {
			l.Status = loadCleared + " " + l.Status
			loads = append(loads, l)
		}
	}
	for _, record := range records {
		start, end := workspace.ParseDate(record.PeriodStart), workspace.ParseDate(record.PeriodEnd)
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
	return w.State.PutLoads(ctx, loads)
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

func outcome(report *runreport.Report, err error) state.Status {
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
