package govuk

import (
	"fmt"
	"math"
	"time"

	"socialvalue/internal/stats"
)

// Problem is a figure that the service would refuse.
type Problem struct {
	Figure  Figure
	Rule    string // its code: required, at_most_100, at_least, not_negative, one_decimal, adds_up, no_men_no_gap, men_then_gap, no_women_is_100
	Message string // what is wrong, and what to do
}

// Error is the problem as a sentence.
func (p Problem) Error() string { return p.Figure.Column() + ": " + p.Message }

// leastGap is the least gap the service takes.
const leastGap = -999999999

// Validate finds everything that the service would refuse in a return, in the order of the figures for each rule; an empty
// answer is a return it accepts.
//
// The rules: hourly gaps and shares paid a bonus are given, and quarters unless the employer opted out; a gap is at most
// 100, a share from 0 to 100; one decimal at most; the two sides of a quarter make exactly 100; with no men paid a bonus
// the bonus gaps are blank, with some they are given; with men and no women paid one they are 100.
func Validate(r Return) []Problem {
	var problems []Problem
	add := func(f Figure, rule, format string, args ...any) {
		problems = append(problems, Problem{f, rule, fmt.Sprintf(format, args...)})
	}
	for _, f := range All() {
		value := r.Of(f)
		if value == nil {
			if required(r, f) {
				add(f, "required", "it is blank: the service needs it")
			}
			continue
		}
		switch {
		case math.IsNaN(*value) || *value > 100:
			add(f, "at_most_100", "%v is more than 100", *value)
		case isGap(f) && *value < leastGap:
			add(f, "at_least", "%v is less than the service takes", *value)
		case !isGap(f) && *value < 0:
			add(f, "not_negative", "%v is less than 0", *value)
		case stats.RoundHalfAway(*value, 1) != *value:
			add(f, "one_decimal", "%v has more than one decimal: round it once, half away from zero", *value)
		}
	}
	for _, pair := range quarters() {
		men, women := r.Of(pair[0]), r.Of(pair[1])
		if men != nil && women != nil && tenths(*men)+tenths(*women) != 1000 {
			add(pair[0], "adds_up", "%v men and %v women do not make 100: round one, and take the other as 100 less it", *men, *women)
		}
	}
	return append(problems, bonusProblems(r)...)
}

func bonusProblems(r Return) []Problem {
	men, women := r.Of(MaleBonus), r.Of(FemaleBonus)
	if men == nil {
		return nil
	}
	var problems []Problem
	for _, f := range []Figure{MeanBonus, MedianBonus} {
		gap := r.Of(f)
		switch {
		case *men == 0 && gap != nil:
			problems = append(problems, Problem{f, "no_men_no_gap", "no man was paid a bonus: leave it blank"})
		case *men > 0 && gap == nil:
			problems = append(problems, Problem{f, "men_then_gap", "men were paid a bonus: the service needs it"})
		case *men > 0 && women != nil && *women == 0 && *gap != 100:
			problems = append(problems, Problem{f, "no_women_is_100", fmt.Sprintf("no woman was paid a bonus and men were: it is 100, not %v", *gap)})
		}
	}
	return problems
}

func required(r Return, f Figure) bool {
	switch {
	case f == MeanBonus || f == MedianBonus:
		return false // the rules of bonuses say when
	case f >= MaleLower:
		return !r.OptedOutOfQuarters
	default:
		return true
	}
}

func isGap(f Figure) bool { return f <= MedianBonus }

// tenths are tenths of a per cent; figures of one decimal are compared so.
func tenths(value float64) int64 { return int64(math.Round(value * 10)) }

// Halves are how many men stand in the lower and in the upper two quarters.
type Halves struct{ Lower, Upper float64 }

// room is how many people quarters and medians may disagree by (the methods, 1.10: never more than one was seen).
const room = 2

// Plausible reports whether a median gap and the quarters can be of the same people: where the men's median is above the
// women's, men are at least as many in the upper half as in the lower, and the other way round. Tied people at the middle
// may move it by two.
//
// Source: Marriott, for the Royal Statistical Society, on returns that cannot be right.
func Plausible(medianGap float64, men Halves) bool {
	switch {
	case medianGap > 0:
		return men.Upper >= men.Lower-room
	case medianGap < 0:
		return men.Lower >= men.Upper-room
	default:
		return true
	}
}

// HalvesOf are the men of a return by halves, of an employer of so many people, each quarter a quarter of them. ok is
// false when figures are blank.
func HalvesOf(r Return, people int) (halves Halves, ok bool) {
	var men [4]float64
	for i, pair := range quarters() {
		value := r.Of(pair[0])
		if value == nil {
			return Halves{}, false
		}
		men[i] = *value / 100 * float64(people) / 4
	}
	return Halves{men[0] + men[1], men[2] + men[3]}, true
}

// Deadline is the last day to publish what was so on a snapshot day: the day before it comes round again.
func Deadline(snapshot time.Time) time.Time { return snapshot.AddDate(1, 0, -1) }

// ReportingYear is the service's name of the year in which a snapshot is reported: 31 March 2023 is of 2023-24.
func ReportingYear(snapshot time.Time) string {
	return fmt.Sprintf("%d-%02d", snapshot.Year(), (snapshot.Year()+1)%100)
}
