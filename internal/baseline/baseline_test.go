package baseline

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func text(s string) *string { return &s }

func frozenAt() time.Time { return time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC) }

func content() Content {
	return Content{
		Year: "2022-23", Release: "20261120T020000Z-1f3a", Software: "1.0.0",
		Definitions: Table{
			Columns: []string{"indicator_id", "indicator_name", "numerator", "unit", "indicator_owner"},
			Rows: [][]*string{
				{text("M18"), text("Local share"), text("paid in the area"), text("share"), nil},
				{text("M29"), text("Stakeholders"), text("who took part"), text("stakeholders"), nil},
			},
		},
		Values: Table{
			Columns: []string{"indicator_id", "financial_year", "breakdown", "breakdown_value", "iod_edition", "measured_value"},
			Rows: [][]*string{
				{text("M18"), text("2022-23"), text("all"), text("all"), nil, text("0.41")},
				{text("M26"), text("2022-23"), text("all"), text("all"), text("2019"), text("1.02")},
				{text("M29"), text("2022-23"), text("all"), text("all"), nil, nil},
			},
		},
		Inputs: Table{Columns: []string{"dataset", "inputs_hash"}, Rows: [][]*string{{text("spend.local_spend"), text("ab12")}}},
	}
}

func freeze(t *testing.T, root string, c Content) Seal {
	t.Helper()
	seal, err := Freeze(root, c, frozenAt())
	if err != nil {
		t.Fatal(err)
	}
	return seal
}

// What was frozen is read again as it was; a second freeze of the year is
// another version, with the first kept and named (framework 3.2).
func TestFreezeTwice(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	first := freeze(t, root, content())
	if first.Version != 1 || cmp.Diff([]string{"2019"}, first.Editions) != "" {
		t.Errorf("the first seal is %+v", first)
	}
	read, err := Open(root, "2022-23", 1)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(content().Values, read.Values); diff != "" {
		t.Errorf("values differ (-frozen +read):\n%s", diff)
	}
	_, err = Freeze(root, content(), frozenAt())
	var refused *RefusedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "2022-23 v1 is frozen already, on 2026-11-20") {
		t.Fatalf("a second freeze without a reason: %v", err)
	}
	again := content()
	again.Reason = "the 2025 edition of the Indices"
	second := freeze(t, root, again)
	if second.Version != 2 || second.Previous != first.Seal {
		t.Errorf("the second seal is %+v", second)
	}
	seals, err := List(root)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Seal{first, second}, seals); diff != "" {
		t.Errorf("seals differ:\n%s", diff)
	}
	if latest, found := Latest(seals, "2022-23"); !found || latest.Version != 2 {
		t.Errorf("latest is %+v", latest)
	}
	if _, err := Open(root, "2022-23", 1); err != nil {
		t.Errorf("the first version: %v", err)
	}
}

// What is stale or missing refuses a freeze that gives no reason, and is kept in
// the seal of one that does.
func TestMissing(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	c := content()
	c.Missing = []string{"M18: not supplied"}
	_, err := Freeze(root, c, frozenAt())
	var refused *RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("got %v", err)
	}
	if entries, _ := os.ReadDir(root); len(entries) > 0 {
		t.Errorf("a refused freeze left %v", entries)
	}
	c.Reason = "agreed with the board on 3 May 2023"
	seal := freeze(t, root, c)
	if diff := cmp.Diff(c.Missing, seal.Missing); diff != "" || seal.Reason != c.Reason {
		t.Errorf("the seal is %+v", seal)
	}
	empty := Content{Year: "2023-24", Reason: "any"}
	if _, err := Freeze(root, empty, frozenAt()); !errors.As(err, &refused) {
		t.Errorf("nothing was measured, and the freeze said %v", err)
	}
}

// A change of any byte of any file, a file that is gone and one that was added
// are found.
func TestTampering(t *testing.T) {
	t.Parallel()
	for _, name := range []string{DefinitionsFile, ValuesFile, InputsFile, sealFile} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			freeze(t, root, content())
			path := filepath.Join(root, "2022-23", "v1", name)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, 0o600); err != nil {
				t.Fatal(err)
			}
			for i := range data {
				changed := append([]byte{}, data...)
				changed[i] ^= 1
				if err := os.WriteFile(path, changed, 0o600); err != nil {
					t.Fatal(err)
				}
				if _, err := Open(root, "2022-23", 1); err == nil {
					t.Fatalf("byte %d (%q) of %s was changed, and nothing was found", i, data[i], name)
				}
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			var broken *BrokenError
			if _, err := Open(root, "2022-23", 1); !errors.As(err, &broken) {
				t.Errorf("%s is gone, and Open said %v", name, err)
			}
		})
	}
	root := t.TempDir()
	freeze(t, root, content())
	if err := os.WriteFile(filepath.Join(root, "2022-23", "v1", "more.csv"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var broken *BrokenError
	if _, err := Open(root, "2022-23", 1); !errors.As(err, &broken) {
		t.Errorf("a file was added, and Open said %v", err)
	}
}

// A folder under another name is not taken for what it is called.
func TestRenamed(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	freeze(t, root, content())
	if err := os.Rename(filepath.Join(root, "2022-23", "v1"), filepath.Join(root, "2022-23", "v2")); err != nil {
		t.Fatal(err)
	}
	var broken *BrokenError
	if _, err := List(root); !errors.As(err, &broken) {
		t.Errorf("got %v", err)
	}
}

// What a freeze that was killed left behind is no baseline, and goes with the
// next one.
func TestUnfinished(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	left := filepath.Join(root, "2022-23", ".v1")
	if err := os.MkdirAll(left, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(left, ValuesFile), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if seals, err := List(root); err != nil || len(seals) > 0 {
		t.Fatalf("List gave %v, %v", seals, err)
	}
	freeze(t, root, content())
	if _, err := Open(root, "2022-23", 1); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(left); err == nil {
		t.Error("what was left unfinished is still there")
	}
}

// Definition changed, value changed, gone and new are told apart; a new owner is
// no other definition.
func TestCompare(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	freeze(t, root, content())
	frozen, err := Open(root, "2022-23", 1)
	if err != nil {
		t.Fatal(err)
	}
	now := content()
	same, err := Compare(frozen, now.Definitions, now.Values)
	if err != nil || len(same) > 0 {
		t.Fatalf("nothing changed, and Compare gave %v, %v", same, err)
	}
	now.Definitions.Rows[0][4] = text("Head of Procurement")
	now.Definitions.Rows[1][2] = text("who were asked")
	now.Values.Rows = [][]*string{
		{text("M18"), text("2022-23"), text("all"), text("all"), nil, text("0.42")},
		{text("M18"), text("2022-23"), text("body"), text("E47000004"), nil, text("0.5")},
		{text("M18"), text("2023-24"), text("all"), text("all"), nil, text("0.6")},
		{text("M29"), text("2022-23"), text("all"), text("all"), nil, text("733")},
	}
	got, err := Compare(frozen, now.Definitions, now.Values)
	if err != nil {
		t.Fatal(err)
	}
	want := []Difference{
		{IndicatorID: "M18", FinancialYear: "2022-23", Breakdown: "all", BreakdownValue: "all", Frozen: text("0.41"), Now: text("0.42"), What: ValueChanged},
		{IndicatorID: "M18", FinancialYear: "2022-23", Breakdown: "body", BreakdownValue: "E47000004", Now: text("0.5"), What: New},
		{IndicatorID: "M26", FinancialYear: "2022-23", Breakdown: "all", BreakdownValue: "all", IoDEdition: "2019", Frozen: text("1.02"), What: Gone},
		{IndicatorID: "M29", FinancialYear: "2022-23", Breakdown: "all", BreakdownValue: "all", Now: text("733"), What: DefinitionChanged},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
}

func TestCheckYear(t *testing.T) {
	t.Parallel()
	for year, good := range map[string]bool{"2022-23": true, "1999-00": true, "2022-24": false, "2022": false, "22-23": false, "../2022-23": false} {
		if err := CheckYear(year); (err == nil) != good {
			t.Errorf("CheckYear(%q) = %v", year, err)
		}
	}
}

// Any table comes back from its file as it was, NULL and empty text apart.
func TestTablesSurvive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(2, 4).Draw(t, "columns")
		table := Table{Rows: [][]*string{}}
		for i := range columns {
			table.Columns = append(table.Columns, string(rune('a'+i)))
		}
		cell := rapid.Custom(func(t *rapid.T) *string {
			if rapid.Bool().Draw(t, "null") {
				return nil
			}
			s := rapid.OneOf(rapid.SampledFrom([]string{"", `\N`, `\\N`, `\`, "a,b", `"`, "two\nlines"}), rapid.StringMatching(`[a-zé€ ,"\\N]{0,8}`)).Draw(t, "text")
			return &s
		})
		for range rapid.IntRange(0, 5).Draw(t, "rows") {
			row := make([]*string, columns)
			for i := range row {
				row[i] = cell.Draw(t, "cell")
			}
			table.Rows = append(table.Rows, row)
		}
		data, err := encode(table)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(table, got); diff != "" {
			t.Fatalf("(-written +read):\n%s", diff)
		}
	})
}

func FuzzOpen(f *testing.F) {
	root := f.TempDir()
	if _, err := Freeze(root, content(), frozenAt()); err != nil {
		f.Fatal(err)
	}
	seal, err := os.ReadFile(filepath.Join(root, "2022-23", "v1", sealFile))
	if err != nil {
		f.Fatal(err)
	}
	values, err := os.ReadFile(filepath.Join(root, "2022-23", "v1", ValuesFile))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seal, values)
	f.Fuzz(func(t *testing.T, seal, values []byte) {
		root := t.TempDir()
		dir := filepath.Join(root, "2022-23", "v1")
		if err := os.MkdirAll(dir, 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, sealFile), seal, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, ValuesFile), values, 0o600); err != nil {
			t.Fatal(err)
		}
		// Never a panic, and never accepted, as two files are missing.
		if _, err := Open(root, "2022-23", 1); err == nil {
			t.Error("a baseline without definitions was opened")
		}
	})
}
