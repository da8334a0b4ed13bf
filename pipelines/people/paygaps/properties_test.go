package paygaps_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"pgregory.net/rapid"

	"socialvalue/pipelines/people/paygaps"
)

// spread adds so many people whose rates lie about a middle, the same each time.
func (w workforce) spread(n int, side string, middle float64) workforce {
	random := rand.New(rand.NewPCG(uint64(n), uint64(middle*100)))
	for range n {
		w = append(w, person(side, len(w), ptr(math.Round(100*middle*(0.6+0.8*random.Float64()))/100), 0))
	}
	return w
}

func TestOrderOfPeopleAndRecordsChangesNoBit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before, after := aWorkforce(t), aWorkforce(t)
		rows := years(before, after, rapid.IntRange(0, 50).Draw(t, "people who are new"))
		params := map[string]any{"replicates": 1000, "seed": int64(7)}
		want, err := tryRun(t.Context(), rows, 1000, params)
		if err != nil {
			t.Fatal(err)
		}
		shuffled := append(rapid.Permutation(rows[:len(before)]).Draw(t, "before"), rapid.Permutation(rows[len(before):]).Draw(t, "after")...)
		got, err := tryRun(t.Context(), shuffled, rapid.IntRange(1, 90).Draw(t, "rows of a record"), params)
		if err != nil {
			t.Fatal(err)
		}
		if texts(got) != texts(want) {
			t.Fatalf("another order gives other figures:\n%s\n%s", texts(got), texts(want))
		}
	})
}

func TestContrastsDoNotDependOnOneAnother(t *testing.T) {
	t.Parallel()
	one := workforce{}.spread(40, men, 20).spread(50, women, 19)
	other := workforce{}.spread(70, men, 25).spread(30, women, 19)
	for i := range other {
		other[i].breakdown, other[i].value = "grade", "G7"
	}
	alone := texts(run(t, one, nil)) + texts(run(t, other, nil))
	if together := texts(run(t, append(append([]row{}, one...), other...), nil)); together != alone {
		t.Errorf("together:\n%s\nalone:\n%s", together, alone)
	}
}

func TestGapsHaveTheirSignAndBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := aWorkforce(t)
		got, err := tryRun(t.Context(), rows, 100, map[string]any{"replicates": 1000})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range got {
			if r.Value == nil {
				continue
			}
			switch {
			case r.Unit == "pct" && *r.Value > 100, r.Unit == "share" && (*r.Value < 0 || *r.Value > 1):
				t.Fatalf("%s is %v", r.Measure, *r.Value)
			case r.Low != nil && *r.Low > *r.High:
				t.Fatalf("%s: interval %v to %v", r.Measure, *r.Low, *r.High)
			case r.Unit == "pct" && math.Abs(*r.Pence-(100-*r.Value)) > 1e-9:
				t.Fatalf("%s: %v and %v pence", r.Measure, *r.Value, *r.Pence)
			}
		}
	})
}

func TestAnInjectedGapIsFound(t *testing.T) {
	t.Parallel()
	// Everybody of the focal group is paid eight per cent less than somebody of the comparator.
	w := workforce{}.spread(400, men, 20)
	for _, r := range w[:400:400] {
		w = append(w, person(women, len(w), ptr(*r.rate*0.92), 0))
	}
	got := figures(t, w)
	for _, measure := range []string{"mean_hourly", "median_hourly", "gap_p10", "gap_p25", "gap_p75", "gap_p90"} {
		wantValue(t, got[measure], 8)
		if r := got[measure]; r.Method != "bootstrap_percentile" || !(*r.Low < 8 && 8 < *r.High) || *r.High-*r.Low > 15 {
			t.Errorf("%s: %s, %v to %v", measure, r.Method, *r.Low, *r.High)
		}
	}
}

func TestChangeOfTheSamePeopleIsCertain(t *testing.T) {
	t.Parallel()
	// The same people, everybody with three per cent more: no change, and no doubt of it. Others with the same pay: doubt.
	before := workforce{}.spread(100, men, 20).spread(100, women, 18)
	after := append(workforce{}, before...)
	for i := range after {
		after[i].rate = ptr(*before[i].rate * 1.03)
	}
	for name, shift := range map[string]int{"the same": 0, "others": 1000} {
		mean := latest(t, years(before, after, shift))["mean_hourly"]
		if *mean.Change != 0 || mean.ChangeLow == nil || *mean.ChangeLow > 0 || *mean.ChangeHigh < 0 {
			t.Errorf("%s: %+v", name, mean)
		}
		if width := *mean.ChangeHigh - *mean.ChangeLow; (name == "the same") != (width == 0) {
			t.Errorf("%s: the interval of the change is %v wide", name, width)
		}
	}
}

func TestLargeContrastsAreNotDrawn(t *testing.T) {
	t.Parallel()
	before := workforce{}.spread(2600, men, 20).spread(2500, women, 18)
	after := append(workforce{}, before...)
	for i := range after {
		after[i].bonus = 100 + float64(i%7)
		if after[i].side == women && i%2 == 0 {
			after[i].rate = ptr(*after[i].rate + 1)
		}
	}
	rows := years(before, after, 0)
	large := latest(t, rows)
	smaller := map[string]result{}
	for _, r := range run(t, rows, map[string]any{"bootstrap_people": 10000, "replicates": 4000}) {
		if r.Snapshot == "2025-03-31" {
			smaller[r.Measure] = r
		}
	}
	methods := map[string]string{
		"mean_hourly": "delta", "median_hourly": "order_statistics", "gap_p10": "order_statistics", "gap_p90": "order_statistics",
		"mean_bonus": "delta", "bonus_share_focal": "wilson", "quarter_share_upper": "wilson",
	}
	for measure, method := range methods {
		r, drawn := large[measure], smaller[measure]
		if r.Method != method || *r.Value != *drawn.Value {
			t.Errorf("%s: %s, value %v and %v", measure, r.Method, *r.Value, *drawn.Value)
		}
		if method == "wilson" {
			continue
		}
		// Both say much the same of the level; of the change, what ignores that people overlap is wider.
		if math.Abs(*r.Low-*drawn.Low) > 0.4 || math.Abs(*r.High-*drawn.High) > 0.4 {
			t.Errorf("%s: %v to %v, drawn %v to %v", measure, *r.Low, *r.High, *drawn.Low, *drawn.High)
		}
		if measure == "mean_bonus" {
			continue // nobody had one before
		}
		width, drawnWidth := *r.ChangeHigh-*r.ChangeLow, *drawn.ChangeHigh-*drawn.ChangeLow
		if measure == "mean_hourly" && math.Abs(width-drawnWidth) > 0.2 || width < drawnWidth-0.2 {
			t.Errorf("%s: change %v wide, drawn %v", measure, width, drawnWidth)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	good := workforce{}.with(men, 1717, 1717).with(women, 1717, 1717)
	edit := func(change func([]row)) []row {
		rows := append([]row(nil), good...)
		change(rows)
		return rows
	}
	tests := map[string]struct {
		rows   []row
		params map[string]any
		want   string
	}{
		"a parameter it does not know": {good, map[string]any{"level": 0.9}, "no parameter level"},
		"too few replicates":           {good, map[string]any{"replicates": 10}, "parameter replicates must be a whole number from 1000"},
		"a person twice":               {edit(func(r []row) { r[1].person = r[0].person }), nil, "a person stands twice"},
		"a side it does not know":      {edit(func(r []row) { r[1].side = "both" }), nil, "neither comparator, focal nor other"},
		"a negative rate":              {edit(func(r []row) { r[1].rate = ptr(-3333.5) }), nil, "an hourly rate is negative"},
		"a rate that is none":          {edit(func(r []row) { r[1].rate = ptr(math.NaN()) }), nil, "an hourly rate is negative or no number"},
		"a negative bonus":             {edit(func(r []row) { r[1].bonus = -5050.5 }), nil, "paid_bonus is true for somebody whose bonus"},
		"a part of the key is null":    {edit(func(r []row) { r[1].value = "" }), nil, "column breakdown_value is null"},
		"no key of a person":           {edit(func(r []row) { r[1].person = "" }), nil, "person_key, side or paid_bonus of a row is null"},
		"a contrast in two parts":      {edit(func(r []row) { r[1].value = "other" }), nil, "its rows are not together"},
		"years that go back":           {edit(func(r []row) { r[3].snapshot = "2024-03-31" }), nil, "its snapshots do not ascend"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := tryRun(t.Context(), tc.rows, 2, tc.params)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("error %v, want one with %q", err, tc.want)
			}
			for _, secret := range []string{"3333", "5050", "p00000", "1717"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error %q tells of a person", err)
				}
			}
		})
	}
}

func TestRunRefusesOtherInputs(t *testing.T) {
	t.Parallel()
	emit := func(arrow.RecordBatch) error { return nil }
	if err := (paygaps.Estimator{}).Run(t.Context(), nil, nil, emit); err == nil || !strings.Contains(err.Error(), `needs the one input "contrasts"`) {
		t.Errorf("no input: error %v", err)
	}
	narrow := arrow.NewSchema([]arrow.Field{{Name: "body_code", Type: arrow.PrimitiveTypes.Int32}}, nil)
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
	err = paygaps.Estimator{}.Run(t.Context(), map[string]array.RecordReader{"contrasts": reader}, nil, emit)
	if err == nil || !strings.Contains(err.Error(), "column body_code is int32: declare it VARCHAR") {
		t.Errorf("wrong type: error %v", err)
	}
}

func TestRunStopsWhenCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tryRun(ctx, workforce{}.with(men, 1), 1, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

func TestNoRowsGiveTheColumns(t *testing.T) {
	t.Parallel()
	if got, err := tryRun(t.Context(), nil, 1, nil); err != nil || len(got) != 0 {
		t.Errorf("%d rows, %v", len(got), err)
	}
}
