package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// frameworkLine is a measure of the framework in docs/framework.md.
type frameworkLine struct {
	Measure, Sentence, Indicators, Dataset, Tier, Query string
}

// compareFramework holds docs/framework.md against the demonstration: each measure of the framework has its line with the
// framework's words, its indicators, a dataset that is released, and a query that is answered.
func compareFramework(t *testing.T, dir string) {
	t.Helper()
	page, err := os.ReadFile("../../docs/framework.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| (M\\d\\d) \\| (.+?) \\| (.+?) \\| (.+?) \\| (?:`--tier (\\w+)` )?`(.+)` \\|$")
	var lines []frameworkLine
	for _, found := range row.FindAllStringSubmatch(string(page), -1) {
		lines = append(lines, frameworkLine{found[1], found[2], found[3], found[4], found[5], found[6]})
	}
	type defined struct {
		Measure    string `json:"measure_id"`
		Sentence   string `json:"sentence"`
		Indicators string `json:"indicators"`
	}
	var measures []defined
	answerJSON(t, dir, &measures, "", `select measure_id, min(source_sentence) as sentence, string_agg(indicator_id, ', ' order by indicator_order) as indicators
		from indicators.definitions where kind = 'framework' group by measure_id order by measure_id`)
	if len(measures) != 33 {
		t.Errorf("%d measures are defined", len(measures))
	}
	var told []defined
	for _, line := range lines {
		told = append(told, defined{line.Measure, line.Sentence, line.Indicators})
	}
	if diff := cmp.Diff(measures, told); diff != "" {
		t.Errorf("docs/framework.md is not what indicators.definitions says (-defined +page):\n%s", diff)
	}
	for _, line := range lines {
		if !strings.HasPrefix(line.Dataset, "—") {
			var datasets []map[string]string
			answerJSON(t, dir, &datasets, line.Tier, "select distinct dataset from meta.columns")
			if !slices.ContainsFunc(datasets, func(d map[string]string) bool { return d["dataset"] == line.Dataset }) {
				t.Errorf("%s: no dataset %s", line.Measure, line.Dataset)
			}
		}
		var rows []map[string]any
		if answerJSON(t, dir, &rows, line.Tier, line.Query); len(rows) == 0 {
			t.Errorf("%s: the demonstration has no rows for: %s", line.Measure, line.Query)
		}
	}
}

// answerJSON asks the demonstration.
func answerJSON(t *testing.T, dir string, into any, tier, question string) {
	t.Helper()
	args := []string{"--site", "var/demo", "query", "--json"}
	if tier != "" {
		args = append(args, "--tier", tier)
	}
	cmd := exec.CommandContext(t.Context(), "bin/svw", append(args, question)...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("%s: %v", question, err)
		return
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Errorf("%s: %v", question, err)
	}
}
