package run

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"socialvalue/internal/share"
	"socialvalue/internal/state"
)

// Options says what one run does.
type Options struct {
	Pipelines []string  // take in the files of these only; empty: of all
	From, To  time.Time // take in files whose claimed period touches these days only; zero: all
	Full      bool      // read every file again and build every relation
	Trigger   string    // what started the run, for example "hand"
	Args      []string  // as it was called, for the journal

	window *window // of a backfill
}

// Wanted are the files that the run takes in.
func (o Options) Wanted() Wanted {
	return Wanted{Pipelines: o.Pipelines, From: o.From, To: o.To, Full: o.Full, window: o.window}
}

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
	kept, err := w.keepLog(journal)
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
	in := newIntake(w, options.Wanted(), report)
	if err := in.sweep(ctx, w); err != nil {
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
