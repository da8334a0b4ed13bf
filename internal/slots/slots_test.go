package slots_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/schedule"
	"socialvalue/internal/slots"
)

func job(t *testing.T, extra string) schedule.Schedule {
	t.Helper()
	s, err := schedule.Parse("schedules/a.yaml", []byte("name: a\ncron: '30 2 * * *'\ntime_zone: UTC\ntimeout: 1h\n"+extra))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func at(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", "2026-03-"+text)
	if err != nil {
		panic(err)
	}
	return t
}

// told writes slots as a person would: day, state, why.
func told(list []slots.Slot) []string {
	all := []string{}
	for _, s := range slots.InOrder(list) {
		line := s.At.Format("02") + " " + string(s.State)
		if s.Late {
			line += " late"
		}
		if s.Why != "" {
			line += " " + string(s.Why)
		}
		all = append(all, line)
	}
	return all
}

// What becomes of the nights of the 2nd to the 5th when the scheduler comes back in the morning of the 5th.
func TestCatchUpAndOverlap(t *testing.T) {
	t.Parallel()
	running := slots.Slot{Job: "b", At: at("05 02:00"), State: slots.Running, Attempts: 1}
	tests := map[string]struct {
		extra string
		now   string
		open  []slots.Slot
		want  []string
	}{
		"none":               {"catch_up: none", "05 09:00", nil, []string{"02 skipped late missed", "03 skipped late missed", "04 skipped late missed", "05 skipped late missed"}},
		"none, just in time": {"catch_up: none", "05 02:35", nil, []string{"02 skipped late missed", "03 skipped late missed", "04 skipped late missed", "05 waiting"}},
		"latest":             {"catch_up: latest", "05 09:00", nil, []string{"02 skipped late missed", "03 skipped late missed", "04 skipped late missed", "05 waiting late"}},
		"latest, in time":    {"catch_up: latest", "05 02:35", nil, []string{"02 skipped late missed", "03 skipped late missed", "04 skipped late missed", "05 waiting"}},
		"all":                {"catch_up: all\ncatch_up_max: 3", "05 09:00", nil, []string{"02 skipped late missed", "03 waiting late", "04 waiting late", "05 waiting late"}},
		"all, another waits": {
			"catch_up: all\ncatch_up_max: 3", "05 09:00",
			[]slots.Slot{{Job: "a", At: at("01 02:30"), State: slots.Waiting, Late: true}},
			[]string{"01 skipped late missed", "02 skipped late missed", "03 waiting late", "04 waiting late", "05 waiting late"},
		},
		"one that has begun stays": {
			"catch_up: latest", "05 09:00",
			[]slots.Slot{{Job: "a", At: at("01 02:30"), State: slots.Waiting, Late: true, Attempts: 1}},
			[]string{"02 skipped late missed", "03 skipped late missed", "04 skipped late missed", "05 waiting late"},
		},
		"patient":                 {"late_after: 8h\ncatch_up: none", "05 09:00", nil, []string{"02 skipped late missed", "03 skipped late missed", "04 skipped late missed", "05 waiting"}},
		"skip, another at work":   {"overlap: skip\ncatch_up: none", "05 02:31", []slots.Slot{running}, []string{"02 skipped late missed", "03 skipped late missed", "04 skipped late missed", "05 skipped overlap"}},
		"queue, another at work":  {"overlap: queue\ncatch_up: none", "05 02:31", []slots.Slot{running}, []string{"02 skipped late missed", "03 skipped late missed", "04 skipped late missed", "05 waiting"}},
		"late ones always wait":   {"overlap: skip\ncatch_up: latest", "05 09:00", []slots.Slot{running}, []string{"02 skipped late missed", "03 skipped late missed", "04 skipped late missed", "05 waiting late"}},
		"blackout, days":          {"blackout: [{from: 2026-03-03, to: 2026-03-05, reason: x}]", "05 09:00", nil, []string{"02 waiting late", "03 skipped late blackout", "04 skipped late blackout", "05 skipped late blackout"}},
		"blackout, over midnight": {"catch_up: all\ncatch_up_max: 9\nblackout: [{between: \"22:00-03:00\", days: [tue], reason: x}]", "05 09:00", nil, []string{"02 waiting late", "03 waiting late", "04 skipped late blackout", "05 waiting late"}},
		"disabled":                {"enabled: false\ndisabled_because: x", "05 09:00", nil, []string{"02 skipped late disabled", "03 skipped late disabled", "04 skipped late disabled", "05 skipped late disabled"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			watches := []slots.Watch{{Job: "a", Timing: "30 2 * * * UTC", Until: at("01 12:00")}}
			change, err := slots.Enrol(at(tc.now), []schedule.Schedule{job(t, tc.extra+"\n"), {Name: "b", Enabled: true, Location: time.UTC}}, watches, tc.open)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, told(append(change.New, change.Changed...))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, s := range append(change.New, change.Changed...) {
				if s.State == slots.Skipped && (s.Reason == "" || !s.Finished.Equal(at(tc.now))) {
					t.Errorf("%+v", s)
				}
			}
		})
	}
}

// An edit makes nothing of the time before it was seen; up to then the file as it was counts.
func TestAnEditCreatesNoPastSlots(t *testing.T) {
	t.Parallel()
	watches := []slots.Watch{{Job: "a", Timing: "0 9 * * * UTC", Until: at("03 12:00")}}
	change, err := slots.Enrol(at("05 12:00"), []schedule.Schedule{job(t, "catch_up: all\ncatch_up_max: 9\n")}, watches, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range change.New {
		if s.At.Hour() != 9 {
			t.Errorf("slot %d is at %s", i, s.At)
		}
	}
	if len(change.New) != 2 || len(change.Watches) != 1 || change.Watches[0] != (slots.Watch{Job: "a", Timing: "30 2 * * * UTC", Until: at("05 12:00")}) {
		t.Errorf("%+v", change)
	}
	// The clock went back: what was accounted for stays so.
	change, err = slots.Enrol(at("01 00:00"), []schedule.Schedule{job(t, "")}, []slots.Watch{{Job: "a", Timing: "30 2 * * * UTC", Until: at("03 12:00")}}, nil)
	if err != nil || !change.Empty() {
		t.Errorf("%+v, %v", change, err)
	}
}

// Years without anybody are enrolled in parts, each of them whole.
func TestALongTimeIsTakenInParts(t *testing.T) {
	t.Parallel()
	often, err := schedule.Parse("schedules/a.yaml", []byte("name: a\ncron: '* * * * *'\ntime_zone: UTC\ntimeout: 1h\n"))
	if err != nil {
		t.Fatal(err)
	}
	watch, now := slots.Watch{Job: "a", Timing: often.Timing(), Until: at("01 00:00")}, at("10 00:00")
	open, seen, parts := map[slots.Key]slots.Slot{}, map[slots.Key]bool{}, 0
	for {
		var waiting []slots.Slot
		for _, s := range open {
			waiting = append(waiting, s)
		}
		change, err := slots.Enrol(now, []schedule.Schedule{often}, []slots.Watch{watch}, waiting)
		if err != nil {
			t.Fatal(err)
		}
		if change.Empty() {
			break
		}
		parts++
		for _, s := range append(change.New, change.Changed...) {
			delete(open, s.Key())
			if s.State == slots.Waiting {
				open[s.Key()] = s
			}
			seen[s.Key()] = true
		}
		watch = change.Watches[0]
	}
	if len(seen) != 9*24*60 || len(open) != 1 || parts < 3 {
		t.Errorf("%d slots in %d parts, %d wait", len(seen), parts, len(open))
	}
	for _, s := range open {
		if !s.At.Equal(now) {
			t.Errorf("%s waits", s.At)
		}
	}
}

func TestNeeds(t *testing.T) {
	t.Parallel()
	needy := job(t, "needs: {jobs: [b], sources: [{name: ledger, received_within: 2d}], wait: 3h}\n")
	b := schedule.Schedule{Name: "b"}
	waiting := slots.Slot{Job: "a", At: at("05 02:30"), State: slots.Waiting, Enrolled: at("05 02:30")}
	well := slots.Facts{Ended: map[string]slots.Slot{"b": {Job: "b", Outcome: slots.Refused}}, Received: map[string]time.Time{"ledger": at("04 02:30")}}
	tests := map[string]struct {
		now   string
		open  []slots.Slot
		facts slots.Facts
		want  string // starts, waits, or why it is skipped
	}{
		"all there":       {"05 02:30", nil, well, "starts"},
		"never ran":       {"05 02:30", nil, slots.Facts{Received: well.Received}, "waits"},
		"ended badly":     {"05 02:30", nil, slots.Facts{Ended: map[string]slots.Slot{"b": {Outcome: slots.Failed}}, Received: well.Received}, "waits"},
		"earlier, waits":  {"05 02:30", []slots.Slot{{Job: "b", At: at("05 02:00"), State: slots.Waiting, NotBefore: at("05 08:00")}}, well, "waits"},
		"later, waits":    {"05 02:30", []slots.Slot{{Job: "b", At: at("05 02:31"), State: slots.Waiting, NotBefore: at("05 08:00")}}, well, "starts"},
		"not fresh":       {"05 02:30", nil, slots.Facts{Ended: well.Ended, Received: map[string]time.Time{"ledger": at("01 02:30")}}, "waits"},
		"waited in vain":  {"05 05:30", nil, slots.Facts{Ended: well.Ended}, "it waited 3h0m0s for files of the source ledger, in vain"},
		"one in progress": {"05 02:30", []slots.Slot{{Job: "c", At: at("05 02:00"), State: slots.Running}}, well, "waits"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			turn := slots.Next(at(tc.now), []schedule.Schedule{needy, b}, append(tc.open, waiting), tc.facts)
			got := "waits"
			switch {
			case turn.Start != nil && turn.Start.Job == "a":
				got = "starts"
			case len(turn.Skip) == 1:
				got = turn.Skip[0].Reason
			}
			if got != tc.want {
				t.Errorf("it %s, want %s", got, tc.want)
			}
			if got == "waits" && turn.Wake.IsZero() {
				t.Error("nobody will look again")
			}
		})
	}
}

func TestTurns(t *testing.T) {
	t.Parallel()
	quiet := job(t, "blackout: [{between: \"08:00-18:00\", reason: people work}]\n")
	late := slots.Slot{Job: "a", At: at("05 02:30"), State: slots.Waiting, Late: true}
	if turn := slots.Next(at("05 09:00"), []schedule.Schedule{quiet}, []slots.Slot{late}, slots.Facts{}); turn.Start != nil || len(turn.Skip) > 0 {
		t.Errorf("it did not wait for the end of the blackout: %+v", turn)
	}
	if turn := slots.Next(at("05 18:00"), []schedule.Schedule{quiet}, []slots.Slot{late}, slots.Facts{}); turn.Start == nil {
		t.Errorf("the blackout is over: %+v", turn)
	}
	// The longest due goes first; one that waits for a retry holds nobody up.
	list := []slots.Slot{
		{Job: "a", At: at("05 02:30"), State: slots.Waiting},
		{Job: "a", At: at("03 02:30"), State: slots.Waiting, NotBefore: at("05 12:00")},
		{Job: "a", At: at("04 02:30"), State: slots.Waiting},
	}
	turn := slots.Next(at("05 03:00"), []schedule.Schedule{job(t, "")}, list, slots.Facts{})
	if turn.Start == nil || !turn.Start.At.Equal(at("04 02:30")) || !turn.Wake.Equal(at("05 12:00")) {
		t.Errorf("%+v", turn)
	}
}

func TestWaitsGrowUpToALimit(t *testing.T) {
	t.Parallel()
	r := schedule.Retries{Max: 9, After: 10 * time.Minute, Factor: 2, AtMost: time.Hour}
	var waits []string
	for n := 1; n < 6; n++ {
		waits = append(waits, fmt.Sprint(r.Wait(n)))
	}
	if got := strings.Join(waits, " "); got != "10m0s 20m0s 40m0s 1h0m0s 1h0m0s" {
		t.Error(got)
	}
}
