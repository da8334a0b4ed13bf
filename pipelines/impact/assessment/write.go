package assessment

import (
	"encoding/json"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/internal/stats"
)

// col is a column of a table of T.
type col[T any] struct {
	name string
	kind arrow.DataType
	put  func(array.Builder, T)
}

// write emits rows as one record; without rows an empty one, so that the columns are known.
func write[T any](rows []T, columns []col[T], emit func(arrow.RecordBatch) error) error {
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		fields[i] = arrow.Field{Name: c.name, Type: c.kind, Nullable: true}
	}
	builder := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer builder.Release()
	for _, row := range rows {
		for i, c := range columns {
			c.put(builder.Field(i), row)
		}
	}
	record := builder.NewRecordBatch()
	defer record.Release()
	return emit(record)
}

// text is null when empty.
func text[T any](name string, of func(T) string) col[T] {
	return col[T]{name, arrow.BinaryTypes.String, func(b array.Builder, row T) {
		if value := of(row); value != "" {
			b.(*array.StringBuilder).Append(value)
			return
		}
		b.AppendNull()
	}}
}

func whole[T any](name string, of func(T) int) col[T] {
	return col[T]{name, arrow.PrimitiveTypes.Int64, func(b array.Builder, row T) { b.(*array.Int64Builder).Append(int64(of(row))) }}
}

// known is a whole number above nought; null where it is not known.
func known[T any](name string, of func(T) int) col[T] {
	return col[T]{name, arrow.PrimitiveTypes.Int64, func(b array.Builder, row T) {
		if value := of(row); value > 0 {
			b.(*array.Int64Builder).Append(int64(value))
			return
		}
		b.AppendNull()
	}}
}

func flag[T any](name string, of func(T) bool) col[T] {
	return col[T]{name, arrow.FixedWidthTypes.Boolean, func(b array.Builder, row T) { b.(*array.BooleanBuilder).Append(of(row)) }}
}

// Decimals of what goes out.
const (
	money     = 2
	ratios    = 6
	amounts   = 9
	likeliest = 6
)

// number is null where it is not known.
func number[T any](name string, decimals int, of func(T) (float64, bool)) col[T] {
	return col[T]{name, arrow.PrimitiveTypes.Float64, func(b array.Builder, row T) {
		if value, known := of(row); known {
			b.(*array.Float64Builder).Append(stats.RoundHalfAway(value, decimals))
			return
		}
		b.AppendNull()
	}}
}

// list is JSON text; null when there is nothing in it.
func list(values []string) string {
	if len(values) == 0 {
		return ""
	}
	data, err := json.Marshal(values)
	if err != nil {
		return "" // texts always have a form
	}
	return string(data)
}
