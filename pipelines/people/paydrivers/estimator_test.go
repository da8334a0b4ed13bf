package paydrivers_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"socialvalue/internal/stats"
)

const (
	men   = "comparator"
	women = "focal"
)

// staff are people of both inputs.
type staff []someone

// add adds so many people of a side, grade and rate, full-time, whose tenure goes up.
func (s staff) add(n int, side, grade string, rate float64) staff {
	for i := range n {
		s = append(s, someone{
			key: fmt.Sprintf("p%05d", len(s)), side: side, rate: ptr(rate), grade: grade, directorate: "d1", pattern: "full_time",
			contract: "permanent", tenure: ptr(float64(i % 9)), hours: ptr(37.0),
		})
	}
	return s
}

func want(t *testing.T, r result, value float64) {
	t.Helper()
	if r.Value == nil || math.Abs(*r.Value-value) > 1e-9 {
		t.Errorf("%s %s is %s, want %v", r.Component, r.Category, shown(r.Value), value)
	}
}

func wantNull(t *testing.T, r result, reason string) {
	t.Helper()
	if r.Value != nil || r.NullReason != reason || r.Low != nil || r.P != nil {
		t.Errorf("%s is %s (%s), want null with %s", r.Component, shown(r.Value), r.NullReason, reason)
	}
}

func shown(value *float64) string {
	if value == nil {
		return "null"
	}
	return fmt.Sprint(*value)
}

// Kitagawa by hand: men 30 of 40 in G2, women 10 of 40; G1 pays 10, G2 20; in G2 women are paid 18.
func TestKitagawaByHand(t *testing.T) {
	t.Parallel()
	got := drivers(t, staff{}.add(10, men, "G1", 10).add(30, men, "G2", 20).add(30, women, "G1", 10).add(10, women, "G2", 18), map[string]any{"decimals": 12})
	// Means 17.5 and 12; between (-0.5)(10) + (0.5)(19) = 4.5; within 2(0.5) = 1.
	want(t, got["mean_gap"], 100*5.5/17.5)
	want(t, got["between_grades"], 100*4.5/17.5)
	want(t, got["within_grades"], 100*1/17.5)
	want(t, got["grade_dissimilarity"], 0.5)
	want(t, got["grades_of_one_group"], 0)
	want(t, got["grade_gap G1"], 0)
	want(t, got["grade_gap G2"], 10)
	if *got["grade_gap G1"].Flagged || !*got["grade_gap G2"].Flagged || got["grade_gap G2"].Reliability != "low_reliability" {
		t.Errorf("flags: %+v, %+v", got["grade_gap G1"], got["grade_gap G2"])
	}
	// Ten women, two pounds an hour, 37 hours, 365.25/7 weeks.
	want(t, got["grade_cost_to_close G2"], math.Round(10*2*37*365.25/7))
	want(t, got["grade_cost_to_close G1"], 0)
	want(t, got["cost_to_close"], math.Round(10*2*37*365.25/7))
	want(t, got["grades_3_pct_below"], 1)
	want(t, got["grades_3_pct_above"], 0)
	// Of the 80, the upper quarter has 20: of those on 20, men alone.
	want(t, got["upper_quarter_representation"], 0)
}

// somePeople draws people on few grades, some of whom are of one side alone.
func somePeople(t *rapid.T) staff {
	var s staff
	for range rapid.IntRange(2, 120).Draw(t, "people") {
		side := rapid.SampledFrom([]string{men, women}).Draw(t, "side")
		grade := rapid.SampledFrom([]string{"A", "B", "C", "D", ""}).Draw(t, "grade")
		s = s.add(1, side, grade, float64(rapid.IntRange(1000, 4000).Draw(t, "pence"))/100)
		if rapid.IntRange(0, 9).Draw(t, "on leave") == 0 {
			s[len(s)-1].rate = nil
		}
		s[len(s)-1].tenure = ptr(float64(rapid.IntRange(0, 300).Draw(t, "tenure")) / 10)
		s[len(s)-1].pattern = rapid.SampledFrom([]string{"full_time", "part_time"}).Draw(t, "pattern")
	}
	return s
}

// second is Kitagawa's split in plain loops, and Duncan's index.
func second(people staff) (between, within, dissimilarity float64, known bool) {
	type cell struct{ sum, n float64 }
	all := map[string]*cell{men: {}, women: {}}
	byGrade := map[string]map[string]*cell{}
	for _, p := range people {
		if p.rate == nil {
			continue
		}
		grade := p.grade
		if byGrade[grade] == nil {
			byGrade[grade] = map[string]*cell{men: {}, women: {}}
		}
		for _, c := range []*cell{all[p.side], byGrade[grade][p.side]} {
			c.sum += *p.rate
			c.n++
		}
	}
	if all[men].n == 0 || all[women].n == 0 {
		return 0, 0, 0, false
	}
	for _, sides := range byGrade {
		m, f := sides[men], sides[women]
		shareM, shareF := m.n/all[men].n, f.n/all[women].n
		var meanM, meanF float64
		if m.n > 0 {
			meanM = m.sum / m.n
		}
		if f.n > 0 {
			meanF = f.sum / f.n
		}
		if m.n == 0 {
			meanM = (m.sum + f.sum) / (m.n + f.n)
		}
		if f.n == 0 {
			meanF = (m.sum + f.sum) / (m.n + f.n)
		}
		within += (meanM - meanF) * 0.5 * (shareM + shareF)
		between += (shareM - shareF) * 0.5 * (meanM + meanF)
		dissimilarity += 0.5 * math.Abs(shareM-shareF)
	}
	base := all[men].sum / all[men].n
	return 100 * between / base, 100 * within / base, dissimilarity, true
}

func TestSecondCalculationOfKitagawaAgreesAndAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		people := somePeople(t)
		got, err := tryRun(t.Context(), people, people, map[string]any{"decimals": 12})
		if err != nil {
			t.Fatal(err)
		}
		by := map[string]result{}
		for _, r := range got {
			by[r.Component] = r
		}
		between, within, dissimilarity, known := second(people)
		if !known {
			if by["between_grades"].NullReason == "" || by["within_grades"].NullReason == "" {
				t.Fatalf("a split of one group: %+v", by)
			}
			return
		}
		for name, expected := range map[string]float64{"between_grades": between, "within_grades": within, "grade_dissimilarity": dissimilarity, "mean_gap": between + within} {
			if r := by[name]; r.Value == nil || math.Abs(*r.Value-expected) > 1e-9 {
				t.Fatalf("%s is %s, by the second calculation %v", name, shown(r.Value), expected)
			}
		}
	})
}

func TestOrderOfRowsChangesNoBit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		people := somePeople(t)
		first, err := tryRun(t.Context(), people, people, nil)
		if err != nil {
			t.Fatal(err)
		}
		again, err := tryRun(t.Context(), rapid.Permutation(people).Draw(t, "contrasts"), rapid.Permutation(people).Draw(t, "people"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, again); diff != "" {
			t.Fatal(diff)
		}
	})
}

// company draws a workforce whose pay follows from grade, tenure and pattern, with women paid so much less of it; women
// are more often in the lower grades.
func company(n int, adjusted, noise float64) staff {
	random := rand.New(rand.NewPCG(4, uint64(n)))
	var s staff
	for i := range n {
		side, most := men, 6
		if i%2 == 1 {
			side, most = women, 4
		}
		grade := random.IntN(most)
		s = s.add(1, side, fmt.Sprintf("G%d", grade), 0)
		p := &s[len(s)-1]
		p.tenure = ptr(random.Float64() * 25)
		p.directorate = fmt.Sprintf("d%d", random.IntN(4))
		logPay := 2.5 + 0.12*float64(grade) + 0.01**p.tenure - 0.0002**p.tenure**p.tenure + noise*random.NormFloat64()
		if random.IntN(3) == 0 {
			p.pattern = "part_time"
			logPay -= 0.03
		}
		if side == women {
			logPay += math.Log(1 - adjusted/100)
		}
		p.rate = ptr(math.Exp(logPay))
	}
	return s
}

func TestAnInjectedAdjustedGapIsFound(t *testing.T) {
	t.Parallel()
	exact := drivers(t, company(300, 4, 0), map[string]any{"decimals": 8})
	if r := exact["adjusted_gap"]; math.Abs(*r.Value-4) > 1e-6 || r.Method != "hc3" {
		t.Errorf("without noise: %+v", r)
	}
	if raw := *exact["mean_gap"].Value; raw < 10 {
		t.Errorf("the raw gap is %v, and no more than the adjusted one", raw)
	}
	noisy := drivers(t, company(900, 4, 0.08), nil)["adjusted_gap"]
	if !(*noisy.Low < 4 && 4 < *noisy.High) || *noisy.High-*noisy.Low > 3 || *noisy.P > 0.001 {
		t.Errorf("with noise: %v from %v to %v, p %v", *noisy.Value, *noisy.Low, *noisy.High, *noisy.P)
	}
	kennedy := drivers(t, company(900, 4, 0.08), map[string]any{"decimals": 8})
	if d := *kennedy["adjusted_gap_kennedy"].Value - *kennedy["adjusted_gap"].Value; !(d > 0 && d < 0.01) {
		t.Errorf("Kennedy's version differs by %v", d)
	}
}

func TestAdjustedGapHasItsLeastSizes(t *testing.T) {
	t.Parallel()
	// The methods, 4.4: 50 people, and 10 on each side.
	for name, tc := range map[string]struct {
		people staff
		reason string
	}{
		"49 people":                      {company(49, 4, 0.1), "too_few_people"},
		"50 people":                      {company(50, 4, 0.1), ""},
		"nine women":                     {append(staff{}.add(9, women, "G1", 12), relabelled(company(80, 4, 0.1), men)...), "too_few_people"},
		"women alone in their grade":     {staff{}.add(30, men, "G2", 20).add(30, women, "G1", 18), "not_identified"},
		"somebody is paid nothing":       {append(company(60, 4, 0.1), staff{}.add(1, men, "G1", 0)[0].as("zero")), "rate_not_positive"},
		"nobody's tenure is known":       {without(company(60, 4, 0.1)), "too_few_people"},
		"a coefficient for every person": {ownDirectorate(company(50, 4, 0.1)), "too_few_people"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := drivers(t, tc.people, nil)
			for _, component := range []string{"adjusted_gap", "adjusted_gap_kennedy"} {
				if tc.reason != "" {
					wantNull(t, got[component], tc.reason)
				} else if got[component].Value == nil {
					t.Errorf("%s is null with %s", component, got[component].NullReason)
				}
			}
		})
	}
}

func (p someone) as(key string) someone { p.key = key; return p }

func relabelled(s staff, side string) staff {
	for i := range s {
		s[i].side, s[i].key = side, "m"+s[i].key
	}
	return s
}

func without(s staff) staff {
	for i := range s {
		s[i].tenure = nil
	}
	return s
}

func ownDirectorate(s staff) staff {
	for i := range s {
		s[i].directorate = s[i].key
	}
	return s
}

func TestTypicalGapOfAConstantRatio(t *testing.T) {
	t.Parallel()
	// Ten per cent less for everybody: every pair of like ranks says so.
	var s staff
	for i := range 40 {
		s = s.add(1, men, "G1", 10*math.Pow(1.02, float64(i))).add(1, women, "G1", 9*math.Pow(1.02, float64(i)))
	}
	got := drivers(t, s, nil)["typical_gap"]
	want(t, got, 10)
	if got.Method != "wilcoxon" || !(*got.Low < 10 && 10 < *got.High) {
		t.Errorf("%+v", got)
	}
	wantNull(t, drivers(t, append(s, staff{}.add(1, women, "G1", 0)[0].as("zero")), nil)["typical_gap"], "rate_not_positive")
}

func TestGradesHaveAdjustedProbabilities(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(8, 8))
	var s staff
	for grade, less := range []float64{0, 0.02, 0.05, 0.2} {
		for i := range 60 {
			side, rate := men, 20*(1+0.1*random.NormFloat64())
			if i%2 == 1 {
				side, rate = women, rate*(1-less)
			}
			s = s.add(1, side, fmt.Sprintf("G%d", grade), rate)
		}
	}
	s = s.add(9, men, "G9", 30).add(20, women, "G9", 20)
	got := drivers(t, s, nil)
	var p, q []float64
	for grade := range 4 {
		r := got[fmt.Sprintf("grade_gap G%d", grade)]
		p, q = append(p, *r.P), append(q, *r.Q)
	}
	adjusted, err := stats.BenjaminiHochberg(p)
	if err != nil {
		t.Fatal(err)
	}
	for i := range q {
		if math.Abs(q[i]-adjusted[i]) > 3e-6 {
			t.Errorf("q %v, want %v", q[i], adjusted[i])
		}
	}
	if small := got["grade_gap G9"]; small.P != nil || small.Q != nil || small.Reliability != "suppressed" || !*small.Flagged {
		t.Errorf("nine men: %+v", small)
	}
}

func TestCostNeedsHours(t *testing.T) {
	t.Parallel()
	s := staff{}.add(20, men, "G1", 20).add(20, women, "G1", 18).add(20, men, "G2", 30).add(20, women, "G2", 30)
	s[25].hours = nil
	got := drivers(t, s, nil)
	wantNull(t, got["grade_cost_to_close G1"], "hours_not_known")
	want(t, got["grade_cost_to_close G2"], 0)
	wantNull(t, got["cost_to_close"], "hours_not_known")
	// Where men are paid less, closing it raises men.
	got = drivers(t, staff{}.add(20, men, "G1", 18).add(10, women, "G1", 20), map[string]any{"weeks_per_year": 52})
	want(t, got["cost_to_close"], 20*2*37*52)
	want(t, got["grades_3_pct_above"], 1)
}

func TestOneGroupAlone(t *testing.T) {
	t.Parallel()
	got := drivers(t, staff{}.add(60, women, "G1", 20), nil)
	for name, r := range got {
		if strings.HasPrefix(name, "adjusted") {
			wantNull(t, r, "too_few_people")
			continue
		}
		wantNull(t, r, "no_comparator_people")
		if r.Reliability != "not_applicable" {
			t.Errorf("%s is %s", name, r.Reliability)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	people := staff{}.add(2, men, "G1", 1717).add(2, women, "G1", 1717)
	for name, tc := range map[string]struct {
		contrasts, people staff
		params            map[string]any
		want              string
	}{
		"somebody who is in no row":   {people, people[1:], nil, "somebody is not in the input people"},
		"a person twice":              {people, append(append(staff{}, people...), people[0]), nil, "a person stands twice"},
		"a parameter it has not":      {people, people, map[string]any{"replicates": 5}, "no parameter replicates"},
		"a year of a hundred weeks":   {people, people, map[string]any{"weeks_per_year": 100}, "weeks_per_year must be a number from 1 to 53"},
		"decimals that are no number": {people, people, map[string]any{"decimals": "1"}, "decimals must be a whole number"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := tryRun(t.Context(), tc.contrasts, tc.people, tc.params)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("error %v, want one with %q", err, tc.want)
			}
			if strings.Contains(err.Error(), "p0000") || strings.Contains(err.Error(), "1717") {
				t.Errorf("the error %q tells of a person", err)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tryRun(ctx, people, people, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
