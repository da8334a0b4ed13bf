package curves

import (
	"errors"
	"fmt"
	"slices"
)

// ErrNothing says that there is no curve to draw.
var ErrNothing = errors.New("there is no curve")

// Step is a day on which the curve may fall, and its value from there on.
type Step struct {
	Day, AtRisk   int
	Survival      float64
	Low, High     float64
	HasInterval   bool
	CensoredAfter int // followed no further than this day
}

// Chart is one curve of one group of people.
type Chart struct {
	Body, Measure, Cohort string
	Title, Definition     string
	Steps                 []Step
}

// Name is that of its file, without an ending.
func (c Chart) Name() string { return c.Body + "_" + c.Measure + "_" + c.Cohort }

// check refuses a chart that cannot be drawn.
func (c Chart) check() error {
	if len(c.Steps) == 0 {
		return fmt.Errorf("draw %s: %w", c.Name(), ErrNothing)
	}
	if !slices.IsSortedFunc(c.Steps, func(a, b Step) int { return a.Day - b.Day }) {
		return fmt.Errorf("draw %s: its steps do not ascend", c.Name())
	}
	return nil
}

// last is the last day that the curve tells of.
func (c Chart) last() int { return c.Steps[len(c.Steps)-1].Day }

// atRisk is how many were followed up to a day; false after the last day of which the curve tells.
func (c Chart) atRisk(day int) (int, bool) {
	for _, s := range c.Steps {
		if s.Day >= day {
			return s.AtRisk, true
		}
	}
	return 0, false
}

// ticks are the days of the axis: every half year, or every month or quarter where the curve is short.
func (c Chart) ticks() []int {
	length := c.last()
	var marks []int
	switch {
	case length <= 200:
		marks = []int{0, 30, 61, 91, 122, 152, 183, 213}
	case length <= 500:
		marks = []int{0, 91, 183, 274, 365, 456, 548}
	default:
		for month := 0; month <= 240; month += 6 {
			marks = append(marks, (month*3653+60)/120) // 365.25 days a year, rounded: 183, 365, 548, 731
		}
		marks[4] = 730 // the landmark of two years
	}
	end := slices.IndexFunc(marks, func(day int) bool { return day >= length })
	if end < 0 {
		return marks
	}
	return marks[:end+1]
}
