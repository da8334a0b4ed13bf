package contract

import (
	"slices"
	"strconv"
)

// StagedConstant is a constant that is another one in each of the documents that
// are read together, and the name that it has in the staging table.
type StagedConstant struct {
	Column string   // of the staging table
	Texts  []string // SQL of the constant of each document
}

// Together is a reading of the rows of several documents at once. Other readings
// must be like this one in all but the constants.
func (r *Reading) Together(others []*Reading) (*Reading, []StagedConstant, bool) {
	together := *r
	together.sources = slices.Clone(r.sources)
	var staged []StagedConstant
	for i, source := range r.sources {
		constant := StagedConstant{Column: stagedConstant(i)}
		for _, other := range others {
			its := other.sources[i]
			if its.Field != source.Field || (its.Constant == nil) != (source.Constant == nil) {
				return nil, nil, false
			}
			if its.Constant == nil {
				continue
			}
			constant.Texts = append(constant.Texts, r.constant(*its.Constant))
			together.sources[i].Staged = together.sources[i].Staged || *its.Constant != *source.Constant
		}
		if together.sources[i].Staged {
			staged = append(staged, constant)
		}
	}
	return &together, staged, true
}

// stagedConstant is the name of a column's constant in the staging table.
func stagedConstant(i int) string { return "k" + strconv.Itoa(i) }
