package assess

import (
	"cmp"
	"slices"
	"strings"

	"socialvalue/pipelines/impact/appraisal"
	"socialvalue/pipelines/impact/chance"
)

// portfolios add announced projects up by the financial year of their approval, draw by draw: what projects share, the
// portfolio shares.
type portfolios struct {
	at map[portfolioKey]*portfolioSum
}

type portfolioKey struct {
	year string
	place
}

type portfolioSum struct {
	Portfolio
	draws []float64
}

func newPortfolios() *portfolios { return &portfolios{map[portfolioKey]*portfolioSum{}} }

// add takes the sums of a project. Projects come in their order, so that the last digit is always the same.
func (p *portfolios) add(sums []Sum) {
	for i := range sums {
		s := &sums[i]
		if s.Project.Announced && s.Lines > 0 {
			p.one(s)
		}
		s.draws = nil
	}
}

func (p *portfolios) one(s *Sum) {
	k := portfolioKey{s.Project.FinancialYear, place{s.Stage, s.Level, s.System}}
	sum := p.at[k]
	if sum == nil {
		sum = &portfolioSum{draws: make([]float64, len(s.draws))}
		sum.FinancialYear, sum.Stage, sum.Level, sum.System, sum.Split = k.year, k.stage, k.level, k.system, true
		p.at[k] = sum
	}
	if sum.Projects == 0 || s.Grade < sum.Grade {
		sum.Grade = s.Grade
	}
	sum.Projects++
	sum.Inherent += s.Inherent
	sum.Additional += s.Additional
	sum.Net += s.PV
	sum.Fiscal += s.Fiscal
	sum.Mean += s.Mean
	sum.Split = sum.Split && s.Split
	sum.Cost += s.Cost
	sum.CostReason = cmp.Or(sum.CostReason, s.CostReason)
	for i, v := range s.draws {
		sum.draws[i] += v
	}
}

func (p *portfolios) result(s Settings) []Portfolio {
	out := make([]Portfolio, 0, len(p.at))
	for _, sum := range p.at {
		if sum.CostReason == "" {
			r := appraisal.Compare(sum.Net, sum.Cost)
			sum.BCR, sum.NPSV, sum.BCRReason = r.BCR, r.NPSV, r.Reason
		} else {
			sum.BCRReason = sum.CostReason
		}
		if s.Draws > 0 {
			sum.Drawn = chance.Summarise(sum.draws)
		}
		out = append(out, sum.Portfolio)
	}
	slices.SortFunc(out, func(a, b Portfolio) int {
		return cmp.Or(strings.Compare(a.FinancialYear, b.FinancialYear), place{a.Stage, a.Level, a.System}.compare(place{b.Stage, b.Level, b.System}))
	})
	return out
}
