package paydrivers

import (
	"cmp"
	"math"
	"slices"

	"socialvalue/internal/stats"
	"socialvalue/pipelines/people/contrast"
)

// gradePay is the pay of a grade's two sides.
type gradePay struct {
	name  string
	pay   contrast.Groups
	hours [2]sumOfHours // by side
}

// sumOfHours are weekly hours, unless somebody's are not known.
type sumOfHours struct {
	hours   []float64
	unknown bool
}

// splitGrades groups people by grade, in the order of its name.
func splitGrades(members []member) ([]gradePay, error) {
	type grade struct {
		rates [2][]float64
		hours [2]sumOfHours
	}
	found := map[string]*grade{}
	for _, m := range members {
		if found[m.grade] == nil {
			found[m.grade] = &grade{}
		}
		g, side := found[m.grade], contrast.Comparator
		if m.focal {
			side = contrast.Focal
		}
		g.rates[side] = append(g.rates[side], m.rate)
		if m.hours == nil || !(*m.hours >= 0 && *m.hours <= 168) {
			g.hours[side].unknown = true
		} else {
			g.hours[side].hours = append(g.hours[side].hours, *m.hours)
		}
	}
	var all []gradePay
	for name, g := range found {
		comparator, err := stats.NewSample(g.rates[contrast.Comparator])
		if err != nil {
			return nil, err
		}
		focal, err := stats.NewSample(g.rates[contrast.Focal])
		if err != nil {
			return nil, err
		}
		all = append(all, gradePay{name, contrast.Groups{Comparator: comparator, Focal: focal}, g.hours})
	}
	slices.SortFunc(all, func(a, b gradePay) int { return cmp.Compare(a.name, b.name) })
	return all, nil
}

// decompose splits the mean gap into what comes of the two being spread differently over grades, and what of different pay
// within grades: with shares p and q and means m and f, between is sum (p-q)(m+f)/2 and within sum (m-f)(p+q)/2.
//
// Source: Kitagawa (1955), JASA 50:1168.
func decompose(raw component, of contrast.Groups, all []gradePay) []component {
	between, within := counted("between_grades", everybody, pct, of), counted("within_grades", everybody, pct, of)
	spread := counted("grade_dissimilarity", everybody, share, of)
	alone := counted("grades_of_one_group", everybody, grades, of)
	if raw.reason != "" {
		between.reason, within.reason = raw.reason, raw.reason
	}
	if reason := emptySide(of); reason != "" {
		spread.reason, alone.reason = reason, reason
		return []component{between, within, spread, alone}
	}
	for _, g := range all {
		p := float64(g.pay.Comparator.Len()) / float64(of.Comparator.Len())
		q := float64(g.pay.Focal.Len()) / float64(of.Focal.Len())
		// Where one side is missing, everybody of the grade is of the other, and so is the grade's mean.
		m, f := mean(g.pay.Comparator), mean(g.pay.Focal)
		switch {
		case g.pay.Comparator.Len() == 0:
			m = f
			alone.value++
		case g.pay.Focal.Len() == 0:
			f = m
			alone.value++
		}
		between.value += (p - q) * (m + f) / 2
		within.value += (m - f) * (p + q) / 2
		spread.value += math.Abs(p-q) / 2
	}
	base := mean(of.Comparator)
	if raw.reason == "" {
		between.value, within.value = 100*between.value/base, 100*within.value/base
	}
	return []component{between, within, spread, alone}
}

// gradeGaps are the gap of each grade and its cost, the cost of all, and how many grades have a pattern.
func gradeGaps(raw component, all []gradePay, s settings) []component {
	var rows []component
	closing := component{name: "cost_to_close", category: everybody, unit: gbp, focal: raw.focal, comparator: raw.comparator}
	below := component{name: "grades_3_pct_below", category: everybody, unit: grades, focal: raw.focal, comparator: raw.comparator}
	above := component{name: "grades_3_pct_above", category: everybody, unit: grades, focal: raw.focal, comparator: raw.comparator}
	if raw.focal == 0 || raw.comparator == 0 {
		closing.reason, below.reason, above.reason = raw.reason, raw.reason, raw.reason
	}
	var tests []float64
	var tested []int
	for _, g := range all {
		gap := gapOf("grade_gap", g.name, g.pay)
		if gap.p != nil {
			tests, tested = append(tests, *gap.p), append(tested, len(rows))
		}
		if gap.reason == "" && min(gap.focal, gap.comparator) >= leastShown {
			switch {
			case gap.value >= patternFrom-asFar:
				below.value++
			case gap.value <= -patternFrom+asFar:
				above.value++
			}
		}
		cost := g.cost(gap, s.weeks)
		if cost.reason == hoursNotKnown {
			closing.reason = hoursNotKnown
		}
		closing.value += cost.value
		rows = append(rows, gap, cost)
	}
	if adjusted, err := stats.BenjaminiHochberg(tests); err == nil {
		for i, at := range tested {
			rows[at].q = &adjusted[i]
		}
	}
	return append(rows, closing, below, above)
}

// cost is what a year costs in which the side that is paid less in a flagged grade has the other's mean: the difference of
// the means, for all hours of the side.
func (g gradePay) cost(gap component, weeks float64) component {
	row := counted("grade_cost_to_close", g.name, gbp, g.pay)
	if row.reason = gap.reason; row.reason != "" {
		return row
	}
	if gap.flagged == nil || !*gap.flagged {
		return row
	}
	difference, side := mean(g.pay.Comparator)-mean(g.pay.Focal), contrast.Focal
	if difference < 0 {
		difference, side = -difference, contrast.Comparator
	}
	if g.hours[side].unknown {
		row.reason = hoursNotKnown
		return row
	}
	hours, err := stats.NewSample(g.hours[side].hours)
	if err != nil {
		row.reason = hoursNotKnown
		return row
	}
	row.value = difference * mean(hours) * float64(hours.Len()) * weeks
	return row
}
