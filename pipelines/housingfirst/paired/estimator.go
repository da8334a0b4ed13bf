package paired

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/internal/stats"
)

// Name is how a model names the estimator, with the version of its method.
const Name = "paired_changes@1"

// Input is the name of the one input.
const Input = "changes"

const level = 0.95

// Estimator is paired_changes; its zero value is ready for use.
type Estimator struct{}

// group is the key of an output row, in the order of groupColumns.
type group [6]string

func groupColumns() [6]string {
	return [6]string{"body_code", "measure", "wave", "financial_year", "breakdown", "breakdown_value"}
}

// String names a group in messages. It holds no value of a person.
func (g group) String() string {
	return fmt.Sprintf("%s, %s after %s, %s, %s %s", g[0], g[1], g[2], g[3], g[4], g[5])
}

// people are those of a group who were due.
type people struct {
	group
	better                 string
	due                    int
	before, after          []float64 // of pairs
	lost                   []float64 // baselines without a follow-up
	improved, same, worsen int
}

// Run reads the groups one at a time and emits what changed in each.
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
	if err := read(ctx, reader, func(p *people) error { return p.write(out) }); err != nil {
		return fmt.Errorf("input %s: %w", Input, err)
	}
	record := out.NewRecordBatch()
	defer record.Release()
	return emit(record)
}

func read(ctx context.Context, reader array.RecordReader, use func(*people) error) error {
	var current *people
	done := map[group]bool{}
	finish := func() error {
		if current == nil {
			return nil
		}
		if done[current.group] {
			return fmt.Errorf("%s: its rows are not together: order the input by the group", current.group)
		}
		done[current.group] = true
		return use(current)
	}
	for reader.Next() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped: %w", err)
		}
		in, err := newColumns(reader.RecordBatch())
		if err != nil {
			return err
		}
		for i := range in.rows {
			g, better, err := in.group(i)
			if err != nil {
				return err
			}
			if current == nil || current.group != g {
				if err := finish(); err != nil {
					return err
				}
				current = &people{group: g, better: better}
			}
			if current.better != better {
				return fmt.Errorf("%s: up is better in one row and down in another", g)
			}
			if err := current.add(in, i); err != nil {
				return fmt.Errorf("%s: %w", g, err)
			}
		}
	}
	if err := reader.Err(); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return finish()
}

func (p *people) add(in columns, i int) error {
	p.due++
	if in.baseline.IsNull(i) {
		return nil
	}
	before := in.baseline.Value(i)
	if in.followUp.IsNull(i) {
		p.lost = append(p.lost, before)
		return finite(before)
	}
	after := in.followUp.Value(i)
	p.before, p.after = append(p.before, before), append(p.after, after)
	switch {
	case after == before:
		p.same++
	case (after > before) == (p.better == up):
		p.improved++
	default:
		p.worsen++
	}
	return errors.Join(finite(before), finite(after))
}

func finite(value float64) error {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return stats.ErrNotFinite
	}
	return nil
}

const (
	up   = "up"
	down = "down"
)

// columns are those of one batch.
type columns struct {
	rows               int
	texts              [6]*array.String
	better             *array.String
	baseline, followUp *array.Float64
}

func newColumns(batch arrow.RecordBatch) (columns, error) {
	c := columns{rows: int(batch.NumRows())}
	var err error
	for i, name := range groupColumns() {
		c.texts[i], err = column[*array.String](batch, name, "VARCHAR", err)
	}
	c.better, err = column[*array.String](batch, "better", "VARCHAR", err)
	c.baseline, err = column[*array.Float64](batch, "baseline", "DOUBLE", err)
	c.followUp, err = column[*array.Float64](batch, "follow_up", "DOUBLE", err)
	return c, err
}

func column[T arrow.Array](batch arrow.RecordBatch, name, want string, before error) (T, error) {
	var none T
	if before != nil {
		return none, before
	}
	for i, field := range batch.Schema().Fields() {
		if field.Name != name {
			continue
		}
		if found, ok := batch.Column(i).(T); ok {
			return found, nil
		}
		return none, fmt.Errorf("column %s is of type %s: cast it to %s", name, field.Type, want)
	}
	return none, fmt.Errorf("no column %s: add it to the input, as %s", name, want)
}

// group is that of a row, and which way is better. Its texts are copies.
func (c columns) group(i int) (group, string, error) {
	var g group
	for at, name := range groupColumns() {
		if c.texts[at].IsNull(i) {
			return group{}, "", fmt.Errorf("column %s is null in a row: give every part of the group", name)
		}
		g[at] = strings.Clone(c.texts[at].Value(i))
	}
	switch {
	case c.better.IsNull(i):
	case c.better.Value(i) == up:
		return g, up, nil
	case c.better.Value(i) == down:
		return g, down, nil
	}
	return group{}, "", fmt.Errorf("%s: better is up or down", g)
}

func schema() *arrow.Schema {
	var fields []arrow.Field
	for _, name := range groupColumns() {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String})
	}
	for _, name := range []string{"due", "pairs", "lost", "improved", "same", "worsened"} {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Int64})
	}
	for _, name := range []string{"baseline_of_pairs", "follow_up_of_pairs", "baseline_of_lost", "mean_change", "ci_low", "ci_high"} {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Float64, Nullable: true})
	}
	return arrow.NewSchema(append(fields, arrow.Field{Name: "null_reason", Type: arrow.BinaryTypes.String, Nullable: true}), nil)
}

func (p *people) write(out *array.RecordBuilder) error {
	next := 0
	field := func() array.Builder { next++; return out.Field(next - 1) }
	for _, text := range p.group {
		field().(*array.StringBuilder).Append(text)
	}
	for _, n := range []int{p.due, len(p.before), len(p.lost), p.improved, p.same, p.worsen} {
		field().(*array.Int64Builder).Append(int64(n))
	}
	var numbers [6]*float64
	differences := make([]float64, len(p.before))
	for i := range p.before {
		differences[i] = p.after[i] - p.before[i]
	}
	for i, values := range [][]float64{p.before, p.after, p.lost, differences} {
		sample, err := stats.NewSample(values)
		if err != nil {
			return fmt.Errorf("%s: %w", p.group, err)
		}
		if mean, err := sample.Mean(); err == nil {
			numbers[i] = &mean
		}
		if i < 3 {
			continue
		}
		if _, interval, err := stats.MeanInterval(sample, level); err == nil {
			numbers[4], numbers[5] = &interval.Low, &interval.High
		}
	}
	for _, number := range numbers {
		b := field().(*array.Float64Builder)
		if number == nil {
			b.AppendNull()
		} else {
			b.Append(*number)
		}
	}
	reason := field().(*array.StringBuilder)
	if len(p.before) == 0 {
		reason.Append("no_pairs")
	} else {
		reason.AppendNull()
	}
	return nil
}
