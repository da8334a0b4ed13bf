package ocds

import (
	"cmp"
	"fmt"
	"slices"
)

// Dated is a release among those of its process.
type Dated struct {
	ID       string
	Released string // in UTC, as Judge gives it: texts of one form sort as the moments do
	Text     string
}

// Before is the order in which releases are put together: by date, those of one date by id.
func Before(a, b Dated) int {
	return cmp.Or(cmp.Compare(a.Released, b.Released), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Text, b.Text))
}

// Compile puts the releases of one process together and returns what was known after each, under its id and date, in the
// order of Before: the last is the compiled release. Whatever the order they are given in, the result is the same.
//
// The rules are those of the standard's merge routine: a later value replaces an earlier one, null takes it away, objects are
// merged by their members, and lists of objects with ids by these ids. Lists of other things, and of objects without ids, are
// replaced as a whole, as are those that the schema says so of.
func Compile(releases []Dated) ([]Dated, error) {
	ordered := slices.Clone(releases)
	slices.SortFunc(ordered, Before)
	known := map[string]any{}
	states := make([]Dated, 0, len(ordered))
	for _, release := range ordered {
		members, err := decode([]byte(release.Text))
		if err != nil {
			return nil, fmt.Errorf("release %s: %w", release.ID, err)
		}
		merge(known, members)
		known["tag"] = []any{"compiled"}
		state, err := encode(known)
		if err != nil {
			return nil, fmt.Errorf("release %s: %w", release.ID, err)
		}
		states = append(states, Dated{ID: release.ID, Released: release.Released, Text: state})
	}
	return states, nil
}

// merge puts what is new into what is known.
func merge(known, fresh map[string]any) {
	for name, value := range fresh {
		switch value := value.(type) {
		case nil:
			delete(known, name)
		case map[string]any:
			before, _ := known[name].(map[string]any)
			if before == nil {
				before = map[string]any{}
			}
			merge(before, value)
			known[name] = before
		case []any:
			before, _ := known[name].([]any)
			known[name] = mergeList(name, before, value)
		default:
			known[name] = value
		}
	}
}

// wholeList says whether the schema has a list replaced as a whole although its entries have ids.
func wholeList(name string) bool {
	switch name {
	case "additionalIdentifiers", "additionalClassifications", "changes":
		return true
	}
	return false
}

func mergeList(name string, known, fresh []any) []any {
	if wholeList(name) || !allHaveIDs(fresh) || !allHaveIDs(known) {
		return withoutNulls(fresh)
	}
	merged := slices.Clone(known)
	for _, entry := range fresh {
		object, _ := entry.(map[string]any)
		id := plainText(object["id"])
		at := slices.IndexFunc(merged, func(other any) bool {
			before, _ := other.(map[string]any)
			return plainText(before["id"]) == id
		})
		if at < 0 {
			merged = append(merged, map[string]any{})
			at = len(merged) - 1
		}
		before, _ := merged[at].(map[string]any)
		merge(before, object)
	}
	return merged
}

// withoutNulls is a list as it stands once what is null in its objects is taken away.
func withoutNulls(list []any) []any {
	out := make([]any, 0, len(list))
	for _, entry := range list {
		if object, ok := entry.(map[string]any); ok {
			clean := map[string]any{}
			merge(clean, object)
			entry = clean
		}
		out = append(out, entry)
	}
	return out
}

func allHaveIDs(list []any) bool {
	for _, entry := range list {
		object, ok := entry.(map[string]any)
		if !ok || plainText(object["id"]) == "" {
			return false
		}
	}
	return true
}
