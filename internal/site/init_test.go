package site_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/site"
)

func TestInitMakesASiteThatLoads(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "site")
	options := site.Options{
		Name: `Our "own": authority`,
		Feeds: []site.Feed{
			{Contract: "spend/payments", Description: "Payments to suppliers, as the ledger has them"}, {Contract: "geography/imd", Description: "The Indices of Deprivation"},
		},
		Schedules: fstest.MapFS{"schedules/nightly.yaml": {Data: []byte("name: nightly")}},
	}
	made, err := site.Init(dir, options)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"drop/", "drop/spend_payments/", "drop/geography_imd/", "overrides/", "schedules/", "overrides/README.md",
		"schedules/nightly.yaml", "svw.yaml",
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("made (-want +got):\n%s", diff)
	}
	s, err := site.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != options.Name || len(s.Sources) != 2 || s.Sources[0].From != filepath.Join(dir, "drop", "spend_payments", "*") {
		t.Errorf("loaded %q with sources %+v", s.Name, s.Sources)
	}
	tree, err := s.Files(options.Schedules)
	if err != nil || len(tree.Overrides()) != 0 {
		t.Errorf("overrides %v, %v: an unchanged copy overrides nothing", tree.Overrides(), err)
	}
}

func TestInitOfASiteChangesNoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := site.Init(dir, site.Options{}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, site.FileName)
	edited := strings.Replace(whole, "leeds", "bradford", 1)
	if err := os.WriteFile(file, []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	made, err := site.Init(dir, site.Options{Feeds: []site.Feed{{Contract: "spend/payments", Description: "x"}}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"drop/spend_payments/"}, made); diff != "" {
		t.Errorf("made (-want +got):\n%s", diff)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != edited {
		t.Errorf("svw.yaml was changed (%v)", err)
	}
}

func TestInitRefusesAnyOtherFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.doc"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := site.Init(dir, site.Options{}); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("got %v, want a refusal", err)
	}
	if _, err := site.Init(filepath.Join(dir, "thesis.doc"), site.Options{}); err == nil {
		t.Error("a file was taken for a folder")
	}
	if _, err := site.Init(filepath.Join(dir, "new"), site.Options{Feeds: []site.Feed{{Contract: "no contract"}}}); err == nil {
		t.Error("a feed without contract was accepted")
	}
	if _, err := os.Stat(filepath.Join(dir, "new")); err == nil {
		t.Error("a refused site was begun")
	}
}

func TestInitWritesTheLayoutOfASample(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "site")
	proposed := "- name: proposed\n  when: {header_has: [\"Paid\"]}\n  format: {delimiter: \";\"}\n  map:\n    \"Paid\": posting_date\n"
	if _, err := site.Init(dir, site.Options{Feeds: []site.Feed{{Contract: "spend/payments", Layout: proposed}, {Contract: "geography/imd"}}}); err != nil {
		t.Fatal(err)
	}
	s, err := site.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Sources) != 2 || len(s.Sources[0].Layouts) != 1 || s.Sources[0].Layouts[0].Map["Paid"] != "posting_date" || len(s.Sources[1].Layouts) != 0 {
		t.Errorf("%+v", s.Sources)
	}
}
