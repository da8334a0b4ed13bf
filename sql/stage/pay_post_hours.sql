-- Grain: one post that an employee holds on the snapshot date.
-- Weekly working hours of the post (paragraph 7). Hours that do not vary are those contracted on the
-- snapshot date; hours that vary are the average of the last 12 weeks with any, up to the last
-- complete week of the relevant pay period; of fewer weeks, the average of those there are, which
-- represents the week fairly and is flagged. No hours are null, never nought and never a guess.
with parameter as (
    select cast(max(parameters.parameter_value) as integer) as weeks
    from ref.pay_parameters as parameters
    where parameters.parameter = 'look_back_weeks'
),

period as (
    select
        line.body_code,
        line.snapshot_date,
        line.person_key,
        line.assignment_key,
        max(line.period_end) as period_end
    from stage.pay_lines as line
    where line.is_in_period
    group by line.body_code, line.snapshot_date, line.person_key, line.assignment_key
),

held as (
    select
        post.body_code,
        post.snapshot_date,
        post.person_key,
        post.assignment_key,
        post.counted_key,
        post.has_hours_of_another,
        post.started_on,
        post.hours_vary,
        post.is_term_time,
        post.contract_hours,
        post.year_round_hours,
        coalesce(period.period_end, post.snapshot_date) as period_end
    from stage.people_posts as post
    left join period
        on
            post.body_code = period.body_code
            and post.snapshot_date = period.snapshot_date
            and post.person_key = period.person_key
            and post.assignment_key = period.assignment_key
    where post.is_held and post.is_employee
),

-- How far back the body's file goes. Weeks without hours have no row in many a payroll, so that a
-- person's own rows cannot say it.
reach as (
    select
        weeks.body_code,
        weeks.snapshot_date,
        -- The first day of the row's first week.
        min(
            weeks.week_ending - cast(7 * coalesce(weeks.weeks_covered, 1) - 1 as integer)
        ) as first_day
    from raw.people_weekly_hours as weeks
    group by weeks.body_code, weeks.snapshot_date
),

worked as (
    select
        held.body_code,
        held.snapshot_date,
        held.person_key,
        held.assignment_key,
        weeks.hours,
        coalesce(weeks.weeks_covered, 1) as weeks_covered,
        coalesce(
            sum(coalesce(weeks.weeks_covered, 1)) over (
                partition by held.body_code, held.snapshot_date, held.person_key,
                held.assignment_key
                order by weeks.week_ending desc
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as weeks_after
    from held
    inner join raw.people_weekly_hours as weeks
        on
            held.body_code = weeks.body_code
            and held.snapshot_date = weeks.snapshot_date
            and held.person_key = weeks.person_key
            and held.assignment_key = weeks.assignment_key
            and weeks.week_ending <= held.period_end
    where held.hours_vary and weeks.hours > 0
),

-- Of a month that reaches over the twelfth week the weeks up to it count.
look_back as (
    select
        worked.body_code,
        worked.snapshot_date,
        worked.person_key,
        worked.assignment_key,
        exact_sum(
            worked.hours * least(worked.weeks_covered, parameter.weeks - worked.weeks_after)
            / worked.weeks_covered
        ) as hours,
        cast(
            sum(least(worked.weeks_covered, parameter.weeks - worked.weeks_after)) as integer
        ) as weeks,
        max(worked.weeks_covered) > 1 as has_months
    from worked
    cross join parameter
    where worked.weeks_after < parameter.weeks
    group by worked.body_code, worked.snapshot_date, worked.person_key, worked.assignment_key
)

select
    held.body_code,
    held.snapshot_date,
    held.person_key,
    held.assignment_key,
    held.counted_key,
    held.period_end,
    case
        when held.has_hours_of_another then 'hours_of_another_post'
        when held.hours_vary and look_back.weeks = parameter.weeks then 'look_back'
        when held.hours_vary and look_back.weeks > 0 and held.started_on < reach.first_day
            then 'look_back_too_short'
        when held.hours_vary and look_back.weeks > 0 then 'fair_representation'
        when held.hours_vary and held.contract_hours > 0 then 'contract_expectation'
        when held.hours_vary then 'none'
        when held.year_round_hours > 0 and held.is_term_time then 'term_time_average'
        when held.year_round_hours > 0 then 'contracted'
        else 'none'
    end as hours_method,
    case
        when held.has_hours_of_another then 0
        when held.hours_vary and look_back.weeks > 0
            then cast(look_back.hours as double) / look_back.weeks
        when held.hours_vary then nullif(held.contract_hours, 0)
        else nullif(held.year_round_hours, 0)
    end as weekly_hours,
    coalesce(look_back.weeks, 0) as weeks_used,
    coalesce(look_back.has_months, false) as has_months,
    held.hours_vary
from held
cross join parameter
left join look_back
    on
        held.body_code = look_back.body_code
        and held.snapshot_date = look_back.snapshot_date
        and held.person_key = look_back.person_key
        and held.assignment_key = look_back.assignment_key
left join reach
    on
        held.body_code = reach.body_code
        and held.snapshot_date = reach.snapshot_date
