package ocds

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// Fault is a row that is no release, and why.
type Fault struct {
	Row  int64 // from 0
	Text string
}

// Header names the columns of the rows, in their order.
func Header() []string {
	return []string{"ocid", "release_id", "released_at", "tags", "notice_types", "buyer_name", "buyer_id", "problem", "release"}
}

// The places of two columns: what is wrong with a release, which is empty in a row and told as a fault, and its text.
const (
	ProblemColumn = 7
	ReleaseColumn = 8
)

// longest is how many bytes a row may have: DuckDB reads none of two million.
const longest = 1_900_000

// ToCSV writes a row for each release of a document, below a header. Rows that are no releases stand in their place, and
// faults says what is wrong with them.
func ToCSV(r io.Reader, w io.Writer) (rows int64, faults []Fault, err error) {
	out := csv.NewWriter(w)
	if err := out.Write(Header()); err != nil {
		return 0, nil, fmt.Errorf("write rows: %w", err)
	}
	err = Read(r, func(found Found) error {
		var release Release
		if found.Problem == "" {
			release, found.Problem = Judge(found.Raw)
		}
		if found.Problem == "" && len(release.Text)+strings.Count(release.Text, `"`) > longest { // quotes are doubled
			found.Problem = "it has more than 1.9 MB without its contact points"
		}
		if found.Problem != "" {
			faults = append(faults, Fault{Row: rows, Text: found.Problem})
			release.Text = "{}" // never a blank row, which would be skipped
		}
		rows++
		record := []string{
			release.OCID, release.ID, release.Released, release.Tags, release.NoticeTypes, release.BuyerName, release.BuyerID, "", release.Text,
		}
		if err := out.Write(record); err != nil {
			return fmt.Errorf("write rows: %w", err)
		}
		return nil
	})
	if err != nil {
		return rows, faults, err
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return rows, faults, fmt.Errorf("write rows: %w", err)
	}
	return rows, faults, nil
}
