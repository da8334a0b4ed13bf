//go:build duckdb_arrow

package spend_test

import (
	"encoding/csv"
	"fmt"
	"math/big"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// vectors are the rows of a file of worked cases, by the names of its columns.
func vectors(t *testing.T, file string) []map[string]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
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
	for i, body := range []struct{ local, elsewhere string }{
		{"26018500.00", "23981500.00"}, {"26018500.00", "23981500.00"}, {"26018500.00", "23981500.00"},
		{"26018500.00", "23981500.00"}, {"26018500.00", "23981500.00"}, {"26018500.00", "23981500.00"},
		{"26018500.00", "23981500.00"}, {"26018500.00", "23981500.00"}, {"26018500.00", "23981500.00"},
		{"385485726.58", "168372708.63"},
	} {
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
