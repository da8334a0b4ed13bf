package schedule

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"socialvalue/internal/strictyaml"
)

// file is the YAML of a schedule.
type file struct {
	Name            string       `yaml:"name"`
	Description     string       `yaml:"description"`
	Verb            string       `yaml:"verb"`
	Pipelines       []string     `yaml:"pipelines"`
	Except          []string     `yaml:"except"`
	Args            []string     `yaml:"args"`
	Cron            string       `yaml:"cron"`
	TimeZone        string       `yaml:"time_zone"`
	Overlap         Overlap      `yaml:"overlap"`
	CatchUp         CatchUp      `yaml:"catch_up"`
	CatchUpMax      int          `yaml:"catch_up_max"`
	LateAfter       string       `yaml:"late_after"`
	DST             string       `yaml:"dst"`
	Timeout         string       `yaml:"timeout"`
	Retries         retriesFile  `yaml:"retries"`
	Blackout        []windowFile `yaml:"blackout"`
	Needs           needsFile    `yaml:"needs"`
	Notify          []Event      `yaml:"notify"`
	Enabled         bool         `yaml:"enabled"`
	DisabledBecause string       `yaml:"disabled_because"`
}

type retriesFile struct {
	Max    int     `yaml:"max"`
	After  string  `yaml:"after"`
	Factor float64 `yaml:"factor"`
	AtMost string  `yaml:"at_most"`
}

type needsFile struct {
	Jobs    []string    `yaml:"jobs"`
	Sources []freshFile `yaml:"sources"`
	Wait    string      `yaml:"wait"`
}

type freshFile struct {
	Name   string `yaml:"name"`
	Within string `yaml:"received_within"`
}

// newFile holds what a file need not say.
func newFile() file {
	return file{
		Verb: "run", Overlap: Skip, CatchUp: CatchUpLatest, LateAfter: "10m", DST: "once", Enabled: true, Notify: Events(),
		Retries: retriesFile{After: "10m", Factor: 2, AtMost: "1h"}, Needs: needsFile{Wait: "4h"},
	}
}

// Parse reads one schedule; name is its file, for messages and for the job's name.
func Parse(name string, data []byte) (Schedule, error) {
	f := newFile()
	doc, err := strictyaml.Decode(name, data, &f)
	if err != nil {
		return Schedule{}, fmt.Errorf("read schedule: %w", err)
	}
	s := Schedule{
		Name: f.Name, Description: f.Description, Verb: f.Verb, Pipelines: f.Pipelines, Except: f.Except, Args: f.Args,
		Cron: f.Cron, Overlap: f.Overlap, CatchUp: f.CatchUp, CatchUpMax: f.CatchUpMax, Notify: f.Notify, Enabled: f.Enabled,
		DisabledBecause: f.DisabledBecause, doc: doc,
	}
	if stem := strings.TrimSuffix(path.Base(name), ".yaml"); f.Name != stem {
		doc.At("name").Report("name must be that of the file: name: %s", stem)
	}
	f.checkVerb(doc)
	if s.spec, err = parseCron(f.Cron); err != nil {
		doc.At("cron").Report("%s", err)
	}
	if s.Location, err = location(f.TimeZone); err != nil {
		doc.At("time_zone").Report("%s", err)
	}
	f.checkPolicies(doc)
	s.LateAfter = f.duration(doc, f.LateAfter, "late_after says after how long an occurrence that was not seen counts as missed: 10m", "late_after")
	s.Timeout = f.duration(doc, f.Timeout, "timeout says how long a run may take: 90m, or 6h", "timeout")
	s.Retries = f.retries(doc)
	s.Blackout = windows(doc.At("blackout"), f.Blackout)
	s.Needs = f.needs(doc)
	if err := doc.Err(); err != nil {
		return Schedule{}, fmt.Errorf("read schedule: %w", err)
	}
	if s.Next(time.Unix(0, 0)).IsZero() {
		doc.At("cron").Report("it is never due: no year has such a day")
		return Schedule{}, fmt.Errorf("read schedule: %w", doc.Err())
	}
	if s.neverStarts() {
		doc.At("blackout").Report("it covers every time at which the job is due, so the job would never run: leave a time, change cron, or disable the job")
		return Schedule{}, fmt.Errorf("read schedule: %w", doc.Err())
	}
	return s, nil
}

func (f *file) checkVerb(doc *strictyaml.Doc) {
	verb, known := VerbNamed(f.Verb)
	var names []string
	for _, v := range Verbs() {
		names = append(names, v.Name)
	}
	switch {
	case !known && f.Enabled:
		doc.At("verb").Report("verb must be one of %s; a job for a verb that comes later has enabled: false and disabled_because",
			strings.Join(names, ", "))
	case known && f.Verb != "run" && len(f.Pipelines) > 0:
		doc.At("pipelines").Report("pipelines go with verb: run only")
	case known && f.Verb != "run" && len(f.Except) > 0:
		doc.At("except").Report("except goes with verb: run only")
	case len(f.Pipelines) > 0 && len(f.Except) > 0:
		doc.At("except").Report("say pipelines, or all except some; not both")
	case known && verb.Takes == "" && len(f.Args) > 0:
		doc.At("args").Report("%s takes no args: remove them", f.Verb)
	case known && verb.Takes != "" && f.Enabled && len(f.Args) == 0:
		doc.At("args").Report("args is missing: %s needs args: %s", f.Verb, verb.Takes)
	}
	switch {
	case f.Enabled && f.DisabledBecause != "":
		doc.At("disabled_because").Report("disabled_because goes with enabled: false")
	case !f.Enabled && strings.TrimSpace(f.DisabledBecause) == "":
		doc.At("enabled").Report("say why: disabled_because: …")
	}
	checkNamesOf(doc, "pipelines", f.Pipelines)
	checkNamesOf(doc, "except", f.Except)
}

func checkNamesOf(doc *strictyaml.Doc, key string, pipelines []string) {
	for i, p := range pipelines {
		if !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(p) {
			doc.At(key, i).Report("a pipeline is named like its folder, in small letters: spend")
		} else if slices.Contains(pipelines[:i], p) {
			doc.At(key, i).Report("%s stands twice: keep one", p)
		}
	}
}

func (f *file) checkPolicies(doc *strictyaml.Doc) {
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
	for i, event := range f.Notify {
		if !slices.Contains(Events(), event) {
			doc.At("notify", i).Report("notify lists what people are told of: failed, refused, held, stale, missed; [] for nothing")
		}
	}
}

func (f *file) retries(doc *strictyaml.Doc) Retries {
	r := Retries{Max: f.Retries.Max, Factor: f.Retries.Factor}
	if r.Max < 0 || r.Max > 20 {
		doc.At("retries", "max").Report("max is how often a failed run is tried again, 0 to 20")
	}
	if !(r.Factor >= 1 && r.Factor <= 10) {
		doc.At("retries", "factor").Report("factor is what each wait is longer than the one before by, 1 to 10")
	}
	r.After = f.duration(doc, f.Retries.After, "after says how long to wait before the first retry: 10m", "retries", "after")
	r.AtMost = f.duration(doc, f.Retries.AtMost, "at_most is the longest wait between two tries: 1h", "retries", "at_most")
	return r
}

func (f *file) needs(doc *strictyaml.Doc) Needs {
	n := Needs{Jobs: f.Needs.Jobs}
	for i, job := range f.Needs.Jobs {
		if job == f.Name {
			doc.At("needs", "jobs", i).Report("a job cannot need itself")
		}
	}
	for i, source := range f.Needs.Sources {
		within, err := parseDays(source.Within)
		if err != nil || source.Name == "" {
			doc.At("needs", "sources", i).Report("a source is named as in svw.yaml, with its age: {name: ledger, received_within: 35d}")
		}
		n.Sources = append(n.Sources, Fresh{source.Name, within})
	}
	n.Wait = f.duration(doc, f.Needs.Wait, "wait says how long to wait for what is needed: 4h", "needs", "wait")
	return n
}

// duration reads a length of time above nought and reports, at its place, one that is none.
func (f *file) duration(doc *strictyaml.Doc, text, mistake string, at ...any) time.Duration {
	d, err := parseDays(text)
	if err != nil {
		doc.At(at...).Report("%s", mistake)
	}
	return d
}

// parseDays reads 35d as well as 6h and 90m.
func parseDays(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 1 || n > 3650 {
			return 0, errors.New("not a number of days")
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, errors.New("not a length of time")
	}
	return d, nil
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
