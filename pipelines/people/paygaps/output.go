package paygaps

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/internal/stats"
	"socialvalue/pipelines/people/contrast"
)

// rowsTogether is how many rows are emitted as one record.
const rowsTogether = 8192

// output writes figures as records.
type output struct {
	builder *array.RecordBuilder
	emit    func(arrow.RecordBatch) error
	emitted bool
	rows    int
	column  int
}

func newOutput(emit func(arrow.RecordBatch) error) *output {
	return &output{builder: array.NewRecordBuilder(memory.DefaultAllocator, outputSchema()), emit: emit}
}

func (o *output) release() { o.builder.Release() }

func outputSchema() *arrow.Schema {
	var fields []arrow.Field
	text := func(names ...string) {
		for _, name := range names {
			fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true})
		}
	}
	number := func(names ...string) {
		for _, name := range names {
			fields = append(fields, arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Float64, Nullable: true})
		}
	}
	whole := func(names ...string) {
		for _, name := range names {
			fields = append(fields, arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Int64, Nullable: true})
		}
	}
	text("body_code")
	fields = append(fields, arrow.Field{Name: "snapshot_date", Type: arrow.PrimitiveTypes.Date32})
	text("population", "characteristic", "comparator_group", "focal_group", "breakdown", "breakdown_value", "measure")
	number("value")
	text("unit")
	number("pence_in_pound", "ci_low", "ci_high")
	text("ci_method")
	whole("n_focal", "n_comparator")
	number("numerator")
	whole("denominator")
	text("reliability", "null_reason")
	number("prior_value", "change_pp", "change_ci_low", "change_ci_high")
	return arrow.NewSchema(fields, nil)
}

// write adds the rows of a contrast. Here, and nowhere else, figures are rounded.
func (o *output) write(k contrast.Key, figures []figure, s settings) error {
	texts := k.Texts()
	for i := range figures {
		f := &figures[i]
		round, unit := s.decimals, "pct"
		if f.isShare() {
			round, unit = s.decimals+2, "share"
		}
		o.column = 0
		o.text(k.Body)
		o.next().(*array.Date32Builder).Append(k.Snapshot)
		for _, part := range texts[1:] {
			o.next().(*array.StringBuilder).Append(part)
		}
		o.text(f.measure)
		value, pence := f.shown(round)
		o.number(value)
		o.text(unit)
		o.number(pence)
		o.interval(f.interval, round)
		o.text(f.method)
		o.next().(*array.Int64Builder).Append(int64(f.focal))
		o.next().(*array.Int64Builder).Append(int64(f.comparator))
		if f.isShare() {
			o.number(&f.numerator)
			o.next().(*array.Int64Builder).Append(int64(f.denominator))
		} else {
			o.number(nil)
			o.next().(*array.Int64Builder).AppendNull()
		}
		o.text(f.reliability())
		o.text(f.reason)
		o.number(rounded(f.prior, round))
		o.number(rounded(f.change, s.decimals))
		o.interval(f.changeInt, s.decimals)
		o.rows++
	}
	if o.rows < rowsTogether {
		return nil
	}
	return o.flush()
}

// shown is the value as it is told, and the pence for each pound of a gap.
func (f *figure) shown(decimals int) (value, pence *float64) {
	if f.reason != "" {
		return nil, nil
	}
	value = rounded(&f.value, decimals)
	if !f.isShare() {
		pence = rounded(pointer(100-*value), decimals)
	}
	return value, pence
}

func pointer(value float64) *float64 { return &value }

func rounded(value *float64, decimals int) *float64 {
	if value == nil {
		return nil
	}
	return pointer(stats.RoundHalfAway(*value, decimals))
}

// finish emits what is left; without any row, a record that tells the columns.
func (o *output) finish() error {
	if o.emitted && o.rows == 0 {
		return nil
	}
	return o.flush()
}

func (o *output) flush() error {
	record := o.builder.NewRecordBatch()
	defer record.Release()
	o.rows, o.emitted = 0, true
	return o.emit(record)
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

func (o *output) number(value *float64) {
	b := o.next().(*array.Float64Builder)
	if value == nil {
		b.AppendNull()
		return
	}
	b.Append(*value)
}

func (o *output) interval(value *stats.Interval, decimals int) {
	if value == nil {
		o.number(nil)
		o.number(nil)
		return
	}
	o.number(rounded(&value.Low, decimals))
	o.number(rounded(&value.High, decimals))
}
