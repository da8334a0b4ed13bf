package model

import (
	"slices"
	"strings"
)

// checkPeople refuses an open relation that is made, by whatever way, from something about people and says neither what
// in it counts them nor why nothing does. That a column is marked is not enough to know a table about people by: counts
// of people have no such column.
func (l *loader) checkPeople() {
	for _, relation := range sortedKeys(l.project.Nodes) {
		node := l.project.Nodes[relation]
		publish := node.Spec.Publish
		if publish.OfOpenForms {
			l.checkOpenForms(node)
			continue
		}
		if publish.Tier != "open" || publish.Disclosure != nil || strings.TrimSpace(publish.NotAboutPeople) != "" {
			continue
		}
		trail, what := l.people(relation)
		if trail == nil {
			continue
		}
		way := ""
		if between := trail[1 : len(trail)-1]; len(between) > 0 {
			slices.Reverse(between)
			way = " by way of " + strings.Join(between, ", ")
		}
		l.docs[node.SpecFile].At("publish").Report("%s is open, and %s, from which it is made%s, %s: say what in it counts people with disclosure:, "+
			"or, if nothing does, not_about_people: and why", relation, trail[len(trail)-1], way, what)
	}
}

// people finds the nearest relation about people that a relation is made from: the way there, both ends included, and
// what makes it one. It looks at each relation once, so a circle ends.
func (l *loader) people(relation string) (trail []string, what string) {
	reader := map[string]string{relation: ""}
	for queue := []string{relation}; len(queue) > 0; queue = queue[1:] {
		for _, input := range l.project.Inputs(queue[0]) {
			if _, met := reader[input]; met {
				continue
			}
			reader[input] = queue[0]
			if what := l.aboutPeople(input); what != "" {
				for at := input; at != ""; at = reader[at] {
					trail = append([]string{at}, trail...)
				}
				return trail, what
			}
			queue = append(queue, input)
		}
	}
	return nil, ""
}

// aboutPeople says what makes a relation one about people by itself, or "".
func (l *loader) aboutPeople(relation string) string {
	names, outside := l.options.Personal[relation]
	if node := l.project.Nodes[relation]; node != nil {
		for _, column := range node.Spec.Columns {
			if column.Personal != "" && column.Personal != "none" {
				names = append(names, column.Name)
			}
		}
	}
	switch {
	case len(names) > 0:
		return "holds personal data (" + strings.Join(names, ", ") + ")"
	case outside:
		return "is about people, as its pipeline says"
	}
	return ""
}
