// Package schedule reads schedules/*.yaml and says when a job is due. Of the cron library it uses the parser and the
// calendar alone; clock changes are handled here, so that each local occurrence comes exactly once. It starts nothing.
package schedule

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"socialvalue/internal/nearest"
	"socialvalue/internal/strictyaml"
)

// Schedule is one job: what it does, when it is due, and what happens when that cannot be.
type Schedule struct {
	Name            string
	Description     string
	Verb            string   // of the program, see Verbs
	Pipelines       []string // of the verb run; empty = all that the site configures
	Except          []string // of the verb run: Load makes Pipelines of all others
	Args            []string // of the other verbs
	Cron            string
	Location        *time.Location
	Overlap         Overlap
	CatchUp         CatchUp
	CatchUpMax      int           // how many missed occurrences CatchUpAll makes up for at most
	LateAfter       time.Duration // an occurrence that nobody was there to see for longer was missed
	Timeout         time.Duration
	Retries         Retries
	Blackout        []Window
	Needs           Needs
	Notify          []Event
	Enabled         bool
	DisabledBecause string

	spec *cron.SpecSchedule // in UTC: it is asked about wall-clock times, see Next
	doc  *strictyaml.Doc
}

// Overlap says what happens to an occurrence that falls due while another job or run is at work.
type Overlap string

// Skip records the occurrence as skipped; Queue runs it afterwards.
const (
	Skip  Overlap = "skip"
	Queue Overlap = "queue"
)

// CatchUp says which occurrences missed while nothing ran are made up for.
type CatchUp string

// None, the latest only, or all up to CatchUpMax.
const (
	CatchUpNone   CatchUp = "none"
	CatchUpLatest CatchUp = "latest"
	CatchUpAll    CatchUp = "all"
)

// Event is something about a job that people can be told of.
type Event string

// The events. What was refused or held is told file by file and dataset by dataset.
const (
	EventFailed  Event = "failed"  // the last attempt failed, took too long or was killed
	EventRefused Event = "refused" // a file was refused
	EventHeld    Event = "held"    // a dataset stays at its last released content
	EventStale   Event = "stale"   // a source is silent for too long
	EventMissed  Event = "missed"  // an occurrence was skipped
)

// Events lists all of them.
func Events() []Event {
	return []Event{EventFailed, EventRefused, EventHeld, EventStale, EventMissed}
}

// Retries say how often a failed attempt is repeated, and how long after.
type Retries struct {
	Max    int
	After  time.Duration
	Factor float64 // by which the wait grows each time
	AtMost time.Duration
}

// Wait is how long to wait after the n-th failed attempt, n from 1.
func (r Retries) Wait(n int) time.Duration {
	wait := float64(r.After)
	for range n - 1 {
		if wait *= r.Factor; wait >= float64(r.AtMost) {
			return r.AtMost
		}
	}
	return min(time.Duration(wait), r.AtMost)
}

// Needs are what an occurrence waits for.
type Needs struct {
	Jobs    []string // whose occurrences up to this one must have ended well
	Sources []Fresh
	Wait    time.Duration // for so long; then it is skipped
}

// Fresh is a source that must have delivered not long ago.
type Fresh struct {
	Source string
	Within time.Duration
}

// Verb is something the program can do by schedule.
type Verb struct {
	Name  string
	Takes string   // what its args are, for messages; empty: it takes none
	Line  []string // of the program, before pipelines or args
}

// Verbs lists what can be scheduled.
func Verbs() []Verb {
	return []Verb{
		{Name: "run", Line: []string{"run"}},
		{Name: "publish", Takes: "[--standing]", Line: []string{"publish"}},
		{Name: "backup", Takes: "[FOLDER, --verify]", Line: []string{"backup"}},
		{Name: "baseline", Takes: "[freeze, --due]", Line: []string{"baseline"}},
		{Name: "digest", Line: []string{"schedule", "digest", "--send"}},
	}
}

// VerbNamed finds a verb.
func VerbNamed(name string) (Verb, bool) {
	verbs := Verbs()
	i := slices.IndexFunc(verbs, func(v Verb) bool { return v.Name == name })
	if i < 0 {
		return Verb{}, false
	}
	return verbs[i], true
}

// Command is the job as arguments of the program.
func (s Schedule) Command() []string {
	verb, _ := VerbNamed(s.Verb)
	return slices.Concat(verb.Line, s.Pipelines, s.Args)
}

// Tells says whether people are told of an event.
func (s Schedule) Tells(event Event) bool { return slices.Contains(s.Notify, event) }

// Timing identifies when the job is due: with another, its occurrences are others.
func (s Schedule) Timing() string {
	if !s.Enabled || s.Location == nil {
		return ""
	}
	return s.Cron + " " + s.Location.String()
}

// AsTimed is the same job with the timing of an earlier edition of its file, to account for what was due under that.
func (s Schedule) AsTimed(timing string) (Schedule, error) {
	i := strings.LastIndex(timing, " ")
	if i < 0 {
		return Schedule{}, fmt.Errorf("timing %q has no time zone", timing)
	}
	var err error
	if s.spec, err = parseCron(timing[:i]); err != nil {
		return Schedule{}, fmt.Errorf("read timing %q: %w", timing, err)
	}
	if s.Location, err = location(timing[i+1:]); err != nil {
		return Schedule{}, fmt.Errorf("read timing %q: %w", timing, err)
	}
	s.Cron, s.Enabled = timing[:i], true
	return s, nil
}

// Known is what schedules may name.
type Known struct {
	Pipelines []string
	Disabled  []string // pipelines that the site disables; a job of these alone is disabled too
	Sources   []string // of the site
}

// Load reads every schedule in the folder schedules of a tree, in the order of their names. All mistakes of all files are
// reported together.
func Load(tree fs.FS, known Known) ([]Schedule, error) {
	names, err := fs.Glob(tree, "schedules/*.y*ml")
	if err != nil {
		return nil, fmt.Errorf("list schedules: %w", err)
	}
	var all []Schedule
	var mistakes []error
	for _, name := range names {
		if stem, ok := strings.CutSuffix(name, ".yml"); ok {
			mistakes = append(mistakes, fmt.Errorf("%s: schedules end in .yaml: rename it to %s.yaml", name, stem))
			continue
		}
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			return nil, fmt.Errorf("read schedule: %w", err)
		}
		s, err := Parse(name, data)
		if err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		all = append(all, s.without(known.Disabled).allBut(known))
	}
	if len(mistakes) == 0 {
		mistakes = append(mistakes, checkNames(all, known)...)
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return all, nil
}

// without is the job with what is left of its pipelines.
func (s Schedule) without(disabled []string) Schedule {
	gone := func(name string) bool { return slices.Contains(disabled, name) }
	if !s.Enabled || !slices.ContainsFunc(s.Pipelines, gone) {
		return s
	}
	left := slices.DeleteFunc(slices.Clone(s.Pipelines), gone)
	if len(left) == 0 {
		s.Enabled, s.DisabledBecause = false, "the site disables "+strings.Join(s.Pipelines, ", ")
		return s
	}
	s.Pipelines = left
	return s
}

// allBut is the job with the pipelines it leaves to others taken from all that there are, so that what it does can be read in
// its command. A pipeline that a site adds is of the job by itself.
func (s Schedule) allBut(known Known) Schedule {
	if len(s.Except) == 0 {
		return s
	}
	s.Pipelines = slices.DeleteFunc(slices.Clone(known.Pipelines), func(name string) bool {
		return slices.Contains(s.Except, name) || slices.Contains(known.Disabled, name)
	})
	// No pipelines would mean all of them, and so just those that it leaves out.
	if len(s.Pipelines) == 0 && s.Enabled {
		s.Enabled, s.DisabledBecause = false, "the site has no pipeline but "+strings.Join(s.Except, ", ")
	}
	return s
}

// Reads says whether the job takes in the files of a pipeline when it is due.
func (s Schedule) Reads(pipeline string) bool {
	return s.Enabled && s.Verb == "run" && (len(s.Pipelines) == 0 || slices.Contains(s.Pipelines, pipeline))
}

// checkNames refuses jobs that name what is not there, a job which never runs, or each other in a circle. A disabled job may
// name what comes later.
func checkNames(all []Schedule, known Known) []error {
	byName := map[string]Schedule{}
	for _, s := range all {
		byName[s.Name] = s
	}
	var mistakes []error
	for _, s := range all {
		if !s.Enabled {
			continue
		}
		doc := s.doc.Fresh()
		if len(s.Except) == 0 {
			checkPipelines(doc, "pipelines", s.Pipelines, known.Pipelines, known.Pipelines)
		}
		checkPipelines(doc, "except", s.Except, slices.Concat(known.Pipelines, known.Disabled), known.Pipelines)
		for i, need := range s.Needs.Sources {
			if !slices.Contains(known.Sources, need.Source) {
				doc.At("needs", "sources", i).Report("svw.yaml has no source %q%s: the job would wait in vain", need.Source, meant(need.Source, known.Sources))
			}
		}
		for i, need := range s.Needs.Jobs {
			if needed, ok := byName[need]; !ok {
				doc.At("needs", "jobs", i).Report("it needs the job %s, and there is none%s", need, meant(need, slices.Sorted(maps.Keys(byName))))
			} else if !needed.Enabled {
				doc.At("needs", "jobs", i).Report("it needs the job %s, which is disabled: it would wait in vain", need)
			}
		}
		if reaches(byName, s.Needs.Jobs, s.Name, map[string]bool{}) {
			doc.At("needs", "jobs").Report("it needs itself, by way of other jobs: take one of them out")
		}
		if err := doc.Err(); err != nil {
			mistakes = append(mistakes, fmt.Errorf("read schedule: %w", err))
		}
	}
	return mistakes
}

func checkPipelines(doc *strictyaml.Doc, key string, names, allowed, offered []string) {
	for i, name := range names {
		if !slices.Contains(allowed, name) {
			doc.At(key, i).Report("there is no pipeline %q%s; there are %s", name, meant(name, offered), strings.Join(offered, ", "))
		}
	}
}

// meant names what was probably meant.
func meant(name string, names []string) string {
	if near := nearest.Of(name, names); near != "" {
		return ", perhaps " + near
	}
	return ""
}

func reaches(byName map[string]Schedule, from []string, to string, seen map[string]bool) bool {
	for _, name := range from {
		if name == to {
			return true
		}
		if !seen[name] {
			seen[name] = true
			if reaches(byName, byName[name].Needs.Jobs, to, seen) {
				return true
			}
		}
	}
	return false
}
