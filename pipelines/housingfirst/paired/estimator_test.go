package paired_test

import (
	"context"
	"math"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"socialvalue/internal/estimator/estimatortest"
	"socialvalue/pipelines/housingfirst/paired"
)

// due is a row of the input; nil is null.
type due struct {
	measure, better string
	first, later    *float64
}

func ptr(v float64) *float64 { return &v }

func schema() *arrow.Schema {
	var fields []arrow.Field
	for _, name := range []string{"body_code", "measure", "wave", "financial_year", "breakdown", "breakdown_value", "better"} {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String})
	}
	return arrow.NewSchema(append(fields,
		arrow.Field{Name: "baseline", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		arrow.Field{Name: "follow_up", Type: arrow.PrimitiveTypes.Float64, Nullable: true}), nil)
}

func record(rows []due) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema())
	defer b.Release()
	for _, r := range rows {
		for i, text := range []string{"E47000004", r.measure, "12", "all", "all", "all", r.better} {
			b.Field(i).(*array.StringBuilder).Append(text)
		}
		for i, value := range []*float64{r.first, r.later} {
			if value == nil {
				b.Field(7 + i).AppendNull()
			} else {
				b.Field(7 + i).(*array.Float64Builder).Append(*value)
			}
		}
	}
	return b.NewRecordBatch()
}

func run(ctx context.Context, rows []due) ([]map[string]any, error) {
	half := len(rows) / 2
	in, err := array.NewRecordReader(schema(), []arrow.RecordBatch{record(rows[:half]), record(rows[half:])})
	if err != nil {
		return nil, err
	}
	var results []map[string]any
	err = paired.Estimator{}.Run(ctx, map[string]array.RecordReader{paired.Input: estimatortest.Forgetful{RecordReader: in}}, nil, func(batch arrow.RecordBatch) error {
		for i := range int(batch.NumRows()) {
			r := map[string]any{}
			for at, field := range batch.Schema().Fields() {
				if !batch.Column(at).IsNull(i) {
					r[field.Name] = batch.Column(at).GetOneForMarshal(i)
				}
			}
			results = append(results, r)
		}
		return nil
	})
	return results, err
}

func mustRun(t *testing.T, rows ...due) map[string]any {
	t.Helper()
	results, err := run(t.Context(), rows)
	if err != nil || len(results) != 1 {
		t.Fatalf("%d rows, %v", len(results), err)
	}
	return results[0]
}

func want(t *testing.T, r map[string]any, values map[string]any) {
	t.Helper()
	for name, value := range values {
		number, is := value.(float64)
		got, isNumber := r[name].(float64)
		if is && isNumber && math.Abs(number-got) < 1e-12 {
			continue
		}
		if diff := cmp.Diff(value, r[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// B-19: 19.25 to 21.54 is +2.29; the same people both times, over all who were due, and those lost beside them.
func TestB19ChangeOfTheMetricScore(t *testing.T) {
	t.Parallel()
	r := mustRun(t, due{"swemwbs", "up", ptr(19.25), ptr(21.54)}, due{"swemwbs", "up", ptr(17), nil}, due{"swemwbs", "up", nil, ptr(24)}, due{"swemwbs", "up", nil, nil})
	want(t, r, map[string]any{
		"due": int64(4), "pairs": int64(1), "lost": int64(1), "improved": int64(1), "same": int64(0), "worsened": int64(0),
		"mean_change": 21.54 - 19.25, "baseline_of_pairs": 19.25, "follow_up_of_pairs": 21.54, "baseline_of_lost": 17.0, "ci_low": nil, "null_reason": nil,
	})
}

// B-20: anxiety from 8 to 3 is better; the change is -5, and one who is better.
func TestB20AnxietyThatFallsIsBetter(t *testing.T) {
	t.Parallel()
	want(t, mustRun(t, due{"anxious_yesterday", "down", ptr(8), ptr(3)}, due{"anxious_yesterday", "down", ptr(4), ptr(4)}, due{"anxious_yesterday", "down", ptr(2), ptr(3)}),
		map[string]any{"improved": int64(1), "same": int64(1), "worsened": int64(1), "mean_change": -4.0 / 3})
}

// B-21: what is not known leaves the pairs; nought is a value.
func TestB21NullLeavesThePairsAndNoughtDoesNot(t *testing.T) {
	t.Parallel()
	want(t, mustRun(t, due{"a_and_e_visits", "down", nil, ptr(0)}, due{"a_and_e_visits", "down", ptr(0), ptr(0)}, due{"a_and_e_visits", "down", ptr(4), ptr(0)}),
		map[string]any{"due": int64(3), "pairs": int64(2), "lost": int64(0), "mean_change": -2.0, "same": int64(1)})
}

// Student's sleep data, as of internal/stats: the same interval by way of the estimator.
func TestIntervalIsThatOfStudent(t *testing.T) {
	t.Parallel()
	first := []float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4}
	later := []float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0}
	var rows []due
	for i := range first {
		rows = append(rows, due{"hours", "up", ptr(first[i]), ptr(later[i])})
	}
	r := mustRun(t, rows...)
	if low, high := r["ci_low"].(float64), r["ci_high"].(float64); math.Abs(low+2.4598858) > 5e-8 || math.Abs(high+0.7001142) > 5e-8 {
		t.Errorf("%v to %v", low, high)
	}
}

func TestNobodyTwice(t *testing.T) {
	t.Parallel()
	want(t, mustRun(t, due{"swemwbs", "up", ptr(17), nil}), map[string]any{"pairs": int64(0), "mean_change": nil, "null_reason": "no_pairs", "baseline_of_lost": 17.0})
	for name, rows := range map[string][]due{
		"torn apart":          {{measure: "a", better: "up"}, {measure: "b", better: "up"}, {measure: "a", better: "up"}},
		"both ways":           {{measure: "a", better: "up"}, {measure: "a", better: "down"}},
		"neither way":         {{measure: "a", better: "sideways"}},
		"not a finite number": {{measure: "a", better: "up", first: ptr(math.NaN()), later: ptr(1)}},
	} {
		if _, err := run(t.Context(), rows); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestOrderOfPeopleDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		score := rapid.Custom(func(t *rapid.T) *float64 {
			if rapid.IntRange(0, 3).Draw(t, "known") == 0 {
				return nil
			}
			return ptr(float64(rapid.IntRange(0, 350).Draw(t, "score")) / 10)
		})
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) due {
			return due{"swemwbs", "up", score.Draw(t, "first"), score.Draw(t, "later")}
		}), 1, 40).Draw(t, "people")
		first, err := run(t.Context(), rows)
		if err != nil {
			t.Fatal(err)
		}
		again, err := run(t.Context(), rapid.Permutation(rows).Draw(t, "in another order"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, again); diff != "" {
			t.Fatal(diff)
		}
		due, pairs, lost := first[0]["due"].(int64), first[0]["pairs"].(int64), first[0]["lost"].(int64)
		if int(due) != len(rows) || pairs+lost > due || first[0]["improved"].(int64)+first[0]["same"].(int64)+first[0]["worsened"].(int64) != pairs {
			t.Fatalf("counts do not agree: %v", first[0])
		}
	})
}
