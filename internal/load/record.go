package load

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
	"time"
)

// Status says whether the rows of a load count.
type Status string

// The states of a load.
const (
	StatusActive     Status = "active"     // its rows count
	StatusSuperseded Status = "superseded" // a newer file replaced it; its rows are kept, and do not count
	StatusReverted   Status = "reverted"   // a person took it back; its rows are kept, and do not count
	StatusPurged     Status = "purged"     // its rows were removed when their time was up; what it says of them stays
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
	Member          string    `json:"member,omitempty"` // the document inside an archive, or the sheet of a workbook read sheet by sheet
	FileSHA256      string    `json:"file_sha256"`
	FileBytes       int64     `json:"file_bytes"`
	FileModified    time.Time `json:"file_modified"`
	ReceivedAt      time.Time `json:"received_at"`
	// FirstReceivedAt is when the file first came, where it was read again since.
	FirstReceivedAt *time.Time `json:"first_received_at,omitempty"`
	RunID           string     `json:"run_id"`

	PeriodStart string            `json:"period_start,omitempty"` // first day claimed, ISO
	PeriodEnd   string            `json:"period_end,omitempty"`   // last day claimed, ISO
	AsOf        string            `json:"as_of,omitempty"`        // upsert: last day claimed, ISO; rows of a later one are newer
	DataFrom    string            `json:"data_from,omitempty"`    // first day that its rows are of
	DataTo      string            `json:"data_to,omitempty"`      // last day that its rows are of, see contract.DatedBy
	Slice       string            `json:"slice,omitempty"`
	Layout      string            `json:"layout"`
	Encoding    string            `json:"encoding"`
	Vintages    map[string]string `json:"vintages,omitempty"`
	Constants   map[string]string `json:"constants,omitempty"`

	KeyGroup   string `json:"key_group,omitempty"`   // whose key stands for identifiers of people
	KeyID      string `json:"key_id,omitempty"`      // which key that was; not the key
	KeyVersion int    `json:"key_version,omitempty"` // as the site numbers the keys of the group

	Columns     []Column         `json:"columns"`            // of the object: the contract's, then the engine's
	Identity    string           `json:"identity,omitempty"` // what made its rows themselves
	Records     int64            `json:"records"`            // data records in the document
	Rows        int64            `json:"rows"`               // typed rows kept in the object
	Quarantined int64            `json:"quarantined"`        // rows kept in the quarantine
	Skipped     map[string]int64 `json:"skipped"`            // rows that are no data, by rule
	Warnings    map[string]int64 `json:"warnings,omitempty"`
	Controls    []ControlResult  `json:"controls,omitempty"`

	// Format is the form of this record: a program that knows an older one only
	// leaves the warehouse alone.
	Format int `json:"format,omitempty"`
	// LandingPurgedAt is when the file as received was removed by retention.
	LandingPurgedAt *time.Time `json:"landing_purged_at,omitempty"`
	// RowsPurgedAt is when its rows and its quarantine were removed by retention.
	RowsPurgedAt *time.Time `json:"rows_purged_at,omitempty"`

	ObjectSHA256     string `json:"object_sha256"`
	ObjectBytes      int64  `json:"object_bytes"`
	QuarantineSHA256 string `json:"quarantine_sha256,omitempty"`

	Corrections []Correction `json:"corrections,omitempty"` // by people, of cells of the document

	Status       Status    `json:"status"`
	SupersededBy string    `json:"superseded_by,omitempty"`
	Reverted     *Reverted `json:"reverted,omitempty"`
}

// Received is when the file first came: how long it and its rows may be kept does
// not begin anew when they are read again.
func (r *Record) Received() time.Time {
	if r.FirstReceivedAt != nil {
		return *r.FirstReceivedAt
	}
	return r.ReceivedAt
}

// Corrected is the number of cells that corrections replaced.
func (r *Record) Corrected() int64 {
	var n int64
	for _, c := range r.Corrections {
		if c.Applied {
			n++
		}
	}
	return n
}

// recordFormat is the newest form of records that this program knows. Records
// written before there was a number have none. A load is written in the first
// form until its rows are purged: a program that does not know of that would read
// its file again.
const (
	recordFormat = 2
	loadedFormat = 1
	purgedFormat = 2
)

// ErrNewer is what errors.Is finds when a record was written by a newer version
// of the program.
var ErrNewer = errors.New("written by a newer version of svw")

// parseRecord reads a record as it stands in a note or in the build database.
func parseRecord(text []byte) (*Record, error) {
	var r Record
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("read a load record: %w", err)
	}
	if r.Format > recordFormat {
		return nil, fmt.Errorf("load %s is %w: its format is %d, this version knows %d; install the newer version again, "+
			"or restore the backup made before the upgrade", r.ID, ErrNewer, r.Format, recordFormat)
	}
	return &r, nil
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

// sortNewest puts records in the order in which rows of equal keys win in an
// upsert feed, the newest first: by the day the file claims, by when it was
// last changed where it came from, then by its bytes.
func sortNewest(records []*Record) {
	slices.SortFunc(records, func(a, b *Record) int {
		return cmp.Or(
			cmp.Compare(b.AsOf, a.AsOf), b.FileModified.Compare(a.FileModified), cmp.Compare(b.FileSHA256, a.FileSHA256),
			cmp.Compare(b.Member, a.Member), cmp.Compare(b.ID, a.ID),
		)
	})
}
