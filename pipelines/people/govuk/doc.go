// Package govuk makes the gender pay gap return of an employer as the GOV.UK service takes it, and says what the service
// would refuse: the fourteen figures, in the names and the order of the service's own downloads, with the employer before
// them. It reads published returns, and compares ours with them.
//
// The figures are those of pay_gaps, rounded there. A quarter's men are 100 less the women of it, so that the two make
// 100 exactly: 6.25 per cent women are 6.3, and the men 93.7. What cannot be told is blank, and the rules say whether it
// may be.
//
// Sources: SI 2017/353, Schedule 1; the code of the service (ukgov-equality-hub/gender-pay-gap, 40e5a50b,
// ReportFiguresHelper, ReportFiguresViewModel and its integrity checks); the methods, 1.1, 1.8 and 1.10. The plausibility
// rule is that of Marriott and the Royal Statistical Society.
package govuk

// Figure is one of the fourteen figures of a return.
type Figure int

// The figures, in the order of the service's downloads.
const (
	MeanHourly Figure = iota
	MedianHourly
	MeanBonus
	MedianBonus
	MaleBonus
	FemaleBonus
	MaleLower
	FemaleLower
	MaleLowerMiddle
	FemaleLowerMiddle
	MaleUpperMiddle
	FemaleUpperMiddle
	MaleUpper
	FemaleUpper

	figures int = iota
)

// Column is the figure's name in the service's downloads.
func (f Figure) Column() string {
	return [figures]string{
		"DiffMeanHourlyPercent", "DiffMedianHourlyPercent", "DiffMeanBonusPercent", "DiffMedianBonusPercent",
		"MaleBonusPercent", "FemaleBonusPercent", "MaleLowerQuartile", "FemaleLowerQuartile", "MaleLowerMiddleQuartile",
		"FemaleLowerMiddleQuartile", "MaleUpperMiddleQuartile", "FemaleUpperMiddleQuartile", "MaleTopQuartile", "FemaleTopQuartile",
	}[f]
}

// All are the figures in their order.
func All() []Figure {
	all := make([]Figure, figures)
	for i := range all {
		all[i] = Figure(i)
	}
	return all
}

// Return is what an employer reports of one snapshot.
type Return struct {
	EmployerName string
	EmployerID   string // the service's number of the employer; may be blank before the first return
	Values       [figures]*float64
	// OptedOutOfQuarters is set by employers whom the service let leave the quarters out, in some years. A public
	// authority never does.
	OptedOutOfQuarters bool
}

// Of is a figure, nil when blank.
func (r Return) Of(f Figure) *float64 { return r.Values[f] }

// quarters are the pairs of a quarter's men and women, from the lowest.
func quarters() [4][2]Figure {
	return [4][2]Figure{
		{MaleLower, FemaleLower},
		{MaleLowerMiddle, FemaleLowerMiddle},
		{MaleUpperMiddle, FemaleUpperMiddle},
		{MaleUpper, FemaleUpper},
	}
}
