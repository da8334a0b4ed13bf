//go:build duckdb_arrow

package run_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/runreport"
)

// TestContracts runs the contracts of the demonstration by themselves, without the ledgers' files.
func TestContracts(t *testing.T) {
	t.Parallel()
	f := newFlow(t)
	f.disableAllBut(t, "geography", "spend", "contracts")
	head, rest, _ := strings.Cut(f.read(t, "svw.yaml"), "  # ---- spend\n")
	_, rest, _ = strings.Cut(rest, "  # ---- contracts")
	rest, _, found := strings.Cut(rest, "  # ---- people\n")
	if !found {
		t.Fatal("svw.yaml of the demonstration has other parts")
	}
	f.write(t, "svw.yaml", head+"  # ---- contracts"+rest)
	report := f.run(t)
	if failed := append(modelsBy(report, "failed"), modelsBy(report, "held")...); len(failed) > 0 {
		t.Fatalf("not built: %v", failed)
	}
	if refused := filesBy(report, runreport.FileRefused); len(refused) > 0 {
		t.Fatalf("refused: %v", refused)
	}
	contractsAgree(t, f)
	t.Run("nobody is named who may be a person", func(t *testing.T) {
		for _, place := range []string{"open", "spend"} {
			got := f.texts(t, place, "select count(*) from spend.contracts where contract_ref = 'LCRCA-2022-907' and title is null and supplier_name is null")
			if !slices.Equal(got, []string{"1"}) {
				t.Errorf("in %s: %v", place, got)
			}
		}
	})
}

// contractsAgree holds the contracts against what their fixtures say of themselves.
func contractsAgree(t *testing.T, f *flow) {
	type year struct {
		Contracts    int     `json:"contracts"`
		WithSV       int     `json:"with_social_value"`
		NotEvidenced int     `json:"not_evidenced"`
		GBP          int64   `json:"gbp"`
		GBPWithSV    int64   `json:"gbp_with_social_value"`
		Weighted     int     `json:"weighted"`
		WeightsPct   float64 `json:"weights_pct"`
	}
	var truth struct {
		Contracts int             `json:"contracts"`
		Running   int             `json:"running_tenders"`
		Releases  int             `json:"releases"`
		Broken    int             `json:"broken_releases"`
		Above     map[string]year `json:"above_20k"`
	}
	readJSON(t, "../../fixtures/contracts/truth.json", &truth)
	questions := map[string]string{
		"select count(*) from spend.contracts_internal where contract_status <> 'tendering'":            fmt.Sprint(truth.Contracts),
		"select count(*) from spend.contracts_internal where contract_status = 'tendering'":             fmt.Sprint(truth.Running),
		"select count(*) from spend.contracts where not is_awarded":                                     "0",
		"select count(*) from spend.contracts where supplier_name like '%Sam Specimen%'":                "0",
		"select cast(rows_loaded as bigint) from meta.sources where source = 'notices'":                 fmt.Sprint(truth.Releases),
		"select cast(rows_quarantined as bigint) from meta.sources where source = 'notices'":            fmt.Sprint(truth.Broken),
		"select count(distinct financial_year) from spend.contract_weighting":                           fmt.Sprint(len(truth.Above)),
		"select count(*) from spend.contract_contradictions where fact = 'value_gbp'":                   "1",
		"select count(*) from impact.deliverables where agreement_ref = 'LCRCA-2023-909' and monitored": "2",
	}
	for financialYear, y := range truth.Above {
		questions[`select concat_ws(' ', contracts, sv_contracts, not_evidenced_contracts, cast(contracts_gbp as bigint), cast(sv_gbp as bigint), weighted_contracts)
			from spend.contract_weighting where body_code = 'group' and breakdown = 'all' and financial_year = '`+financialYear+"'"] = fmt.Sprintf("%d %d %d %d %d %d", y.Contracts, y.WithSV, y.NotEvidenced, y.GBP, y.GBPWithSV, y.Weighted)
		weights := "select weights_pct from spend.contract_weighting where body_code = 'group' and breakdown = 'all' and financial_year = '" + financialYear + "'"
		if got, err := strconv.ParseFloat(f.texts(t, "spend", weights)[0], 64); err != nil || got != y.WeightsPct {
			t.Errorf("weights of %s add up to %v (%v), the truth is %v", financialYear, got, err, y.WeightsPct)
		}
	}
	for question, want := range questions {
		domain := "spend"
		if question == "select count(*) from impact.deliverables where agreement_ref = 'LCRCA-2023-909' and monitored" {
			domain = "impact"
		}
		if diff := cmp.Diff([]string{want}, f.texts(t, domain, question)); diff != "" {
			t.Errorf("%s (-truth +released):\n%s", question, diff)
		}
	}
}
