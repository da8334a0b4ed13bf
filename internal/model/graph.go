package model

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"socialvalue/internal/nearest"
)

// topological orders names so that each comes after those it needs; names are taken in alphabetical order, so the order
// hangs on nothing else. What forms a circle is given as the names along it, the first repeated at the end.
func topological(needs map[string][]string) (order []string, circle []string) {
	const (
		open = iota + 1
		done
	)
	state := make(map[string]int, len(needs))
	var trail []string
	var visit func(name string) bool
	visit = func(name string) bool {
		switch state[name] {
		case done:
			return true
		case open:
			circle = append(slices.Clone(trail[slices.Index(trail, name):]), name)
			return false
		}
		state[name] = open
		trail = append(trail, name)
		for _, need := range slices.Sorted(slices.Values(needs[name])) {
			if _, ours := needs[need]; ours && !visit(need) {
				return false
			}
		}
		trail = trail[:len(trail)-1]
		state[name] = done
		order = append(order, name)
		return true
	}
	names := make([]string, 0, len(needs))
	for name := range needs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if !visit(name) {
			return nil, circle
		}
	}
	return order, nil
}

// layerProblem says why a relation may not read another, or "". Data flow raw → stage → datasets; ref and site are
// read by all, places (geo) by stages too, and meta by meta alone. A stage named for a schema (stage.spend_…) may
// stand between two of its datasets.
func layerProblem(reader, read string) string {
	from, to := schemaOf(reader), schemaOf(read)
	switch {
	case from == "meta":
		return ""
	case to == "meta" || to == "_svw":
		return fmt.Sprintf("%s is read by meta.* only: it is about the run, not about the data", read)
	case to == "ref" || to == "site" || to == "stage" || to == from:
		return ""
	case to == "raw":
		if from != "stage" {
			return fmt.Sprintf("raw.* is read by stage.* only: clean %s in a stage model and read that", read)
		}
		return ""
	case from == "stage" && to != "geo" && !strings.HasPrefix(nameOf(reader), to+"_"):
		return fmt.Sprintf("a stage reads raw, stage, ref, site, geo and the datasets it is named for (%s.* only from stage.%s_*), not %s: "+
			"move what both need into a stage", to, to, read)
	}
	return ""
}

// connect fills in the order and the dependents, and names a circle.
func (p *Project) connect() (circle []string) {
	needs := make(map[string][]string, len(p.Nodes))
	p.dependents = make(map[string][]string)
	for relation, node := range p.Nodes {
		needs[relation] = node.Inputs
		for _, input := range node.Inputs {
			p.dependents[input] = append(p.dependents[input], relation)
		}
	}
	for input := range p.dependents {
		slices.Sort(p.dependents[input])
	}
	p.Order, circle = topological(needs)
	return circle
}

// Inputs are the relations a relation reads itself, sorted; none for one made outside.
func (p *Project) Inputs(relation string) []string {
	if node, ok := p.Nodes[relation]; ok {
		return node.Inputs
	}
	return nil
}

// Dependents are the relations that read a relation themselves, sorted.
func (p *Project) Dependents(relation string) []string { return p.dependents[relation] }

// Ancestors are all relations that feed those given, which are not among them unless one feeds another; sorted.
func (p *Project) Ancestors(relations ...string) []string { return reach(relations, p.Inputs) }

// Descendants are all relations made from those given, in the order they are built.
func (p *Project) Descendants(relations ...string) []string {
	reached := reach(relations, p.Dependents)
	return p.inOrder(func(relation string) bool { return slices.Contains(reached, relation) })
}

// Select finds relations by name: schema.relation, a whole schema, or a pattern such as spend.local_*. They come in the
// order they are built, those made outside first.
func (p *Project) Select(names ...string) ([]string, error) {
	chosen := make(map[string]bool)
	for _, name := range names {
		found := false
		for _, relation := range p.relations() {
			matches, err := path.Match(name, relation)
			if err != nil {
				return nil, fmt.Errorf("%s is not a pattern: write schema.relation, schema, or a pattern such as spend.local_*", name)
			}
			if matches || name == schemaOf(relation) {
				chosen[relation], found = true, true
			}
		}
		if !found {
			return nil, fmt.Errorf("no relation %s%s", name, p.didYouMean(name))
		}
	}
	var outside []string
	for relation := range p.Outside {
		if chosen[relation] {
			outside = append(outside, relation)
		}
	}
	slices.Sort(outside)
	return append(outside, p.inOrder(func(relation string) bool { return chosen[relation] })...), nil
}

func (p *Project) inOrder(keep func(relation string) bool) []string {
	var kept []string
	for _, relation := range p.Order {
		if keep(relation) {
			kept = append(kept, relation)
		}
	}
	return kept
}

// relations lists all relations that can be read, sorted.
func (p *Project) relations() []string {
	all := make([]string, 0, len(p.Nodes)+len(p.Outside))
	for relation := range p.Nodes {
		all = append(all, relation)
	}
	for relation := range p.Outside {
		all = append(all, relation)
	}
	slices.Sort(all)
	return all
}

// didYouMean finds the relation that was probably meant: like it in the same schema, or of the same name in another.
func (p *Project) didYouMean(name string) string {
	var names []string
	for _, relation := range p.relations() {
		if schemaOf(relation) == schemaOf(name) {
			names = append(names, nameOf(relation))
		}
	}
	if meant := nearest.Of(nameOf(name), names); meant != "" {
		return ": did you mean " + schemaOf(name) + "." + meant + "?"
	}
	if meant := p.qualify(nameOf(name)); meant != "" {
		return ": did you mean " + meant + "?"
	}
	return ""
}

// qualify finds the one relation a bare name can mean.
func (p *Project) qualify(name string) string {
	var meant []string
	for _, relation := range p.relations() {
		if strings.EqualFold(nameOf(relation), name) {
			meant = append(meant, relation)
		}
	}
	if len(meant) == 1 {
		return meant[0]
	}
	return ""
}

// reach follows edges from the start and lists what it meets, sorted.
func reach(start []string, edges func(string) []string) []string {
	met := make(map[string]bool)
	var visit func(string)
	visit = func(name string) {
		for _, next := range edges(name) {
			if !met[next] {
				met[next] = true
				visit(next)
			}
		}
	}
	for _, name := range start {
		visit(name)
	}
	all := make([]string, 0, len(met))
	for name := range met {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}
