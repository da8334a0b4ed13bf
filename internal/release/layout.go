//go:build duckdb_arrow

package release

import (
	"slices"
	"sort"
	"strings"

	"socialvalue/internal/manifest"
)

// item is one relation as it stands in a release: a dataset, the relation that
// has its rows, and the places that hold it.
type item struct {
	Dataset
	source   string // relation of the build database
	maskHash string
	places   []string // open first
	rows     int64    // of the source, known once it is written
}

// sharedSchema says whether open tables of a schema stand in every file.
func sharedSchema(schema string) bool {
	return schema == "geo" || schema == "meta" || schema == "indicators"
}

// domains lists the restricted files that hold the dataset as its own.
func (d Dataset) domains() []string { return Domains(d.Name, d.Domains) }

// Domains lists the restricted files that hold a dataset as their own: those it
// names, or the one named as its schema.
func Domains(dataset string, named []string) []string {
	if len(named) > 0 {
		domains := slices.Clone(named)
		slices.Sort(domains)
		return slices.Compact(domains)
	}
	schema, _, _ := strings.Cut(dataset, ".")
	if sharedSchema(schema) {
		return nil
	}
	return []string{schema}
}

// layout decides which place holds what. A masked open dataset stands
// everywhere in its protected form, and its unprotected twin beside it in its
// own domains. Datasets that are open only "when announced" split here in the
// same way: the announced rows under the name, all rows as the twin. A dataset
// may say that it has no twin.
func layout(plan Plan) (items []item, places []string) {
	places = []string{manifest.OpenPlace}
	if plan.Edition == nil {
		places = placesOf(plan.Datasets)
	}
	for _, dataset := range plan.Datasets {
		dataset.Columns = manifest.Canonical(dataset.Columns)
		own := dataset.domains()
		if plan.Edition != nil {
			own = nil // nothing restricted is published, not even by name
		}
		if dataset.Tier == manifest.TierRestricted {
			items = append(items, item{Dataset: dataset, source: dataset.Name, places: own})
			continue
		}
		at := item{Dataset: dataset, source: dataset.Name, places: append([]string{manifest.OpenPlace}, own...)}
		if sharedSchema(dataset.schema()) {
			at.places = places
		}
		mask := plan.Masks[dataset.Name]
		at.maskHash = mask.Hash
		if mask.Relation != "" {
			at.source = mask.Relation
		}
		if mask.Relation != "" && len(own) > 0 && !dataset.NoInternal {
			twin := item{Dataset: dataset, source: dataset.Name, places: own}
			twin.Name += manifest.InternalSuffix
			twin.Tier = manifest.TierRestricted
			twin.People, twin.Period, twin.Headlines = nil, manifest.Period{}, nil
			twin.Description = "Unprotected form of " + dataset.Name + ". " + dataset.Description
			items = append(items, twin)
		}
		items = append(items, at)
	}
	sort.Slice(items, func(i, j int) bool { return items[i].Name < items[j].Name })
	return items, places
}

// placesOf lists the places of a release: open, then the domains.
func placesOf(datasets []Dataset) []string {
	var domains []string
	for _, dataset := range datasets {
		domains = append(domains, dataset.domains()...)
	}
	slices.Sort(domains)
	return append([]string{manifest.OpenPlace}, slices.Compact(domains)...)
}

// inPlace keeps the items that stand in a place.
func inPlace(items []item, place string) []item {
	var kept []item
	for _, it := range items {
		if slices.Contains(it.places, place) {
			kept = append(kept, it)
		}
	}
	return kept
}
