package load

import (
	"context"
	"slices"

	"socialvalue/internal/contract"
	"socialvalue/internal/warehouse"
)

// Correction is a person's decision about one cell of a document: its text is
// replaced before the row is judged. The bytes as received stay what they were.
type Correction struct {
	Row     int64  `json:"row"` // line of the document on which the record begins
	Column  string `json:"column"`
	Value   string `json:"value"`
	Reason  string `json:"reason"`
	Who     string `json:"who"`
	When    string `json:"when"`
	Expires string `json:"expires,omitempty"`
	Applied bool   `json:"applied"` // false: the document has no such cell among its well-formed records
}

// correct replaces the staged text of the cells that people corrected.
func (l *Loader) correct(ctx context.Context, d *document) error {
	for i := range d.record.Corrections {
		correction := &d.record.Corrections[i]
		field := d.reading.Field(correction.Column)
		row, ok := d.prepared.Lines.Row(correction.Row)
		if d.opened.converted != nil {
			row, ok = correction.Row-headerLines, correction.Row >= headerLines
		}
		if field < 0 || !ok || row >= d.prepared.Rows {
			continue
		}
		var value any
		if text := contract.Trim(correction.Value); text != "" {
			value = text
		}
		changed, err := l.DB.Exec(ctx, "update "+contract.Staging+" set "+warehouse.Ident(contract.StagingColumn(field))+" = ? where rowid = ?", value, row)
		if err != nil {
			return warehouse.Scrub(err)
		}
		correction.Applied = changed == 1
	}
	return nil
}

// totalRemedy says what to do about rows that do not add up to the file's total.
func (d *document) totalRemedy(column string) string {
	corrected := func(c Correction) bool { return c.Applied && c.Column == column }
	if slices.ContainsFunc(d.record.Corrections, corrected) {
		return "look at the corrections of " + column + " in overrides/: with them the rows do not add up to what the sender says"
	}
	return "ask the sender for the whole file: rows are missing or were changed"
}
