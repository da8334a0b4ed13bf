package chance_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"socialvalue/pipelines/impact/chance"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s is %.9f, want %.9f", what, got, want)
	}
}

const draws = 40000

// fewer is enough where a hundred expressions are drawn.
const fewer = 4000

func simulate(e chance.Expression, of []chance.Distribution, names []string) []float64 {
	return simulateTimes(draws, e, of, names)
}

func simulateTimes(draws int, e chance.Expression, of []chance.Distribution, names []string) []float64 {
	sum, room := make([]float64, draws), make([]float64, draws)
	e.Simulate(sum, room, func(p int) []float64 { return chance.Draws(draws, 7, names[p], of[p]) })
	return sum
}

// kept is (1-L)(1-D)(1-S)M of four parameters from the first.
func kept(first int) []chance.Affine {
	return []chance.Affine{{first, 1, -1}, {first + 1, 1, -1}, {first + 2, 1, -1}, {first + 3, 0, 1}}
}

func factors(kind chance.Kind) []chance.Distribution {
	return []chance.Distribution{
		{Kind: kind, Low: 0.05, Mode: 0.1, High: 0.15},
		{Kind: kind, Low: 0.15, Mode: 0.25, High: 0.35},
		chance.Exactly(0.05),
		{Kind: kind, Low: 1.1, Mode: 1.25, High: 1.4},
	}
}

// shared is case A02 with the same factors on both sides, and own with factors of their own on each.
func shared() chance.Expression {
	return chance.Expression{{Weight: 250, Parts: kept(0)}, {Weight: -80, Parts: kept(0)}}
}

func own() chance.Expression {
	return chance.Expression{{Weight: 250, Parts: kept(0)}, {Weight: -80, Parts: kept(4)}}
}

// TestRow90AndU1ToU3SharedParameters proves that one parameter on both sides is one draw: the interval is [98.2, 182.6]
// and the deviation 10.46, not [58.4, 222.3] and 16.14.
func TestRow90AndU1ToU3SharedParameters(t *testing.T) {
	t.Parallel()
	one, two := factors(chance.Interval), append(factors(chance.Interval), factors(chance.Interval)...)
	low, high, ok := shared().Bounds(one)
	if !ok {
		t.Fatal("no bounds")
	}
	near(t, "U1 low", low, 98.2, 0.06)
	near(t, "U1 high", high, 182.6, 0.06)
	low, high, ok = own().Bounds(two)
	if !ok {
		t.Fatal("no bounds of two sides")
	}
	near(t, "U1n low", low, 58.4, 0.06)
	near(t, "U1n high", high, 222.3, 0.06)

	one, two = factors(chance.Triangular), append(factors(chance.Triangular), factors(chance.Triangular)...)
	near(t, "U2 mean", shared().Mean(one), 136.265625, 5e-7)
	near(t, "U2 deviation", math.Sqrt(shared().Variance(one)), 10.455437, 5e-7)
	near(t, "U3 deviation", math.Sqrt(own().Variance(two)), 16.14, 0.005)

	names := []string{"l", "d", "s", "m", "l2", "d2", "s2", "m2"}
	for name, tc := range map[string]struct {
		e  chance.Expression
		of []chance.Distribution
	}{"shared": {shared(), one}, "own": {own(), two}} {
		drawn := chance.Summarise(simulate(tc.e, tc.of, names))
		sd := math.Sqrt(tc.e.Variance(tc.of))
		near(t, name+" mean", drawn.Mean, tc.e.Mean(tc.of), 4*sd/math.Sqrt(draws))
		near(t, name+" deviation", drawn.SD, sd, 4*sd/math.Sqrt(2*draws))
	}
}

// TestU4MeanIsNotThePlugIn proves that skewed factors give another mean (50.67) than their modes do (67.50).
func TestU4MeanIsNotThePlugIn(t *testing.T) {
	t.Parallel()
	of := []chance.Distribution{
		{Kind: chance.Triangular, Low: 0.05, Mode: 0.1, High: 0.45},
		{Kind: chance.Triangular, Low: 0.1, Mode: 0.25, High: 0.75},
	}
	e := chance.Expression{{Weight: 100, Parts: []chance.Affine{{0, 1, -1}, {1, 1, -1}}}}
	near(t, "plug-in", e.At([]float64{of[0].Plain(), of[1].Plain()}), 67.5, 1e-9)
	near(t, "mean", e.Mean(of), 50.67, 0.005)
}

func kinds() map[string]chance.Distribution {
	return map[string]chance.Distribution{
		"point":      chance.Exactly(3),
		"interval":   {Kind: chance.Interval, Low: -1, High: 4},
		"triangular": {Kind: chance.Triangular, Low: 1, Mode: 2, High: 6},
		"edge":       {Kind: chance.Triangular, Low: 1, Mode: 1, High: 3},
		"pert":       {Kind: chance.Pert, Low: 1, Mode: 2, High: 6},
		"normal":     {Kind: chance.Normal, Mean: 2, SD: 0.5},
		"lognormal":  {Kind: chance.Lognormal, Mean: 2, SD: 0.4},
		"beta":       {Kind: chance.Beta, Mean: 0.3, SD: 0.1},
		"empirical":  {Kind: chance.Empirical, Values: []float64{1, 2, 2, 7}},
	}
}

// TestMomentsAreTheOracleOfDraws proves that each distribution is drawn as its moments say, and within its bounds.
func TestMomentsAreTheOracleOfDraws(t *testing.T) {
	t.Parallel()
	for name, d := range kinds() {
		if code := d.Check(); code != "" {
			t.Fatalf("%s: %s", name, code)
		}
		values := chance.Draws(draws, 11, name, d)
		low, high := d.Support()
		for k := 1; k <= 4; k++ {
			sum := 0.0
			for _, v := range values {
				if v < low || v > high {
					t.Fatalf("%s: %v is outside", name, v)
				}
				sum += math.Pow(v, float64(k))
			}
			spread := math.Sqrt(math.Max(0, d.Moment(2*k)-d.Moment(k)*d.Moment(k)))
			near(t, name, sum/draws, d.Moment(k), 4.5*spread/math.Sqrt(draws)+1e-9)
		}
		near(t, name+" nothing", d.Moment(0), 1, 1e-12)
	}
	triangular := kinds()["triangular"]
	near(t, "triangular mean", triangular.Moment(1), (1+2+6)/3., 1e-12)
	near(t, "triangular variance", triangular.Moment(2)-9, (1+4+36-2-6-12)/18., 1e-12)
	near(t, "pert mean", kinds()["pert"].Moment(1), (1+4*2+6)/6., 1e-12)
	near(t, "beta variance", kinds()["beta"].Moment(2)-0.09, 0.01, 1e-12)
}

func TestImpossibleDistributions(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]chance.Distribution{
		"upside down": {Kind: chance.Interval, Low: 2, High: 1},
		"mode out":    {Kind: chance.Triangular, Low: 1, Mode: 4, High: 3},
		"negative sd": {Kind: chance.Normal, SD: -1},
		"log of 0":    {Kind: chance.Lognormal, SD: 1},
		"wide beta":   {Kind: chance.Beta, Mean: 0.5, SD: 0.6},
		"no values":   {Kind: chance.Empirical},
		"no kind":     {},
		"no number":   chance.Exactly(math.NaN()),
	} {
		if d.Check() == "" {
			t.Errorf("%s is accepted", name)
		}
	}
}

// TestStreamsStandAlone proves that a parameter's draws hang on its name and the seed alone.
func TestStreamsStandAlone(t *testing.T) {
	t.Parallel()
	d := kinds()["pert"]
	a := chance.Draws(100, 1, "displacement", d)
	if !slices.Equal(a, chance.Draws(100, 1, "displacement", d)) {
		t.Error("drawn again, it is another")
	}
	if !slices.Equal(a[:50], chance.Draws(50, 1, "displacement", d)) {
		t.Error("fewer draws are others")
	}
	if slices.Equal(a, chance.Draws(100, 2, "displacement", d)) || slices.Equal(a, chance.Draws(100, 1, "leakage", d)) {
		t.Error("another seed or name gives the same draws")
	}
}

// TestMomentsAndDrawsAgree proves the exact moments of any expression, whatever its parameters share, against simulation.
func TestMomentsAndDrawsAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		of := []chance.Distribution{
			{Kind: chance.Triangular, Low: 0, Mode: 0.2, High: 0.6},
			{Kind: chance.Beta, Mean: 0.4, SD: 0.1},
			{Kind: chance.Pert, Low: 1, Mode: 1.2, High: 2},
		}
		var e chance.Expression
		for range rapid.IntRange(1, 3).Draw(t, "terms") {
			term := chance.Term{Weight: float64(rapid.IntRange(-100, 100).Draw(t, "weight"))}
			for range rapid.IntRange(0, 4).Draw(t, "parts") {
				term.Parts = append(term.Parts, chance.Affine{
					Parameter: rapid.IntRange(0, 2).Draw(t, "parameter"),
					A:         float64(rapid.IntRange(-1, 1).Draw(t, "a")), B: float64(rapid.IntRange(-1, 1).Draw(t, "b")),
				})
			}
			e = append(e, term)
		}
		values := simulateTimes(fewer, e, of, []string{"a", "b", "c"})
		drawn := chance.Summarise(values)
		sd := math.Sqrt(math.Max(0, e.Variance(of)))
		scale := 1e-9 * (1 + math.Abs(drawn.Mean))
		if math.Abs(drawn.Mean-e.Mean(of)) > 6*sd/math.Sqrt(fewer)+scale {
			t.Fatalf("mean %v drawn, %v exact", drawn.Mean, e.Mean(of))
		}
		if math.Abs(drawn.SD-sd) > 0.15*sd+1e-6 {
			t.Fatalf("deviation %v drawn, %v exact", drawn.SD, sd)
		}
		if low, high, ok := e.Bounds(of); !ok || math.IsNaN(low) || low > high {
			t.Fatalf("bounds %v to %v, %v", low, high, ok)
		}
	})
}

// TestSummaryIsThatOfSortedValues proves the quantiles against sorting.
func TestSummaryIsThatOfSortedValues(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-10, 10), 1, 200).Draw(t, "values")
		if rapid.Bool().Draw(t, "many") { // more than the median parts
			for len(values) < 3000 {
				values = append(values, values...)
			}
			far := rapid.SampledFrom([]float64{0, 1, 1e9, math.MaxFloat64 / 4}).Draw(t, "far")
			for i := range values {
				values[i] += float64(i % 7)
			}
			values[0] += far
		}
		if rapid.Bool().Draw(t, "ties") {
			for i := range values {
				values[i] = math.Round(values[i])
			}
		}
		sorted := slices.Sorted(slices.Values(values))
		between := func(p float64) float64 {
			at := p * float64(len(sorted)-1)
			k := int(at)
			if k+1 == len(sorted) {
				return sorted[k]
			}
			return sorted[k] + (at-float64(k))*(sorted[k+1]-sorted[k])
		}
		below := 0.0
		for _, v := range values {
			if v < 0 {
				below++
			}
		}
		s := chance.Summarise(slices.Clone(values))
		if s.P5 != between(0.05) || s.P50 != between(0.5) || s.P95 != between(0.95) {
			t.Fatalf("quantiles %+v of %v", s, sorted)
		}
		if s.PNegative != below/float64(len(values)) {
			t.Fatalf("below nought: %v", s.PNegative)
		}
		by := rapid.SampledFrom([]float64{-3, -0.5, 0, 2}).Draw(t, "by")
		times := slices.Clone(values)
		for i := range times {
			times[i] *= by
		}
		want, got := chance.Summarise(times), s.Scaled(by, chance.Share(values, func(v float64) bool { return v > 0 }))
		for _, pair := range [][2]float64{{got.Mean, want.Mean}, {got.SD, want.SD}, {got.P5, want.P5}, {got.P50, want.P50}, {got.P95, want.P95}, {got.PNegative, want.PNegative}} {
			if math.Abs(pair[0]-pair[1]) > 1e-9+1e-9*math.Abs(pair[1]) {
				t.Fatalf("%v times: %+v, want %+v", by, got, want)
			}
		}
	})
}

func TestNoBoundsWithoutEnds(t *testing.T) {
	t.Parallel()
	e := chance.Expression{{Weight: 1, Parts: []chance.Affine{{0, 0, 1}}}}
	if _, _, ok := e.Bounds([]chance.Distribution{{Kind: chance.Normal, SD: 1}}); ok {
		t.Error("a normal distribution has ends")
	}
	var many chance.Expression
	var of []chance.Distribution
	for i := range chance.MostCorners + 1 {
		many = append(many, chance.Term{Weight: 1, Parts: []chance.Affine{{i, 0, 1}}})
		of = append(of, chance.Distribution{Kind: chance.Interval, High: 1})
	}
	if _, _, ok := many.Bounds(of); ok {
		t.Error("more corners than are looked at")
	}
}

// TestNoNumberIsNoReasonToFail proves that a draw which is no number is told as such and stops nothing.
func TestNoNumberIsNoReasonToFail(t *testing.T) {
	t.Parallel()
	values := make([]float64, 5000)
	for i := range values {
		values[i] = float64(i) - 100
	}
	values[7] = math.NaN()
	if s := chance.Summarise(values); !math.IsNaN(s.Mean) || math.IsNaN(s.P50) {
		t.Errorf("%+v", s)
	}
}
