package govuk

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/internal/stats"
	"socialvalue/pipelines/people/contrast"
	"socialvalue/pipelines/people/payfigures"
)

// Name is how a model names the estimator, with the version of its method.
const Name = "gov_uk_return@1"

// Names of the inputs.
const (
	FiguresInput   = "figures"
	EmployersInput = "employers"
)

// Estimator makes the return of each body and snapshot; its zero value is ready for use.
//
// figures is what pay_gaps made, ordered by the key of the contrast and snapshot_date; of it the contrast of sex, female
// against male, of the breakdown all is read. employers has body_code, employer_name and employer_id, VARCHAR, a row for
// each body that reports; employer_id may be null.
//
// The result has a row for each body and snapshot:
//
//	body_code VARCHAR; snapshot_date DATE; gov_uk_reporting_year VARCHAR; deadline DATE
//	employer_name, employer_id VARCHAR
//	the fourteen figures, DOUBLE, as ReturnColumns names them
//	is_accepted BOOLEAN, problems VARCHAR: what the service would refuse, null when nothing
//	is_plausible BOOLEAN: whether median and quarters can be of the same people; null without both
//
// Parameters: population, the one that is reported; all, if it is not said.
type Estimator struct{}

// sexes are the groups of the statutory contrast.
const (
	sex     = "sex"
	male    = "male"
	female  = "female"
	allOfIt = "all"
)

// Run reads employers, then figures, and emits one record.
func (Estimator) Run(
	ctx context.Context,
	inputs map[string]array.RecordReader,
	params map[string]any,
	emit func(arrow.RecordBatch) error,
) error {
	population, err := populationOf(params)
	if err != nil {
		return err
	}
	figures, employers := inputs[FiguresInput], inputs[EmployersInput]
	if figures == nil || employers == nil || len(inputs) != 2 {
		return fmt.Errorf("needs the inputs %q and %q: name both in the model's inputs", FiguresInput, EmployersInput)
	}
	known, err := readEmployers(employers)
	if err != nil {
		return fmt.Errorf("input %s: %w", EmployersInput, err)
	}
	builder := array.NewRecordBuilder(memory.DefaultAllocator, outputSchema())
	defer builder.Release()
	err = payfigures.Read(ctx, figures, func(set payfigures.Set) error {
		k := set.Key
		if k.Characteristic != sex || k.Comparator != male || k.Focal != female || k.Breakdown != allOfIt || k.Population != population {
			return nil
		}
		employer, ok := known[k.Body]
		if !ok {
			return fmt.Errorf("body %s is not in the input %s: give its name as the service has it", k.Body, EmployersInput)
		}
		write(builder, set, employer)
		return nil
	})
	if err != nil {
		return fmt.Errorf("input %s: %w", FiguresInput, err)
	}
	record := builder.NewRecordBatch()
	defer record.Release()
	return emit(record)
}

func populationOf(params map[string]any) (string, error) {
	population := allOfIt
	for name, value := range params {
		switch name {
		case "seed": // nothing here is drawn by chance
		case "population":
			text, ok := value.(string)
			if !ok {
				return "", fmt.Errorf("parameter population must be a text")
			}
			population = text
		default:
			return "", fmt.Errorf("no parameter %s: there is population", name)
		}
	}
	return population, nil
}

type employer struct{ name, id string }

func readEmployers(reader array.RecordReader) (map[string]employer, error) {
	known := map[string]employer{}
	for reader.Next() {
		find := contrast.Finder{Batch: reader.RecordBatch()}
		body := contrast.Column[*array.String](&find, "body_code", "VARCHAR")
		name := contrast.Column[*array.String](&find, "employer_name", "VARCHAR")
		id := contrast.Column[*array.String](&find, "employer_id", "VARCHAR")
		if find.Err != nil {
			return nil, find.Err
		}
		for i := range int(reader.RecordBatch().NumRows()) {
			if body.IsNull(i) || name.IsNull(i) {
				return nil, fmt.Errorf("body_code or employer_name of a row is null: give both")
			}
			e := employer{name: strings.Clone(name.Value(i))}
			if !id.IsNull(i) {
				e.id = strings.Clone(id.Value(i))
			}
			known[strings.Clone(body.Value(i))] = e
		}
	}
	if err := reader.Err(); err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	return known, nil
}

// FromFigures makes the return of the figures of the statutory contrast. Shares become per cents; a quarter's men are 100
// less its women; bonus gaps are blank where the share of men shown is 0.
func FromFigures(set payfigures.Set) Return {
	var r Return
	for f, measure := range map[Figure]string{
		MeanHourly: "mean_hourly", MedianHourly: "median_hourly", MeanBonus: "mean_bonus", MedianBonus: "median_bonus",
	} {
		r.Values[f] = oneDecimal(set.Figures[measure].Value, 1)
	}
	for f, measure := range map[Figure]string{
		MaleBonus: "bonus_share_comparator", FemaleBonus: "bonus_share_focal", FemaleLower: "quarter_share_lower",
		FemaleLowerMiddle: "quarter_share_lower_middle", FemaleUpperMiddle: "quarter_share_upper_middle",
		FemaleUpper: "quarter_share_upper",
	} {
		r.Values[f] = oneDecimal(set.Figures[measure].Value, 100)
	}
	for _, pair := range quarters() {
		if women := r.Of(pair[1]); women != nil {
			rest := 100 - *women
			r.Values[pair[0]] = oneDecimal(&rest, 1)
		}
	}
	if men := r.Of(MaleBonus); men != nil && *men == 0 {
		r.Values[MeanBonus], r.Values[MedianBonus] = nil, nil
	}
	return r
}

func oneDecimal(value *float64, times float64) *float64 {
	if value == nil {
		return nil
	}
	rounded := stats.RoundHalfAway(*value*times, 1)
	return &rounded
}

// plausible holds the median to the men counted in the quarters; known is false without either.
func plausible(set payfigures.Set) (is, known bool) {
	median := set.Figures["median_hourly"].Value
	if median == nil {
		return false, false
	}
	var men [4]float64
	for i, measure := range []string{"quarter_share_lower", "quarter_share_lower_middle", "quarter_share_upper_middle", "quarter_share_upper"} {
		f := set.Figures[measure]
		if f.Numerator == nil || f.Denominator == nil {
			return false, false
		}
		men[i] = float64(*f.Denominator) - *f.Numerator
	}
	return Plausible(*median, Halves{men[0] + men[1], men[2] + men[3]}), true
}

// ReturnColumns are the names of the figures in the result, in the order of the file.
func ReturnColumns() []string {
	return []string{
		"diff_mean_hourly_percent", "diff_median_hourly_percent", "diff_mean_bonus_percent", "diff_median_bonus_percent",
		"male_bonus_percent", "female_bonus_percent", "male_lower_quartile", "female_lower_quartile",
		"male_lower_middle_quartile", "female_lower_middle_quartile", "male_upper_middle_quartile",
		"female_upper_middle_quartile", "male_top_quartile", "female_top_quartile",
	}
}

func outputSchema() *arrow.Schema {
	text := arrow.BinaryTypes.String
	fields := []arrow.Field{
		{Name: "body_code", Type: text},
		{Name: "snapshot_date", Type: arrow.PrimitiveTypes.Date32},
		{Name: "gov_uk_reporting_year", Type: text},
		{Name: "deadline", Type: arrow.PrimitiveTypes.Date32},
		{Name: "employer_name", Type: text},
		{Name: "employer_id", Type: text, Nullable: true},
	}
	for _, name := range ReturnColumns() {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Float64, Nullable: true})
	}
	return arrow.NewSchema(append(fields,
		arrow.Field{Name: "is_accepted", Type: arrow.FixedWidthTypes.Boolean},
		arrow.Field{Name: "problems", Type: text, Nullable: true},
		arrow.Field{Name: "is_plausible", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
	), nil)
}

func write(b *array.RecordBuilder, set payfigures.Set, of employer) {
	r := FromFigures(set)
	snapshot := set.Key.Snapshot.ToTime()
	at := 0
	next := func() array.Builder { at++; return b.Field(at - 1) }
	text := func(value string) {
		if value == "" {
			next().AppendNull()
			return
		}
		next().(*array.StringBuilder).Append(value)
	}
	text(set.Key.Body)
	next().(*array.Date32Builder).Append(set.Key.Snapshot)
	text(ReportingYear(snapshot))
	next().(*array.Date32Builder).Append(arrow.Date32FromTime(Deadline(snapshot)))
	text(of.name)
	text(of.id)
	for _, value := range r.Values {
		column := next().(*array.Float64Builder)
		if value == nil {
			column.AppendNull()
		} else {
			column.Append(*value)
		}
	}
	problems := Validate(r)
	texts := make([]string, len(problems))
	for i, p := range problems {
		texts[i] = p.Error()
	}
	next().(*array.BooleanBuilder).Append(len(problems) == 0)
	text(strings.Join(texts, "; "))
	is, known := plausible(set)
	column := next().(*array.BooleanBuilder)
	if !known {
		column.AppendNull()
		return
	}
	column.Append(is)
}
