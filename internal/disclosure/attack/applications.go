package attack

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Applications are the counts of the recruitment funnel, and the truth: of applications, and of the people who made them.
type Applications struct {
	True        []Application // of each group
	Shown       []Application
	TruePeople  []Application // of each group, and of known, not_known and all
	ShownPeople []Application
	Slack       float64
	// OneAnswer is what an attacker takes for granted who does not believe that people change what they declare: those of
	// the groups of a characteristic then add up to all.
	OneAnswer bool
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
	if a.TruePeople, err = read(built, []string{"body_code", "financial_year", "characteristic", "group_code", "is_known", "stage", "candidates"}, "stage.recruitment_cells"); err != nil {
		return a, err
	}
	a.ShownPeople, err = read(open, []string{"body_code", "financial_year", "characteristic", "characteristic_group", "true", "stage", "people_rounded"}, "people.recruitment_funnel where people_rounded is not null and stage <> 'in_open_campaign'")
	return a, err
}

func stages() []string {
	return []string{"applied", "shortlisted", "interviewed", "offered", "appointed"}
}

// told are the stages that open tables tell.
func told() []string { return []string{"applied", "shortlisted", "appointed"} }

// Attack looks for every number below the minimum of a body in a year: of each group at each stage, and of those of it that
// went no further than one of the stages that are told; of applications, and of people.
func (a Applications) Attack(body, year string, minimum float64) (found []Finding, err error) {
	done := map[string]bool{"ethnicity_white": true} // its groups are made of the five, and looked at with them
	for _, one := range a.True {
		if one.Body != body || one.Year != year || done[one.Characteristic] {
			continue
		}
		done[one.Characteristic] = true
		here := a.of(body, year, one.Characteristic)
		part, err := here.attack(one.Characteristic, minimum)
		if here.OneAnswer && errors.Is(err, ErrContradiction) { // so somebody did give two answers
			here.OneAnswer = false
			part, err = here.attack(one.Characteristic, minimum)
		}
		if err != nil {
			return nil, fmt.Errorf("%s of %s in %s: %w", one.Characteristic, body, year, err)
		}
		found = append(found, part...)
	}
	slices.SortFunc(found, func(x, y Finding) int { return strings.Compare(x.What, y.What) })
	return found, nil
}

// of is what is said of a characteristic of a body in a year.
func (a Applications) of(body, year, characteristic string) Applications {
	here := func(list []Application) (mine []Application) {
		for _, one := range list {
			is := one.Characteristic == characteristic || one.Group == "all" || characteristic == "ethnicity5" && one.Characteristic == "ethnicity_white"
			if one.Body == body && one.Year == year && is {
				mine = append(mine, one)
			}
		}
		return mine
	}
	a.True = slices.DeleteFunc(here(a.True), func(one Application) bool { return one.Characteristic != characteristic })
	a.Shown, a.TruePeople, a.ShownPeople = here(a.Shown), here(a.TruePeople), here(a.ShownPeople)
	return a
}

func (a Applications) attack(characteristic string, minimum float64) (found []Finding, err error) {
	s := NewSystem()
	groups := map[string][]string{}
	for _, cell := range a.True {
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
	if characteristic == "ethnicity5" { // the two groups are made of the five
		groups["asian_black_mixed_other"] = []string{"asian", "black", "mixed", "other"}
	}
	at := func(group, stage string, by float64) (terms []Term) {
		for _, atom := range groups[group] {
			terms = append(terms, Term{s.Var(atom + "|" + stage), by})
		}
		return terms
	}
	for _, atom := range groups["all"] {
		for i, stage := range stages()[1:] {
			s.Between(0, math.Inf(1), slices.Concat(at(atom, stages()[i], 1), at(atom, stage, -1))...)
		}
	}
	for _, count := range a.Shown {
		if terms := at(count.Group, count.Stage, 1); len(terms) > 0 {
			s.Between(count.N-a.Slack, count.N+a.Slack, terms...)
		}
	}
	people := candidates{s, groups, a.TruePeople}
	people.structure(a.OneAnswer)
	people.shown(a.ShownPeople, min(a.Slack, toTheNearest))
	number := func(group, stage string) (n float64) {
		for _, cell := range a.True {
			if slices.Contains(groups[group], cell.Group) && cell.Stage == stage {
				n += cell.N
			}
		}
		return n
	}
	ask := func(what string, n float64, terms ...[]Term) error {
		if n == 0 || n >= minimum {
			return nil
		}
		low, high, err := s.Range(slices.Concat(terms...)...)
		if err != nil {
			return err
		}
		found = append(found, Finding{characteristic + " " + what, n, math.Ceil(max(low, 0) - 1e-4), math.Floor(high + 1e-4)})
		return nil
	}
	for group := range groups {
		before := ""
		for _, stage := range told() {
			err := errors.Join(ask(group+" "+stage, number(group, stage), at(group, stage, 1)),
				ask("people "+group+" "+stage, people.number(group, stage), people.of(group, stage, 1)))
			if before != "" {
				no := " " + before + " and not " + stage
				err = errors.Join(err, ask(group+no, number(group, before)-number(group, stage), at(group, before, 1), at(group, stage, -1)),
					ask("people "+group+no, people.number(group, before)-people.number(group, stage), people.of(group, before, 1), people.of(group, stage, -1)))
			}
			if err != nil {
				return nil, err
			}
			before = stage
		}
	}
	return found, nil
}
