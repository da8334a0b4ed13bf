package layout_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/layout"
	"socialvalue/internal/strictyaml"
)

// leeds are layouts for the five headers that Leeds City Council has used.
const leeds = `
layouts:
  - name: leeds_2010
    when: {header_has: [Net amount, Service division label]}
    format: {dates: [DD/MM/YYYY]}
    map: {Date paid: posting_date, Net amount: amount_gbp, Supplier name: supplier_name, Transaction number: document_ref}
    ignore: all
  - name: leeds_2011_01
    when: {header_has: [Net Amount]}
    format: {dates: [DD-Mon-YYYY]}
    map: {Date paid: posting_date, Net Amount: amount_gbp, Supplier name: supplier_name, Transaction Number: document_ref}
    ignore: all
  - name: leeds_2011_03
    when: {header_has: [Service divison label]}
    format: {encoding: windows-1252, dates: [DD-Mon-YYYY]}
    map: {Date paid: posting_date, Net amount: amount_gbp, Supplier name: supplier_name, Transaction number: document_ref}
    ignore: ["Body*", Service*, Expenditure category, "Detailed*", Capital or revenue, ""]
  - name: leeds_2012
    when: {header_has: [DatePaid]}
    format: {dates: [DD-Mon-YYYY]}
    map: {DatePaid: posting_date, NetAmount: amount_gbp, SupplierName: supplier_name, TransactionNumber: document_ref}
    ignore: all
`

func payments() []layout.Column {
	return []layout.Column{
		{Name: "posting_date", Required: true, Aliases: []string{"Payment Date"}},
		{Name: "amount_gbp", Required: true, Aliases: []string{"Amount", "Net Amount"}},
		{Name: "supplier_name", Aliases: []string{"Supplier", "Beneficiary Name"}},
		{Name: "document_ref", Aliases: []string{"Transaction Number"}},
		{Name: "coverage"},
	}
}

// decode reads layouts and returns them with what is wrong with them.
func decode(t *testing.T, text string) ([]layout.Layout, error) {
	t.Helper()
	var file struct {
		Layouts []layout.Layout `yaml:"layouts"`
	}
	doc, err := strictyaml.Decode("svw.yaml", []byte(text), &file)
	if err != nil {
		t.Fatal(err)
	}
	layout.Complete(doc.At("layouts"), file.Layouts)
	layout.CheckColumns(doc.At("layouts"), file.Layouts, "spend/payments", payments())
	return file.Layouts, doc.Err()
}

func mustDecode(t *testing.T, text string) []layout.Layout {
	t.Helper()
	layouts, err := decode(t, text)
	if err != nil {
		t.Fatal(err)
	}
	return layouts
}

// headers reads testdata/headers.txt.
func headers(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("testdata/headers.txt")
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string][]string)
	for line := range strings.Lines(string(text)) {
		if name, header, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); ok && !strings.HasPrefix(line, "#") {
			all[name] = strings.Split(header, ",")
		}
	}
	return all
}

func TestRealHeadersChooseTheirLayout(t *testing.T) {
	t.Parallel()
	layouts := mustDecode(t, leeds)
	for file, want := range map[string]string{
		"leeds-2010-12": "leeds_2010", "leeds-2011-01": "leeds_2011_01", "leeds-2011-03": "leeds_2011_03",
		"leeds-2012-11": "leeds_2012",
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			header := headers(t)[file]
			l, err := layout.Match(layouts, header, len(header), payments()...)
			if err != nil {
				t.Fatal(err)
			}
			if l.Name != want {
				t.Fatalf("chose %s, want %s", l.Name, want)
			}
			b, err := l.Bind(header, payments(), map[string]string{"coverage": "over_500"})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range b.Columns[:4] {
				if c.Index < 0 {
					t.Errorf("%s was not found", c.Name)
				}
			}
			if c := b.Columns[4]; !c.IsConstant || c.Constant != "over_500" || c.Index != -1 {
				t.Errorf("coverage is %+v, want the constant over_500", c)
			}
		})
	}
}

func TestUnknownHeaderIsRefusedWithAMap(t *testing.T) {
	t.Parallel()
	header := headers(t)["leeds-2020-06"]
	_, err := layout.Match(mustDecode(t, leeds), header, len(header), payments()...)
	var none *layout.MatchError
	if !errors.As(err, &none) {
		t.Fatalf("got %v, want a MatchError", err)
	}
	want := map[string]string{
		"Payment Date": "posting_date", "Amount": "amount_gbp", "Beneficiary Name": "supplier_name", "Transaction Number": "document_ref",
	}
	if diff := cmp.Diff(want, none.Suggest()); diff != "" {
		t.Errorf("suggested map (-want +got):\n%s", diff)
	}
	for _, part := range []string{
		"no layout fits its header of 15 columns", `leeds_2012 wants "DatePaid"`, `"Payment Date": posting_date`, "svw.yaml",
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error lacks %q:\n%s", part, err)
		}
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	const two = `
layouts:
  - {name: a, when: {header_has: ["Amoun?"]}}
  - {name: b, when: {header_has: [Date], header_lacks: [Notes]}}
  - {name: bare, format: {header_row: 0, columns: [x, y]}}
`
	tests := map[string]struct {
		layouts string
		header  []string
		fields  int
		want    string // name of the layout, or part of the error
	}{
		"by glob":                      {two, []string{"Amount", "x", "y"}, 3, "a"},
		"trimmed, byte order mark":     {two, []string{"\ufeffAmount ", "\u00a0x", "y"}, 3, "a"},
		"case counts":                  {two, []string{"amount", "x", "y"}, 3, "no layout fits"},
		"header_lacks holds":           {two, []string{"Date", "x", "y"}, 3, "b"},
		"header_lacks fails":           {two, []string{"Date", "Notes", "y"}, 3, `does not want "Notes"`},
		"two fit":                      {two, []string{"Date", "Amount", "y"}, 3, "2 layouts fit its header (a, b)"},
		"headerless, by fields":        {two, []string{"1", "2"}, 2, "bare"},
		"no layouts: the default":      {"layouts: []", []string{"whatever"}, 1, "default"},
		"one without when fits always": {"layouts: [{name: only}]", []string{"whatever"}, 1, "only"},
		"fields":                       {"layouts: [{when: {fields: 10}}]", []string{"a"}, 1, "wants 10 fields, the first record has 1"},
		"unnamed layouts get a name":   {"layouts: [{when: {fields: 1}}, {when: {fields: 2}}]", []string{"a", "b"}, 2, "layout_2"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := layout.Match(mustDecode(t, tc.layouts), tc.header, tc.fields, payments()...)
			switch {
			case err != nil && !strings.Contains(err.Error(), tc.want):
				t.Errorf("got error %q, want %q", err, tc.want)
			case err == nil && l.Name != tc.want:
				t.Errorf("chose %s, want %s", l.Name, tc.want)
			}
		})
	}
}

func TestMatchEachReadsTheHeaderAsEachLayoutWould(t *testing.T) {
	t.Parallel()
	layouts := mustDecode(t, `
layouts:
  - {name: top, when: {header_has: [Date]}, format: {header_row: 1}}
  - {name: third, when: {header_has: [Date]}, format: {header_row: 3, delimiter: ";"}}
`)
	rows := [][]string{{"Payments to suppliers"}, {}, {"Date", "Amount"}}
	l, err := layout.MatchEach(layouts, func(l *layout.Layout) ([]string, int, error) {
		return rows[l.Format.HeaderRow-1], 1, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if l.Name != "third" {
		t.Errorf("chose %s, want third", l.Name)
	}
}

func TestPersonalRowIsNeverShownAsAHeader(t *testing.T) {
	t.Parallel()
	columns := []layout.Column{{Name: "person_name", Required: true, Personal: true, Aliases: []string{"Name"}}}
	row := []string{"Ada Lovelace", "1815-12-10"}
	_, matchErr := layout.Match(mustDecode(t, "layouts: [{when: {header_has: [Name]}}]"), row, 2, columns...)
	def := layout.Default()
	_, bindErr := def.Bind(row, columns, nil)
	for _, err := range []error{matchErr, bindErr} {
		if err == nil || strings.Contains(err.Error(), "Lovelace") || !strings.Contains(err.Error(), "is the header missing?") {
			t.Errorf("got %v, want an error without the row", err)
		}
	}
	_, shown := def.Bind([]string{"Name", "Birthday"}, columns, nil)
	if shown == nil || !strings.Contains(shown.Error(), "Birthday") {
		t.Errorf("got %v, want the unknown column of a real header named", shown)
	}
}

func TestMistakesInLayouts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"same name":           {"layouts:\n  - {name: a, when: {fields: 1}}\n  - {name: a, when: {fields: 2}}", `svw.yaml:3:12: two layouts are named "a"`},
		"fits every file":     {"layouts:\n  - {name: a}\n  - {name: b, when: {fields: 2}}", `svw.yaml:2:5: layout "a" fits every file, and there are 2 layouts`},
		"negative fields":     {"layouts: [{when: {fields: -1}}]", "use a whole number above 0"},
		"encoding":            {"layouts: [{format: {encoding: ansi}}]", "use one of utf-8, windows-1252, iso-8859-1, utf-16"},
		"delimiter":           {"layouts: [{format: {delimiter: '::'}}]", "delimiter is one character"},
		"delimiter is quote":  {`layouts: [{format: {delimiter: '"'}}]`, "delimiter is one character"},
		"no names":            {"layouts: [{format: {header_row: 0}}]", "needs columns: [...]"},
		"names with header":   {"layouts: [{format: {columns: [a]}}]", "add header_row: 0, or remove columns"},
		"names twice":         {"layouts: [{format: {header_row: 0, columns: [a, a]}}]", `two fields are named "a"`},
		"negative header":     {"layouts: [{format: {header_row: -1}}]", "header_row counts from 1"},
		"date token":          {"layouts: [{format: {dates: [dd/mm/yyyy]}}]", `"dd/mm/yyyy" is not a date format`},
		"ambiguous dates":     {"layouts: [{format: {dates: [DD/MM/YYYY, MM/DD/YYYY]}}]", `can both read a text like "11/11/1111"`},
		"mapped to nothing":   {"layouts: [{map: {Amount: }}]", `header "Amount" is mapped to nothing`},
		"mapped and ignored":  {"layouts: [{map: {Amount: amount_gbp}, ignore: [Amount]}]", "both mapped and ignored"},
		"map: no such column": {"layouts:\n  - map:\n      Amount: amonut_gbp", `svw.yaml:3:15: contract spend/payments has no column "amonut_gbp": did you mean "amount_gbp"?`},
		"set: no such column": {"layouts:\n  - set:\n      kind: x", `svw.yaml:3:7: contract spend/payments has no column "kind": it has posting_date,`},
		"ignore":              {"layouts: [{ignore: some}]", "expects a list of column names, or the word all"},
		"unknown key":         {"layouts: [{formt: {}}]", `unknown key "formt": did you mean "format"?`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := decode(t, tc.text)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestDefaultsAreFilledIn(t *testing.T) {
	t.Parallel()
	got := mustDecode(t, "layouts: [{name: a, format: {delimiter: tab, nulls: [NULL]}}]")[0].Format
	want := layout.Format{Encoding: "utf-8", Delimiter: "\t", HeaderRow: 1, Dates: []string{"YYYY-MM-DD"}, Nulls: []string{"NULL"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("format (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(layout.DefaultFormat(), mustDecode(t, "layouts: [{name: a}]")[0].Format); diff != "" {
		t.Errorf("default format (-want +got):\n%s", diff)
	}
}

// Of a feed about people no text of the file is shown but names that the contract
// writes out, also where a header is run into the first row or damaged.
func TestNothingOfAFileAboutPeopleIsShown(t *testing.T) {
	t.Parallel()
	columns := []layout.Column{
		{Name: "person_key", Required: true, Hidden: true, Personal: true, Aliases: []string{"Card No", "Card*"}}, {Name: "joined_on", Aliases: []string{"Joined"}},
	}
	for name, header := range map[string][]string{
		"no header":     {"Ada Lovelace", "1815-12-10"},
		"fused":         {"Card No", "JoinedAda Lovelace", "1815-12-10"},
		"one too many":  {"Card No", "Joined", "Lovelace"},
		"glob and name": {"Card No", "Card of Lovelace", "Joined"},
		"twice":         {"Card of Lovelace", "Card of Lovelace 1815-12-10"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, matchErr := layout.Match(mustDecode(t, "layouts: [{when: {header_has: [Surname]}}]"), header, len(header), columns...)
			def := layout.Default()
			_, bindErr := def.Bind(header, columns, nil)
			for _, err := range []error{matchErr, bindErr} {
				if err == nil || strings.Contains(err.Error(), "Lovelace") || strings.Contains(err.Error(), "1815") {
					t.Errorf("got %v, want an error without what the file says", err)
				}
			}
		})
	}
	def := layout.Default()
	_, err := def.Bind([]string{"Card No", "Joined", "Lovelace"}, columns, nil)
	if err == nil || !strings.Contains(err.Error(), "the name of column 3;") {
		t.Errorf("got %v, want the place of the unknown column", err)
	}
	_, err = def.Bind([]string{"Joined"}, columns, map[string]string{"person_key": "Lovelace"})
	if err == nil || strings.Contains(err.Error(), "Lovelace") || !strings.Contains(err.Error(), "a constant is set for person_key") {
		t.Errorf("got %v, want the constant refused", err)
	}
}

// A header that the contract knows as a name of a person's column is not read as
// another one, which would keep it as it is.
func TestAMapDoesNotUnhideAColumn(t *testing.T) {
	t.Parallel()
	columns := []layout.Column{
		{Name: "person_key", Hidden: true, Personal: true, Aliases: []string{"Card No"}}, {Name: "partner_key", Hidden: true, Personal: true}, {Name: "joined_on"},
	}
	for text, want := range map[string]string{
		"{card no: joined_on}":    `contract club/members knows header "card no" as person_key, of which no value may be kept as it is: map it to person_key`,
		"{person_key: joined_on}": "map it to person_key",
		"{Card No: partner_key}":  "",
		"{Card No: person_key}":   "",
		"{Card: joined_on}":       "",
	} {
		var file struct {
			Layouts []layout.Layout `yaml:"layouts"`
		}
		doc, err := strictyaml.Decode("svw.yaml", []byte("layouts: [{map: "+text+"}]"), &file)
		if err != nil {
			t.Fatal(err)
		}
		layout.CheckColumns(doc.At("layouts"), file.Layouts, "club/members", columns)
		if err := doc.Err(); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
