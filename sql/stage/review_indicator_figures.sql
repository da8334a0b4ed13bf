-- Grain: one indicator of one financial year.
-- Days from the end of a year to the first publication of its review (CL06).
with review as (
    select
        entries.financial_year,
        min(entries.entry_date) as published_on
    from stage.register_entries as entries
    where entries.register = 'reviews'
    group by entries.financial_year
)

select
    'CL06' as indicator_id,
    review.financial_year,
    'all' as breakdown,
    'all' as breakdown_value,
    'All' as breakdown_label,
    cast(review.published_on - years.last_date as double) as measured_value,
    cast(null as double) as numerator,
    cast(null as double) as denominator,
    if(review.published_on is null, 'not_stated', null) as null_reason
from review
inner join stage.indicator_years as years on review.financial_year = years.financial_year
