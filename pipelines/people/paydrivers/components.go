package paydrivers

import (
	"errors"
	"math"

	"socialvalue/internal/stats"
	"socialvalue/pipelines/people/contrast"
)

// component is a row of the result, unrounded.
type component struct {
	name, category, unit string
	value                float64
	reason               string
	interval             *stats.Interval
	method               string
	p, q                 *float64
	flagged              *bool
	focal, comparator    int
}

// Units.
const (
	pct    = "pct"
	share  = "share"
	ratio  = "ratio"
	grades = "grades"
	gbp    = "GBP"
)

// Reasons a component is null; the first four are those of package paygaps.
const (
	noPeople           = "no_people"
	noFocalPeople      = "no_focal_people"
	noComparatorPeople = "no_comparator_people"
	zeroBase           = "zero_base"
	emptyQuarter       = "empty_quarter"
	tooFewPeople       = "too_few_people"
	rateNotPositive    = "rate_not_positive"
	notIdentified      = "not_identified"
	hoursNotKnown      = "hours_not_known"
)

// Steps of the ladder of reliability, and where they begin (the methods, 2.8).
const (
	notApplicable  = "not_applicable"
	suppressed     = "suppressed"
	lowReliability = "low_reliability"
	reliable       = "reliable"

	leastShown    = 10
	leastReliable = 30
)

func (c *component) reliability() string {
	switch n := min(c.focal, c.comparator); {
	case n == 0:
		return notApplicable
	case n < leastShown:
		return suppressed
	case n < leastReliable:
		return lowReliability
	default:
		return reliable
	}
}

// components are all of a contrast.
func components(c *contrast.Contrast, members []member, s settings) ([]component, error) {
	hourly, err := c.Hourly()
	if err != nil {
		return nil, err
	}
	raw := gapOf("mean_gap", everybody, hourly)
	byGrade, err := splitGrades(members)
	if err != nil {
		return nil, err
	}
	rows := []component{raw}
	rows = append(rows, decompose(raw, hourly, byGrade)...)
	rows = append(rows, gradeGaps(raw, byGrade, s)...)
	adjusted, err := adjust(members)
	if err != nil {
		return nil, err
	}
	rows = append(rows, adjusted...)
	typical, err := typicalGap(hourly)
	if err != nil {
		return nil, err
	}
	return append(rows, typical, upperQuarter(c, hourly)), nil
}

// counted is a component with the people of two groups.
func counted(name, category, unit string, of contrast.Groups) component {
	return component{name: name, category: category, unit: unit, focal: of.Focal.Len(), comparator: of.Comparator.Len()}
}

// emptySide is the reason there is no comparison, or nothing.
func emptySide(of contrast.Groups) string {
	switch {
	case of.People() == 0:
		return noPeople
	case of.Comparator.Len() == 0:
		return noComparatorPeople
	case of.Focal.Len() == 0:
		return noFocalPeople
	default:
		return ""
	}
}

// gapOf is the mean gap of two groups with its interval, p-value and flag.
func gapOf(name, category string, of contrast.Groups) component {
	row := counted(name, category, pct, of)
	if row.reason = emptySide(of); row.reason != "" {
		return row
	}
	comparator, focal := mean(of.Comparator), mean(of.Focal)
	value, err := stats.Gap(comparator, focal)
	if err != nil {
		row.reason = zeroBase
		return row
	}
	row.value = value
	flag := flagged(value)
	row.flagged = &flag
	if min(row.focal, row.comparator) < leastShown {
		return row
	}
	if interval, err := stats.MeanGapDelta(of.Comparator, of.Focal, level); err == nil {
		row.interval, row.method = &interval, "delta"
	}
	if welch, err := stats.WelchTest(of.Comparator, of.Focal, level); err == nil {
		row.p = &welch.P
	}
	return row
}

// mean is that of a group that is not empty.
func mean(s stats.Sample) float64 {
	value, err := s.Mean()
	if err != nil {
		return math.NaN()
	}
	return value
}

// Gaps that need looking at, in per cent, in either direction.
const (
	flagFrom    = 5
	patternFrom = 3
	// asFar is the room for what computing a gap loses: 5 per cent of 20 is not 5 in the last digit.
	asFar = 1e-9
)

// flagged reports whether one of several gaps, of the same people on different bases, is five per cent or more.
func flagged(gaps ...float64) bool {
	for _, gap := range gaps {
		if math.Abs(gap) >= flagFrom-asFar {
			return true
		}
	}
	return false
}

// typicalGap is the shift of log pay.
func typicalGap(of contrast.Groups) (component, error) {
	row := counted("typical_gap", everybody, pct, of)
	if row.reason = emptySide(of); row.reason != "" {
		return row, nil
	}
	if of.Comparator.At(0) <= 0 || of.Focal.At(0) <= 0 {
		row.reason = rateNotPositive
		return row, nil
	}
	comparator, err := logarithms(of.Comparator)
	if err != nil {
		return component{}, err
	}
	focal, err := logarithms(of.Focal)
	if err != nil {
		return component{}, err
	}
	shift, err := stats.HodgesLehmann(focal, comparator, level)
	if err != nil {
		return component{}, err
	}
	row.value = less(shift.Estimate)
	if min(row.focal, row.comparator) >= leastShown {
		row.interval = &stats.Interval{Low: less(shift.Interval.High), High: less(shift.Interval.Low)}
		row.method, row.p = "wilcoxon", &shift.P
	}
	return row, nil
}

// less is a difference of log pay as a gap in per cent.
func less(shift float64) float64 { return -100 * math.Expm1(shift) }

func logarithms(s stats.Sample) (stats.Sample, error) {
	values := s.Values()
	for i := range values {
		values[i] = math.Log(values[i])
	}
	return stats.NewSample(values)
}

// upperQuarter is the share of the upper quarter over the share of all.
func upperQuarter(c *contrast.Contrast, of contrast.Groups) component {
	row := counted("upper_quarter_representation", everybody, ratio, of)
	if row.reason = emptySide(of); row.reason != "" {
		return row
	}
	quarters := c.Quarters()
	upper := quarters[contrast.Bands-1]
	if upper.Size == 0 {
		row.reason = emptyQuarter
		return row
	}
	everyone := 0
	for _, q := range quarters {
		everyone += q.Size
	}
	row.value = upper.Counts[contrast.Focal] / float64(upper.Size) / (float64(of.Focal.Len()) / float64(everyone))
	return row
}

// nothing reports whether an error only means that a component cannot be computed.
func nothing(err error) bool {
	return errors.Is(err, stats.ErrEmpty) || errors.Is(err, stats.ErrZeroBase) || errors.Is(err, stats.ErrNotIdentified)
}
