package model

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"socialvalue/internal/disclosure"
	"socialvalue/internal/figure"
)

// Spec is the YAML beside a model: what its rows are and must be.
type Spec struct {
	Grain       string              `yaml:"grain"`
	Description string              `yaml:"description"`
	Owner       string              `yaml:"owner"`
	Key         []string            `yaml:"key"`
	OrderBy     []string            `yaml:"order_by"`
	Materialise string              `yaml:"materialise"` // table (default), view or incremental(COLUMN)
	Days        Days                `yaml:"days"`        // of an incremental relation
	Columns     []Column            `yaml:"columns"`
	Checks      []SQLCheck          `yaml:"checks"`
	Tests       []Test              `yaml:"tests"`
	Publish     Publish             `yaml:"publish"`
	Headline    []figure.Headline   `yaml:"headline"`
	Explain     *figure.Explanation `yaml:"explain"`
	Estimator   string              `yaml:"estimator"` // name@version; then there is no .sql
	Union       string              `yaml:"union"`     // pattern of the relations whose rows it is; then there is no .sql either
	// LeavesWithMembers says that a union is left out where the site disables all its members; else it stays, empty.
	LeavesWithMembers bool              `yaml:"leaves_with_members"`
	Inputs            map[string]string `yaml:"inputs"` // of an estimator: its name for an input → relation
	Parameters        map[string]any    `yaml:"parameters"`
	Disabled          bool              `yaml:"disabled"` // a site switches the model off
}

// Publish says where a relation is released.
type Publish struct {
	Tier       string            `yaml:"tier"` // open, restricted or none (default)
	Domain     string            `yaml:"domain"`
	Domains    []string          `yaml:"domains"`
	Period     string            `yaml:"period"`    // year, quarter, month or snapshot: what must be closed before its rows are public
	Delay      string            `yaml:"delay"`     // days after the end of a period until it is closed, such as 30d
	Announced  string            `yaml:"announced"` // column that says which rows are open (BOOLEAN), or since when (DATE)
	Licence    string            `yaml:"licence"`
	Formats    []string          `yaml:"formats"`
	Disclosure *disclosure.Rules `yaml:"disclosure"`
	// NotAboutPeople says why nothing in an open relation is about people, although something it is made from is.
	NotAboutPeople string `yaml:"not_about_people"`
	// OfOpenForms says that what is released is made once more, from the open forms of what it is made from.
	OfOpenForms bool `yaml:"of_open_forms"`
	// Internal says, as "none", that no released file holds an open relation about people unprotected.
	Internal string `yaml:"internal"`
}

// IsPublished says whether a relation leaves the build database.
func (p Publish) IsPublished() bool { return p.Tier == "open" || p.Tier == "restricted" }

// AllDomains are the domains of a restricted relation, however they were written.
func (p Publish) AllDomains() []string {
	if p.Domain == "" {
		return p.Domains
	}
	return append([]string{p.Domain}, p.Domains...)
}

// Severity says what a failing check does.
type Severity string

// A check that fails holds its datasets back, or is only reported.
const (
	SeverityError Severity = "error"
	SeverityWarn  Severity = "warn"
)

// Scope says how far a failing check reaches.
type Scope string

// A failing check holds back datasets and their dependents, or the whole release.
const (
	ScopeDataset Scope = "dataset"
	ScopeRelease Scope = "release"
)

// SQLCheck is SQL that gives the rows that should not be there.
type SQLCheck struct {
	Name        string   `yaml:"name"`
	Description string   `yaml:"description"`
	Severity    Severity `yaml:"severity"`
	Scope       Scope    `yaml:"scope"`
	SQL         string   `yaml:"sql"`
	Reads       []string `yaml:"-"` // relations the SQL reads
	Macros      []string `yaml:"-"` // macros it calls
	Canonical   string   `yaml:"-"` // the SQL as DuckDB parses it
}

// ColumnCheck is one rule for the values of a column. NULL passes all but not_null.
type ColumnCheck struct {
	Kind       string   // not_null, unique, in, min, max, pattern or references
	Values     []string // in
	Value      string   // min, max, pattern
	References string   // schema.relation.column
	Severity   Severity
}

// UnmarshalYAML reads "not_null", "unique" or one rule with its value, such as {min: 0} or {in: [a, b], severity: warn}.
func (c *ColumnCheck) UnmarshalYAML(n *yaml.Node) error {
	c.Severity = SeverityError
	if n.Kind == yaml.ScalarNode {
		if n.Value != "not_null" && n.Value != "unique" {
			return fmt.Errorf("unknown check %q: write %s", n.Value, columnCheckKinds)
		}
		c.Kind = n.Value
		return nil
	}
	if n.Kind != yaml.MappingNode {
		return errors.New("a check is " + columnCheckKinds)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if err := c.take(n.Content[i].Value, n.Content[i+1]); err != nil {
			return err
		}
	}
	if c.Kind == "" {
		return errors.New("a check without a rule: write " + columnCheckKinds)
	}
	return nil
}

const columnCheckKinds = "not_null, unique, {in: […]}, {min: …}, {max: …}, {pattern: …} or {references: schema.relation.column}"

func (c *ColumnCheck) take(key string, value *yaml.Node) error {
	if key == "severity" {
		c.Severity = Severity(value.Value)
		return severityProblem(c.Severity)
	}
	if c.Kind != "" {
		return fmt.Errorf("two rules in one check (%s, %s): give each its own entry in the list", c.Kind, key)
	}
	c.Kind = key
	switch key {
	case "not_null", "unique":
		if value.Value != "true" {
			return fmt.Errorf("%s takes no value: write %s alone", key, key)
		}
	case "in":
		if value.Kind != yaml.SequenceNode || len(value.Content) == 0 {
			return errors.New("in expects a list of values: {in: [a, b]}")
		}
		for _, item := range value.Content {
			c.Values = append(c.Values, item.Value)
		}
	case "min", "max", "pattern":
		if value.Kind != yaml.ScalarNode || value.Value == "" {
			return fmt.Errorf("%s expects one value", key)
		}
		c.Value = value.Value
	case "references":
		if strings.Count(value.Value, ".") != 2 {
			return errors.New("references expects schema.relation.column")
		}
		c.References = value.Value
	default:
		return fmt.Errorf("unknown check %q: write %s", key, columnCheckKinds)
	}
	return nil
}

// ReferencesColumn splits schema.relation.column.
func (c ColumnCheck) ReferencesColumn() (relation, column string) {
	i := strings.LastIndexByte(c.References, '.')
	return c.References[:max(i, 0)], c.References[i+1:]
}

func severityProblem(s Severity) error {
	if s != SeverityError && s != SeverityWarn {
		return errors.New("severity is error or warn")
	}
	return nil
}

// Test is a unit test of a model: the rows it makes from a few given ones.
type Test struct {
	Name   string           `yaml:"name"`
	Rule   string           `yaml:"rule"` // the rule of the methods it shows, such as E17
	Given  map[string][]Row `yaml:"given"`
	Expect []Row            `yaml:"expect"`
	Match  string           `yaml:"match"` // exact (default) or subset
}

// Row is a row of a test; columns it does not name are NULL in given, and not compared in expect.
type Row map[string]Value

// Value is a value of a test as it is written; DuckDB casts it to the column's type.
type Value struct {
	Text    string
	NotNull bool // the zero Value is NULL, as YAML leaves it
}

// UnmarshalYAML reads any scalar, or a list of them.
func (v *Value) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		v.Text, v.NotNull = n.Value, true
		return nil
	}
	nested := func(item *yaml.Node) bool { return item.Kind != yaml.ScalarNode }
	if n.Kind != yaml.SequenceNode || slices.ContainsFunc(n.Content, nested) {
		return errors.New("expects one value or a plain list of values")
	}
	items := make([]string, len(n.Content))
	for i, item := range n.Content {
		items[i] = item.Value
	}
	v.Text, v.NotNull = "["+strings.Join(items, ", ")+"]", true
	return nil
}
