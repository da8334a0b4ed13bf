//go:build duckdb_arrow

package spend_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// vectors are the rows of a file of worked cases, by the names of its columns.
func vectors(t *testing.T, file string) []map[string]string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]map[string]string, 0, len(records)-1)
	for _, record := range records[1:] {
		r := map[string]string{}
		for i, name := range records[0] {
			r[name] = record[i]
		}
		rows = append(rows, r)
	}
	return rows
}

func number(t *testing.T, text string) *big.Rat {
	t.Helper()
	if text == "" {
		return new(big.Rat)
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return r
}

// TestGrowthVectors takes each case of growth since year one (G1 to G7 of the methods, C6; edge cases 50 and 51) through the
// macros that spend.local_growth is made with.
func TestGrowthVectors(t *testing.T) {
	t.Parallel()
	w := (&money{}).build(t, "spend.local_growth")
	measures := map[string]string{
		"pp_change":       "round(%[2]s - %[1]s, 6)",
		"relative_change": "round(relative_change(%[1]s, %[2]s), 6)",
		"nominal_change":  "round(relative_change(%[1]s, %[2]s), 6)",
		"real_change":     "round(real_change(%[1]s, %[2]s, %[3]s), 6)",
	}
	reasons := map[string]string{"G5": "zero_base", "G6": "negative_base"}
	for _, c := range vectors(t, "testdata/growth_cases.csv") {
		expression, known := measures[c["measure"]]
		if !known {
			t.Fatalf("%s: measure %s is not computed", c["id"], c["measure"])
		}
		arguments := []any{c["year_one"], c["current"]}
		if strings.Contains(expression, "[3]") {
			arguments = append(arguments, c["deflator_current_over_base"])
		}
		want := "null"
		if c["expected"] != "" {
			want = number(t, c["expected"]).FloatString(6)
		}
		got := w.texts(t, "site.settings", []string{
			"printf('%.6f', " + fmt.Sprintf(expression, arguments...) + ")", "relative_change_reason(" + c["year_one"] + ")",
		}, "true")
		if diff := cmp.Diff([]string{want + "|" + orNull(reasons[c["id"]])}, got); diff != "" {
			t.Errorf("%s, %s (-vector +got):\n%s", c["id"], c["measure"], diff)
		}
	}
}

// TestGroupShareIsARatioOfSums is edge case 53. Ten bodies have the totals that the Greater Manchester table of CLES gives for
// ten authorities together, split so that the mean of their shares is the one the table prints (53.79%). What is published of
// them together is the ratio of sums, 61.73%, and the check refuses the mean in its place.
func TestGroupShareIsARatioOfSums(t *testing.T) {
	t.Parallel()
	var m money
	type split struct{ local, elsewhere string }
	bodies := append(slices.Repeat([]split{{"26018500.00", "23981500.00"}}, 9), split{"385485726.58", "168372708.63"})
	for i, body := range bodies {
		code := fmt.Sprint("b", i)
		m.body(code)
		m.pay(code, "here"+code, postcodeHere, "A", body.local)
		m.pay(code, "elsewhere"+code, postcodeElsewhere, "A", body.elsewhere)
	}
	w := m.build(t, "spend.local_spend")
	const group = "body_code = 'group' and breakdown = 'all' and local_definition = 'delivery_branch'"
	got := w.texts(t, "spend.local_spend", []string{"spend_gbp", "local_gbp", "printf('%.4f', 100 * local_share_of_total)"}, group)
	if diff := cmp.Diff([]string{"1003858435.21|619652226.58|61.7271"}, got); diff != "" {
		t.Errorf("of the bodies together (-published +got):\n%s", diff)
	}
	mean := w.query(t, `select printf('%.2f', 100 * avg(local_share_of_total)) from spend.local_spend
		where body_code <> 'group' and breakdown = 'all' and local_definition = 'delivery_branch'`)
	if diff := cmp.Diff([]string{"53.79"}, mean); diff != "" {
		t.Fatalf("mean of the shares (-want +got):\n%s", diff)
	}
	check, err := os.ReadFile("../../sql/checks/spend_shares_are_ratios_of_sums.sql")
	if err != nil {
		t.Fatal(err)
	}
	refused := func() []string {
		return w.query(t, "select concat_ws('|', body_code, breakdown, measure) from ("+string(check)+")")
	}
	if got := refused(); len(got) > 0 {
		t.Errorf("the check refuses what is a ratio of sums: %v", got)
	}
	if _, err := w.db.Exec(t.Context(), "update spend.local_spend set local_share_of_total = 0.537928 where "+group); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"group|all|local_share_of_total"}, refused()); diff != "" {
		t.Errorf("the mean in place of the ratio of sums (-want +refused):\n%s", diff)
	}
}

// TestGrantToACharity is edge case 32: what a charity is given is in the measure of grants, and not in the part of procurement
// that goes to voluntary organisations. What it is paid for a service is.
func TestGrantToACharity(t *testing.T) {
	t.Parallel()
	var m money
	m.body("a")
	charity := func(account, amount string) {
		m.pay("a", "charity", postcodeHere, "", amount)
		line := m.payments[len(m.payments)-1]
		name, number := "Example Arts Trust", "209782"
		line["supplier_name"], line["charity_number"], line["account"] = &name, &number, &account
	}
	charity("Grants to Voluntary Organisations", "5000.00")
	charity("Training", "300.00")
	m.pay("a", "firm", postcodeHere, "A", "700.00")
	m.grants = append(m.grants, texts("line_key", m.key(), "_source_file", "grants.csv", "_source_row", "2", "body_code", "a",
		"grant_ref", "360G-a-1", "currency", "GBP", "awarded_gbp", "6000.00", "award_date", "2022-06-01",
		"recipient_name", "Example Arts Trust", "recipient_org_id", "GB-CHC-209782"))
	w := m.build(t, "spend.local_spend", "spend.grant_totals")
	procurement := w.texts(t, "spend.local_spend", []string{"spend_gbp", "vcse_gbp"},
		"body_code = 'a' and breakdown = 'all' and local_definition = 'delivery_branch'")
	if diff := cmp.Diff([]string{"1000.00|300.00"}, procurement); diff != "" {
		t.Errorf("procurement and its part to VCSE (-want +got):\n%s", diff)
	}
	paid := w.texts(t, "spend.payments", []string{"flow_class", "in_scope", "amount_gbp"}, "charity_number = '209782'")
	if diff := cmp.Diff([]string{"grant|false|5000.00", "procurement|true|300.00"}, paid); diff != "" {
		t.Errorf("paid to the charity (-want +got):\n%s", diff)
	}
	granted := w.texts(t, "spend.grant_totals", []string{"breakdown_value", "awarded_gbp"}, "body_code = 'a' and breakdown = 'vcse'")
	if diff := cmp.Diff([]string{"yes|6000.00"}, granted); diff != "" {
		t.Errorf("grants by VCSE (-want +got):\n%s", diff)
	}
}

// TestCardTransaction is edge case 34: a card purchase of £120 is spend, is not in the over-£500 file, and is in the list of
// card transactions. What is paid to the card provider for the same month counts nowhere and says so.
func TestCardTransaction(t *testing.T) {
	t.Parallel()
	var m money
	m.body("a")
	m.cards = append(m.cards, texts("line_key", m.key(), "_source_file", "cards.csv", "_source_row", "2", "body_code", "a",
		"coverage", "ledger", "amount_basis", "net", "transaction_date", "2022-08-05", "transaction_ref", "T1",
		"merchant_name", "Example Stationers Ltd", "merchant_category", "5111", "amount_gbp", "120.00"))
	m.pay("a", "bank", postcodeElsewhere, "", "144.00")
	bank := "Example Bank Purchasing Card Services"
	m.payments[0]["supplier_name"] = &bank
	m.pay("a", "firm", postcodeHere, "", "700.00")
	w := m.build(t, "spend.local_spend", "spend.published_payments", "spend.published_card_transactions", "spend.card_statements")
	lines := w.texts(t, "spend.payments", []string{"supplier_name", "purchase_card", "in_scope", "excluded_reason"}, "true")
	want := []string{
		"Example Bank Purchasing Card Services|null|false|card_statement", "Example Stationers Ltd|true|true|null",
		"Example firm Ltd|null|true|null",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("payee|card|in scope|excluded (-want +got):\n%s", diff)
	}
	for question, want := range map[string]string{
		"select cast(spend_gbp as varchar) from spend.local_spend where body_code = 'a' and breakdown = 'all' and local_definition = 'reg_office'": "820.00",
		"select string_agg(beneficiary_name, ', ') from spend.published_payments":                                                                  "Example firm Ltd",
		"select string_agg(beneficiary_name || ' ' || amount_gbp, ', ') from spend.published_card_transactions":                                    "Example Stationers Ltd 120.00",
		"select transactions_gbp || ' ' || paid_to_provider_gbp || ' ' || difference_gbp from spend.card_statements":                               "120.00 144.00 24.00",
	} {
		if diff := cmp.Diff([]string{want}, w.query(t, question)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", question, diff)
		}
	}
}
