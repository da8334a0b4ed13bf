package survival_test

import (
	"context"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/internal/estimator"
	"socialvalue/internal/estimator/estimatortest"
	"socialvalue/pipelines/housingfirst/survival"
)

// followed is a row of the input.
type followed struct {
	group          string // breakdown_value
	days, followed int64
	months         float64
	outcome        string
}

// result is a row of any output, by the names of its columns; what is null is not there.
type result struct {
	numbers map[string]float64
	texts   map[string]string
}

func episodesSchema() *arrow.Schema {
	text, whole := arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64
	return arrow.NewSchema([]arrow.Field{
		{Name: "body_code", Type: text},
		{Name: "measure", Type: text},
		{Name: "cohort", Type: text},
		{Name: "breakdown", Type: text},
		{Name: "breakdown_value", Type: text},
		{Name: "time_days", Type: whole},
		{Name: "time_months", Type: arrow.PrimitiveTypes.Float64},
		{Name: "followed_days", Type: whole},
		{Name: "outcome", Type: text},
	}, nil)
}

func episodes(rows []followed) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, episodesSchema())
	defer b.Release()
	for _, r := range rows {
		group := r.group
		if group == "" {
			group = "all"
		}
		for i, text := range []string{"E47000004", "first_tenancy", "all", "some", group} {
			b.Field(i).(*array.StringBuilder).Append(text)
		}
		b.Field(5).(*array.Int64Builder).Append(r.days)
		b.Field(6).(*array.Float64Builder).Append(r.months)
		b.Field(7).(*array.Int64Builder).Append(max(r.followed, r.days))
		b.Field(8).(*array.StringBuilder).Append(r.outcome)
	}
	return b.NewRecordBatch()
}

func marks(months, days []int64) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{
		{Name: "measure", Type: arrow.BinaryTypes.String},
		{Name: "landmark_months", Type: arrow.PrimitiveTypes.Int64},
		{Name: "landmark_days", Type: arrow.PrimitiveTypes.Int64},
	}, nil))
	defer b.Release()
	for i := range months {
		b.Field(0).(*array.StringBuilder).Append("first_tenancy")
		b.Field(1).(*array.Int64Builder).Append(months[i])
		b.Field(2).(*array.Int64Builder).Append(days[i])
	}
	return b.NewRecordBatch()
}

func reader(batches ...arrow.RecordBatch) (array.RecordReader, error) {
	return array.NewRecordReader(batches[0].Schema(), batches)
}

// run gives the rows of an estimator. The input comes as two records, the texts of the first gone when the second is read.
func run(ctx context.Context, e estimator.Estimator, rows []followed, landmarks ...int64) ([]result, error) {
	half := len(rows) / 2
	batches := []arrow.RecordBatch{episodes(rows[:half]), episodes(rows[half:])}
	in, err := reader(batches...)
	if err != nil {
		return nil, err
	}
	inputs := map[string]array.RecordReader{survival.EpisodesInput: estimatortest.Forgetful{RecordReader: in}}
	if landmarks != nil {
		months := map[int64]int64{183: 6, 365: 12, 730: 24, 1095: 36}
		var of []int64
		for _, days := range landmarks {
			of = append(of, months[days])
		}
		if inputs[survival.LandmarksInput], err = reader(marks(of, landmarks)); err != nil {
			return nil, err
		}
	}
	var results []result
	err = e.Run(ctx, inputs, map[string]any{"seed": uint64(1)}, func(batch arrow.RecordBatch) error {
		for i := range int(batch.NumRows()) {
			r := result{map[string]float64{}, map[string]string{}}
			for at, field := range batch.Schema().Fields() {
				switch column := batch.Column(at).(type) {
				case *array.String:
					if !column.IsNull(i) {
						r.texts[field.Name] = column.Value(i)
					}
				case *array.Int64:
					r.numbers[field.Name] = float64(column.Value(i))
				case *array.Float64:
					if !column.IsNull(i) {
						r.numbers[field.Name] = column.Value(i)
					}
				}
			}
			results = append(results, r)
		}
		return nil
	})
	return results, err
}

func mustRun(t *testing.T, e estimator.Estimator, rows []followed, landmarks ...int64) []result {
	t.Helper()
	results, err := run(t.Context(), e, rows, landmarks...)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// grouped puts rows of one group together, as the input is ordered.
func grouped(rows []followed) []followed {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b followed) int {
		switch {
		case a.group < b.group:
			return -1
		case a.group > b.group:
			return 1
		}
		return 0
	})
	return sorted
}
