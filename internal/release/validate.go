//go:build duckdb_arrow

package release

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"socialvalue/internal/manifest"
)

// names are the patterns that names in a plan must match, since they become
// folders, files and unquoted SQL.
type names struct {
	dataset, column, word *regexp.Regexp
}

func newNames() names {
	return names{
		dataset: regexp.MustCompile(`^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$`),
		column:  regexp.MustCompile(`^[a-z_][a-z0-9_]*$`),
		word:    regexp.MustCompile(`^[a-z][a-z0-9_]*$`),
	}
}

// validate reports everything about a plan that cannot be released.
func (p Plan) validate() error {
	wrong := []error{p.DefinitionProblems()}
	if p.DuckDB == "" {
		wrong = append(wrong, errors.New("plan: no DuckDB version given"))
	}
	for _, dataset := range p.Datasets {
		if dataset.InputsHash == "" {
			wrong = append(wrong, fmt.Errorf("%s: no inputs hash given", dataset.defined()))
		}
		if _, judged := p.Masks[dataset.Name]; dataset.Tier == manifest.TierOpen && !judged {
			wrong = append(wrong, fmt.Errorf("%s: disclosure control has not judged this open dataset", dataset.defined()))
		}
	}
	return errors.Join(wrong...)
}

// defined is the dataset with the file that defines it.
func (d Dataset) defined() string {
	if d.DefinedIn == "" {
		return d.Name
	}
	return d.DefinedIn + ": " + d.Name
}

// DefinitionProblems reports what cannot be released for the way its datasets,
// macros and questions are defined, so that it is known before anything is built.
func (p Plan) DefinitionProblems() error {
	var wrong []error
	add := func(where, format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("%s: %s", where, fmt.Sprintf(format, args...)))
	}
	pattern := newNames()
	items, places := layout(p)
	at := map[string][]string{} // item → places
	for _, it := range items {
		if at[it.Name] != nil {
			add(it.Name, "two datasets have this name")
		}
		at[it.Name] = it.places
	}
	own := metaNames()
	for name := range own {
		at[name] = places
	}
	for _, dataset := range p.Datasets {
		where := dataset.defined()
		if own[dataset.Name] {
			add(where, "this name belongs to the release itself: name the model otherwise")
		}
		for _, problem := range dataset.problems(pattern) {
			add(where, "%s", problem)
		}
		for _, read := range dataset.Reads {
			for _, place := range at[dataset.Name] {
				if !slices.Contains(at[read], place) {
					add(where, "the view reads %s, which does not stand in the %s file with it", read, place)
				}
			}
		}
	}
	for _, query := range p.Queries {
		if !pattern.word.MatchString(query.Name) {
			add("query "+query.Name, "not a name: use lower case letters, digits and _")
		}
		if !slices.Contains(places, query.Tier) {
			add("query "+query.Name, "its tier is %q, but this release has only: %s", query.Tier, strings.Join(places, ", "))
		}
	}
	for _, macro := range p.Macros {
		if !pattern.word.MatchString(macro.Name) || macro.Description == "" {
			add("macro "+macro.Name, "a macro needs a name in lower case and a description")
		}
	}
	return errors.Join(wrong...)
}

// problems lists what is wrong with the dataset by itself.
func (d Dataset) problems(pattern names) []string {
	var found []string
	add := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	if !pattern.dataset.MatchString(d.Name) || strings.HasSuffix(d.Name, manifest.InternalSuffix) {
		add("not a dataset name: use schema.table in lower case, not ending in %s", manifest.InternalSuffix)
	}
	switch d.Kind {
	case manifest.KindTable:
		if !d.has("parquet") {
			add("a table is always written as Parquet: add parquet to its formats")
		}
		if len(d.OrderBy)+len(d.Key) == 0 {
			add("neither order_by nor key: its files would differ from run to run")
		}
	case manifest.KindView:
		if d.ViewSQL == "" || len(d.Reads) == 0 {
			add("a view needs its SELECT and the relations it reads")
		}
	default:
		add("kind %q is neither table nor view", d.Kind)
	}
	for _, format := range d.Formats {
		if format != "parquet" && format != "csv" {
			add("format %q is neither parquet nor csv", format)
		}
	}
	if d.Tier != manifest.TierOpen && d.Tier != manifest.TierRestricted {
		add("tier %q is neither open nor restricted", d.Tier)
	}
	if d.Tier == manifest.TierOpen && d.Licence == "" {
		add("an open dataset needs a licence")
	}
	if d.Tier == manifest.TierRestricted && len(d.domains()) == 0 {
		add("a restricted dataset of the shared schema %s needs its domains", d.schema())
	}
	for _, domain := range d.domains() {
		if !pattern.word.MatchString(domain) || domain == manifest.OpenPlace || domain == EveryDomain {
			add("%q is not a name for a domain", domain)
		}
	}
	if d.DayColumn != "" && (d.Tier != manifest.TierRestricted || d.has("csv")) {
		add("a dataset cut into days is restricted, and lies in Parquet alone")
	}
	if d.Description == "" || d.Grain == "" {
		add("description and grain must be given")
	}
	return append(found, d.columnProblems(pattern)...)
}

// columnProblems lists what is wrong with the dataset's columns.
func (d Dataset) columnProblems(pattern names) []string {
	var found []string
	seen := map[string]bool{}
	for _, column := range d.Columns {
		if _, err := manifest.ParseType(column.Type); err != nil {
			found = append(found, fmt.Sprintf("column %s: %v", column.Name, err))
		}
		switch {
		case !pattern.column.MatchString(column.Name):
			found = append(found, fmt.Sprintf("column %q: use lower case letters, digits and _", column.Name))
		case seen[column.Name]:
			found = append(found, fmt.Sprintf("column %s stands twice", column.Name))
		case column.Description == "":
			found = append(found, fmt.Sprintf("column %s needs a description", column.Name))
		}
		seen[column.Name] = true
	}
	if len(d.Columns) == 0 {
		found = append(found, "no columns")
	}
	for _, name := range slices.Concat(d.Key, d.OrderBy) {
		if !seen[name] {
			found = append(found, fmt.Sprintf("%s is in its key or order but is not one of its columns", name))
		}
	}
	return found
}
