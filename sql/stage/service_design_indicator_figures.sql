-- Grain: one indicator of one financial year.
-- New or changed services with an assessment of reach before approval, by the Indices of Deprivation (SP20):
-- the register of decisions on services, which gives M27 as well.
with decision as (
    select
        entries.financial_year,
        sum(entries.entry_value) as assessed,
        sum(entries.entry_base) as approved
    from stage.register_entries as entries
    where entries.register = 'service_decisions'
    group by entries.financial_year
)

select
    'SP20' as indicator_id,
    decision.financial_year,
    'all' as breakdown,
    'all' as breakdown_value,
    'All' as breakdown_label,
    share(decision.assessed, decision.approved) as measured_value,
    cast(decision.assessed as double) as numerator,
    cast(decision.approved as double) as denominator,
    if(decision.approved = 0, 'zero_base', null) as null_reason
from decision
inner join stage.indicator_years as years on decision.financial_year = years.financial_year
