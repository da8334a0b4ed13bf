-- Grain: one step of one curve.
-- The curve of first tenancies kept, in two forms: every step, until fewer than five are at risk, of
-- the whole service alone; and by half years, which the open table has: the day of a step is that of
-- somebody's loss.
with parameter as (
    select
        max(parameters.parameter_value) filter (where parameters.parameter = 'least_at_risk')
            as least_of_all,
        cast(
            max(parameters.parameter_value) filter (where parameters.parameter = 'grouping_version')
            as bigint
        ) as grouping_version
    from ref.hf_parameters as parameters
),

normal as (
    select max(parameters.parameter_value) as z
    from ref.indicator_parameters as parameters
    where parameters.parameter = 'normal_quantile_95'
),

every_row as (
    select
        curves.body_code,
        curves.cohort,
        'every_step' as points,
        curves.step,
        curves.time_days,
        cast(null as varchar) as landmark_label,
        cast(null as varchar) as financial_year,
        max(curves.at_risk) over of_cohort as people,
        curves.at_risk,
        curves.events,
        curves.competing + curves.censored as censored,
        sum(curves.events) over (
            of_cohort
            order by curves.step
            rows between unbounded preceding and current row
        ) as events_so_far,
        curves.survival,
        curves.std_error,
        curves.ci_low,
        curves.ci_high,
        curves.at_risk >= parameter.least_of_all as is_told,
        false as in_open_table,
        false as is_shown
    from stage.hf_curves as curves
    cross join parameter
    where curves.breakdown = 'all' and curves.measure = 'first_tenancy'
    window of_cohort as (partition by curves.body_code, curves.cohort)
    union all
    select
        point.body_code,
        point.cohort,
        'half_years' as points,
        row_number() over (
            partition by point.body_code, point.cohort
            order by point.landmark_days
        ) as step,
        point.landmark_days as time_days,
        point.landmark_label,
        point.financial_year,
        point.people,
        point.at_risk,
        cast(null as bigint) as events,
        cast(null as bigint) as censored,
        point.events as events_so_far,
        point.survival,
        cast(null as double) as std_error,
        open_survival_low(
            point.survival,
            if(point.cohort = 'all', point.people / 2, point.people),
            point.at_risk,
            normal.z
        ) as ci_low,
        open_survival_high(
            point.survival,
            if(point.cohort = 'all', point.people / 2, point.people),
            point.at_risk,
            normal.z
        ) as ci_high,
        point.at_risk >= parameter.least_of_all as is_told,
        point.is_final as in_open_table,
        point.is_shown
    from stage.housing_first_open_points as point
    cross join parameter
    cross join normal
)

select
    every_row.body_code,
    every_row.cohort,
    every_row.points,
    every_row.step,
    every_row.time_days,
    every_row.landmark_label,
    every_row.financial_year,
    every_row.people,
    every_row.at_risk,
    every_row.events,
    every_row.censored,
    every_row.events_so_far,
    every_row.survival,
    every_row.std_error,
    every_row.ci_low,
    every_row.ci_high,
    definitions.definition,
    parameter.grouping_version,
    every_row.in_open_table,
    every_row.is_shown,
    cast(null as varchar) as withheld
from every_row
cross join parameter
inner join ref.survival_definitions as definitions
    on definitions.measure = 'first_tenancy'
where every_row.is_told or every_row.in_open_table
