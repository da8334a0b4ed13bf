// Package doctor looks for everything that could be wrong with a site and the
// machine it stands on, before a night is lost to it. Each finding says how to
// mend it. It changes nothing.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"socialvalue/internal/contract"
	"socialvalue/internal/durable"
	"socialvalue/internal/inspect"
	"socialvalue/internal/intake"
	"socialvalue/internal/layout"
	"socialvalue/internal/pipeline"
	"socialvalue/internal/runreport"
	"socialvalue/internal/schedule"
	"socialvalue/internal/site"
	"socialvalue/internal/workspace"
)

// Level says how bad a finding is.
type Level string

// The levels of findings.
const (
	OK   Level = "ok"
	Warn Level = "warn" // it works, and somebody should know
	Fail Level = "fail" // a run would fail or do wrong
)

// Finding is one thing looked at.
type Finding struct {
	Level   Level  `json:"level"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	Remedy  string `json:"remedy,omitempty"`
}

// Patient is what is examined.
type Patient struct {
	Site      *site.Site
	Files     fs.FS
	Overrides []site.Override
	Lowered   []site.Lowered // where the site keeps more of people than the built-in files do
	Now       time.Time
	Environ   func(name string) (string, bool)                        // looks an environment variable up
	Model     func(ctx context.Context) (leftOut []string, err error) // reads the SQL project, which is sound without an error
	Release   func(ctx context.Context) error                         // verifies the current release
	OnHold    func() (string, error)                                  // the rollback that holds releasing; empty: none
	Access    func(ctx context.Context) (workspace.AccessStanding, error)

	Corrections func(ctx context.Context) (inForce int, err error) // reads what people corrected
	Keys        func() ([]intake.KeyStanding, error)
	Aside       func(ctx context.Context) ([]runreport.AsideObject, error)
	Baselines   func(ctx context.Context) error // reads every frozen baseline again
	Templates   func() error                    // reads the workbooks to send out
}

// leastFree is the free disk below which a run is likely to fail: a release of
// the fixtures needs a tenth of it.
const leastFree = 1 << 30

// Examine looks at everything and returns the findings, in a fixed order.
func Examine(ctx context.Context, p Patient) []Finding {
	var findings []Finding
	add := func(level Level, subject, text, remedy string) {
		findings = append(findings, Finding{level, subject, text, remedy})
	}
	p.configuration(add)
	if leftOut, err := p.Model(ctx); err != nil {
		add(Fail, "models", err.Error(), "mend the named files")
	} else {
		add(OK, "models", "every model, macro, check and question is sound"+leftOutText(leftOut), "")
		p.corrections(ctx, add)
	}
	p.overrides(add)
	p.lowered(add)
	p.sources(add)
	p.schedules(add)
	p.disk(add)
	p.memory(add)
	p.keys(add)
	p.passwords(add)
	p.aside(ctx, add)
	if err := p.Release(ctx); err != nil {
		add(Fail, "release", err.Error(), "make another with svw run; the folder named is kept for inspection")
	} else {
		add(OK, "release", "the current release, if there is one, verifies", "")
	}
	if err := p.Baselines(ctx); err != nil {
		add(Fail, "baselines", err.Error(), "restore the named folder from a backup; svw baseline verify reads them again")
	}
	if err := p.Templates(); err != nil {
		add(Fail, "templates", err.Error(), "mend the named files; svw templates would make workbooks that cannot be read when they come back")
	}
	p.access(ctx, add)
	switch hold, err := p.OnHold(); {
	case err != nil:
		add(Fail, "hold", err.Error(), "mend the named file, or copy it from a backup")
	case hold != "":
		add(Warn, "hold", "runs build and do not release: "+hold, "when the cause is mended, svw releases resume")
	}
	return findings
}

// leftOutText says how many relations go with the pipelines that the site
// disabled, by schema.
func leftOutText(relations []string) string {
	if len(relations) == 0 {
		return ""
	}
	count := make(map[string]int)
	for _, relation := range relations {
		schema, _, _ := strings.Cut(relation, ".")
		count[schema]++
	}
	var parts []string
	for _, schema := range slices.Sorted(maps.Keys(count)) {
		parts = append(parts, fmt.Sprintf("%d of %s", count[schema], schema))
	}
	return fmt.Sprintf("; %d relations are left out with the pipelines that are disabled: %s", len(relations), strings.Join(parts, ", "))
}

// access looks whether each domain has a group, and whether the current release lets in whom the site says.
func (p Patient) access(ctx context.Context, add adder) {
	standing, err := p.Access(ctx)
	switch {
	case err != nil:
		add(Fail, "groups", err.Error(), "mend groups in svw.yaml, or the groups of this machine")
		return
	case standing.Exposed != nil:
		add(Fail, "groups", standing.Exposed.Error(), "svw run sets groups and modes; what others could read meanwhile, they may have read")
	}
	if len(standing.Ungrouped) > 0 {
		add(Warn, "groups", "without a group of their own: "+strings.Join(standing.Ungrouped, ", ")+"; whoever is in the group of the account that runs svw may read them",
			"make a group for each, and name it in svw.yaml, as groups: {"+standing.Ungrouped[0]+": svw-"+standing.Ungrouped[0]+"}")
	} else if standing.Exposed == nil {
		add(OK, "groups", "every domain has its group, and the current release, if there is one, lets in whom it should", "")
	}
}

type adder func(level Level, subject, text, remedy string)

// configuration reads pipelines and contracts and holds the sources against them.
func (p Patient) configuration(add adder) {
	contracts, err := contract.LoadAll(p.Files)
	if err != nil {
		add(Fail, "contracts", err.Error(), "mend the named files")
		return
	}
	pipelines, err := pipeline.LoadAll(p.Files)
	if err != nil {
		add(Fail, "pipelines", err.Error(), "mend the named files")
		return
	}
	for _, name := range slices.Sorted(maps.Keys(pipelines)) {
		if said := pipelines[name]; said.Retention.StoreYears > 0 && !said.Personal {
			add(Warn, "retention", "pipelines/"+name+"/pipeline.yaml says store_years and is about nobody: its rows are the record and stay for ever",
				"remove store_years, or say personal: true if its rows are about people")
		}
	}
	columns := make(map[string][]layout.Column, len(contracts))
	for ref, c := range contracts {
		columns[ref] = c.LayoutColumns()
	}
	if err := p.Site.CheckContracts(columns); err != nil {
		add(Fail, "sources", err.Error(), "mend svw.yaml at the named lines")
		return
	}
	add(OK, "configuration", fmt.Sprintf("svw.yaml, %d contracts and %d sources agree", len(contracts), len(p.Site.Sources)), "")
}

// corrections reads what people corrected; without sound models they cannot be
// held against them.
func (p Patient) corrections(ctx context.Context, add adder) {
	inForce, err := p.Corrections(ctx)
	if err != nil {
		add(Fail, "corrections", err.Error(), "mend the named lines, or remove them")
		return
	}
	add(OK, "corrections", fmt.Sprintf("%d in force", inForce), "")
}

// overrides lists the site's own files, and warns of those below which the
// built-in file has changed.
func (p Patient) overrides(add adder) {
	for _, override := range p.Overrides {
		text := fmt.Sprintf("the site has its own %s (%s)", override.Path, override.Kind)
		say := "compare it with the built-in file"
		if line := override.BaseLine(); line != "" {
			say += ", then write the line: " + line
		}
		switch {
		case override.Kind == site.Added:
			add(OK, "overrides", text, "")
		case override.Kind == site.Disabled:
			add(Warn, "overrides", text, "delete the file to have the built-in one back")
		case override.MadeFromThis():
			add(OK, "overrides", text+", made from the built-in file as it is now", "")
		case override.Base != "":
			add(Warn, "overrides", text+fmt.Sprintf("; the built-in file has changed since: it was %s and is %s", short(override.Base), short(override.BuiltIn)), say)
		default:
			add(Warn, "overrides", text+", and does not say which built-in file it was made from; that is "+short(override.BuiltIn)+" now", say)
		}
	}
}

// lowered lists what was decided to be kept of people beside what the program
// keeps.
func (p Patient) lowered(add adder) {
	for _, l := range p.Lowered {
		text := "the site's " + l.File + " says " + l.Is + ", and the built-in file " + l.Was
		if l.Column != "" {
			text = fmt.Sprintf("the site's %s keeps more of column %s: it says %s, and the built-in file %s", l.File, l.Column, l.Is, l.Was)
		}
		add(Warn, "less protected", fmt.Sprintf("%s; reviewed by %s on %s: %s", text, l.ReviewedBy, l.On.Format(time.DateOnly), l.Reason),
			"to undo it, follow the built-in file again and remove the line under less_protected of svw.yaml")
		if l.On.After(p.Now) {
			add(Fail, "less protected", l.File+": the day of the decision has not come yet", "write the day on which it was reviewed")
		}
	}
}

func short(hash string) string { return hash[:min(12, len(hash))] }

// sources looks whether files are where the sources say, and can be read.
func (p Patient) sources(add adder) {
	for _, source := range p.Site.Sources {
		subject, from := "source "+source.Name, p.relative(source.From)
		listing := intake.Matching(p.Site, source)
		switch {
		case len(listing.Errors) > 0:
			add(Fail, subject, errors.Join(listing.Errors...).Error(), "let the account that runs svw read it, or mend `from` at "+source.Where)
		case len(listing.Found) > 0:
			add(OK, subject, fmt.Sprintf("%d files match %s", len(listing.Found), from), "")
		case len(listing.Skipped) > 0:
			add(Warn, subject, fmt.Sprintf("no file to read matches %s; %s: %s", from, listing.Skipped[0].Name, listing.Skipped[0].Reason), "rename what is to be read")
		default:
			add(Warn, subject, "no file matches "+from, "put files there, or remove the source if the feed does not exist; until then its tables are empty")
		}
	}
}

func (p Patient) relative(path string) string {
	if rel, err := filepath.Rel(p.Site.Root, path); err == nil {
		return rel
	}
	return path
}

func (p Patient) schedules(add adder) {
	schedules, err := inspect.Schedules(workspace.Environment{Site: p.Site, Files: p.Files})
	if err != nil {
		add(Fail, "schedules", err.Error(), "mend the named files")
		return
	}
	for _, s := range schedules {
		if !s.Enabled {
			continue
		}
		next := s.Next(p.Now)
		if next.IsZero() {
			add(Fail, "schedule "+s.Name, "it is never due", "mend its cron line")
			continue
		}
		add(OK, "schedule "+s.Name, "next due "+next.In(s.Location).Format("Mon 2 Jan 2006 15:04 MST"), "")
	}
	p.unread(schedules, add)
}

// unread names the sources whose files no job takes in: they would wait in their folder until a person runs the pipeline.
func (p Patient) unread(schedules []schedule.Schedule, add adder) {
	waiting := make(map[string][]string)
	for _, source := range p.Site.Sources {
		pipeline := workspace.PipelineOf(source.Contract)
		if !slices.ContainsFunc(schedules, func(s schedule.Schedule) bool { return s.Reads(pipeline) }) {
			waiting[pipeline] = append(waiting[pipeline], source.Name)
		}
	}
	for _, pipeline := range slices.Sorted(maps.Keys(waiting)) {
		add(Warn, "schedules", fmt.Sprintf("no enabled job reads the pipeline %s, so nothing of %s is taken in by itself", pipeline, strings.Join(waiting[pipeline], ", ")),
			"add "+pipeline+" to the pipelines of a job in schedules/, or take it out of except; or run svw run "+pipeline+" by hand")
	}
}

// disk looks whether the warehouse lies on one file system with room, and can
// be written.
func (p Patient) disk(add adder) {
	w := p.Site.Warehouse
	if err := w.Create(); err != nil {
		add(Fail, "warehouse", err.Error(), "let the account that runs svw write there")
		return
	}
	devices := map[uint64][]string{}
	for _, dir := range []string{w.Landing(), w.Store(), w.Build(), w.State(), w.Releases(), w.Publications()} {
		var stat unix.Stat_t
		if err := unix.Stat(dir, &stat); err != nil {
			add(Fail, "warehouse", fmt.Sprintf("%s: %v", dir, err), "look at the disk")
			return
		}
		devices[stat.Dev] = append(devices[stat.Dev], filepath.Base(dir))
	}
	if len(devices) > 1 {
		var groups []string
		for _, names := range devices {
			groups = append(groups, strings.Join(names, "+"))
		}
		slices.Sort(groups)
		add(Fail, "warehouse", "its folders lie on several file systems: "+strings.Join(groups, " | "), "put the whole warehouse on one: files move by renaming")
	}
	if problem := writable(w.Build()); problem != nil {
		add(Fail, "warehouse", problem.Error(), "let the account that runs svw write there")
	}
	free, err := durable.Free(w.Root)
	if err != nil {
		add(Fail, "disk", err.Error(), "look at the disk")
		return
	}
	available := int64(free) //nolint:gosec // a disk of 8 EiB is far away
	text := fmt.Sprintf("%.1f GB free", float64(available)/1e9)
	switch {
	case available < leastFree:
		add(Fail, "disk", text, "free some: a release is written beside the one before it")
	case p.Site.DuckDB.TempLimit.Bytes > available:
		add(Warn, "disk", text+", less than duckdb.temp_limit of "+p.Site.DuckDB.TempLimit.Text, "lower temp_limit, or free some")
	default:
		add(OK, "disk", text, "")
	}
	add(Warn, "disk encryption", "svw cannot see whether the disk is encrypted, and does not encrypt files itself",
		"use an encrypted disk for the warehouse, and say so in the data protection impact assessment")
}

func writable(dir string) error {
	file, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return fmt.Errorf("cannot write: %w", err)
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

func (p Patient) memory(add adder) {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		add(Warn, "memory", err.Error(), "")
		return
	}
	total := int64(info.Totalram) * int64(info.Unit) //nolint:gosec // memory of 8 EiB is far away
	text := fmt.Sprintf("duckdb.memory_limit is %s of %.1f GB", p.Site.DuckDB.MemoryLimit.Text, float64(total)/1e9)
	if p.Site.DuckDB.MemoryLimit.Bytes > total*4/5 {
		add(Warn, "memory", text, "leave a fifth of the memory to the rest of the machine")
		return
	}
	add(OK, "memory", text, "")
}

// passwords looks whether the passwords of locked workbooks can be read.
func (p Patient) passwords(add adder) {
	for _, source := range p.Site.Sources {
		if source.Password == "" {
			continue
		}
		if _, err := source.Password.Read(p.Site.Root, p.Environ); err != nil {
			add(Fail, "password of "+source.Name, err.Error(), "until it can be read, locked workbooks of this source are refused")
			continue
		}
		add(OK, "password of "+source.Name, "it can be read", "")
	}
}

// aside names what lies in the store and counts nowhere.
func (p Patient) aside(ctx context.Context, add adder) {
	objects, err := p.Aside(ctx)
	if err != nil {
		add(Fail, "store", err.Error(), "look at the disk")
		return
	}
	for _, object := range objects {
		add(Warn, "store", object.String(), object.Remedy())
	}
	if len(objects) == 0 {
		add(OK, "store", "no accepted rows are set aside", "")
	}
}
