package attack

import (
	"math"
	"slices"
)

// toTheNearest is how far a number may be from the nearest multiple of five.
const toTheNearest = 2

// candidates are the people who made applications, in the system of these: a number of each group of a characteristic, and
// of each union of groups, at each stage.
type candidates struct {
	*System
	groups map[string][]string // group or union of groups → its groups
	truth  []Application
}

// of is the number of people of a group at a stage.
func (c candidates) of(group, stage string, by float64) []Term {
	return []Term{{c.Var("people|" + group + "|" + stage), by}}
}

// number is the true one.
func (c candidates) number(group, stage string) float64 {
	for _, cell := range c.truth {
		if cell.Group == group && cell.Stage == stage {
			return cell.N
		}
	}
	return 0
}

// structure is what everybody knows: nobody reaches a stage who was not at the one before; an application is made by one
// person; those of several groups are no fewer than of each, and no more than of all of them, or as many where nobody is of
// two groups.
func (c candidates) structure(oneAnswer bool) {
	atMost := func(part, whole []Term) {
		minus := slices.Clone(part)
		for i := range minus {
			minus[i].By = -minus[i].By
		}
		c.Between(0, math.Inf(1), slices.Concat(whole, minus)...)
	}
	for group, parts := range c.groups {
		for i, stage := range stages() {
			if i > 0 {
				atMost(c.of(group, stage, 1), c.of(group, stages()[i-1], 1))
			}
			var people, applications []Term
			for _, part := range parts {
				people = append(people, c.of(part, stage, 1)...)
				applications = append(applications, Term{c.Var(part + "|" + stage), 1})
			}
			atMost(c.of(group, stage, 1), applications)
			if len(parts) == 1 && parts[0] == group {
				continue
			}
			atMost(c.of(group, stage, 1), people)
			if oneAnswer {
				atMost(people, c.of(group, stage, 1))
				continue
			}
			for _, part := range people {
				atMost([]Term{part}, c.of(group, stage, 1))
			}
		}
	}
}

// shown is what the tables say.
func (c candidates) shown(people []Application, slack float64) {
	for _, count := range people {
		if c.groups[count.Group] != nil {
			c.Between(count.N-slack, count.N+slack, c.of(count.Group, count.Stage, 1)...)
		}
	}
}
