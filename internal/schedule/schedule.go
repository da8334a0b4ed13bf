// Package schedule reads schedules/*.yaml and says when a job is due. Of the cron library it uses the parser and the
// calendar alone; clock changes are handled here, so that each local occurrence comes exactly once. It starts nothing.
package schedule

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"socialvalue/internal/strictyaml"
)

// Schedule is one job and when it is due.
type Schedule struct {
	Name        string
	Description string
	Verb        string   // of the program: run
	Pipelines   []string // empty = all that the site configures
	Cron        string
	Location    *time.Location
	Overlap     Overlap
	CatchUp     CatchUp
	CatchUpMax  int // how many missed occurrences CatchUpAll makes up for at most
	Timeout     time.Duration
	Enabled     bool

	spec *cron.SpecSchedule // in UTC: it is asked about wall-clock times, see Next
}

// Overlap says what happens to an occurrence that falls due while the one before still runs.
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

// file is the YAML of a schedule.
type file struct {
	Name        string   `yaml:"name"`
	Description string   `yaml:"description"`
	Verb        string   `yaml:"verb"`
	Pipelines   []string `yaml:"pipelines"`
	Cron        string   `yaml:"cron"`
	TimeZone    string   `yaml:"time_zone"`
	Overlap     Overlap  `yaml:"overlap"`
	CatchUp     CatchUp  `yaml:"catch_up"`
	CatchUpMax  int      `yaml:"catch_up_max"`
	DST         string   `yaml:"dst"`
	Timeout     string   `yaml:"timeout"`
	Enabled     bool     `yaml:"enabled"`
}

// Load reads every schedule in the folder schedules of a tree, in the order of their names. All mistakes of all files are
// reported together.
func Load(tree fs.FS) ([]Schedule, error) {
	names, err := fs.Glob(tree, "schedules/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list schedules: %w", err)
	}
	var all []Schedule
	var mistakes []error
	for _, name := range names {
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			return nil, fmt.Errorf("read schedule: %w", err)
		}
		s, err := Parse(name, data)
		if err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		all = append(all, s)
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return all, nil
}

// Parse reads one schedule; name is its file, for messages and for the job's name.
func Parse(name string, data []byte) (Schedule, error) {
	f := file{Verb: "run", Overlap: Skip, CatchUp: CatchUpLatest, DST: "once", Enabled: true}
	doc, err := strictyaml.Decode(name, data, &f)
	if err != nil {
		return Schedule{}, fmt.Errorf("read schedule: %w", err)
	}
	s := Schedule{
		Name: f.Name, Description: f.Description, Verb: f.Verb, Pipelines: f.Pipelines, Cron: f.Cron, Overlap: f.Overlap,
		CatchUp: f.CatchUp, CatchUpMax: f.CatchUpMax, Enabled: f.Enabled,
	}
	if stem := strings.TrimSuffix(path.Base(name), ".yaml"); f.Name != stem {
		doc.At("name").Report("name must be that of the file: name: %s", stem)
	}
	if f.Verb != "run" {
		doc.At("verb").Report("verb must be run: it is the only one that can be scheduled")
	}
	if s.spec, err = parseCron(f.Cron); err != nil {
		doc.At("cron").Report("%s", err)
	}
	if s.Location, err = location(f.TimeZone); err != nil {
		doc.At("time_zone").Report("%s", err)
	}
	checkPolicies(doc, &f)
	if s.Timeout, err = time.ParseDuration(f.Timeout); err != nil || s.Timeout <= 0 {
		doc.At("timeout").Report("timeout says how long a run may take: 90m, or 6h")
	}
	if err := doc.Err(); err != nil {
		return Schedule{}, fmt.Errorf("read schedule: %w", err)
	}
	if s.Next(time.Unix(0, 0)).IsZero() {
		doc.At("cron").Report("it is never due: no year has such a day")
		return Schedule{}, fmt.Errorf("read schedule: %w", doc.Err())
	}
	return s, nil
}

func checkPolicies(doc *strictyaml.Doc, f *file) {
	if !slices.Contains([]Overlap{Skip, Queue}, f.Overlap) {
		doc.At("overlap").Report("overlap must be skip or queue")
	}
	if !slices.Contains([]CatchUp{CatchUpNone, CatchUpLatest, CatchUpAll}, f.CatchUp) {
		doc.At("catch_up").Report("catch_up must be none, latest or all")
	}
	switch {
	case f.CatchUp == CatchUpAll && f.CatchUpMax < 1:
		doc.At("catch_up_max").Report("catch_up: all needs catch_up_max, the most occurrences to make up for, as catch_up_max: 7")
	case f.CatchUp != CatchUpAll && f.CatchUpMax != 0:
		doc.At("catch_up_max").Report("catch_up_max goes with catch_up: all only: remove it")
	}
	if f.DST != "once" {
		doc.At("dst").Report("dst must be once: each occurrence runs exactly once through both clock changes")
	}
	for i, p := range f.Pipelines {
		if !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(p) {
			doc.At("pipelines", i).Report("a pipeline is named like its folder, in small letters: spend")
		} else if slices.Contains(f.Pipelines[:i], p) {
			doc.At("pipelines", i).Report("%s stands twice: keep one", p)
		}
	}
}

// parseCron reads the five fields minute, hour, day of month, month, day of week. The library panics on some time zone
// prefixes and takes "@every", which has no local occurrences, so both are refused before it sees them.
func parseCron(line string) (*cron.SpecSchedule, error) {
	switch {
	case strings.TrimSpace(line) == "":
		return nil, errors.New(`cron is missing: minute, hour, day of month, month and day of week, as "30 2 * * *"`)
	case strings.Contains(line, "="):
		return nil, errors.New("write the time zone under time_zone, not into cron")
	}
	schedule, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(line)
	if err != nil {
		return nil, fmt.Errorf(`%w: cron has five fields, minute, hour, day of month, month and day of week, as "30 2 * * *"`, err)
	}
	spec, ok := schedule.(*cron.SpecSchedule)
	if !ok {
		return nil, errors.New(`cron has five fields, minute, hour, day of month, month and day of week, as "30 2 * * *"`)
	}
	spec.Location = time.UTC
	return spec, nil
}

func location(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, errors.New("time_zone must be the name of a place, as Europe/London")
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, errors.New("unknown time zone: use the name of a place, as Europe/London")
	}
	return loc, nil
}
