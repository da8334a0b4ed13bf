package areadeprivation

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// newRecord is the result as one record; the caller releases it.
func newRecord(areas []areaRow) arrow.RecordBatch {
	builder := array.NewRecordBuilder(memory.DefaultAllocator, outputSchema())
	defer builder.Release()
	w := writer{builder: builder}
	for _, area := range areas {
		w.column = 0
		w.text(area.key.area)
		w.text(area.key.edition)
		w.text(area.name)
		w.text(area.kind)
		w.truth(area.inArea)
		w.measure(area.averageScore)
		w.measure(area.averageRank)
		w.count(area.decile1LSOAs)
		w.measure(area.decile1Share)
		w.measure(area.extent)
		w.measure(area.localConcentration)
		w.count(some(area.lsoas))
		w.count(area.population)
		w.text(area.scoreBasis)
		w.text(nullReasons(area.summary))
	}
	return builder.NewRecordBatch()
}

func outputSchema() *arrow.Schema {
	text, whole, real := arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Float64
	return arrow.NewSchema([]arrow.Field{
		{Name: "area_code", Type: text},
		{Name: "iod_edition", Type: text},
		{Name: "area_name", Type: text, Nullable: true},
		{Name: "area_type", Type: text},
		{Name: "in_area", Type: arrow.FixedWidthTypes.Boolean},
		{Name: "average_score", Type: real, Nullable: true},
		{Name: "average_rank", Type: real, Nullable: true},
		{Name: "decile_1_lsoas", Type: whole, Nullable: true},
		{Name: "decile_1_share", Type: real, Nullable: true},
		{Name: "extent", Type: real, Nullable: true},
		{Name: "local_concentration", Type: real, Nullable: true},
		{Name: "lsoas", Type: whole},
		{Name: "population", Type: whole, Nullable: true},
		{Name: "imd_score_basis", Type: text, Nullable: true},
		{Name: "null_reasons", Type: text, Nullable: true},
	}, nil)
}

// nullReasons names the null measures with their reasons, as JSON text in the
// order of the columns; empty when all are known.
func nullReasons(s summary) string {
	var pairs []string
	for _, m := range []struct {
		column string
		measure
	}{
		{"average_score", s.averageScore},
		{"average_rank", s.averageRank},
		{"decile_1_share", s.decile1Share},
		{"extent", s.extent},
		{"local_concentration", s.localConcentration},
	} {
		if m.reason != "" {
			pairs = append(pairs, `"`+m.column+`":"`+m.reason+`"`)
		}
	}
	if !s.population.present {
		pairs = append(pairs, `"population":"`+notSupplied+`"`)
	}
	if len(pairs) == 0 {
		return ""
	}
	return "{" + strings.Join(pairs, ",") + "}"
}

// writer appends a row's values column by column.
type writer struct {
	builder *array.RecordBuilder
	column  int
}

func (w *writer) next() array.Builder {
	w.column++
	return w.builder.Field(w.column - 1)
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

func (w *writer) truth(value bool) { w.next().(*array.BooleanBuilder).Append(value) }

func (w *writer) count(value optional[int64]) {
	b := w.next().(*array.Int64Builder)
	if !value.present {
		b.AppendNull()
		return
	}
	b.Append(value.value)
}

func (w *writer) measure(m measure) {
	b := w.next().(*array.Float64Builder)
	if m.reason != "" {
		b.AppendNull()
		return
	}
	b.Append(m.value)
}
