//go:build duckdb_arrow

package report

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"socialvalue/internal/manifest"
	"socialvalue/internal/query"
)

//go:embed page.html
var pageText string

// ErrNoIndicators says that the release has no scorecard to tell of.
var ErrNoIndicators = errors.New("the release has no indicators: the dataset indicators.scorecard is empty")

// Request is what a page is made for.
type Request struct {
	Site   string                 // its name
	Made   time.Time              // now: what is late is judged by it
	Exists func(path string) bool // whether a path below the folder of the release is there, to be listed as a download
}

// Page is what the template writes.
type Page struct {
	Site, Release, Made, Year   string
	Built, Software             Cell
	ReleaseKey                  string
	Glance                      []Glance
	Better, Worse, Level        []Measure // measures of the framework, by what became of them
	Roles                       []Role
	CommitmentYear              string
	Commitments                 []CommitmentRole
	Missing, MissingSupporting  []Measure
	Actions, ActionsOfOthers    []Action
	Published                   []Published
	Baselines                   []Baseline
	Domains                     []Domain
	Sources                     []Source
	SourceCount, SuppliedCount  string
	LateCount, QuarantinedCount string
	Downloads                   []Download
}

// Role is a role of the authority with its measures.
type Role struct {
	Role, Title          string
	Measures, Supporting []Measure
}

// Glance counts the measures of a role by how they stand.
type Glance struct {
	Role, Title                                    string
	Measures, Figure, Parts, Withheld, Missing, No string
	Better, Worse, Level                           string
}

// CommitmentRole is a role with its commitments.
type CommitmentRole struct {
	Role, Title string
	Rows        []Commitment
}

// Commitment is one promise and its state.
type Commitment struct {
	Key, Kind, Change, Status, Mood string
	ID, Text, Due, Owner, Evidence  Cell
}

// Action is what will be done about a measure or a deliverable.
type Action struct {
	Key                                   string
	Ref, About, Text, Owner, Due, Outcome Cell
	Kind, Status                          string
}

// Published is a figure as it was printed, beside what is computed now.
type Published struct {
	Key                                                   string
	Indicator, Year, Part, Printed, In, Computed, Differs Cell
	NeedsExplanation                                      bool
}

// Baseline is a frozen baseline.
type Baseline struct {
	Key, Year     string
	Version, Seal Cell
	FrozenOn      string
}

// Domain is a part of the release.
type Domain struct {
	Key, Name, Held, NotPublishable string
	UpTo                            Cell
}

// Source is a feed: how fresh and how complete it is.
type Source struct {
	Key                                           string
	Name, Domain, DataTo, Received, Due           Cell
	Read, Loaded, Duplicate, Quarantined, Skipped Cell
	State                                         string
}

// Download is a dataset and where it lies in the release.
type Download struct {
	Name  string
	Paths []string
}

// Write reads the open file of a release and writes its page.
func Write(ctx context.Context, file *query.File, request Request, out io.Writer) error {
	all, err := readContents(ctx, file)
	if err != nil {
		return err
	}
	if len(all.scorecard) == 0 || len(all.domains) == 0 {
		return ErrNoIndicators
	}
	page, err := template.New("page").Parse(pageText)
	if err != nil {
		return fmt.Errorf("read the page: %w", err)
	}
	if err := page.Execute(out, compose(all, request)); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

func compose(all contents, request Request) Page {
	measures := measuresOf(all)
	release := all.domains[0]
	page := Page{
		Site: request.Site, Made: request.Made.Format("2 January 2006"), Year: all.scorecard[0].text("financial_year"),
		Release: release.text("release_id"), ReleaseKey: key(release, "domain"),
		Built:    Cell{dayText(release.text("built_on")), "meta.release#built_at"},
		Software: textCell(release, "meta.release", "software_version", "not known"),
		Roles:    rolesOf(measures), Commitments: commitmentsOf(all.commitments),
		Published: publishedOf(all.published), Baselines: baselinesOf(all.baselines), Domains: domainsOf(all.domains),
		Downloads: downloadsOf(all, request.Exists),
	}
	page.Glance = glanceOf(page.Roles)
	page.Better, page.Worse, page.Level = ofNote(measures, isBetter), ofNote(measures, isWorse), ofNote(measures, isLevel)
	page.Sources = sourcesOf(all.sources, request.Made)
	page.SourceCount = whole(float64(len(page.Sources)))
	page.SuppliedCount = countOf(page.Sources, func(s Source) bool { return s.State != "not supplied" })
	page.LateCount = countOf(page.Sources, func(s Source) bool { return s.State == "late" })
	page.QuarantinedCount = countOf(all.sources, func(r record) bool { n, _ := r.number("rows_quarantined"); return n > 0 })
	page.Actions, page.ActionsOfOthers = actionsOf(all.actions)
	if len(all.commitments) > 0 {
		page.CommitmentYear = all.commitments[0].text("financial_year")
	}
	for _, m := range measures {
		switch {
		case !isMissing(m.Reason) || m.HasValue():
		case m.Kind == "framework":
			page.Missing = append(page.Missing, m)
		default:
			page.MissingSupporting = append(page.MissingSupporting, m)
		}
	}
	return page
}

func countOf[T any](list []T, counts func(T) bool) string {
	n := 0
	for _, item := range list {
		if counts(item) {
			n++
		}
	}
	return whole(float64(n))
}

// rolesOf sorts measures by role, in the framework's order; a role that has none is left out.
func rolesOf(measures []Measure) []Role {
	var sorted []Role
	for _, name := range roles() {
		role := Role{Role: name, Title: roleText(name)}
		for _, m := range measures {
			switch {
			case m.Role != name:
			case m.Kind == "framework":
				role.Measures = append(role.Measures, m)
			default:
				role.Supporting = append(role.Supporting, m)
			}
		}
		if len(role.Measures)+len(role.Supporting) > 0 {
			sorted = append(sorted, role)
		}
	}
	return sorted
}

// What became of a measure, where that can be said.
func isBetter(m Measure) bool { return m.Significance == "better" }
func isWorse(m Measure) bool  { return m.Significance == "worse" }
func isLevel(m Measure) bool {
	return m.Significance == "about_the_same" || m.Significance == "no_clear_change"
}

// ofNote are the measures of the framework of which something can be said.
func ofNote(measures []Measure, is func(Measure) bool) []Measure {
	return slices.DeleteFunc(slices.Clone(measures), func(m Measure) bool { return m.Kind != "framework" || !is(m) })
}

func glanceOf(sorted []Role) []Glance {
	var rows []Glance
	for _, role := range sorted {
		if len(role.Measures) == 0 {
			continue
		}
		count := func(is func(Measure) bool) string { return countOf(role.Measures, is) }
		rows = append(rows, Glance{
			Role: role.Role, Title: role.Title,
			Measures: count(func(Measure) bool { return true }),
			Better:   count(isBetter), Worse: count(isWorse), Level: count(isLevel),
			Figure:   count(Measure.HasValue),
			Parts:    count(func(m Measure) bool { return !m.HasValue() && m.Reason == "not_added" }),
			Withheld: count(func(m Measure) bool { return !m.HasValue() && m.Reason == "withheld" }),
			Missing:  count(func(m Measure) bool { return !m.HasValue() && isMissing(m.Reason) }),
			No: count(func(m Measure) bool {
				return !m.HasValue() && !isMissing(m.Reason) && m.Reason != "not_added" && m.Reason != "withheld"
			}),
		})
	}
	return rows
}

// downloadsOf lists what the page is made of and what the measures come from, as far as it lies in the release.
func downloadsOf(all contents, exists func(string) bool) []Download {
	list := []Download{{Name: "Everything open", Paths: []string{
		manifest.DatabasePath(manifest.OpenPlace), strings.TrimSuffix(manifest.DatabasePath(manifest.OpenPlace), ".duckdb") + ".xlsx", manifest.PathOf(manifest.OpenPlace),
	}}}
	for _, row := range all.datasets {
		name := row.text("dataset")
		isSource := slices.ContainsFunc(all.scorecard, func(r record) bool { return r.text("source_dataset") == name })
		if isSource || strings.HasPrefix(name, "indicators.") {
			list = append(list, Download{name, []string{manifest.DatasetPath(manifest.OpenPlace, name, "parquet"), manifest.DatasetPath(manifest.OpenPlace, name, "csv")}})
		}
	}
	for i := range list {
		list[i].Paths = slices.DeleteFunc(list[i].Paths, func(path string) bool { return !exists(path) })
	}
	return slices.DeleteFunc(list, func(d Download) bool { return len(d.Paths) == 0 })
}
