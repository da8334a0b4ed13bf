//go:build duckdb_arrow

package manifest

// Tier says who may see a dataset.
type Tier string

// The two tiers of a release.
const (
	TierOpen       Tier = "open"       // disclosure-controlled, candidate for publication
	TierRestricted Tier = "restricted" // one group of people per domain
)

// Kind says how a dataset stands in a DuckDB file.
type Kind string

// The kinds of dataset. A view has no Parquet and no CSV.
const (
	KindTable Kind = "table"
	KindView  Kind = "view"
)

// Period says when the rows of a dataset may become public. The zero value
// stands for always.
type Period struct {
	Kind      string `json:"kind,omitempty"` // year, quarter, month or snapshot
	Column    string `json:"column,omitempty"`
	DelayDays int    `json:"delay_days,omitempty"`
}

// Column is one published column.
type Column struct {
	Name        string `json:"name"`
	Type        string `json:"type"` // DuckDB type
	Unit        string `json:"unit,omitempty"`
	Description string `json:"description"`
	Example     string `json:"example,omitempty"`
	Personal    string `json:"personal,omitempty"`     // class of personal data; empty means none
	Deprecated  string `json:"deprecated,omitempty"`   // why it goes, and what takes its place
	RenamedFrom string `json:"renamed_from,omitempty"` // the deprecated column whose place it takes
}
