//go:build duckdb_arrow

package run_test

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	socialvalue "socialvalue"
	"socialvalue/internal/fixtures/spend"
	"socialvalue/internal/load"
	"socialvalue/internal/runreport"
)

func readTruth(t *testing.T) spend.Summary {
	t.Helper()
	data, err := socialvalue.Assets.ReadFile("fixtures/spend/truth.json")
	if err != nil {
		t.Fatal(err)
	}
	var truth spend.Summary
	if err := json.Unmarshal(data, &truth); err != nil {
		t.Fatal(err)
	}
	return truth
}

// fileFigures is what one file came to. The first five are the equation: records
// = loaded + duplicates + quarantined + skipped.
type fileFigures struct {
	Records, Loaded, Duplicates, Quarantined, Skipped int64
	Net, Footer                                       string // of the rows in the record, and of the file's own total
}

// released is what of one file stands in spend.payments.
type released struct{ Lines, NetPence, VATPence string }

// filesAgree holds every ledger file against the truth: in the report of the
// run, in the ledger of loads, and in what is released.
func filesAgree(t *testing.T, f *flow, report *runreport.Report) {
	loads := f.loads(t)
	reports := map[string]runreport.FileReport{}
	for _, file := range report.Files {
		reports[file.File] = file
	}
	rows := map[string]released{}
	for _, line := range f.texts(t, "spend", `select source_file, count(*), sum(cast(published_amount_gbp * 100 as bigint)),
		sum(cast(coalesce(irrecoverable_vat_gbp, 0) * 100 as bigint)) from spend.payments group by source_file`) {
		cells := strings.Fields(line)
		rows[cells[0]] = released{cells[1], cells[2], cells[3]}
	}
	for _, truth := range readTruth(t).Files {
		name := path.Join("drop/spend", truth.Path)
		got, known := reports[name]
		if !known {
			t.Errorf("%s is not in the report", name)
			continue
		}
		switch truth.Role {
		case spend.RoleRefused:
			if got.Status != runreport.FileRefused || !strings.Contains(got.Reason, name) {
				t.Errorf("%s is %s: %s", name, got.Status, got.Reason)
			}
			continue
		case spend.RoleSameBytes:
			if got.Status != runreport.FileSameBytes || rows[name] != (released{}) {
				t.Errorf("%s has the bytes of %s and is %s, with %v released", name, truth.Of, got.Status, rows[name])
			}
			continue
		}
		if got.Status != runreport.FileLoaded {
			t.Errorf("%s is %s: %s", name, got.Status, got.Reason)
			continue
		}
		want := fileFigures{
			Records: int64(truth.Lines + truth.BlankLines + truth.TotalRows), Loaded: int64(truth.Lines - len(truth.Quarantined)),
			Quarantined: int64(len(truth.Quarantined)), Skipped: int64(truth.BlankLines + truth.TotalRows),
			Net: pounds(truth.LoadedNetPence), Footer: pounds(truth.TotalNetPence),
		}
		wantReleased := released{fmt.Sprint(want.Loaded), fmt.Sprint(int64(truth.LoadedNetPence)), fmt.Sprint(int64(truth.LoadedVATPence))}
		if truth.Role == spend.RoleOverlap {
			want.Loaded, want.Duplicates = 0, want.Loaded
			wantReleased = released{}
		}
		if truth.Role == spend.RoleSuperseded {
			wantReleased = released{}
		}
		figures := fileFigures{
			Records: got.Records, Loaded: got.Rows - got.Duplicates, Duplicates: got.Duplicates, Quarantined: got.Quarantined, Skipped: got.Skipped,
		}
		for _, control := range loads[name].Controls {
			if control.Column == "amount_gbp" {
				figures.Net, figures.Footer = control.SumRows, control.Footer
			}
		}
		if diff := cmp.Diff(want, figures); diff != "" {
			t.Errorf("%s (-truth +loaded):\n%s", name, diff)
		}
		if diff := cmp.Diff(wantReleased, rows[name]); diff != "" {
			t.Errorf("%s (-truth +released):\n%s", name, diff)
		}
		status := load.StatusActive
		if truth.Role == spend.RoleSuperseded {
			status = load.StatusSuperseded
		}
		if loads[name].Status != status {
			t.Errorf("%s is %s in the ledger, want %s", name, loads[name].Status, status)
		}
	}
}

func pounds(p spend.Pence) string {
	return strings.TrimPrefix(fmt.Sprintf("%d.%02d", int64(p)/100, max(int64(p)%100, -int64(p)%100)), "+")
}

// moneyAgrees holds lines and pennies by body, financial year, class and
// capital against the truth, which is that of the ledgers: card transactions are
// a feed of their own.
//
// One difference is meant: what one body of the site pays the other is
// `internal` here, so that totals of the group leave it out, and a
// public_body_transfer to whoever wrote the ledgers.
func moneyAgrees(t *testing.T, f *flow) {
	got := f.texts(t, "spend", `select body_code, financial_year,
		case when flow_rule = 'internal_public_body_kind_group' then 'public_body_transfer' else flow_class end as class,
		capital_or_revenue = 'capital' as capital, count(*), sum(cast(amount_gbp * 100 as bigint))
		from spend.payments where excluded_reason is null and not is_card_feed group by all`)
	var want []string
	for _, total := range readTruth(t).Totals {
		want = append(want, fmt.Sprint(total.Body, " ", total.FinancialYear, " ", total.Class, " ", total.Capital, " ",
			total.Lines, " ", int64(total.NetPence+total.VATPence)))
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines and pennies by body, year, class and capital (-truth +released):\n%s", diff)
	}
}
