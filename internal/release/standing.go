//go:build duckdb_arrow

package release

import (
	"slices"
	"strings"

	"socialvalue/internal/manifest"
)

// standing says how the items of a plan stand in a release after another one:
// those that stay at their content there, and those that are in no release,
// because there is nothing for them to stay at.
type standing struct {
	held, missing map[string]bool
}

// stand works the standing out. A view over what is missing is missing too.
func stand(items []item, previous *manifest.Manifest) standing {
	s := standing{held: map[string]bool{}, missing: map[string]bool{}}
	for _, views := range []bool{false, true} {
		for _, it := range items {
			if (it.Kind == manifest.KindView) != views {
				continue
			}
			reads := it.Reads
			if it.Held {
				earlier, found := recordBefore(previous, it)
				s.held[it.Name], s.missing[it.Name], reads = found, !found, earlier.Reads
			}
			if views && slices.ContainsFunc(reads, func(read string) bool { return s.missing[read] }) {
				s.held[it.Name], s.missing[it.Name] = false, true
			}
		}
	}
	return s
}

// recordBefore is the record of an item in a release, when it stood there in the
// same tier and kind.
func recordBefore(m *manifest.Manifest, it item) (manifest.DatasetRecord, bool) {
	if m == nil {
		return manifest.DatasetRecord{}, false
	}
	record, found := m.Dataset(it.Name)
	return record, found && record.Tier == it.Tier && record.Kind == it.Kind
}

// texts lists the macros and the named questions of a release after another one,
// each by name, with the macros themselves in the order in which they are made.
//
// They stay with what is held. A macro that a held view calls keeps its earlier
// text. A question about a held dataset does too, because the new text may ask
// for columns that the dataset has not got yet; when there is no earlier one, or
// its dataset is missing, the question is left out.
func (p Plan) texts(items []item, previous *manifest.Manifest) (macros []Macro, macroTexts, queries []manifest.Text) {
	standing := stand(items, previous)
	macros = slices.Clone(p.Macros)
	for _, it := range items {
		if it.Kind != manifest.KindView || !standing.held[it.Name] {
			continue
		}
		record, _ := recordBefore(previous, it)
		for _, name := range record.Macros {
			i := slices.IndexFunc(previous.Macros, func(t manifest.Text) bool { return t.Name == name })
			if i < 0 || previous.Macros[i].SQL == "" {
				continue
			}
			earlier := Macro{Name: name, SQL: previous.Macros[i].SQL, Description: previous.Macros[i].Description}
			if k := slices.IndexFunc(macros, func(m Macro) bool { return m.Name == name }); k >= 0 {
				macros[k] = earlier
			} else {
				macros = append([]Macro{earlier}, macros...)
			}
		}
	}
	for _, macro := range macros {
		macroTexts = append(macroTexts, manifest.Text{Name: macro.Name, SHA256: hashBytes([]byte(macro.SQL + "\n" + macro.Description)), SQL: macro.SQL, Description: macro.Description})
	}
	for _, query := range p.Queries {
		text := manifest.Text{Name: query.Name, Tier: query.Tier, SHA256: hashBytes([]byte(query.SQL))}
		held := slices.ContainsFunc(query.Reads, func(read string) bool { return standing.held[read] })
		switch {
		case slices.ContainsFunc(query.Reads, func(read string) bool { return standing.missing[read] }):
			text = manifest.Text{Name: query.Name, Tier: query.Tier, Missing: true}
		case held:
			earlier, found := queryBefore(previous, query.Name)
			if !found || earlier.Tier != query.Tier {
				earlier = manifest.Text{Name: query.Name, Tier: query.Tier, Missing: true}
			}
			earlier.Held = !earlier.Missing && earlier.SHA256 != text.SHA256
			text = earlier
		}
		queries = append(queries, text)
	}
	byName := func(a, b manifest.Text) int { return strings.Compare(a.Name, b.Name) }
	slices.SortFunc(macroTexts, byName)
	slices.SortFunc(queries, byName)
	return macros, macroTexts, queries
}

// queryBefore finds a named question that is in the release.
func queryBefore(m *manifest.Manifest, name string) (manifest.Text, bool) {
	i := slices.IndexFunc(m.Queries, func(t manifest.Text) bool { return t.Name == name && !t.Missing })
	if i < 0 {
		return manifest.Text{}, false
	}
	return m.Queries[i], true
}
