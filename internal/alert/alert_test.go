package alert_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/alert"
	"socialvalue/internal/journal"
	"socialvalue/internal/notify"
	"socialvalue/internal/runreport"
	"socialvalue/internal/schedule"
	"socialvalue/internal/scheduler"
	"socialvalue/internal/site"
	"socialvalue/internal/slots"
	"socialvalue/internal/state"
)

// tray takes messages, or does not.
type tray struct {
	messages []notify.Message
	broken   bool
}

func (y *tray) Send(_ context.Context, m notify.Message) error {
	if y.broken {
		return errors.New("nobody answers")
	}
	y.messages = append(y.messages, m)
	return nil
}

// office is a desk with a tray, and a clock that the test moves.
type office struct {
	t     *testing.T
	now   time.Time
	db    *state.DB
	desk  *alert.Desk
	tray  *tray
	jobs  []schedule.Schedule
	slots int
}

func newOffice(t *testing.T) *office {
	t.Helper()
	dir := t.TempDir()
	o := &office{t: t, now: time.Date(2026, 3, 5, 2, 30, 0, 0, time.UTC), tray: &tray{}}
	var err error
	if o.db, err = state.Open(t.Context(), filepath.Join(dir, "state.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.db.Close() })
	s := &site.Site{
		Root: dir, Name: "Ours", Location: time.UTC, Warehouse: site.Warehouse{Root: filepath.Join(dir, "warehouse")},
		Sources: []site.Source{{Name: "ledger", Contract: "spend/payments"}, {Name: "places", Contract: "geography/postcodes"}},
	}
	if err := s.Warehouse.Create(); err != nil {
		t.Fatal(err)
	}
	o.reopen(s)
	for _, text := range []string{"name: nightly\npipelines: [spend]\n", "name: weekly\npipelines: [geography]\n", "name: quiet\nnotify: [failed]\n"} {
		name := strings.Fields(text)[1]
		job, err := schedule.Parse("schedules/"+name+".yaml", []byte(text+"cron: '30 2 * * *'\ntime_zone: UTC\ntimeout: 1h\n"))
		if err != nil {
			t.Fatal(err)
		}
		o.jobs = append(o.jobs, job)
	}
	o.takeUp() // from now on
	return o
}

// reopen is the desk of another process.
func (o *office) reopen(s *site.Site) {
	o.desk = &alert.Desk{DB: o.db, Now: func() time.Time { return o.now }, Settings: alert.NewSettings(s, map[string]notify.Channel{"tray": o.tray})}
}

func (o *office) takeUp() {
	o.t.Helper()
	if err := o.desk.TakeUp(o.t.Context(), o.jobs); err != nil {
		o.t.Fatal(err)
	}
}

// settle writes a settled slot into the ledger, an hour after the last, with the report of its run.
func (o *office) settle(s slots.Slot, report *runreport.Report) {
	o.t.Helper()
	o.now = o.now.Add(time.Hour)
	o.slots++
	s.At, s.Enrolled, s.Finished = o.now, o.now, o.now
	if report != nil {
		s.RunID = "r" + s.At.Format("150405") + string(rune('a'+o.slots))
		kept, err := journal.Folder(o.desk.Settings.Site().Warehouse.Runs()).Open(s.RunID, func() time.Time { return o.now })
		if err != nil {
			o.t.Fatal(err)
		}
		if err := kept.Close(journal.ReportName, report); err != nil {
			o.t.Fatal(err)
		}
	}
	if err := (scheduler.StateLedger{DB: o.db}).Apply(o.t.Context(), slots.Change{New: []slots.Slot{s}}); err != nil {
		o.t.Fatal(err)
	}
}

// told is what has been sent since the last time, by kind and the lines that name causes.
func (o *office) told() []string {
	o.t.Helper()
	o.takeUp()
	if err := o.desk.Deliver(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	told := []string{}
	for _, m := range o.tray.messages {
		told = append(told, m.Kind+" "+m.Subject)
		section := ""
		for line := range strings.SplitSeq(m.Body, "\n") {
			switch {
			case line == "New:" || line == "Over:":
				section = line
			case strings.HasPrefix(line, "- "):
				told = append(told, section+" "+line[2:])
			}
		}
	}
	o.tray.messages = nil
	return told
}

func (o *office) expect(what string, want ...string) {
	o.t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), o.told()); diff != "" {
		o.t.Errorf("%s (-want +told):\n%s", what, diff)
	}
}

func ran(job string, outcome slots.Outcome, reason string) slots.Slot {
	return slots.Slot{Job: job, State: slots.Ran, Outcome: outcome, Reason: reason, Attempts: 2}
}

func refused(files ...string) *runreport.Report {
	report := &runreport.Report{Status: "refused"}
	for _, file := range files {
		report.Files = append(report.Files, runreport.FileReport{Source: "ledger", File: file, Status: runreport.FileRefused, Reason: file + ": refused: it is empty"})
	}
	return report
}

func TestACauseIsToldOnceAndOnceMoreWhenItIsOver(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.settle(ran("nightly", slots.Failed, "the disk is full\nand more"), nil)
	o.expect("a failure", "alert [Ours] nightly: 1 new", "New: nightly, due Thu 5 Mar 2026 03:30 UTC, failed after 2 attempts: the disk is full")
	o.settle(ran("nightly", slots.Failed, "the disk is full"), nil)
	o.expect("the same again")
	o.settle(ran("nightly", slots.Refused, ""), refused("a.csv", "b.csv"))
	o.expect("files are refused", "alert [Ours] nightly: 2 new, 1 over", "New: refused: a.csv: refused: it is empty", "New: refused: b.csv: refused: it is empty",
		"Over: nightly, due Thu 5 Mar 2026 04:30 UTC, failed after 2 attempts: the disk is full")
	o.settle(ran("weekly", slots.Succeeded, ""), &runreport.Report{Status: "succeeded"})
	o.expect("another pipeline says nothing of them")
	o.settle(ran("nightly", slots.Failed, "the disk is full"), &runreport.Report{Status: "failed"})
	o.expect("nor does a run that failed", "alert [Ours] nightly: 1 new", "New: nightly, due Thu 5 Mar 2026 07:30 UTC, failed after 2 attempts: the disk is full")
	o.settle(ran("nightly", slots.Refused, ""), refused("b.csv"))
	o.expect("one is mended", "recovery [Ours] nightly: 2 over", "Over: refused: a.csv: refused: it is empty",
		"Over: nightly, due Thu 5 Mar 2026 07:30 UTC, failed after 2 attempts: the disk is full")
	o.settle(ran("nightly", slots.Succeeded, ""), &runreport.Report{Status: "succeeded"})
	o.expect("all is well", "recovery [Ours] nightly: 1 over", "Over: refused: b.csv: refused: it is empty")
}

func TestHeldStaleAndMissed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	o.settle(ran("nightly", slots.Refused, ""), &runreport.Report{
		Status: "refused",
		Models: []runreport.ModelReport{{Relation: "spend.payments", Status: runreport.StatusHeld, Reason: "it depends on stage.payments, which failed"}},
		Stale:  []runreport.StaleReport{{Source: "ledger", ReceivedAt: day, StaleAfter: day.AddDate(0, 1, 0)}},
	})
	o.expect("held and stale", "alert [Ours] nightly: 2 new", "New: spend.payments held: it depends on stage.payments, which failed",
		"New: the source ledger is silent: nothing since 2026-01-01, late since 2026-02-01")
	missed := slots.Slot{Job: "nightly", State: slots.Skipped, Why: slots.WhyMissed, Reason: "nobody was there"}
	o.settle(missed, nil)
	o.settle(missed, nil)
	o.settle(slots.Slot{Job: "nightly", State: slots.Skipped, Why: slots.WhyBlackout, Reason: "a holiday"}, nil)
	o.expect("missed; a blackout is no news", "alert [Ours] nightly: 1 new", "New: nightly, due Thu 5 Mar 2026 04:30 UTC, did not run: nobody was there")
	o.settle(ran("nightly", slots.Succeeded, ""), &runreport.Report{Status: "succeeded"})
	if told := o.told(); len(told) != 4 || told[0] != "recovery [Ours] nightly: 3 over" {
		t.Errorf("%q", told)
	}
}

func TestAJobTellsWhatItsFileSays(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.settle(slots.Slot{Job: "quiet", State: slots.Skipped, Why: slots.WhyOverlap, Reason: "another run"}, nil)
	o.settle(ran("quiet", slots.Refused, ""), refused("a.csv"))
	o.expect("nothing of it is told")
	o.settle(ran("quiet", slots.Failed, "x"), nil)
	if told := o.told(); len(told) != 2 {
		t.Errorf("%q", told)
	}
}

// What was settled by a process that died before it told anybody is told by the next; what waits for the mail server
// waits.
func TestNothingIsLostWithAProcessOrAMailServer(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.settle(ran("nightly", slots.Failed, "x"), nil)
	o.reopen(o.desk.Settings.Site())
	o.takeUp()
	o.settle(ran("weekly", slots.Failed, "y"), nil)
	o.reopen(o.desk.Settings.Site())
	o.takeUp()
	o.tray.broken = true
	if err := o.desk.Deliver(t.Context()); err == nil || !strings.Contains(err.Error(), "messages could not be sent and wait until the scheduler tries again: nobody answers") {
		t.Errorf("%v", err)
	}
	waiting, err := o.db.Unsent(t.Context())
	if err != nil || len(waiting) != 2 || waiting[0].Attempts != 1 || waiting[1].Attempts != 0 || waiting[0].NotBefore.Sub(o.now) != time.Minute {
		t.Errorf("%+v, %v", waiting, err)
	}
	o.tray.broken = false
	if err := o.desk.Deliver(t.Context()); err != nil || len(o.tray.messages) != 1 || o.tray.messages[0].Subject != "[Ours] weekly: 1 new" {
		t.Errorf("the first did not wait, or kept the other waiting: %v, %v", err, o.tray.messages)
	}
	o.now = o.now.Add(2 * time.Minute)
	if told := o.told(); len(told) != 4 {
		t.Errorf("%q", told)
	}
	o.expect("nothing twice")
}
