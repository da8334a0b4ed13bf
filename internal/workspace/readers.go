package workspace

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"socialvalue/internal/contract"
	"socialvalue/internal/manifest"
	"socialvalue/internal/model"
	"socialvalue/internal/pipeline"
	"socialvalue/internal/release"
)

// Readers knows whose restricted file may tell of what: of a feed, the domain of
// its pipeline; of a relation, where it stands or what it is made from.
type Readers struct {
	contracts map[string]*contract.Contract
	pipelines map[string]pipeline.Pipeline
	project   *model.Project
}

// Readers say who may read what is told of the warehouse's feeds and relations.
func (w *Workspace) Readers() Readers { return Readers{w.Contracts, w.Pipelines, w.Project} }

// OfFeed is the domain whose readers a contract's files concern. One that has no
// restricted file is told to nobody.
func (r Readers) OfFeed(ref string) string {
	name := PipelineOf(ref)
	if p, ok := r.pipelines[name]; ok {
		name = p.Domain
	}
	if name == pipeline.EveryDomain {
		return release.EveryDomain
	}
	return name
}

// OfRelation are the domains whose readers a relation concerns: those it is
// restricted to, or else the one that its feeds concern. What is made from feeds
// of several domains is told to none of them.
func (r Readers) OfRelation(relation string) []string {
	if node := r.project.Nodes[relation]; node != nil && node.Spec.Publish.Tier == string(manifest.TierRestricted) {
		return release.Domains(relation, node.Spec.Publish.AllDomains())
	}
	reads := append(r.project.Ancestors(relation), relation)
	var domains []string
	for ref, c := range r.contracts {
		if slices.Contains(reads, c.Relation()) {
			domains = append(domains, r.OfFeed(ref))
		}
	}
	if domains = Narrowest(domains); len(domains) > 1 {
		return nil
	}
	return domains
}

// Narrowest are the domains of what is made from several: what concerns everyone
// adds nobody to those whom the rest concerns.
func Narrowest(domains []string) []string {
	slices.Sort(domains)
	domains = slices.Compact(domains)
	own := slices.DeleteFunc(slices.Clone(domains), func(d string) bool { return d == release.EveryDomain })
	if len(own) == 0 {
		return []string{release.EveryDomain}
	}
	return own
}

// check reports pipelines about people whose domain has no restricted file: what
// came in for them could be told to nobody.
func (r Readers) check() error {
	known := domains(r.project)
	var wrong []error
	for _, name := range slices.Sorted(maps.Keys(r.pipelines)) {
		p := r.pipelines[name]
		personal := p.Personal
		for _, c := range r.contracts {
			personal = personal || c.Pipeline == name && c.HasPersonal()
		}
		if !personal || slices.Contains(known, p.Domain) {
			continue
		}
		there := "there are " + strings.Join(known, ", ")
		if len(known) == 0 {
			there = "there is none yet: publish a relation with tier: restricted first"
		}
		if len(r.project.LeftOut) > 0 {
			there += "; or disable it as well, if what it feeds is left out with another pipeline that is disabled"
		}
		wrong = append(wrong, fmt.Errorf("pipelines/%s/pipeline.yaml: its feeds are about people, and no relation is published in the domain %s: "+
			"write domain: and the one whose readers may see its quarantine; %s", name, p.Domain, there))
	}
	if len(wrong) > 0 {
		return &ConfigurationError{errors.Join(wrong...)}
	}
	return nil
}

// domains are the restricted files of a release.
func domains(project *model.Project) []string {
	var list []string
	for relation, node := range project.Nodes {
		if node.Spec.Publish.IsPublished() {
			list = append(list, release.Domains(relation, node.Spec.Publish.AllDomains())...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// checkDomains reports columns of one domain that would not give one person one
// key: those of two groups, and those of which one is a number and one is not.
func checkDomains(contracts map[string]*contract.Contract, pipelines map[string]pipeline.Pipeline) error {
	type use struct {
		group, where string
		numeric      bool
	}
	first := map[string]use{}
	for _, ref := range slices.Sorted(maps.Keys(contracts)) {
		c := contracts[ref]
		for i := range c.Columns {
			column := &c.Columns[i]
			if column.Action != contract.ActionPseudonymise {
				continue
			}
			now := use{KeyGroup(pipelines, c), c.File + ": column " + column.Name, column.Numeric}
			before, seen := first[column.Domain]
			switch {
			case !seen:
				first[column.Domain] = now
			case before.group != now.group:
				return &ConfigurationError{fmt.Errorf("%s: domain %s is of key group %s here and of %s in %s: "+
					"give it another name, or say the same key_group in both pipeline.yaml", now.where, column.Domain, now.group, before.group, before.where)}
			case before.numeric != now.numeric:
				return &ConfigurationError{fmt.Errorf("%s: domain %s is numeric in one place and not in the other, %s: "+
					"one person would have two keys; say numeric in both or neither", now.where, column.Domain, before.where)}
			}
		}
	}
	return nil
}

// KeyGroup is the key group of a contract.
func KeyGroup(pipelines map[string]pipeline.Pipeline, c *contract.Contract) string {
	if p, ok := pipelines[c.Pipeline]; ok {
		return p.Group()
	}
	return c.Pipeline
}
