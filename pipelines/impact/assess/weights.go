package assess

import (
	"errors"

	"socialvalue/pipelines/impact/appraisal"
)

// weight finds the distributional weight of a line: that of the income of those it comes to. It stands beside the value and
// changes none. An income that is not above nought has no weight, and is refused; the value without a weight stays.
func (l *Line) weight(b *bundle, ref *Reference) {
	if l.Income == nil || b.ReferenceIncome == nil {
		return
	}
	w, err := appraisal.Weight(*l.Income, *b.ReferenceIncome, ref.Elasticity)
	var income *appraisal.IncomeError
	if errors.As(err, &income) {
		b.refuse(Refusal{Subject: "weight", ID: l.ID, Outcome: l.ID, Stage: l.Stage, Level: l.Level, System: l.System, Code: IncomeRange})
		return
	}
	l.Weight = w
}
