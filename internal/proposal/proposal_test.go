//go:build duckdb_arrow

package proposal_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"socialvalue/internal/contract"
	"socialvalue/internal/proposal"
	"socialvalue/internal/proposalbook"
)

func contracts(t *testing.T) map[string]*contract.Contract {
	t.Helper()
	all, err := contract.LoadAll(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestWorkbookIsWhatTheContractsRead proves that every sheet and column of the empty workbook is one of its contract, and that the
// same workbook is the same bytes.
func TestWorkbookIsWhatTheContractsRead(t *testing.T) {
	t.Parallel()
	all := contracts(t)
	var first, second bytes.Buffer
	for _, out := range []*bytes.Buffer{&first, &second} {
		if err := proposalbook.Write(out, all, nil); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("written again it is another")
	}
	for _, ref := range proposalbook.Contracts() {
		if proposalbook.Sheet(all[ref]) == "" {
			t.Errorf("%s names no sheet", ref)
		}
		seen := map[string]bool{}
		for _, column := range proposalbook.Columns(all[ref]) {
			header := strings.ToLower(proposalbook.Header(column))
			if seen[header] {
				t.Errorf("%s: two columns are headed %q", ref, header)
			}
			seen[header] = true
		}
	}
}

// TestPageEscapes proves that what an applicant writes is text on the page, and that what is missing is a dash.
func TestPageEscapes(t *testing.T) {
	t.Parallel()
	a := &proposal.Assessment{Submission: "BID", AsOf: "2025-06-30", Projects: []proposal.Project{{ID: "P", Title: "<script>alert(1)</script>", Values: []proposal.Value{{Stage: "ex_ante", Level: "LCR"}}}}}
	var out bytes.Buffer
	if err := a.Page(&out); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "<script>") || !strings.Contains(out.String(), "&lt;script&gt;") {
		t.Error("a title is markup")
	}
	if !strings.Contains(out.String(), ">–<") {
		t.Error("what is missing is no dash")
	}
}

func TestNumbersInWords(t *testing.T) {
	t.Parallel()
	v := func(x float64) *float64 { return &x }
	for got, want := range map[string]string{
		proposal.Pounds(v(-1234567.5)): "−£1,234,568", proposal.Pounds(v(999)): "£999", proposal.Pounds(nil): "–", proposal.Pounds(v(-0.2)): "£0",
		proposal.Quantity(v(12345.678)): "12,345.7", proposal.Quantity(v(-0.01)): "0.0", proposal.Share(v(0.125)): "12.5%",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
