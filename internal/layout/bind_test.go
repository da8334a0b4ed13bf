package layout_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"socialvalue/internal/layout"
)

func TestBind(t *testing.T) {
	t.Parallel()
	columns := []layout.Column{
		{Name: "lad_code", Required: true, Aliases: []string{"oslaua", "lad??cd", "laua"}},
		{Name: "pcds", Required: true},
		{Name: "easting", Aliases: []string{"oseast1m", "east*"}},
		{Name: "edition"},
	}
	found := func(b *layout.Binding) string {
		var s []string
		for _, c := range b.Columns {
			text := c.Name + "="
			switch {
			case c.IsConstant:
				text += "'" + c.Constant + "'"
			case c.Index < 0:
				text += "none"
			default:
				text += strings.Join([]string{string(rune('0' + c.Index)), c.Header, c.Vintage}, "/")
			}
			s = append(s, text)
		}
		return strings.Join(s, " ")
	}
	tests := map[string]struct {
		layout    string
		header    []string
		constants map[string]string
		want      string // the columns, or part of the error
		ignored   []int
		blank     []int
	}{
		"by alias":                     {"{}", []string{"PCDS", "OSLAUA"}, nil, "lad_code=1/OSLAUA/ pcds=0/PCDS/ easting=none edition=none", nil, nil},
		"by glob, with its vintage":    {"{}", []string{"lad25cd", "pcds", "east1m"}, nil, "lad_code=0/lad25cd/25 pcds=1/pcds/ easting=2/east1m/1m edition=none", nil, nil},
		"map before alias":             {"{map: {District: lad_code}, ignore: [laua]}", []string{"laua", "pcds", "District"}, nil, "lad_code=2/District/ pcds=1/pcds/ easting=none edition=none", []int{0}, nil},
		"map by glob":                  {`{map: {"LAD?? code": lad_code}}`, []string{"LAD24 code", "pcds"}, nil, "lad_code=0/LAD24 code/24 pcds=1/pcds/ easting=none edition=none", nil, nil},
		"a mapped column has no alias": {"{map: {District: lad_code}}", []string{"laua", "pcds"}, nil, "missing, and required: lad_code", nil, nil},
		"constants":                    {`{set: {edition: "2019", easting: "1"}}`, []string{"laua", "pcds"}, map[string]string{"edition": "2025"}, "lad_code=0/laua/ pcds=1/pcds/ easting='1' edition='2025'", nil, nil},
		"constant satisfies required":  {"{set: {lad_code: E1}}", []string{"pcds"}, nil, "lad_code='E1' pcds=0/pcds/ easting=none edition=none", nil, nil},
		"constant and in the file":     {"{set: {lad_code: E1}}", []string{"laua", "pcds"}, nil, "lad_code is set to a constant and is in the file too", nil, nil},
		"no such constant":             {"{}", []string{"laua", "pcds"}, map[string]string{"editon": "2"}, "editon, which is no column of the contract: did you mean edition?", nil, nil},
		"duplicates":                   {"{}", []string{"laua", "pcds", "lad25cd"}, nil, `several columns are lad_code: "laua" (column 1), "lad25cd" (column 3)`, nil, nil},
		"unknown":                      {"{}", []string{"laua", "pcds", "esting"}, nil, `unknown column "esting"; perhaps map: {"esting": easting}`, nil, nil},
		"unknown, ignored by name":     {"{ignore: [ObjectId]}", []string{"laua", "pcds", "ObjectId"}, nil, "lad_code=0/laua/ pcds=1/pcds/ easting=none edition=none", []int{2}, nil},
		"unknown, ignored by glob":     {`{ignore: ["Obj*"]}`, []string{"laua", "pcds", "ObjectId"}, nil, "lad_code=0/laua/ pcds=1/pcds/ easting=none edition=none", []int{2}, nil},
		"all ignored":                  {"{ignore: all}", []string{"x", "laua", "", "pcds", ""}, nil, "lad_code=1/laua/ pcds=3/pcds/ easting=none edition=none", []int{0, 2, 4}, nil},
		"unnamed at the end":           {`{ignore: [""]}`, []string{"laua", "pcds", "", " "}, nil, "lad_code=0/laua/ pcds=1/pcds/ easting=none edition=none", nil, []int{2, 3}},
		"unnamed at the end, refused":  {"{}", []string{"laua", "pcds", ""}, nil, `column 3 has no name: if it is empty and nothing follows it, add ignore: [""]`, nil, nil},
		"unnamed in the middle":        {`{ignore: [""]}`, []string{"laua", "", "pcds"}, nil, "column 2 has no name", nil, nil},
		"headerless":                   {"{format: {header_row: 0, columns: [pcds, laua]}}", []string{"L1 1AA", "E08000012"}, nil, "lad_code=1/laua/ pcds=0/pcds/ easting=none edition=none", nil, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			layouts := decodeAny(t, "layouts: ["+tc.layout+"]")
			b, err := layouts[0].Bind(tc.header, columns, tc.constants)
			if err != nil {
				if !strings.Contains(err.Error(), tc.want) {
					t.Errorf("got error %q, want %q", err, tc.want)
				}
				return
			}
			if got := found(b); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			if diff := cmp.Diff([][]int{tc.ignored, tc.blank}, [][]int{b.Ignored, b.Blank}); diff != "" {
				t.Errorf("ignored, blank (-want +got):\n%s", diff)
			}
		})
	}
}

// Every column of an accepted file is accounted for: it is one contract column, must be blank, or is ignored.
func TestBindAccountsForEveryColumn(t *testing.T) {
	t.Parallel()
	names := rapid.SampledFrom([]string{"a", "b", "c", "A", "x25", "x26", "other", "", " ", "b ", "\ufeffc"})
	columns := []layout.Column{{Name: "a"}, {Name: "b", Aliases: []string{"other"}}, {Name: "c"}, {Name: "d", Aliases: []string{"x??"}}}
	rapid.Check(t, func(t *rapid.T) {
		header := rapid.SliceOfN(names, 0, 8).Draw(t, "header")
		l := layout.Default()
		if rapid.Bool().Draw(t, "mapped") {
			l.Map = map[string]string{rapid.SampledFrom([]string{"a", "other", "x2?"}).Draw(t, "from"): rapid.SampledFrom([]string{"a", "d"}).Draw(t, "to")}
		}
		l.Ignore.All = rapid.Bool().Draw(t, "all")
		l.Ignore.Names = rapid.SliceOf(rapid.SampledFrom([]string{"", "other", "x*"})).Draw(t, "ignore")
		b, err := l.Bind(header, columns, nil)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without text")
			}
			return
		}
		seen := make([]int, len(header))
		for _, c := range b.Columns {
			if c.Index >= 0 {
				seen[c.Index]++
			}
		}
		for _, i := range append(append([]int{}, b.Blank...), b.Ignored...) {
			seen[i]++
		}
		for i, n := range seen {
			if n != 1 {
				t.Fatalf("column %d (%q) is accounted for %d times in %+v", i, header[i], n, b)
			}
		}
	})
}

// The order in which layouts are written does not change which one is chosen.
func TestMatchDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"a", "b", "c", "d*", "?"})
		header := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "dd"}), 1, 4).Draw(t, "header")
		layouts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) layout.Layout {
			l := layout.Default()
			l.Name = rapid.StringMatching(`[a-z]{8}`).Draw(t, "name")
			l.When = layout.When{HeaderHas: rapid.SliceOfN(name, 1, 2).Draw(t, "has"), HeaderLacks: rapid.SliceOfN(name, 0, 1).Draw(t, "lacks")}
			return l
		}), 1, 4).Draw(t, "layouts")
		one, oneErr := layout.Match(layouts, header, len(header))
		two, twoErr := layout.Match(rapid.Permutation(layouts).Draw(t, "permuted"), header, len(header))
		if (oneErr == nil) != (twoErr == nil) || oneErr == nil && one.Name != two.Name {
			t.Fatalf("got %v (%v), in another order %v (%v)", one, oneErr, two, twoErr)
		}
	})
}

func FuzzHeader(f *testing.F) {
	f.Add("Date paid,Amount,,", "Date*", "am?unt")
	f.Add("\ufeffa,b", "[a]", "(b|")
	f.Fuzz(func(t *testing.T, text, has, alias string) {
		header := strings.Split(text, ",")
		l := layout.Default()
		l.When.HeaderHas = []string{has}
		columns := []layout.Column{{Name: "amount_gbp", Aliases: []string{alias}}}
		chosen, err := layout.Match([]layout.Layout{l}, header, len(header), columns...)
		if err == nil {
			_, err = chosen.Bind(header, columns, nil)
		}
		if err != nil && err.Error() == "" {
			t.Fatal("an error without text")
		}
	})
}
