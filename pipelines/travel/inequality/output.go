package inequality

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// output builds the one record of the result.
type output struct{ builder *array.RecordBuilder }

func newOutput() *output {
	text, number, whole := arrow.BinaryTypes.String, arrow.PrimitiveTypes.Float64, arrow.PrimitiveTypes.Int64
	var fields []arrow.Field
	for _, name := range []string{"financial_year", "authority", "measure", "iod_edition", "form"} {
		fields = append(fields, arrow.Field{Name: name, Type: text})
	}
	for _, name := range []string{
		"sii", "ci_low", "ci_high", "rii", "rii_ci_low", "rii_ci_high", "rii_mean",
		"concentration_index", "concentration_ci_low", "concentration_ci_high", "erreygers_index", "wagstaff_index",
	} {
		fields = append(fields, arrow.Field{Name: name, Type: number, Nullable: true})
	}
	fields = append(fields, arrow.Field{Name: "groups", Type: whole}, arrow.Field{Name: "people", Type: whole}, arrow.Field{Name: "null_reason", Type: text, Nullable: true})
	return &output{array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))}
}

func (o *output) release() { o.builder.Release() }

func (o *output) write(k key, f form, m measures) {
	at := 0
	next := func() array.Builder { at++; return o.builder.Field(at - 1) }
	for _, text := range []string{k.year, k.authority, k.measure, k.edition, string(f)} {
		next().(*array.StringBuilder).Append(text)
	}
	for _, value := range []float64{
		m.slope, m.slopeLow, m.slopeHigh, m.ratio, m.ratioLow, m.ratioHigh, m.meanRatio,
		m.concentration, m.concLow, m.concHigh, m.erreygers, m.wagstaff,
	} {
		b := next().(*array.Float64Builder)
		if math.IsNaN(value) {
			b.AppendNull()
			continue
		}
		b.Append(value)
	}
	next().(*array.Int64Builder).Append(int64(m.groups))
	next().(*array.Int64Builder).Append(int64(m.people))
	reason := next().(*array.StringBuilder)
	if m.reason == "" {
		reason.AppendNull()
		return
	}
	reason.Append(m.reason)
}

func (o *output) emit(emit func(arrow.RecordBatch) error) error {
	record := o.builder.NewRecordBatch()
	defer record.Release()
	return emit(record)
}
