package areadeprivation_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"socialvalue/pipelines/geography/areadeprivation"
)

// lsoaRow is a row of the input; a nil figure is null.
type lsoaRow struct {
	area, edition, name, code, basis string
	inArea                           bool
	rank, decile, population         *int64
	score                            *float64
	ranked                           int64
}

// summaryRow is a row of the result; a nil measure is null.
type summaryRow struct {
	Area, Edition, Name, Kind, Basis, NullReasons                       string
	InArea                                                              bool
	AverageScore, AverageRank, Decile1Share, Extent, LocalConcentration *float64
	LSOAs                                                               int64
	Decile1LSOAs, Population                                            *int64
}

func ptr[T any](v T) *T { return &v }

const ranked2025 = 33755

func TestHaltonEqualsPublished(t *testing.T) {
	t.Parallel()
	got, err := tryRun(t.Context(), [][]lsoaRow{halton(t)}, map[string]any{"seed": int64(1)})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 {
		t.Fatalf("got %d rows, want 1", len(got))
	}
	expected := expectedHalton(t)
	measures := map[string]*float64{
		"average_score":                    got[0].AverageScore,
		"average_rank_inverted":            got[0].AverageRank,
		"proportion_in_most_deprived_10pc": got[0].Decile1Share,
		"extent":                           got[0].Extent,
		"local_concentration":              got[0].LocalConcentration,
	}
	for name, value := range measures {
		if value == nil {
			t.Errorf("%s is null", name)
			continue
		}
		// The expected file prints six decimals.
		if want := expected[name]; math.Abs(*value-want) > 1e-6 {
			t.Errorf("%s = %.9f, want %.6f", name, *value, want)
		}
	}
	wrong := map[string]*float64{
		"WRONG_average_rank_not_inverted":                      got[0].AverageRank,
		"WRONG_unweighted_mean_score":                          got[0].AverageScore,
		"WRONG_whole_lsoa_local_concentration_at_or_over_10pc": got[0].LocalConcentration,
	}
	for name, value := range wrong {
		if math.Abs(*value-expected[name]) < 1e-3 {
			t.Errorf("%.6f is the value of %s", *value, name)
		}
	}
	if got[0].LSOAs != 80 || *got[0].Population != 129008 || *got[0].Decile1LSOAs != 25 {
		t.Errorf("lsoas %d, population %d, decile 1 %d; want 80, 129008, 25", got[0].LSOAs, *got[0].Population, *got[0].Decile1LSOAs)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	// Ten LSOAs ranked in England: rank 1 alone is in decile 1 and in the extent's full part,
	// rank 2 is percentile 20, rank 3 percentile 30, rank 10 percentile 100.
	row := func(code string, rank, population int64, score float64) lsoaRow {
		return lsoaRow{
			area: "E06000006", edition: "2025", name: "Halton", code: code, basis: "published", inArea: true,
			rank: ptr(rank), decile: ptr(rank), population: ptr(population), score: ptr(score), ranked: 10,
		}
	}
	base := []lsoaRow{row("E01000001", 1, 50, 80), row("E01000002", 2, 150, 60), row("E01000010", 10, 800, 5)}
	edit := func(change func([]lsoaRow)) []lsoaRow {
		rows := append([]lsoaRow(nil), base...)
		change(rows)
		return rows
	}
	whole := summaryRow{
		Area: "E06000006", Edition: "2025", Name: "Halton", Kind: "district", Basis: "published", InArea: true,
		AverageScore:       ptr((50*80.0 + 150*60 + 800*5) / 1000),
		AverageRank:        ptr((50*10.0 + 150*9 + 800*1) / 1000),
		Decile1Share:       ptr(1.0 / 3),
		Extent:             ptr((50 + 150*(559-18*20)/380.0) / 1000),
		LocalConcentration: ptr((50*10.0 + 50*9) / 100), // the second LSOA in part
		LSOAs:              3, Decile1LSOAs: ptr(int64(1)), Population: ptr(int64(1000)),
	}
	with := func(change func(*summaryRow)) summaryRow {
		s := whole
		change(&s)
		return s
	}
	tests := []struct {
		name    string
		batches [][]lsoaRow
		want    []summaryRow
	}{
		{name: "no rows", batches: nil, want: nil},
		{name: "one area", batches: [][]lsoaRow{base}, want: []summaryRow{whole}},
		{name: "an area across batches", batches: [][]lsoaRow{base[:1], {}, base[1:]}, want: []summaryRow{whole}},
		{
			name:    "people of one LSOA not supplied: every weighted measure is null",
			batches: [][]lsoaRow{edit(func(rows []lsoaRow) { rows[2].population = nil })},
			want: []summaryRow{with(func(s *summaryRow) {
				s.AverageScore, s.AverageRank, s.Extent, s.LocalConcentration, s.Population = nil, nil, nil, nil, nil
				s.NullReasons = `{"average_score":"not_supplied","average_rank":"not_supplied","extent":"not_supplied",` +
					`"local_concentration":"not_supplied","population":"not_supplied"}`
			})},
		},
		{
			name:    "score of one LSOA not supplied: only the average score is null",
			batches: [][]lsoaRow{edit(func(rows []lsoaRow) { rows[0].score = nil })},
			want: []summaryRow{with(func(s *summaryRow) {
				s.AverageScore, s.NullReasons = nil, `{"average_score":"not_supplied"}`
			})},
		},
		{
			name:    "rank and decile of one LSOA not supplied",
			batches: [][]lsoaRow{edit(func(rows []lsoaRow) { rows[0].rank, rows[0].decile = nil, nil })},
			want: []summaryRow{with(func(s *summaryRow) {
				s.AverageRank, s.Extent, s.LocalConcentration, s.Decile1Share, s.Decile1LSOAs = nil, nil, nil, nil, nil
				s.NullReasons = `{"average_rank":"not_supplied","decile_1_share":"not_supplied","extent":"not_supplied",` +
					`"local_concentration":"not_supplied"}`
			})},
		},
		{
			name: "nobody lives there: weighted measures have no base",
			batches: [][]lsoaRow{edit(func(rows []lsoaRow) {
				for i := range rows {
					rows[i].population = ptr(int64(0))
				}
			})},
			want: []summaryRow{with(func(s *summaryRow) {
				s.AverageScore, s.AverageRank, s.Extent, s.LocalConcentration = nil, nil, nil, nil
				s.Population = ptr(int64(0))
				s.NullReasons = `{"average_score":"zero_base","average_rank":"zero_base","extent":"zero_base",` +
					`"local_concentration":"zero_base"}`
			})},
		},
		{
			name:    "published and derived scores in one area",
			batches: [][]lsoaRow{edit(func(rows []lsoaRow) { rows[1].basis = "derived" })},
			want:    []summaryRow{with(func(s *summaryRow) { s.Basis = "mixed" })},
		},
		{
			name: "rows come out by edition and area whatever order the areas came in",
			batches: [][]lsoaRow{
				edit(func(rows []lsoaRow) { inArea(rows, "E08000011", "2025") }),
				edit(func(rows []lsoaRow) { inArea(rows, "E06000006", "2025") }),
				edit(func(rows []lsoaRow) { inArea(rows, "E08000011", "2019") }),
			},
			want: []summaryRow{
				with(func(s *summaryRow) { s.Area, s.Edition = "E08000011", "2019" }),
				whole,
				with(func(s *summaryRow) { s.Area = "E08000011" }),
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := run(t, test.batches)
			if diff := cmp.Diff(test.want, got, cmp.Comparer(closeEnough)); diff != "" {
				t.Errorf("summaries differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	good := halton(t)
	edit := func(change func([]lsoaRow)) [][]lsoaRow {
		rows := append([]lsoaRow(nil), good...)
		change(rows)
		return [][]lsoaRow{rows}
	}
	tests := []struct {
		name    string
		batches [][]lsoaRow
		params  map[string]any
		want    string
	}{
		{name: "parameters", batches: [][]lsoaRow{good}, params: map[string]any{"share": 0.2, "seed": int64(1)}, want: "takes no parameters"},
		{name: "an LSOA twice", batches: edit(func(rows []lsoaRow) { rows[1].code = rows[0].code }), want: "LSOA " + good[0].code + " stands twice"},
		{name: "a rank of another edition", batches: edit(func(rows []lsoaRow) { rows[3].rank = ptr(int64(ranked2025 + 1)) }), want: "has rank 33756 of 33755"},
		{name: "a rank of zero", batches: edit(func(rows []lsoaRow) { rows[3].rank = ptr(int64(0)) }), want: "has rank 0"},
		{name: "fewer than no people", batches: edit(func(rows []lsoaRow) { rows[3].population = ptr(int64(-1)) }), want: "has -1 people"},
		{name: "two names for one area", batches: edit(func(rows []lsoaRow) { rows[3].name = "Runcorn" }), want: "name, type, in_area or lsoas_in_england differ"},
		{name: "no LSOAs in England", batches: edit(func(rows []lsoaRow) {
			for i := range rows {
				rows[i].ranked = 0
			}
		}), want: "lsoas_in_england is 0"},
		{name: "an area in two runs of rows", batches: edit(func(rows []lsoaRow) { rows[3].area = "E08000011" }), want: "its rows are not together"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := tryRun(t.Context(), test.batches, test.params)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestRunRefusesOtherInputs(t *testing.T) {
	t.Parallel()
	emit := func(arrow.RecordBatch) error { return nil }
	err := areadeprivation.Estimator{}.Run(t.Context(), nil, nil, emit)
	if err == nil || !strings.Contains(err.Error(), `needs the one input "lsoas"`) {
		t.Errorf("no input: error %v", err)
	}

	narrow := arrow.NewSchema([]arrow.Field{{Name: "area_code", Type: arrow.PrimitiveTypes.Int32}}, nil)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, narrow)
	defer builder.Release()
	builder.Field(0).(*array.Int32Builder).Append(1)
	batch := builder.NewRecordBatch()
	defer batch.Release()
	reader, err := array.NewRecordReader(narrow, []arrow.RecordBatch{batch})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Release()
	err = areadeprivation.Estimator{}.Run(t.Context(), map[string]array.RecordReader{"lsoas": reader}, nil, emit)
	if err == nil || !strings.Contains(err.Error(), "column area_code is int32: declare it VARCHAR") {
		t.Errorf("wrong type: error %v", err)
	}
}

func TestRunStopsWhenCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tryRun(ctx, [][]lsoaRow{halton(t)}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

// inArea moves rows to another area and edition.
func inArea(rows []lsoaRow, area, edition string) {
	for i := range rows {
		rows[i].area, rows[i].edition = area, edition
	}
}

// closeEnough compares measures to a part in 10^12.
func closeEnough(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return math.Abs(*a-*b) <= 1e-12*math.Max(1, math.Abs(*a))
}

// halton is the published edition of 2025 for Halton.
func halton(t *testing.T) []lsoaRow {
	t.Helper()
	var rows []lsoaRow
	for _, r := range readCSV(t, "testdata/iod2025_halton_lsoa.csv") {
		rows = append(rows, lsoaRow{
			area: "E06000006", edition: "2025", name: "Halton", code: r["lsoa21cd"], basis: "published", inArea: true,
			rank: ptr(whole(t, r["imd_rank"])), decile: ptr(whole(t, r["imd_decile"])),
			population: ptr(whole(t, r["pop_total"])), score: ptr(real(t, r["imd_score"])), ranked: ranked2025,
		})
	}
	return rows
}

// expectedHalton is the recomputed value of each measure.
func expectedHalton(t *testing.T) map[string]float64 {
	t.Helper()
	expected := make(map[string]float64)
	for _, r := range readCSV(t, "testdata/iod2025_halton_expected.csv") {
		expected[r["measure"]] = real(t, r["recomputed"])
	}
	return expected
}

func readCSV(t *testing.T, path string) []map[string]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	reader := csv.NewReader(bytes.NewReader(text))
	reader.Comment = '#'
	records, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := make(map[string]string)
		for i, name := range records[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func whole(t *testing.T, s string) int64 {
	t.Helper()
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func real(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
