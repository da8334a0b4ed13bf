-- Grain: one indicator of one financial year, of the authority or of one body.
-- Volunteering (EM10) and skills (EM12) for each hundred full-time equivalents, of what the open table
-- of participation shows. Full-time equivalents are those of the snapshot date that ends the year: HR
-- sends one a year, so there is no mean of months. Each body stands alone. The interval is what
-- rounding leaves open, so that rounding alone is no change.
with quantity as (
    select
        quantities.indicator_id,
        quantities.measure,
        quantities.quantity,
        quantities.rounded_by
    from (
        values
        ('EM10a', 'volunteers', 'hours', 5.0),
        ('EM10b', 'volunteers', 'people', 5.0), -- to one of the two multiples beside it
        ('EM12a', 'qualifications', 'qualifications', 2.5),
        ('EM12b', 'skills_training', 'training_days', 5.0)
    ) as quantities (indicator_id, measure, quantity, rounded_by)
),

told as (
    select
        quantity.indicator_id,
        taking_part.body_code,
        taking_part.financial_year,
        cast(quantity.rounded_by as double) as rounded_by,
        case
            when not taking_part.is_shown then null
            when quantity.quantity = 'hours' then cast(taking_part.hours as double)
            when quantity.quantity = 'people' then cast(taking_part.people_rounded as double)
            when quantity.quantity = 'qualifications'
                then cast(taking_part.qualifications as double)
            when quantity.quantity = 'training_days' then cast(taking_part.training_days as double)
        end as amount,
        case
            when taking_part.is_shown then cast(taking_part.full_time_equivalents as double)
        end as full_time_equivalents,
        taking_part.people_rounded is not null and taking_part.is_shown as is_told,
        coalesce(
            json_extract_string(taking_part.null_reasons, '$.people_rounded'), 'withheld'
        ) as null_reason
    from people.participation as taking_part
    inner join quantity on taking_part.measure = quantity.measure
    where taking_part.in_open_table and taking_part.breakdown = 'all'
),

rate as (
    select
        told.indicator_id,
        told.body_code,
        told.financial_year,
        round(100 * share(told.amount, told.full_time_equivalents), 1) as measured_value,
        round(
            100 * share(
                greatest(told.amount - told.rounded_by, 0),
                told.full_time_equivalents + fte_rounding.rounded_by
            ),
            1
        ) as ci_low,
        round(
            100 * share(
                told.amount + told.rounded_by,
                told.full_time_equivalents - fte_rounding.rounded_by
            ),
            1
        ) as ci_high,
        told.amount as numerator,
        told.full_time_equivalents as denominator,
        case
            when not told.is_told then told.null_reason
            when told.full_time_equivalents = 0 then 'zero_base'
            -- Who took part is known, and not for how long; or hours of work are not.
            else 'not_supplied'
        end as null_reason
    from told
    cross join (values (5.0)) as fte_rounding (rounded_by)
)

select
    rate.indicator_id,
    rate.financial_year,
    told_of.breakdown,
    told_of.breakdown_value,
    told_of.breakdown_label,
    rate.measured_value,
    case when rate.measured_value is not null then rate.numerator end as numerator,
    case when rate.measured_value is not null then rate.denominator end as denominator,
    case when rate.measured_value is not null then rate.ci_low end as ci_low,
    case when rate.measured_value is not null then rate.ci_high end as ci_high,
    case when rate.measured_value is null then rate.null_reason end as null_reason
from rate
inner join stage.indicator_bodies as told_of on rate.body_code = told_of.body_code
inner join stage.indicator_years as years on rate.financial_year = years.financial_year
