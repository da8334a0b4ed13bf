package disclosure_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/disclosure"
)

func TestProtect(t *testing.T) {
	t.Parallel()
	district := disclosure.Relation{Name: "geo.district", Columns: []disclosure.Column{{Name: "lad_code"}, {Name: "population", Personal: "none"}}}
	for _, test := range []struct {
		name  string
		open  []disclosure.Relation
		want  disclosure.Masks
		wrong []string // parts of the message; none: no error
	}{
		{name: "nothing open", want: disclosure.Masks{}},
		{name: "no people", open: []disclosure.Relation{district}, want: disclosure.Masks{"geo.district": {}}},
		{
			name:  "a direct identifier",
			open:  []disclosure.Relation{{Name: "travel.passes", DefinedIn: "sql/travel/passes.yaml", Columns: []disclosure.Column{{Name: "pass_key", Personal: "direct"}}}},
			wrong: []string{"sql/travel/passes.yaml: travel.passes: column pass_key is personal (direct)", "tier: restricted"},
		},
		{
			name:  "an indirect one",
			open:  []disclosure.Relation{district, {Name: "travel.reach", Columns: []disclosure.Column{{Name: "age_band", Personal: "indirect"}}}},
			wrong: []string{"travel.reach: column age_band"},
		},
		{
			name:  "a misspelt class counts as personal",
			open:  []disclosure.Relation{{Name: "a.b", Columns: []disclosure.Column{{Name: "c", Personal: "nnone"}}}},
			wrong: []string{"a.b: column c"},
		},
		{
			name:  "counts of people",
			open:  []disclosure.Relation{{Name: "people.pay_gaps", Controlled: true}},
			wrong: []string{"people.pay_gaps: its `disclosure:` section", "tier: restricted"},
		},
		{
			name: "every refused relation is named",
			open: []disclosure.Relation{
				{Name: "people.pay_gaps", Controlled: true},
				district,
				{Name: "travel.reach", Controlled: true},
			},
			wrong: []string{"people.pay_gaps", "travel.reach"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			masks, err := disclosure.Protect(t.Context(), test.open, disclosure.Ledger{})
			if len(test.wrong) == 0 {
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, masks); diff != "" {
					t.Error(diff)
				}
				return
			}
			if !errors.Is(err, disclosure.ErrUncontrolled) || masks != nil {
				t.Fatalf("Protect = %v, %v; want nothing and ErrUncontrolled", masks, err)
			}
			for _, part := range test.wrong {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("message lacks %q: %v", part, err)
				}
			}
		})
	}
}

func TestProtectStopsWhenCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := disclosure.Protect(ctx, []disclosure.Relation{{Name: "geo.ward"}}, disclosure.Ledger{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Protect = %v, want context.Canceled", err)
	}
}
