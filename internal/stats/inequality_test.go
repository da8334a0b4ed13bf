package stats

import (
	"encoding/csv"
	"errors"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// vectorRows reads a vector file: a comment line, a header, rows by column.
func vectorRows(t *testing.T, name string) []map[string]string {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	reader := csv.NewReader(file)
	reader.Comment = '#'
	all, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]map[string]string, 0, len(all)-1)
	for _, record := range all[1:] {
		row := map[string]string{}
		for i, column := range all[0] {
			row[column] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func vectorNumber(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// takeUp is the ladder of the take-up table: one value for each decile, most deprived first.
func takeUp(t *testing.T, number string) []Rung {
	t.Helper()
	var rungs []Rung
	for _, row := range vectorRows(t, "takeup_by_decile_input.csv") {
		people := vectorNumber(t, row["eligible_66plus"])
		rungs = append(rungs, Rung{Size: people, Value: vectorNumber(t, row[number]) / people})
	}
	return rungs
}

// TestTakeUpByDecile is the vector takeup_by_decile, and edge case A-27.
func TestTakeUpByDecile(t *testing.T) {
	t.Parallel()
	want := map[string]float64{}
	for _, row := range vectorRows(t, "takeup_by_decile_expected.csv") {
		want[row["measure"]] = vectorNumber(t, row["value"])
	}
	shares, err := NewLadder(takeUp(t, "active_passes"))
	if err != nil {
		t.Fatal(err)
	}
	rates, err := NewLadder(takeUp(t, "journeys"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{"takeup_overall": shares.Mean()}
	slope := func(l Ladder, scale Scale) Slope {
		s, err := l.Slope(scale)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	relative := func(s Slope) float64 {
		r, err := s.Relative()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	linear, logit, journeys := slope(shares, Linear), slope(shares, Logit), slope(rates, Linear)
	got["sii_takeup_linear"], got["fitted_at_0_linear"], got["rii_ratio_linear"] = linear.Index(), linear.AtMost, relative(linear)
	if got["rii_mean_linear"], err = linear.MeanRelative(); err != nil {
		t.Fatal(err)
	}
	got["sii_takeup_logit"], got["rii_takeup_logit"] = logit.Index(), relative(logit)
	got["sii_journeys_per_eligible"], got["rii_ratio_journeys_per_eligible"] = journeys.Index(), relative(journeys)
	c, err := shares.Concentration(nil)
	if err != nil {
		t.Fatal(err)
	}
	got["concentration_index_takeup"], got["erreygers_index_takeup"] = c.Index, c.Erreygers()
	if got["wagstaff_index_takeup"], err = c.Wagstaff(); err != nil {
		t.Fatal(err)
	}
	if c, err = rates.Concentration(nil); err != nil {
		t.Fatal(err)
	}
	got["concentration_index_journeys_per_eligible"] = c.Index
	for name, value := range got {
		if math.Abs(value-want[name]) > 1e-8 {
			t.Errorf("%s: %.9f, want %.9f", name, value, want[name])
		}
	}
	for i, row := range vectorRows(t, "takeup_by_decile_input.csv") {
		if rank := vectorNumber(t, row["midpoint_rank"]); math.Abs(shares.Ranks()[i]-rank) > 1e-8 {
			t.Errorf("rank of decile %d: %v, want %v", i+1, shares.Ranks()[i], rank)
		}
	}
}

// TestLadderReversed is edge case A-28: fed in reverse order, the slope changes its sign and the ratio is turned over.
func TestLadderReversed(t *testing.T) {
	t.Parallel()
	rungs := takeUp(t, "active_passes")
	slices.Reverse(rungs)
	l, err := NewLadder(rungs)
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Slope(Linear)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Relative()
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(s.Index()-0.250232626) > 1e-8 || math.Abs(r-1.378955) > 1e-6 {
		t.Errorf("%v and %v", s.Index(), r)
	}
}

// TestConcentrationIndexWorked is the vector concentration_index_worked, with the polygon form beside.
func TestConcentrationIndexWorked(t *testing.T) {
	t.Parallel()
	var rungs []Rung
	var total map[string]string
	polygon, shares, outcome := 0.0, 0.0, 0.0
	for _, row := range vectorRows(t, "concentration_index_worked.csv") {
		if row["group_poorest_first"] == "total" {
			total = row
			continue
		}
		rungs = append(rungs, Rung{Size: vectorNumber(t, row["births"]), Value: vectorNumber(t, row["u5mr_per_1000"])})
		p, l := vectorNumber(t, row["cum_pop_share"]), vectorNumber(t, row["cum_outcome_share"])
		polygon += shares*l - p*outcome
		shares, outcome = p, l
	}
	l, err := NewLadder(rungs)
	if err != nil {
		t.Fatal(err)
	}
	c, err := l.Concentration(nil)
	if err != nil {
		t.Fatal(err)
	}
	want := vectorNumber(t, total["ci_component"])
	if math.Abs(c.Index-want) > 1e-8 || math.Abs(polygon-want) > 1e-8 {
		t.Errorf("index %.9f, polygon %.9f, want %.9f", c.Index, polygon, want)
	}
}

// TestLaddersThatAreNone are edge cases as this package sees them.
func TestLaddersThatAreNone(t *testing.T) {
	t.Parallel()
	good := takeUp(t, "active_passes")
	nobody := slices.Clone(good)
	nobody[3].Size = 0
	for name, c := range map[string]struct {
		rungs []Rung
		want  error
	}{
		"a group without people": {nobody, ErrEmpty}, "four groups": {good[:4], ErrEmpty}, "too many": {slices.Repeat(good, 11), ErrRange},
		"no number": {append(slices.Clone(good[:9]), Rung{Size: 1, Value: math.NaN()}), ErrNotFinite},
	} {
		if _, err := NewLadder(c.rungs); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	above := slices.Clone(good)
	above[0].Value = 1.01
	l, err := NewLadder(above)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Slope(Logit); !errors.Is(err, ErrRange) {
		t.Errorf("a share above 1 on the logit: %v", err)
	}
}

// In linear form the interval of the slope is that of a sum of normal values, so it is known without drawing.
func TestIntervalsOfASlope(t *testing.T) {
	t.Parallel()
	rungs := takeUp(t, "active_passes")
	for i := range rungs {
		rungs[i].Error = math.Sqrt(rungs[i].Value * (1 - rungs[i].Value) / rungs[i].Size)
	}
	l, err := NewLadder(rungs)
	if err != nil {
		t.Fatal(err)
	}
	most, least := l.ends()
	variance := 0.0
	for i, r := range rungs {
		w := least[i] - most[i]
		variance += w * w * r.Error * r.Error
	}
	s, err := l.Slope(Linear)
	if err != nil {
		t.Fatal(err)
	}
	got, relative, err := l.Intervals(t.Context(), Linear, Draws{Count: 100_000, Level: 0.95, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	half := z(0.95) * math.Sqrt(variance)
	if math.Abs(got.Low-(s.Index()-half)) > 0.02*half || math.Abs(got.High-(s.Index()+half)) > 0.02*half {
		t.Errorf("%v, want %v ± %v", got, s.Index(), half)
	}
	if r, err := s.Relative(); err != nil || !relative.Contains(r) {
		t.Errorf("the interval %v of the ratio does not contain it: %v, %v", relative, r, err)
	}
	again, _, err := l.Intervals(t.Context(), Linear, Draws{Count: 100_000, Level: 0.95, Seed: 1})
	if err != nil || again != got {
		t.Errorf("the same seed gives %v and %v, %v", got, again, err)
	}
}

// Values that rise from the most to the least deprived have a slope above nought on every scale, and those that fall one
// below it.
func TestInequalityProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		sizes := rapid.SliceOfN(rapid.Float64Range(1, 1e5), 5, 20).Draw(r, "sizes")
		level := rapid.Float64Range(0.01, 0.99).Draw(r, "level")
		step := rapid.Float64Range(-0.001, 0.001).Draw(r, "step")
		rungs := make([]Rung, len(sizes))
		for i, size := range sizes {
			rungs[i] = Rung{Size: size, Value: level + 0.0001*float64(i)*step}
		}
		l, err := NewLadder(rungs)
		if err != nil {
			r.Fatal(err)
		}
		for _, scale := range []Scale{Linear, Log, Logit} {
			s, err := l.Slope(scale)
			if err != nil {
				r.Fatal(err)
			}
			if step > 1e-6 && s.Index() <= 0 || step < -1e-6 && s.Index() >= 0 {
				r.Errorf("scale %d: values step by %v, the slope is %v", scale, step, s.Index())
			}
		}
		c, err := l.Concentration(nil)
		if err != nil {
			r.Fatal(err)
		}
		if math.Abs(c.Index) > 1 || math.IsNaN(c.Error) {
			r.Errorf("concentration %v", c)
		}
	})
}
