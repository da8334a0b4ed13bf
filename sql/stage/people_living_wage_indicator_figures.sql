-- Grain: one indicator of one financial year, of the authority or of one body.
-- Employees paid the Real Living Wage (EM13), as the open table of it tells them.
with paid as (
    select
        wages.body_code,
        wages.financial_year,
        case when wages.is_shown then wages.paid_share end as measured_value,
        wages.paid_rounded as numerator,
        wages.paid_rounded + wages.below_rounded as denominator,
        coalesce(json_extract_string(wages.null_reasons, '$.paid_share'), 'withheld') as null_reason
    from people.living_wage as wages
)

select
    'EM13' as indicator_id,
    paid.financial_year,
    told_of.breakdown,
    told_of.breakdown_value,
    told_of.breakdown_label,
    paid.measured_value,
    case when paid.measured_value is not null then cast(paid.numerator as double) end as numerator,
    case when paid.measured_value is not null then cast(paid.denominator as double) end
        as denominator,
    case when paid.measured_value is null then paid.null_reason end as null_reason
from paid
inner join stage.indicator_bodies as told_of on paid.body_code = told_of.body_code
inner join stage.indicator_years as years on paid.financial_year = years.financial_year
