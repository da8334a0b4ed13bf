package attack

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Applications are the counts of the recruitment funnel, and the truth.
type Applications struct {
	True  []Application
	Shown []Application
	Slack float64
}

// Application is a number of applications of a group of a characteristic at a stage. Of what is shown the group may be all,
// known or not_known too.
type Application struct {
	Body, Year, Characteristic, Group string
	Known                             bool
	Stage                             string
	N                                 float64
}

// ReadApplications reads the open funnel, and from the build database the truth.
func ReadApplications(open, built Ask) (a Applications, err error) {
	read := func(ask Ask, columns []string, from string) (list []Application, err error) {
		lines, err := table(ask, columns, from)
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			n, err := Number(l[6])
			if err != nil {
				return nil, err
			}
			list = append(list, Application{l[0], l[1], l[2], l[3], l[4] == "true", l[5], n})
		}
		return list, nil
	}
	if a.True, err = read(built, []string{"body_code", "financial_year", "characteristic", "group_code", "is_known", "stage", "applications"}, "stage.recruitment_cells where group_level = 'group'"); err != nil {
		return a, err
	}
	for count, stage := range map[string][2]string{
		"count_rounded": {"characteristic_group", "stage"}, "previous_stage_rounded": {"characteristic_group", "previous_stage"},
		"reference_rounded": {"reference_group", "stage"}, "reference_previous_stage_rounded": {"reference_group", "previous_stage"},
		"known_rounded": {"'known'", "stage"}, "everybody_rounded": {"'all'", "stage"},
	} {
		shown, err := read(open, []string{"body_code", "financial_year", "characteristic", stage[0], "true", stage[1], count}, "people.recruitment_funnel where "+count+" is not null")
		if err != nil {
			return a, err
		}
		a.Shown = append(a.Shown, shown...)
	}
	return a, nil
}

// Attack looks for every number below the minimum of a body in a year: of each group at each stage, and of those of it that
// went no further than one of the stages that are told.
func (a Applications) Attack(body, year string, minimum float64) (found []Finding, err error) {
	stages := []string{"applied", "shortlisted", "interviewed", "offered", "appointed"}
	here := func(list []Application, characteristic string) (mine []Application) {
		for _, one := range list {
			if one.Body == body && one.Year == year && (one.Characteristic == characteristic || one.Group == "all") {
				mine = append(mine, one)
			}
		}
		return mine
	}
	done := map[string]bool{}
	for _, one := range a.True {
		if one.Body != body || one.Year != year || done[one.Characteristic] || one.Characteristic == "ethnicity_white" {
			continue
		}
		done[one.Characteristic] = true
		truth, s := here(a.True, one.Characteristic), NewSystem()
		groups := map[string][]string{}
		for _, cell := range truth {
			level := "not_known"
			if cell.Known {
				level = "known"
			}
			for _, name := range []string{cell.Group, level, "all"} {
				if !slices.Contains(groups[name], cell.Group) {
					groups[name] = append(groups[name], cell.Group)
				}
			}
		}
		if one.Characteristic == "ethnicity5" { // the two groups are made of the five
			groups["asian_black_mixed_other"] = []string{"asian", "black", "mixed", "other"}
		}
		at := func(group, stage string, by float64) (terms []Term) {
			for _, atom := range groups[group] {
				terms = append(terms, Term{s.Var(atom + "|" + stage), by})
			}
			return terms
		}
		for _, atom := range groups["all"] {
			for i := 1; i < len(stages); i++ {
				s.Between(0, math.Inf(1), slices.Concat(at(atom, stages[i-1], 1), at(atom, stages[i], -1))...)
			}
		}
		shown := here(a.Shown, one.Characteristic)
		if one.Characteristic == "ethnicity5" {
			shown = append(shown, here(a.Shown, "ethnicity_white")...)
		}
		for _, count := range shown {
			if terms := at(count.Group, count.Stage, 1); len(terms) > 0 {
				s.Between(count.N-a.Slack, count.N+a.Slack, terms...)
			}
		}
		number := func(group, stage string) (n float64) {
			for _, cell := range truth {
				if slices.Contains(groups[group], cell.Group) && cell.Stage == stage && cell.Characteristic == one.Characteristic {
					n += cell.N
				}
			}
			return n
		}
		ask := func(what string, n float64, terms []Term) error {
			if n == 0 || n >= minimum {
				return nil
			}
			low, high, err := s.Range(terms...)
			if err != nil {
				return fmt.Errorf("%s of %s in %s: %w", one.Characteristic, body, year, err)
			}
			found = append(found, Finding{one.Characteristic + " " + what, n, math.Ceil(max(low, 0) - 1e-4), math.Floor(high + 1e-4)})
			return nil
		}
		for group := range groups {
			before := ""
			for _, stage := range []string{"applied", "shortlisted", "appointed"} {
				if err := ask(group+" "+stage, number(group, stage), at(group, stage, 1)); err != nil {
					return nil, err
				}
				if before == "" {
					before = stage
					continue
				}
				if err := ask(group+" "+before+" and not "+stage, number(group, before)-number(group, stage), slices.Concat(at(group, before, 1), at(group, stage, -1))); err != nil {
					return nil, err
				}
				before = stage
			}
		}
	}
	slices.SortFunc(found, func(x, y Finding) int { return strings.Compare(x.What, y.What) })
	return found, nil
}
