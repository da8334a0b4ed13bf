// Package landing keeps files as they were received and prepares them for
// reading.
//
// A file is landed under the SHA-256 of its bytes, read-only, by one pass that
// copies, hashes and counts. What was landed is then opened as documents: a
// text file, a workbook or a .gz of one is one, a .zip holds one for each .csv,
// .txt or .xlsx in it. Preparing a text with its format gives the file that
// DuckDB reads, the numbers that the load must account for, and the way from a
// row back to its physical line; package documents does so for every form.
//
// The equation that holds for every prepared document:
//
//	Records = Rows + len(Rejects) + Blanks
package landing

import (
	"errors"
	"fmt"
	"strings"
)

// What a caller may want to tell apart. All but ErrChangedWhileRead come
// wrapped in a Refusal.
var (
	// ErrChangedWhileRead says that a file is not what was listed, or changed
	// while it was copied. The next run finds it again.
	ErrChangedWhileRead = errors.New("it changed while being read")
	// ErrEmpty says that a file holds no bytes.
	ErrEmpty = errors.New("it is empty")
	// ErrNoHeader says that there is no header where the format puts it.
	ErrNoHeader = errors.New("there is no header")
)

// Refusal says why a file cannot be loaded as it is, where in it the trouble
// lies and what to do. Any other error is trouble of the machine, not of the
// file.
type Refusal struct {
	File   string // name of the file, with the member of an archive
	Line   int64  // physical line, 0 if it has none
	Field  int    // number of the field in its record, 0 if it has none
	Reason string
	Remedy string
	Err    error // a sentinel of this package or the cause, if there is one
}

func (r *Refusal) Error() string {
	var b strings.Builder
	b.WriteString(r.File)
	if r.Line > 0 {
		fmt.Fprintf(&b, ": line %d", r.Line)
		if r.Field > 0 {
			fmt.Fprintf(&b, ", field %d", r.Field)
		}
	}
	fmt.Fprintf(&b, ": %s: %s", r.Reason, r.Remedy)
	return b.String()
}

func (r *Refusal) Unwrap() error { return r.Err }

// Limits bound what an archive may unpack to.
type Limits struct {
	Unpacked  int64 // bytes of all members together
	Ratio     int64 // unpacked bytes per packed byte …
	RatioFrom int64 // … judged once this much is unpacked: small texts may compress to nearly nothing
	Members   int   // entries of a zip
}

// DefaultLimits are generous to a year of national data and stop a bomb early.
func DefaultLimits() Limits {
	return Limits{Unpacked: 20 << 30, Ratio: 200, RatioFrom: 100 << 20, Members: 1000}
}
