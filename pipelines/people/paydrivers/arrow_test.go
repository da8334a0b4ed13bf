package paydrivers_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/internal/estimator/estimatortest"
	"socialvalue/pipelines/people/paydrivers"
)

// someone is a row of both inputs; nil is null.
type someone struct {
	key, side                             string
	rate                                  *float64
	grade, directorate, pattern, contract string
	tenure, hours                         *float64
}

// result is a row of the output; nil is null.
type result struct {
	Component, Category, Unit, Method, Reliability, NullReason string
	Value, Low, High, P, Q                                     *float64
	Focal, Comparator                                          int64
	Flagged                                                    *bool
}

func ptr[T any](v T) *T { return &v }

const snapshot = 20178 // 31 March 2025, in days

func contrastSchema() *arrow.Schema {
	text := arrow.BinaryTypes.String
	return arrow.NewSchema([]arrow.Field{
		{Name: "body_code", Type: text},
		{Name: "population", Type: text},
		{Name: "characteristic", Type: text},
		{Name: "comparator_group", Type: text},
		{Name: "focal_group", Type: text},
		{Name: "breakdown", Type: text},
		{Name: "breakdown_value", Type: text},
		{Name: "side", Type: text},
		{Name: "person_key", Type: text},
		{Name: "snapshot_date", Type: arrow.PrimitiveTypes.Date32},
		{Name: "hourly_rate_gbp", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "bonus_gbp", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "paid_bonus", Type: arrow.FixedWidthTypes.Boolean},
		{Name: "quarter_tie", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	}, nil)
}

func peopleSchema() *arrow.Schema {
	text, real := arrow.BinaryTypes.String, arrow.PrimitiveTypes.Float64
	return arrow.NewSchema([]arrow.Field{
		{Name: "body_code", Type: text},
		{Name: "person_key", Type: text},
		{Name: "grade", Type: text, Nullable: true},
		{Name: "directorate", Type: text, Nullable: true},
		{Name: "working_pattern", Type: text, Nullable: true},
		{Name: "contract_type", Type: text, Nullable: true},
		{Name: "snapshot_date", Type: arrow.PrimitiveTypes.Date32},
		{Name: "tenure_years", Type: real, Nullable: true},
		{Name: "weekly_hours", Type: real, Nullable: true},
	}, nil)
}

func text(b array.Builder, value string) {
	if value == "" {
		b.AppendNull()
		return
	}
	b.(*array.StringBuilder).Append(value)
}

func number(b array.Builder, value *float64) {
	if value == nil {
		b.AppendNull()
		return
	}
	b.(*array.Float64Builder).Append(*value)
}

// contrastRecord has the people once in all, and once in a breakdown that is not read.
func contrastRecord(people []someone) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, contrastSchema())
	defer b.Release()
	for _, breakdown := range []string{"all", "grade"} {
		for _, p := range people {
			for i, value := range []string{"E47000004", "all", "sex", "male", "female", breakdown, "all", p.side, p.key} {
				text(b.Field(i), value)
			}
			b.Field(9).(*array.Date32Builder).Append(snapshot)
			number(b.Field(10), p.rate)
			b.Field(11).AppendNull()
			b.Field(12).(*array.BooleanBuilder).Append(false)
			if p.rate == nil {
				b.Field(13).AppendNull()
			} else {
				b.Field(13).(*array.Int64Builder).Append(int64(math.Round(*p.rate * 10000)))
			}
		}
	}
	return b.NewRecordBatch()
}

func peopleRecord(people []someone) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, peopleSchema())
	defer b.Release()
	for _, p := range people {
		for i, value := range []string{"E47000004", p.key, p.grade, p.directorate, p.pattern, p.contract} {
			text(b.Field(i), value)
		}
		b.Field(6).(*array.Date32Builder).Append(snapshot)
		number(b.Field(7), p.tenure)
		number(b.Field(8), p.hours)
	}
	return b.NewRecordBatch()
}

func tryRun(ctx context.Context, contrasts, people []someone, params map[string]any) ([]result, error) {
	first, err := array.NewRecordReader(contrastSchema(), []arrow.RecordBatch{contrastRecord(contrasts)})
	if err != nil {
		return nil, err
	}
	defer first.Release()
	var records []arrow.RecordBatch
	for part := range slices.Chunk(people, 37) {
		records = append(records, peopleRecord(part))
	}
	second, err := array.NewRecordReader(peopleSchema(), records)
	if err != nil {
		return nil, err
	}
	defer second.Release()
	var got []result
	emitted := 0
	err = paydrivers.Estimator{}.Run(ctx, map[string]array.RecordReader{
		paydrivers.ContrastsInput: first, paydrivers.PeopleInput: estimatortest.Forgetful{RecordReader: second},
	}, params, func(batch arrow.RecordBatch) error {
		emitted++
		got = append(got, results(batch)...)
		return nil
	})
	if err == nil && emitted == 0 {
		err = fmt.Errorf("nothing was emitted")
	}
	return got, err
}

func results(batch arrow.RecordBatch) []result {
	column := func(name string) arrow.Array { return batch.Column(batch.Schema().FieldIndices(name)[0]) }
	text := func(name string, i int) string {
		c := column(name).(*array.String)
		if c.IsNull(i) {
			return ""
		}
		return c.Value(i)
	}
	number := func(name string, i int) *float64 {
		c := column(name).(*array.Float64)
		if c.IsNull(i) {
			return nil
		}
		return ptr(c.Value(i))
	}
	var rows []result
	for i := range int(batch.NumRows()) {
		r := result{
			Component: text("component", i), Category: text("category", i), Unit: text("unit", i), Method: text("ci_method", i),
			Reliability: text("reliability", i), NullReason: text("null_reason", i),
			Value: number("value", i), Low: number("ci_low", i), High: number("ci_high", i), P: number("p_value", i), Q: number("q_value", i),
			Focal: column("n_focal").(*array.Int64).Value(i), Comparator: column("n_comparator").(*array.Int64).Value(i),
		}
		if flag := column("is_flagged").(*array.Boolean); !flag.IsNull(i) {
			r.Flagged = ptr(flag.Value(i))
		}
		rows = append(rows, r)
	}
	return rows
}

// drivers are the rows of a contrast by component, those of a grade as component and category.
func drivers(t *testing.T, people []someone, params map[string]any) map[string]result {
	t.Helper()
	rows, err := tryRun(t.Context(), people, people, params)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]result{}
	for _, r := range rows {
		name := r.Component
		if r.Category != "all" {
			name += " " + r.Category
		}
		all[name] = r
	}
	return all
}
