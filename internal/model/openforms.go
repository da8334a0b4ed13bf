package model

import "slices"

// opensByItself says whether the open form of a relation may differ from the relation: its cells are withheld, or its rows
// are not all announced.
func (p Publish) opensByItself() bool {
	return p.Tier == "open" && (p.Disclosure != nil || p.Announced != "")
}

// checkOpenForms reports what a relation that is released of open forms may not be, and every way to something about
// people that does not lead by an open form.
func (l *loader) checkOpenForms(node *Node) {
	spot := l.docs[node.SpecFile].At("publish", "of_open_forms")
	publish := node.Spec.Publish
	switch {
	case publish.Tier != "open":
		spot.Report("of_open_forms is of open relations: write tier: open, or remove it")
	case publish.Disclosure != nil || publish.Announced != "" || publish.NotAboutPeople != "":
		spot.Report("what is made of open forms withholds nothing itself: remove disclosure, announced and not_about_people, or of_open_forms")
	case publish.Period == "":
		spot.Report("no period: what it tells of people is public when their tables are; write period: year, and delay: as they do")
	case node.Kind != KindSQL || node.standsAsView():
		spot.Report("only a table that is a SELECT or a union can be made again of open forms")
	}
	met := map[string]bool{}
	var walk func(relation string)
	walk = func(relation string) {
		for _, input := range l.project.Inputs(relation) {
			read := l.project.Nodes[input]
			if met[input] || read != nil && read.Spec.Publish.Tier == "open" { // judged by itself
				continue
			}
			met[input] = true
			if what := l.aboutPeople(input); what != "" {
				spot.Report("%s %s, and no open relation stands between: read its figures from one that is open and has disclosure:", input, what)
				return
			}
			walk(input)
		}
	}
	walk(node.Relation)
	for _, relation := range l.project.betweenOpenForms(node.Relation) {
		if between := l.project.Nodes[relation]; between.Kind != KindSQL || between.DayColumn() != "" {
			spot.Report("%s stands between it and an open form, and can be made no second time: only a SELECT or a union can", relation)
		}
	}
}

// OpenForm is a relation that is released of open forms.
type OpenForm struct {
	Relation string
	Made     []string // what is made again for it, itself last, in order
	Forms    []string // whose open forms are read, sorted
}

// OpenForms are the relations that are released of open forms, each after those it reads.
func (p *Project) OpenForms() []OpenForm {
	var list []OpenForm
	for _, relation := range p.Order {
		if !p.Nodes[relation].Spec.Publish.OfOpenForms {
			continue
		}
		form := OpenForm{Relation: relation, Made: append(p.betweenOpenForms(relation), relation)}
		for _, made := range form.Made {
			for _, input := range p.Inputs(made) {
				if node := p.Nodes[input]; node != nil && node.Spec.Publish.opensByItself() && !slices.Contains(form.Forms, input) {
					form.Forms = append(form.Forms, input)
				}
			}
		}
		slices.Sort(form.Forms)
		list = append(list, form)
	}
	return list
}

// betweenOpenForms are the relations by way of which one is made from those whose open forms may differ, in order.
func (p *Project) betweenOpenForms(relation string) []string {
	differs := map[string]bool{}
	var visit func(relation string) bool
	visit = func(relation string) bool {
		known, met := differs[relation]
		if met {
			return known
		}
		node := p.Nodes[relation]
		if node == nil {
			return false
		}
		if node.Spec.Publish.opensByItself() {
			return true
		}
		found := false
		for _, input := range node.Inputs {
			found = visit(input) || found
		}
		differs[relation] = found
		return found
	}
	visit(relation)
	return p.inOrder(func(r string) bool { return r != relation && differs[r] })
}
