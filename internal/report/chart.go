//go:build duckdb_arrow

package report

import (
	"fmt"
	"math"
	"strings"
)

// Sizes of a chart, in its own units.
const (
	chartLeft, chartRight = 50.0, 290.0
	chartTop, chartBottom = 34.0, 126.0
	mostLabelled          = 4 // years whose values find room
)

// Chart is a measure over the years that have a value, drawn from nought so that a small change looks small.
type Chart struct {
	ID, Title, InWords string
	Line               string // points of the line through the values
	ZeroAt, TargetAt   float64
	HasTarget          bool
	HasRange           bool
	Points             []Point
}

// Point is a year of a chart.
type Point struct {
	Key, Year         string
	X, Y, LowAt, HiAt float64
	LabelAt           float64
	Label             string
	HasValue          bool
	HasRange          bool
	ShowYear          bool
}

// chartOf draws a measure; false when fewer than two years have anything to show.
func chartOf(measure record, years []record) (Chart, bool) {
	type span struct {
		row                   record
		value, low, high      float64
		hasValue, hasInterval bool
	}
	var spans []span
	least, greatest := 0.0, 0.0
	for _, row := range years {
		value, hasValue := row.number("measured_value")
		_, low, high, hasInterval := rangeOf(row)
		if !hasValue && !hasInterval {
			continue
		}
		for _, end := range []struct {
			value float64
			known bool
		}{{value, hasValue}, {low, hasInterval}, {high, hasInterval}} {
			if end.known {
				least, greatest = math.Min(least, end.value), math.Max(greatest, end.value)
			}
		}
		spans = append(spans, span{row, value, low, high, hasValue, hasInterval})
	}
	if len(spans) < 2 {
		return Chart{}, false
	}
	target, hasTarget := measure.number("target")
	if hasTarget {
		least, greatest = math.Min(least, target), math.Max(greatest, target)
	}
	if least == greatest {
		greatest = least + 1
	}
	y := func(value float64) float64 {
		return tenth(chartBottom - (value-least)/(greatest-least)*(chartBottom-chartTop))
	}
	id, unit := measure.text("indicator_id"), measure.text("unit")
	chart := Chart{ID: id, ZeroAt: y(0), HasTarget: hasTarget, TargetAt: y(target)}
	var line, words []string
	for i, s := range spans {
		year := s.row.text("financial_year")
		at := Point{
			Key: yearKey(s.row), Year: year,
			X:        tenth(chartLeft + (chartRight-chartLeft)*float64(i)/float64(len(spans)-1)),
			HasValue: s.hasValue, HasRange: s.hasInterval, ShowYear: len(spans) <= mostLabelled || i == 0 || i == len(spans)-1,
		}
		if s.hasInterval {
			at.LowAt, at.HiAt, chart.HasRange = y(s.low), y(s.high), true
		}
		if s.hasValue {
			at.Y = y(s.value)
			at.LabelAt = tenth(at.Y - 9)
			if s.hasInterval {
				at.LabelAt = tenth(min(at.Y-9, at.HiAt-6))
			}
			if at.ShowYear {
				at.Label = bareText(s.value, unit)
			}
			line = append(line, fmt.Sprintf("%.1f,%.1f", at.X, at.Y))
			words = append(words, FigureText(s.value, unit)+" in "+year)
		} else {
			words = append(words, "no value in "+year)
		}
		chart.Points = append(chart.Points, at)
	}
	chart.Line = strings.Join(line, " ")
	chart.Title = id + ": " + measure.text("indicator_name") + ", " + spans[0].row.text("financial_year") + " to " + spans[len(spans)-1].row.text("financial_year")
	chart.InWords = strings.Join(words, "; ") + "."
	if hasTarget {
		chart.InWords += " Target: " + FigureText(target, unit) + "."
	}
	return chart, true
}

// extent is one of the two ranges that a figure may have: by its columns, and what the page calls it.
type extent struct{ low, high, label string }

// rangeOf is the interval of a figure or the bounds of what is not known, whichever is wider: the narrower would say more than is
// known. False when it has neither or no width.
func rangeOf(row record) (of extent, low, high float64, has bool) {
	for _, e := range []extent{{"ci_low", "ci_high", "95% interval"}, {"bound_low", "bound_high", "Least and greatest it can be"}} {
		from, hasLow := row.number(e.low)
		to, hasHigh := row.number(e.high)
		if hasLow && hasHigh && to-from > high-low {
			of, low, high, has = e, from, to, true
		}
	}
	return of, low, high, has
}

func tenth(value float64) float64 { return math.Round(value*10) / 10 }
