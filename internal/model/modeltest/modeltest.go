//go:build duckdb_arrow

// Package modeltest has small projects and estimators for the tests of all packages that work on models.
package modeltest

import (
	"context"
	"embed"
	"os"
	"regexp"
	"testing"
	"testing/fstest"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/internal/estimator"
	"socialvalue/internal/model"
)

//go:embed projects
var projects embed.FS

// Outside are the relations the small projects read and do not make.
func Outside() map[string][]model.Column {
	return map[string][]model.Column{
		"raw.spend_payments": {
			{Name: "posting_date", Type: "DATE"},
			{Name: "supplier_name", Type: "VARCHAR"},
			{Name: "amount_gbp", Type: "DECIMAL(18,2)"},
			{Name: "flow_class", Type: "VARCHAR"},
			{Name: "rate", Type: "DOUBLE"},
			{Name: "body_code", Type: "VARCHAR"},
			{Name: "line_key", Type: "UUID"},
		},
		"raw.clubs_visits": {
			{Name: "member_key", Type: "UUID"},
			{Name: "ward_code", Type: "VARCHAR"},
		},
		"raw.clubs_doors": {{Name: "ward_code", Type: "VARCHAR"}},
		"site.as_of":      {{Name: "as_of", Type: "DATE"}},
		"_svw.loads":      {{Name: "load_id", Type: "VARCHAR"}},
	}
}

// Personal are the feeds about people among Outside: of one the columns are personal, of the other the pipeline says so.
func Personal() map[string][]string {
	return map[string][]string{"raw.clubs_visits": {"member_no", "born_on"}, "raw.clubs_doors": nil}
}

// Estimators has one that numbers its rows in the order they come.
func Estimators() estimator.Registry {
	return estimator.Registry{"place@1": estimator.Func(place)}
}

func place(_ context.Context, inputs map[string]array.RecordReader, params map[string]any, emit func(arrow.RecordBatch) error) error {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "body_code", Type: arrow.BinaryTypes.String},
		{Name: "posting_year", Type: arrow.PrimitiveTypes.Int32},
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

// Spend is a small sound project that has one of everything.
func Spend(t testing.TB) fstest.MapFS {
	t.Helper()
	data, err := projects.ReadFile("projects/spend.txtar")
	if err != nil {
		t.Fatal(err)
	}
	return Split(data)
}

// TypicalModel is the SQL of a model of the usual size; it reads spend.payments.
func TypicalModel(t testing.TB) string {
	t.Helper()
	data, err := projects.ReadFile("projects/typical_model.sql")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Load reads a project that may use Outside and Estimators.
func Load(t testing.TB, files fstest.MapFS) *model.Project {
	t.Helper()
	p, err := model.Load(t.Context(), files, model.LoadOptions{Outside: Outside(), Personal: Personal(), Estimators: Estimators()})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Archive reads a project that is one text with a line "-- path --" before each file.
func Archive(t testing.TB, file string) fstest.MapFS {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return Split(data)
}

// Split is such a text as files.
func Split(data []byte) fstest.MapFS {
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
