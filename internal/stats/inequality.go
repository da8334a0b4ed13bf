package stats

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
)

// Rung is a group of people on a ladder from the most deprived to the least: how many they are, and the value of each on
// average. Error is the standard error of the value, on the scale that the fit is made on; 0 where it is not known.
type Rung struct{ Size, Value, Error float64 }

// Scale is what values are turned into before a line is fitted to them.
type Scale int

// The scales.
const (
	Linear Scale = iota // as they are
	Log                 // rates
	Logit               // proportions
)

func (s Scale) to(value float64) float64 {
	switch s {
	case Log:
		return math.Log(value)
	case Logit:
		return math.Log(value / (1 - value))
	case Linear:
	}
	return value
}

func (s Scale) from(value float64) float64 {
	switch s {
	case Log:
		return math.Exp(value)
	case Logit:
		return 1 / (1 + math.Exp(-value))
	case Linear:
	}
	return value
}

// Slope is the line through the values of a ladder, from the most deprived (0) to the least deprived end (1).
type Slope struct {
	AtMost, AtLeast float64 // fitted values at the two ends, on the scale of the values
	Mean            float64 // of all people
}

// Index is the slope index of inequality: the fitted difference between the ends.
func (s Slope) Index() float64 { return s.AtLeast - s.AtMost }

// Relative is the relative index: the fitted value at the least deprived end over that at the most deprived. ErrZeroBase
// when the latter is nought.
func (s Slope) Relative() (float64, error) {
	if s.AtMost == 0 {
		return 0, fmt.Errorf("relative index of inequality: %w", ErrZeroBase)
	}
	return s.AtLeast / s.AtMost, nil
}

// MeanRelative is the slope over the mean. ErrZeroBase when that is nought.
func (s Slope) MeanRelative() (float64, error) {
	if s.Mean == 0 {
		return 0, fmt.Errorf("relative index of inequality: %w", ErrZeroBase)
	}
	return s.Index() / s.Mean, nil
}

// fewestRungs and mostRungs bound the groups of a ladder.
const (
	fewestRungs = 5
	mostRungs   = 100
)

// Ladder is a set of groups in order, most deprived first, with where each stands.
type Ladder struct {
	rungs  []Rung
	shares []float64 // of all people
	ranks  []float64 // of the middle of each, from 0 to 1
	size   float64
}

// NewLadder takes groups in the order from the most to the least deprived: the order is their meaning, and reversed it
// changes the sign of every index. ErrEmpty for fewer than 5 groups or one without people, ErrRange for more than 100,
// ErrNotFinite for other values than numbers.
func NewLadder(rungs []Rung) (Ladder, error) {
	if len(rungs) < fewestRungs {
		return Ladder{}, fmt.Errorf("a ladder of %d groups: %w", len(rungs), ErrEmpty)
	}
	if len(rungs) > mostRungs {
		return Ladder{}, fmt.Errorf("a ladder of %d groups: %w", len(rungs), ErrRange)
	}
	l := Ladder{rungs: rungs}
	sizes := make([]float64, len(rungs))
	for i, r := range rungs {
		if err := finite([]float64{r.Size, r.Value, r.Error}); err != nil {
			return Ladder{}, fmt.Errorf("group %d of a ladder: %w", i+1, err)
		}
		if r.Size <= 0 {
			return Ladder{}, fmt.Errorf("group %d of a ladder has nobody: %w", i+1, ErrEmpty)
		}
		if r.Error < 0 {
			return Ladder{}, fmt.Errorf("standard error of group %d of a ladder: %w", i+1, ErrRange)
		}
		sizes[i] = r.Size
	}
	l.size = total(sizes)
	before := 0.0
	for _, size := range sizes {
		share := size / l.size
		l.shares = append(l.shares, share)
		l.ranks = append(l.ranks, before+share/2)
		before += share
	}
	return l, nil
}

// People is how many people stand on the ladder.
func (l Ladder) People() float64 { return l.size }

// Ranks are where the middle of each group stands, from 0 (most deprived) to 1.
func (l Ladder) Ranks() []float64 { return l.ranks }

// weigh is the sum of the values of f over all groups, by their shares of people.
func (l Ladder) weigh(f func(i int) float64) float64 {
	terms := make([]float64, len(l.rungs))
	for i := range l.rungs {
		terms[i] = l.shares[i] * f(i)
	}
	return total(terms)
}

// Mean is the mean of all people.
func (l Ladder) Mean() float64 { return l.weigh(func(i int) float64 { return l.rungs[i].Value }) }

// Slope fits a line by least squares, weighted by people, to the values on a scale. ErrRange for a proportion that is not
// between 0 and 1, or a rate that is not above 0, on a scale that has no place for it.
//
// Source: Public Health England, PHEindicatormethods, phe_sii (method only).
func (l Ladder) Slope(scale Scale) (Slope, error) {
	values, err := l.on(scale)
	if err != nil {
		return Slope{}, err
	}
	return l.fitted(values, scale), nil
}

func (l Ladder) on(scale Scale) ([]float64, error) {
	values := make([]float64, len(l.rungs))
	for i, r := range l.rungs {
		values[i] = scale.to(r.Value)
		if math.IsNaN(values[i]) || math.IsInf(values[i], 0) {
			return nil, fmt.Errorf("value %v of group %d has no place on the scale: %w", r.Value, i+1, ErrRange)
		}
	}
	return values, nil
}

func (l Ladder) fitted(values []float64, scale Scale) Slope {
	x := l.weigh(func(i int) float64 { return l.ranks[i] })
	y := l.weigh(func(i int) float64 { return values[i] })
	across := l.weigh(func(i int) float64 { return (l.ranks[i] - x) * (values[i] - y) })
	along := l.weigh(func(i int) float64 { return (l.ranks[i] - x) * (l.ranks[i] - x) })
	slope := across / along
	start := y - slope*x
	return Slope{AtMost: scale.from(start), AtLeast: scale.from(start + slope), Mean: l.Mean()}
}

// Draws say how intervals are found by chance.
type Draws struct {
	Count int // 100,000
	Level float64
	Seed  uint64
}

// Intervals are those of the slope index and of the relative index: every value is drawn anew, again and again, from a
// normal distribution with its standard error on the scale of the fit, and the quantiles of what the indices then are, type
// 7, are the limits. ErrEmpty without draws, ErrZeroBase when a relative index is not defined; else errors as of Slope, and
// the error of a context that is over.
//
// Source: as of Slope.
func (l Ladder) Intervals(ctx context.Context, scale Scale, d Draws) (index, relative Interval, err error) {
	if err := checkLevel(d.Level); err != nil {
		return Interval{}, Interval{}, err
	}
	if d.Count < 1 {
		return Interval{}, Interval{}, fmt.Errorf("%d draws: %w", d.Count, ErrEmpty)
	}
	values, err := l.on(scale)
	if err != nil {
		return Interval{}, Interval{}, err
	}
	// A fitted end is a sum of the values with fixed weights, found once.
	fromMost, fromLeast := l.ends()
	chance := rand.New(rand.NewPCG(d.Seed, 0)) //nolint:gosec // drawn to be repeatable, not to be secret
	indices, relatives := make([]float64, d.Count), make([]float64, d.Count)
	for n := range d.Count {
		if n%10_000 == 0 && ctx.Err() != nil {
			return Interval{}, Interval{}, fmt.Errorf("stopped: %w", ctx.Err())
		}
		most, least := 0.0, 0.0
		for i := range values {
			drawn := values[i] + chance.NormFloat64()*l.rungs[i].Error
			most += fromMost[i] * drawn
			least += fromLeast[i] * drawn
		}
		s := Slope{AtMost: scale.from(most), AtLeast: scale.from(least)}
		indices[n] = s.Index()
		if relatives[n], err = s.Relative(); err != nil {
			return Interval{}, Interval{}, err
		}
	}
	if index, err = middle(indices, d.Level); err != nil {
		return Interval{}, Interval{}, err
	}
	relative, err = middle(relatives, d.Level)
	return index, relative, err
}

// ends are the weights with which values make the fitted values at the two ends.
func (l Ladder) ends() (most, least []float64) {
	x := l.weigh(func(i int) float64 { return l.ranks[i] })
	along := l.weigh(func(i int) float64 { return (l.ranks[i] - x) * (l.ranks[i] - x) })
	for i := range l.rungs {
		slope := l.shares[i] * (l.ranks[i] - x) / along
		most = append(most, l.shares[i]-slope*x)
		least = append(least, l.shares[i]-slope*x+slope)
	}
	return most, least
}

func middle(values []float64, level float64) (Interval, error) {
	sample, err := NewSample(values)
	if err != nil {
		return Interval{}, err
	}
	low, err := sample.Quantile((1 - level) / 2)
	if err != nil {
		return Interval{}, err
	}
	high, err := sample.Quantile(1 - (1-level)/2)
	return Interval{low, high}, err
}

// Concentration is how much of what is counted lies with the more deprived (below 0) or the less deprived (above 0).
type Concentration struct {
	Index float64
	Error float64 // standard error
	Mean  float64
}

// Concentration is the concentration index of grouped people, C = (2/mu) sum a y x - 1, with its standard error; within is
// the variance of single people in a group, nil where it is not known. ErrZeroBase when the mean is nought.
//
// Source: Kakwani, Wagstaff and van Doorslaer (1997), Journal of Econometrics 77:87, for grouped data.
func (l Ladder) Concentration(within func(r Rung) float64) (Concentration, error) {
	mean := l.Mean()
	if mean == 0 {
		return Concentration{}, fmt.Errorf("concentration index: %w", ErrZeroBase)
	}
	index := 2/mean*l.weigh(func(i int) float64 { return l.rungs[i].Value * l.ranks[i] }) - 1
	before := 0.0
	spread := l.weigh(func(i int) float64 {
		upTo := before + l.shares[i]*l.rungs[i].Value/mean
		b := l.rungs[i].Value/mean*(2*l.ranks[i]-1-index) + 2 - before - upTo
		before = upTo
		return b * b
	}) - (1+index)*(1+index)
	if within != nil {
		spread += l.weigh(func(i int) float64 {
			away := 2*l.ranks[i] - 1 - index
			return within(l.rungs[i]) * away * away
		}) / (mean * mean)
	}
	return Concentration{Index: index, Error: math.Sqrt(max(0, spread) / l.size), Mean: mean}, nil
}

// Interval is that of the index at a level.
func (c Concentration) Interval(level float64) (Interval, error) {
	if err := checkLevel(level); err != nil {
		return Interval{}, err
	}
	half := z(level) * c.Error
	return Interval{c.Index - half, c.Index + half}, nil
}

// Erreygers corrects the index of a proportion for its bounds: 4 mu C.
func (c Concentration) Erreygers() float64 { return 4 * c.Mean * c.Index }

// Wagstaff corrects it as C / (1 - mu). ErrZeroBase when everybody has what is counted.
func (c Concentration) Wagstaff() (float64, error) {
	if c.Mean == 1 {
		return 0, fmt.Errorf("index of Wagstaff: %w", ErrZeroBase)
	}
	return c.Index / (1 - c.Mean), nil
}
