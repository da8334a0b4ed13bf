//go:build duckdb_arrow

package release_test

import (
	"strings"
	"testing"

	"socialvalue/internal/manifest"
	"socialvalue/internal/release"
)

// A column goes only after two publications with both; one is added freely
// (datasets, last paragraph).
func TestColumnsInUse(t *testing.T) {
	t.Parallel()
	edition := func(deprecated string, columns ...string) *manifest.Manifest {
		record := manifest.DatasetRecord{Name: "geo.ward"}
		for _, name := range columns {
			column := manifest.Column{Name: name, Type: "VARCHAR"}
			if name == deprecated {
				column.Deprecated = "use ward_name"
			}
			record.Columns = append(record.Columns, column)
		}
		return &manifest.Manifest{Datasets: []manifest.DatasetRecord{record}}
	}
	planned := func(columns ...string) []release.Dataset {
		dataset := release.Dataset{Name: "geo.ward", DefinedIn: "sql/geo/ward.yaml"}
		for _, name := range columns {
			name, kind, found := strings.Cut(name, " ")
			if !found {
				kind = "text"
			}
			dataset.Columns = append(dataset.Columns, manifest.Column{Name: name, Type: kind})
		}
		return []release.Dataset{dataset}
	}
	both := edition("label", "code", "label", "ward_name")
	for name, test := range map[string]struct {
		publications []*manifest.Manifest
		current      *manifest.Manifest
		plan         []release.Dataset
		want         string
	}{
		"nothing released":                 {nil, nil, planned("code"), ""},
		"a column more":                    {nil, edition("", "code"), planned("code", "label"), ""},
		"gone at once":                     {nil, edition("", "code", "label"), planned("code"), "sql/geo/ward.yaml: geo.ward.label is in use and would be gone: keep it, marked `deprecated:"},
		"gone after a release said so":     {nil, both, planned("code", "ward_name"), ""},
		"renamed":                          {nil, edition("", "code", "label"), planned("code", "ward_name"), "`renamed_from: label`"},
		"another type":                     {nil, edition("", "code", "label"), planned("code", "label BIGINT"), "is in use as VARCHAR and would become BIGINT"},
		"one publication is not enough":    {[]*manifest.Manifest{edition("", "code", "label"), both}, both, planned("code", "ward_name"), "would be gone"},
		"two are":                          {[]*manifest.Manifest{both, both}, both, planned("code", "ward_name"), ""},
		"gone from the last one already":   {[]*manifest.Manifest{both, both, edition("", "code", "ward_name")}, nil, planned("code", "ward_name"), ""},
		"released but never published":     {[]*manifest.Manifest{edition("", "code")}, edition("", "code", "label"), planned("code"), ""},
		"released, with others published":  {[]*manifest.Manifest{{Datasets: []manifest.DatasetRecord{{Name: "geo.other"}}}}, edition("", "code", "label"), planned("code"), "would be gone"},
		"a dataset that nobody has so far": {nil, &manifest.Manifest{}, planned("code"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(release.SchemaProblems(test.publications, test.current, test.plan), "\n")
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
