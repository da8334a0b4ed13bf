package stats_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"testing"

	"socialvalue/internal/stats"
)

// The vectors are results of R 4.2.2, or published; testdata/stats_vectors.json names the origin of each.

func read(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

func section[T any](t *testing.T, name string) T {
	t.Helper()
	var all map[string]json.RawMessage
	read(t, "testdata/stats_vectors.json", &all)
	var into T
	if err := json.Unmarshal(all[name], &into); err != nil {
		t.Fatal(err)
	}
	return into
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s is %.15g, want %.15g", what, got, want)
	}
}

func nearInterval(t *testing.T, what string, got stats.Interval, want [2]float64, within float64) {
	t.Helper()
	near(t, what+", low", got.Low, want[0], within)
	near(t, what+", high", got.High, want[1], within)
}

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func sample(t *testing.T, values ...float64) stats.Sample {
	t.Helper()
	return must[stats.Sample](t)(stats.NewSample(values))
}

const digits = 1e-9

func TestVectorQuantileType7(t *testing.T) {
	t.Parallel()
	v := section[struct{ X, P, Value []float64 }](t, "quantile_type7")
	for i, p := range v.P {
		near(t, "quantile", must[float64](t)(sample(t, v.X...).Quantile(p)), v.Value[i], digits)
	}
}

func TestVectorWilson(t *testing.T) {
	t.Parallel()
	for _, v := range section[[]struct {
		K, N int
		CI95 [2]float64
	}](t, "wilson") {
		got := must[stats.Interval](t)(stats.Wilson(float64(v.K)/float64(v.N), v.N, 0.95))
		nearInterval(t, "Wilson", got, v.CI95, digits)
	}
}

func TestVectorNewcombe(t *testing.T) {
	t.Parallel()
	for _, v := range section[[]struct {
		A, M, B, N int
		Diff       float64
		CI95       [2]float64
	}](t, "newcombe_diff") {
		a, b := float64(v.A)/float64(v.M), float64(v.B)/float64(v.N)
		near(t, "difference", a-b, v.Diff, digits)
		nearInterval(t, "Newcombe", must[stats.Interval](t)(stats.NewcombeDifference(a, v.M, b, v.N, 0.95)), v.CI95, digits)
		// The published interval, of Newcombe (1998), is printed to four places.
		nearInterval(t, "as published", must[stats.Interval](t)(stats.NewcombeDifference(a, v.M, b, v.N, 0.95)), [2]float64{0.0524, 0.3339}, 5e-5)
	}
}

func TestVectorFisherTeaTasting(t *testing.T) {
	t.Parallel()
	for _, v := range section[[]struct {
		Table    [4]int
		Greater  float64 `json:"p_greater"`
		TwoSided float64 `json:"p_two_sided"`
		Odds     float64 `json:"conditional_mle_odds_ratio"`
	}](t, "fisher") {
		got := must[stats.FisherTest](t)(stats.Fisher(v.Table[0], v.Table[1], v.Table[2], v.Table[3]))
		near(t, "greater", got.Greater, v.Greater, digits)
		near(t, "two-sided", got.TwoSided, v.TwoSided, digits)
		// R stops looking when it is near. Of this table the estimate is the root of ψ⁴ - 36ψ² - 32ψ - 3.
		odds := must[float64](t)(stats.ConditionalOddsRatio(v.Table[0], v.Table[1], v.Table[2], v.Table[3]))
		near(t, "odds ratio", odds, v.Odds, 2e-5)
		near(t, "the polynomial at the odds ratio", odds*odds*odds*odds-36*odds*odds-32*odds-3, 0, 1e-9)
	}
}

func TestVectorRiskRatio(t *testing.T) {
	t.Parallel()
	for _, v := range section[[]struct {
		A, M, B, N int
		Likelihood float64    `json:"relative_likelihood"`
		CI95       [2]float64 `json:"ci95"`
		FisherP    float64    `json:"fisher_p"`
		Newcombe   [2]float64 `json:"newcombe_diff_ci95"`
	}](t, "risk_ratio") {
		ratio, interval, err := stats.RiskRatio(v.A, v.M, v.B, v.N, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "ratio", ratio, v.Likelihood, digits)
		nearInterval(t, "ratio", interval, v.CI95, 1e-8)
		near(t, "Fisher", must[stats.FisherTest](t)(stats.Fisher(v.A, v.M-v.A, v.B, v.N-v.B)).TwoSided, v.FisherP, digits)
		a, b := float64(v.A)/float64(v.M), float64(v.B)/float64(v.N)
		nearInterval(t, "Newcombe", must[stats.Interval](t)(stats.NewcombeDifference(a, v.M, b, v.N, 0.95)), v.Newcombe, digits)
	}
}

func TestVectorBinomialTarget(t *testing.T) {
	t.Parallel()
	for _, v := range section[struct {
		Cases []struct {
			K, N           int
			Target         float64
			PLess          float64    `json:"p_less"`
			ClopperPearson [2]float64 `json:"clopper_pearson95"`
		}
	}](t, "binomial_target").Cases {
		near(t, "p", must[float64](t)(stats.BinomialAtMost(v.K, v.N, v.Target)), v.PLess, digits)
		nearInterval(t, "Clopper-Pearson", must[stats.Interval](t)(stats.ClopperPearson(v.K, v.N, 0.95)), v.ClopperPearson, digits)
	}
}

func TestVectorMedianOrderStatistics(t *testing.T) {
	t.Parallel()
	for _, v := range section[[]struct {
		N        int
		Low      int `json:"lower_rank"`
		High     int `json:"upper_rank"`
		Coverage float64
	}](t, "median_order_stat_ci") {
		got := must[stats.Ranks](t)(stats.QuantileRanks(v.N, 0.5, 0.95))
		if got.Low != v.Low || got.High != v.High {
			t.Errorf("ranks of %d are %d and %d, want %d and %d", v.N, got.Low, got.High, v.Low, v.High)
		}
		near(t, "coverage", got.Coverage, v.Coverage, digits)
	}
}

func TestVectorHodgesLehmann(t *testing.T) {
	t.Parallel()
	v := section[struct {
		X, Y     []float64
		Estimate float64 `json:"estimate_median_of_pairwise_differences"`
		CI       [2]float64
		W        float64
		P        float64 `json:"p_two_sided_exact"`
	}](t, "hodges_lehmann")
	got := must[stats.Shift](t)(stats.HodgesLehmann(sample(t, v.X...), sample(t, v.Y...), 0.95))
	near(t, "estimate", got.Estimate, v.Estimate, digits)
	nearInterval(t, "interval", got.Interval, v.CI, digits)
	near(t, "W", got.W, v.W, 0)
	near(t, "p", got.P, v.P, digits)
	if !got.Exact {
		t.Error("the exact distribution was not used")
	}
}

func TestVectorWelchSleep(t *testing.T) {
	t.Parallel()
	v := section[struct {
		Group1, Group2 []float64
		T, DF, P       float64
		CI95           [2]float64 `json:"ci95_diff"`
	}](t, "welch")
	got := must[stats.Welch](t)(stats.WelchTest(sample(t, v.Group1...), sample(t, v.Group2...), 0.95))
	near(t, "t", got.T, v.T, digits)
	near(t, "df", got.Freedom, v.DF, digits)
	near(t, "p", got.P, v.P, digits)
	nearInterval(t, "difference", got.Difference, v.CI95, 1e-8)
}

type meanGapVector struct {
	Male, Female []float64
	Gap          float64    `json:"mean_gap_pct"`
	SE           float64    `json:"se_gap_pct"`
	Delta        [2]float64 `json:"delta_ci95"`
	Fieller      [2]float64 `json:"fieller_ci95_welch_df"`
	Median       float64    `json:"median_gap_pct"`
}

func TestVectorMeanGapDeltaAndFieller(t *testing.T) {
	t.Parallel()
	v := section[meanGapVector](t, "mean_gap_ci")
	men, women := sample(t, v.Male...), sample(t, v.Female...)
	mean := func(s stats.Sample) float64 { return must[float64](t)(s.Mean()) }
	median := func(s stats.Sample) float64 { return must[float64](t)(s.Median()) }
	near(t, "mean gap", must[float64](t)(stats.Gap(mean(men), mean(women))), v.Gap, digits)
	near(t, "median gap", must[float64](t)(stats.Gap(median(men), median(women))), v.Median, digits)
	near(t, "standard error", must[float64](t)(stats.MeanGapError(men, women)), v.SE, digits)
	nearInterval(t, "delta", must[stats.Interval](t)(stats.MeanGapDelta(men, women, 0.95)), v.Delta, 1e-8)
	nearInterval(t, "Fieller", must[stats.Interval](t)(stats.MeanGapFieller(men, women, 0.95)), v.Fieller, 1e-7)
}

func TestVectorBootstrapStratified(t *testing.T) {
	t.Parallel()
	people := section[meanGapVector](t, "mean_gap_ci")
	v := section[struct {
		Mean       [2]float64 `json:"mean_gap_percentile95"`
		MeanRoom   float64    `json:"mean_tolerance_pp"`
		Median     [2]float64 `json:"median_gap_percentile95"`
		MedianRoom float64    `json:"median_tolerance_pp"`
		B          int
	}](t, "bootstrap_stratified")
	// As many replicates as the vector has: a median of so few people takes few values, and the percentile falls on a
	// step between two of them.
	b := stats.Bootstrap{Replicates: v.B, Level: 0.95, Seed: 1, Workers: 2}
	got, err := b.Gaps(t.Context(), sample(t, people.Male...), sample(t, people.Female...),
		[]stats.Statistic{stats.MeanOf(), stats.QuantileOf(0.5)})
	if err != nil {
		t.Fatal(err)
	}
	nearInterval(t, "mean gap", got[0], v.Mean, v.MeanRoom)
	nearInterval(t, "median gap", got[1], v.Median, v.MedianRoom)
}

func TestVectorGapFormula(t *testing.T) {
	t.Parallel()
	var v struct {
		Cases []struct {
			Ref, Focal *float64
			Gap        *float64 `json:"gap_pct"`
		}
	}
	read(t, "testdata/gap_formula_cases.json", &v)
	if len(v.Cases) < 10 {
		t.Fatalf("%d cases", len(v.Cases))
	}
	for _, c := range v.Cases {
		if c.Ref == nil || c.Focal == nil {
			continue // nothing is the caller's case: there is no mean of nobody
		}
		got, err := stats.Gap(*c.Ref, *c.Focal)
		switch {
		case c.Gap == nil && !errors.Is(err, stats.ErrZeroBase):
			t.Errorf("gap of %v and %v: %v, %v; want none", *c.Ref, *c.Focal, got, err)
		case c.Gap != nil:
			near(t, "gap", must[float64](t)(got, err), *c.Gap, 1e-12)
		}
	}
}
