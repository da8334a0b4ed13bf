//go:build duckdb_arrow

package proposal_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"socialvalue/internal/estimators"
	"socialvalue/internal/proposal"
	"socialvalue/internal/proposalbook"
	"socialvalue/internal/workspace"
)

// bid is a small proposal: A02 in one year at a thousand pounds, with a cost.
func bid(cost string) map[string][][]string {
	return map[string][][]string{
		"impact/projects":   {{"P1", "Example", "", "", "", "", "", "", "undecided", "2024", "2024", "calendar", "all_society", "LCR", "own", "", ""}},
		"impact/outcomes":   {{"P1", "O1", "jobs", "", "people", "own", "", "", "", "economic", "1000", "2024", "local", "each_year", "", "yes", "", "", "trend", "before_after", "", "", ""}},
		"impact/quantities": {{"P1", "O1", "ex_ante", "LCR", "2024", "250", "80", ""}},
		"impact/factors": {
			{"P1", "F1", "", "", "", "both", "leakage", "0.1", "", "assumed", "", ""},
			{"P1", "F2", "", "", "", "both", "displacement", "0.25", "", "assumed", "", ""},
			{"P1", "F3", "", "", "", "both", "substitution", "0.05", "", "assumed", "", ""},
			{"P1", "F4", "", "", "", "both", "multiplier", "1.25", "", "assumed", "", ""},
		},
		"impact/costs": {{"P1", "C1", "", "2024", "2024", cost, "capital", "", "", "", "", ""}, {"P1", "C2", "", "2024", "2024", "100", "capital", "", "", "", "", ""}},
	}
}

func assess(t *testing.T, rows map[string][][]string) *proposal.Assessment {
	t.Helper()
	file := filepath.Join(t.TempDir(), "my bid (2).xlsx")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := proposalbook.Write(out, contracts(t), rows); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2025, time.June, 30, 12, 0, 0, 0, time.UTC)
	env := workspace.Environment{
		Files: os.DirFS("../.."), Estimators: estimators.All(), Version: "test",
		Now: func() time.Time { return now }, Sleep: func(context.Context, time.Duration) error { return nil },
		Verifier: []string{"true"}, // what a second process reads is the business of package release
	}
	a, err := proposal.Assess(t.Context(), env, proposal.Request{File: file, Dir: t.TempDir(), AsOf: now})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestAssessA02 proves that a workbook comes out as vector A02, times a thousand pounds.
func TestAssessA02(t *testing.T) {
	t.Parallel()
	a := assess(t, bid("500"))
	if a.Refused() || a.Submission != "MY-BID-2" || len(a.Projects) != 1 {
		t.Fatalf("%+v", a)
	}
	v := a.Projects[0].Values[0]
	if !v.IsHeadline || *v.Net != 136265.63 || *v.Cost != 600 || *v.Inherent != *v.Net || *v.Additional != 0 {
		t.Errorf("%+v", v)
	}
	if o := a.Projects[0].Outcomes[0]; *o.Net != 136.265625 || *o.Reference != -64.125 || !o.IsCounted {
		t.Errorf("%+v", o)
	}
}

// TestASheetWithARowThatCannotBeReadIsRefused proves that a cost which is no money does not make a project cheap: there is no cost at
// all, and the line is named.
func TestASheetWithARowThatCannotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	a := assess(t, bid("about 500"))
	if !a.Refused() || len(a.RefusedSheets) != 1 || a.RefusedSheets[0].Feed != "costs" || !strings.Contains(a.RefusedSheets[0].Reason, "about 500") {
		t.Fatalf("%+v", a.RefusedSheets)
	}
	v := a.Projects[0].Values[0]
	if v.Cost != nil || v.BCR != nil || v.NPSV != nil || *v.BCRReason != "no_costs" || *v.Net != 136265.63 {
		t.Errorf("%+v", v)
	}
}

// TestRow91InAnAssessment proves that a figure which nine people stand behind is withheld with the one that would tell it, that the
// total is kept, and that an outcome alone takes its total with it.
func TestRow91InAnAssessment(t *testing.T) {
	t.Parallel()
	few := func(outcomes int) *proposal.Project {
		rows := bid("500")
		rows["impact/quantities"][0][7] = "9"
		for n := 2; n <= outcomes; n++ {
			outcome, quantity := slices.Clone(rows["impact/outcomes"][0]), slices.Clone(rows["impact/quantities"][0])
			outcome[1], quantity[1], quantity[5], quantity[7] = "O"+strconv.Itoa(n), "O"+strconv.Itoa(n), strconv.Itoa(300*n), ""
			rows["impact/outcomes"], rows["impact/quantities"] = append(rows["impact/outcomes"], outcome), append(rows["impact/quantities"], quantity)
		}
		return &assess(t, rows).Projects[0]
	}
	p := few(3)
	if v := p.Values[0]; v.Withheld != nil || v.Net == nil || v.OutcomesCounted != 3 {
		t.Errorf("the total is not kept: %+v", v)
	}
	for i, want := range []bool{true, true, false} { // O1 is small, O2 the smaller of the others
		if o := p.Outcomes[i]; (o.Withheld != nil) != want || (o.Net == nil) != want || (o.PV == nil) != want || (o.P5 == nil) != want {
			t.Errorf("%s: %+v", o.ID, o)
		}
	}
	alone := few(1)
	if v := alone.Values[0]; v.Withheld == nil || v.Net != nil || v.P5 != nil || v.NPSV != nil || v.Cost == nil {
		t.Errorf("the total tells it: %+v", v)
	}
}
