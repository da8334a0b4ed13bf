//go:build duckdb_arrow

package release

import (
	"encoding/json"
	"slices"

	"socialvalue/internal/manifest"
)

// withheldSentence is what the mark means, for every cell.
const withheldSentence = "Withheld, so that nobody can be singled out."

// suppressionRows list the withheld cells of a place. Why one was withheld is
// told to the readers of its own domain alone: in the open it would say that a
// number is small. Of a dataset without an unprotected form it is told to nobody.
func (w *composition) suppressionRows(place string) [][]string {
	here, own := map[string]bool{}, map[string]bool{}
	for _, it := range inPlace(w.items, place) {
		here[it.Name] = true
		own[it.Name] = place != manifest.OpenPlace && !it.NoInternal && slices.Contains(it.domains(), place)
	}
	rows := [][]string{}
	for _, cell := range w.plan.Facts.Withheld {
		if !here[cell.Dataset] {
			continue
		}
		how, rule := "", ""
		if own[cell.Dataset] {
			how, rule = string(cell.Withholding), cell.Rule
		}
		rows = append(rows, []string{cell.Dataset, cell.CellKey, cell.Column, markWithheld, withheldSentence, how, rule})
	}
	return rows
}

// ledgerFindings names the datasets of a domain that the ledger speaks against.
func (w *composition) ledgerFindings(domain string) string {
	return jsonText(notPublishable(w.plan.Facts.Ledger, domain))
}

func jsonText(value any) string {
	data, _ := json.Marshal(value) // lists of texts and of structs of texts always marshal
	return string(data)
}
