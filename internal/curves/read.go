//go:build duckdb_arrow

package curves

import (
	"context"
	"fmt"
	"strconv"

	"socialvalue/internal/query"
)

// Tier is the restricted file that has the curves, Dataset their table in it.
const (
	Tier    = "housing_first"
	Dataset = "housing_first.curves"
)

// Read takes all curves of a release: of all cohorts together first, then by year, in the order of the measures.
func Read(ctx context.Context, file *query.File) ([]Chart, error) {
	answer, err := file.Ask(ctx, `select body_code, measure, cohort, measure_label, definition, time_days, at_risk, censored, survival, ci_low, ci_high
		from `+Dataset+` order by body_code, measure, cohort = 'all' desc, cohort, step`)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", Dataset, err)
	}
	var charts []Chart
	for _, row := range answer.Rows {
		next := Chart{Body: row[0].Text, Measure: row[1].Text, Cohort: row[2].Text, Definition: row[4].Text}
		next.Title = row[3].Text + ", all years"
		if next.Cohort != "all" {
			next.Title = row[3].Text + ", " + beginning(next.Measure) + " in " + next.Cohort
		}
		if n := len(charts); n == 0 || charts[n-1].Body != next.Body || charts[n-1].Measure != next.Measure || charts[n-1].Cohort != next.Cohort {
			charts = append(charts, next)
		}
		step, err := stepOf(row[5:])
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", Dataset, err)
		}
		last := &charts[len(charts)-1]
		last.Steps = append(last.Steps, step)
	}
	return charts, nil
}

// beginning is what the cohorts of a measure are made by.
func beginning(measure string) string {
	if measure == "referral_to_housed" {
		return "referred"
	}
	return "started"
}

// stepOf reads time_days, at_risk, censored, survival, ci_low and ci_high.
func stepOf(values []query.Value) (Step, error) {
	var numbers [6]float64
	for i, value := range values {
		if value.Null {
			continue
		}
		number, err := strconv.ParseFloat(value.Text, 64)
		if err != nil {
			return Step{}, fmt.Errorf("a number of a step: %w", err)
		}
		numbers[i] = number
	}
	return Step{
		Day: int(numbers[0]), AtRisk: int(numbers[1]), CensoredAfter: int(numbers[2]), Survival: numbers[3],
		Low: numbers[4], High: numbers[5], HasInterval: !values[4].Null && !values[5].Null,
	}, nil
}
