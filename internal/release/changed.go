//go:build duckdb_arrow

package release

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"sort"

	"socialvalue/internal/manifest"
)

// writerVersion changes whenever the bytes of Parquet or CSV files would differ
// for the same rows, so that older files are not taken over.
const writerVersion = 1

// record is the dataset's entry in a manifest.
func (it item) record(duckdb string) manifest.DatasetRecord {
	var period *manifest.Period
	if it.Period.Kind != "" {
		period = &it.Period
	}
	return manifest.DatasetRecord{
		People: it.People, Period: period, OpenForms: it.OpenForms,
		Name: it.Name, Kind: it.Kind, Tier: it.Tier, Description: it.Description, Grain: it.Grain,
		Key: it.Key, OrderBy: totalOrder(it.Dataset), Licence: it.Licence, SchemaVersion: it.SchemaVersion,
		InputsHash: it.InputsHash, Content: it.content(duckdb), ViewSQL: it.ViewSQL, Reads: it.Reads, Macros: it.Macros, Columns: it.Columns, Headlines: it.Headlines, DayColumn: it.DayColumn,
		Formats: slices.Sorted(slices.Values(it.Formats)), Places: it.places,
	}
}

// content hashes everything that decides the bytes of an item's Parquet and
// CSV files, so that equal hashes mean equal files.
func (it item) content(duckdb string) string {
	type column struct{ Name, Type string }
	columns := make([]column, len(it.Columns))
	for i, c := range it.Columns {
		columns[i] = column{c.Name, c.Type}
	}
	return hashJSON(struct {
		Writer                                    int
		DuckDB, Name, Description, Grain, Licence string
		InputsHash, Mask, ViewSQL                 string
		SchemaVersion                             int
		Key, OrderBy                              []string
		Columns                                   []column
	}{
		writerVersion, duckdb, it.Name, it.Description, it.Grain, it.Licence,
		it.InputsHash, it.maskHash, it.ViewSQL, it.SchemaVersion, it.Key, it.OrderBy, columns,
	})
}

// hashJSON is the SHA-256 of a value's JSON form, in hex.
func hashJSON(value any) string {
	// Only structs, slices and texts are hashed here, which always marshal.
	data, _ := json.Marshal(value)
	return hashBytes(data)
}

func hashBytes(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Changed names what a plan would change against a release: datasets that are
// new, gone, held, with other content or otherwise described or placed, `macro
// NAME` and `query NAME`. An empty result means that a release would hold
// nothing new but meta tables.
func Changed(previous *manifest.Manifest, plan Plan) []string {
	items, _ := layout(plan)
	now := map[string]string{}
	standing := stand(items, previous)
	for _, it := range items {
		if standing.held[it.Name] || standing.missing[it.Name] {
			now[it.Name] = "held"
			continue
		}
		now[it.Name] = hashJSON(it.record(plan.DuckDB))
	}
	_, macros, queries := plan.texts(items, previous)
	for _, macro := range macros {
		now["macro "+macro.Name] = identity(macro)
	}
	for _, query := range queries {
		now["query "+query.Name] = identity(query)
	}
	before := map[string]string{}
	if previous != nil {
		before = contents(previous)
	}
	var changed []string
	for name, hash := range now {
		if before[name] != hash {
			changed = append(changed, name)
		}
	}
	for name := range before {
		if _, still := now[name]; !still {
			changed = append(changed, name)
		}
	}
	sort.Strings(changed)
	return changed
}

// contents is what Changed compares a plan with.
func contents(m *manifest.Manifest) map[string]string {
	contents := map[string]string{}
	for _, record := range m.Datasets {
		contents[record.Name] = hashJSON(record)
	}
	for _, held := range m.Held {
		contents[held.Dataset] = "held"
	}
	for _, macro := range m.Macros {
		contents["macro "+macro.Name] = identity(macro)
	}
	for _, query := range m.Queries {
		contents["query "+query.Name] = identity(query)
	}
	return contents
}

// identity is what Changed compares of a macro or a question.
func identity(t manifest.Text) string {
	if t.Missing {
		return "missing"
	}
	return t.Tier + t.SHA256
}
