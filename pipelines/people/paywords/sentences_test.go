package paywords_test

import (
	"context"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"socialvalue/pipelines/people/contrast"
	"socialvalue/pipelines/people/payfigures"
	"socialvalue/pipelines/people/paywords"
)

func ptr[T any](v T) *T { return &v }

func women() paywords.Names { return paywords.Names{Focal: "women", Comparator: "men"} }

// set makes the figures of a contrast with quarters of 100 of whom so many are women.
func set(inQuarters [4]float64) payfigures.Set {
	s := payfigures.Set{Figures: map[string]payfigures.Figure{}}
	total := inQuarters[0] + inQuarters[1] + inQuarters[2] + inQuarters[3]
	hourly := payfigures.Figure{Focal: int64(total), Comparator: int64(400 - total), Reliability: "reliable"}
	gap := func(value float64) payfigures.Figure { f := hourly; f.Value = &value; return f }
	s.Figures["median_hourly"], s.Figures["mean_hourly"] = gap(20.3), gap(-1.5)
	for i, measure := range []string{"quarter_share_lower", "quarter_share_lower_middle", "quarter_share_upper_middle", "quarter_share_upper"} {
		f := gap(inQuarters[i] / 100)
		f.Numerator, f.Denominator = ptr(inQuarters[i]), ptr(int64(100))
		s.Figures[measure] = f
	}
	share := func(part float64) payfigures.Figure {
		f := gap(part / 200)
		f.Numerator, f.Denominator = &part, ptr(int64(200))
		return f
	}
	s.Figures["bonus_share_focal"], s.Figures["bonus_share_comparator"] = share(0), share(0)
	s.Figures["median_bonus"] = payfigures.Figure{Reason: "nobody_paid_bonus"}
	return s
}

func said(s payfigures.Set) map[string]string {
	all := map[string]string{}
	for _, sentence := range paywords.Sentences(s, women()) {
		all[sentence.About] = sentence.Text
	}
	return all
}

func wantSentences(t *testing.T, got, want map[string]string) {
	t.Helper()
	for about, text := range want {
		if got[about] != text {
			t.Errorf("%s:\ngot  %s\nwant %s", about, got[about], text)
		}
	}
}

func TestSentencesOfAReturn(t *testing.T) {
	t.Parallel()
	wantSentences(t, said(set([4]float64{64, 64, 60, 38})), map[string]string{
		"median_hourly": "The median hourly pay of women is 20.3% lower than that of men: 79.7p for each £1.",
		"mean_hourly":   "The mean hourly pay of women is 1.5% higher than that of men: 101.5p for each £1.",
		"quarters":      "Women are 56.5% of everybody whose hourly pay counts: 64.0% of the lower, 64.0% of the lower middle, 60.0% of the upper middle and 38.0% of the upper quarter.",
		"majorities":    "Women are the majority in the lower, lower middle and upper middle quarters; men are the majority in the upper quarter.",
		"bonus":         "Nobody was paid a bonus in the year.",
		"change":        "",
		"reliability":   "",
	})
}

// The methods, 8.7: a text said "balanced" of quarters three of which were 90 per cent of one sex.
func TestFeature7EveryQuarterIsInTheSentence(t *testing.T) {
	t.Parallel()
	got := said(set([4]float64{90, 90, 90, 10}))
	wantSentences(t, got, map[string]string{
		"quarters":   "Women are 70.0% of everybody whose hourly pay counts: 90.0% of the lower, 90.0% of the lower middle, 90.0% of the upper middle and 10.0% of the upper quarter.",
		"majorities": "Women are the majority in the lower, lower middle and upper middle quarters; men are the majority in the upper quarter.",
	})
	for about, text := range got {
		if strings.Contains(text, "balance") {
			t.Errorf("%s: %s", about, text)
		}
	}
	wantSentences(t, said(set([4]float64{50, 50, 50, 50})), map[string]string{"majorities": "Nobody is the majority in all four quarters."})
	wantSentences(t, said(set([4]float64{60, 50, 40, 30})), map[string]string{
		"majorities": "Women are the majority in the lower quarter; men are the majority in the upper middle and upper quarters; nobody is the majority in the lower middle quarter.",
	})
	// With others beside the two groups, those who are not women are not all men.
	s := set([4]float64{60, 60, 40, 30})
	mean := s.Figures["mean_hourly"]
	mean.Comparator -= 50
	s.Figures["mean_hourly"] = mean
	wantSentences(t, said(s), map[string]string{
		"majorities": "Women are the majority in the lower and lower middle quarters; others are the majority in the upper middle and upper quarters.",
	})
}

func TestNothingIsSaidOfFewerThanTen(t *testing.T) {
	t.Parallel()
	// Nine women in the upper quarter; then nine in all.
	wantSentences(t, said(set([4]float64{64, 64, 60, 9})), map[string]string{
		"quarters":   "The quarters of pay are not told: fewer than 10 people of a group stand in one of them.",
		"majorities": "",
	})
	for _, small := range []float64{9, 391} {
		s := set([4]float64{small / 4, small / 4, small / 4, small / 4})
		for measure, f := range s.Figures {
			f.Prior, f.Change, f.ChangeLow, f.ChangeHigh = ptr(3.3), ptr(3.3), ptr(3.3), ptr(3.3)
			s.Figures[measure] = f
		}
		for _, sentence := range paywords.Sentences(s, women()) {
			if strings.ContainsAny(sentence.Text, "%£") || strings.Contains(sentence.Text, "3.3") {
				t.Errorf("of %v women: %s", small, sentence.Text)
			}
		}
	}
	// A bonus of nine people, and one that all but nine were paid.
	for _, recipients := range []float64{9, 191} {
		s := set([4]float64{50, 50, 50, 50})
		f := s.Figures["bonus_share_focal"]
		f.Numerator, f.Value = &recipients, ptr(recipients/200)
		s.Figures["bonus_share_focal"] = f
		wantSentences(t, said(s), map[string]string{"bonus": "Bonuses are not told: fewer than 10 people of a group were paid one, or were not."})
	}
}

func TestSentencesOfChangeBonusAndReasons(t *testing.T) {
	t.Parallel()
	s := set([4]float64{50, 50, 50, 50})
	median := s.Figures["median_hourly"]
	median.Prior, median.Change, median.ChangeLow, median.ChangeHigh = ptr(24.5), ptr(-4.2), ptr(-7.9), ptr(-0.6)
	s.Figures["median_hourly"] = median
	paid := s.Figures["bonus_share_focal"]
	paid.Numerator, paid.Value = ptr(40.0), ptr(0.2)
	s.Figures["bonus_share_focal"] = paid
	paid.Numerator, paid.Value = ptr(60.0), ptr(0.3)
	s.Figures["bonus_share_comparator"] = paid
	s.Figures["median_bonus"] = payfigures.Figure{Value: ptr(9.7), Focal: 40, Comparator: 60}
	wantSentences(t, said(s), map[string]string{
		"change": "A year before, the median gap was 24.5%: it went down by 4.2 percentage points, and that is more than chance alone would do (from -7.9 to -0.6).",
		"bonus":  "20.0% of women and 30.0% of men were paid a bonus in the year. The median bonus of women is 9.7% lower than that of men: 90.3p for each £1 of bonus.",
	})
	median.Change, median.ChangeLow, median.ChangeHigh = ptr(1.2), ptr(-2.0), ptr(4.4)
	s.Figures["median_hourly"] = median
	wantSentences(t, said(s), map[string]string{
		"change": "A year before, the median gap was 24.5%: it went up by 1.2 percentage points, and that is no more than chance alone could do (from -2.0 to +4.4).",
	})
	s.Figures["median_hourly"] = payfigures.Figure{Value: ptr(0.0), Focal: 12, Comparator: 80}
	s.Figures["mean_hourly"] = payfigures.Figure{Reason: "zero_base", Focal: 12, Comparator: 80}
	wantSentences(t, said(s), map[string]string{
		"median_hourly": "The median hourly pay of women and of men is the same, to a tenth of a per cent.",
		"mean_hourly":   "The gap in mean hourly pay cannot be computed: zero base.",
		"reliability":   "One of the two groups has fewer than 30 people: the figures move much when one person does.",
	})
	s.Figures["median_hourly"] = payfigures.Figure{Reason: "no_focal_people", Comparator: 80}
	wantSentences(t, said(s), map[string]string{"median_hourly": "There is no gap in median hourly pay: one of the two groups has nobody."})
}

// table is a record of texts, but for the columns that are numbers or days.
func table(t *testing.T, columns []string, types map[string]arrow.DataType, rows [][]any) array.RecordReader {
	t.Helper()
	var fields []arrow.Field
	for _, name := range columns {
		kind := types[name]
		if kind == nil {
			kind = arrow.BinaryTypes.String
		}
		fields = append(fields, arrow.Field{Name: name, Type: kind, Nullable: true})
	}
	schema := arrow.NewSchema(fields, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for _, row := range rows {
		for i, value := range row {
			switch column := b.Field(i).(type) {
			case *array.StringBuilder:
				column.Append(value.(string))
			case *array.Date32Builder:
				column.Append(arrow.Date32(value.(int)))
			case *array.Int64Builder:
				column.Append(int64(value.(int)))
			case *array.Float64Builder:
				if value == nil {
					column.AppendNull()
				} else {
					column.Append(value.(float64))
				}
			}
		}
	}
	reader, err := array.NewRecordReader(schema, []arrow.RecordBatch{b.NewRecordBatch()})
	if err != nil {
		t.Fatal(err)
	}
	return reader
}

func figuresTable(t *testing.T, rows ...[]any) array.RecordReader {
	t.Helper()
	series := contrast.SeriesColumns()
	columns := append(series[:], "snapshot_date", "measure", "n_focal", "n_comparator", "denominator", "value",
		"ci_low", "ci_high", "numerator", "prior_value", "change_pp", "change_ci_low", "change_ci_high", "reliability", "null_reason")
	types := map[string]arrow.DataType{"snapshot_date": arrow.PrimitiveTypes.Date32}
	for i, name := range columns {
		switch {
		case i >= 9 && i < 12:
			types[name] = arrow.PrimitiveTypes.Int64
		case i >= 12 && i < 20:
			types[name] = arrow.PrimitiveTypes.Float64
		}
	}
	var all [][]any
	for _, r := range rows { // body, day, measure, value
		all = append(all, []any{
			r[0], "all", "sex", "male", "female", "all", "all", r[1], r[2], 200, 200, 0, r[3], nil, nil, nil, nil, nil, nil, nil, "reliable", "",
		})
	}
	return table(t, columns, types, all)
}

func tell(t *testing.T, figures array.RecordReader, labels ...[]any) ([]string, error) {
	t.Helper()
	var got []string
	err := paywords.Estimator{}.Run(context.Background(), map[string]array.RecordReader{
		paywords.FiguresInput: figures,
		paywords.LabelsInput:  table(t, []string{"characteristic", "group_code", "group_label"}, nil, labels),
	}, nil, func(batch arrow.RecordBatch) error {
		for i := range int(batch.NumRows()) {
			got = append(got, batch.Column(0).ValueStr(i)+" "+batch.Column(7).ValueStr(i)+" "+batch.Column(8).ValueStr(i)+" "+batch.Column(10).ValueStr(i))
		}
		return nil
	})
	return got, err
}

func TestEstimatorTellsEachContrast(t *testing.T) {
	t.Parallel()
	labels := [][]any{{"sex", "female", "women"}, {"sex", "male", "men"}}
	got, err := tell(t, figuresTable(t,
		[]any{"A", 20178, "median_hourly", 5.0}, []any{"A", 20178, "mean_hourly", 0.0}, []any{"B", 20178, "median_hourly", -5.0},
	), labels...)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"A 2025-03-31 1 The median hourly pay of women is 5.0% lower than that of men: 95.0p for each £1.",
		"A 2025-03-31 2 The mean hourly pay of women and of men is the same, to a tenth of a per cent.",
		"B 2025-03-31 1 The median hourly pay of women is 5.0% higher than that of men: 105.0p for each £1.",
		"B 2025-03-31 2 There is no gap in mean hourly pay: one of the two groups has nobody.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for name, tc := range map[string]struct {
		rows   [][]any
		labels [][]any
		want   string
	}{
		"a group without a label": {[][]any{{"A", 20178, "median_hourly", 5.0}}, labels[:1], "the group male has no label"},
		"a measure twice":         {[][]any{{"A", 20178, "median_hourly", 5.0}, {"A", 20178, "median_hourly", 6.0}}, labels, "the measure median_hourly stands twice"},
		"a contrast in two parts": {[][]any{{"A", 20178, "median_hourly", 5.0}, {"B", 20178, "median_hourly", 6.0}, {"A", 20178, "mean_hourly", 6.0}}, labels, "its rows are not together"},
	} {
		if _, err := tell(t, figuresTable(t, tc.rows...), tc.labels...); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v, want %q", name, err, tc.want)
		}
	}
}
