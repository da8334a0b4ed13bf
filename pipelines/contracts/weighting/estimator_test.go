package weighting_test

import (
	"context"
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/internal/estimator/estimatortest"
	"socialvalue/pipelines/contracts/weighting"
)

// one is a criterion: its number, what it is part of, its weight and how that is given, and whether it is about social value.
type one struct {
	ref, parent string
	weight      float64 // below nought: none
	kind        string
	sv          bool
}

type given struct {
	criteria []one
	method   string
	partial  bool // not all criteria are known
}

type result struct {
	weight     any
	basis      any
	inDecision any
	reason     any
}

func schema() *arrow.Schema {
	var fields []arrow.Field
	for _, name := range []string{"body_code", "process_ref", "lot_ref", "criterion_ref", "parent_ref", "weight_type", "evaluation_method"} {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true})
	}
	return arrow.NewSchema(append(fields,
		arrow.Field{Name: "weight", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		arrow.Field{Name: "is_social_value", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
		arrow.Field{Name: "is_full_record", Type: arrow.FixedWidthTypes.Boolean, Nullable: true}), nil)
}

func run(t *testing.T, lots map[string]given, names ...string) (map[string]result, error) {
	t.Helper()
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema())
	defer b.Release()
	for _, name := range names {
		for _, c := range lots[name].criteria {
			for i, text := range []string{"E47000004", name, "ALL", c.ref, c.parent, c.kind, lots[name].method} {
				if text == "" {
					b.Field(i).AppendNull()
				} else {
					b.Field(i).(*array.StringBuilder).Append(text)
				}
			}
			if c.weight < 0 {
				b.Field(7).AppendNull()
			} else {
				b.Field(7).(*array.Float64Builder).Append(c.weight)
			}
			b.Field(8).(*array.BooleanBuilder).Append(c.sv)
			b.Field(9).(*array.BooleanBuilder).Append(!lots[name].partial)
		}
	}
	in, err := array.NewRecordReader(schema(), []arrow.RecordBatch{b.NewRecordBatch()})
	if err != nil {
		t.Fatal(err)
	}
	results := map[string]result{}
	err = weighting.Estimator{}.Run(context.Background(), map[string]array.RecordReader{weighting.Input: estimatortest.Forgetful{RecordReader: in}},
		map[string]any{"weight_sum_tolerance": 0.5, "seed": int64(1)}, func(record arrow.RecordBatch) error {
			for _, row := range estimatortest.Rows(record) {
				results[row["process_ref"].(string)] = result{row["weight"], row["weight_basis"], row["in_decision"], row["null_reason"]}
			}
			return nil
		})
	return results, err
}

const (
	ofParent = "of_parent"
	ofTotal  = "of_total"
)

// What the vectors describe in words, as criteria. W9, two lots, is put together in SQL.
func structures() map[string]given {
	price := one{"P", "", 60, ofParent, false}
	return map[string]given{
		"W1": {criteria: []one{{"P", "", 90, ofParent, false}, {"S", "", 10, ofParent, true}}},
		"W2": {criteria: []one{price, {"Q", "", 40, ofParent, false}, {"Q1", "Q", 75, ofParent, false}, {"Q2", "Q", 25, ofParent, true}}},
		"W3": {criteria: []one{{"P", "", 40, ofParent, false}, {"Q", "", 60, ofParent, false}, {"Q1", "Q", 90, ofParent, false}, {"Q2", "Q", 10, ofParent, true}}},
		"W4": {method: "price_per_quality_point", criteria: []one{{"Q1", "", 90, ofParent, false}, {"Q2", "", 10, ofParent, true}}},
		"W5": {criteria: []one{{"P", "", 60, ofTotal, false}, {"Q", "", 40, ofTotal, false}, {"Q1", "Q", 28, ofTotal, false}, {"Q2", "Q", 5, ofTotal, true}, {"Q3", "Q", 7, ofTotal, true}}},
		"W6": {criteria: []one{price, {"Q", "", 40, ofParent, false}, {"S", "", -1, "pass_fail", true}}},
		"W7": {criteria: []one{{"P", "", 60, "order", false}, {"Q", "", 30, "order", false}, {"S", "", 10, "order", true}}},
		"W8": {criteria: []one{price, {"Q", "", 25, ofParent, false}, {"S", "", 10, ofParent, true}}},
	}
}

func TestVectorsOfWeights(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/social-value-weight-cases.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	lots := structures()
	tried := 0
	for _, row := range rows[1:] {
		id, expected := row[0], row[2]
		if id == "W9" {
			continue // the unit test of stage.contracts_weights
		}
		tried++
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			results, err := run(t, lots, id)
			if err != nil {
				t.Fatal(err)
			}
			got := results[id]
			if got.inDecision != true {
				t.Errorf("in the decision: %v", got.inDecision)
			}
			if expected == "null" {
				reason := map[string]string{"W7": "order_of_importance", "W8": "weight_sum"}[id]
				if got.weight != nil || got.reason != reason {
					t.Errorf("%+v, not null for %s", got, reason)
				}
				return
			}
			number, basis, isOther := strings.Cut(expected, " of ")
			want, err := strconv.ParseFloat(number, 64)
			if err != nil {
				t.Fatal(err)
			}
			weight, _ := got.weight.(float64)
			if got.weight == nil || math.Abs(weight-want) > 1e-12 {
				t.Errorf("weight %v, not %v", got.weight, want)
			}
			if isOther != (got.basis == "quality") || isOther && !strings.HasPrefix(basis, "quality") {
				t.Errorf("basis %v of %q", got.basis, expected)
			}
		})
	}
	if tried != len(lots) {
		t.Errorf("%d vectors tried of %d", tried, len(lots))
	}
}

func TestWhatIsNotAWeight(t *testing.T) {
	t.Parallel()
	price, quality := one{"P", "", 60, ofParent, false}, one{"Q", "", 40, ofParent, false}
	lots := map[string]given{
		"none":      {criteria: []one{price, quality}},
		"perhaps":   {criteria: []one{price, quality}, partial: true},
		"within":    {criteria: []one{price, {"S", "", 40, ofParent, true}, {"S1", "S", 50, ofParent, true}, {"S2", "S", 50, ofParent, false}}},
		"tolerated": {criteria: []one{{"P", "", 89.6, ofParent, false}, {"S", "", 10, ofParent, true}}},
		"points":    {criteria: []one{{"P", "", 300, "points", false}, {"S", "", 100, "points", true}}},
		"mixed":     {criteria: []one{price, {"S", "", 40, ofTotal, true}}},
		"missing":   {criteria: []one{price, {"S", "", -1, ofParent, true}}},
		"no type":   {criteria: []one{price, {"S", "", 40, "", true}}},
		"orphan":    {criteria: []one{price, quality, {"S", "X", 100, ofParent, true}}},
		"circle":    {criteria: []one{price, quality, {"A", "B", 100, ofParent, true}, {"B", "A", 100, ofParent, false}}},
		"below":     {criteria: []one{price, quality, {"Q1", "Q", 80, ofParent, false}, {"Q2", "Q", 10, ofParent, true}}},
		"noughts":   {criteria: []one{{"P", "", 0, "points", false}, {"S", "", 0, "points", true}}},
	}
	var names []string
	for name := range lots {
		names = append(names, name)
	}
	results, err := run(t, lots, names...)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]result{
		"none":      {0.0, "total", false, nil},
		"perhaps":   {nil, nil, nil, "not_evidenced"},
		"within":    {0.4, "total", true, nil},
		"tolerated": {0.1, "total", true, nil},
		"points":    {0.25, "total", true, nil},
		"mixed":     {nil, nil, true, "weight_types_mixed"},
		"missing":   {nil, nil, true, "weight_missing"},
		"no type":   {nil, nil, true, "weight_missing"},
		"orphan":    {nil, nil, true, "parent_missing"},
		"circle":    {nil, nil, true, "parent_missing"},
		"below":     {nil, nil, true, "weight_sum"},
		"noughts":   {nil, nil, true, "weight_sum"},
	} {
		if results[name] != want {
			t.Errorf("%s: %+v, not %+v", name, results[name], want)
		}
	}
	if _, err := run(t, lots, "none", "perhaps", "none"); err == nil || !strings.Contains(err.Error(), "not together") {
		t.Errorf("criteria that are not together: %v", err)
	}
}
