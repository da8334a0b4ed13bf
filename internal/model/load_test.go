//go:build duckdb_arrow

package model_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/model"
	"socialvalue/internal/model/modeltest"
)

// update rewrites the expected messages of testdata/load: go test -update.
var update = flag.Bool("update", false, "rewrite the golden files")

func load(t testing.TB, files fs.FS) (*model.Project, error) {
	t.Helper()
	return model.Load(t.Context(), files, model.LoadOptions{Outside: modeltest.Outside(), Personal: modeltest.Personal(), Estimators: modeltest.Estimators()})
}

func TestSoundProject(t *testing.T) {
	t.Parallel()
	files := modeltest.Spend(t)
	p, err := load(t, files)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"ref.flow_class", "stage.payments", "spend.body_spend", "spend.in_scope", "spend.ranks"}, p.Order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"exact_sum", "share", "share_of_sum"}, p.MacroOrder); diff != "" {
		t.Errorf("macros (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"raw.spend_payments", "ref.flow_class"}, p.Inputs("stage.payments")); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"spend.body_spend", "spend.in_scope", "spend.ranks"}, p.Descendants("stage.payments")); diff != "" {
		t.Errorf("descendants (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"raw.spend_payments", "ref.flow_class", "spend.body_spend", "stage.payments"}, p.Ancestors("spend.ranks")); diff != "" {
		t.Errorf("ancestors (-want +got):\n%s", diff)
	}
	chosen, err := p.Select("raw.spend_*", "spend", "stage.payments")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"raw.spend_payments", "stage.payments", "spend.body_spend", "spend.in_scope", "spend.ranks"}, chosen); diff != "" {
		t.Errorf("selected (-want +got):\n%s", diff)
	}
	if _, err := p.Select("spend.body_spent"); err == nil || err.Error() != "no relation spend.body_spent: did you mean spend.body_spend?" {
		t.Errorf("unknown name: %v", err)
	}
	if !p.Macros["share"].Publish || p.Macros["exact_sum"].Publish {
		t.Error("the marker publish: true was not read")
	}
	if got := p.Queries[0]; got.Question != "Which bodies spent most in the latest year?" || got.Tier != "open" {
		t.Errorf("query: %+v", got)
	}
}

// TestBadProjects compares every message with the archive's "want"; a project without one is sound.
// A site adds rows to reference data without a copy of the table, which what hangs on it then sees as changed.
func TestRowsAreAdded(t *testing.T) {
	t.Parallel()
	files := modeltest.Spend(t)
	before, err := load(t, files)
	if err != nil {
		t.Fatal(err)
	}
	files["sql/ref/our_flow_class.yaml"] = &fstest.MapFile{Data: []byte("adds_to: ref.flow_class\ndescription: ours\nsource: us\nsource_date: 2025-01-01\nmark: decided\n")}
	files["sql/ref/our_flow_class.csv"] = &fstest.MapFile{Data: []byte("flow_class\nours\n")}
	after, err := load(t, files)
	if err != nil {
		t.Fatal(err)
	}
	was, is := before.Nodes["ref.flow_class"].Ref, after.Nodes["ref.flow_class"].Ref
	added := make([]string, len(is.Rows[0]))
	added[0] = "ours"
	if diff := cmp.Diff(append(slices.Clone(was.Rows), added), is.Rows); diff != "" || was.Digest == is.Digest {
		t.Errorf("digest %s, rows (-want +got):\n%s", is.Digest, diff)
	}
	if after.Nodes["ref.our_flow_class"] != nil {
		t.Error("the addition is a table of its own")
	}
}

func TestBadProjects(t *testing.T) {
	t.Parallel()
	found, err := filepath.Glob("testdata/load/*.txtar")
	if err != nil || len(found) == 0 {
		t.Fatal("no projects", err)
	}
	for _, file := range found {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			files := modeltest.Archive(t, file)
			want := ""
			if w := files["want"]; w != nil {
				want = string(w.Data)
			}
			_, err := load(t, files)
			got := ""
			if err != nil {
				got = err.Error() + "\n"
			}
			if *update {
				rewrite(t, file, got)
				want = got
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

// rewrite puts another "want" at the end of an archive.
func rewrite(t *testing.T, file, want string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(string(data), "-- want --\n")
	if want != "" {
		text += "-- want --\n" + want
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
