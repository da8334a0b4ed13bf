package nearest_test

import (
	"testing"

	"pgregory.net/rapid"

	"socialvalue/internal/nearest"
)

func TestOf(t *testing.T) {
	t.Parallel()
	columns := []string{"amount_gbp", "supplier_name", "posting_date", "name"}
	tests := map[string]struct{ word, want string }{
		"a slip":                {"suplier_name", "supplier_name"},
		"swapped letters":       {"psoting_date", "posting_date"},
		"other words around":    {"Net Amount", "amount_gbp"},
		"other case and spaces": {"Supplier Name", "supplier_name"},
		"nothing like it":       {"notes", ""},
		"empty":                 {"", ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := nearest.Of(tc.word, columns); got != tc.want {
				t.Errorf("Of(%q) = %q, want %q", tc.word, got, tc.want)
			}
		})
	}
}

func TestScoreIsSymmetricAndBounded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		ab, ba := nearest.Score(a, b), nearest.Score(b, a)
		if ab != ba {
			t.Fatalf("Score(%q, %q) = %v, the other way %v", a, b, ab, ba)
		}
		if ab < 0 || ab > 1 {
			t.Fatalf("Score(%q, %q) = %v, outside 0 to 1", a, b, ab)
		}
	})
}
