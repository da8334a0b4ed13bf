//go:build duckdb_arrow

package estimator_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/estimator"
	"socialvalue/internal/estimator/estimatortest"
)

// begin of docs/new-pipeline.md

// Estimator draws gardens with replacement and tells between what the mean of their plots then lies.
type Estimator struct{}

// Run reads the gardens, in the order that their relation declares, and emits one row.
func (Estimator) Run(ctx context.Context, inputs map[string]array.RecordReader, params map[string]any, emit func(arrow.RecordBatch) error) error {
	draws, ok := params["draws"].(int)
	if !ok || draws < 100 {
		return errors.New("parameter draws must be a whole number from 100")
	}
	seed, ok := params[estimator.SeedParameter].(int64) // of the relation's name: the same in every run
	if !ok {
		return errors.New("the seed is no whole number")
	}
	var plots []float64
	gardens := inputs["gardens"]
	for gardens.Next() {
		batch := gardens.RecordBatch()
		at := batch.Schema().FieldIndices("plots")
		if len(at) == 0 {
			return errors.New("no column plots: add it to the input, as BIGINT")
		}
		column, ok := batch.Column(at[0]).(*array.Int64)
		if !ok {
			return fmt.Errorf("plots are of type %s: cast them to BIGINT", batch.Column(at[0]).DataType())
		}
		for i := range column.Len() {
			plots = append(plots, float64(column.Value(i)))
		}
	}
	if err := gardens.Err(); err != nil {
		return fmt.Errorf("read gardens: %w", err)
	}
	chance := rand.New(rand.NewPCG(uint64(seed), 0)) // not the generator of the package: that has a seed of its own
	means := make([]float64, 0, draws)
	for range draws {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped: %w", err)
		}
		sum := 0.0
		for range plots {
			sum += plots[chance.IntN(len(plots))]
		}
		means = append(means, sum/float64(len(plots)))
	}
	slices.Sort(means)
	out := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{
		{Name: "gardens", Type: arrow.PrimitiveTypes.Int64},
		{Name: "mean_low", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "mean_high", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	}, nil))
	defer out.Release()
	out.Field(0).(*array.Int64Builder).Append(int64(len(plots)))
	for i, at := range []float64{0.025, 0.975} {
		column := out.Field(1 + i).(*array.Float64Builder)
		if len(plots) == 0 { // no gardens, no mean: null, and not a number that is none
			column.AppendNull()
			continue
		}
		column.Append(means[int(at*float64(draws-1))])
	}
	record := out.NewRecordBatch()
	defer record.Release()
	return emit(record)
}

// end

// The estimator of the page is the one that is tried here: the same rows in every run, other rows from another seed.
func TestWorkedExample(t *testing.T) {
	t.Parallel()
	code, err := os.ReadFile("worked_test.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/new-pipeline.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(code), "// begin of docs/new-pipeline.md\n\n")
	shown, _, _ = strings.Cut(shown, "\n// end\n")
	if !strings.Contains(string(page), "```go\n"+shown+"```\n") {
		t.Error("docs/new-pipeline.md shows another estimator than this one")
	}
	run := func(seed int64, plots ...int64) []map[string]any {
		b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "plots", Type: arrow.PrimitiveTypes.Int64}}, nil))
		b.Field(0).(*array.Int64Builder).AppendValues(plots, nil)
		record := b.NewRecordBatch()
		gardens, err := array.NewRecordReader(record.Schema(), []arrow.RecordBatch{record})
		if err != nil {
			t.Fatal(err)
		}
		var rows []map[string]any
		err = Estimator{}.Run(t.Context(), map[string]array.RecordReader{"gardens": gardens}, map[string]any{"draws": 1000, "seed": seed},
			func(batch arrow.RecordBatch) error {
				rows = append(rows, estimatortest.Rows(batch)...)
				return nil
			})
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	one := run(estimator.Seed("gardens.mean_plots"), 24, 36, 10, 12)
	if diff := cmp.Diff(one, run(estimator.Seed("gardens.mean_plots"), 24, 36, 10, 12)); diff != "" {
		t.Errorf("another run gives other rows:\n%s", diff)
	}
	if cmp.Equal(one, run(estimator.Seed("gardens.other"), 24, 36, 10, 12)) {
		t.Error("the seed changes nothing")
	}
	if diff := cmp.Diff([]map[string]any{{"gardens": int64(3), "mean_low": 5.0, "mean_high": 5.0}}, run(1, 5, 5, 5)); diff != "" {
		t.Errorf("gardens alike (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]map[string]any{{"gardens": int64(0)}}, run(1)); diff != "" {
		t.Errorf("no gardens (-want +got):\n%s", diff)
	}
}
