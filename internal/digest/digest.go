// Package digest writes how a week went, also when all went well: a message that comes every week is one whose absence is
// noticed. It only lays out what it is given.
package digest

import (
	"fmt"
	"strings"
	"time"

	"socialvalue/internal/inspect"
	"socialvalue/internal/slots"
	"socialvalue/internal/state"
)

// Week is what a digest speaks of.
type Week struct {
	Site     string
	From, To time.Time
	Location *time.Location
	Slots    []slots.Slot // due or settled in the week
	Runs     []state.Run  // begun in the week, the newest first
	Alerts   []state.Alert
	Unsent   int
	Standing *inspect.Standing
	FreeGB   float64
}

// Well says whether nothing wants a person.
func (w Week) Well() bool {
	if len(w.Alerts) > 0 || w.Unsent > 0 || w.Standing.OnHold != nil || len(w.Standing.Held)+len(w.Standing.Missing) > 0 {
		return false
	}
	for _, s := range w.Slots {
		if s.State == slots.Ran && s.Outcome == slots.Failed || s.State == slots.Skipped && s.Why != slots.WhyBlackout {
			return false
		}
	}
	for _, source := range w.Standing.Sources {
		if source.Stale {
			return false
		}
	}
	return true
}

// Subject is the line that is read first.
func (w Week) Subject() string {
	if w.Well() {
		return "the week to " + w.day(w.To) + ": all is well"
	}
	return fmt.Sprintf("the week to %s: %d things are wrong", w.day(w.To), max(1, len(w.Alerts)))
}

func (w Week) day(t time.Time) string  { return t.In(w.Location).Format("2 January 2006") }
func (w Week) when(t time.Time) string { return t.In(w.Location).Format("Mon 2 Jan 15:04") }

// Text is the whole digest.
func (w Week) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s to %s\n\n", w.Site, w.when(w.From), w.when(w.To))
	w.release(&b)
	w.wrong(&b)
	w.jobs(&b)
	w.sources(&b)
	fmt.Fprintf(&b, "Runs of the week: %s.\nFree disk: %.1f GB.\n", runsText(w.Runs), w.FreeGB)
	if w.Unsent > 0 {
		fmt.Fprintf(&b, "Messages that could not be sent yet: %d.\n", w.Unsent)
	}
	for _, firing := range w.Standing.Schedules {
		next := w.when(firing.Next)
		if firing.Next.In(w.Location).Year() != w.To.In(w.Location).Year() {
			next = firing.Next.In(w.Location).Format("Mon 2 Jan 2006 15:04")
		}
		fmt.Fprintf(&b, "Next %s: %s.\n", firing.Schedule, next)
	}
	return b.String()
}

func (w Week) release(b *strings.Builder) {
	s := w.Standing
	if s.Release == "" {
		b.WriteString("There is no release yet.\n")
	} else {
		fmt.Fprintf(b, "The current release is %s, built %s.\n", s.Release, w.when(*s.BuiltAt))
	}
	if s.OnHold != nil {
		fmt.Fprintf(b, "On hold: %s.\n", s.OnHold)
	}
	for _, held := range s.Held {
		fmt.Fprintf(b, "Held at its last released content: %s.\n", held)
	}
	for _, missing := range s.Missing {
		fmt.Fprintf(b, "Never released: %s.\n", missing)
	}
	b.WriteString("\n")
}

func (w Week) wrong(b *strings.Builder) {
	if len(w.Alerts) == 0 {
		b.WriteString("Nothing is wrong that is known of.\n\n")
		return
	}
	b.WriteString("Wrong at present:\n")
	for _, a := range w.Alerts {
		fmt.Fprintf(b, "- since %s: %s\n", w.when(a.Since), a.Text)
	}
	b.WriteString("\n")
}

func (w Week) jobs(b *strings.Builder) {
	type tally struct{ due, well, failed, skipped, waiting int }
	var names []string
	tallies := map[string]*tally{}
	for _, s := range slots.InOrder(w.Slots) {
		t := tallies[s.Job]
		if t == nil {
			t = &tally{}
			tallies[s.Job], names = t, append(names, s.Job)
		}
		t.due++
		switch {
		case s.State == slots.Ran && s.Outcome != slots.Failed:
			t.well++
		case s.State == slots.Ran:
			t.failed++
		case s.State == slots.Skipped:
			t.skipped++
		default:
			t.waiting++
		}
	}
	if len(names) == 0 {
		b.WriteString("No job was due.\n\n")
		return
	}
	b.WriteString("Jobs:\n")
	for _, name := range names {
		t := tallies[name]
		fmt.Fprintf(b, "- %s: due %d, ran %d, failed %d, skipped %d, open %d\n", name, t.due, t.well, t.failed, t.skipped, t.waiting)
	}
	for _, s := range slots.InOrder(w.Slots) {
		if s.State == slots.Skipped || s.Outcome == slots.Failed {
			fmt.Fprintf(b, "  %s, due %s: %s\n", s.Job, w.when(s.At), s.Reason)
		}
	}
	b.WriteString("\n")
}

func (w Week) sources(b *strings.Builder) {
	b.WriteString("Sources:\n")
	for _, s := range w.Standing.Sources {
		received := "never delivered"
		if s.ReceivedAt != nil {
			received = "last delivered " + w.day(*s.ReceivedAt)
		}
		fmt.Fprintf(b, "- %s: %s, %d rows, %d quarantined, %d files refused", s.Source, received, s.Rows, s.Quarantined, s.Refused)
		if s.Stale {
			b.WriteString(", LATE")
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
}

func runsText(runs []state.Run) string {
	if len(runs) == 0 {
		return "none"
	}
	counts := map[state.Status]int{}
	for _, r := range runs {
		counts[r.Status]++
	}
	var parts []string
	for _, status := range []state.Status{state.Succeeded, state.Refused, state.Failed, state.Cancelled, state.Interrupted, state.Running} {
		if counts[status] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[status], status))
		}
	}
	return strings.Join(parts, ", ")
}
