package assess

import "socialvalue/pipelines/impact/chance"

// drawYears tells of the draws of each year. What is drawn of a line are its terms, once; a year is a sum of them with
// weights of its own. Where there is one term, as with the same factors on both sides, its years are multiples of each other,
// and one look at the draws serves them all.
func (l *Line) drawYears(f form, room *room, draws func(int) []float64) {
	terms := f.present()
	drawn := room.termDraws(terms, draws)
	var base chance.Summary
	positive := 0.0
	if len(terms) == 1 {
		copy(room.product, drawn[0])
		positive = chance.Share(room.product, func(v float64) bool { return v > 0 })
		base = chance.Summarise(room.product)
	}
	for i := range l.Years {
		year := f.presentOf(l.Years[i].Year)
		if len(terms) == 1 {
			l.Years[i].Drawn = base.Scaled(year[0].Weight, positive)
			continue
		}
		clear(room.product)
		for k, term := range year {
			for at, v := range drawn[k] {
				room.product[at] += term.Weight * v
			}
		}
		l.Years[i].Drawn = chance.Summarise(room.product)
	}
}

// termDraws are the draws of each term with the weight of one.
func (r *room) termDraws(terms chance.Expression, draws func(int) []float64) [][]float64 {
	for len(r.terms) < len(terms) {
		r.terms = append(r.terms, make([]float64, r.n))
	}
	for k, term := range terms {
		clear(r.terms[k])
		term.Weight = 1
		chance.Expression{term}.Simulate(r.terms[k], r.product, draws)
	}
	return r.terms[:len(terms)]
}
