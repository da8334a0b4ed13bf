package scheduler

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"socialvalue/internal/schedule"
)

// Changes says, one line a job, how two editions of the schedules differ.
func Changes(before, after []schedule.Schedule) []string {
	was := map[string]schedule.Schedule{}
	for _, job := range before {
		was[job.Name] = job
	}
	changes := []string{}
	for _, job := range after {
		earlier, ok := was[job.Name]
		delete(was, job.Name)
		switch {
		case !ok && job.Enabled:
			changes = append(changes, fmt.Sprintf("%s: new, due %s %s", job.Name, job.Cron, job.Location))
		case !ok:
			changes = append(changes, job.Name+": new, disabled")
		default:
			if differ := differences(earlier, job); len(differ) > 0 {
				changes = append(changes, job.Name+": "+strings.Join(differ, ", "))
			}
		}
	}
	for name := range was {
		changes = append(changes, name+": removed")
	}
	slices.Sort(changes)
	return changes
}

func differences(a, b schedule.Schedule) []string {
	var differ []string
	add := func(name string, before, after any) {
		if !reflect.DeepEqual(before, after) {
			differ = append(differ, fmt.Sprintf("%s was %v and is %v", name, before, after))
		}
	}
	add("enabled", a.Enabled, b.Enabled)
	add("cron", a.Cron, b.Cron)
	add("time_zone", a.Location.String(), b.Location.String())
	add("command", strings.Join(a.Command(), " "), strings.Join(b.Command(), " "))
	add("overlap", a.Overlap, b.Overlap)
	add("catch_up", a.CatchUp, b.CatchUp)
	add("catch_up_max", a.CatchUpMax, b.CatchUpMax)
	add("late_after", a.LateAfter, b.LateAfter)
	add("timeout", a.Timeout, b.Timeout)
	add("retries", a.Retries, b.Retries)
	add("blackout", a.Blackout, b.Blackout)
	add("needs", a.Needs, b.Needs)
	add("notify", a.Notify, b.Notify)
	return differ
}
