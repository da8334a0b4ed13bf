//go:build duckdb_arrow

package release

import (
	"slices"
	"strings"

	"socialvalue/internal/disclosure"
	"socialvalue/internal/figure"
	"socialvalue/internal/manifest"
)

// Plan is everything one release is made from.
type Plan struct {
	RunID         string
	Software      string // version of this program
	DuckDB        string // version of DuckDB inside it, as the database reports it
	SchemaVersion string // version of the published schema as a whole
	Publisher     string // name of the authority, for the catalogue
	Datasets      []Dataset
	Macros        []Macro
	Queries       []Query
	Masks         disclosure.Masks  // one entry for every open dataset
	Edition       *manifest.Edition // this is a publication: open datasets alone, sealed
	Facts         Facts
	// RewriteDatabases has every DuckDB file written whole: after an erasure, rows
	// must not live on in the holes of a file that was mended.
	RewriteDatabases bool
}

// Dataset is one published relation.
type Dataset struct {
	Name          string // schema.table
	DefinedIn     string // the file that defines it, for messages
	Kind          manifest.Kind
	ViewSQL       string   // of a view: its SELECT, over relations of the same DuckDB file
	Reads         []string // of a view: those relations
	Macros        []string // of a view: the macros it calls, and those that they call
	Tier          manifest.Tier
	Domains       []string // restricted files that hold it; empty: the domain named as its schema
	Columns       []manifest.Column
	Description   string
	Grain         string
	Key           []string
	OrderBy       []string // total order of the rows, where the key follows
	Formats       []string // parquet, csv
	Licence       string
	SchemaVersion int
	InputsHash    string            // fingerprint of the relation's content in the build database
	Held          bool              // stays at its content in the current release
	Rules         *disclosure.Rules // its `disclosure:` section: it counts people
	People        []string          // columns that count people; none: it is not about people
	Announced     string            // column that says which rows are open
	OpenForms     []string          // datasets about people whose open form it is made of
	NoInternal    bool              // no file holds its unprotected form, or says why a cell of it is withheld
	Period        manifest.Period   // what must be closed before its rows are public
	Headlines     []figure.Headline // what is told of a change
	DayColumn     string            // of a dataset cut into days: the DATE it is cut by
	Days          []Day             // that have rows, in their order
}

// Macro is a scalar function that every DuckDB file carries.
type Macro struct {
	Name        string
	SQL         string // one `create macro` statement with an unqualified name
	Description string
}

// Query is a named question, shipped as queries/<name>.sql.
type Query struct {
	Name  string
	SQL   string
	Tier  string   // open, or the domain whose file answers it
	Reads []string // the relations it asks
}

// schema is the part of the dataset's name before the dot.
func (d Dataset) schema() string {
	schema, _, _ := strings.Cut(d.Name, ".")
	return schema
}

// has says whether the dataset is written in a format.
func (d Dataset) has(format string) bool { return slices.Contains(d.Formats, format) }

// hasColumn says whether the dataset has a column of that name.
func (d Dataset) hasColumn(name string) bool {
	return slices.ContainsFunc(d.Columns, func(c manifest.Column) bool { return c.Name == name })
}

// PeriodInKey is the column that says a row's period, where it is of the key; else empty.
func (d Dataset) PeriodInKey() string {
	if slices.Contains(d.Key, d.Period.Column) {
		return d.Period.Column
	}
	return ""
}

// DisclosureColumns are the dataset's columns as disclosure control sees them.
func (d Dataset) DisclosureColumns() []disclosure.Column {
	columns := make([]disclosure.Column, len(d.Columns))
	for i, column := range manifest.Canonical(d.Columns) {
		columns[i] = disclosure.Column{Name: column.Name, Type: column.Type, Personal: column.Personal}
	}
	return columns
}

// OpenRelations lists what disclosure control has to judge before a plan can be
// composed.
func OpenRelations(datasets []Dataset) []disclosure.Relation {
	var open []disclosure.Relation
	for _, dataset := range datasets {
		if dataset.Tier != manifest.TierOpen {
			continue
		}
		relation := disclosure.Relation{
			Name: dataset.Name, DefinedIn: dataset.DefinedIn, Source: dataset.Name, Key: dataset.Key,
			InputsHash: dataset.InputsHash, Rules: dataset.Rules, Announced: dataset.Announced, Held: dataset.Held,
			Columns: dataset.DisclosureColumns(),
		}
		open = append(open, relation)
	}
	return open
}
