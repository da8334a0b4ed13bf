//go:build duckdb_arrow

package manifest

import (
	"time"
)

// Edition is the seal of a publication: who made what public, when and why.
type Edition struct {
	Number       int           `json:"number"`
	Previous     string        `json:"previous,omitempty"`      // the edition before
	Candidate    string        `json:"candidate"`               // the release that was approved
	Period       string        `json:"period"`                  // rows of later periods are not in it
	PublishedAt  time.Time     `json:"published_at"`            //
	ApprovedBy   string        `json:"approved_by"`             //
	Reason       string        `json:"reason,omitempty"`        //
	Approved     []string      `json:"approved"`                // datasets approved this time; the others are carried forward
	Explanations []Explanation `json:"explanations"`            // of what differs from what was published before
	Accepted     []Explanation `json:"accepted"`                // of what the ledger speaks against
	Corrects     string        `json:"corrects,omitempty"`      // an earlier edition
	Note         string        `json:"note,omitempty"`          // what is corrected
	LedgerSHA256 string        `json:"ledger_sha256,omitempty"` // of this edition's part of the ledger
	Earlier      []Correction  `json:"earlier_corrections"`     // notes of editions before
}

// Explanation says why something of a dataset is as it is.
type Explanation struct {
	Dataset string `json:"dataset"`
	Text    string `json:"text"`
	Cells   int64  `json:"cells,omitempty"` // how many it is about
}

// Correction is what an earlier edition said of those before it: a note, explanations, or both.
type Correction struct {
	Edition  string    `json:"edition"` // that has the note
	Number   int       `json:"number"`
	Corrects string    `json:"corrects"`
	Note     string    `json:"note"`
	At       time.Time `json:"at"`

	Explanations []Explanation `json:"explanations,omitempty"`
}

// Ledger is what the ledger of published cells says of the candidate.
type Ledger struct {
	Edition         string    `json:"edition,omitempty"` // compared with, the latest; empty: nothing was published yet
	NotPublishable  []Finding `json:"not_publishable"`   // datasets with cells that speak against publishing them
	UnbalancedParts int       `json:"unbalanced_parts"`  // sums whose rounded parts do not make their rounded total
}

// Finding counts the cells of a dataset that speak against publishing it.
type Finding struct {
	Dataset string `json:"dataset"`
	Cells   int64  `json:"cells"`
}
