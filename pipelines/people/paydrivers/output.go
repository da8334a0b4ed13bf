package paydrivers

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/internal/stats"
	"socialvalue/pipelines/people/contrast"
)

// output collects components as one record: there are a few dozen for a contrast.
type output struct {
	builder *array.RecordBuilder
	settings
	column int
}

func newOutput(s settings) *output {
	return &output{builder: array.NewRecordBuilder(memory.DefaultAllocator, outputSchema()), settings: s}
}

func (o *output) release() { o.builder.Release() }

func (o *output) emit(emit func(arrow.RecordBatch) error) error {
	record := o.builder.NewRecordBatch()
	defer record.Release()
	return emit(record)
}

func outputSchema() *arrow.Schema {
	text, real, whole := arrow.BinaryTypes.String, arrow.PrimitiveTypes.Float64, arrow.PrimitiveTypes.Int64
	return arrow.NewSchema([]arrow.Field{
		{Name: "body_code", Type: text},
		{Name: "snapshot_date", Type: arrow.PrimitiveTypes.Date32},
		{Name: "population", Type: text},
		{Name: "characteristic", Type: text},
		{Name: "comparator_group", Type: text},
		{Name: "focal_group", Type: text},
		{Name: "component", Type: text},
		{Name: "category", Type: text},
		{Name: "value", Type: real, Nullable: true},
		{Name: "unit", Type: text},
		{Name: "ci_low", Type: real, Nullable: true},
		{Name: "ci_high", Type: real, Nullable: true},
		{Name: "ci_method", Type: text, Nullable: true},
		{Name: "p_value", Type: real, Nullable: true},
		{Name: "q_value", Type: real, Nullable: true},
		{Name: "n_focal", Type: whole},
		{Name: "n_comparator", Type: whole},
		{Name: "reliability", Type: text},
		{Name: "null_reason", Type: text, Nullable: true},
		{Name: "is_flagged", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
	}, nil)
}

// decimalsOfP is how far a probability is told.
const decimalsOfP = 6

// decimalsOf is how far a value is told; money in whole pounds.
func (o *output) decimalsOf(unit string) int {
	switch unit {
	case share, ratio:
		return o.decimals + 2
	case gbp, grades:
		return 0
	default:
		return o.decimals
	}
}

// write adds the rows of a contrast. Here, and nowhere else, values are rounded.
func (o *output) write(k contrast.Key, rows []component) {
	for _, c := range rows {
		o.column = 0
		round := o.decimalsOf(c.unit)
		o.text(k.Body)
		o.next().(*array.Date32Builder).Append(k.Snapshot)
		for _, text := range []string{k.Population, k.Characteristic, k.Comparator, k.Focal, c.name, c.category} {
			o.next().(*array.StringBuilder).Append(text)
		}
		if c.reason == "" {
			o.number(&c.value, round)
		} else {
			o.number(nil, round)
		}
		o.text(c.unit)
		if c.interval == nil {
			o.number(nil, round)
			o.number(nil, round)
		} else {
			o.number(&c.interval.Low, round)
			o.number(&c.interval.High, round)
		}
		o.text(c.method)
		o.number(c.p, decimalsOfP)
		o.number(c.q, decimalsOfP)
		o.next().(*array.Int64Builder).Append(int64(c.focal))
		o.next().(*array.Int64Builder).Append(int64(c.comparator))
		o.text(c.reliability())
		o.text(c.reason)
		flag := o.next().(*array.BooleanBuilder)
		if c.flagged == nil {
			flag.AppendNull()
		} else {
			flag.Append(*c.flagged)
		}
	}
}

func (o *output) next() array.Builder {
	o.column++
	return o.builder.Field(o.column - 1)
}

// text appends a text, null when empty.
func (o *output) text(value string) {
	b := o.next().(*array.StringBuilder)
	if value == "" {
		b.AppendNull()
		return
	}
	b.Append(value)
}

func (o *output) number(value *float64, decimals int) {
	b := o.next().(*array.Float64Builder)
	if value == nil {
		b.AppendNull()
		return
	}
	b.Append(stats.RoundHalfAway(*value, decimals))
}
