package paydrivers

import (
	"cmp"
	"math"
	"slices"

	"socialvalue/internal/stats"
)

// The least people of a regression, and on each side of it (the methods, 4.4).
const (
	leastPeople = 50
	leastOfSide = 10
)

// adjust is the gap between people of the same grade, tenure, working pattern, contract and directorate.
func adjust(members []member) ([]component, error) {
	var used []member
	plain := component{name: "adjusted_gap", category: everybody, unit: pct}
	for _, m := range members {
		if m.tenure == nil || math.IsNaN(*m.tenure) || math.IsInf(*m.tenure, 0) {
			continue
		}
		if m.rate <= 0 {
			plain.reason = rateNotPositive
		}
		used = append(used, m)
		if m.focal {
			plain.focal++
		} else {
			plain.comparator++
		}
	}
	kennedy := plain
	kennedy.name = "adjusted_gap_kennedy"
	reason := plain.reason
	if reason == "" && (len(used) < leastPeople || min(plain.focal, plain.comparator) < leastOfSide) {
		reason = tooFewPeople
	}
	if reason != "" {
		plain.reason, kennedy.reason = reason, reason
		return []component{plain, kennedy}, nil
	}
	// The fit adds up in the order of rows: one order, whatever the people's keys.
	slices.SortFunc(used, member.compare)
	design, pay, focal := designOf(used)
	fit, err := stats.OLS(design, pay)
	if err != nil && !nothing(err) {
		return nil, err
	}
	interval, otherErr := stats.Interval{}, err
	if err == nil {
		interval, otherErr = fit.Interval(focal, level)
	}
	if otherErr != nil {
		reason = notIdentified
		if err != nil {
			reason = tooFewPeople
		}
		plain.reason, kennedy.reason = reason, reason
		return []component{plain, kennedy}, nil
	}
	b, se := fit.Coefficients[focal], fit.Errors[focal]
	plain.value, kennedy.value = less(b), less(b-se*se/2)
	plain.interval, plain.method = &stats.Interval{Low: less(interval.High), High: less(interval.Low)}, "hc3"
	if p, err := fit.P(focal); err == nil {
		plain.p = &p
	}
	return []component{plain, kennedy}, nil
}

func (m member) compare(o member) int {
	return cmp.Or(
		cmp.Compare(m.rate, o.rate), cmp.Compare(*m.tenure, *o.tenure), cmp.Compare(m.grade, o.grade),
		cmp.Compare(m.pattern, o.pattern), cmp.Compare(m.contract, o.contract), cmp.Compare(m.directorate, o.directorate),
		compareTruth(m.focal, o.focal),
	)
}

func compareTruth(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// decade is what tenure is counted in, so that its square is of the size of the other columns.
const decade = 10

// designOf is the design with log pay: an intercept, tenure and its square, a column for each value of a trait but the
// first, and last who is of the focal group. What is last is left out when the others say it already.
func designOf(people []member) (design [][]float64, pay []float64, focal int) {
	traits := []func(member) string{
		func(m member) string { return m.grade },
		func(m member) string { return m.pattern },
		func(m member) string { return m.contract },
		func(m member) string { return m.directorate },
	}
	columns := make([]map[string]int, len(traits))
	next := 3 // after the intercept, tenure and its square
	for i, trait := range traits {
		var values []string
		for _, m := range people {
			values = append(values, trait(m))
		}
		slices.Sort(values)
		columns[i] = map[string]int{}
		for _, value := range slices.Compact(values)[1:] {
			columns[i][value] = next
			next++
		}
	}
	focal = next
	for _, m := range people {
		row := make([]float64, focal+1)
		tenure := *m.tenure / decade
		row[0], row[1], row[2] = 1, tenure, tenure*tenure
		for i, trait := range traits {
			if column, ok := columns[i][trait(m)]; ok {
				row[column] = 1
			}
		}
		if m.focal {
			row[focal] = 1
		}
		design, pay = append(design, row), append(pay, math.Log(m.rate))
	}
	return design, pay, focal
}
