package schedule

import "time"

// A clock change moves the wall clock by less than this (Samoa once skipped a whole day).
const longestChange = 26 * time.Hour

// Next is the first instant after the given one at which the job is due; zero when there is none within five years.
//
// Occurrences are wall-clock times. One that the spring change skips is due at the first instant after the gap; one that
// the autumn change repeats is due the first time only. Several that the spring change moves to the same instant, as of
// a job due every quarter of an hour, are one.
func (s Schedule) Next(after time.Time) time.Time {
	// Wall-clock times are handled as if they were UTC, where no clock ever changes.
	wall := wallClock(after.In(s.Location))
	// Just after a change, times that clocks do not show any more may still be due.
	if changed, _ := after.In(s.Location).ZoneBounds(); !changed.IsZero() && after.Sub(changed) <= longestChange {
		wall = wall.Add(-longestChange)
	}
	for {
		wall = s.spec.Next(wall)
		if wall.IsZero() {
			return time.Time{}
		}
		if due := firstInstant(wall, s.Location); due.After(after) {
			return due
		}
	}
}

// wallClock is what the clock on the wall shows at t, as a time in UTC.
func wallClock(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// firstInstant is the first instant at which clocks in loc show wall or, when the clocks jump over it, the first one after
// the jump. time.Date leaves open which of the two instants it returns at a change.
func firstInstant(wall time.Time, loc *time.Location) time.Time {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, loc)
	start, end := t.ZoneBounds()
	switch shown := wallClock(t); {
	case shown.After(wall): // t stands after the jump
		return start
	case shown.Before(wall): // t stands before the jump
		return end
	}
	if !start.IsZero() { // does the zone before this one show the same time too?
		_, offset := start.Add(-time.Nanosecond).Zone()
		if earlier := wall.Add(-time.Duration(offset) * time.Second); wallClock(earlier.In(loc)).Equal(wall) && earlier.Before(t) {
			return earlier.In(loc)
		}
	}
	return t
}
