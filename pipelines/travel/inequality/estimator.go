package inequality

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"socialvalue/internal/stats"
)

// Name is how a model names the estimator, with the version of its method.
const Name = "travel_inequality@1"

// Input is the one input: a row for each decile of a series, those of a series together, most deprived first.
const Input = "groups"

// seedParameter is given to every estimator.
const seedParameter = "seed"

// level is that of every interval.
const level = 0.95

// Estimator measures inequality; its zero value is ready for use.
type Estimator struct{}

// Run reads one series after the other and emits its measures: the linear form of each, and the logit form of shares.
func (Estimator) Run(
	ctx context.Context,
	inputs map[string]array.RecordReader,
	params map[string]any,
	emit func(arrow.RecordBatch) error,
) error {
	s, err := readSettings(params)
	if err != nil {
		return err
	}
	reader, ok := inputs[Input]
	if !ok || len(inputs) != 1 {
		return fmt.Errorf("needs the one input %q: name it in the model's inputs", Input)
	}
	out := newOutput()
	defer out.release()
	if err := readSeries(ctx, reader, func(one series) error {
		for _, form := range one.kind.forms() {
			row, err := s.measure(ctx, one, form)
			if err != nil {
				return fmt.Errorf("%s: %w", one.key, err)
			}
			out.write(one.key, form, row)
		}
		return nil
	}); err != nil {
		return fmt.Errorf("input %s: %w", Input, err)
	}
	return out.emit(emit)
}

// settings are the parameters of a model.
type settings struct {
	groups int // a series with another number of them has no measure
	draws  int
	seed   uint64
}

func readSettings(params map[string]any) (settings, error) {
	s := settings{groups: 10, draws: 100_000}
	for name, value := range params {
		switch name {
		case seedParameter:
			seed, ok := value.(int64)
			if !ok {
				return settings{}, fmt.Errorf("the seed is no whole number")
			}
			s.seed = uint64(seed) //nolint:gosec // any bits are a seed
		case "groups", "draws":
			number, ok := value.(int)
			if !ok || number < 5 {
				return settings{}, fmt.Errorf("parameter %s must be a whole number from 5", name)
			}
			if name == "groups" {
				s.groups = number
			} else {
				s.draws = number
			}
		default:
			return settings{}, fmt.Errorf("no parameter %s: there are groups and draws", name)
		}
	}
	return s, nil
}

// Reasons why a measure has no value.
const (
	missingGroup = "missing_group" // a decile is not there
	nobodyThere  = "zero_base"     // a decile has nobody, or nothing happened at all
	outOfRange   = "out_of_range"  // a share that is not between 0 and 1
)

// measures are the values of one row; what is not defined is NaN.
type measures struct {
	slope, slopeLow, slopeHigh       float64
	ratio, ratioLow, ratioHigh       float64
	meanRatio                        float64
	concentration, concLow, concHigh float64
	erreygers, wagstaff              float64
	groups                           int
	people                           float64
	reason                           string
}

func (s settings) measure(ctx context.Context, one series, f form) (measures, error) {
	nan := math.NaN()
	m := measures{
		slope: nan, slopeLow: nan, slopeHigh: nan, ratio: nan, ratioLow: nan, ratioHigh: nan, meanRatio: nan,
		concentration: nan, concLow: nan, concHigh: nan, erreygers: nan, wagstaff: nan, groups: len(one.groups),
	}
	for _, g := range one.groups {
		m.people += g.people
	}
	if len(one.groups) != s.groups {
		m.reason = missingGroup
		return m, nil
	}
	ladder, err := stats.NewLadder(one.rungs(f))
	if errors.Is(err, stats.ErrEmpty) {
		m.reason = nobodyThere
		return m, nil
	}
	if err != nil {
		return measures{}, err
	}
	if err := m.slopes(ctx, ladder, f, stats.Draws{Count: s.draws, Level: level, Seed: s.seed}); err != nil || m.reason != "" {
		return m, err
	}
	return m, m.concentrate(ladder, one.kind, f)
}

// slopes fills the slope and relative index.
func (m *measures) slopes(ctx context.Context, ladder stats.Ladder, f form, draws stats.Draws) error {
	slope, err := ladder.Slope(f.scale())
	if errors.Is(err, stats.ErrRange) {
		m.reason = outOfRange
		return nil
	}
	if err != nil {
		return err
	}
	m.slope = slope.Index()
	ratio, err := slope.Relative()
	if errors.Is(err, stats.ErrZeroBase) || slope.Mean == 0 {
		m.slope, m.reason = math.NaN(), nobodyThere
		return nil
	}
	if err != nil {
		return err
	}
	m.ratio = ratio
	index, relative, err := ladder.Intervals(ctx, f.scale(), draws)
	if err != nil {
		return err
	}
	m.slopeLow, m.slopeHigh, m.ratioLow, m.ratioHigh = index.Low, index.High, relative.Low, relative.High
	if f == linear {
		m.meanRatio, err = slope.MeanRelative()
	}
	return err
}

// concentrate fills the concentration index, which has no other form than the linear one.
func (m *measures) concentrate(ladder stats.Ladder, k kind, f form) error {
	if f != linear {
		return nil
	}
	var within func(stats.Rung) float64
	if k == proportion {
		within = func(r stats.Rung) float64 { return max(0, r.Value*(1-r.Value)) }
	}
	c, err := ladder.Concentration(within)
	if err != nil {
		return err
	}
	interval, err := c.Interval(level)
	if err != nil {
		return err
	}
	m.concentration, m.concLow, m.concHigh = c.Index, interval.Low, interval.High
	if k != proportion {
		return nil
	}
	m.erreygers = c.Erreygers()
	if m.wagstaff, err = c.Wagstaff(); err != nil {
		m.wagstaff = math.NaN() // everybody has what is counted
	}
	return nil
}
