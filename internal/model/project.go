package model

import (
	"slices"
	"strings"

	"socialvalue/internal/sqlast"
)

// Kind says how the rows of a node come about.
type Kind string

// The kinds of nodes.
const (
	KindSQL       Kind = "sql"
	KindEstimator Kind = "estimator"
	KindReference Kind = "reference"
)

// Node is one relation the project makes.
type Node struct {
	Relation string // schema.name
	Kind     Kind
	File     string // the SQL or CSV file, or the YAML of an estimator
	SpecFile string
	Spec     Spec
	SQL      string    // the SELECT, without a closing semicolon
	Inputs   []string  // relations it reads, sorted
	Macros   []string  // macros it calls itself, sorted
	Ref      Reference // of reference data
	Comment  []string  // the block of comment lines its SQL begins with

	statement *sqlast.Statement
	overrides []Override // by people, in order
}

// Schema is the part of the relation's name before the point.
func (n *Node) Schema() string { return schemaOf(n.Relation) }

// IsView says whether the relation is made as a view.
func (n *Node) IsView() bool { return n.Spec.Materialise == "view" }

// Order is the order its rows are written in: as declared, else the key for what is published.
func (n *Node) Order() []string {
	if len(n.Spec.OrderBy) == 0 && n.Spec.Publish.IsPublished() {
		return n.Spec.Key
	}
	return n.Spec.OrderBy
}

// Column finds a declared column.
func (n *Node) Column(name string) (Column, bool) {
	i := slices.IndexFunc(n.Spec.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return n.Spec.Columns[i], true
}

// Query is a named question for analysts.
type Query struct {
	Name     string
	Question string // the comment it begins with
	Tier     string // open, or the domain whose file it runs on
	File     string
	SQL      string
	Reads    []string
}

// FreeCheck is a check that belongs to no single model.
type FreeCheck struct {
	SQLCheck
	File     string
	Datasets []string // held when it fails
}

// Project is everything under sql/, read and found to be sound.
type Project struct {
	Nodes      map[string]*Node // by relation
	Order      []string         // every relation after those it reads
	Macros     map[string]*Macro
	MacroOrder []string // every macro after those it calls
	Checks     []*FreeCheck
	Queries    []*Query
	Outside    map[string][]Column // relations that are read and not made here: raw.*, site.*
	LeftOut    []string            // relations that hang on feeds the site disabled, sorted

	dependents map[string][]string // relation → those that read it
}

// Columns are the declared columns of any relation the project reads or makes.
func (p *Project) Columns(relation string) ([]Column, bool) {
	if node, ok := p.Nodes[relation]; ok {
		return node.Spec.Columns, true
	}
	columns, ok := p.Outside[relation]
	return columns, ok
}

func schemaOf(relation string) string {
	schema, _, _ := strings.Cut(relation, ".")
	return schema
}

func nameOf(relation string) string {
	_, name, _ := strings.Cut(relation, ".")
	return name
}
