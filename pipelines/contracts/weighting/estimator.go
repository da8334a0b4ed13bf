package weighting

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/pipelines/contracts/batch"
)

// Name is how a model names the estimator, with the version of its method.
const Name = "effective_weight@1"

// Input is the name of the one input.
const Input = "criteria"

// Tolerance is the name of the one parameter.
const Tolerance = "weight_sum_tolerance"

const perQualityPoint = "price_per_quality_point"

// Estimator is effective_weight; its zero value is ready for use.
type Estimator struct{}

// lot is one lot of one contract, with its criteria.
type lot struct {
	key          [3]string // body, process, lot
	criteria     []criterion
	isFullRecord bool
	perQuality   bool
}

// Run reads the lots one at a time and emits what social value weighs in each.
func (Estimator) Run(ctx context.Context, inputs map[string]array.RecordReader, params map[string]any, emit func(arrow.RecordBatch) error) error {
	tolerance, ok := params[Tolerance].(float64)
	if !ok || tolerance < 0 {
		return fmt.Errorf("the parameter %s is a number of percentage points with a decimal point, as 0.5", Tolerance)
	}
	reader := inputs[Input]
	if reader == nil || len(inputs) != 1 {
		return fmt.Errorf("needs the input %q, and no other: name it in the model's inputs", Input)
	}
	out := array.NewRecordBuilder(memory.DefaultAllocator, schema())
	defer out.Release()
	done := map[[3]string]bool{}
	var current *lot
	finish := func() error {
		if current == nil {
			return nil
		}
		if done[current.key] {
			return fmt.Errorf("%v: its criteria are not together: order the input by body, process and lot", current.key)
		}
		done[current.key] = true
		current.write(out, tolerance)
		return nil
	}
	for reader.Next() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped: %w", err)
		}
		in, err := read(reader.RecordBatch())
		if err != nil {
			return fmt.Errorf("input %s: %w", Input, err)
		}
		for i := range in.rows {
			key := [3]string{batch.Text(in.body, i), batch.Text(in.process, i), batch.Text(in.lot, i)}
			if current == nil || current.key != key {
				if err := finish(); err != nil {
					return err
				}
				current = &lot{key: key}
			}
			current.add(in, i)
		}
	}
	if err := reader.Err(); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if err := finish(); err != nil {
		return err
	}
	record := out.NewRecordBatch()
	defer record.Release()
	return emit(record)
}

// columns are those of one batch.
type columns struct {
	rows                                          int
	body, process, lot, ref, parent, kind, method *array.String
	weight                                        *array.Float64
	isSocialValue, isFullRecord                   *array.Boolean
}

func read(record arrow.RecordBatch) (columns, error) {
	in := &batch.Columns{Record: record}
	text := func(name string) *array.String { return batch.Column[*array.String](in, name, "VARCHAR") }
	truth := func(name string) *array.Boolean { return batch.Column[*array.Boolean](in, name, "BOOLEAN") }
	c := columns{
		rows: int(record.NumRows()),
		body: text("body_code"), process: text("process_ref"), lot: text("lot_ref"),
		ref: text("criterion_ref"), parent: text("parent_ref"), kind: text("weight_type"), method: text("evaluation_method"),
		weight:        batch.Column[*array.Float64](in, "weight", "DOUBLE"),
		isSocialValue: truth("is_social_value"), isFullRecord: truth("is_full_record"),
	}
	return c, in.Err
}

func (l *lot) add(in columns, i int) {
	one := criterion{
		ref: batch.Text(in.ref, i), parent: batch.Text(in.parent, i), kind: batch.Text(in.kind, i),
		isSocialValue: !in.isSocialValue.IsNull(i) && in.isSocialValue.Value(i),
	}
	if !in.weight.IsNull(i) {
		weight := in.weight.Value(i)
		one.weight = &weight
	}
	l.criteria = append(l.criteria, one)
	l.isFullRecord = l.isFullRecord || !in.isFullRecord.IsNull(i) && in.isFullRecord.Value(i)
	l.perQuality = l.perQuality || batch.Text(in.method, i) == perQualityPoint
}

func schema() *arrow.Schema {
	return arrow.NewSchema([]arrow.Field{
		{Name: "body_code", Type: arrow.BinaryTypes.String},
		{Name: "process_ref", Type: arrow.BinaryTypes.String},
		{Name: "lot_ref", Type: arrow.BinaryTypes.String},
		{Name: "criteria", Type: arrow.PrimitiveTypes.Int64},
		{Name: "sv_criteria", Type: arrow.PrimitiveTypes.Int64},
		{Name: "in_decision", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
		{Name: "weight", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "weight_basis", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "null_reason", Type: arrow.BinaryTypes.String, Nullable: true},
	}, nil)
}

func (l *lot) write(out *array.RecordBuilder, tolerance float64) {
	var socialValue int64
	for _, c := range l.criteria {
		if c.isSocialValue {
			socialValue++
		}
	}
	weight, reason := weigh(l.criteria, tolerance)
	evidenced := socialValue > 0 || l.isFullRecord
	if !evidenced {
		reason = reasonNotEvidenced
	}
	for i, text := range l.key {
		out.Field(i).(*array.StringBuilder).Append(text)
	}
	out.Field(3).(*array.Int64Builder).Append(int64(len(l.criteria)))
	out.Field(4).(*array.Int64Builder).Append(socialValue)
	if evidenced {
		out.Field(5).(*array.BooleanBuilder).Append(socialValue > 0)
	} else {
		out.Field(5).AppendNull()
	}
	if reason != "" {
		out.Field(6).AppendNull()
		out.Field(7).AppendNull()
		out.Field(8).(*array.StringBuilder).Append(reason)
		return
	}
	basis := "total"
	if l.perQuality {
		basis = "quality"
	}
	out.Field(6).(*array.Float64Builder).Append(weight)
	out.Field(7).(*array.StringBuilder).Append(basis)
	out.Field(8).AppendNull()
}
