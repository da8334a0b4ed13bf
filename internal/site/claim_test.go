package site_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"socialvalue/internal/site"
)

type fataler interface {
	Helper()
	Fatal(...any)
}

// source is one with this name_pattern in a site whose financial year begins on the given day.
func source(t fataler, pattern, yearStart string) site.Source {
	t.Helper()
	text := strings.Replace(whole, `(?P<month>\d{4}-\d{2})\.csv$`, strings.ReplaceAll(pattern, "'", "''"), 1)
	s, err := site.Parse("/srv/site", "svw.yaml", []byte(strings.Replace(text, "04-01", yearStart, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return s.Sources[0]
}

func TestClaim(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		pattern, name, want string // start/end and constants, or part of the error
	}{
		"month":                      {`(?P<month>\d{4}-\d{2})\.csv$`, "drop/leeds/2010-12.csv", "2010-12-01/2011-01-01"},
		"month without dash":         {`(?P<month>\d{6})`, "x_201012.csv", "2010-12-01/2011-01-01"},
		"month in words":             {`_(?P<month>[a-z]+[_ ]\d{4})\.`, "spend_april_2022.csv", "2022-04-01/2022-05-01"},
		"month in words, year first": {`(?P<month>\d{4}-[A-Z][a-z]+)`, "2022-Apr.csv", "2022-04-01/2022-05-01"},
		"no such month":              {`(?P<month>\d{4}-\d{2})`, "2010-13.csv", `2010-13.csv: its name says month "2010-13", which is no month such as`},
		"day":                        {`(?P<day>\d{4}-?\d{2}-?\d{2})`, "b_20240229.csv", "2024-02-29/2024-03-01"},
		"no such day":                {`(?P<day>\d{4}-?\d{2}-?\d{2})`, "b_20230229.csv", "which is no day"},
		"year":                       {`(?P<year>\d{4})`, "2024.csv", "2024-01-01/2025-01-01"},
		"no such year":               {`(?P<year>\d{4})`, "9999.csv", "which is no year"},
		"quarter":                    {`(?P<quarter>\d{4}-Q\d)`, "2024-Q4.csv", "2024-10-01/2025-01-01"},
		"no such quarter":            {`(?P<quarter>\d{4}-Q\d)`, "2024-Q5.csv", "which is no quarter"},
		"financial year":             {`(?P<financial_year>\d{4}-\d{2,4})`, "2022-23.csv", "2022-04-01/2023-04-01"},
		"financial year, long":       {`(?P<financial_year>\d{4}[-_]\d{4})`, "2022_2023.csv", "2022-04-01/2023-04-01"},
		"century":                    {`(?P<financial_year>\d{4}-\d{2})`, "1999-00.csv", "1999-04-01/2000-04-01"},
		"not one year":               {`(?P<financial_year>\d{4}-\d{2})`, "2022-24.csv", "which is no financial year"},
		"financial quarter":          {`(?P<financial_quarter>\d{4}-\d{2}_Q\d)`, "2022-23_Q4.csv", "2023-01-01/2023-04-01"},
		"no financial quarter":       {`(?P<financial_quarter>.*)\.csv`, "2022-23.csv", "which is no quarter of a financial year"},
		"constants":                  {`(?P<region>[a-z]+)_(?P<month>\d{6})`, "north_201012.csv", "2010-12-01/2011-01-01 region=north"},
		"constants alone":            {`(?P<region>[a-z]+)`, "north.csv", "none region=north"},
		"optional period left out":   {`^(?P<region>[a-z]+)(?P<month>\d{6})?`, "north.csv", "none region=north"},
		"does not fit":               {`(?P<month>\d{4}-\d{2})\.csv$`, "notes.txt", "notes.txt: its name does not fit the name_pattern of source leeds (svw.yaml:16:5)"},
		"in an archive":              {`(?P<month>\d{4}-\d{2})\.csv$`, "drop/a.zip/2010-12.csv", "2010-12-01/2011-01-01"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := source(t, tc.pattern, "04-01")
			c, err := src.Claim(tc.name)
			if err != nil {
				if !strings.Contains(err.Error(), tc.want) {
					t.Errorf("got error %v, want %q", err, tc.want)
				}
				return
			}
			got := "none"
			if c.HasPeriod() {
				got = c.PeriodStart.Format(time.DateOnly) + "/" + c.PeriodEnd.Format(time.DateOnly)
			}
			for column, value := range c.Constants {
				got += " " + column + "=" + value
			}
			if got != tc.want {
				t.Errorf("claims %s, want %s", got, tc.want)
			}
		})
	}
}

func TestWithoutPatternNothingIsClaimed(t *testing.T) {
	t.Parallel()
	s, err := parse(t, whole)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Sources[1].Claim("anything")
	if err != nil || c.HasPeriod() || len(c.Constants) > 0 {
		t.Errorf("got %+v, %v, want no claim", c, err)
	}
}

// The quarters of a financial year follow one another and fill the year, whenever it begins.
func TestFinancialQuartersFillTheirYear(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := fmt.Sprintf("%02d-%02d", rapid.IntRange(1, 12).Draw(t, "month"), rapid.IntRange(1, 28).Draw(t, "day"))
		year := rapid.IntRange(1900, 2199).Draw(t, "year")
		label := fmt.Sprintf("%d-%02d", year, (year+1)%100)
		yearly, quarterly := source(t, "(?P<financial_year>.*)", start), source(t, "(?P<financial_quarter>.*)", start)
		whole, err := yearly.Claim(label)
		if err != nil {
			t.Fatal(err)
		}
		at := whole.PeriodStart
		if at.Format("01-02") != start {
			t.Fatalf("the year begins on %s, want %s", at, start)
		}
		for q := 1; q <= 4; q++ {
			c, err := quarterly.Claim(fmt.Sprintf("%s_Q%d", label, q))
			if err != nil {
				t.Fatal(err)
			}
			if !c.PeriodStart.Equal(at) {
				t.Fatalf("quarter %d begins on %s, the one before ended on %s", q, c.PeriodStart, at)
			}
			at = c.PeriodEnd
		}
		if diff := cmp.Diff(whole.PeriodEnd, at); diff != "" {
			t.Fatalf("the last quarter's end (-year +quarter):\n%s", diff)
		}
	})
}

func FuzzClaim(f *testing.F) {
	for _, group := range []string{"day", "month", "quarter", "year", "financial_year", "financial_quarter", "region"} {
		for _, text := range []string{"2024-04", "2022-23_Q1", "20240229", "apr-2022", "", "\x00", "9999-99"} {
			f.Add(group, text)
		}
	}
	f.Fuzz(func(t *testing.T, group, name string) {
		text := strings.Replace(whole, `(?P<month>\d{4}-\d{2})\.csv$`, "(?P<"+strings.ReplaceAll(group, "'", "''")+">.*)", 1)
		s, err := site.Parse("/srv/site", "svw.yaml", []byte(text))
		if err != nil {
			return
		}
		c, err := s.Sources[0].Claim(name)
		if err != nil {
			return
		}
		if c.HasPeriod() && !c.PeriodEnd.After(c.PeriodStart) {
			t.Fatalf("%s of %q is from %s to %s", group, name, c.PeriodStart, c.PeriodEnd)
		}
	})
}
