// Package alert decides what people are told of scheduled work: each cause once, when it appears, and once more when it is
// over. It keeps messages in the state file and sends them from there, so that none is lost with a process or a mail
// server.
package alert

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"socialvalue/internal/journal"
	"socialvalue/internal/notify"
	"socialvalue/internal/runreport"
	"socialvalue/internal/schedule"
	"socialvalue/internal/scheduler"
	"socialvalue/internal/site"
	"socialvalue/internal/slots"
	"socialvalue/internal/state"
)

// Desk is where alerts are raised and messages wait.
type Desk struct {
	DB       *state.DB
	Now      func() time.Time
	Settings *Settings

	taken    time.Time               // up to when this process has taken up slots
	unmarked map[int64]state.Message // what Deliver did and could not note, as on a full disk
}

// Settings are what the site says of alerts. They may be replaced while messages are on their way.
type Settings struct {
	mu       sync.RWMutex
	site     *site.Site
	channels map[string]notify.Channel
}

// NewSettings are the first settings of a desk.
func NewSettings(s *site.Site, channels map[string]notify.Channel) *Settings {
	return &Settings{site: s, channels: channels}
}

// Put replaces the settings and returns the channels that there were.
func (s *Settings) Put(to *site.Site, channels map[string]notify.Channel) (former map[string]notify.Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	former = s.channels
	s.site, s.channels = to, channels
	return former
}

// Site is the site as it is at present.
func (s *Settings) Site() *site.Site {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.site
}

// Channels are by what people are told at present.
func (s *Settings) Channels() map[string]notify.Channel {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.channels
}

// The scopes of causes. A cause is over when its scope was looked at and it was not found.
const scopeBuild = "build"

func scopeJob(job string) string                   { return "job:" + job }
func scopePipeline(name string) string             { return "pipeline:" + name }
func cause(event schedule.Event, of string) string { return string(event) + ":" + of }

// noteUntil is up to when settled slots were taken up.
const noteUntil = state.NoteAlertsUntil

// TakeUp takes up every slot that was settled since the last call, also by a process that died right after. Those of the
// very moment of the last are looked at again: it changes nothing.
func (d *Desk) TakeUp(ctx context.Context, jobs []schedule.Schedule) error {
	text, ok, err := d.DB.Note(ctx, noteUntil)
	if err != nil {
		return err
	}
	if !ok {
		return d.DB.SetNote(ctx, noteUntil, d.Now().UTC().Format(time.RFC3339Nano))
	}
	since, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return fmt.Errorf("read up to when alerts were taken up: %w", err)
	}
	rows, err := d.DB.SettledSince(ctx, since)
	if err != nil {
		return err
	}
	for _, s := range scheduler.FromState(rows) {
		if s.Finished.Equal(since) && d.taken.Equal(since) {
			continue
		}
		job := schedule.Schedule{Name: s.Job, Notify: schedule.Events()}
		if i := slices.IndexFunc(jobs, func(j schedule.Schedule) bool { return j.Name == s.Job }); i >= 0 {
			job = jobs[i]
		}
		if err := d.settled(ctx, job, s); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return nil
	}
	last := rows[len(rows)-1].Finished
	if d.taken = last; last.Equal(since) {
		return nil
	}
	return d.DB.SetNote(ctx, noteUntil, last.UTC().Format(time.RFC3339Nano))
}

// settled takes up what a settled slot means.
func (d *Desk) settled(ctx context.Context, job schedule.Schedule, s slots.Slot) error {
	scopes, causes := d.ofSlot(job, s)
	if s.State == slots.Ran && s.RunID != "" && job.Verb == "run" {
		var report runreport.Report
		err := journal.Folder(d.Settings.Site().Warehouse.Runs()).Report(s.RunID, &report)
		switch {
		case err == nil:
			more, found := d.ofReport(job, &report)
			scopes, causes = append(scopes, more...), append(causes, found...)
		case !errors.Is(err, journal.ErrNone):
			return err
		}
	}
	causes = slices.DeleteFunc(causes, func(a state.Alert) bool {
		event, _, _ := strings.Cut(a.Cause, ":")
		return !job.Tells(schedule.Event(event))
	})
	return d.DB.UpdateAlerts(ctx, d.Now(), scopes, causes, func(fresh, over []state.Alert) []state.Message {
		return d.compose(job.Name, fresh, over)
	})
}

// ofSlot is what is wrong with the job itself.
func (d *Desk) ofSlot(job schedule.Schedule, s slots.Slot) (scopes []string, causes []state.Alert) {
	due := s.At.In(d.Settings.Site().Location).Format("Mon 2 Jan 2006 15:04 MST")
	switch {
	case s.State == slots.Ran && s.Outcome == slots.Failed:
		// A job that ran and failed is missed no more.
		scopes = append(scopes, scopeJob(s.Job))
		causes = append(causes, state.Alert{
			Cause: cause(schedule.EventFailed, s.Job), Scope: scopeJob(s.Job),
			Text: fmt.Sprintf("%s, due %s, failed after %s: %s", s.Job, due, times(s.Attempts), first(s.Reason)),
		})
	case s.State == slots.Ran && s.Outcome == slots.Refused && job.Verb != "run":
		// What a run refuses is told file by file.
		scopes = append(scopes, scopeJob(s.Job))
		causes = append(causes, state.Alert{
			Cause: cause(schedule.EventRefused, s.Job), Scope: scopeJob(s.Job),
			Text: fmt.Sprintf("%s, due %s, was refused: %s", s.Job, due, first(s.Reason)),
		})
	case s.State == slots.Ran:
		scopes = append(scopes, scopeJob(s.Job))
	case s.State == slots.Skipped && slices.Contains([]slots.Why{slots.WhyMissed, slots.WhyOverlap, slots.WhyNeeds}, s.Why):
		causes = append(causes, state.Alert{
			Cause: cause(schedule.EventMissed, s.Job), Scope: scopeJob(s.Job),
			Text: fmt.Sprintf("%s, due %s, did not run: %s", s.Job, due, s.Reason),
		})
	case s.State == slots.Skipped && (s.Why == slots.WhyRemoved || s.Why == slots.WhyDisabled):
		scopes = append(scopes, scopeJob(s.Job)) // nobody waits for it
	}
	return scopes, causes
}

func times(n int) string {
	if n == 1 {
		return "one attempt"
	}
	return fmt.Sprintf("%d attempts", n)
}

func first(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// ofReport is what is wrong with what a run saw.
func (d *Desk) ofReport(job schedule.Schedule, report *runreport.Report) (scopes []string, causes []state.Alert) {
	pipelineOf := map[string]string{}
	for _, source := range d.Settings.Site().Sources {
		name := path.Dir(source.Contract)
		pipelineOf[source.Name] = name
		if len(job.Pipelines) == 0 || slices.Contains(job.Pipelines, name) {
			scopes = append(scopes, scopePipeline(name))
		}
	}
	if report.Status == string(state.Failed) || report.Status == string(state.Cancelled) {
		return nil, nil // it says nothing of what it did not come to
	}
	scopes = append(scopes, scopeBuild)
	add := func(event schedule.Event, of, scope, text string) {
		causes = append(causes, state.Alert{Cause: cause(event, of), Scope: scope, Text: text})
	}
	for _, file := range report.Files {
		if file.Status == runreport.FileRefused {
			add(schedule.EventRefused, file.Source+"/"+file.File, scopePipeline(pipelineOf[file.Source]), "refused: "+file.Reason)
		}
	}
	for _, m := range report.Models {
		if m.Status != runreport.StatusBuilt {
			add(schedule.EventHeld, m.Relation, scopeBuild, m.Relation+" "+m.Status+": "+m.Reason)
		}
	}
	if report.OnHold != nil {
		add(schedule.EventHeld, "releases", scopeBuild, "runs build and do not release: "+report.OnHold.String())
	}
	for _, stale := range report.Stale {
		add(schedule.EventStale, stale.Source, scopeBuild, fmt.Sprintf("the source %s is silent: nothing since %s, late since %s",
			stale.Source, stale.ReceivedAt.Format(time.DateOnly), stale.StaleAfter.Format(time.DateOnly)))
	}
	return scopes, causes
}

// compose writes the message about what is new and what is over, for every channel.
func (d *Desk) compose(job string, fresh, over []state.Alert) []state.Message {
	var b strings.Builder
	list := func(title string, alerts []state.Alert) {
		if len(alerts) == 0 {
			return
		}
		fmt.Fprintf(&b, "%s\n", title)
		for _, a := range alerts {
			fmt.Fprintf(&b, "- %s\n", a.Text)
		}
		b.WriteString("\n")
	}
	list("New:", fresh)
	list("Over:", over)
	b.WriteString("Each cause is told once, and once more when it is over. `svw status` says where things stand now;\n" +
		"docs/operations.md says what to do.\n")
	kind, subject := "alert", fmt.Sprintf("%s: %d new", job, len(fresh))
	if len(fresh) == 0 {
		kind, subject = "recovery", fmt.Sprintf("%s: %d over", job, len(over))
	} else if len(over) > 0 {
		subject += fmt.Sprintf(", %d over", len(over))
	}
	return d.ToAll(kind, subject, b.String())
}

// ToAll is a message to every channel.
func (d *Desk) ToAll(kind, subject, body string) []state.Message {
	var messages []state.Message
	for _, name := range slices.Sorted(maps.Keys(d.Settings.Channels())) {
		messages = append(messages, state.Message{
			Channel: name, Kind: kind, Subject: "[" + d.Settings.Site().Name + "] " + subject, Body: body, Created: d.Now(),
		})
	}
	return messages
}
