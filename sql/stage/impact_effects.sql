-- Grain: one effect of one project in one submission.
select
    effects.submission,
    effects.project_id,
    effects.effect_id,
    upper(effects.adjustment_ids) as adjustment_ids,
    effects.outcome_id,
    effects.level,
    effects.impact_year,
    effects.change,
    effects.operation,
    cast(effects.amount as double) as amount
from raw.impact_effects as effects
