package layout_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"socialvalue/internal/layout"
	"socialvalue/internal/strictyaml"
)

// decodeAny is mustDecode without the check of column names.
func decodeAny(t *testing.T, text string) []layout.Layout {
	t.Helper()
	var file struct {
		Layouts []layout.Layout `yaml:"layouts"`
	}
	doc, err := strictyaml.Decode("svw.yaml", []byte(text), &file)
	if err != nil {
		t.Fatal(err)
	}
	layout.Complete(doc.At("layouts"), file.Layouts)
	if err := doc.Err(); err != nil {
		t.Fatal(err)
	}
	return file.Layouts
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		strptime string
		yes, no  []string
	}{
		"DD/MM/YYYY":          {"%d/%m/%Y", []string{"24/12/2010", "31/02/2010"}, []string{"4/12/2010", "24/13/2010", "24-12-2010", "x24/12/2010", "24/12/20100"}},
		"D/M/YYYY":            {"%-d/%-m/%Y", []string{"24/12/2010", "4/2/2010", "04/02/2010"}, []string{"0/2/2010", "32/1/2010"}},
		"DD-Mon-YYYY":         {"%d-%b-%Y", []string{"14-Jan-2011", "14-JAN-2011", "14-may-2011"}, []string{"14-January-2011", "14-01-2011"}},
		"D Month YYYY":        {"%-d %B %Y", []string{"1 January 2011", "01 may 2011"}, []string{"1 Jan 2011"}},
		"YYYYMMDD":            {"%Y%m%d", []string{"20101224"}, []string{"2010-12-24"}},
		"DD.MM.YY":            {"%d.%m.%y", []string{"24.12.10"}, []string{"24x12x10"}},
		"YYYY-MM-DD 00:00:00": {"%Y-%m-%d 00:00:00", []string{"2010-12-24 00:00:00"}, []string{"2010-12-24 00:00:01"}},
		"YYYY-MM-DDT00%":      {"%Y-%m-%dT00%%", []string{"2010-12-24T00%"}, nil},
	}
	for format, tc := range tests {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			d, err := layout.ParseDate(format)
			if err != nil {
				t.Fatal(err)
			}
			if d.Strptime() != tc.strptime {
				t.Errorf("Strptime is %q, want %q", d.Strptime(), tc.strptime)
			}
			p := regexp.MustCompile(d.Pattern())
			for _, s := range tc.yes {
				if !p.MatchString(s) {
					t.Errorf("%q does not match", s)
				}
			}
			for _, s := range tc.no {
				if p.MatchString(s) {
					t.Errorf("%q matches", s)
				}
			}
		})
	}
	for _, bad := range []string{"", "YYYY", "DD/MM", "DD/MM/YYYY YY", "dd/mm/yyyy", "DD/MM/YYYY hh", "MM Mon DD YYYY", "D/M/YYYY\n", "Ä"} {
		if _, err := layout.ParseDate(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

// Two formats that both read some text are never accepted together.
func TestNoDateIsReadTwoWays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		one, two := dateFormat().Draw(t, "one"), dateFormat().Draw(t, "two")
		day := time.Unix(rapid.Int64Range(0, 2e9).Draw(t, "seconds"), 0).UTC()
		text := render(one, day)
		d1, err1 := layout.ParseDate(one)
		d2, err2 := layout.ParseDate(two)
		if err1 != nil || err2 != nil {
			t.Fatalf("%v, %v", err1, err2)
		}
		if !regexp.MustCompile(d1.Pattern()).MatchString(text) {
			t.Fatalf("%q does not match its own format %q", text, one)
		}
		if !regexp.MustCompile(d2.Pattern()).MatchString(text) {
			return
		}
		var file struct {
			Layouts []layout.Layout `yaml:"layouts"`
		}
		doc, err := strictyaml.Decode("f", []byte("layouts: [{format: {dates: ["+strconv.Quote(one)+", "+strconv.Quote(two)+"]}}]"), &file)
		if err != nil {
			t.Fatal(err)
		}
		layout.Complete(doc.At("layouts"), file.Layouts)
		if doc.Err() == nil {
			t.Fatalf("%q and %q both read %q and were accepted together", one, two, text)
		}
	})
}

func dateFormat() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		parts := rapid.Permutation([]string{
			rapid.SampledFrom([]string{"YYYY", "YY"}).Draw(t, "year"),
			rapid.SampledFrom([]string{"MM", "M", "Mon", "Month"}).Draw(t, "month"),
			rapid.SampledFrom([]string{"DD", "D"}).Draw(t, "day"),
		}).Draw(t, "order")
		return strings.Join(parts, rapid.SampledFrom([]string{"/", "-", " ", ""}).Draw(t, "sign"))
	})
}

func render(format string, day time.Time) string {
	return strings.NewReplacer(
		"YYYY", day.Format("2006"), "YY", day.Format("06"), "Month", day.Format("January"), "Mon", day.Format("Jan"),
		"MM", day.Format("01"), "M", day.Format("1"), "DD", day.Format("02"), "D", day.Format("2"),
	).Replace(format)
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"DD/MM/YYYY", "D Month YY", "YYYYMMDD", "(DD[MM*YYYY"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, format string) {
		d, err := layout.ParseDate(format)
		if err != nil {
			return
		}
		p := regexp.MustCompile(d.Pattern())
		if text := render(format, time.Date(2011, 3, 14, 0, 0, 0, 0, time.UTC)); !p.MatchString(text) {
			t.Fatalf("%q does not match the pattern of %q", text, format)
		}
	})
}
