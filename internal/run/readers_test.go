//go:build duckdb_arrow

package run_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/run"
	"socialvalue/internal/workspace"
)

// newPayrollFlow is a site in which the pipeline payroll feeds people.lines, beside
// the dataset of another group, books.shelves.
func newPayrollFlow(t *testing.T, pipeline string) *flow {
	t.Helper()
	f := newTinyFlow(t)
	files := fstest.MapFS{}
	renamed := strings.NewReplacer("pipelines/feed/", "pipelines/payroll/", "stage/feed_", "stage/payroll_", "sql/feed/", "sql/people/")
	within := strings.NewReplacer("name: feed\n", "name: payroll\n"+pipeline, "raw.feed_", "raw.payroll_", "stage.feed_", "stage.payroll_",
		"domain: feed,", "domain: people,", "name: payee, type: text,", "name: payee, type: text, personal: indirect, action: keep,",
		"key: [line_key]\ncolumns:\n  - {name: line_key, type: UUID}", "key: [line_key]\ncolumns:\n  - {name: line_key, type: UUID, checks: [not_null]}")
	for name, file := range tinyFiles() {
		files[renamed.Replace(name)] = &fstest.MapFile{Data: []byte(within.Replace(string(file.Data)))}
	}
	files["sql/books/shelves.sql"] = &fstest.MapFile{Data: []byte("select as_of from site.as_of\n")}
	files["sql/books/shelves.yaml"] = &fstest.MapFile{Data: []byte(`grain: one day
description: Books.
owner: us
key: [as_of]
columns: [{name: as_of, type: DATE, description: day}]
publish: {tier: restricted, domain: books, formats: [parquet]}
`)}
	f.builtIn = files
	f.write(t, "svw.yaml", strings.ReplaceAll(tinySite, "feed/lines", "payroll/lines"))
	return f
}

// A pipeline is not named as the schema of its datasets. What came in for it is
// told in the file of its domain, and in no other group's (architecture §7.7: no
// personal value where it does not belong).
func TestOnlyTheReadersOfADomainSeeItsQuarantine(t *testing.T) {
	t.Parallel()
	f := newPayrollFlow(t, "domain: people\n")
	f.write(t, february, februaryText)
	f.run(t)
	sha := f.loadOf(t, february).FileSHA256
	f.write(t, "overrides/raw.payroll_lines.csv", correctionsHeader+corrected(sha, 4, "posted", "2025-02-28", ""))
	f.run(t)
	questions := map[string]string{
		"meta.quarantine": "select source || ' ' || source_row from meta.quarantine",
		"meta.sources":    "select source from meta.sources where supplied",
		"meta.overrides":  "select dataset || ' ' || rows_changed from meta.overrides",
		"meta.checks":     "select distinct dataset from meta.checks order by all",
	}
	want := map[string]map[string][]string{
		"people": {
			"meta.quarantine": {"ours 5"}, "meta.sources": {"ours"}, "meta.overrides": {"raw.payroll_lines 1"},
			"meta.checks": {"people.lines", "stage.payroll_lines"},
		},
		"books": {"meta.quarantine": nil, "meta.sources": nil, "meta.overrides": nil, "meta.checks": {"books.shelves"}},
	}
	for place, tables := range want {
		for table, rows := range tables {
			if diff := cmp.Diff(rows, f.texts(t, place, questions[table])); diff != "" {
				t.Errorf("%s of %s (-want +got):\n%s", table, place, diff)
			}
		}
		if runs := f.texts(t, place, "select count(*) from meta.runs"); fmt.Sprint(runs) == "[0]" {
			t.Errorf("the readers of %s are told of no run", place)
		}
	}
}

// A pipeline about people whose domain nobody reads is a mistake: its quarantine
// could be told to nobody, and must not be told to everyone.
func TestAPipelineAboutPeopleNamesAKnownDomain(t *testing.T) {
	t.Parallel()
	for _, pipeline := range []string{"", "domain: peeple\n", "domain: all\n"} {
		f := newPayrollFlow(t, pipeline)
		_, err := f.try(t.Context(), run.Options{})
		var mistake *workspace.ConfigurationError
		if !errors.As(err, &mistake) || !strings.Contains(err.Error(), "pipelines/payroll/pipeline.yaml") || !strings.Contains(err.Error(), "there are books, people") {
			t.Errorf("%q: %v", pipeline, err)
		}
	}
}
