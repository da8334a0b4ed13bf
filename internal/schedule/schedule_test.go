package schedule_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"socialvalue/internal/schedule"
)

func due(t interface {
	Helper()
	Fatal(...any)
}, cron, zone string,
) schedule.Schedule {
	t.Helper()
	s, err := schedule.Parse("schedules/job.yaml", []byte("name: job\ncron: '"+cron+"'\ntime_zone: "+zone+"\ntimeout: 1h\n"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// occurrences lists the next n instants in UTC.
func occurrences(s schedule.Schedule, after string, n int) []string {
	at, err := time.Parse(time.RFC3339, after)
	if err != nil {
		return []string{err.Error()}
	}
	var list []string
	for range n {
		at = s.Next(at)
		list = append(list, at.UTC().Format("Mon 2006-01-02 15:04"))
	}
	return list
}

func TestNextThroughClockChanges(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cron, zone, after string
		want              []string
	}{
		"spring: 01:30 does not exist, 02:00 summer time stands for it": {
			"30 1 * * *", "Europe/London", "2026-03-28T00:00:00Z",
			[]string{"Sat 2026-03-28 01:30", "Sun 2026-03-29 01:00", "Mon 2026-03-30 00:30"},
		},
		"spring: 02:30 exists": {
			"30 2 * * *", "Europe/London", "2026-03-28T00:00:00Z",
			[]string{"Sat 2026-03-28 02:30", "Sun 2026-03-29 01:30", "Mon 2026-03-30 01:30"},
		},
		"autumn: 01:30 comes twice, the first is taken": {
			"30 1 * * *", "Europe/London", "2026-10-24T12:00:00Z",
			[]string{"Sun 2026-10-25 00:30", "Mon 2026-10-26 01:30"},
		},
		"autumn: asked between the two": {
			"30 1 * * *", "Europe/London", "2026-10-25T00:45:00Z", []string{"Mon 2026-10-26 01:30"},
		},
		"autumn: hourly, the repeated hour once": {
			"0 * * * *", "Europe/London", "2026-10-24T23:30:00Z",
			[]string{"Sun 2026-10-25 00:00", "Sun 2026-10-25 02:00", "Sun 2026-10-25 03:00"},
		},
		"spring: several in the gap are one": {
			"*/30 * * * *", "Europe/London", "2026-03-29T00:00:00Z",
			[]string{"Sun 2026-03-29 00:30", "Sun 2026-03-29 01:00", "Sun 2026-03-29 01:30"},
		},
		"an instant is after itself no more": {
			"30 2 * * *", "Europe/London", "2026-01-01T02:30:00Z", []string{"Fri 2026-01-02 02:30"},
		},
		"a change by half an hour": {
			"15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z",
			[]string{"Sat 2026-10-03 15:30", "Sun 2026-10-04 15:15"},
		},
		"a day that never was": {
			"0 12 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z",
			[]string{"Thu 2011-12-29 22:00", "Fri 2011-12-30 10:00", "Fri 2011-12-30 22:00"},
		},
		"leap days": {
			"0 0 29 2 *", "UTC", "2025-01-01T00:00:00Z", []string{"Tue 2028-02-29 00:00", "Sun 2032-02-29 00:00"},
		},
		"day of month or day of week": {
			"0 0 13 * 5", "UTC", "2026-02-01T00:00:00Z",
			[]string{"Fri 2026-02-06 00:00", "Fri 2026-02-13 00:00", "Fri 2026-02-20 00:00"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := occurrences(due(t, tc.cron, tc.zone), tc.after, len(tc.want))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("due (-want +got):\n%s", diff)
			}
		})
	}
}

// A job due once a day is due once for each day of the calendar, whatever its time and wherever it is.
func TestADailyJobIsDueOncePerLocalDay(t *testing.T) {
	t.Parallel()
	zones := []string{"Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo", "Africa/Cairo", "UTC"}
	rapid.Check(t, func(t *rapid.T) {
		hour, minute := rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute")
		s := due(t, time.Date(0, 1, 1, hour, minute, 0, 0, time.UTC).Format("4 15 * * *"), rapid.SampledFrom(zones).Draw(t, "zone"))
		at := time.Unix(rapid.Int64Range(1_000_000_000, 2_000_000_000).Draw(t, "from"), 0)
		at = s.Next(at)
		for range 400 {
			next := s.Next(at)
			day := func(t time.Time) time.Time {
				y, m, d := t.In(s.Location).Date()
				return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
			}
			if got := day(next).Sub(day(at)); got != 24*time.Hour {
				t.Fatalf("due at %s and then at %s", at.In(s.Location), next.In(s.Location))
			}
			at = next
		}
	})
}

// Stepping from occurrence to occurrence and asking from any instant give the same answer.
func TestNextIsTheSameFromEveryInstantBefore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cron := rapid.SampledFrom([]string{"30 1 * * *", "*/20 * * * *", "0 */2 * * *", "59 0,1,2 * 3,10 0", "15 1 25-31 * *"}).Draw(t, "cron")
		s := due(t, cron, "Europe/London")
		change := rapid.SampledFrom([]int64{1774746000, 1792890000, 1700000000}).Draw(t, "around") // two clock changes of 2026
		at := time.Unix(change+rapid.Int64Range(-200_000, 200_000).Draw(t, "seconds"), 0)
		next := s.Next(at)
		if !next.After(at) {
			t.Fatalf("%s is due at %s, not after it", at, next)
		}
		between := at.Add(time.Duration(rapid.Float64Range(0, 0.999999).Draw(t, "share") * float64(next.Sub(at))))
		if again := s.Next(between); !again.Equal(next) {
			t.Fatalf("from %s due at %s, from %s at %s", at, next, between, again)
		}
	})
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	good := []string{"name: job", `cron: "30 2 * * *"`, "time_zone: Europe/London", "timeout: 6h"}
	tests := map[string]struct {
		line int // of the good lines, replaced; past the end, added
		text string
		want string
	}{
		"name":             {0, "name: other", "schedules/job.yaml:1:7: name must be that of the file: name: job"},
		"cron missing":     {1, "", "cron is missing"},
		"six fields":       {1, `cron: "0 30 2 * * *"`, "schedules/job.yaml:2:7: expected exactly 5 fields"},
		"TZ prefix":        {1, `cron: "TZ=Europe/London 30 2 * * *"`, "write the time zone under time_zone"},
		"TZ that panics":   {1, `cron: "TZ=0"`, "write the time zone under time_zone"},
		"CRON_TZ":          {1, `cron: "CRON_TZ=UTC 30 2 * * *"`, "write the time zone under time_zone"},
		"every":            {1, `cron: "@every 1h"`, "cron has five fields"},
		"never":            {1, `cron: "0 0 30 2 *"`, "schedules/job.yaml:2:7: it is never due"},
		"zone missing":     {2, "", "time_zone must be the name of a place"},
		"zone Local":       {2, "time_zone: Local", "time_zone must be the name of a place"},
		"zone unknown":     {2, "time_zone: Europe/Lundon", "schedules/job.yaml:3:12: unknown time zone"},
		"timeout":          {3, "timeout: soon", "timeout says how long a run may take"},
		"timeout negative": {3, "timeout: -1h", "timeout says how long a run may take"},
		"verb":             {4, "verb: erase", "verb must be one of run, publish, backup, baseline, digest"},
		"overlap":          {4, "overlap: allow", "overlap must be skip or queue"},
		"catch_up":         {4, "catch_up: some", "catch_up must be none, latest or all"},
		"catch_up without": {4, "catch_up: all", "needs catch_up_max"},
		"catch_up_max":     {4, "catch_up_max: 3", "goes with catch_up: all only"},
		"dst":              {4, "dst: twice", "dst must be once"},
		"pipeline":         {4, "pipelines: [Spend]", "named like its folder"},
		"pipeline twice":   {4, "pipelines: [a, b, a]", "a stands twice"},
		"except twice":     {4, "except: [a, a]", "a stands twice"},
		"some and except":  {4, "pipelines: [a]\nexcept: [b]", "schedules/job.yaml:6:9: say pipelines, or all except some"},
		"except of backup": {4, "verb: backup\nargs: [x]\nexcept: [b]", "except goes with verb: run only"},
		"args of run":      {4, "args: [x]", "run takes no args"},
		"no args":          {4, "verb: backup", "backup needs args: [FOLDER, --verify]"},
		"no reason":        {4, "enabled: false", "disabled_because"},
		"retries":          {4, "retries: {max: 99}", "schedules/job.yaml:5:16: max is how often"},
		"factor":           {4, "retries: {factor: 0.5}", "factor is what each wait"},
		"after":            {4, "retries: {after: soon}", "schedules/job.yaml:5:18: after says"},
		"blackout":         {4, "blackout: [{from: 2026-01-02, to: 2026-01-01, reason: x}]", "write days"},
		"blackout, why":    {4, "blackout: [{between: '08:00-09:00'}]", "reason is missing"},
		"blackout, hours":  {4, "blackout: [{between: '08:00-08:00', reason: x}]", "between is two times"},
		"blackout, days":   {4, "blackout: [{between: '08:00-09:00', days: [monday], reason: x}]", "days are mon, tue"},
		"needs itself":     {4, "needs: {jobs: [job]}", "a job cannot need itself"},
		"needs":            {4, "needs: {sources: [{name: ledger}]}", "a source is named as in svw.yaml"},
		"notify":           {4, "notify: [everything]", "notify lists what people are told of"},
		"late_after":       {4, "late_after: 0s", "late_after says"},
		"unknown key":      {4, "crno: x", `unknown key "crno": did you mean "cron"?`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines := append(slices.Clone(good), "")
			lines[tc.line] = tc.text
			_, err := schedule.Parse("schedules/job.yaml", []byte(strings.Join(lines, "\n")))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestLoadReportsAllFiles(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{
		"schedules/a.yaml":    {Data: []byte("name: b")},
		"schedules/c.yaml":    {Data: []byte("name: [")},
		"schedules/README.md": {Data: []byte("not a schedule")},
	}
	_, err := schedule.Load(tree, schedule.Known{})
	for _, want := range []string{"schedules/a.yaml:1:7", "schedules/c.yaml:"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// shippedPipelines are the folders of pipelines.
func shippedPipelines(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../pipelines/*/pipeline.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	for i, file := range files {
		files[i] = filepath.Base(filepath.Dir(file))
	}
	return files
}

func TestShippedSchedules(t *testing.T) {
	t.Parallel()
	all, err := schedule.Load(os.DirFS("../.."), schedule.Known{Pipelines: shippedPipelines(t)})
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string]schedule.Schedule)
	for _, s := range all {
		names[s.Name] = s
	}
	nightly, ok := names["nightly"]
	if !ok || nightly.Reads("people") || len(nightly.Pipelines) == 0 {
		t.Fatalf("nightly is %+v: it must be there and must not touch payroll", nightly)
	}
	for _, pipeline := range shippedPipelines(t) {
		if !slices.ContainsFunc(all, func(s schedule.Schedule) bool { return s.Reads(pipeline) }) {
			t.Errorf("no job reads the files of %s", pipeline)
		}
	}
	if got := nightly.Next(time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC)).UTC().Format(time.RFC3339); got != "2026-07-01T01:30:00Z" {
		t.Errorf("nightly is due at %s, want 02:30 in London", got)
	}
	for _, name := range []string{"weekly-reference", "monthly-spend", "quarterly-transparency", "yearly-pay-snapshot", "yearly-baseline", "yearly-review"} {
		if _, ok := names[name]; !ok {
			t.Errorf("%s is not shipped", name)
		}
	}
}

// A job that leaves some pipelines out runs all others, and never those when there are no others.
func TestAllPipelinesButSome(t *testing.T) {
	t.Parallel()
	job := fstest.MapFS{"schedules/job.yaml": {Data: []byte("name: job\nexcept: [people, geography]\ncron: '30 2 * * *'\ntime_zone: UTC\ntimeout: 1h\n")}}
	for name, test := range map[string]struct {
		known schedule.Known
		want  string // what it runs, or why it is disabled, or the mistake
	}{
		"others":      {schedule.Known{Pipelines: []string{"gardens", "geography", "people", "spend"}}, "run gardens spend"},
		"disabled":    {schedule.Known{Pipelines: []string{"geography", "spend"}, Disabled: []string{"people"}}, "run spend"},
		"nothing":     {schedule.Known{Pipelines: []string{"geography", "people"}}, "the site has no pipeline but people, geography"},
		"not there":   {schedule.Known{Pipelines: []string{"geography", "poeple", "spend"}}, "perhaps poeple"},
		"none at all": {schedule.Known{Disabled: []string{"geography", "people", "spend"}}, "the site has no pipeline but people, geography"},
	} {
		all, err := schedule.Load(job, test.known)
		got := ""
		switch {
		case err != nil:
			got = err.Error()
		case all[0].Enabled:
			got = strings.Join(all[0].Command(), " ")
		default:
			got = all[0].DisabledBecause
		}
		if got != test.want && (err == nil || !strings.Contains(got, test.want)) {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// Year one is frozen by schedule, once it is over and its last ledger has come; the review waits for its verb.
func TestTheShippedBaseline(t *testing.T) {
	t.Parallel()
	all, err := schedule.Load(os.DirFS("../.."), schedule.Known{Pipelines: shippedPipelines(t)})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(s schedule.Schedule) bool { return s.Name == "yearly-baseline" })
	if i < 0 {
		t.Fatal("it is not shipped")
	}
	s := all[i]
	if got := strings.Join(s.Command(), " "); !s.Enabled || got != "baseline freeze --due" || !slices.Equal(s.Needs.Jobs, []string{"monthly-spend"}) {
		t.Errorf("%s %+v", got, s)
	}
	if got := s.Next(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)).UTC().Format(time.RFC3339); got != "2026-06-01T05:00:00Z" {
		t.Errorf("it is due at %s, want the 1st of June at 06:00 in London", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, cron := range []string{"30 2 * * *", "TZ=0", "@every 1h", "*/5 1-3,7 L * MON", "0 0 31 2 *"} {
		f.Add(cron, "Europe/London")
	}
	f.Fuzz(func(t *testing.T, cron, zone string) {
		text := "name: job\ntimeout: 1h\ncron: '" + strings.ReplaceAll(cron, "'", "''") + "'\ntime_zone: '" + strings.ReplaceAll(zone, "'", "''") + "'\n"
		s, err := schedule.Parse("schedules/job.yaml", []byte(text))
		if err != nil {
			return
		}
		after := time.Date(2026, 3, 29, 0, 59, 0, 0, time.UTC)
		if next := s.Next(after); !next.IsZero() && !next.After(after) {
			t.Fatalf("%q is due at %s, not after %s", cron, next, after)
		}
	})
}

func TestShippedSchedulesSayWhyTheyAreDisabled(t *testing.T) {
	t.Parallel()
	all, err := schedule.Load(os.DirFS("../.."), schedule.Known{Pipelines: shippedPipelines(t)})
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, s := range all {
		names[s.Name] = true
		_, verb := schedule.VerbNamed(s.Verb)
		missing := !verb
		for _, p := range s.Pipelines {
			if _, err := os.Stat("../../pipelines/" + p); err != nil {
				missing = true
			}
		}
		// What a job is for may have come since: then it is enabled.
		waits := strings.HasPrefix(s.DisabledBecause, "there is no ")
		switch {
		case s.Enabled && missing:
			t.Errorf("%s is enabled, and what it runs is not there", s.Name)
		case !s.Enabled && waits && !missing:
			t.Errorf("%s is disabled for what has come: %s", s.Name, s.DisabledBecause)
		}
	}
	for _, want := range []string{"nightly", "weekly-reference", "monthly-spend", "quarterly-transparency", "yearly-pay-snapshot", "yearly-baseline", "yearly-review", "weekly-digest"} {
		if !names[want] {
			t.Errorf("%s is not shipped", want)
		}
	}
}

func TestEverythingAFileCanSay(t *testing.T) {
	t.Parallel()
	s, err := schedule.Parse("schedules/job.yaml", []byte(`name: job
verb: backup
args: [/mnt/backup, --verify]
cron: "0 5 * * *"
time_zone: Europe/London
late_after: 2h
timeout: 1d
retries: {max: 2, after: 5m, factor: 1.5, at_most: 2h}
blackout:
  - {from: 2026-12-24, to: 2026-12-26, reason: nobody is there}
  - {between: "08:00-18:00", days: [mon, fri], reason: people work}
  - {between: "22:00-01:00", days: [sun], reason: the backup of the machine}
needs: {jobs: [nightly], sources: [{name: ledger, received_within: 35d}], wait: 90m}
notify: [failed]
`))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.Command(), " "); got != "backup /mnt/backup --verify" {
		t.Errorf("command %s", got)
	}
	if s.LateAfter != 2*time.Hour || s.Timeout != 24*time.Hour || s.Retries.Max != 2 || s.Needs.Sources[0].Within != 35*24*time.Hour || s.Needs.Wait != 90*time.Minute {
		t.Errorf("%+v", s)
	}
	if !s.Tells(schedule.EventFailed) || s.Tells(schedule.EventMissed) {
		t.Errorf("notify %v", s.Notify)
	}
	for at, want := range map[string]string{ // UTC; London is an hour ahead in July
		"2026-12-23T23:59:00Z": "", "2026-12-24T00:00:00Z": "nobody is there", "2026-12-26T23:59:00Z": "nobody is there", "2026-12-27T12:00:00Z": "",
		"2026-07-06T06:59:00Z": "", "2026-07-06T07:00:00Z": "people work", "2026-07-06T16:59:00Z": "people work", "2026-07-06T17:00:00Z": "",
		"2026-07-07T09:00:00Z": "", "2026-07-05T21:30:00Z": "the backup of the machine", "2026-07-05T23:30:00Z": "the backup of the machine",
		"2026-07-06T00:30:00Z": "", "2026-07-06T22:30:00Z": "",
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.BlackedOut(when); got != want {
			t.Errorf("%s: %q, want %q", at, got, want)
		}
	}
}

func TestSchedulesNameWhatIsThere(t *testing.T) {
	t.Parallel()
	text := func(name, extra string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("name: " + name + "\ncron: '30 2 * * *'\ntime_zone: UTC\ntimeout: 1h\n" + extra)}
	}
	known := schedule.Known{Pipelines: []string{"geography", "spend"}, Sources: []string{"ledger"}}
	for name, tc := range map[string]struct {
		tree fstest.MapFS
		want string
	}{
		"circle": {
			fstest.MapFS{"schedules/a.yaml": text("a", "needs: {jobs: [b]}\n"), "schedules/b.yaml": text("b", "needs: {jobs: [a]}\n")},
			"schedules/b.yaml:5:15: it needs itself",
		},
		"nobody":   {fstest.MapFS{"schedules/a.yaml": text("a", "needs: {jobs: [b]}\n")}, "schedules/a.yaml:5:16: it needs the job b, and there is none"},
		"disabled": {fstest.MapFS{"schedules/a.yaml": text("a", "needs: {jobs: [b]}\n"), "schedules/b.yaml": text("b", "enabled: false\ndisabled_because: x\n")}, "it would wait in vain"},
		"pipeline": {fstest.MapFS{"schedules/a.yaml": text("a", "pipelines: [spned]\n")}, `schedules/a.yaml:5:13: there is no pipeline "spned", perhaps spend; there are geography, spend`},
		"source": {
			fstest.MapFS{"schedules/a.yaml": text("a", "needs: {sources: [{name: ledgers, received_within: 35d}]}\n")},
			`schedules/a.yaml:5:19: svw.yaml has no source "ledgers", perhaps ledger: the job would wait in vain`,
		},
		"ending": {fstest.MapFS{"schedules/a.yml": text("a", "")}, "schedules/a.yml: schedules end in .yaml: rename it to schedules/a.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := schedule.Load(tc.tree, known); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
	later := fstest.MapFS{"schedules/a.yaml": text("a", "pipelines: [payroll]\nenabled: false\ndisabled_because: it comes later\n")}
	if _, err := schedule.Load(later, known); err != nil {
		t.Errorf("a disabled job may name what comes later: %v", err)
	}
}

func TestABlackoutLeavesATime(t *testing.T) {
	t.Parallel()
	for text, covered := range map[string]bool{
		"cron: '30 2 * * *'\nblackout: [{between: '02:00-03:00', reason: x}]\n":                                                            true,
		"cron: '30 2 * * *'\nblackout: [{between: '02:00-03:00', days: [mon, tue, wed, thu, fri, sat], reason: x}]\n":                      false,
		"cron: '30 2 7 4 *'\nblackout: [{between: '02:00-03:00', days: [mon, tue, wed, thu, fri, sat], reason: x}]\n":                      false,
		"cron: '*/5 * * * *'\nblackout: [{between: '00:00-12:00', reason: x}, {between: '12:00-00:00', reason: x}]\n":                      true,
		"cron: '*/5 * * * *'\nblackout: [{between: '00:00-12:00', reason: x}, {between: '12:00-23:55', reason: x}]\n":                      false,
		"cron: '0 9 * * 1'\nblackout: [{between: '08:00-18:00', days: [mon], reason: x}]\n":                                                true,
		"cron: '0 9 * * *'\nblackout: [{from: 1990-01-01, to: 2999-12-31, reason: x}, {between: '08:00-18:00', days: [mon], reason: x}]\n": false,
	} {
		_, err := schedule.Parse("schedules/a.yaml", []byte("name: a\ntime_zone: Europe/London\ntimeout: 1h\n"+text))
		if told := err != nil && strings.Contains(err.Error(), "schedules/a.yaml:5:11: it covers every time"); told != covered || !covered && err != nil {
			t.Errorf("%s%v", text, err)
		}
	}
}
