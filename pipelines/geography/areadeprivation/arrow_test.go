package areadeprivation_test

import (
	"context"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/internal/estimator/estimatortest"
	"socialvalue/pipelines/geography/areadeprivation"
)

func inputSchema() *arrow.Schema {
	return arrow.NewSchema([]arrow.Field{
		{Name: "area_code", Type: arrow.BinaryTypes.String},
		{Name: "area_type", Type: arrow.BinaryTypes.String},
		{Name: "area_name", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "in_area", Type: arrow.FixedWidthTypes.Boolean},
		{Name: "iod_edition", Type: arrow.BinaryTypes.String},
		{Name: "lsoa_code", Type: arrow.BinaryTypes.String},
		{Name: "imd_rank", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "imd_score", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "imd_score_basis", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "imd_decile", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "population", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "lsoas_in_england", Type: arrow.PrimitiveTypes.Int64},
	}, nil)
}

// run runs the estimator on batches of rows and fails the test on an error.
func run(t *testing.T, batches [][]lsoaRow) []summaryRow {
	t.Helper()
	got, err := tryRun(t.Context(), batches, nil)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func tryRun(ctx context.Context, batches [][]lsoaRow, params map[string]any) ([]summaryRow, error) {
	var records []arrow.RecordBatch
	for _, rows := range batches {
		records = append(records, inputRecord(rows))
	}
	reader, err := array.NewRecordReader(inputSchema(), records)
	if err != nil {
		return nil, err
	}
	defer reader.Release()
	var got []summaryRow
	err = areadeprivation.Estimator{}.Run(ctx, map[string]array.RecordReader{areadeprivation.InputName: estimatortest.Forgetful{RecordReader: reader}}, params,
		func(batch arrow.RecordBatch) error {
			got = append(got, summaryRows(batch)...)
			return nil
		})
	return got, err
}

func inputRecord(rows []lsoaRow) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, inputSchema())
	defer b.Release()
	for _, r := range rows {
		b.Field(0).(*array.StringBuilder).Append(r.area)
		b.Field(1).(*array.StringBuilder).Append("district")
		b.Field(2).(*array.StringBuilder).Append(r.name)
		b.Field(3).(*array.BooleanBuilder).Append(r.inArea)
		b.Field(4).(*array.StringBuilder).Append(r.edition)
		b.Field(5).(*array.StringBuilder).Append(r.code)
		appendWhole(b.Field(6), r.rank)
		if r.score == nil {
			b.Field(7).AppendNull()
		} else {
			b.Field(7).(*array.Float64Builder).Append(*r.score)
		}
		b.Field(8).(*array.StringBuilder).Append(r.basis)
		appendWhole(b.Field(9), r.decile)
		appendWhole(b.Field(10), r.population)
		b.Field(11).(*array.Int64Builder).Append(r.ranked)
	}
	return b.NewRecordBatch()
}

func appendWhole(b array.Builder, value *int64) {
	if value == nil {
		b.AppendNull()
		return
	}
	b.(*array.Int64Builder).Append(*value)
}

func summaryRows(batch arrow.RecordBatch) []summaryRow {
	column := func(name string) arrow.Array { return batch.Column(batch.Schema().FieldIndices(name)[0]) }
	text := func(name string, i int) string {
		c := column(name).(*array.String)
		if c.IsNull(i) {
			return ""
		}
		return c.Value(i)
	}
	number := func(name string, i int) *float64 {
		c := column(name).(*array.Float64)
		if c.IsNull(i) {
			return nil
		}
		return ptr(c.Value(i))
	}
	count := func(name string, i int) *int64 {
		c := column(name).(*array.Int64)
		if c.IsNull(i) {
			return nil
		}
		return ptr(c.Value(i))
	}
	var rows []summaryRow
	for i := range int(batch.NumRows()) {
		rows = append(rows, summaryRow{
			Area: text("area_code", i), Edition: text("iod_edition", i), Name: text("area_name", i),
			Kind: text("area_type", i), Basis: text("imd_score_basis", i), NullReasons: text("null_reasons", i),
			InArea:             column("in_area").(*array.Boolean).Value(i),
			AverageScore:       number("average_score", i),
			AverageRank:        number("average_rank", i),
			Decile1Share:       number("decile_1_share", i),
			Extent:             number("extent", i),
			LocalConcentration: number("local_concentration", i),
			LSOAs:              *count("lsoas", i),
			Decile1LSOAs:       count("decile_1_lsoas", i),
			Population:         count("population", i),
		})
	}
	return rows
}
