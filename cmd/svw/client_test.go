package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"socialvalue"
	"socialvalue/internal/demo"
	"socialvalue/internal/manifest"
	"socialvalue/internal/nodeclient"
	"socialvalue/internal/query"
)

// inspectRelease looks at a release as analysts do, with a client of DuckDB that is not this program: it opens every
// DuckDB file, reads every Parquet file, and asks every question that ships with the release or stands in the README.
func inspectRelease(t *testing.T, current, readme string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(current, "restricted", "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Error("the demonstration has no restricted tier")
	}
	for _, folder := range append(files, filepath.Join(current, "open")) {
		tier := filepath.Base(folder)
		t.Run(tier, func(t *testing.T) {
			t.Parallel()
			m := readManifest(t, filepath.Join(folder, "manifest.json"))
			file := filepath.Join(current, filepath.FromSlash(manifest.DatabasePath(tier)))
			rows := countParquet(t, folder, m)
			inspectFile(t, file, tier, m, rows)
			askAll(t, file, tier, current, readme)
		})
	}
}

func readManifest(t *testing.T, file string) manifest.Manifest {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var manifest manifest.Manifest
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	return manifest
}

// countParquet reads every Parquet file of the manifest and returns the rows of each dataset.
func countParquet(t *testing.T, folder string, m manifest.Manifest) map[string]int64 {
	t.Helper()
	var listed []manifest.File
	var counts strings.Builder
	for _, file := range append(m.Files, m.RunFiles...) {
		if strings.HasSuffix(file.Path, ".parquet") {
			listed = append(listed, file)
			path := filepath.Join(folder, filepath.FromSlash(file.Path))
			counts.WriteString("select count(*)::int from read_parquet('" + strings.ReplaceAll(path, "'", "''") + "');\n")
		}
	}
	answers, err := nodeclient.Query(t.Context(), "", counts.String())
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int64{}
	for i, file := range listed {
		count, err := answers[i].Rows[0][0].(json.Number).Int64()
		if err != nil {
			t.Fatal(err)
		}
		if file.Rows == nil || *file.Rows != count {
			t.Errorf("%s has %d rows, its manifest says otherwise", file.Path, count)
		}
		rows[file.Dataset] += count
	}
	return rows
}

// inspectFile sees a comment on everything and every dataset of the manifest, and binds every column by its bare name.
func inspectFile(t *testing.T, file, tier string, manifest manifest.Manifest, rows map[string]int64) {
	t.Helper()
	report, err := nodeclient.Inspect(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	mark := ""
	if tier != "open" {
		mark = "INTERNAL"
	}
	seen := map[string]bool{}
	var binds strings.Builder
	for _, table := range report.Tables {
		name := table.Schema + "." + table.Name
		seen[name] = true
		if table.Comment == "" || !strings.HasPrefix(table.Comment, mark) {
			t.Errorf("%s: comment %q", name, table.Comment)
		}
		if counted, ok := rows[name]; ok && counted != table.Rows {
			t.Errorf("%s has %d rows, its Parquet file %d", name, table.Rows, counted)
		} else if !ok && table.Kind == "table" {
			t.Errorf("%s has no Parquet file", name)
		}
		for _, column := range table.Columns {
			if column.Comment == "" || !strings.HasPrefix(column.Comment, mark) {
				t.Errorf("%s.%s: comment %q", name, column.Name, column.Comment)
			}
			binds.WriteString("select " + column.Name + " from " + name + " limit 0;\n")
		}
	}
	for _, dataset := range manifest.Datasets {
		if !seen[dataset.Name] {
			t.Errorf("%s is in the manifest and not in the file", dataset.Name)
		}
	}
	if _, err := nodeclient.Query(t.Context(), file, binds.String()); err != nil {
		t.Errorf("a column cannot be selected by its bare name: %v", err)
	}
}

// askAll asks the questions of the tier: those in the release, those that the demonstration suggests, and those in the
// README, where a block marked sql names its tier.
func askAll(t *testing.T, file, tier, current, readme string) {
	t.Helper()
	questions := map[string]string{}
	saved, err := filepath.Glob(filepath.Join(current, "queries", "*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range saved {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if query.TierOf(string(text)) == tier {
			questions[filepath.Base(path)] = string(text)
		}
	}
	shown, err := demo.Headlines(socialvalue.Assets)
	if err != nil {
		t.Fatal(err)
	}
	suggested, err := demo.Queries(socialvalue.Assets)
	if err != nil {
		t.Fatal(err)
	}
	if len(shown) == 0 || len(suggested) == 0 {
		t.Fatalf("the demonstration has %d headlines and %d queries", len(shown), len(suggested))
	}
	for _, question := range append(shown, suggested...) {
		if question.Tier == tier {
			questions[question.SQL] = question.SQL
		}
	}
	inReadme := 0
	for _, block := range blocks(readme) {
		if block.language == "sql" && query.TierOf(block.text) == tier {
			questions[block.text] = block.text
			inReadme++
		}
	}
	if inReadme == 0 {
		t.Errorf("README.md has no sql block for tier %s", tier)
	}
	for name, question := range questions {
		answers, err := nodeclient.Query(t.Context(), file, question)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if last := answers[len(answers)-1]; len(last.Rows) == 0 {
			t.Errorf("%s: no rows", name)
		}
	}
}
