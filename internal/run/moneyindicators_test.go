//go:build duckdb_arrow

package run_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// moneyIndicatorsAgree holds one figure of each supporting indicator of the commissioner and the investor against what a person
// counts in the files of the demonstration.
func moneyIndicatorsAgree(t *testing.T, f *flow) {
	for _, c := range []struct{ of, counted, want string }{
		{"CO01a", "of 979 suppliers paid in 2024-25, 42 stand in the extract of charities or of societies, or as a CIC in that of companies", "42|979|null"},
		// In the list are 13 employers until 31 March 2023. Of one the number is mistyped and asked about, and one sells nothing but
		// bus services that operators are supported for, which is out of scope.
		{"CO02a", "11 accredited employers that are paid in 2022-23, and the three suppliers of C0302, C0305 and the contract of Pebble Notional", "14|973|null"},
		{"CO08", "three announced investments of 2022-23 (SIF-001, 4 and 7), of which SIF-004 has no assessment", "2|3|null"},
		{"CO11", "AG-101 and AG-102 promise £50,000 and £80,000 for 2024-25; all of the former is evidenced, of the latter nobody says", "50000|130000|null"},
		{"IN02", "SIF-001 and half of SIF-004 have a place: £900,000 in Widnes and £225,000 in Anfield are in deciles 1 and 2, £450,000 is not", "1125000|1575000|null"},
		{"IN03", "two funds in 2024-25: 105 and 60 of 140 and 75 jobs", "165|215|null"},
		{"IN04", "five grant agreements of 2024-25, one without the condition", "4|5|null"},
		{"IN05", "K1 of AG-101 and AG-103 and K3 of AG-101 were due by 31 March 2025, and nobody reports on grants such as AG-103", "partly_supplied"},
	} {
		year := "2024-25"
		switch c.of {
		case "CO02a", "CO08", "IN02":
			year = "2022-23"
		}
		got := f.texts(t, "open", `select concat_ws('|', cast(numerator as bigint), cast(denominator as bigint), coalesce(null_reason, 'null'))
			from indicators.measurements where breakdown = 'all' and iod_edition is null and indicator_id = '`+c.of+"' and financial_year = '"+year+"'")
		if diff := cmp.Diff([]string{c.want}, got); diff != "" {
			t.Errorf("%s of %s, %s (-counted +open):\n%s", c.of, year, c.counted, diff)
		}
	}
	// The money of CO01b and CO02b is that of the suppliers who are counted, line by line.
	for id, of := range map[string]string{
		"CO01b": "supplier.legal_form_basis <> 'name_ending' and supplier.legal_form in ('charity', 'charitable_company', 'cio', 'cic', 'community_benefit_society')",
		"CO02b": `exists (select 1 from spend.supplier_history as history where history.supplier_key = line.supplier_key
			and history.rlw and history.rlw_evidence in ('accreditation', 'contract_clause')
			and coalesce(history.valid_from, date '2025-03-31') <= date '2025-03-31' and coalesce(history.valid_to, date '2025-03-31') >= date '2025-03-31')`,
	} {
		lines := f.texts(t, "spend", `select sum(line.amount_gbp)::varchar from spend.in_scope_payments as line
			inner join spend.suppliers as supplier on line.supplier_key = supplier.supplier_key
			where line.financial_year = '2024-25' and line.coverage = 'ledger' and line.is_identified and `+of)
		told := f.texts(t, "spend", "select cast(numerator as decimal(18, 2))::varchar from indicators.measurements where breakdown = 'all' and financial_year = '2024-25' and indicator_id = '"+id+"'")
		if diff := cmp.Diff(lines, told); diff != "" {
			t.Errorf("%s (-lines +told):\n%s", id, diff)
		}
	}
}
