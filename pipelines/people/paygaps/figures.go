package paygaps

import (
	"socialvalue/internal/stats"
	"socialvalue/pipelines/people/contrast"
)

// Reasons a figure is null.
const (
	noPeople              = "no_people"
	noFocalPeople         = "no_focal_people"
	noComparatorPeople    = "no_comparator_people"
	zeroBase              = "zero_base"
	nobodyPaidBonus       = "nobody_paid_bonus"
	noComparatorPaidBonus = "no_comparator_paid_bonus"
	emptyQuarter          = "empty_quarter"
	fewBeyondQuantile     = "few_beyond_quantile"
)

// Steps of the ladder of reliability, and the sizes of the smaller group at which they begin (the methods, 2.8).
const (
	notApplicable  = "not_applicable"
	suppressed     = "suppressed"
	lowReliability = "low_reliability"
	reliable       = "reliable"

	leastShown    = 10
	leastReliable = 30
)

// beyondQuantile is how many people must stand outside a quantile that is told (the methods, 3.2 rule 5).
const beyondQuantile = 10

// bonusOfNobody is the gap where the comparator was paid bonuses and the focal group none: the service's rule.
const bonusOfNobody = 100

// pay says which pay a figure is made of.
type pay uint8

const (
	hourly pay = iota
	bonus
	headcount // of shares
)

// figure is a measure of a contrast, unrounded.
type figure struct {
	measure     string
	pay         pay
	statistic   stats.Statistic // of gaps
	quantile    float64         // of gaps at quantiles, else 0
	value       float64
	reason      string // of there being no value
	focal       int
	comparator  int
	numerator   float64 // of shares
	denominator int

	interval  *stats.Interval
	method    string
	prior     *float64
	change    *float64
	changeInt *stats.Interval
}

// isShare reports whether a figure is a share of people, and no gap.
func (f *figure) isShare() bool { return f.pay == headcount }

// reliability is the figure's step of the ladder.
func (f *figure) reliability() string {
	switch n := min(f.focal, f.comparator); {
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

// hasInterval reports whether chance is worth telling of the figure.
func (f *figure) hasInterval() bool {
	return f.reason == "" && min(f.focal, f.comparator) >= leastShown
}

// summary is a contrast with its figures.
type summary struct {
	*contrast.Contrast
	hourly, bonus contrast.Groups
	figures       []figure
}

// summarise computes the figures of a contrast, without intervals.
func summarise(c *contrast.Contrast) (*summary, error) {
	result := &summary{Contrast: c}
	var err error
	if result.hourly, err = c.Hourly(); err != nil {
		return nil, err
	}
	if result.bonus, err = c.Bonus(); err != nil {
		return nil, err
	}
	for _, f := range gapFigures() {
		of := result.hourly
		if f.pay == bonus {
			of = result.bonus
		}
		if err := f.compute(of, f.pay == bonus && c.Count(contrast.Focal) > 0); err != nil {
			return nil, err
		}
		result.figures = append(result.figures, f)
	}
	result.figures = append(result.figures, bonusShares(c)...)
	result.figures = append(result.figures, quarterShares(c, result.hourly)...)
	return result, nil
}

// gapFigures are the gaps, in the order of the output.
func gapFigures() []figure {
	of := func(measure string, from pay, quantile float64) figure {
		f := figure{measure: measure, pay: from, quantile: quantile, statistic: stats.MeanOf()}
		if quantile > 0 {
			f.statistic = stats.QuantileOf(quantile)
		}
		return f
	}
	const median = 0.5
	return []figure{
		of("mean_hourly", hourly, 0), of("median_hourly", hourly, median),
		of("gap_p10", hourly, 0.1), of("gap_p25", hourly, 0.25), of("gap_p75", hourly, 0.75), of("gap_p90", hourly, 0.9),
		of("mean_bonus", bonus, 0), of("median_bonus", bonus, median),
	}
}

// compute finds the gap, or the reason there is none. focalStaff says whether there is anybody of the focal group at all,
// when the figure is of bonuses.
func (f *figure) compute(of contrast.Groups, focalStaff bool) error {
	f.focal, f.comparator = of.Focal.Len(), of.Comparator.Len()
	if f.pay == bonus && f.focal == 0 && f.comparator > 0 && focalStaff {
		f.value = bonusOfNobody
		return nil
	}
	if f.reason = emptySide(f.pay, of, focalStaff); f.reason != "" {
		return nil
	}
	if f.quantile > 0 && f.quantile != 0.5 && !tellable(f.quantile, min(f.focal, f.comparator)) {
		f.reason = fewBeyondQuantile
		return nil
	}
	comparator, err := f.of(of.Comparator)
	if err != nil {
		return err
	}
	focal, err := f.of(of.Focal)
	if err != nil {
		return err
	}
	if comparator == 0 {
		f.reason = zeroBase
		return nil
	}
	f.value, err = stats.Gap(comparator, focal)
	return err
}

// of is the figure of one group.
func (f *figure) of(s stats.Sample) (float64, error) {
	if f.quantile > 0 {
		return s.Quantile(f.quantile)
	}
	return s.Mean()
}

func emptySide(of pay, g contrast.Groups, focalStaff bool) string {
	comparator, focal := g.Comparator.Len(), g.Focal.Len()
	switch {
	case of == bonus && comparator == 0 && focal == 0:
		return nobodyPaidBonus
	case of == bonus && comparator == 0:
		return noComparatorPaidBonus
	case of == bonus && !focalStaff:
		return noFocalPeople
	case comparator == 0 && focal == 0:
		return noPeople
	case comparator == 0:
		return noComparatorPeople
	case focal == 0:
		return noFocalPeople
	default:
		return ""
	}
}

// tellable reports whether enough people of n stand beyond a quantile. Ten are asked for in whole tenths of per cent, so
// that a tenth of 100 is ten.
func tellable(quantile float64, n int) bool {
	permille := int(1000*min(quantile, 1-quantile) + 0.5)
	return n*permille >= beyondQuantile*1000
}

// bonusShares are the shares of each side who were paid a bonus.
func bonusShares(c *contrast.Contrast) []figure {
	var staff, recipients [2]int
	for _, p := range c.People {
		if p.Side == contrast.Other {
			continue
		}
		staff[p.Side]++
		if p.PaidBonus {
			recipients[p.Side]++
		}
	}
	share := func(measure string, of contrast.Side, reason string) figure {
		f := figure{measure: measure, pay: headcount, comparator: staff[contrast.Comparator], focal: staff[contrast.Focal]}
		f.divide(float64(recipients[of]), staff[of], reason)
		return f
	}
	return []figure{
		share("bonus_share_comparator", contrast.Comparator, noComparatorPeople),
		share("bonus_share_focal", contrast.Focal, noFocalPeople),
	}
}

// quarterShares are the focal group's shares of the quarters.
func quarterShares(c *contrast.Contrast, of contrast.Groups) []figure {
	measures := [contrast.Bands]string{"quarter_share_lower", "quarter_share_lower_middle", "quarter_share_upper_middle", "quarter_share_upper"}
	var figures []figure
	for band, q := range c.Quarters() {
		f := figure{measure: measures[band], pay: headcount, comparator: of.Comparator.Len(), focal: of.Focal.Len()}
		f.divide(q.Counts[contrast.Focal], q.Size, emptyQuarter)
		figures = append(figures, f)
	}
	return figures
}

// divide makes the share, or says the reason when there is nobody to share.
func (f *figure) divide(numerator float64, denominator int, reason string) {
	f.numerator, f.denominator = numerator, denominator
	if denominator == 0 {
		f.reason = reason
		return
	}
	f.value = numerator / float64(denominator)
}
