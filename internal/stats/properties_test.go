package stats_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"socialvalue/internal/stats"
)

// pay draws what people are paid, on few points, so that values are often equal.
func pay(t *rapid.T, name string, least int) []float64 {
	points := rapid.SliceOfN(rapid.IntRange(1000, 9000), 1, 30).Draw(t, name+" points")
	return rapid.Custom(func(t *rapid.T) []float64 {
		values := rapid.SliceOfN(rapid.SampledFrom(points), least, 60).Draw(t, name)
		result := make([]float64, len(values))
		for i, v := range values {
			result[i] = float64(v) / 100
		}
		return result
	}).Draw(t, name)
}

func drawnSample(t *rapid.T, values []float64) stats.Sample {
	s, err := stats.NewSample(values)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// everything is each statistic of two groups, in the last bit.
func everything(t *rapid.T, a, b stats.Sample) []any {
	var all []any
	add := func(value any, err error) { all = append(all, value, errorText(err)) }
	add(a.Mean())
	add(a.Variance())
	add(a.Quantile(0.1))
	add(stats.MeanGapDelta(a, b, 0.95))
	add(stats.MeanGapFieller(a, b, 0.95))
	add(stats.HodgesLehmann(a, b, 0.95))
	add(stats.QuantileInterval(a, 0.5, 0.95))
	gap, interval, err := stats.QuantileGap(a, b, 0.5, 0.95)
	add([]any{gap, interval}, err)
	add(stats.Bootstrap{Replicates: 500, Level: 0.95, Seed: 3, Workers: 2}.Gaps(context.Background(), a, b,
		[]stats.Statistic{stats.MeanOf(), stats.QuantileOf(0.5)}))
	return all
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestOrderOfValuesChangesNoBit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := pay(t, "first", 1), pay(t, "second", 1)
		want := everything(t, drawnSample(t, a), drawnSample(t, b))
		got := everything(t, drawnSample(t, rapid.Permutation(a).Draw(t, "a")), drawnSample(t, rapid.Permutation(b).Draw(t, "b")))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("another order:\n%s", diff)
		}
	})
}

func TestQuantilesLieBetweenValuesAndRise(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := pay(t, "pay", 1)
		s := drawnSample(t, values)
		last := slices.Min(values)
		for _, p := range []float64{0, 0.1, 0.25, 0.5, 0.75, 0.9, 1} {
			q, err := s.Quantile(p)
			if err != nil || q < last || q > slices.Max(values) {
				t.Fatalf("quantile %v is %v after %v, %v", p, q, last, err)
			}
			last = q
		}
	})
}

func TestHodgesLehmannIsTheMedianOfAllPairs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := pay(t, "first", 1), pay(t, "second", 1)
		var pairs []float64
		wins := 0.0
		for _, x := range a {
			for _, y := range b {
				pairs = append(pairs, x-y)
				switch {
				case x > y:
					wins++
				case x == y:
					wins += 0.5
				}
			}
		}
		want, err := drawnSample(t, pairs).Median()
		if err != nil {
			t.Fatal(err)
		}
		got, err := stats.HodgesLehmann(drawnSample(t, a), drawnSample(t, b), 0.95)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got.Estimate-want) > 1e-12 || got.W != wins || !got.Interval.Contains(got.Estimate) || got.P < 0 || got.P > 1 {
			t.Fatalf("%+v, want %v and %v pairs won", got, want, wins)
		}
	})
}

// With ties, by hand: three 2s and three 3s among nine, so that the variance is 20/12 (10 - 48/72), W is 3 and its mean 10.
func TestWilcoxonWithTiesByHand(t *testing.T) {
	t.Parallel()
	got := must[stats.Shift](t)(stats.HodgesLehmann(sample(t, 1, 2, 2, 3), sample(t, 2, 3, 3, 4, 5), 0.95))
	sigma := math.Sqrt(20.0 / 12 * (10 - 48.0/72))
	near(t, "W", got.W, 3, 0)
	near(t, "p", got.P, math.Erfc(6.5/sigma/math.Sqrt2), 1e-12)
	// k = floor(10 - 1.96 sigma) = 2: the second smallest and the second largest of the twenty differences.
	nearInterval(t, "interval", got.Interval, [2]float64{-3, 0}, 0)
	if got.Exact {
		t.Error("the exact distribution has no ties")
	}
}

func TestWilcoxonsExactDistributionIsThatOfAllOrders(t *testing.T) {
	t.Parallel()
	// Every choice of three of seven ranks is as likely: the p-value is counted.
	for chosen := range 1 << 7 {
		var a, b []float64
		for rank := range 7 {
			if chosen>>rank&1 == 1 {
				a = append(a, float64(rank))
			} else {
				b = append(b, float64(rank))
			}
		}
		if len(a) != 3 {
			continue
		}
		got := must[stats.Shift](t)(stats.HodgesLehmann(sample(t, a...), sample(t, b...), 0.95))
		less, more, all := 0, 0, 0
		for other := range 1 << 7 {
			wins, size := 0, 0
			for x := range 7 {
				if other>>x&1 == 0 {
					continue
				}
				size++
				for y := range x {
					if other>>y&1 == 0 {
						wins++
					}
				}
			}
			if size != 3 {
				continue
			}
			all++
			if float64(wins) <= got.W {
				less++
			}
			if float64(wins) >= got.W {
				more++
			}
		}
		near(t, "p", got.P, min(1, 2*float64(min(less, more))/float64(all)), 1e-12)
	}
}

func TestBootstrapIsTheSameOnAnyNumberOfWorkers(t *testing.T) {
	t.Parallel()
	people := paired(300)
	statistics := []stats.Statistic{stats.MeanOf(), stats.QuantileOf(0.1), stats.QuantileOf(0.5)}
	var want []stats.Interval
	for _, workers := range []int{1, 2, 7} {
		random := rand.New(rand.NewPCG(uint64(workers), 1))
		random.Shuffle(len(people), func(i, j int) { people[i], people[j] = people[j], people[i] })
		got, err := stats.Bootstrap{Replicates: 1100, Level: 0.9, Seed: 5, Workers: workers}.GapChanges(t.Context(), people, statistics)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d workers and another order of people:\n%s", workers, diff)
		}
	}
	other, err := stats.Bootstrap{Replicates: 1100, Level: 0.9, Seed: 6, Workers: 2}.GapChanges(t.Context(), people, statistics)
	if err != nil || cmp.Equal(want, other) {
		t.Errorf("another seed draws the same: %v, %v", other, err)
	}
}

// paired are people in two years: most in both, a tenth in one only, pay that follows them.
func paired(n int) []stats.Person {
	random := rand.New(rand.NewPCG(9, uint64(n)))
	people := make([]stats.Person, n)
	for i := range people {
		group := stats.Comparator
		if i%3 == 0 {
			group = stats.Focal
		}
		pay := 15 + 10*random.Float64()
		people[i] = stats.Person{Before: stats.Standing{Group: group, Pay: pay}, After: stats.Standing{Group: group, Pay: pay * (1 + 0.1*random.Float64())}}
		switch i % 20 {
		case 0:
			people[i].Before = stats.Standing{}
		case 1:
			people[i].After = stats.Standing{}
		}
	}
	return people
}

func TestChangeByDeltaIsThatOfTheBootstrap(t *testing.T) {
	t.Parallel()
	people := paired(1500)
	delta := must[stats.Interval](t)(stats.MeanGapChange(people, 0.95))
	drawn, err := stats.Bootstrap{Replicates: 20000, Level: 0.95, Seed: 1, Workers: 2}.GapChanges(t.Context(), people, []stats.Statistic{stats.MeanOf()})
	if err != nil {
		t.Fatal(err)
	}
	nearInterval(t, "change", drawn[0], [2]float64{delta.Low, delta.High}, 0.06*(delta.High-delta.Low))
	// With nobody in both years it is the two standard errors together.
	var apart []stats.Person
	var before, after [2][]float64
	for _, p := range people {
		if p.Before.Group != stats.Absent {
			apart = append(apart, stats.Person{Before: p.Before})
			before[p.Before.Group-stats.Comparator] = append(before[p.Before.Group-stats.Comparator], p.Before.Pay)
		}
		if p.After.Group != stats.Absent {
			apart = append(apart, stats.Person{After: p.After})
			after[p.After.Group-stats.Comparator] = append(after[p.After.Group-stats.Comparator], p.After.Pay)
		}
	}
	wide := must[stats.Interval](t)(stats.MeanGapChange(apart, 0.95))
	first := must[float64](t)(stats.MeanGapError(sample(t, before[0]...), sample(t, before[1]...)))
	second := must[float64](t)(stats.MeanGapError(sample(t, after[0]...), sample(t, after[1]...)))
	near(t, "width", wide.High-wide.Low, 2*1.959963984540054*math.Hypot(first, second), 1e-9)
	if wide.High-wide.Low < 1.5*(delta.High-delta.Low) {
		t.Errorf("people in both years tell nothing: %v and %v", wide, delta)
	}
}

func TestBenjaminiHochberg(t *testing.T) {
	t.Parallel()
	// Benjamini and Hochberg (1995), table 1: of fifteen p-values four are rejected at 0.05, the fourth having q = 0.035625.
	p := []float64{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000}
	q := must[[]float64](t)(stats.BenjaminiHochberg(p))
	rejected := 0
	for i := range q {
		if q[i] <= 0.05 {
			rejected++
		}
		if q[i] < p[i] || i > 0 && q[i] < q[i-1] {
			t.Errorf("q %v of p %v", q[i], p[i])
		}
	}
	near(t, "q of the fourth", q[3], 15.0/4*0.0095, 1e-15)
	if rejected != 4 {
		t.Errorf("%d rejected, want 4", rejected)
	}
	turned := slices.Clone(p)
	slices.Reverse(turned)
	again := must[[]float64](t)(stats.BenjaminiHochberg(turned))
	slices.Reverse(again)
	if diff := cmp.Diff(q, again); diff != "" {
		t.Error(diff)
	}
}

func TestRoundHalfAway(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		value    float64
		decimals int
		want     float64
	}{
		{6.25, 1, 6.3},
		{-6.25, 1, -6.3},
		{0.15, 1, 0.2},
		{0.25, 1, 0.3},
		{1.005, 2, 1.01},
		{2.675, 2, 2.68},
		{0.04, 1, 0},
		{-0.04, 1, 0},
		{-0.05, 1, -0.1},
		{12.349999, 1, 12.3},
		{99.95, 1, 100},
		{0.5, 0, 1},
		{-0.5, 0, -1},
		{1.49999999, 0, 1},
		{(100 - 87.75) / 100 * 100, 1, 12.3},
	} {
		got := stats.RoundHalfAway(tc.value, tc.decimals)
		if got != tc.want || got == 0 && math.Signbit(got) {
			t.Errorf("%v to %d decimals is %v, want %v", tc.value, tc.decimals, got, tc.want)
		}
	}
}

func TestExactIntervalsHoldTheirShare(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 500).Draw(t, "n")
		k := rapid.IntRange(0, n).Draw(t, "k")
		exact, err := stats.ClopperPearson(k, n, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		wilson, err := stats.Wilson(float64(k)/float64(n), n, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		share := float64(k) / float64(n)
		for _, interval := range []stats.Interval{exact, wilson} {
			if !interval.Contains(share) || interval.Low < 0 || interval.High > 1 {
				t.Fatalf("%d of %d: %v", k, n, interval)
			}
		}
		// The ends are the shares under which so few, or so many, are just improbable.
		if k < n {
			if p, err := stats.BinomialAtMost(k, n, exact.High); err != nil || math.Abs(p-0.025) > 1e-8 {
				t.Fatalf("%d of %d has probability %v under %v", k, n, p, exact.High)
			}
		}
	})
}

func TestErrors(t *testing.T) {
	t.Parallel()
	none, one, two := sample(t), sample(t, 5), sample(t, 5, 6)
	zeros := sample(t, 0, 0)
	wrong := func(_ any, err error) error { return err }
	for name, tc := range map[string]struct {
		err  error
		want error
	}{
		"a sample of NaN":              {wrong(stats.NewSample([]float64{math.NaN()})), stats.ErrNotFinite},
		"the mean of nobody":           {wrong(none.Mean()), stats.ErrEmpty},
		"the variance of one":          {wrong(one.Variance()), stats.ErrEmpty},
		"the median of nobody":         {wrong(none.Median()), stats.ErrEmpty},
		"a quantile above one":         {wrong(two.Quantile(1.1)), stats.ErrRange},
		"a gap to zero":                {wrong(stats.Gap(0, 3)), stats.ErrZeroBase},
		"a gap of infinity":            {wrong(stats.Gap(1, math.Inf(1))), stats.ErrNotFinite},
		"a share of nobody":            {wrong(stats.Wilson(0, 0, 0.95)), stats.ErrEmpty},
		"a level of one":               {wrong(stats.Wilson(0.5, 10, 1)), stats.ErrRange},
		"more than all":                {wrong(stats.ClopperPearson(11, 10, 0.95)), stats.ErrRange},
		"a table of nobody":            {wrong(stats.Fisher(0, 0, 0, 0)), stats.ErrEmpty},
		"odds of an empty cell":        {wrong(stats.ConditionalOddsRatio(4, 0, 1, 3)), stats.ErrZeroBase},
		"a p above one":                {wrong(stats.BenjaminiHochberg([]float64{1.2})), stats.ErrRange},
		"ranks of five":                {wrong(stats.QuantileRanks(5, 0.5, 0.95)), stats.ErrEmpty},
		"delta to zero":                {wrong(stats.MeanGapDelta(zeros, two, 0.95)), stats.ErrZeroBase},
		"delta of one":                 {wrong(stats.MeanGapDelta(two, one, 0.95)), stats.ErrEmpty},
		"Welch without spread":         {wrong(stats.WelchTest(sample(t, 1, 1), sample(t, 2, 2), 0.95)), stats.ErrZeroBase},
		"shift of nobody":              {wrong(stats.HodgesLehmann(none, one, 0.95)), stats.ErrEmpty},
		"bootstrap of nobody":          {wrong(stats.Bootstrap{Replicates: 10, Level: 0.95}.Gaps(t.Context(), none, two, nil)), stats.ErrEmpty},
		"bootstrap without replicates": {wrong(stats.Bootstrap{Level: 0.95}.Gaps(t.Context(), two, two, nil)), stats.ErrEmpty},
		"bootstrap to zero": {wrong(stats.Bootstrap{Replicates: 10, Level: 0.95}.Gaps(t.Context(), zeros, two,
			[]stats.Statistic{stats.MeanOf()})), stats.ErrZeroBase},
		"regression of nothing":     {wrong(stats.OLS(nil, nil)), stats.ErrEmpty},
		"regression of ragged rows": {wrong(stats.OLS([][]float64{{1, 2}, {1}}, []float64{1, 2})), stats.ErrRange},
		"regression of too few":     {wrong(stats.OLS([][]float64{{1, 0}, {1, 1}}, []float64{1, 2})), stats.ErrEmpty},
	} {
		if !errors.Is(tc.err, tc.want) {
			t.Errorf("%s: %v, want %v", name, tc.err, tc.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := stats.Bootstrap{Replicates: 1000, Level: 0.95, Workers: 2}.Gaps(ctx, two, two, []stats.Statistic{stats.MeanOf()})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
