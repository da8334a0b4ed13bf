package correction

import (
	"cmp"
	hash "crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"socialvalue/internal/load"
	"socialvalue/internal/model"
)

// Decision is what a person decided about one value.
type Decision struct {
	Relation string
	Column   string
	Value    string
	Reason   string
	Who      string
	When     time.Time
	Expires  time.Time // last day on which it holds; zero: until withdrawn
	File     string    // below the site
	Line     int
}

// Cell is a decision about one cell of a file that came in.
type Cell struct {
	Decision
	SourceFile string // name of the document; of a member of an archive it tells which
	SHA256     string // of the file
	Row        int64  // line on which the record begins
}

// Value is a decision about what a model gives in one row.
type Value struct {
	Decision
	Key []string // in the order of the relation's key
}

// Set is all corrections of a site that are in force on a day.
type Set struct {
	Cells  []Cell
	Values []Value
}

// Of lists the corrections of a document, as the loader applies them.
func (s *Set) Of(relation, sha256, member string) []load.Correction {
	var list []load.Correction
	for _, cell := range s.Cells {
		if cell.Relation != relation || cell.SHA256 != sha256 || !strings.HasSuffix(cell.SourceFile, "!"+member) && member != "" {
			continue
		}
		correction := load.Correction{
			Row: cell.Row, Column: cell.Column, Value: cell.Value, Reason: cell.Reason, Who: cell.Who, When: cell.When.Format(time.DateOnly),
		}
		if !cell.Expires.IsZero() {
			correction.Expires = cell.Expires.Format(time.DateOnly)
		}
		list = append(list, correction)
	}
	slices.SortFunc(list, func(a, b load.Correction) int {
		return cmp.Or(cmp.Compare(a.Row, b.Row), strings.Compare(a.Column, b.Column))
	})
	return list
}

// Digest identifies the corrections of a file, all its documents together; empty
// when there are none.
func (s *Set) Digest(relation, sha256 string) string {
	var lines []string
	for _, cell := range s.Cells {
		if cell.Relation == relation && cell.SHA256 == sha256 {
			lines = append(lines, fmt.Sprintf("%q", []string{
				cell.SourceFile, fmt.Sprint(cell.Row), cell.Column, cell.Value, cell.Reason, cell.Who, cell.When.String(), cell.Expires.String(),
			}))
		}
	}
	if len(lines) == 0 {
		return ""
	}
	slices.Sort(lines)
	sum := hash.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:16])
}

// Overrides are the corrections of models, by relation.
func (s *Set) Overrides() map[string][]model.Override {
	overrides := map[string][]model.Override{}
	for _, value := range s.Values {
		overrides[value.Relation] = append(overrides[value.Relation], value.Override())
	}
	return overrides
}

// Override is the decision as a model applies it.
func (v Value) Override() model.Override {
	return model.Override{Column: v.Column, Key: v.Key, Value: v.Value}
}

// Place is where a decision stands, with what is to be said about it.
func (d Decision) Place(text string) model.Problem {
	return model.Problem{File: d.File, Line: d.Line, Column: 1, Text: text}
}
