//go:build duckdb_arrow

package release

import (
	"strconv"
	"strings"
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

// notPublishable names the datasets of a schema.
func (l *Ledger) notPublishable(schema string) []string {
	names := []string{}
	if l == nil {
		return names
	}
	for _, finding := range l.NotPublishable {
		if strings.HasPrefix(finding.Dataset, schema+".") {
			names = append(names, finding.Dataset)
		}
	}
	return names
}

// rows tell of this edition, and of the corrections made before it.
func (e *Edition) rows() [][]string {
	if e == nil {
		return [][]string{}
	}
	rows := [][]string{}
	for _, earlier := range e.Earlier {
		rows = append(rows, []string{strconv.Itoa(earlier.Number), "", instant(earlier.At), "", "", earlier.Corrects, earlier.Note, jsonText(append([]Explanation{}, earlier.Explanations...))})
	}
	return append(rows, []string{
		strconv.Itoa(e.Number), e.Period, instant(e.PublishedAt), e.ApprovedBy, e.Reason, e.Corrects, e.Note, jsonText(e.Explanations),
	})
}

// metaEditionsDefinition describes the table that only publications have.
func metaEditionsDefinition() Dataset {
	return Dataset{
		Name: metaEditions, Tier: TierOpen, Description: "This publication: who approved it and why, and the corrections made by it and before it",
		Grain: "this edition, or an earlier one that corrected or explained something", Key: []string{"edition_number"},
		Columns: []Column{
			{Name: "edition_number", Type: "INTEGER", Description: "Number of the edition, from 1"},
			{Name: "period", Type: "VARCHAR", Description: "Last period whose rows about people may be in it", Example: "2024-25"},
			{Name: "published_at", Type: "TIMESTAMPTZ", Unit: "UTC", Description: "When it was sealed"},
			{Name: "approved_by", Type: "VARCHAR", Description: "Who approved it; null for earlier editions"},
			{Name: "reason", Type: "VARCHAR", Description: "Why it was published"},
			{Name: "corrects", Type: "VARCHAR", Description: "Earlier edition that it corrects"},
			{Name: "note", Type: "VARCHAR", Description: "What was wrong and is right now"},
			{Name: "explanations", Type: "VARCHAR", Unit: "JSON list", Description: "Why figures differ from those published before, and how many cells do"},
		},
	}
}
