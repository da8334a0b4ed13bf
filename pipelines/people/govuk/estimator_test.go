package govuk_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"pgregory.net/rapid"

	"socialvalue/pipelines/people/govuk"
	"socialvalue/pipelines/people/paygaps"
)

// employee is somebody of the statutory contrast.
type employee struct {
	woman bool
	rate  float64 // nought: not on full pay
	bonus float64
}

// gaps runs pay_gaps over the employees of a body, in the population all and in another one that is not reported.
func gaps(ctx context.Context, employees []employee) (*arrow.Schema, []arrow.RecordBatch, error) {
	text := arrow.BinaryTypes.String
	fields := []arrow.Field{{Name: "snapshot_date", Type: arrow.PrimitiveTypes.Date32}}
	for _, name := range []string{"body_code", "population", "characteristic", "comparator_group", "focal_group", "breakdown", "breakdown_value", "side", "person_key"} {
		fields = append(fields, arrow.Field{Name: name, Type: text})
	}
	fields = append(fields,
		arrow.Field{Name: "hourly_rate_gbp", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		arrow.Field{Name: "bonus_gbp", Type: arrow.PrimitiveTypes.Float64},
		arrow.Field{Name: "paid_bonus", Type: arrow.FixedWidthTypes.Boolean},
		arrow.Field{Name: "quarter_tie", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	)
	schema := arrow.NewSchema(fields, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for _, population := range []string{"all", "without_apprentices"} {
		for i, e := range employees {
			side := "comparator"
			if e.woman {
				side = "focal"
			}
			b.Field(0).(*array.Date32Builder).Append(20178)
			for at, value := range []string{"E47000004", population, "sex", "male", "female", "all", "all", side, fmt.Sprint("p", i)} {
				b.Field(1 + at).(*array.StringBuilder).Append(value)
			}
			if e.rate == 0 {
				b.Field(10).AppendNull()
			} else {
				b.Field(10).(*array.Float64Builder).Append(e.rate)
			}
			b.Field(11).(*array.Float64Builder).Append(e.bonus)
			b.Field(12).(*array.BooleanBuilder).Append(e.bonus > 0)
			if e.rate == 0 {
				b.Field(13).AppendNull()
			} else {
				b.Field(13).(*array.Int64Builder).Append(int64(math.Round(e.rate * 10000)))
			}
		}
	}
	reader, err := array.NewRecordReader(schema, []arrow.RecordBatch{b.NewRecordBatch()})
	if err != nil {
		return nil, nil, err
	}
	var made []arrow.RecordBatch
	err = paygaps.Estimator{}.Run(ctx, map[string]array.RecordReader{paygaps.InputName: reader}, map[string]any{"replicates": 1000},
		func(batch arrow.RecordBatch) error {
			batch.Retain()
			made = append(made, batch)
			return nil
		})
	if err != nil {
		return nil, nil, err
	}
	return made[0].Schema(), made, nil
}

// returned is a row of the result as texts by column; null is empty.
func returned(ctx context.Context, employees []employee, bodies ...string) (map[string]string, error) {
	schema, made, err := gaps(ctx, employees)
	if err != nil {
		return nil, err
	}
	figures, err := array.NewRecordReader(schema, made)
	if err != nil {
		return nil, err
	}
	employers := arrow.NewSchema([]arrow.Field{
		{Name: "body_code", Type: arrow.BinaryTypes.String},
		{Name: "employer_name", Type: arrow.BinaryTypes.String},
		{Name: "employer_id", Type: arrow.BinaryTypes.String, Nullable: true},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, employers)
	defer b.Release()
	for _, body := range bodies {
		b.Field(0).(*array.StringBuilder).Append(body)
		b.Field(1).(*array.StringBuilder).Append("Liverpool City Region Combined Authority")
		b.Field(2).AppendNull()
	}
	names, err := array.NewRecordReader(employers, []arrow.RecordBatch{b.NewRecordBatch()})
	if err != nil {
		return nil, err
	}
	row := map[string]string{}
	err = govuk.Estimator{}.Run(ctx, map[string]array.RecordReader{govuk.FiguresInput: figures, govuk.EmployersInput: names}, nil,
		func(batch arrow.RecordBatch) error {
			if batch.NumRows() != 1 {
				return fmt.Errorf("%d rows", batch.NumRows())
			}
			for i, field := range batch.Schema().Fields() {
				if column := batch.Column(i); column.IsValid(0) {
					row[field.Name] = column.ValueStr(0)
				}
			}
			return nil
		})
	return row, err
}

func TestReturnOfAWorkforce(t *testing.T) {
	t.Parallel()
	// Sixteen people in each quarter, one woman in the lowest: 6.25 per cent. Six of thirty-three men were paid a bonus,
	// no woman was.
	var employees []employee
	for band := range 4 {
		for i := range 16 {
			woman := i%2 == 0
			if band == 0 {
				woman = i == 0
			}
			employees = append(employees, employee{woman: woman, rate: 10 + 5*float64(band)})
		}
	}
	given := 0
	for i := range employees {
		if !employees[i].woman && given < 6 {
			employees[i].bonus = 250
			given++
		}
	}
	got, err := returned(t.Context(), employees, "E47000004")
	if err != nil {
		t.Fatal(err)
	}
	for column, want := range map[string]string{
		"gov_uk_reporting_year": "2025-26", "snapshot_date": "2025-03-31", "deadline": "2026-03-30",
		"employer_name": "Liverpool City Region Combined Authority", "employer_id": "",
		"female_lower_quartile": "6.3", "male_lower_quartile": "93.7", "female_top_quartile": "50", "male_top_quartile": "50",
		"diff_mean_bonus_percent": "100", "diff_median_bonus_percent": "100", "male_bonus_percent": "15.4", "female_bonus_percent": "0",
		"is_accepted": "true", "problems": "",
		// Men's median is 15 and women's 20: men are more in the lower half.
		"diff_median_hourly_percent": "-33.3", "is_plausible": "true",
	} {
		if got[column] != want {
			t.Errorf("%s is %q, want %q", column, got[column], want)
		}
	}
	if n := len(govuk.ReturnColumns()); n != 14 {
		t.Errorf("%d figures", n)
	}
}

func TestReturnThatTheServiceWouldRefuseSaysWhy(t *testing.T) {
	t.Parallel()
	got, err := returned(t.Context(), []employee{{woman: true, rate: 12}, {woman: true, rate: 13}}, "E47000004")
	if err != nil {
		t.Fatal(err)
	}
	if got["is_accepted"] != "false" || !strings.Contains(got["problems"], "DiffMeanHourlyPercent: it is blank: the service needs it") || got["is_plausible"] != "" {
		t.Errorf("women alone: %v", got)
	}
	if _, err := returned(t.Context(), []employee{{rate: 12}}, "E08000012"); err == nil || !strings.Contains(err.Error(), "body E47000004 is not in the input employers") {
		t.Errorf("an employer without a name: %v", err)
	}
}

// The rules of the methods, 1.10 and edge case 57: what is made here is always taken by the service and plausible, for
// workforces of any mix, with a pay spine and without.
func TestEveryWorkforceMakesAnAcceptedAndPlausibleReturn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spine := rapid.IntRange(1, 400).Draw(t, "points of the spine")
		tilt := rapid.Float64Range(-0.3, 0.3).Draw(t, "how much less women are paid")
		employees := []employee{{woman: true, rate: 20}, {rate: 20}, {rate: 21}, {woman: true, rate: 21}}
		for range rapid.IntRange(0, 300).Draw(t, "people") {
			e := employee{woman: rapid.Bool().Draw(t, "woman"), rate: 10 + float64(rapid.IntRange(0, spine-1).Draw(t, "point"))/10}
			if e.woman {
				e.rate = math.Round(e.rate*(1-tilt)*100) / 100
			}
			if rapid.IntRange(0, 40).Draw(t, "bonus") == 0 {
				e.bonus = float64(rapid.IntRange(1, 1000).Draw(t, "pounds"))
			}
			employees = append(employees, e)
		}
		got, err := returned(context.Background(), employees, "E47000004")
		if err != nil {
			t.Fatal(err)
		}
		if got["is_accepted"] != "true" || got["is_plausible"] != "true" {
			t.Fatalf("%v", got)
		}
	})
}
