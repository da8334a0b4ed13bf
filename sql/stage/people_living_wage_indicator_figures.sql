-- Grain: one indicator of one financial year, of the authority or of one body.
-- Employees paid the Real Living Wage (EM13), as the open table of it tells them.
with authority as (
    select min(bodies.body_code) as body_code
    from site.bodies as bodies
    where bodies.role = 'authority'
),

paid as (
    select
        wages.body_code,
        wages.financial_year,
        case when wages.is_shown then wages.paid_share end as measured_value,
        wages.paid_rounded as numerator,
        wages.paid_rounded + wages.below_rounded as denominator,
        coalesce(json_extract_string(wages.null_reasons, '$.paid_share'), 'withheld') as null_reason
    from people.living_wage as wages
),

figure as (
    select
        'all' as breakdown,
        'all' as breakdown_value,
        'The authority' as breakdown_label,
        paid.*
    from paid
    inner join authority on paid.body_code = authority.body_code
    union all
    select
        'body' as breakdown,
        paid.body_code as breakdown_value,
        coalesce(bodies.body_name, paid.body_code) as breakdown_label,
        paid.*
    from paid
    left join site.bodies as bodies on paid.body_code = bodies.body_code
)

select
    'EM13' as indicator_id,
    figure.financial_year,
    figure.breakdown,
    figure.breakdown_value,
    figure.breakdown_label,
    figure.measured_value,
    case when figure.measured_value is not null then cast(figure.numerator as double) end as numerator,
    case when figure.measured_value is not null then cast(figure.denominator as double) end
        as denominator,
    case when figure.measured_value is null then figure.null_reason end as null_reason
from figure
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
