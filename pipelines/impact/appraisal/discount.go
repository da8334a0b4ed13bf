// Package appraisal turns yearly amounts into one value (methods, A6, A9): discounting, the base year of prices, optimism
// bias, ratios of benefits and costs, the SROI chain, distributional weights, and the grade of evidence. Rates and
// indices come in as reference data; none stands here. It imports nothing of the project.
package appraisal

import (
	"fmt"
	"math"
	"slices"
)

// Band is a run of years with one rate.
type Band struct {
	From, To int // years from the decision; To may be Forever
	Rate     float64
}

// Forever ends the last band.
const Forever = math.MaxInt

// Schedule is a discount schedule: bands without a gap, the first from year 0.
type Schedule struct{ bands []Band }

// NewSchedule makes a schedule of bands in any order.
func NewSchedule(bands []Band) (Schedule, error) {
	sorted := slices.Clone(bands)
	slices.SortFunc(sorted, func(a, b Band) int { return a.From - b.From })
	next := 0
	for _, band := range sorted {
		if band.From != next || band.To < band.From {
			return Schedule{}, fmt.Errorf("discount bands: years %d to %d do not follow year %d: give every year once", band.From, band.To, next-1)
		}
		if !(band.Rate > -1 && band.Rate < 1) {
			return Schedule{}, fmt.Errorf("discount bands: the rate of years %d to %d is no fraction", band.From, band.To)
		}
		if band.To == Forever {
			next = Forever
			continue
		}
		next = band.To + 1
	}
	if next == 0 {
		return Schedule{}, fmt.Errorf("discount bands: there is none")
	}
	return Schedule{sorted}, nil
}

// Factors are the discount factors of years 0 to last: each year at its own band's rate on top of the year before.
func (s Schedule) Factors(last int) ([]float64, error) {
	factors := make([]float64, last+1)
	factors[0] = 1
	at := 0
	for year := 1; year <= last; year++ {
		for at < len(s.bands) && s.bands[at].To < year {
			at++
		}
		if at == len(s.bands) {
			return nil, fmt.Errorf("discount year %d: the schedule ends before", year)
		}
		factors[year] = factors[year-1] / (1 + s.bands[at].Rate)
	}
	return factors, nil
}

// Annuity is what one pound a year in years 1 to n is worth.
func (s Schedule) Annuity(n int) (float64, error) {
	factors, err := s.Factors(n)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for _, factor := range factors[1:] {
		sum += factor
	}
	return sum, nil
}

// Prices is a price index by year, of one basis: calendar or financial years. An amount is never taken along an index of the
// other kind of year.
type Prices struct{ index map[int]float64 }

// NewPrices makes an index.
func NewPrices(index map[int]float64) (Prices, error) {
	for year, value := range index {
		if !(value > 0) || math.IsInf(value, 1) {
			return Prices{}, fmt.Errorf("price index of %d is not above zero", year)
		}
	}
	return Prices{index}, nil
}

// Factor takes prices of one year to those of another; there is none where the index lacks a year.
func (p Prices) Factor(from, to int) (float64, bool) {
	if from == to {
		return 1, true
	}
	a, knowsFrom := p.index[from]
	b, knowsTo := p.index[to]
	if !knowsFrom || !knowsTo {
		return 0, false
	}
	return b / a, true
}

// Across takes prices of a year of one index to those of a year of another index on the same scale: from those of a financial
// year to those of a calendar year, each read from its own.
func Across(a Prices, from int, b Prices, to int) (float64, bool) {
	x, knowsFrom := a.index[from]
	y, knowsTo := b.index[to]
	if !knowsFrom || !knowsTo {
		return 0, false
	}
	return y / x, true
}
