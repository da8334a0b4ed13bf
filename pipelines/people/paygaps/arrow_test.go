package paygaps_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/internal/estimator/estimatortest"
	"socialvalue/pipelines/people/paygaps"
)

// row is a row of the input; a nil rate is null.
type row struct {
	body, population, characteristic, comparator, focal, breakdown, value string
	snapshot                                                              string
	side, person                                                          string
	rate                                                                  *float64
	bonus                                                                 float64 // nought: not paid one
}

// result is a row of the output; nil is null.
type result struct {
	Key                                            string
	Snapshot                                       string
	Measure, Unit, Method, Reliability, NullReason string
	Value, Pence, Low, High                        *float64
	Focal, Comparator                              int64
	Numerator                                      *float64
	Denominator                                    *int64
	Prior, Change, ChangeLow, ChangeHigh           *float64
}

func ptr[T any](v T) *T { return &v }

func inputSchema() *arrow.Schema {
	text := arrow.BinaryTypes.String
	return arrow.NewSchema([]arrow.Field{
		{Name: "body_code", Type: text},
		{Name: "snapshot_date", Type: arrow.PrimitiveTypes.Date32},
		{Name: "population", Type: text},
		{Name: "characteristic", Type: text},
		{Name: "comparator_group", Type: text},
		{Name: "focal_group", Type: text},
		{Name: "breakdown", Type: text},
		{Name: "breakdown_value", Type: text},
		{Name: "side", Type: text, Nullable: true},
		{Name: "person_key", Type: text, Nullable: true},
		{Name: "hourly_rate_gbp", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "bonus_gbp", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "paid_bonus", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
		{Name: "quarter_tie", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	}, nil)
}

func inputRecord(rows []row) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, inputSchema())
	defer b.Release()
	text := func(at int, value string) {
		if value == "" {
			b.Field(at).AppendNull()
			return
		}
		b.Field(at).(*array.StringBuilder).Append(value)
	}
	for _, r := range rows {
		day, err := time.Parse(time.DateOnly, r.snapshot)
		if err != nil {
			panic(err)
		}
		text(0, r.body)
		b.Field(1).(*array.Date32Builder).Append(arrow.Date32FromTime(day))
		for i, value := range []string{r.population, r.characteristic, r.comparator, r.focal, r.breakdown, r.value, r.side, r.person} {
			text(2+i, value)
		}
		if r.rate == nil {
			b.Field(10).AppendNull()
		} else {
			b.Field(10).(*array.Float64Builder).Append(*r.rate)
		}
		if r.bonus == 0 {
			b.Field(11).AppendNull()
		} else {
			b.Field(11).(*array.Float64Builder).Append(r.bonus)
		}
		b.Field(12).(*array.BooleanBuilder).Append(r.bonus != 0)
		if r.rate == nil {
			b.Field(13).AppendNull()
		} else {
			b.Field(13).(*array.Int64Builder).Append(tied(*r.rate))
		}
	}
	return b.NewRecordBatch()
}

// tied is a rate in ten-thousandths of a pound, nought for what is no number.
func tied(rate float64) int64 {
	if math.IsNaN(rate) || math.IsInf(rate, 0) {
		return 0
	}
	return int64(math.Round(rate * 10000))
}

// run runs the estimator on rows, cut into records of so many, and fails the test on an error.
func run(t *testing.T, rows []row, params map[string]any) []result {
	t.Helper()
	got, err := tryRun(t.Context(), rows, 1000, params)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func tryRun(ctx context.Context, rows []row, together int, params map[string]any) ([]result, error) {
	var records []arrow.RecordBatch
	for part := range slices.Chunk(rows, together) {
		records = append(records, inputRecord(part))
	}
	reader, err := array.NewRecordReader(inputSchema(), records)
	if err != nil {
		return nil, err
	}
	defer reader.Release()
	var got []result
	emitted := 0
	err = paygaps.Estimator{}.Run(ctx, map[string]array.RecordReader{paygaps.InputName: estimatortest.Forgetful{RecordReader: reader}}, params,
		func(batch arrow.RecordBatch) error {
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
	whole := func(name string, i int) *int64 {
		c := column(name).(*array.Int64)
		if c.IsNull(i) {
			return nil
		}
		return ptr(c.Value(i))
	}
	var rows []result
	for i := range int(batch.NumRows()) {
		key := ""
		for _, name := range []string{"body_code", "population", "characteristic", "comparator_group", "focal_group", "breakdown", "breakdown_value"} {
			key += text(name, i) + "/"
		}
		rows = append(rows, result{
			Key: key, Snapshot: column("snapshot_date").(*array.Date32).Value(i).FormattedString(),
			Measure: text("measure", i), Unit: text("unit", i), Method: text("ci_method", i),
			Reliability: text("reliability", i), NullReason: text("null_reason", i),
			Value: number("value", i), Pence: number("pence_in_pound", i), Low: number("ci_low", i), High: number("ci_high", i),
			Focal: *whole("n_focal", i), Comparator: *whole("n_comparator", i),
			Numerator: number("numerator", i), Denominator: whole("denominator", i),
			Prior: number("prior_value", i), Change: number("change_pp", i),
			ChangeLow: number("change_ci_low", i), ChangeHigh: number("change_ci_high", i),
		})
	}
	return rows
}
