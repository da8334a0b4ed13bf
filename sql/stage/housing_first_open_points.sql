-- Grain: one day of an open curve, of one cohort.
-- Which points of the curve of first tenancies the open tables may show, and what stands there. A
-- cohort is shown at a landmark when all who started in its year could be followed so long: what is
-- published of it does not move any more. Of all years together the last whole year counts; they come
-- again with other people in the next edition, so twice as many are asked for.
-- Enough people are those who lost their home up to the point, since the landmark before it and, of
-- days between landmarks, up to the landmark after it: so no two points leave a few people. All years
-- together are shown where the years that are shown leave nobody of them, or enough of either kind.
with parameter as (
    select
        max(parameters.parameter_value) filter (where parameters.parameter = 'least_open')
            as least_open,
        max(parameters.parameter_value) filter (where parameters.parameter = 'least_started_open')
            as least_started
    from ref.hf_parameters as parameters
),

step as (
    select
        curves.body_code,
        curves.cohort,
        curves.time_days,
        curves.at_risk,
        curves.events,
        curves.competing + curves.censored as censored,
        curves.survival
    from stage.hf_curves as curves
    where curves.measure = 'first_tenancy' and curves.breakdown = 'all'
),

-- All who started are at risk at the first step.
started as (
    select
        step.body_code,
        step.cohort,
        max(step.at_risk) as people
    from step
    group by step.body_code, step.cohort
),

extract as (
    select
        cases.body_code,
        max(cases.extract_date) as extract_date
    from stage.hf_cases as cases
    group by cases.body_code
),

year_end as (
    select
        calendar.financial_year,
        max(calendar.calendar_date) as last_day
    from stage.hf_calendar as calendar
    group by calendar.financial_year
),

last_year as (
    select
        extract.body_code,
        max(year_end.financial_year) as financial_year
    from extract
    inner join year_end
        on year_end.last_day <= extract.extract_date
    group by extract.body_code
),

point as (
    select
        started.body_code,
        started.cohort,
        points.landmark_months,
        points.landmark_days,
        points.landmark_label,
        points.since_days,
        points.until_days,
        started.people,
        started.people
        - coalesce(
            sum(step.events + step.censored) filter (where step.time_days < points.landmark_days), 0
        ) as at_risk,
        coalesce(sum(step.events) filter (where step.time_days <= points.landmark_days), 0)
            as events,
        coalesce(min(step.survival) filter (where step.time_days <= points.landmark_days), 1)
            as survival
    from started
    cross join ref.survival_open_points as points
    inner join step
        on started.body_code = step.body_code and started.cohort = step.cohort
    group by
        started.body_code, started.cohort, points.landmark_months, points.landmark_days,
        points.landmark_label, points.since_days, points.until_days, started.people
),

closed as (
    select
        point.*,
        case
            when point.cohort = 'all' then last_year.financial_year
            else financial_year(
                year_end.last_day + cast(point.landmark_days as integer),
                settings.financial_year_start_month,
                settings.financial_year_start_day
            )
        end as financial_year,
        point.cohort = 'all'
        or coalesce(
            year_end.last_day + cast(point.landmark_days as integer) <= extract.extract_date, false
        ) as is_final
    from point
    cross join site.settings as settings
    inner join extract
        on point.body_code = extract.body_code
    left join last_year
        on point.body_code = last_year.body_code
    left join year_end
        on point.cohort = year_end.financial_year
),

judged as (
    select
        closed.*,
        parameter.least_open,
        closed.is_final
        and closed.people >= parameter.least_started * if(closed.cohort = 'all', 2, 1)
        and closed.at_risk >= parameter.least_open
        and closed.people - closed.events >= parameter.least_open
        and closed.events - coalesce(before.events, 0) >= parameter.least_open
        and (
            closed.until_days is null
            or coalesce(
                after.is_final and after.events - closed.events >= parameter.least_open, false
            )
        ) as is_large
    from closed
    cross join parameter
    left join closed as before
        on
            closed.body_code = before.body_code
            and closed.cohort = before.cohort
            and closed.since_days = before.landmark_days
    left join closed as after
        on
            closed.body_code = after.body_code
            and closed.cohort = after.cohort
            and closed.until_days = after.landmark_days
),

-- What the years that are shown leave of all years together.
beside as (
    select
        judged.*,
        judged.people
        - coalesce(
            sum(judged.people) filter (where judged.cohort <> 'all' and judged.is_large)
                over of_point,
            0
        ) as other_people,
        judged.events
        - coalesce(
            sum(judged.events) filter (where judged.cohort <> 'all' and judged.is_large)
                over of_point,
            0
        ) as other_events
    from judged
    window of_point as (partition by judged.body_code, judged.landmark_months)
)

select
    beside.body_code,
    beside.cohort,
    beside.landmark_months,
    beside.landmark_days,
    beside.landmark_label,
    beside.financial_year,
    cast(beside.people as bigint) as people,
    cast(beside.at_risk as bigint) as at_risk,
    cast(beside.events as bigint) as events,
    beside.survival,
    beside.is_final,
    beside.is_large
    and (
        beside.cohort <> 'all'
        or beside.other_people = 0
        or (
            beside.other_events >= beside.least_open
            and beside.other_people - beside.other_events >= beside.least_open
        )
    ) as is_shown
from beside
