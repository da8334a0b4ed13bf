package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/manifest"
	"socialvalue/internal/nodeclient"
)

var update = flag.Bool("update", false, "write docs/dictionary.md anew")

// compareDictionary holds docs/dictionary.md against the datasets of a release.
func compareDictionary(t *testing.T, current string) {
	t.Helper()
	const file = "../../docs/dictionary.md"
	manifest := readManifest(t, filepath.Join(current, "manifest.json"))
	want := renderDictionary(append(manifest.Datasets, metaTables(t, current, manifest)...))
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v: make golden writes it", err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/dictionary.md is not what is released (-released +file); make golden writes it anew:\n%s", diff)
	}
}

// metaTables reads of the tables that a release adds to the models' what a DuckDB file says of them: a restricted one,
// which has all of them. The rest of their comments is as in the manifest.
func metaTables(t *testing.T, current string, m manifest.Manifest) []manifest.DatasetRecord {
	t.Helper()
	const place = "spend"
	file := filepath.Join(current, filepath.FromSlash(manifest.DatabasePath(place)))
	report, err := nodeclient.Inspect(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := nodeclient.Query(t.Context(), file, `
		select dataset, column_name, data_type, coalesce(unit, ''), description, coalesce(example, ''), tier
		from meta.columns
		order by dataset, column_position`)
	if err != nil {
		t.Fatal(err)
	}
	var found []manifest.DatasetRecord
	for _, table := range report.Tables {
		name := table.Schema + "." + table.Name
		if slices.ContainsFunc(m.Datasets, func(d manifest.DatasetRecord) bool { return d.Name == name }) {
			continue
		}
		description, grain, _ := strings.Cut(strings.TrimPrefix(table.Comment, "INTERNAL. "), " One row: ")
		grain, _, _ = strings.Cut(grain, ".")
		d := manifest.DatasetRecord{Name: name, Kind: manifest.Kind(table.Kind), Description: description, Grain: grain, Places: []string{"every domain"}}
		for _, row := range answers[0].Rows {
			texts := make([]string, len(row))
			for i, value := range row {
				texts[i], _ = value.(string)
			}
			if texts[0] == name {
				d.Columns = append(d.Columns, manifest.Column{Name: texts[1], Type: texts[2], Unit: texts[3], Description: texts[4], Example: texts[5]})
				d.Tier = manifest.Tier(texts[6])
			}
		}
		if d.Tier == manifest.TierOpen {
			d.Places = append([]string{"open"}, d.Places...)
		}
		found = append(found, d)
	}
	return found
}

// renderDictionary describes datasets for people, by name.
func renderDictionary(datasets []manifest.DatasetRecord) string {
	datasets = slices.SortedFunc(slices.Values(datasets), func(a, b manifest.DatasetRecord) int { return strings.Compare(a.Name, b.Name) })
	var b strings.Builder
	b.WriteString(`# Data dictionary

Every dataset of a release and its columns. This page is made from the models by ` + "`make golden`" + `; the same words stand
in the comments of the DuckDB files and in ` + "`meta.columns`" + `. A dataset is a table unless it is marked as a view. What
is *open* is a candidate until a person publishes it; what is *restricted* stands in the files named.

| dataset | tier | one row is |
|---|---|---|
`)
	for _, d := range datasets {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", d.Name, strings.ReplaceAll(d.Name, ".", ""), d.Tier, inCell(d.Grain))
	}
	for _, d := range datasets {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", d.Name, strings.TrimSpace(d.Description))
		where := string(d.Tier)
		if d.Kind == manifest.KindView {
			where += ", a view"
		}
		fmt.Fprintf(&b, "- Tier: %s; in the files of %s\n- Grain: %s\n", where, strings.Join(d.Places, ", "), d.Grain)
		if len(d.Key) > 0 {
			fmt.Fprintf(&b, "- Key: %s\n", strings.Join(d.Key, ", "))
		}
		b.WriteString("\n| column | type | unit | description | example |\n|---|---|---|---|---|\n")
		for _, c := range d.Columns {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", c.Name, c.Type, inCell(c.Unit), inCell(c.Description), inCell(c.Example))
		}
	}
	return b.String()
}

// inCell makes a text fit into one cell of a Markdown table.
func inCell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(strings.TrimSpace(text))
}
