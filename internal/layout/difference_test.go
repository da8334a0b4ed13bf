package layout_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/layout"
)

// told are differences as short text.
func told(differences []layout.Difference) []string {
	list := make([]string, 0, len(differences))
	for _, d := range differences {
		text := strings.Join([]string{string(d.Kind), d.Column, d.Header, d.Expected, d.Found}, "|")
		if d.Refuses {
			text += "|refuses"
		}
		list = append(list, text)
	}
	return list
}

func TestCompareColumns(t *testing.T) {
	t.Parallel()
	before := []layout.Column{{Name: "a", Type: "text"}, {Name: "b", Type: "date", Required: true}, {Name: "c", Type: "money"}, {Name: "d", Type: "code"}}
	after := []layout.Column{{Name: "d", Type: "code"}, {Name: "a", Type: "text"}, {Name: "b", Type: "date"}, {Name: "e", Type: "uuid", Required: true}, {Name: "f", Type: "text"}}
	want := []string{
		"type|b||date, required|date", "missing|c||money||refuses", "extra|e|||uuid, required|refuses", "extra|f|||text",
		"order|d||after b|first",
	}
	got := told(layout.CompareColumns(before, after))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if same := layout.CompareColumns(before, before); len(same) > 0 {
		t.Errorf("a contract differs from itself: %+v", same)
	}
}

// The message of a refusal, its table and its JSON are made of the same list.
func TestDifferencesOfAFile(t *testing.T) {
	t.Parallel()
	l := layout.Default()
	l.Set = map[string]string{"coverage": "ledger", "covrage": "x"}
	_, err := l.Bind([]string{"Amuont", "amount", "Net Amount", "coverage", "Zweck"}, payments(), nil)
	var problem *layout.BindError
	if !errors.As(err, &problem) {
		t.Fatal(err)
	}
	want := []string{
		"missing|posting_date||required||refuses",
		`several|amount_gbp|||"amount" (column 2), "Net Amount" (column 3)|refuses`,
		`constant|coverage|||"coverage" (column 4)|refuses`,
		"constant||||covrage|refuses",
		"extra||Amuont|||refuses", "extra||Zweck|||refuses",
	}
	differences := problem.Differences()
	if diff := cmp.Diff(want, told(differences)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var table strings.Builder
	if err := layout.WriteTable(&table, differences); err != nil {
		t.Fatal(err)
	}
	for _, d := range differences {
		for _, said := range []string{d.Column, d.Header, d.Found} {
			if !strings.Contains(err.Error(), said) || !strings.Contains(table.String(), said) {
				t.Errorf("%q is not in the message or not in the table:\n%s\n%s", said, err, table.String())
			}
		}
	}
}
