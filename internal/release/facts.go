//go:build duckdb_arrow

package release

import (
	"slices"
	"time"

	"socialvalue/internal/disclosure"
	"socialvalue/internal/manifest"
)

// EveryDomain is the domain of facts that concern the readers of every restricted
// file.
const EveryDomain = "all"

// Facts are what the meta tables tell about the release, given by whoever ran
// the earlier stages. A Domain is the restricted file whose readers it concerns,
// or EveryDomain; what has none is told to nobody.
type Facts struct {
	DataUpTo   map[string]time.Time // schema → last day its datasets cover
	Sources    []SourceFact
	Runs       []RunFact
	Checks     []CheckFact
	Quarantine []QuarantineFact
	Overrides  []OverrideFact
	Withheld   []disclosure.Suppression
	Ledger     *manifest.Ledger
	Baselines  []manifest.Baseline
}

// SourceFact says what came in from one source. Of a personal source the open
// tier says that it is there and how fresh it is, and counts nothing.
type SourceFact struct {
	Source          string
	Contract        string
	Domain          string
	Personal        bool
	Supplied        bool      // false: not configured, or nothing ever arrived
	DataTo          time.Time // last day the data cover; zero: unknown
	FilesTo         time.Time // the same by what the files say of themselves, and not by what happened to anybody; zero: unknown
	ReceivedAt      time.Time // arrival of the newest file; zero: never
	StaleAfter      time.Time // instant after which silence is news; zero: never
	SHA256          []string  // hashes of the files that are active
	RowsRead        int64
	RowsLoaded      int64
	RowsDuplicate   int64
	RowsQuarantined int64
	RowsSkipped     int64
	ControlTotalGBP string   // decimal text; empty: the source has none
	KeyIDs          []string // of the keys that stand for people; ids, not keys
	Bare            bool     // nothing is counted of it here, see bare
}

// Stale names the sources that have been silent for too long at a moment.
func Stale(sources []SourceFact, at time.Time) []string {
	return staleOf(sources, at, func(SourceFact) bool { return true })
}

func staleOf(sources []SourceFact, at time.Time, visible func(SourceFact) bool) []string {
	var names []string
	for _, source := range sources {
		if !source.StaleAfter.IsZero() && source.StaleAfter.Before(at) && visible(source) {
			names = append(names, source.Source)
		}
	}
	slices.Sort(names)
	return names
}

// RunFact is one run of the warehouse.
type RunFact struct {
	RunID         string
	Domain        string
	StartedAt     time.Time
	FinishedAt    time.Time // zero: the run that makes this release
	Status        string
	Reason        string // what started it
	DatasetsBuilt int64
}

// CheckFact is the outcome of one check.
type CheckFact struct {
	Check       string
	Dataset     string // the dataset checked; empty: the release as a whole
	Domains     []string
	Open        bool // about open datasets alone, so counted in the open manifest
	Severity    string
	Scope       string
	Outcome     string // passed, warned, failed
	Offending   int64
	Description string
}

// QuarantineFact is one row that was not loaded. Of a personal column the value
// is never written.
type QuarantineFact struct {
	Source        string
	Domain        string
	File          string
	Row           int64
	Column        string
	Rule          string
	Reason        string
	Value         string // as the loader masked it
	Personal      bool   // of the column
	LoadID        string
	QuarantinedAt time.Time
}

// OverrideFact is one correction made by a person. Of a personal column neither
// the value nor the record's key is written.
type OverrideFact struct {
	Dataset     string
	Domains     []string
	Column      string
	Key         string
	Value       string
	Personal    bool
	Reason      string
	DecidedBy   string
	DecidedOn   time.Time
	ExpiresOn   time.Time
	RowsChanged int64
}
