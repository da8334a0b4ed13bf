package baseline

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A method that changes in the third year restates the baseline: year one is computed anew under it and frozen as the next
// version, with the reason, and the series under the old method stays, with its definition (methods, edge case 52).
func TestMethodChangeKeepsBothSeries(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	before := freeze(t, root, content())
	restated := content()
	restated.Reason = "M18 by the branch that delivers since 2024-25"
	restated.Definitions.Rows[0][2] = text("by the branch that delivers")
	restated.Values.Rows[0][5] = text("0.44")
	after := freeze(t, root, restated)
	if after.Version != before.Version+1 || after.Previous != before.Seal || after.Reason != restated.Reason {
		t.Errorf("the restated baseline is %+v, after %+v", after, before)
	}
	for version, want := range map[int]Content{before.Version: content(), after.Version: restated} {
		read, err := Open(root, "2022-23", version)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Values, read.Values); diff != "" {
			t.Errorf("values of version %d (-frozen +read):\n%s", version, diff)
		}
		if diff := cmp.Diff(want.Definitions, read.Definitions); diff != "" {
			t.Errorf("definitions of version %d (-frozen +read):\n%s", version, diff)
		}
	}
	seals, err := List(root)
	if err != nil {
		t.Fatal(err)
	}
	if latest, found := Latest(seals, "2022-23"); !found || latest.Version != after.Version {
		t.Errorf("what later years are compared with is %+v, want version %d", latest, after.Version)
	}
}
