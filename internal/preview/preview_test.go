//go:build duckdb_arrow

package preview_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/contract"
	"socialvalue/internal/landing"
	"socialvalue/internal/layout"
	"socialvalue/internal/preview"
	"socialvalue/internal/strictyaml"
)

const ledger = `
version: 1
description: payments
grain: one line
load: {mode: append, identity: occurrence}
columns:
  - {name: posting_date, type: date, required: true, aliases: [Date paid]}
  - {name: supplier_name, type: text, aliases: [Payee]}
  - {name: amount_gbp, type: money, required: true, aliases: [Net Amount]}
  - {name: lad_code, type: code, required: true, pattern: 'E\d{8}'}
`

const staff = `
version: 1
description: staff
grain: one person
load: {mode: append, identity: occurrence}
columns:
  - {name: employee_ref, type: text, required: true, personal: direct, action: keep}
  - {name: grade, type: code}
`

func contracts(t testing.TB) map[string]*contract.Contract {
	t.Helper()
	all := map[string]*contract.Contract{}
	for name, text := range map[string]string{"spend/ledger": ledger, "people/staff": staff} {
		c, err := contract.Parse("pipelines/"+strings.Replace(name, "/", "/contracts/", 1)+".yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		all[c.Ref()] = c
	}
	return all
}

// opener opens a text as a file of the landing folder is opened.
func opener(t testing.TB, text string) preview.Open {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return func(ctx context.Context, format landing.Format) (landing.Glimpse, error) {
		contents, err := landing.NewStore("", landing.DefaultLimits()).Open(ctx, landing.Landed{Name: "a.csv", Path: path, Size: int64(len(text))})
		if err != nil {
			return landing.Glimpse{}, err
		}
		return landing.Peek(ctx, contents.Documents[0], landing.PeekOptions{Format: format})
	}
}

func look(t *testing.T, text, ref string) *preview.Preview {
	t.Helper()
	all := contracts(t)
	shown, err := preview.Look(t.Context(), opener(t, text), preview.Request{File: "a.csv", Contract: all[ref], Contracts: all})
	if err != nil {
		t.Fatal(err)
	}
	return shown
}

func TestLook(t *testing.T) {
	t.Parallel()
	shown := look(t, "Ledger of April;;;;\n\nDate paid;Payee;Net Amonut;Where;Ref\n"+
		"13/04/2024;Caf\xe9 Ltd;\xa31,200.50;E08000012;17\n14/04/2024;Foo;(3.00);E08000014;18\n", "")
	if shown.Encoding != "windows-1252" || shown.Delimiter != ";" || shown.HeaderRow != 3 || shown.Contract != "spend/ledger" || !shown.Guessed {
		t.Errorf("%+v", shown)
	}
	var got []string
	for _, column := range shown.Columns {
		got = append(got, strings.Join([]string{column.Header, column.Type + column.Dates, column.Column, column.Because, strings.Join(column.Examples, "|")}, ", "))
	}
	want := []string{
		"Date paid, dateDD/MM/YYYY, posting_date, alias, 13/04/2024|14/04/2024",
		"Payee, text, supplier_name, alias, Café Ltd|Foo",
		"Net Amonut, money, amount_gbp, spelling, £1,200.50|(3.00)",
		"Where, text, lad_code, content, E08000012|E08000014",
		"Ref, integer, , , 17|18",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(shown.Differences) != 1 || shown.Differences[0].Kind != layout.Extra || shown.Differences[0].Header != "Ref" {
		t.Errorf("%+v", shown.Differences)
	}
	bind(t, shown, contracts(t)["spend/ledger"], []string{"Date paid", "Payee", "Net Amonut", "Where", "Ref"})
}

// bind holds the proposed layout against the header it was made for.
func bind(t *testing.T, shown *preview.Preview, c *contract.Contract, header []string) {
	t.Helper()
	var file struct {
		Layouts []layout.Layout `yaml:"layouts"`
	}
	doc, err := strictyaml.Decode("svw.yaml", []byte("layouts:\n"+shown.Layout), &file)
	if err != nil {
		t.Fatalf("%v\n%s", err, shown.Layout)
	}
	layout.Complete(doc.At("layouts"), file.Layouts)
	layout.CheckColumns(doc.At("layouts"), file.Layouts, c.Ref(), c.LayoutColumns())
	if err := doc.Err(); err != nil {
		t.Fatalf("%v\n%s", err, shown.Layout)
	}
	chosen, err := layout.Match(file.Layouts, header, len(header), c.LayoutColumns()...)
	if err == nil {
		_, err = chosen.Bind(header, c.LayoutColumns(), nil)
	}
	if err != nil {
		t.Errorf("%v\n%s", err, shown.Layout)
	}
}

// No value of a personal column is shown, nor one that may be (architecture
// §7.7), not even as the name of a column when the header is missing.
func TestNoPersonalValueIsShown(t *testing.T) {
	t.Parallel()
	const secret = "Quillfeather"
	cases := []struct{ name, text, ref string }{
		{"a personal column", "employee_ref,grade\n" + secret + ",G5\n", "people/staff"},
		{"a column that nobody knows", "employee_ref,grade,nickname\nx,G5," + secret + "\n", "people/staff"},
		{"no contract", "who,what\n" + secret + ",G5\n", ""},
		{"no header", secret + ",G5\nOther,G6\n", "people/staff"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			shown := look(t, tc.text, tc.ref)
			if err := shown.Write(&b); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(b.String(), secret) || strings.Contains(shown.Layout, secret) {
				t.Errorf("shown:\n%s", b.String())
			}
		})
	}
}

func TestTypeDifferences(t *testing.T) {
	t.Parallel()
	shown := look(t, "Date paid,Net Amount,lad_code\n01/04/2024,12.345,E08000012\n02/04/2024,5.00,E08000012\n", "spend/ledger")
	i := 0
	for _, d := range shown.Differences {
		if d.Kind == layout.Type && d.Column == "amount_gbp" && d.Expected == "money" && strings.Contains(d.Found, "1 of 2 values") {
			i++
		}
	}
	if i != 1 {
		t.Errorf("%+v", shown.Differences)
	}
}

// Whatever a file holds, looking at it ends, and a proposal is YAML that
// svw.yaml accepts.
func FuzzLook(f *testing.F) {
	f.Add("Date paid,Payee,Net Amount\n01/04/2024,A,1.00\n")
	f.Add("a;b\n\"x\n;\n")
	f.Add("Date paid\tPayee\tDate paid\n\x00\xff\n")
	f.Add("posting_date,\"a\"\"b\\\",{x: y}\n")
	all := contracts(f)
	f.Fuzz(func(t *testing.T, text string) {
		shown, err := preview.Look(t.Context(), opener(t, text), preview.Request{File: "a.csv", Contracts: all})
		if err != nil || shown.Layout == "" {
			return
		}
		var file struct {
			Layouts []layout.Layout `yaml:"layouts"`
		}
		doc, err := strictyaml.Decode("svw.yaml", []byte("layouts:\n"+shown.Layout), &file)
		if err != nil {
			t.Fatalf("%v\n%s", err, shown.Layout)
		}
		layout.Complete(doc.At("layouts"), file.Layouts)
		if err := doc.Err(); err != nil {
			t.Errorf("%v\n%s", err, shown.Layout)
		}
	})
}
