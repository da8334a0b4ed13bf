-- Grain: one indicator of one financial year, of the authority or of one body.
-- Apprenticeships begun in the year over the employees at its start (EM08), of what the open tables
-- show: of those who began one, whoever is still employed on the snapshot date that ends the year; at
-- the start, all employees on the snapshot date before it. Each body stands alone.
with began as (
    select
        taking_part.body_code,
        taking_part.financial_year,
        case when taking_part.is_shown then taking_part.people_rounded end as people,
        coalesce(
            json_extract_string(taking_part.null_reasons, '$.people_rounded'), 'withheld'
        ) as null_reason
    from people.participation as taking_part
    where
        taking_part.in_open_table
        and taking_part.breakdown = 'all'
        and taking_part.measure = 'apprenticeship_starts'
),

-- Employees on a snapshot date, by the year that it opens.
at_start as (
    select
        profile.body_code,
        financial_year(
            profile.snapshot_date + 1,
            settings.financial_year_start_month,
            settings.financial_year_start_day
        ) as financial_year,
        case when profile.is_shown then profile.headcount_rounded end as employees
    from people.workforce_profile as profile
    cross join site.settings as settings
    where
        profile.in_open_table
        and profile.breakdown = 'all'
        and profile.group_level = 'total'
),

rate as (
    select
        began.body_code,
        began.financial_year,
        open_share(began.people, at_start.employees) as measured_value,
        began.people as numerator,
        greatest(at_start.employees, began.people) as denominator,
        case
            when began.people is null then began.null_reason
            when at_start.body_code is null then 'not_supplied'
            when at_start.employees is null then 'withheld'
            else 'zero_base'
        end as null_reason
    from began
    left join at_start
        on
            began.body_code = at_start.body_code
            and began.financial_year = at_start.financial_year
)

select
    'EM08' as indicator_id,
    rate.financial_year,
    told_of.breakdown,
    told_of.breakdown_value,
    told_of.breakdown_label,
    rate.measured_value,
    case when rate.measured_value is not null then cast(rate.numerator as double) end as numerator,
    case when rate.measured_value is not null then cast(rate.denominator as double) end
        as denominator,
    case when rate.measured_value is null then rate.null_reason end as null_reason
from rate
inner join stage.indicator_bodies as told_of on rate.body_code = told_of.body_code
inner join stage.indicator_years as years on rate.financial_year = years.financial_year
