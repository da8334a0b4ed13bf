package assess_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"socialvalue/pipelines/impact/assess"
	"socialvalue/pipelines/impact/chance"
)

func shuffle[T any](r *rand.Rand, rows []T) {
	r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
}

// everything is a portfolio with all that can come beside it: unit values and a part of one, ex post with another version,
// shares of several projects, alternatives, incomes, and rows that are refused.
func everything() assess.Input {
	in := portfolio(4, 2, 3, assess.Intervention, assess.ReferenceOf)
	more := beforeAndAfter()
	more.Outcomes[0].VersionAfter = "2"
	more.Outcomes[0].Income, more.Projects[0].ReferenceIncome = ptr(0), ptr(35000)
	child := more.Proxies[0]
	child.Code, child.Parent = "CODE.1", "CODE"
	more.Proxies = append(more.Proxies, child)
	for _, id := range []string{"part", "lost", "alternative"} {
		o, q := more.Outcomes[0], more.Quantities[0]
		o.ID, q.Outcome = id, id
		switch id {
		case "part":
			o.Proxy = "CODE.1"
		case "lost":
			q.Outcome = "nowhere"
			o.SharedRef, o.Share = "job", ptr(0.7)
		case "alternative":
			o.OverlapGroup, o.Headline = "group", false
			more.Factors = append(more.Factors, assess.Factor{Submission: "s", Project: "P", Outcome: id, Side: assess.Both, Name: assess.Multiplier, Parameter: "none"})
		}
		more.Outcomes, more.Quantities = append(more.Outcomes, o), append(more.Quantities, q)
	}
	more.Costs = append(more.Costs, assess.Cost{Submission: "s", Project: "P", ID: "bad", Year: 2024, Amount: 1, Capital: true, Optimism: "unknown"})
	claim := in.Outcomes[0]
	in.Outcomes[0].SharedRef, in.Outcomes[0].Share = "job", ptr(0.5)
	claim.ID = "nothing"
	in.Outcomes = append(in.Outcomes, claim)
	in.Projects, in.Outcomes = append(in.Projects, more.Projects...), append(in.Outcomes, more.Outcomes...)
	in.Quantities, in.Factors = append(in.Quantities, more.Quantities...), append(in.Factors, more.Factors...)
	in.Costs, in.Proxies = append(in.Costs, more.Costs...), append(in.Proxies, more.Proxies...)
	return in
}

// TestAnyOrderAnyThreads proves that neither the order of rows nor the number of threads changes a digit or a refusal.
func TestAnyOrderAnyThreads(t *testing.T) {
	t.Parallel()
	first, err := assess.Run(t.Context(), everything(), assess.Settings{Draws: 20, Seed: 9, Workers: 1, ByYear: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(first.Portfolio) == 0 || len(first.Lines) < 4*2*3 || len(first.Swings) == 0 || len(first.Refusals) < 6 || len(first.Comparisons) == 0 {
		t.Fatalf("%d portfolios, %d lines, %d refusals, %d comparisons", len(first.Portfolio), len(first.Lines), len(first.Refusals), len(first.Comparisons))
	}
	hidden := cmpopts.IgnoreUnexported(assess.Line{}, assess.Sum{})
	rapid.Check(t, func(rt *rapid.T) {
		in := everything()
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "order"), 1))
		shuffle(r, in.Projects)
		shuffle(r, in.Outcomes)
		shuffle(r, in.Quantities)
		shuffle(r, in.Factors)
		shuffle(r, in.Parameters)
		shuffle(r, in.Effects)
		shuffle(r, in.Adjustments)
		shuffle(r, in.Costs)
		shuffle(r, in.Proxies)
		again, err := assess.Run(t.Context(), in, assess.Settings{Draws: 20, Seed: 9, Workers: rapid.IntRange(1, 16).Draw(rt, "workers"), ByYear: true})
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(first, again, hidden); diff != "" {
			rt.Fatal(diff)
		}
	})
}

// TestMomentsAgreeWithSimulation proves of a whole assessment that drawn means and deviations of lines, projects and the portfolio
// are the exact ones within the error of so many draws.
func TestMomentsAgreeWithSimulation(t *testing.T) {
	t.Parallel()
	const draws = 20000
	for name, sides := range map[string][]string{"shared": {assess.Both}, "apart": {assess.Intervention, assess.ReferenceOf}} {
		r, err := assess.Run(t.Context(), portfolio(3, 4, 5, sides...), assess.Settings{Draws: draws, Seed: 11, Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		within := func(what string, mean float64, s chance.Summary) {
			t.Helper()
			near(t, name+" "+what, s.Mean, mean, 5*s.SD/math.Sqrt(draws))
		}
		for _, l := range r.Lines {
			within("mean of "+l.Project+l.ID+l.Level, l.Mean, l.Drawn)
			near(t, name+" deviation of "+l.Project+l.ID+l.Level, l.Drawn.SD, l.SD, 5*l.SD/math.Sqrt(2*draws))
		}
		for _, s := range r.Sums {
			within("mean of "+s.Project.ID+s.Level, s.Mean, s.Drawn)
		}
		for _, p := range r.Portfolio {
			within("mean of "+p.FinancialYear+p.Level, p.Mean, p.Drawn)
		}
	}
}

// portfolio is a number of projects with outcomes over years at three levels, all factors with distributions, the same on both
// sides or, where two sides are named, of each side its own.
func portfolio(projects, outcomes, years int, sides ...string) assess.Input {
	if len(sides) == 0 {
		sides = []string{assess.Both}
	}
	in := assess.Input{Reference: reference()}
	r := rand.New(rand.NewPCG(1, 2))
	between := func(low, high float64) chance.Distribution {
		return chance.Distribution{Kind: chance.Triangular, Low: low, Mode: (low + high) / 2, High: high}
	}
	in.Parameters = []assess.Parameter{{Submission: assess.SharedSubmission, ID: "unit", Distribution: between(0.8, 1.2)}}
	for p := range projects {
		s := name("P", p)
		in.Projects = append(in.Projects, assess.Project{
			Submission: s, ID: s, FinancialYear: name("202", p%3), DecisionYear: 2024, PriceYear: 2024, YearBasis: "calendar",
			Perspective: "all_society", HeadlineLevel: "LCR", System: "open", Announced: true, LastYearOver: 2024,
		})
		in.Costs = append(in.Costs, assess.Cost{Submission: s, Project: s, ID: "c", Year: 2024, Amount: 5000})
		for _, a := range []string{"A", "B"} {
			in.Adjustments = append(in.Adjustments, assess.Adjustment{Submission: s, Project: s, ID: a, Committed: true, ExtraCost: ptr(100)})
			in.Effects = append(in.Effects, assess.Effect{Submission: s, Project: s, ID: a, Adjustments: []string{a}, Outcome: "O000", Change: assess.GrossQuantity, Operation: "multiply", Amount: 1.1})
		}
		for o := range outcomes {
			id := name("O", o)
			in.Outcomes = append(in.Outcomes, assess.Outcome{Submission: s, Project: s, ID: id, System: "open", ValueType: "social", UnitValue: ptr(100 * r.Float64()), UnitPriceYear: 2024, Headline: true})
			in.Factors = append(in.Factors, assess.Factor{Submission: s, Project: s, Outcome: id, Side: assess.Both, Name: assess.ValueScale, Parameter: "unit"})
			for _, level := range []string{"LAD", "LCR", "UK"} {
				for y := range years {
					in.Quantities = append(in.Quantities, assess.Quantity{Submission: s, Project: s, Outcome: id, Stage: assess.ExAnte, Level: level, Year: 2024 + y, Gross: 10 + 90*r.Float64(), Reference: ptr(20 * r.Float64())})
				}
				for factor, d := range map[string]chance.Distribution{
					assess.Leakage: between(0.05, 0.2), assess.Displacement: between(0.1, 0.4),
					assess.Substitution: between(0, 0.1), assess.Multiplier: between(1, 1.4),
				} {
					for _, side := range sides {
						parameter := id + level + factor + side
						in.Parameters = append(in.Parameters, assess.Parameter{Submission: s, ID: parameter, Distribution: d})
						in.Factors = append(in.Factors, assess.Factor{Submission: s, Project: s, Outcome: id, Level: level, Side: side, Name: factor, Parameter: parameter})
					}
				}
			}
		}
	}
	return in
}

func name(letter string, n int) string {
	return letter + string(rune('0'+n/100%10)) + string(rune('0'+n/10%10)) + string(rune('0'+n%10))
}

// BenchmarkPortfolio is the size that docs/impact.md speaks of, and half and a tenth of it: growth is linear. apart has factors of
// its own on each side of the formula, so twice the parameters; by_year tells of the draws of each year as well.
func BenchmarkPortfolio(b *testing.B) {
	for _, projects := range []int{10, 50, 100} {
		for name, sides := range map[string][]string{"shared": {assess.Both}, "apart": {assess.Intervention, assess.ReferenceOf}} {
			in := portfolio(projects, 20, 10, sides...)
			for kind, byYear := range map[string]bool{"": false, "_by_year": true} {
				b.Run(fmt.Sprintf("%s%s/%03d", name, kind, projects), func(b *testing.B) {
					for b.Loop() {
						if _, err := assess.Run(b.Context(), in, assess.Settings{Draws: 10000, Seed: 1, Workers: 2, ByYear: byYear}); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}
