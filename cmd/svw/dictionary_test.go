package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/release"
)

var update = flag.Bool("update", false, "write docs/dictionary.md anew")

// compareDictionary holds docs/dictionary.md against the datasets of a release.
func compareDictionary(t *testing.T, manifest release.Manifest) {
	t.Helper()
	const file = "../../docs/dictionary.md"
	want := renderDictionary(manifest.Datasets)
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

// renderDictionary describes datasets for people, by name.
func renderDictionary(datasets []release.DatasetRecord) string {
	datasets = slices.SortedFunc(slices.Values(datasets), func(a, b release.DatasetRecord) int { return strings.Compare(a.Name, b.Name) })
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
		if d.Kind == release.KindView {
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
