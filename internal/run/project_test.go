//go:build duckdb_arrow

package run_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"socialvalue/internal/run"
	"socialvalue/internal/workspace"
)

// What a release refuses in a model's YAML is refused when models are read, by
// test, doctor, plan and run alike: found at night it would stop the figures of all.
func TestDefinitionsThatNoReleaseTakesAreRefusedWhenRead(t *testing.T) {
	t.Parallel()
	const published = "publish: {tier: restricted, domain: feed, formats: [parquet, csv]}"
	for name, test := range map[string]struct{ old, text, want string }{
		"csv alone":         {published, "publish: {tier: restricted, domain: feed, formats: [csv]}", "feed.lines: a table is always written as Parquet: add parquet to its formats"},
		"no licence":        {published, "publish: {tier: open, formats: [parquet]}", "feed.lines: an open dataset needs a licence"},
		"xlsx":              {published, "publish: {tier: restricted, domain: feed, formats: [parquet, xlsx]}", "a format is parquet or csv"},
		"type":              {"type: BIGINT, description: line of it", "type: HUGEINT, description: line of it", "feed.lines: column source_row: type HUGEINT cannot be released"},
		"domain":            {published, "publish: {tier: restricted, domain: open, formats: [parquet]}", `feed.lines: "open" is not a name for a domain`},
		"domain of all":     {published, "publish: {tier: restricted, domain: all, formats: [parquet]}", `feed.lines: "all" is not a name for a domain`},
		"name of a release": {"", "", "meta.sources: this name belongs to the release itself"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newTinyFlow(t)
			files := tinyFiles()
			spec := string(files["sql/feed/lines.yaml"].Data)
			if !strings.Contains(spec, test.old) {
				t.Fatalf("no %q", test.old)
			}
			if test.old == "" {
				files["sql/meta/sources.sql"] = &fstest.MapFile{Data: []byte("select as_of from site.as_of\n")}
				files["sql/meta/sources.yaml"] = &fstest.MapFile{Data: []byte("grain: one day\ndescription: Days.\nowner: us\nkey: [as_of]\n" +
					"columns: [{name: as_of, type: DATE, description: day}]\npublish: {tier: open, licence: OGL-UK-3.0, formats: [parquet]}\n")}
			} else {
				files["sql/feed/lines.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(spec, test.old, test.text, 1))}
			}
			f.builtIn = files
			env, err := f.environment()
			if err != nil {
				t.Fatal(err)
			}
			_, read := workspace.Project(t.Context(), env)
			_, ran := f.try(t.Context(), run.Options{})
			for verb, err := range map[string]error{"read": read, "run": ran} {
				if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "sql/") {
					t.Errorf("%s: %v, want %q", verb, err, test.want)
				}
			}
			var mistake *workspace.ConfigurationError
			if name != "xlsx" && !errors.As(read, &mistake) {
				t.Errorf("%v is no mistake of configuration", read)
			}
		})
	}
}
