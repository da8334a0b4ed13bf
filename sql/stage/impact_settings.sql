-- Grain: one row.
select
    choices.cost_schedule,
    choices.lower_schedule,
    choices.long_horizon_years,
    cast(choices.high_multiplier as double) as high_multiplier,
    cast(choices.income_elasticity as double) as income_elasticity,
    choices.least_respondents
from ref.impact_settings as choices
