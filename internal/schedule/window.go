package schedule

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"socialvalue/internal/strictyaml"
)

// Window is a time in which the job does not start: a span of days, or hours of the day on all or some days of the week.
type Window struct {
	From, To time.Time // days, both included; zero for hours of the day
	Start    int       // minutes after midnight
	End      int       // below Start: over midnight, counted to the day on which it starts
	Days     []time.Weekday
	Reason   string
}

type windowFile struct {
	From    string   `yaml:"from"`
	To      string   `yaml:"to"`
	Between string   `yaml:"between"`
	Days    []string `yaml:"days"`
	Reason  string   `yaml:"reason"`
}

func windows(at strictyaml.Spot, files []windowFile) []Window {
	var list []Window
	for i, f := range files {
		w, err := f.window()
		if err != nil {
			at.At(i).Report("%s", err)
		}
		list = append(list, w)
	}
	return list
}

func (f windowFile) window() (Window, error) {
	w := Window{Reason: f.Reason}
	if strings.TrimSpace(f.Reason) == "" {
		return w, fmt.Errorf("reason is missing: say why nothing may start then")
	}
	if f.Between == "" {
		var fromErr, toErr error
		w.From, fromErr = time.Parse(time.DateOnly, f.From)
		w.To, toErr = time.Parse(time.DateOnly, f.To)
		if fromErr != nil || toErr != nil || w.To.Before(w.From) || len(f.Days) > 0 {
			return w, fmt.Errorf(`write days, as {from: 2026-12-24, to: 2026-12-26, reason: …}, or hours, as {between: "08:00-18:00", days: [mon, tue], reason: …}`)
		}
		return w, nil
	}
	from, to, ok := strings.Cut(f.Between, "-")
	start, startErr := time.Parse("15:04", strings.TrimSpace(from))
	end, endErr := time.Parse("15:04", strings.TrimSpace(to))
	if !ok || startErr != nil || endErr != nil || start.Equal(end) || f.From != "" || f.To != "" {
		return w, fmt.Errorf(`between is two times of the day, as between: "08:00-18:00"`)
	}
	w.Start, w.End = start.Hour()*60+start.Minute(), end.Hour()*60+end.Minute()
	for _, name := range f.Days {
		i := slices.Index([]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, name)
		if i < 0 {
			return w, fmt.Errorf("days are mon, tue, wed, thu, fri, sat, sun")
		}
		w.Days = append(w.Days, time.Weekday(i))
	}
	return w, nil
}

// covers says whether the wall clock stands in the window.
func (w Window) covers(wall time.Time) bool {
	day := time.Date(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0, 0, time.UTC)
	if !w.From.IsZero() {
		return !day.Before(w.From) && !day.After(w.To)
	}
	minute := wall.Hour()*60 + wall.Minute()
	on := func(d time.Weekday) bool { return len(w.Days) == 0 || slices.Contains(w.Days, d) }
	if w.Start < w.End {
		return on(wall.Weekday()) && minute >= w.Start && minute < w.End
	}
	return on(wall.Weekday()) && minute >= w.Start || on(day.AddDate(0, 0, -1).Weekday()) && minute < w.End
}

// BlackedOut says why the job must not start at t; empty when it may.
func (s Schedule) BlackedOut(t time.Time) string {
	for _, w := range s.Blackout {
		if w.covers(wallClock(t.In(s.Location))) {
			return w.Reason
		}
	}
	return ""
}

// neverStarts says whether hours of the day cover every time at which the job is due. They come again each week; so many
// occurrences of a yearly job fall on every day of the week, and so many days hold every occurrence of a week.
func (s Schedule) neverStarts() bool {
	const occurrences, days = 28, 15
	if len(s.Blackout) == 0 {
		return false
	}
	start := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	at := start
	for n := 0; n < occurrences || at.Sub(start) < days*24*time.Hour; n++ {
		if at = s.Next(at); at.IsZero() {
			return false
		}
		if !slices.ContainsFunc(s.Blackout, func(w Window) bool { return w.From.IsZero() && w.covers(wallClock(at.In(s.Location))) }) {
			return false
		}
	}
	return true
}
