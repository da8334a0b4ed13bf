package runreport

import (
	"fmt"
	"slices"
	"time"

	"socialvalue/internal/layout"
	"socialvalue/internal/load"
	"socialvalue/internal/retention"
	"socialvalue/internal/share"
	"socialvalue/internal/shelf"
)

// FileStatus is what became of a file in one run.
type FileStatus string

// What becomes of a file.
const (
	FileLoaded    FileStatus = "loaded"     // its rows are in the record
	FileUnchanged FileStatus = "unchanged"  // seen by an earlier run, and loaded then
	FileSameBytes FileStatus = "same_bytes" // another name for bytes loaded before
	FileRefused   FileStatus = "refused"    // not acceptable as a whole; the last good data stay
	FilePending   FileStatus = "pending"    // perhaps still being written; the next run looks again
	FileSkipped   FileStatus = "skipped"    // matches the source's pattern and is no data file
	FileReverted  FileStatus = "reverted"   // a person took its load back; its rows do not count
)

// FileReport is what one run did with one file or document.
type FileReport struct {
	Source      string               `json:"source"`
	File        string               `json:"file"`
	Status      FileStatus           `json:"status"`
	LoadID      string               `json:"load_id,omitempty"`
	Layout      string               `json:"layout,omitempty"`
	Records     int64                `json:"records"`
	Rows        int64                `json:"rows"`
	Duplicates  int64                `json:"duplicates"`
	Quarantined int64                `json:"quarantined"`
	Corrected   int64                `json:"corrected,omitempty"` // cells that people corrected
	Skipped     int64                `json:"skipped"`
	Controls    []load.ControlResult `json:"controls,omitempty"`
	Warnings    map[string]int64     `json:"warnings,omitempty"` // what is odd and hinders nothing
	Reason      string               `json:"reason,omitempty"`
	Differences []layout.Difference  `json:"differences,omitempty"` // of a file that was refused in this run

	Again bool `json:"-"` // refused for a reason that may be gone at the next run
}

// ModelReport is what one run did with one relation.
type ModelReport struct {
	Relation string  `json:"relation"`
	Status   string  `json:"status"` // StatusBuilt, StatusFailed or StatusHeld
	Rows     int64   `json:"rows"`
	Seconds  float64 `json:"seconds"`
	Reason   string  `json:"reason,omitempty"`
}

// CheckReport is a check that found something.
type CheckReport struct {
	Name      string   `json:"name"`
	Relation  string   `json:"relation"`
	Severity  string   `json:"severity"`
	Offending int64    `json:"offending"`
	Problem   string   `json:"problem,omitempty"` // why it could not be run
	Keys      []string `json:"keys,omitempty"`
	Unchanged bool     `json:"unchanged,omitempty"` // found by an earlier run, on the same rows
}

// ReleaseReport is the release a run made.
type ReleaseReport struct {
	ID       string   `json:"id"`
	Path     string   `json:"path"`
	Datasets int      `json:"datasets"`
	Files    int      `json:"files"`
	Bytes    int64    `json:"bytes"`
	Changed  []string `json:"changed"`
	Held     []string `json:"held,omitempty"`    // at their last released content
	Missing  []string `json:"missing,omitempty"` // held, and never released: they are not there
	MetaOnly bool     `json:"meta_only"`         // no dataset is new: only what is said about the sources
}

// StaleReport is a source from which nothing has come for too long. It is no
// refusal: the exit code does not tell it.
type StaleReport struct {
	Source     string    `json:"source"`
	ReceivedAt time.Time `json:"received_at"`
	StaleAfter time.Time `json:"stale_after"`
	News       bool      `json:"news"` // no release has said so yet
}

// GoneSource is a source with which the current release was made, and of which
// nothing counts any more: figures fall by what it had.
type GoneSource struct {
	Source     string `json:"source"`
	Files      int    `json:"files"`      // that the current release was made with
	Configured bool   `json:"configured"` // svw.yaml still has it: its loads were taken back, or their time was up
}

// String says what is gone, and why.
func (g GoneSource) String() string {
	why := "svw.yaml has it no more"
	if g.Configured {
		why = "its loads were taken back or removed"
	}
	return fmt.Sprintf("%s: the release before was made with %d files of it, and none counts now: %s", g.Source, g.Files, why)
}

// Report is everything one run did.
type Report struct {
	RunID     string        `json:"run_id"`
	Started   time.Time     `json:"started"`
	Finished  time.Time     `json:"finished"`
	Status    string        `json:"status"`
	Files     []FileReport  `json:"files"`
	NoFiles   []string      `json:"sources_without_files,omitempty"`
	Models    []ModelReport `json:"models"`
	Unchanged int           `json:"models_unchanged"`
	Checks    int           `json:"checks_run"`
	// ChecksUnchanged are those whose outcome stands from an earlier run, because nothing they look at changed.
	ChecksUnchanged int            `json:"checks_unchanged"`
	Findings        []CheckReport  `json:"findings,omitempty"`
	Stale           []StaleReport  `json:"stale,omitempty"`
	Gone            []GoneSource   `json:"sources_gone,omitempty"`
	Warnings        []string       `json:"warnings,omitempty"` // corrections that correct nothing
	Release         *ReleaseReport `json:"release,omitempty"`
	ReleaseNote     string         `json:"release_note,omitempty"`
	// OnHold is the rollback because of which what is new was not released.
	OnHold *shelf.Hold         `json:"on_hold,omitempty"`
	Pruned []retention.Removal `json:"pruned,omitempty"`
	Copies []share.Copy        `json:"copies,omitempty"` // to the folders of publish_to

	Aside []AsideObject `json:"set_aside,omitempty"`
	Lost  []LostNote    `json:"lost_notes,omitempty"`

	Rows      RowRetention    `json:"row_retention"`
	Purged    []PurgedFile    `json:"landing_purged,omitempty"`
	Lingering []LingeringFile `json:"lingering_files,omitempty"`
}

// Refused says whether something was refused or held, which the exit code
// tells.
func (r *Report) Refused() bool {
	return r.RefusedFiles() > 0 || r.held() || len(r.Lost) > 0 || slices.ContainsFunc(r.Aside, func(a AsideObject) bool { return a.Counted })
}

// held says whether a relation, or all of them, stay at their last released
// content.
func (r *Report) held() bool {
	if r.OnHold != nil {
		return true
	}
	for _, model := range r.Models {
		if model.Status != StatusBuilt {
			return true
		}
	}
	return r.Release != nil && len(r.Release.Held)+len(r.Release.Missing) > 0
}

// RefusedFiles counts the files that were refused.
func (r *Report) RefusedFiles() int {
	refused := 0
	for _, file := range r.Files {
		if file.Status == FileRefused {
			refused++
		}
	}
	return refused
}

// The statuses of a relation.
const (
	StatusBuilt  = "built"
	StatusFailed = "failed" // it could not be built
	StatusHeld   = "held"   // it, or what it is made from, failed: it stays at its last released content
)

// Counts are what the journal keeps of a run.
func (r *Report) Counts() map[string]int64 {
	counts := map[string]int64{
		"models_unchanged": int64(r.Unchanged), "checks_run": int64(r.Checks), "checks_unchanged": int64(r.ChecksUnchanged), "findings": int64(len(r.Findings)),
		"files_purged": int64(len(r.Purged)), "loads_purged": int64(len(r.Rows.Gone)),
	}
	for _, file := range r.Files {
		counts["files_"+string(file.Status)]++
		if file.Status == FileLoaded {
			counts["rows_loaded"] += file.Rows - file.Duplicates
			counts["rows_quarantined"] += file.Quarantined
		}
	}
	for _, m := range r.Models {
		counts["models_"+m.Status]++
	}
	return counts
}
