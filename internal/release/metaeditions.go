//go:build duckdb_arrow

package release

import (
	"strconv"
	"strings"

	"socialvalue/internal/manifest"
)

// notPublishable names the datasets of a schema.
func notPublishable(l *manifest.Ledger, schema string) []string {
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

// editionRows tell of this edition, and of the corrections made before it.
func editionRows(e *manifest.Edition) [][]string {
	if e == nil {
		return [][]string{}
	}
	rows := [][]string{}
	for _, earlier := range e.Earlier {
		rows = append(rows, []string{strconv.Itoa(earlier.Number), "", instant(earlier.At), "", "", earlier.Corrects, earlier.Note, jsonText(append([]manifest.Explanation{}, earlier.Explanations...))})
	}
	return append(rows, []string{
		strconv.Itoa(e.Number), e.Period, instant(e.PublishedAt), e.ApprovedBy, e.Reason, e.Corrects, e.Note, jsonText(e.Explanations),
	})
}

// metaEditionsDefinition describes the table that only publications have.
func metaEditionsDefinition() Dataset {
	return Dataset{
		Name: metaEditions, Tier: manifest.TierOpen, Description: "This publication: who approved it and why, and the corrections made by it and before it",
		Grain: "this edition, or an earlier one that corrected or explained something", Key: []string{"edition_number"},
		Columns: []manifest.Column{
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
