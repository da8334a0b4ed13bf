//go:build duckdb_arrow

package load_test

import (
	"errors"
	"strings"
	"testing"

	"socialvalue/internal/load"
)

const header = "Posted,Payee,Net\n"

func TestLimits(t *testing.T) {
	t.Parallel()
	limits := func(text string) string {
		return strings.Replace(payments, "limits: {quarantine_share: 0.5, quarantine_max: 5, min_rows: 1}\n", text, 1)
	}
	const good, bad = "2022-06-01,A,10.00\n", "2022-06-01,A,x\n"
	cases := []struct {
		name, contract, rows string
		refused              bool
	}{
		{"no share means none", limits("limits: {quarantine_share: 0}\n"), strings.Repeat(good, 300) + bad, true},
		{"no number means none", limits("limits: {quarantine_max: 0}\n"), strings.Repeat(good, 300) + bad, true},
		{"unsaid, one in a hundred", limits(""), strings.Repeat(good, 296) + strings.Repeat(bad, 3), true},
		{"unsaid, fewer", limits(""), strings.Repeat(good, 298) + strings.Repeat(bad, 2), false},
		{"one of a short file", limits(""), good + good + bad, false},
		{"one of a very short file", limits(""), good + bad, true},
		{"every row", limits("limits: {quarantine_share: 1, min_rows: 0}\n"), bad, true},
		{"no rows replace no month", limits(""), "", true},
		{"no rows, if the contract says so", limits("limits: {min_rows: 0}\n"), "", false},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := setUp(t, tc.contract)
			_, _, err := b.load(t.Context(), file{name: "a.csv", text: header + tc.rows})
			var refusal *load.Refusal
			if errors.As(err, &refusal) != tc.refused || (err != nil && refusal == nil) {
				t.Errorf("got %v, refused: want %t", err, tc.refused)
			}
		})
	}
}

// people is a contract whose values nobody may see.
const people = `
version: 1
description: people
grain: one person
load: {mode: append, identity: occurrence}
columns:
  - {name: ni_number, type: text, personal: indirect, action: keep}
  - {name: hours, type: integer}
`

func TestAFailingRuleIsNamedWithoutTheValue(t *testing.T) {
	t.Parallel()
	const secret = "QQ123456C"
	cases := []struct{ name, rule, want string }{
		{"warning", `checks: [{name: bad_ni, severity: warn, when: "cast(ni_number as integer) < 0"}]`, "the check bad_ni of contract demo/payments"},
		{"error", `checks: [{name: bad_ni, severity: error, when: "cast(ni_number as integer) < 0"}]`, "the check bad_ni of contract demo/payments"},
		{"skip", `skip: [{rule: fine, when: "hours = 'x'"}, {rule: note, when: "cast(ni_number as integer) < 0"}]`, "the skip rule note of contract demo/payments"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := setUp(t, people+tc.rule+"\n")
			_, _, err := b.load(t.Context(), file{name: "a.csv", text: "ni_number,hours\n" + secret + ",10\n"})
			var refusal *load.Refusal
			if !errors.As(err, &refusal) || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), secret) {
				t.Errorf("got %v, want a refusal that says %s and no value", err, tc.want)
			}
		})
	}
}

func TestTheFilesOwnTotal(t *testing.T) {
	t.Parallel()
	required := strings.Replace(payments, "from: footer}", "from: footer, required: true}", 1)
	const row = "2022-06-01,A,10.00\n"
	cases := []struct {
		name, contract, rows string
		refused              bool
		missing              int64
	}{
		{"agrees", required, row + ",TOTAL,10.00\n", false, 0},
		{"is no amount", payments, row + ",TOTAL,10.00.5\n", true, 0},
		{"is empty", payments, row + ",TOTAL,\n", true, 0},
		{"is missing", payments, row, false, 1},
		{"is missing and required", required, row, true, 0},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := setUp(t, tc.contract)
			record, _, err := b.load(t.Context(), file{name: "a.csv", text: header + tc.rows})
			var refusal *load.Refusal
			if errors.As(err, &refusal) != tc.refused || (err != nil && refusal == nil) {
				t.Fatalf("got %v, refused: want %t", err, tc.refused)
			}
			if record != nil && record.Warnings["control_total_missing"] != tc.missing {
				t.Errorf("warnings %v, want %d missing", record.Warnings, tc.missing)
			}
		})
	}
}
