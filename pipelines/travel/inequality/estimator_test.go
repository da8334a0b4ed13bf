package inequality_test

import (
	"context"
	"encoding/csv"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/internal/estimator/estimatortest"
	"socialvalue/pipelines/travel/inequality"
)

// cell is a row of the input.
type cell struct {
	measure, kind    string
	decile           int64
	people, happened int64
}

func schema() *arrow.Schema {
	text, whole := arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64
	return arrow.NewSchema([]arrow.Field{
		{Name: "financial_year", Type: text},
		{Name: "authority", Type: text},
		{Name: "measure", Type: text},
		{Name: "iod_edition", Type: text},
		{Name: "imd_decile", Type: whole},
		{Name: "value_kind", Type: text},
		{Name: "people", Type: whole, Nullable: true},
		{Name: "happened", Type: whole, Nullable: true},
	}, nil)
}

func record(cells []cell) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema())
	defer b.Release()
	for _, c := range cells {
		for i, text := range []string{"2022-23", "merseytravel", c.measure, "2019"} {
			b.Field(i).(*array.StringBuilder).Append(text)
		}
		b.Field(4).(*array.Int64Builder).Append(c.decile)
		b.Field(5).(*array.StringBuilder).Append(c.kind)
		b.Field(6).(*array.Int64Builder).Append(c.people)
		b.Field(7).(*array.Int64Builder).Append(c.happened)
	}
	return b.NewRecordBatch()
}

// result is a row of the output by column; what is null is not there.
type result struct {
	form, reason string
	numbers      map[string]float64
}

func run(ctx context.Context, cells []cell, params map[string]any) ([]result, error) {
	var records []arrow.RecordBatch
	for part := range slices.Chunk(cells, 4) {
		records = append(records, record(part))
	}
	reader, err := array.NewRecordReader(schema(), records)
	if err != nil {
		return nil, err
	}
	defer reader.Release()
	var got []result
	err = inequality.Estimator{}.Run(ctx, map[string]array.RecordReader{inequality.Input: estimatortest.Forgetful{RecordReader: reader}}, params,
		func(batch arrow.RecordBatch) error {
			for i := range int(batch.NumRows()) {
				r := result{numbers: map[string]float64{}}
				for c, field := range batch.Schema().Fields() {
					switch column := batch.Column(c).(type) {
					case *array.String:
						if field.Name == "form" {
							r.form = strings.Clone(column.Value(i))
						}
						if field.Name == "null_reason" && !column.IsNull(i) {
							r.reason = strings.Clone(column.Value(i))
						}
					case *array.Float64:
						if !column.IsNull(i) {
							r.numbers[field.Name] = column.Value(i)
						}
					}
				}
				got = append(got, r)
			}
			return nil
		})
	return got, err
}

// takeUp are the ten deciles of the synthetic take-up table.
func takeUp(t *testing.T, measure, kind, column string) []cell {
	t.Helper()
	var cells []cell
	for _, row := range vector(t, "takeup_by_decile_input.csv") {
		c := cell{measure: measure, kind: kind, decile: number(t, row["imd19_decile"]), people: number(t, row["eligible_66plus"]), happened: number(t, row[column])}
		cells = append(cells, c)
	}
	return cells
}

func vector(t *testing.T, name string) []map[string]string {
	t.Helper()
	file, err := os.Open("../testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	reader := csv.NewReader(file)
	reader.Comment = '#'
	all, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, fields := range all[1:] {
		row := map[string]string{}
		for i, column := range all[0] {
			row[column] = fields[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func number(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func params() map[string]any { return map[string]any{"seed": int64(1), "groups": 10, "draws": 20_000} }

// TestA27TakeUpTable is edge case A-27: what the estimator writes of the synthetic table.
func TestA27TakeUpTable(t *testing.T) {
	t.Parallel()
	want := map[string]float64{}
	for _, row := range vector(t, "takeup_by_decile_expected.csv") {
		value, err := strconv.ParseFloat(row["value"], 64)
		if err != nil {
			t.Fatal(err)
		}
		want[row["measure"]] = value
	}
	got, err := run(t.Context(), append(takeUp(t, "a_take_up", "proportion", "active_passes"), takeUp(t, "b_journeys", "rate", "journeys")...), params())
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || got[0].form != "linear" || got[1].form != "logit" || got[2].form != "linear" {
		t.Fatalf("%v", got)
	}
	for _, c := range []struct {
		row          int
		column, name string
	}{
		{0, "sii", "sii_takeup_linear"},
		{0, "rii", "rii_ratio_linear"},
		{0, "rii_mean", "rii_mean_linear"},
		{0, "concentration_index", "concentration_index_takeup"},
		{0, "erreygers_index", "erreygers_index_takeup"},
		{0, "wagstaff_index", "wagstaff_index_takeup"},
		{1, "sii", "sii_takeup_logit"},
		{1, "rii", "rii_takeup_logit"},
		{2, "sii", "sii_journeys_per_eligible"},
		{2, "rii", "rii_ratio_journeys_per_eligible"},
		{2, "concentration_index", "concentration_index_journeys_per_eligible"},
	} {
		if value := got[c.row].numbers[c.column]; math.Abs(value-want[c.name]) > 1e-8 {
			t.Errorf("%s: %.9f, want %.9f", c.name, value, want[c.name])
		}
	}
	for _, r := range got {
		if !(r.numbers["ci_low"] < r.numbers["sii"] && r.numbers["sii"] < r.numbers["ci_high"]) {
			t.Errorf("%s: %v is not between its limits", r.form, r.numbers)
		}
	}
}

// TestA25NobodyCould and the next two are edge cases of the same names: no measure, and why.
func TestA25NobodyCould(t *testing.T) {
	t.Parallel()
	cells := takeUp(t, "take_up", "proportion", "active_passes")
	cells[4].people, cells[4].happened = 0, 0
	expectNone(t, cells, "zero_base")
}

func TestA29NineOfTenDeciles(t *testing.T) {
	t.Parallel()
	expectNone(t, slices.Delete(takeUp(t, "take_up", "proportion", "active_passes"), 6, 7), "missing_group")
}

func TestA28DecilesInReverse(t *testing.T) {
	t.Parallel()
	cells := takeUp(t, "take_up", "proportion", "active_passes")
	slices.Reverse(cells)
	if _, err := run(t.Context(), cells, params()); err == nil || !strings.Contains(err.Error(), "deciles ascend") {
		t.Errorf("%v", err)
	}
}

// A share above 1 has a linear form and no logit.
func TestA24ShareAboveOne(t *testing.T) {
	t.Parallel()
	cells := takeUp(t, "take_up", "proportion", "active_passes")
	cells[0].happened = cells[0].people + 1
	got, err := run(t.Context(), cells, params())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := got[0].numbers["sii"]; !ok || got[0].reason != "" || got[1].reason != "out_of_range" || len(got[1].numbers) != 0 {
		t.Errorf("%v", got)
	}
}

func TestNothingHappened(t *testing.T) {
	t.Parallel()
	cells := takeUp(t, "journeys", "rate", "journeys")
	for i := range cells {
		cells[i].happened = 0
	}
	expectNone(t, cells, "zero_base")
}

func expectNone(t *testing.T, cells []cell, reason string) {
	t.Helper()
	got, err := run(t.Context(), cells, params())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range got {
		if r.reason != reason || len(r.numbers) != 0 {
			t.Errorf("%v, want nothing because of %s", r, reason)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	good := takeUp(t, "take_up", "proportion", "active_passes")
	if _, err := run(t.Context(), good, map[string]any{"groups": 3}); err == nil {
		t.Error("three groups")
	}
	if _, err := run(t.Context(), good, map[string]any{"other": 3}); err == nil {
		t.Error("an unknown parameter")
	}
	apart := append(append(slices.Clone(good), takeUp(t, "journeys", "rate", "journeys")...), good[0])
	if _, err := run(t.Context(), apart, params()); err == nil || !strings.Contains(err.Error(), "not together") {
		t.Errorf("rows of a series apart: %v", err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := run(stopped, good, params()); err == nil {
		t.Error("a context that is over")
	}
}
