//go:build duckdb_arrow

package spend_test

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The postcodes of the fixture: one in the area, one elsewhere.
const (
	postcodeHere      = "L3 1BP"
	postcodeElsewhere = "WA1 1AA"
	districtHere      = "E08000012"
)

// money is a fixture of payments, surveys and pay, each row a line of its feed.
type money struct {
	payments, cards, grants, surveys, staffPay []row
	bodies                                     []row
	lines                                      int
}

func texts(pairs ...string) row {
	r := row{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			r[pairs[i]] = &pairs[i+1]
		}
	}
	return r
}

func (m *money) key() string {
	m.lines++
	return lineKey(strconv.Itoa(m.lines))
}

func (m *money) body(code string) {
	m.bodies = append(m.bodies, texts("body_code", code, "body_name", "Body "+code, "role", "authority"))
}

func (m *money) pay(body, supplier, postcode, category, amount string) {
	key := m.key()
	m.payments = append(m.payments, texts("line_key", key, "_source_file", "ledger.csv", "_source_row", strconv.Itoa(m.lines),
		"body_code", body, "coverage", "ledger", "amount_basis", "net", "posting_date_basis", "posting",
		"posting_date", "2022-09-01", "supplier_ref", supplier, "supplier_name", "Example "+supplier+" Ltd",
		"supplier_postcode", postcode, "category", category, "category_scheme", "expenditure_category", "amount_gbp", amount))
}

// asks is a questionnaire; without a percentage it did not come back.
func (m *money) asks(body, kind, supplier, percent string) {
	answered := strconv.FormatBool(percent != "")
	m.surveys = append(m.surveys, texts("line_key", m.key(), "body_code", body, "financial_year", "2022-23",
		"respondent_ref", strconv.Itoa(m.lines), "respondent_kind", kind, "answered", answered, "supplier_ref", supplier,
		"local_spend_pct", percent))
}

func (m *money) build(t *testing.T, targets ...string) built {
	t.Helper()
	asOf, month, day, year := "2025-06-30", "4", "1", "2022-23"
	return buildFrom(t, map[string][]row{
		"geo.postcode": {
			texts("pcds", postcodeHere, "lad_code", districtHere, "ward_code", "E05000001", "lsoa11_code", "E01000001",
				"lsoa21_code", "E01100001", "user_type", "small"),
			texts("pcds", postcodeElsewhere, "lad_code", "E06000007", "ward_code", "E05000099", "lsoa11_code", "E01000099",
				"lsoa21_code", "E01100099", "user_type", "small"),
		},
		"raw.spend_payments": m.payments, "raw.spend_card_transactions": m.cards, "raw.spend_grants": m.grants,
		"raw.spend_respend_surveys": m.surveys, "raw.spend_staff_pay": m.staffPay,
		"site.bodies": m.bodies, "site.area": areaRows([]string{districtHere}), "site.as_of": {{"as_of": &asOf}},
		"site.settings": {{
			"financial_year_start_month": &month, "financial_year_start_day": &day, "baseline_year": &year,
		}},
	}, nil, targets...)
}

// TestLocalMultiplierVectors takes each published or worked case of LM3 (LM01 to LM11 of the methods, C8) from payments, pay
// and questionnaires to the figures. Each case is a body.
func TestLocalMultiplierVectors(t *testing.T) {
	t.Parallel()
	var m money
	var want []string
	for _, c := range vectors(t, "testdata/lm3_cases.csv") {
		body := c["id"]
		m.body(body)
		m.caseOf(c)
		scope := "all"
		if number(t, c["r2_staff"]).Sign() > 0 {
			scope = "with_staff"
			inThousands(t, c)
		}
		reason := map[string]string{"LM06": "zero_base", "LM08": "round_exceeds_prior"}[body]
		want = append(want, strings.Join([]string{body, scope, orNull(c["expected_r3"]), orNull(c["expected_lm2"]), orNull(c["expected_lm3"]), orNull(reason)}, "|"))
	}
	w := m.build(t, "spend.local_multiplier")
	got := w.texts(t, "spend.local_multiplier", []string{
		"body_code", "scope", "r3_gbp", "printf('%.6f', lm2)", "printf('%.6f', lm3)", "json_extract_string(null_reasons, '$.lm3')",
	}, `scope = 'with_staff' and r1_gbp is not null and body_code <> 'group'
		or scope = 'all' and body_code not in (select body_code from spend.local_multiplier where scope = 'with_staff')
		and body_code <> 'group'`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("body|scope|r3|lm2|lm3|reason (-vectors +got):\n%s", diff)
	}
	for body, name := range map[string]string{
		"LM04": "E56 nothing is spent in the area", "LM05": "E57 nothing is spent there again", "LM06": "E58 nothing was spent at all",
	} {
		t.Run(name, func(t *testing.T) {
			isOther := func(row string) bool { return !strings.HasPrefix(row, body+"|") }
			want, got := slices.DeleteFunc(slices.Clone(want), isOther), slices.DeleteFunc(slices.Clone(got), isOther)
			if diff := cmp.Diff(want, got); diff != "" || len(want) != 1 {
				t.Errorf("body|scope|r3|lm2|lm3|reason (-vector +got):\n%s", diff)
			}
		})
	}
	t.Run("LM10 and Northumberland", func(t *testing.T) {
		got := w.texts(t, "spend.local_multiplier", []string{"lm3", "nb_variant"}, "body_code = 'LM10' and scope = 'all'")
		if diff := cmp.Diff([]string{"2.76|1.76"}, got); diff != "" {
			t.Errorf("lm3|nb_variant (-published +got):\n%s", diff)
		}
	})
	t.Run("LM11 says how much of it was answered", func(t *testing.T) {
		got := w.texts(t, "spend.local_multiplier",
			[]string{"asked_suppliers", "answered_suppliers", "survey_coverage", "imputed_share", "named_source_share"},
			"body_code = 'LM11' and scope = 'with_staff'")
		if diff := cmp.Diff([]string{"3|2|0.6|0.4|0.0"}, got); diff != "" {
			t.Errorf("asked|answered|coverage|imputed|named (-want +got):\n%s", diff)
		}
	})
	t.Run("the bodies together are a ratio of sums", func(t *testing.T) {
		got := w.query(t, `select
			abs((select (sum(r1_gbp) + sum(r2_gbp)) / sum(r1_gbp) from spend.local_multiplier where scope = 'all' and body_code <> 'group')
			- (select lm2 from spend.local_multiplier where scope = 'all' and body_code = 'group')) < 1e-9`)
		if diff := cmp.Diff([]string{"true"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// inThousands rounds what is expected of a case with staff, whose money is told in whole thousands.
func inThousands(t *testing.T, c map[string]string) {
	t.Helper()
	if c["expected_r3"] == "" {
		return
	}
	thousand := big.NewRat(1000, 1)
	rounded := rational(new(big.Rat).Quo(number(t, c["expected_r3"]), thousand).FloatString(0))
	rounded.Mul(rounded, thousand)
	lm3 := new(big.Rat).Quo(rounded, number(t, c["r1"]))
	c["expected_r3"], c["expected_lm3"] = rounded.FloatString(2), lm3.Add(lm3, number(t, c["expected_lm2"])).FloatString(6)
}

// caseOf makes the payments, pay and questionnaires of one vector.
func (m *money) caseOf(c map[string]string) {
	body, staff, suppliers := c["id"], c["r2_staff"], c["r2_suppliers"]
	rest := new(big.Rat).Sub(rational(c["r1"]), new(big.Rat).Add(rational(staff), rational(suppliers)))
	if rest.Sign() != 0 { // what went elsewhere; a credit where less was spent than stayed
		m.pay(body, "elsewhere", postcodeElsewhere, "A", rest.FloatString(2))
	}
	if rational(staff).Sign() > 0 {
		m.staffPay = append(m.staffPay, texts("line_key", m.key(), "body_code", body, "financial_year", "2022-23",
			"home_district", districtHere, "staff", "100", "pay_gbp", staff))
	}
	switch body {
	case "LM06": // bought and credited in full
		m.pay(body, "elsewhere", postcodeElsewhere, "A", "1000.00")
		m.pay(body, "elsewhere", postcodeElsewhere, "A", "-1000.00")
	case "LM11": // £180,000 answered with 35% in all; £120,000 has the mean of category B, 20%
		m.pay(body, "one", postcodeHere, "A", "120000.00")
		m.pay(body, "two", postcodeHere, "B", "60000.00")
		m.pay(body, "three", postcodeHere, "B", "120000.00")
		m.asks(body, "supplier", "one", "42.5")
		m.asks(body, "supplier", "two", "20")
		m.asks(body, "supplier", "three", "")
	default:
		if rational(suppliers).Sign() > 0 {
			m.pay(body, "here", postcodeHere, "A", suppliers)
			m.asks(body, "supplier", "here", percent(c["supplier_respend"]))
		}
	}
	switch share := c["staff_respend"]; share {
	case "":
	case "0.4542": // the mean of five answers
		for _, answer := range []string{"42.1", "50.5", "63.1", "37.8", "33.6"} {
			m.asks(body, "staff", "", answer)
		}
	default:
		m.asks(body, "staff", "", percent(share))
	}
}

// TestNobodyAnswered is edge case 60: of forty questionnaires none came back.
func TestNobodyAnswered(t *testing.T) {
	t.Parallel()
	var m money
	m.body("a")
	for i := range 40 {
		supplier := fmt.Sprint("s", i)
		m.pay("a", supplier, postcodeHere, "A", "10.00")
		m.asks("a", "supplier", supplier, "")
	}
	m.pay("a", "elsewhere", postcodeElsewhere, "A", "600.00")
	columns := []string{"r1_gbp", "r2_gbp", "r3_gbp", "lm2", "lm3", "asked_suppliers", "json_extract_string(null_reasons, '$.r3_gbp')"}
	got := m.build(t, "spend.local_multiplier").texts(t, "spend.local_multiplier", columns, "body_code = 'a' and scope = 'all'")
	if diff := cmp.Diff([]string{"1000.00|400.00|null|1.4|null|40|no_response"}, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", strings.Join(columns, "|"), diff)
	}
}

// query is the one column of a query as text.
func (b built) query(t *testing.T, sql string) []string {
	t.Helper()
	rows, err := b.db.Texts(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func orNull(text string) string {
	if text == "" {
		return "null"
	}
	return text
}

func rational(text string) *big.Rat {
	if text == "" {
		return new(big.Rat)
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		panic("not a number: " + text)
	}
	return r
}

func percent(share string) string {
	return new(big.Rat).Mul(rational(share), big.NewRat(100, 1)).FloatString(4)
}
