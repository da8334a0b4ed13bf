package survival

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// writer builds the one record of an output, column by column of each row.
type writer struct {
	builder *array.RecordBuilder
	column  int
}

// newWriter makes one for the group, then whole numbers, then real ones that may be null, then texts that may be.
func newWriter(whole, realNumbers, texts []string) *writer {
	var fields []arrow.Field
	for _, name := range groupColumns() {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String})
	}
	for _, name := range whole {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Int64})
	}
	for _, name := range realNumbers {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Float64, Nullable: true})
	}
	for _, name := range texts {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true})
	}
	return &writer{builder: array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))}
}

func (w *writer) release() { w.builder.Release() }

func (w *writer) emit(emit func(arrow.RecordBatch) error) error {
	record := w.builder.NewRecordBatch()
	defer record.Release()
	return emit(record)
}

func (w *writer) next() array.Builder {
	w.column++
	return w.builder.Field(w.column - 1)
}

// begin starts a row of a group.
func (w *writer) begin(g group) {
	w.column = 0
	for _, text := range g.texts() {
		w.next().(*array.StringBuilder).Append(text)
	}
}

func (w *writer) whole(values ...int64) {
	for _, value := range values {
		w.next().(*array.Int64Builder).Append(value)
	}
}

// real appends numbers; nil is null.
func (w *writer) real(values ...*float64) {
	for _, value := range values {
		b := w.next().(*array.Float64Builder)
		if value == nil {
			b.AppendNull()
			continue
		}
		b.Append(*value)
	}
}

// text appends a text, null when empty.
func (w *writer) text(value string) {
	b := w.next().(*array.StringBuilder)
	if value == "" {
		b.AppendNull()
		return
	}
	b.Append(value)
}

// known is a value that could be computed, else nil: what is not defined is null.
func known(value float64, err error) *float64 {
	if err != nil {
		return nil
	}
	return &value
}
