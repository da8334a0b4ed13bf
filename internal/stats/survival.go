package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// Ending is how somebody's time under observation ended.
type Ending uint8

// The endings.
const (
	Censored  Ending = iota // nothing had happened when observation stopped
	Event                   // what is being waited for happened
	Competing               // something else happened, after which it cannot any more: death in a tenancy
)

// Followed is how long one was observed, and how that ended.
type Followed struct {
	Time   float64
	Ending Ending
}

// Step is a time at which somebody's observation ended, and the curve from there on.
type Step struct {
	Time      float64
	AtRisk    int // observed up to this time: who is censored at it is still at risk of what happens at it
	Events    int
	Competing int
	Censored  int
	// Survival is the Kaplan-Meier share without the event, competing endings taken as censored.
	Survival float64
	// Incidence is the cumulative incidence of the event where competing endings end the risk.
	Incidence float64
	// Hazard is the sum of events over those at risk (Nelson and Aalen).
	Hazard    float64
	greenwood float64 // the sum of d/(n(n-d)), while the curve is above nought
}

// Curve is a survival curve: its steps in the order of time, one for each time at which observation of anybody ended.
type Curve struct {
	Steps  []Step
	People int
}

// KaplanMeier is the curve of people who were followed. Events at a time come before those censored at it. ErrEmpty for
// nobody, ErrNotFinite and ErrRange for times that are none; time nought is one: it began on the last day of observation.
//
// Sources: Kaplan and Meier (1958), JASA 53:457; variance Greenwood (1926); incidence Aalen and Johansen (1978).
func KaplanMeier(people []Followed) (Curve, error) {
	sorted, err := followed(people)
	if err != nil {
		return Curve{}, err
	}
	curve := Curve{People: len(sorted)}
	// The share to whom nothing at all has happened, from which incidence is fed.
	survival, untouched, incidence, hazard, greenwood := 1.0, 1.0, 0.0, 0.0, 0.0
	for start := 0; start < len(sorted); {
		step := Step{Time: sorted[start].Time, AtRisk: len(sorted) - start}
		for ; start < len(sorted) && sorted[start].Time == step.Time; start++ {
			switch sorted[start].Ending {
			case Event:
				step.Events++
			case Competing:
				step.Competing++
			default:
				step.Censored++
			}
		}
		n, d, other := float64(step.AtRisk), float64(step.Events), float64(step.Competing)
		incidence += untouched * d / n
		untouched *= 1 - (d+other)/n
		hazard += d / n
		survival *= 1 - d/n
		if step.Events < step.AtRisk {
			greenwood += d / (n * (n - d))
		}
		step.Survival, step.Incidence, step.Hazard, step.greenwood = survival, incidence, hazard, greenwood
		curve.Steps = append(curve.Steps, step)
	}
	return curve, nil
}

func followed(people []Followed) ([]Followed, error) {
	if len(people) == 0 {
		return nil, fmt.Errorf("a survival curve of nobody: %w", ErrEmpty)
	}
	for _, p := range people {
		switch {
		case math.IsNaN(p.Time) || math.IsInf(p.Time, 0):
			return nil, fmt.Errorf("time under observation: %w", ErrNotFinite)
		case p.Time < 0:
			return nil, fmt.Errorf("time under observation %v: %w", p.Time, ErrRange)
		case p.Ending > Competing:
			return nil, fmt.Errorf("ending %d: %w", p.Ending, ErrRange)
		}
	}
	sorted := slices.Clone(people)
	slices.SortFunc(sorted, func(a, b Followed) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Ending, b.Ending))
	})
	return sorted, nil
}

// At is the curve at a time: Survival, Incidence and Hazard after all that happened up to it and on it; AtRisk is how many
// were observed up to it. Events, Competing and Censored are those of that very time. ErrEmpty where nobody was followed
// so long, unless the curve is at nought: no curve says what nobody has seen.
func (c Curve) At(time float64) (Step, error) {
	if math.IsNaN(time) || time < 0 {
		return Step{}, fmt.Errorf("time %v: %w", time, ErrRange)
	}
	at := Step{Survival: 1}
	for _, step := range c.Steps {
		if step.Time >= time && at.AtRisk == 0 {
			at.AtRisk = step.AtRisk
		}
		if step.Time > time {
			break
		}
		risk := at.AtRisk
		at = step
		if step.Time < time {
			at.AtRisk, at.Events, at.Competing, at.Censored = risk, 0, 0, 0
		}
	}
	at.Time = time
	if at.AtRisk == 0 && at.Survival > 0 {
		return Step{}, fmt.Errorf("nobody was followed to %v: %w", time, ErrEmpty)
	}
	return at, nil
}

// StdErr is Greenwood's standard error of Survival; ErrZeroBase once the curve is at nought.
func (s Step) StdErr() (float64, error) {
	if s.Survival <= 0 {
		return 0, fmt.Errorf("standard error of a survival of nought: %w", ErrZeroBase)
	}
	return s.Survival * math.Sqrt(s.greenwood), nil
}

// Scale is that on which an interval of survival is even on both sides.
type Scale uint8

// The scales. LogLog keeps within 0 and 1 and is the best of the three for few people.
const (
	LogLog Scale = iota
	Log
	Plain
)

// Interval is that of Survival: with G Greenwood's sum, LogLog S^exp(∓ z √G / |ln S|), Log S exp(∓ z √G), Plain
// S ∓ z S √G; the last two are cut at 0 and 1. ErrZeroBase at nought on all, and at one on LogLog, where it is not defined.
func (s Step) Interval(scale Scale, level float64) (Interval, error) {
	if err := checkLevel(level); err != nil {
		return Interval{}, err
	}
	if s.Survival <= 0 || scale == LogLog && s.greenwood == 0 {
		return Interval{}, fmt.Errorf("interval of a survival of %v: %w", s.Survival, ErrZeroBase)
	}
	half := z(level) * math.Sqrt(s.greenwood)
	var low, high float64
	switch scale {
	case LogLog:
		half /= math.Abs(math.Log(s.Survival))
		low, high = math.Pow(s.Survival, math.Exp(half)), math.Pow(s.Survival, math.Exp(-half))
	case Log:
		low, high = s.Survival*math.Exp(-half), s.Survival*math.Exp(half)
	case Plain:
		low, high = s.Survival-s.Survival*half, s.Survival+s.Survival*half
	default:
		return Interval{}, fmt.Errorf("scale %d: %w", scale, ErrRange)
	}
	return Interval{max(low, 0), min(high, 1)}, nil
}

// halfway is a half, with room for the last digits of a product that is one: 1/2 made of 9/10, 8/9 and so on.
const halfway = 0.5 + 1e-12

// Median is the first time at which survival is a half or less; ErrEmpty where the curve does not come so low.
func (c Curve) Median() (float64, error) {
	for _, step := range c.Steps {
		if step.Survival <= halfway {
			return step.Time, nil
		}
	}
	return 0, fmt.Errorf("survival stays above a half: %w", ErrEmpty)
}

// RestrictedMean is the area under the curve up to a time: how long it lasted on average, of that time at most. ErrEmpty
// where nobody was followed so long while the curve is above nought.
func (c Curve) RestrictedMean(to float64) (float64, error) {
	if _, err := c.At(to); err != nil {
		return 0, err
	}
	area, since, survival := 0.0, 0.0, 1.0
	for _, step := range c.Steps {
		if step.Time >= to {
			break
		}
		area += (step.Time - since) * survival
		since, survival = step.Time, step.Survival
	}
	return area + (to-since)*survival, nil
}

// RuleOfThree is the lower one-sided bound, at 95%, of the share without an event where none of n had one: 1 - 3/n.
func RuleOfThree(n int) (float64, error) {
	if n < 1 {
		return 0, fmt.Errorf("a bound of %d: %w", n, ErrEmpty)
	}
	return max(0, 1-3/float64(n)), nil
}

// LogRankTest compares the curves of two groups.
type LogRankTest struct {
	Observed   float64 // events of the first group
	Expected   float64 // those it would have had if the two were alike
	Variance   float64 // hypergeometric
	ChiSquared float64 // (Observed - Expected)² / Variance, of one degree of freedom
	P          float64
}

// LogRank tests whether events come equally fast in two groups; competing endings are taken as censored. ErrEmpty for a
// group of nobody, ErrZeroBase where there is no event at which both could have had one.
//
// Source: Mantel (1966), Cancer Chemotherapy Reports 50:163; R's survdiff with rho 0.
func LogRank(a, b []Followed) (LogRankTest, error) {
	first, err := KaplanMeier(a)
	if err != nil {
		return LogRankTest{}, fmt.Errorf("first group: %w", err)
	}
	if _, err := followed(b); err != nil {
		return LogRankTest{}, fmt.Errorf("second group: %w", err)
	}
	both, err := KaplanMeier(slices.Concat(a, b))
	if err != nil {
		return LogRankTest{}, err
	}
	var test LogRankTest
	next := 0 // the first step of the first group that is not before the time looked at
	for _, step := range both.Steps {
		for next < len(first.Steps) && first.Steps[next].Time < step.Time {
			next++
		}
		if next == len(first.Steps) {
			break
		}
		if step.Events == 0 {
			continue
		}
		n, d, mine := float64(step.AtRisk), float64(step.Events), float64(first.Steps[next].AtRisk)
		if first.Steps[next].Time == step.Time {
			test.Observed += float64(first.Steps[next].Events)
		}
		test.Expected += d * mine / n
		if step.AtRisk > 1 {
			test.Variance += d * (mine / n) * (1 - mine/n) * (n - d) / (n - 1)
		}
	}
	if test.Variance <= 0 {
		return LogRankTest{}, fmt.Errorf("no event that could have been of either group: %w", ErrZeroBase)
	}
	test.ChiSquared = (test.Observed - test.Expected) * (test.Observed - test.Expected) / test.Variance
	test.P = mathext.GammaIncRegComp(0.5, test.ChiSquared/2)
	return test, nil
}
