package run

import (
	"context"
	"errors"
	"time"

	"socialvalue/internal/candidate"
	"socialvalue/internal/intake"
	"socialvalue/internal/runreport"
	"socialvalue/internal/state"
	"socialvalue/internal/workspace"
)

// BackfillOptions say what is read again.
type BackfillOptions struct {
	Pipeline string
	From, To time.Time // days, both included
	Args     []string  // as it was called, for the journal
	// Step is told of each month that is done; nil: nobody watches.
	Step func(BackfillMonth)
}

// BackfillMonth is a month of a backfill, or the part of it that was asked for.
type BackfillMonth struct {
	From    string `json:"from"`
	To      string `json:"to"`
	RunID   string `json:"run_id"`
	Files   int    `json:"files"`
	Refused int    `json:"refused"`
	Earlier bool   `json:"earlier"` // done before this call
}

// BackfillReport is what a backfill did.
type BackfillReport struct {
	ID      string            `json:"id"`
	Resumed bool              `json:"resumed"` // it goes on with one that did not come to its end
	Months  []BackfillMonth   `json:"months"`
	Final   *runreport.Report `json:"final,omitempty"` // the run that builds and releases
}

// Refused says whether a file was refused, or something was held at the end.
func (r *BackfillReport) Refused() bool {
	for _, m := range r.Months {
		if m.Refused > 0 {
			return true
		}
	}
	return r.Final != nil && r.Final.Refused()
}

// Backfill reads every file of a pipeline again that claims days of a span, from the drop folder or else from what was
// landed, month by month; then it builds and releases once. Each month that is done stays done: a backfill that was killed
// or failed goes on from there when it is asked for again.
func Backfill(ctx context.Context, env workspace.Environment, options BackfillOptions) (report *BackfillReport, err error) {
	if options.From.IsZero() || options.To.Before(options.From) {
		return nil, &workspace.ConfigurationError{Err: errors.New("a backfill needs its days: --from and --to, the earlier first")}
	}
	w, err := workspace.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := w.CheckPipelines([]string{options.Pipeline}); err != nil {
		return nil, err
	}
	b, resumed, err := w.State.OpenBackfill(ctx, options.Pipeline, options.From, options.To)
	if err != nil {
		return nil, err
	}
	if !resumed {
		b = state.Backfill{Pipeline: options.Pipeline, From: options.From, To: options.To, Started: env.Now()}
		if b.ID, err = runreport.NewID(b.Started.UTC()); err != nil {
			return nil, err
		}
		if err := w.State.StartBackfill(ctx, b); err != nil {
			return nil, err
		}
	}
	report = &BackfillReport{ID: b.ID, Resumed: resumed}
	for _, month := range months(options.From, options.To) {
		done, err := backfillMonth(ctx, w, b, month, options)
		if err != nil {
			return report, err
		}
		report.Months = append(report.Months, done)
		if options.Step != nil {
			options.Step(done)
		}
	}
	report.Final, err = journalled(ctx, w, "backfill:"+b.ID, options.Args, func(r *runreport.Report) error {
		return stages(ctx, w, Options{Pipelines: []string{options.Pipeline}}, r)
	})
	if err != nil {
		return report, err
	}
	return report, w.State.FinishBackfill(ctx, b.ID, env.Now())
}

// months cuts a span at the ends of months.
func months(from, to time.Time) []intake.Window {
	var list []intake.Window
	for start := from; !start.After(to); {
		end := time.Date(start.Year(), start.Month()+1, 0, 0, 0, 0, 0, time.UTC)
		if end.After(to) {
			end = to
		}
		list = append(list, intake.Window{From: start, To: end, First: from})
		start = end.AddDate(0, 0, 1)
	}
	return list
}

// backfillMonth does one month, or tells that it is done.
func backfillMonth(ctx context.Context, w *workspace.Workspace, b state.Backfill, month intake.Window, options BackfillOptions) (BackfillMonth, error) {
	done := BackfillMonth{From: month.From.Format(time.DateOnly), To: month.To.Format(time.DateOnly)}
	for _, step := range b.Steps {
		if step.From.Equal(month.From) {
			done.RunID, done.Files, done.Refused, done.Earlier = step.RunID, step.Files, step.Refused, true
			return done, nil
		}
	}
	report, err := journalled(ctx, w, "backfill:"+b.ID, options.Args, func(r *runreport.Report) error {
		return readAgain(ctx, w, Options{Pipelines: []string{options.Pipeline}, window: &month}, r)
	})
	if err != nil {
		return done, err
	}
	done.RunID = report.RunID
	for _, file := range report.Files {
		switch file.Status {
		case runreport.FileRefused:
			done.Refused++
			done.Files++
		case runreport.FileLoaded, runreport.FileSameBytes:
			done.Files++
		case runreport.FileUnchanged, runreport.FilePending, runreport.FileSkipped, runreport.FileReverted:
		}
	}
	return done, w.State.PutBackfillStep(ctx, b.ID, state.BackfillStep{
		From: month.From, To: month.To, RunID: done.RunID, Finished: report.Finished, Files: done.Files, Refused: done.Refused,
	})
}

// readAgain takes in the files of a window, and what was landed of it and lies in the drop folder no more.
func readAgain(ctx context.Context, w *workspace.Workspace, options Options, report *runreport.Report) (err error) {
	if err := candidate.CheckSchema(w); err != nil {
		return err
	}
	in := intake.New(w, options.Wanted(), report)
	if err := in.Sweep(ctx, w); err != nil {
		return err
	}
	report.Files, report.NoFiles, err = in.Take(ctx)
	if err == nil {
		err = in.TakeLanded(ctx, report)
	}
	if report.Files == nil {
		report.Files = []runreport.FileReport{}
	}
	return errors.Join(err, tellLoads(context.WithoutCancel(ctx), w, report))
}
