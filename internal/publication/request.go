//go:build duckdb_arrow

package publication

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"socialvalue/internal/disclosure"
	"socialvalue/internal/durable"
	"socialvalue/internal/manifest"
	"socialvalue/internal/release"
	"socialvalue/internal/shelf"
	"socialvalue/internal/warehouse"
)

// Publisher makes editions of one warehouse.
type Publisher struct {
	DB         *warehouse.DB // an empty one to work in
	Releases   string        // the folder of releases
	Root       string        // the folder of publications
	Ledger     disclosure.Ledger
	Thresholds disclosure.Thresholds
	Calendar   Calendar
	Now        func() time.Time
	Today      time.Time // the local day
	Disk       durable.Disk
	Reader     []string // command that verifies a DuckDB file, see release.Composer
	Authority  string   // its name, for the catalogue
	Software   string
	DuckDB     string
	Progress   func(subject string)
}

// Request is what somebody wants to make public.
type Request struct {
	Period     string // rows of later periods are left out
	ApprovedBy string
	Reason     string
	Only       []string          // datasets that are approved; empty: all open ones of the release
	Standing   []string          // schemas without people that the site lets be republished: nothing else is approved
	Explain    map[string]string // dataset → why it differs, or is published though it is held or stale
	Accept     map[string]string // dataset → who decided, and why, that what the ledger speaks against may be published
	Corrects   string            // an earlier edition
	Note       string            // what was wrong in it
	DryRun     bool
	Cells      int // how many of the cells that differ are listed, of each dataset

	Macros   []release.Macro
	Queries  []release.Query
	Stale    map[string]string // dataset → source that has been silent for too long
	NotNow   []Span            // days on which nothing is published
	Versions string            // of the published schema
}

// Span is a span of days, both ends included.
type Span struct {
	From, To time.Time
	Reason   string
}

// Outcome is what an edition holds, or would hold.
type Outcome struct {
	Edition   string            `json:"edition,omitempty"` // empty: nothing was published
	Folder    string            `json:"folder,omitempty"`
	Seal      *manifest.Edition `json:"seal"`
	Datasets  []DatasetOutcome  `json:"datasets"`
	Refusals  []string          `json:"refusals"`
	OnHold    *shelf.Hold       `json:"on_hold,omitempty"` // the candidate is what a rollback went back to
	DryRun    bool              `json:"dry_run"`
	Unchanged bool              `json:"unchanged"` // nothing would differ from the edition before
}

// What becomes of a dataset in an edition.
const (
	Approved = "approved"
	Carried  = "carried" // the files of the edition before
)

// DatasetOutcome is what becomes of one dataset.
type DatasetOutcome struct {
	Dataset    string                 `json:"dataset"`
	Status     string                 `json:"status"`
	People     bool                   `json:"people"`
	Rows       int64                  `json:"rows"`
	RowsCut    int64                  `json:"rows_cut"` // of periods that are open, or later than the one published
	Difference *disclosure.Difference `json:"difference,omitempty"`
	Changes    []disclosure.Change    `json:"changes,omitempty"` // some of the cells that differ, where asked for
}

// RefusedError says why nothing was published; the outcome beside it says the
// rest.
type RefusedError struct{ Reasons []string }

func (e *RefusedError) Error() string {
	return "not published: " + strings.Join(e.Reasons, "\n  ")
}

// RequestError is a mistake in how publication was asked for.
type RequestError struct{ err error }

func (e *RequestError) Error() string { return e.err.Error() }

// Unwrap gives the mistake.
func (e *RequestError) Unwrap() error { return e.err }

// check says what is wrong with a request by itself.
func (r Request) check() error {
	switch {
	case strings.TrimSpace(r.ApprovedBy) == "":
		return &RequestError{errors.New("nobody approves: add --approved-by NAME")}
	case r.Corrects != "" && strings.TrimSpace(r.Note) == "":
		return &RequestError{errors.New("a correction needs a note that says what was wrong: add --note TEXT")}
	case r.Note != "" && r.Corrects == "":
		return &RequestError{errors.New("a note is of a correction: add --corrects EDITION")}
	}
	return nil
}

// barred says why nothing is published today.
func (r Request) barred(today time.Time) (string, bool) {
	i := slices.IndexFunc(r.NotNow, func(s Span) bool { return !today.Before(s.From) && !today.After(s.To) })
	if i < 0 {
		return "", false
	}
	span := r.NotNow[i]
	return fmt.Sprintf("nothing is published from %s to %s: %s (no_publication in svw.yaml)",
		span.From.Format(time.DateOnly), span.To.Format(time.DateOnly), span.Reason), true
}

// explanations lists those of a map that concern approved datasets, in order.
func explanations(given map[string]string, approved []string, cells func(dataset string) int64) []manifest.Explanation {
	list := []manifest.Explanation{}
	for _, dataset := range approved {
		if text := strings.TrimSpace(given[dataset]); text != "" {
			list = append(list, manifest.Explanation{Dataset: dataset, Text: text, Cells: cells(dataset)})
		}
	}
	return list
}
