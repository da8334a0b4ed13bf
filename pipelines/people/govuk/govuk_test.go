package govuk_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"socialvalue/internal/stats"
	"socialvalue/pipelines/people/govuk"
)

func ptr[T any](v T) *T { return &v }

// good is a return that the service accepts.
func good() govuk.Return {
	r := govuk.Return{EmployerName: "An authority", EmployerID: "20153"}
	for i, value := range []float64{15.2, 20.3, 4, -1.5, 12.1, 10, 36.4, 63.6, 36.4, 63.6, 40, 60, 61.8, 38.2} {
		r.Values[i] = ptr(value)
	}
	return r
}

func TestServiceRules(t *testing.T) {
	t.Parallel()
	// The rules of ReportFiguresHelper and ReportFiguresViewModel, and of the service's integrity checks.
	type set = map[govuk.Figure]*float64
	for name, tc := range map[string]struct {
		values set
		want   string // figure and rule
	}{
		"a return as it should be":                {set{}, ""},
		"no mean hourly gap":                      {set{govuk.MeanHourly: nil}, "DiffMeanHourlyPercent required"},
		"no share of women with a bonus":          {set{govuk.FemaleBonus: nil}, "FemaleBonusPercent required"},
		"a blank quarter":                         {set{govuk.MaleUpper: nil}, "MaleTopQuartile required"},
		"an hourly gap of 100":                    {set{govuk.MeanHourly: ptr(100.0)}, ""},
		"an hourly gap above 100":                 {set{govuk.MedianHourly: ptr(100.1)}, "DiffMedianHourlyPercent at_most_100"},
		"a very negative hourly gap":              {set{govuk.MeanHourly: ptr(-999999999.0)}, ""},
		"a gap beyond what is taken":              {set{govuk.MeanHourly: ptr(-1000000000.0)}, "DiffMeanHourlyPercent at_least"},
		"a bonus gap above 100":                   {set{govuk.MeanBonus: ptr(101.0)}, "DiffMeanBonusPercent at_most_100"},
		"a negative share":                        {set{govuk.MaleBonus: ptr(-0.1)}, "MaleBonusPercent not_negative"},
		"two decimals":                            {set{govuk.MeanHourly: ptr(15.25)}, "DiffMeanHourlyPercent one_decimal"},
		"a quarter of 100.1 (1 of 16)":            {set{govuk.MaleLower: ptr(93.8), govuk.FemaleLower: ptr(6.3)}, "MaleLowerQuartile adds_up"},
		"a quarter of one decimal that makes 100": {set{govuk.MaleLower: ptr(93.7), govuk.FemaleLower: ptr(6.3)}, ""},
		"a quarter of one sex":                    {set{govuk.MaleUpper: ptr(100.0), govuk.FemaleUpper: ptr(0.0)}, ""},
		"no man with a bonus, gaps given":         {set{govuk.MaleBonus: ptr(0.0)}, "DiffMeanBonusPercent no_men_no_gap, DiffMedianBonusPercent no_men_no_gap"},
		"no man with a bonus, gaps blank":         {set{govuk.MaleBonus: ptr(0.0), govuk.MeanBonus: nil, govuk.MedianBonus: nil}, ""},
		"nobody with a bonus":                     {set{govuk.MaleBonus: ptr(0.0), govuk.FemaleBonus: ptr(0.0), govuk.MeanBonus: nil, govuk.MedianBonus: nil}, ""},
		"men with a bonus, a gap blank":           {set{govuk.MedianBonus: nil}, "DiffMedianBonusPercent men_then_gap"},
		"men with a bonus, no woman, gaps of 100": {set{govuk.FemaleBonus: ptr(0.0), govuk.MeanBonus: ptr(100.0), govuk.MedianBonus: ptr(100.0)}, ""},
		"men with a bonus, no woman, another gap": {set{govuk.FemaleBonus: ptr(0.0), govuk.MedianBonus: ptr(100.0)}, "DiffMeanBonusPercent no_women_is_100"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := good()
			for f, value := range tc.values {
				r.Values[f] = value
			}
			var got []string
			for _, p := range govuk.Validate(r) {
				got = append(got, p.Figure.Column()+" "+p.Rule)
			}
			if strings.Join(got, ", ") != tc.want {
				t.Errorf("problems %q, want %q", got, tc.want)
			}
			var invalid *govuk.InvalidError
			var file bytes.Buffer
			if err := govuk.WriteCSV(&file, r); errors.As(err, &invalid) != (tc.want != "") || (err == nil) != (tc.want == "") || err != nil && file.Len() > 0 {
				t.Errorf("written with %v: %d bytes", err, file.Len())
			}
		})
	}
}

func published(t *testing.T, name string) map[string]govuk.Published {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	all, err := govuk.ReadPublished(file)
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]govuk.Published{}
	for _, p := range all {
		byName[p.EmployerName] = p
	}
	return byName
}

// The issue asks for it: the published row of the authority passes the service's rules and the plausibility check.
func TestThePublishedRowOfTheAuthorityPasses(t *testing.T) {
	t.Parallel()
	authority, ok := published(t, "gpg_2021-22_extract.csv")["Liverpool City Region Combined Authority"]
	if !ok {
		t.Fatal("it is not there")
	}
	if problems := govuk.Validate(authority.Return); len(problems) > 0 {
		t.Errorf("refused: %v", problems)
	}
	if *authority.Of(govuk.MeanHourly) != 15.2 || *authority.Of(govuk.MedianHourly) != 20.3 || authority.Of(govuk.MeanBonus) != nil {
		t.Errorf("figures %v", authority.Values)
	}
	// Its band is less than 250 people; the fewer there are, the less room two of them are.
	for _, people := range []int{100, 249, 1000} {
		men, ok := govuk.HalvesOf(authority.Return, people)
		if !ok || !govuk.Plausible(*authority.Of(govuk.MedianHourly), men) {
			t.Errorf("of %d people: men %v", people, men)
		}
		if govuk.Plausible(-*authority.Of(govuk.MedianHourly), men) {
			t.Errorf("of %d people: the opposite sign passes too", people)
		}
	}
}

func TestPublishedExtractsAreRead(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]int{"gpg_2019-20_extract.csv": 3, "gpg_2021-22_extract.csv": 8} {
		all := published(t, file)
		if len(all) != want {
			t.Errorf("%s has %d returns, want %d", file, len(all), want)
		}
		for name, p := range all {
			if problems := govuk.Validate(p.Return); len(problems) > 0 {
				t.Errorf("%s of %s would be refused: %v", name, file, problems)
			}
			if p.OptedOutOfQuarters != (name == "ABBEYCROFT LEISURE") {
				t.Errorf("%s opted out of quarters: %v", name, p.OptedOutOfQuarters)
			}
		}
	}
	if r := published(t, "gpg_2019-20_extract.csv")["Merseytravel"]; *r.Of(govuk.MeanHourly) != 12 || r.EmployerSize != "500 to 999" || r.EmployerID != "17247" {
		t.Errorf("Merseytravel: %+v", r)
	}
}

func TestReadPublishedTakesTabsAndRefusesTexts(t *testing.T) {
	t.Parallel()
	header := strings.Join(append(govuk.Columns(), "EmployerSize"), ",")
	row := "X,1,\t12.5 , 3,,,0,0,50,50,50,50,50,50,50,50,250 to 499"
	all, err := govuk.ReadPublished(strings.NewReader("\ufeff" + header + "\n" + row + "\n"))
	if err != nil || len(all) != 1 || *all[0].Of(govuk.MeanHourly) != 12.5 {
		t.Errorf("with tabs: %+v, %v", all, err)
	}
	_, err = govuk.ReadPublished(strings.NewReader(header + "\n" + strings.Replace(row, " 3,", "three,", 1) + "\n"))
	if err == nil || err.Error() != "line 2: DiffMedianHourlyPercent is no number" {
		t.Errorf("a word: %v", err)
	}
	for _, text := range []string{"", "a,b\n1,2\n"} {
		if _, err := govuk.ReadPublished(strings.NewReader(text)); !errors.Is(err, govuk.ErrNotReturns) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTheFileHasSixteenColumnsAndReadsBack(t *testing.T) {
	t.Parallel()
	r := good()
	r.EmployerName = `"RED BAND", a company`
	r.Values[govuk.MaleBonus], r.Values[govuk.MeanBonus], r.Values[govuk.MedianBonus] = ptr(0.0), nil, nil
	var file bytes.Buffer
	if err := govuk.WriteCSV(&file, r); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(file.String(), "\n")
	if n := len(strings.Split(lines[0], ",")); n != 16 || len(lines) != 3 {
		t.Errorf("%d columns, %d lines", n, len(lines))
	}
	want := `"""RED BAND"", a company",20153,15.2,20.3,,,0,10,36.4,63.6,36.4,63.6,40,60,61.8,38.2`
	if lines[1] != want {
		t.Errorf("got  %s\nwant %s", lines[1], want)
	}
	again, err := govuk.ReadPublished(&file)
	if err != nil || len(again) != 1 || len(govuk.Compare(r, again[0].Return)) != 0 {
		t.Errorf("read back: %v, %v", again, err)
	}
}

func TestCompareWithPublished(t *testing.T) {
	t.Parallel()
	theirs := published(t, "gpg_2021-22_extract.csv")["Merseytravel"].Return
	ours := theirs
	if got := govuk.Compare(ours, theirs); len(got) != 0 {
		t.Errorf("the same: %v", got)
	}
	ours.Values[govuk.MedianHourly], ours.Values[govuk.MeanBonus] = ptr(10.1), ptr(3.0)
	want := []govuk.Difference{{govuk.MedianHourly, ptr(10.1), ptr(10.0)}, {govuk.MeanBonus, ptr(3.0), nil}}
	if diff := cmp.Diff(want, govuk.Compare(ours, theirs)); diff != "" {
		t.Error(diff)
	}
	// 2019-20 was given in whole per cents: 12.4 was published as 12.
	theirs = published(t, "gpg_2019-20_extract.csv")["Merseytravel"].Return
	ours = theirs
	ours.Values[govuk.MeanHourly] = ptr(12.4)
	if got := govuk.Compare(ours, theirs); len(got) != 0 {
		t.Errorf("rounded to whole: %v", got)
	}
	ours.Values[govuk.MeanHourly] = ptr(12.5)
	if got := govuk.Compare(ours, theirs); len(got) != 1 {
		t.Errorf("13 is not 12: %v", got)
	}
}

func TestDeadlineAndReportingYear(t *testing.T) {
	t.Parallel()
	for snapshot, want := range map[string]string{"2023-03-31": "2023-24 2024-03-30", "2025-04-05": "2025-26 2026-04-04", "1999-03-31": "1999-00 2000-03-30"} {
		day, err := time.Parse(time.DateOnly, snapshot)
		if err != nil {
			t.Fatal(err)
		}
		if got := govuk.ReportingYear(day) + " " + govuk.Deadline(day).Format(time.DateOnly); got != want {
			t.Errorf("%s: %s, want %s", snapshot, got, want)
		}
	}
}

func TestEdge57MedianAndQuartersDisagree(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		median       float64
		lower, upper float64
		want         bool
	}{
		{5, 100, 100, true},
		{5, 102, 100, true},
		{5, 103, 100, false},
		{5, 60, 140, true},
		{-5, 100, 102, true},
		{-5, 100, 103, false},
		{-5, 140, 60, true},
		{0, 200, 0, true},
	} {
		if got := govuk.Plausible(tc.median, govuk.Halves{Lower: tc.lower, Upper: tc.upper}); got != tc.want {
			t.Errorf("median gap %v, %v men below and %v above: %v", tc.median, tc.lower, tc.upper, got)
		}
	}
}

// Any share of women, rounded once, gives two sides of a quarter that the service takes.
func TestEdge46RoundedSharesMakeAHundred(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 2000).Draw(t, "people")
		women := rapid.IntRange(0, size).Draw(t, "women")
		share := stats.RoundHalfAway(float64(women)/float64(size), 3)
		r := good()
		rounded := stats.RoundHalfAway(100*share, 1)
		r.Values[govuk.FemaleLower], r.Values[govuk.MaleLower] = &rounded, ptr(stats.RoundHalfAway(100-rounded, 1))
		if problems := govuk.Validate(r); len(problems) > 0 {
			t.Fatal(fmt.Sprint(problems))
		}
	})
}

func FuzzReadPublished(f *testing.F) {
	header := strings.Join(append(govuk.Columns(), "EmployerSize"), ",")
	f.Add(header + "\nX,1,\t12.5, 3,,,0,0,50,50,50,50,50,50,50,50,250 to 499\n")
	f.Add("\ufeff" + header + "\r\n\"a \"\"b\"\"\nc\",1,NaN,1e309,,,,,,,,,,,,,\r\n")
	for _, name := range []string{"gpg_2019-20_extract.csv", "gpg_2021-22_extract.csv"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, err := govuk.ReadPublished(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, p := range all {
			// Whatever was read can be judged, and what the service takes can be written and read again.
			if govuk.HalvesOf(p.Return, 250); len(govuk.Validate(p.Return)) > 0 || p.OptedOutOfQuarters {
				continue
			}
			var file bytes.Buffer
			if err := govuk.WriteCSV(&file, p.Return); err != nil {
				t.Fatal(err)
			}
			again, err := govuk.ReadPublished(&file)
			if err != nil || len(again) != 1 {
				t.Fatalf("read again: %d returns, %v", len(again), err)
			}
			if d := govuk.Compare(p.Return, again[0].Return); len(d) > 0 {
				t.Fatalf("read again: %v", d)
			}
		}
	})
}
