package paygaps

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"socialvalue/internal/stats"
	"socialvalue/pipelines/people/contrast"
)

// Names of the methods of intervals.
const (
	byBootstrap       = "bootstrap_percentile"
	byDelta           = "delta"
	byOrderStatistics = "order_statistics"
	byWilson          = "wilson"
)

// pairs computes the figures of contrasts, keeping the one before, which may be the same a year earlier.
type pairs struct {
	settings settings
	workers  int
	before   *summary
}

// figures are those of a contrast, with intervals and changes.
func (p *pairs) figures(ctx context.Context, c *contrast.Contrast) ([]figure, error) {
	now, err := summarise(c)
	if err != nil {
		return nil, err
	}
	before := p.before
	p.before = now
	if before != nil && !aYearBefore(before.Key, now.Key) {
		before = nil
	}
	if err := p.intervals(ctx, now); err != nil {
		return nil, err
	}
	if before != nil {
		if err := p.changes(ctx, before, now); err != nil {
			return nil, err
		}
	}
	return now.figures, nil
}

func aYearBefore(a, b contrast.Key) bool {
	return a.Series == b.Series && a.Snapshot.ToTime().Equal(yearBefore(b.Snapshot.ToTime()))
}

func yearBefore(day time.Time) time.Time { return day.AddDate(-1, 0, 0) }

// intervals gives the figures of a summary their intervals.
func (p *pairs) intervals(ctx context.Context, s *summary) error {
	for _, of := range []pay{hourly, bonus} {
		groups := s.groupsOf(of)
		at, statistics := s.gaps(of, nil)
		if len(at) == 0 {
			continue
		}
		if groups.People() > p.settings.bootstrapPeople {
			for _, i := range at {
				if err := s.figures[i].analytic(groups); err != nil {
					return err
				}
			}
			continue
		}
		intervals, err := p.bootstrap(s.Key, of, "level").Gaps(ctx, groups.Comparator, groups.Focal, statistics)
		if err := tolerable(err); err != nil {
			return err
		}
		for k, i := range at {
			if err == nil {
				s.figures[i].interval, s.figures[i].method = &intervals[k], byBootstrap
			}
		}
	}
	for i := range s.figures {
		if f := &s.figures[i]; f.isShare() && f.hasInterval() {
			interval, err := stats.Wilson(f.value, f.denominator, level)
			if err != nil {
				return fmt.Errorf("%s: %w", f.measure, err)
			}
			f.interval, f.method = &interval, byWilson
		}
	}
	return nil
}

// groupsOf are the two sides' pay of a kind.
func (s *summary) groupsOf(of pay) contrast.Groups {
	if of == bonus {
		return s.bonus
	}
	return s.hourly
}

// gaps are the places of the gaps of a kind of pay that have an interval, in both summaries where another is given, and
// what they are made of.
func (s *summary) gaps(of pay, before *summary) (at []int, statistics []stats.Statistic) {
	for i := range s.figures {
		f := &s.figures[i]
		if f.pay == of && f.hasInterval() && (before == nil || before.figures[i].hasInterval()) {
			at, statistics = append(at, i), append(statistics, f.statistic)
		}
	}
	return at, statistics
}

// analytic gives a gap the interval of large contrasts.
func (f *figure) analytic(of contrast.Groups) error {
	var interval stats.Interval
	var err error
	method := byDelta
	if f.quantile > 0 {
		method = byOrderStatistics
		_, interval, err = stats.QuantileGap(of.Comparator, of.Focal, f.quantile, level)
	} else {
		interval, err = stats.MeanGapDelta(of.Comparator, of.Focal, level)
	}
	if err != nil {
		return tolerable(err)
	}
	f.interval, f.method = &interval, method
	return nil
}

// tolerable is nil for what merely leaves a figure without an interval.
func tolerable(err error) error {
	if errors.Is(err, stats.ErrZeroBase) || errors.Is(err, stats.ErrEmpty) || errors.Is(err, stats.ErrNotPositive) {
		return nil
	}
	return err
}

// bootstrap draws with a seed of its own for each contrast and purpose, so that no other contrast matters.
func (p *pairs) bootstrap(k contrast.Key, of pay, purpose string) stats.Bootstrap {
	texts := k.Texts()
	named := strings.Join(append(texts[:], k.Snapshot.FormattedString(), purpose), "\x00")
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(named), p.settings.seed+uint64(of)))
	return stats.Bootstrap{
		Replicates: p.settings.replicates, Level: level, Seed: binary.BigEndian.Uint64(sum[:8]), Workers: p.workers,
	}
}

// changes gives the figures of a contrast the values of the year before and the changes since.
func (p *pairs) changes(ctx context.Context, before, now *summary) error {
	for i := range now.figures {
		f, earlier := &now.figures[i], &before.figures[i]
		if earlier.reason != "" {
			continue
		}
		f.prior = pointer(earlier.value)
		if f.reason != "" {
			continue
		}
		f.change = pointer(f.value - earlier.value)
		if f.isShare() {
			f.change = pointer(100 * (f.value - earlier.value))
			if err := f.shareChange(earlier); err != nil {
				return err
			}
		}
	}
	for _, of := range []pay{hourly, bonus} {
		if err := p.gapChanges(ctx, before, now, of); err != nil {
			return err
		}
	}
	return nil
}

func (f *figure) shareChange(earlier *figure) error {
	if !f.hasInterval() || !earlier.hasInterval() {
		return nil
	}
	interval, err := stats.NewcombeDifference(f.value, f.denominator, earlier.value, earlier.denominator, level)
	if err != nil {
		return fmt.Errorf("%s: %w", f.measure, err)
	}
	f.changeInt = &stats.Interval{Low: 100 * interval.Low, High: 100 * interval.High}
	return nil
}

// gapChanges gives the gaps of a kind of pay the intervals of their changes.
func (p *pairs) gapChanges(ctx context.Context, before, now *summary, of pay) error {
	at, statistics := now.gaps(of, before)
	if len(at) == 0 {
		return nil
	}
	people := peopleOfBoth(before.Contrast, now.Contrast, of)
	if max(before.groupsOf(of).People(), now.groupsOf(of).People()) <= p.settings.bootstrapPeople {
		intervals, err := p.bootstrap(now.Key, of, "change").GapChanges(ctx, people, statistics)
		if err != nil {
			return tolerable(err)
		}
		for k, i := range at {
			now.figures[i].changeInt = &intervals[k]
		}
		return nil
	}
	for _, i := range at {
		f := &now.figures[i]
		interval, err := f.analyticChange(before, now, people)
		if err := tolerable(err); err != nil {
			return err
		}
		if err == nil {
			f.changeInt = &interval
		}
	}
	return nil
}

// analyticChange is the interval of the change of a gap where a year is too large to be drawn.
func (f *figure) analyticChange(before, now *summary, people []stats.Person) (stats.Interval, error) {
	if f.quantile == 0 {
		return stats.MeanGapChange(people, level)
	}
	earlier, later := before.groupsOf(f.pay), now.groupsOf(f.pay)
	a, ofA, err := stats.QuantileGap(later.Comparator, later.Focal, f.quantile, level)
	if err != nil {
		return stats.Interval{}, err
	}
	b, ofB, err := stats.QuantileGap(earlier.Comparator, earlier.Focal, f.quantile, level)
	if err != nil {
		return stats.Interval{}, err
	}
	return stats.DifferenceOf(a, ofA, b, ofB), nil
}

// peopleOfBoth joins the people of two years by their key. Both contrasts are in its order.
func peopleOfBoth(before, now *contrast.Contrast, of pay) []stats.Person {
	var people []stats.Person
	i, j := 0, 0
	for i < len(before.People) || j < len(now.People) {
		var p stats.Person
		switch {
		case j == len(now.People) || i < len(before.People) && before.People[i].Key < now.People[j].Key:
			p.Before = standing(before.People[i], of)
			i++
		case i == len(before.People) || now.People[j].Key < before.People[i].Key:
			p.After = standing(now.People[j], of)
			j++
		default:
			p.Before, p.After = standing(before.People[i], of), standing(now.People[j], of)
			i++
			j++
		}
		if p.Before.Group != stats.Absent || p.After.Group != stats.Absent {
			people = append(people, p)
		}
	}
	return people
}

func standing(p contrast.Person, of pay) stats.Standing {
	value, has := p.Rate, p.HasRate
	if of == bonus {
		value, has = p.Bonus, p.PaidBonus
	}
	switch {
	case !has || p.Side == contrast.Other:
		return stats.Standing{}
	case p.Side == contrast.Focal:
		return stats.Standing{Group: stats.Focal, Pay: value}
	default:
		return stats.Standing{Group: stats.Comparator, Pay: value}
	}
}
