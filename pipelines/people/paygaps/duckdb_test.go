//go:build duckdb_arrow

package paygaps_test

import (
	"fmt"
	"testing"

	"socialvalue/internal/estimator"
	"socialvalue/internal/warehouse"
	"socialvalue/pipelines/people/govuk"
	"socialvalue/pipelines/people/paydrivers"
	"socialvalue/pipelines/people/paygaps"
	"socialvalue/pipelines/people/paywords"
)

// drawnInSQL makes two bodies of two years in DuckDB: keys are UUIDs, pay has points, some are on leave.
const drawnInSQL = `
create table pay_people as
select
    body_code, snapshot_date, person_key, 'g' || (i % 5) as grade, case when i % 7 = 0 then null else 'd' || (i % 3) end as directorate,
    case when i % 4 = 0 then 'part_time' else 'full_time' end as working_pattern, cast(i % 23 as double) as tenure_years,
    'permanent' as contract_type, cast(case when i % 4 = 0 then 18.5 else 37.0 end as double) as weekly_hours,
    case when i % 9 = 0 then null else cast(round((12 + (i * 7919 % 53) * 0.4 - (i % 2) * (i % 5) * 0.1) * (1 + year_number * 0.02), 2) as double) end as hourly_rate_gbp,
    case when i % 11 < 2 then cast(100 + i % 13 as double) else cast(0 as double) end as bonus_gbp, i % 11 < 2 as paid_bonus, i
from (values ('A', 700), ('B', 260)) as bodies (body_code, people)
cross join (values (date '2024-03-31', 0), (date '2025-03-31', 1)) as years (snapshot_date, year_number)
cross join lateral (select i, cast(md5(body_code || i) as uuid) as person_key from range(people) as numbers (i)) as people;
create table pay_contrasts as
select
    body_code, 'all' as population, 'sex' as characteristic, 'male' as comparator_group, 'female' as focal_group, breakdown,
    case breakdown when 'grade' then grade else 'all' end as breakdown_value, snapshot_date,
    case when i % 2 = 1 then 'focal' else 'comparator' end as side, person_key, hourly_rate_gbp,
    cast(round(hourly_rate_gbp * 10000) as bigint) as quarter_tie, bonus_gbp, paid_bonus
from pay_people cross join (values ('all'), ('grade')) as breakdowns (breakdown);
create table employers as select * from (values ('A', 'Authority', '1'), ('B', 'Transport', null)) as e (body_code, employer_name, employer_id);
create table labels as select * from (values ('sex', 'female', 'women'), ('sex', 'male', 'men')) as l (characteristic, group_code, group_label);`

// contrastKey is the order of the contrasts and of their figures.
func contrastKey() []string {
	return []string{"body_code", "population", "characteristic", "comparator_group", "focal_group", "breakdown", "breakdown_value", "snapshot_date"}
}

func jobs() []estimator.Job {
	contrasts := estimator.Input{
		Relation: "pay_contrasts",
		Columns:  append(contrastKey(), "side", "person_key", "hourly_rate_gbp", "quarter_tie", "bonus_gbp", "paid_bonus"),
		OrderBy:  append(contrastKey(), "side", "hourly_rate_gbp", "person_key"),
	}
	figures := estimator.Input{
		Relation: "pay_gaps",
		Columns: append(contrastKey(), "measure", "value", "ci_low", "ci_high", "n_focal", "n_comparator", "numerator", "denominator",
			"reliability", "null_reason", "prior_value", "change_pp", "change_ci_low", "change_ci_high"),
		OrderBy: append(contrastKey(), "measure"),
	}
	return []estimator.Job{
		{
			Relation: "stage.pay_gaps", Name: paygaps.Name, Table: "pay_gaps", Inputs: map[string]estimator.Input{paygaps.InputName: contrasts},
			Parameters: map[string]any{"decimals": 12, "replicates": 1000},
		},
		{Relation: "stage.pay_drivers", Name: paydrivers.Name, Table: "pay_drivers", Inputs: map[string]estimator.Input{
			paydrivers.ContrastsInput: contrasts,
			paydrivers.PeopleInput: {Relation: "pay_people", Columns: []string{
				"body_code", "snapshot_date", "person_key", "grade", "directorate",
				"working_pattern", "contract_type", "tenure_years", "weekly_hours",
			}, OrderBy: []string{"body_code", "snapshot_date", "person_key"}},
		}},
		{Relation: "people.gov_uk_return", Name: govuk.Name, Table: "gov_uk_return", Inputs: map[string]estimator.Input{
			govuk.FiguresInput:   figures,
			govuk.EmployersInput: {Relation: "employers", Columns: []string{"body_code", "employer_name", "employer_id"}, OrderBy: []string{"body_code"}},
		}},
		{Relation: "people.pay_gap_sentences", Name: paywords.Name, Table: "sentences", Inputs: map[string]estimator.Input{
			paywords.FiguresInput: figures,
			paywords.LabelsInput:  {Relation: "labels", Columns: []string{"characteristic", "group_code", "group_label"}, OrderBy: []string{"characteristic", "group_code"}},
		}},
	}
}

// disagreements are figures for which DuckDB, asked for the same, has another answer than the estimators by more than 1e-9.
const disagreements = `
with sides as (
    select
        body_code, snapshot_date, breakdown, breakdown_value,
        avg(hourly_rate_gbp) filter (side = 'comparator') as mean_m, avg(hourly_rate_gbp) filter (side = 'focal') as mean_f,
        median(hourly_rate_gbp) filter (side = 'comparator') as median_m, median(hourly_rate_gbp) filter (side = 'focal') as median_f,
        quantile_cont(hourly_rate_gbp, 0.75) filter (side = 'comparator') as p75_m,
        quantile_cont(hourly_rate_gbp, 0.75) filter (side = 'focal') as p75_f,
        avg(bonus_gbp) filter (side = 'comparator' and paid_bonus) as bonus_m, avg(bonus_gbp) filter (side = 'focal' and paid_bonus) as bonus_f,
        count(*) filter (side = 'focal' and paid_bonus) / count(*) filter (side = 'focal') as paid_f
    from pay_contrasts
    group by all
),
asked as (
    select body_code, snapshot_date, breakdown, breakdown_value, unnest([
        {'measure': 'mean_hourly', 'answer': (mean_m - mean_f) / mean_m * 100},
        {'measure': 'median_hourly', 'answer': (median_m - median_f) / median_m * 100},
        {'measure': 'gap_p75', 'answer': (p75_m - p75_f) / p75_m * 100},
        {'measure': 'mean_bonus', 'answer': (bonus_m - bonus_f) / bonus_m * 100},
        {'measure': 'bonus_share_focal', 'answer': paid_f}
    ], recursive := true)
    from sides
)
select asked.body_code || ' ' || asked.breakdown_value || ' ' || asked.measure || ' ' || coalesce(cast(value as varchar), 'null') || ' ' || answer
from asked
left join pay_gaps using (body_code, snapshot_date, breakdown, breakdown_value, measure)
where not coalesce(abs(value - answer) <= 1e-9, false) and null_reason is distinct from 'few_beyond_quantile'`

func TestDuckDBAgreesWithEveryFigure(t *testing.T) {
	t.Parallel()
	db, err := warehouse.Open(t.Context(), "", warehouse.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := db.Exec(t.Context(), drawnInSQL); err != nil {
		t.Fatal(err)
	}
	registry := estimator.Registry{
		paygaps.Name: paygaps.Estimator{}, paydrivers.Name: paydrivers.Estimator{},
		govuk.Name: govuk.Estimator{}, paywords.Name: paywords.Estimator{},
	}
	for _, job := range jobs() {
		if err := job.Run(t.Context(), db, registry); err != nil {
			t.Fatal(err)
		}
	}
	for what, query := range map[string]string{
		"figures of which DuckDB says another": disagreements,
		"Kitagawa's parts that do not make the gap": `select body_code from pay_drivers group by body_code, snapshot_date
			having abs(sum(value) filter (component in ('between_grades', 'within_grades')) - sum(value) filter (component = 'mean_gap')) > 0.11`,
		"returns that would be refused":  "select problems from gov_uk_return where not is_accepted or not is_plausible",
		"changes that are missing":       "select measure from pay_gaps where snapshot_date = '2025-03-31' and (prior_value is null) <> (change_pp is null)",
		"adjusted gaps that are missing": "select null_reason from pay_drivers where component = 'adjusted_gap' and value is null",
		"rows of another key or type":    "select body_code from pay_gaps group by all having count(*) <> 2 * 6 * 14",
	} {
		got, err := db.Texts(t.Context(), query)
		if err != nil || len(got) > 0 {
			t.Errorf("%s: %d, such as %v; %v", what, len(got), got[:min(3, len(got))], err)
		}
	}
	counts, err := db.Texts(t.Context(), `select (select count(*) from gov_uk_return) || ' ' || (select count(*) from sentences) || ' ' ||
		(select count(distinct component) from pay_drivers)`)
	// Returns of two bodies in two years, sentences of 24 contrasts, and every component.
	if err != nil || fmt.Sprint(counts) != "[4 132 14]" {
		t.Errorf("rows %v, %v", counts, err)
	}
}
