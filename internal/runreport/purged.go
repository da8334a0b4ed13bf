package runreport

import "time"

// PurgedFile is a received file whose time is up: its rows stay in the record,
// its bytes go.
type PurgedFile struct {
	Source     string    `json:"source"`
	SHA256     string    `json:"sha256"`
	File       string    `json:"file,omitempty"` // what it was called
	ReceivedAt time.Time `json:"received_at"`
	KeptDays   int       `json:"kept_days"` // retention.landing_days of its pipeline
	Refused    bool      `json:"refused,omitempty"`
}

// LingeringFile is a file of a personal pipeline that lies in the drop folder
// for longer than its bytes may be kept. What lies there is its sender's.
type LingeringFile struct {
	Source   string    `json:"source"`
	File     string    `json:"file"`
	Since    time.Time `json:"since"`
	KeptDays int       `json:"kept_days"`
}

// PurgedRows are the rows of one load about people whose time is up.
type PurgedRows struct {
	LoadID     string    `json:"load_id"`
	Source     string    `json:"source"`
	File       string    `json:"file"`
	Rows       int64     `json:"rows"`
	ReceivedAt time.Time `json:"received_at"`
	KeptYears  int       `json:"kept_years"` // retention.store_years of its pipeline
}

// RowRetention is what retention.store_years makes of the rows about people.
type RowRetention struct {
	Gone  []PurgedRows `json:"gone,omitempty"`  // removed, or to be removed by the next run
	Stays []PurgedRows `json:"stays,omitempty"` // past their time, and still the state of an upsert feed
	Soon  []PurgedRows `json:"soon,omitempty"`  // their time is up within a month
	Aside []string     `json:"aside,omitempty"` // objects set aside, past their time
}
