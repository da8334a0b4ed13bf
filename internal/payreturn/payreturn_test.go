//go:build duckdb_arrow

package payreturn_test

import (
	"errors"
	"strings"
	"testing"

	"socialvalue/internal/payreturn"
	"socialvalue/pipelines/people/govuk"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	rows := []payreturn.Row{
		{Body: "A", Snapshot: "2025-03-31"},
		{Body: "A", Snapshot: "2024-03-31"},
		{Body: "B", Snapshot: "2024-03-31"},
	}
	for name, tc := range map[string]struct {
		rows                      []payreturn.Row
		body, snapshot, want, err string
	}{
		"the latest, of one body":   {rows, "", "", "A 2025-03-31", ""},
		"an earlier one":            {rows, "B", "2024-03-31", "B 2024-03-31", ""},
		"two bodies":                {rows, "", "2024-03-31", "", "name one of A, B"},
		"a body of an earlier year": {rows, "B", "", "", "body B has none at 2025-03-31; there are A"},
		"a day without a return":    {rows, "A", "2023-03-31", "", "there is no snapshot 2023-03-31; there are 2025-03-31, 2024-03-31"},
		"nothing at all":            {nil, "", "", "", "people.gov_uk_return is empty"},
	} {
		got, err := payreturn.Choose(tc.rows, tc.body, tc.snapshot)
		if tc.err != "" {
			if !errors.Is(err, payreturn.ErrChoice) || !strings.Contains(err.Error(), tc.err) {
				t.Errorf("%s: error %v, want %q", name, err, tc.err)
			}
			continue
		}
		if err != nil || got.Body+" "+got.Snapshot != tc.want {
			t.Errorf("%s: %s %s, %v", name, got.Body, got.Snapshot, err)
		}
	}
}

func TestCounterpart(t *testing.T) {
	t.Parallel()
	published := []govuk.Published{
		{Return: govuk.Return{EmployerName: "An Authority", EmployerID: "1"}},
		{Return: govuk.Return{EmployerName: "Another", EmployerID: "2"}},
	}
	for _, tc := range []struct{ name, id, want string }{
		{"A new name", "2", "2"}, // a number stays when the name changes
		{"AN AUTHORITY", "", "1"},
		{"An Authority", "9", "1"},
		{"Nobody", "9", ""},
	} {
		got, err := payreturn.Counterpart(published, govuk.Return{EmployerName: tc.name, EmployerID: tc.id})
		if got.EmployerID != tc.want || (err != nil) != (tc.want == "") {
			t.Errorf("%s, number %q: %q, %v", tc.name, tc.id, got.EmployerID, err)
		}
	}
}
