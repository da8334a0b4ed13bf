//go:build duckdb_arrow

package model_test

import (
	"context"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/estimator"
	"socialvalue/internal/model"
)

// update rewrites the expected messages of testdata/load: go test -update.
var update = flag.Bool("update", false, "rewrite the golden files")

// outside are the relations the small projects read and do not make.
func outside() map[string][]model.Column {
	return map[string][]model.Column{
		"raw.spend_payments": {
			{Name: "posting_date", Type: "DATE"}, {Name: "supplier_name", Type: "VARCHAR"},
			{Name: "amount_gbp", Type: "DECIMAL(18,2)"}, {Name: "flow_class", Type: "VARCHAR"},
			{Name: "rate", Type: "DOUBLE"}, {Name: "body_code", Type: "VARCHAR"}, {Name: "line_key", Type: "UUID"},
		},
		"site.as_of": {{Name: "as_of", Type: "DATE"}},
		"_svw.loads": {{Name: "load_id", Type: "VARCHAR"}},
	}
}

// estimators has one that numbers its rows in the order they come.
func estimators() estimator.Registry {
	return estimator.Registry{"place@1": estimator.Func(place)}
}

func place(_ context.Context, inputs map[string]array.RecordReader, params map[string]any, emit func(arrow.RecordBatch) error) error {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "body_code", Type: arrow.BinaryTypes.String}, {Name: "posting_year", Type: arrow.PrimitiveTypes.Int32},
		{Name: "place", Type: arrow.PrimitiveTypes.Int64},
	}, nil)
	out := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer out.Release()
	next, _ := params["from"].(int)
	in := inputs["bodies"]
	for in.Next() {
		record := in.RecordBatch()
		for i := range int(record.NumRows()) {
			out.Field(0).(*array.StringBuilder).Append(record.Column(0).(*array.String).Value(i))
			out.Field(1).(*array.Int32Builder).Append(record.Column(1).(*array.Int32).Value(i))
			out.Field(2).(*array.Int64Builder).Append(int64(next))
			next++
		}
	}
	record := out.NewRecordBatch()
	defer record.Release()
	return emit(record)
}

// archive reads a project of testdata: one text with a line "-- path --" before each file.
func archive(t testing.TB, file string) fstest.MapFS {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	files := make(fstest.MapFS)
	marks := regexp.MustCompile(`(?m)^-- (\S+) --\n`).FindAllStringSubmatchIndex(text, -1)
	for i, mark := range marks {
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		files[text[mark[2]:mark[3]]] = &fstest.MapFile{Data: []byte(text[mark[1]:end])}
	}
	return files
}

func load(t testing.TB, files fs.FS) (*model.Project, error) {
	t.Helper()
	return model.Load(t.Context(), files, model.LoadOptions{Outside: outside(), Estimators: estimators()})
}

func TestSoundProject(t *testing.T) {
	t.Parallel()
	files := archive(t, "testdata/projects/spend.txtar")
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
func TestBadProjects(t *testing.T) {
	t.Parallel()
	found, err := filepath.Glob("testdata/load/*.txtar")
	if err != nil || len(found) == 0 {
		t.Fatal("no projects", err)
	}
	for _, file := range found {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			files := archive(t, file)
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
