package compile

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/internal/ocds"
	"socialvalue/pipelines/contracts/batch"
)

// Name is how a model names the estimator, with the version of its method.
const Name = "ocds_compile@1"

// Input is the name of the one input.
const Input = "releases"

// Estimator is ocds_compile; its zero value is ready for use.
type Estimator struct{}

// process is one contracting process of one body.
type process struct{ body, ocid string }

// Run reads the processes one at a time and emits what was known after each of their releases.
func (Estimator) Run(ctx context.Context, inputs map[string]array.RecordReader, params map[string]any, emit func(arrow.RecordBatch) error) error {
	for name := range params {
		if name != "seed" { // nothing here is drawn by chance
			return fmt.Errorf("no parameter %s: there are none", name)
		}
	}
	reader := inputs[Input]
	if reader == nil || len(inputs) != 1 {
		return fmt.Errorf("needs the input %q, and no other: name it in the model's inputs", Input)
	}
	out := array.NewRecordBuilder(memory.DefaultAllocator, schema())
	defer out.Release()
	var current process
	var releases []ocds.Dated
	done := map[process]bool{}
	finish := func() error {
		if len(releases) == 0 {
			return nil
		}
		if done[current] {
			return fmt.Errorf("%s: its releases are not together: order the input by body and ocid", current.ocid)
		}
		done[current] = true
		err := write(out, current, releases)
		releases = nil
		return err
	}
	for reader.Next() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped: %w", err)
		}
		in := &batch.Columns{Record: reader.RecordBatch()}
		bodies, ocids := batch.Column[*array.String](in, "body_code", "VARCHAR"), batch.Column[*array.String](in, "ocid", "VARCHAR")
		ids, moments := batch.Column[*array.String](in, "release_id", "VARCHAR"), batch.Column[*array.String](in, "released_at", "VARCHAR")
		texts := batch.Column[*array.String](in, "release", "VARCHAR")
		if in.Err != nil {
			return fmt.Errorf("input %s: %w", Input, in.Err)
		}
		for i := range int(in.Record.NumRows()) {
			next := process{batch.Text(bodies, i), batch.Text(ocids, i)}
			if next != current {
				if err := finish(); err != nil {
					return err
				}
				current = next
			}
			releases = append(releases, ocds.Dated{ID: batch.Text(ids, i), Released: batch.Text(moments, i), Text: batch.Text(texts, i)})
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

func schema() *arrow.Schema {
	return arrow.NewSchema([]arrow.Field{
		{Name: "body_code", Type: arrow.BinaryTypes.String},
		{Name: "ocid", Type: arrow.BinaryTypes.String},
		{Name: "release_id", Type: arrow.BinaryTypes.String},
		{Name: "release_no", Type: arrow.PrimitiveTypes.Int64},
		{Name: "is_latest", Type: arrow.FixedWidthTypes.Boolean},
		{Name: "compiled", Type: arrow.BinaryTypes.String},
	}, nil)
}

func write(out *array.RecordBuilder, p process, releases []ocds.Dated) error {
	states, err := ocds.Compile(releases)
	if err != nil {
		return fmt.Errorf("process %s: %w", p.ocid, err)
	}
	for i, state := range states {
		out.Field(0).(*array.StringBuilder).Append(p.body)
		out.Field(1).(*array.StringBuilder).Append(p.ocid)
		out.Field(2).(*array.StringBuilder).Append(state.ID)
		out.Field(3).(*array.Int64Builder).Append(int64(i + 1))
		out.Field(4).(*array.BooleanBuilder).Append(i == len(states)-1)
		out.Field(5).(*array.StringBuilder).Append(state.Text)
	}
	return nil
}
