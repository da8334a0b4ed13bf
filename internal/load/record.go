package load

import (
	"fmt"
	"sort"
	"time"
)

// Status says whether the rows of a load count.
type Status string

// The states of a load.
const (
	StatusActive     Status = "active"     // its rows count
	StatusSuperseded Status = "superseded" // a newer file replaced it; its rows are kept, and do not count
)

// Record is one load: one document of one file taken in under one contract.
// It is the truth about what was read; its JSON is kept in the store.
type Record struct {
	ID              string    `json:"load_id"`
	Relation        string    `json:"relation"`
	Source          string    `json:"source"`
	Body            string    `json:"body_code"`
	Contract        string    `json:"contract"`
	ContractVersion int       `json:"contract_version"`
	ConfigDigest    string    `json:"config_digest"` // contract, layout and constants that decided how it was read
	File            string    `json:"file"`
	Member          string    `json:"member,omitempty"` // the document inside an archive
	FileSHA256      string    `json:"file_sha256"`
	FileBytes       int64     `json:"file_bytes"`
	FileModified    time.Time `json:"file_modified"`
	ReceivedAt      time.Time `json:"received_at"`
	RunID           string    `json:"run_id"`

	PeriodStart string            `json:"period_start,omitempty"` // first day claimed, ISO
	PeriodEnd   string            `json:"period_end,omitempty"`   // last day claimed, ISO
	DataFrom    string            `json:"data_from,omitempty"`    // first date seen in the period column
	DataTo      string            `json:"data_to,omitempty"`      // last date seen in the period column
	Slice       string            `json:"slice,omitempty"`
	Layout      string            `json:"layout"`
	Encoding    string            `json:"encoding"`
	Vintages    map[string]string `json:"vintages,omitempty"`
	Constants   map[string]string `json:"constants,omitempty"`

	KeyGroup   string `json:"key_group,omitempty"`   // whose key stands for identifiers of people
	KeyID      string `json:"key_id,omitempty"`      // which key that was; not the key
	KeyVersion int    `json:"key_version,omitempty"` // as the site numbers the keys of the group

	Columns     []Column         `json:"columns"`     // of the object: the contract's, then the engine's
	Records     int64            `json:"records"`     // data records in the document
	Rows        int64            `json:"rows"`        // typed rows kept in the object
	Quarantined int64            `json:"quarantined"` // rows kept in the quarantine
	Skipped     map[string]int64 `json:"skipped"`     // rows that are no data, by rule
	Warnings    map[string]int64 `json:"warnings,omitempty"`
	Controls    []ControlResult  `json:"controls,omitempty"`

	ObjectSHA256     string `json:"object_sha256"`
	ObjectBytes      int64  `json:"object_bytes"`
	QuarantineSHA256 string `json:"quarantine_sha256,omitempty"`

	Status       Status `json:"status"`
	SupersededBy string `json:"superseded_by,omitempty"`
}

// ControlResult compares the sum of a money column with the file's own total.
// Amounts are decimal text, in pounds and pence.
type ControlResult struct {
	Column         string `json:"column"`
	SumRows        string `json:"sum_rows"`             // over typed rows
	SumQuarantined string `json:"sum_quarantined"`      // over quarantined rows whose amount can be read
	Unreadable     int64  `json:"unreadable_rows"`      // quarantined rows whose amount cannot be read
	Footer         string `json:"footer,omitempty"`     // the file's own total, when it has one
	Difference     string `json:"difference,omitempty"` // footer less the two sums; only unreadable rows may explain one
}

// SkippedTotal is the number of rows skipped by any rule.
func (r *Record) SkippedTotal() int64 {
	var total int64
	for _, n := range r.Skipped {
		total += n
	}
	return total
}

// checkEquation asserts that no row of the file disappeared.
func (r *Record) checkEquation() error {
	if got := r.Rows + r.Quarantined + r.SkippedTotal(); got != r.Records {
		return fmt.Errorf("the equation does not hold: %d records, but %d rows + %d quarantined + %d skipped = %d",
			r.Records, r.Rows, r.Quarantined, r.SkippedTotal(), got)
	}
	return nil
}

// sortRecords puts records in the order in which rows of equal identity win:
// the least claimed period, then the least hash.
func sortRecords(records []*Record) {
	sort.Slice(records, func(i, j int) bool {
		a, b := records[i], records[j]
		if a.PeriodStart != b.PeriodStart {
			// A file that claims no period comes after those that do.
			if a.PeriodStart == "" || b.PeriodStart == "" {
				return b.PeriodStart == ""
			}
			return a.PeriodStart < b.PeriodStart
		}
		if a.FileSHA256 != b.FileSHA256 {
			return a.FileSHA256 < b.FileSHA256
		}
		if a.Member != b.Member {
			return a.Member < b.Member
		}
		return a.ID < b.ID
	})
}
