//go:build duckdb_arrow

package model_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"socialvalue/internal/model"
	"socialvalue/internal/model/modeltest"
	"socialvalue/internal/warehouse"
)

// sixty is a project of sixty models of the size real ones have: a hundred lines of SQL, thirty columns.
func sixty(t testing.TB) fstest.MapFS {
	t.Helper()
	text := modeltest.TypicalModel(t)
	files := make(fstest.MapFS)
	write := func(name, text string) { files[name] = &fstest.MapFile{Data: []byte(text)} }
	write("sql/macros/share.sql", "-- a fraction\ncreate macro share(n, d) as case when d <> 0 then n / d end")
	var columns strings.Builder
	for i := range 30 {
		fmt.Fprintf(&columns, "  - {name: c%d, type: \"DECIMAL(18,2)\", unit: GBP, description: one of the measures of the model, example: 12.50, checks: [not_null, {min: 0}]}\n", i)
	}
	for i := range 60 {
		input := "raw.spend_payments"
		if i > 0 {
			input = fmt.Sprintf("stage.m%d", i-1)
		}
		write(fmt.Sprintf("sql/stage/m%d.sql", i), strings.ReplaceAll(text, "spend.payments", input))
		write(fmt.Sprintf("sql/stage/m%d.yaml", i), "grain: one line\ndescription: for the benchmark\nkey: [body_code]\ncolumns:\n"+
			"  - {name: body_code, type: VARCHAR, description: the body, example: E08000035}\n"+columns.String())
	}
	return files
}

func BenchmarkLoadSixtyModels(b *testing.B) {
	files := sixty(b)
	for b.Loop() {
		if _, err := model.Load(b.Context(), files, model.LoadOptions{Outside: modeltest.Outside()}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoadSixtyModelsAgain(b *testing.B) {
	files := sixty(b)
	db, err := warehouse.Open(b.Context(), filepath.Join(b.TempDir(), "build.duckdb"), warehouse.Options{Threads: 2})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { closed(b, db) })
	options := model.LoadOptions{Outside: modeltest.Outside(), DB: db, Cache: model.DatabaseCache{DB: db}}
	for range 2 {
		if _, err := model.Load(b.Context(), files, options); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := model.Load(b.Context(), files, options); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPlanSixtyModels(b *testing.B) {
	db, err := warehouse.Open(b.Context(), filepath.Join(b.TempDir(), "build.duckdb"), warehouse.Options{Threads: 2})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { closed(b, db) })
	p, err := model.Load(b.Context(), sixty(b), model.LoadOptions{Outside: modeltest.Outside()})
	if err != nil {
		b.Fatal(err)
	}
	options := model.PlanOptions{Outside: map[string]string{"raw.spend_payments": "1", "site.as_of": "1"}}
	for b.Loop() {
		if _, err := p.Plan(b.Context(), db, options); err != nil {
			b.Fatal(err)
		}
	}
}
