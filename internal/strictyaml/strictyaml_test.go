package strictyaml_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/strictyaml"
)

type limits struct {
	Rows  int     `yaml:"rows"`
	Share float64 `yaml:"share"`
}

type nothing struct{}

type sample struct {
	Name    string            `yaml:"name"`
	Enabled bool              `yaml:"enabled"`
	Limits  limits            `yaml:"limits"`
	Columns []limits          `yaml:"columns"`
	Map     map[string]string `yaml:"map"`
	Nulls   []string          `yaml:"nulls"`
	None    nothing           `yaml:"none"`
}

func TestMistakesAreReportedTogetherAtTheirPlaces(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want []string
	}{
		"good":            {"name: a\nenabled: true\nlimits: {rows: 3, share: 0.5}\nmap: {a: 1}\n", nil},
		"empty":           {"", nil},
		"null values":     {"name:\nlimits:\ncolumns: ~\n", nil},
		"a slip in a key": {"nmae: a\n", []string{`f.yaml:1:1: unknown key "nmae": did you mean "name"?`}},
		"unknown, nested": {"limits:\n  rows: 1\n  zebra: 2\n", []string{`f.yaml:3:3: unknown key "zebra": remove it, or use one of rows, share`}},
		"no settings yet": {"none: {a: 1}", []string{`f.yaml:1:8: unknown key "a": none has no settings yet; remove it`}},
		"twice":           {"name: a\nname: b\n", []string{`f.yaml:2:1: "name" stands twice, first on line 1: keep one`}},
		"twice in a map":  {"map:\n  a: b\n  a: c\n", []string{`f.yaml:3:3: "a" stands twice, first on line 2: keep one`}},
		"wrong kinds": {
			"name: [a]\nenabled: perhaps\nlimits: 3\ncolumns: {a: b}\n",
			[]string{
				"f.yaml:1:7: name expects text",
				"f.yaml:2:10: enabled expects true or false",
				"f.yaml:3:9: limits expects keys with values (key: value)",
				"f.yaml:4:10: columns expects a list: [a, b] or lines that begin with -",
			},
		},
		"a number in a list": {"columns:\n  - {rows: many, share: x}\n", []string{
			"f.yaml:2:12: rows expects a whole number", "f.yaml:2:25: share expects a number",
		}},
		"two documents": {"name: a\n---\nname: b\n", []string{"f.yaml:2:1: a second document begins here: keep one document in a file"}},
		"merge key": {"columns:\n  - &a {rows: 1}\n  - {<<: *a, share: 1}\n", []string{
			"f.yaml:3:6: merge keys (<<) are not supported: write the keys out",
		}},
		"alias": {"columns: [&a {rows: 1}, *a]\n", nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s sample
			doc, err := strictyaml.Decode("f.yaml", []byte(tc.text), &s)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			if err := doc.Err(); err != nil {
				got = strings.Split(err.Error(), "\n")
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("mistakes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSyntaxErrorNamesItsLineAndNoValue(t *testing.T) {
	t.Parallel()
	var s sample
	_, err := strictyaml.Decode("f.yaml", []byte("name: a\nlimits: {rows: hunter2\nmap: [\n"), &s)
	var e *strictyaml.Error
	if !errors.As(err, &e) || e.Line == 0 || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v, want an error with a line and no value", err)
	}
}

func TestWordsInAListStayWords(t *testing.T) {
	t.Parallel()
	var s sample
	if _, err := strictyaml.Decode("f.yaml", []byte(`nulls: ["", NULL, null, ~, no, 1.0]`), &s); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"", "NULL", "null", "~", "no", "1.0"}, s.Nulls); diff != "" {
		t.Errorf("nulls (-want +got):\n%s", diff)
	}
}

func TestSpots(t *testing.T) {
	t.Parallel()
	var s sample
	doc, err := strictyaml.Decode("f.yaml", []byte("name: a\ncolumns:\n  - rows: 1\n    share:\n  - rows: 2\n"), &s)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		path []any
		want string
		has  bool
	}{
		"a value":                  {[]any{"name"}, "f.yaml:1:7", true},
		"in a list":                {[]any{"columns", 1, "rows"}, "f.yaml:5:11", true},
		"missing: its parent":      {[]any{"columns", 1, "share"}, "f.yaml:5:5", false},
		"null counts as missing":   {[]any{"columns", 0, "share"}, "f.yaml:4:11", false},
		"past the end: the list":   {[]any{"columns", 7}, "f.yaml:3:3", false},
		"missing: the whole":       {[]any{"zebra", 1}, "f.yaml:1:1", false},
		"a key of a list: nowhere": {[]any{"columns", "rows"}, "f.yaml:3:3", false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := doc.At(tc.path...).Where(); got != tc.want {
				t.Errorf("At(%v) is %s, want %s", tc.path, got, tc.want)
			}
			if got := doc.At().Has(tc.path...); got != tc.has {
				t.Errorf("Has(%v) = %v, want %v", tc.path, got, tc.has)
			}
		})
	}
}

func TestUnfoldingAliasesIsRefused(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("a0: &a0 [x]\n")
	for i := 1; i < 12; i++ {
		b.WriteString("a" + string(rune('a'+i)) + ": &b" + string(rune('a'+i)) + " [")
		prev := "a0"
		if i > 1 {
			prev = "b" + string(rune('a'+i-1))
		}
		b.WriteString(strings.TrimSuffix(strings.Repeat("*"+prev+",", 9), ",") + "]\n")
	}
	type list [][][][][][][][][][][][]string
	var out map[string]list
	_, err := strictyaml.Decode("f.yaml", []byte(b.String()), &out)
	if err == nil {
		t.Error("a document that unfolds to millions of nodes was decoded")
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"name: a", "columns: [&a {rows: 1}, *a]", "map: {a: b}", "---\n---\n", "a: &a [*a]", "? [x]\n: y"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var s sample
		doc, err := strictyaml.Decode("f.yaml", data, &s)
		if (doc == nil) == (err == nil) {
			t.Fatalf("doc %v with error %v", doc, err)
		}
		if doc != nil {
			_ = doc.Err()
			_ = doc.At("columns", 0, "rows").Where()
		}
	})
}
