//go:build duckdb_arrow

package release_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The catalogue has what DCAT-AP 3 requires of a catalogue, a dataset, a
// distribution and a checksum, names nothing restricted, and its downloads are
// the files that are there.
func TestTheCatalogue(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 1))
	p := plan(t)
	p.Publisher = "Our City Region"
	_, folder := compose(t, c, p)
	var catalogue map[string]any
	if err := json.Unmarshal([]byte(read(t, filepath.Join(folder, "open/catalogue.jsonld"))), &catalogue); err != nil {
		t.Fatal(err)
	}
	vocabularies, _ := catalogue["@context"].(map[string]any)
	var check func(at string, value any)
	check = func(at string, value any) {
		switch value := value.(type) {
		case []any:
			for _, item := range value {
				check(at, item)
			}
		case map[string]any:
			required := map[string][]string{
				"dcat:Catalog":      {"dct:title", "dct:description", "dct:publisher", "dcat:dataset"},
				"dcat:Dataset":      {"dct:title", "dct:description", "dct:identifier", "dct:license", "dct:publisher", "dcat:distribution"},
				"dcat:Distribution": {"dcat:accessURL", "dcat:downloadURL", "dcat:mediaType", "dct:license", "dcat:byteSize", "spdx:checksum"},
				"spdx:Checksum":     {"spdx:algorithm", "spdx:checksumValue"},
				"foaf:Organization": {"foaf:name"},
				"dct:PeriodOfTime":  {"dcat:endDate"},
			}
			kind, _ := value["@type"].(string)
			for _, name := range required[kind] {
				if value[name] == nil || value[name] == "" {
					t.Errorf("%s: a %s has no %s", at, kind, name)
				}
			}
			if kind == "dcat:Distribution" {
				download := value["dcat:downloadURL"].(map[string]any)["@id"].(string)
				file := filepath.Join(folder, "open", download)
				if info, err := os.Stat(file); err != nil || value["dcat:byteSize"].(map[string]any)["@value"] != jsonNumber(info.Size()) {
					t.Errorf("%s: %v", download, err)
				} else if value["spdx:checksum"].(map[string]any)["spdx:checksumValue"].(map[string]any)["@value"] != digest(t, file) {
					t.Errorf("%s has another checksum", download)
				}
			}
			for name, part := range value {
				if prefix, _, found := strings.Cut(name, ":"); found && vocabularies[prefix] == nil {
					t.Errorf("%s: the vocabulary of %s is not named", at, name)
				}
				if name != "@context" {
					check(at+"/"+name, part)
				}
			}
		}
	}
	check("", catalogue)
	if datasets, _ := catalogue["dcat:dataset"].([]any); len(datasets) < 4 {
		t.Errorf("%d datasets", len(datasets))
	}
}

func jsonNumber(n int64) string {
	text, _ := json.Marshal(n)
	return string(text)
}
