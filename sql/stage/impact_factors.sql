-- Grain: one factor of one project in one submission.
select
    factors.submission,
    factors.project_id,
    factors.factor_ref,
    factors.outcome_id,
    factors.stage,
    factors.level,
    factors.side,
    factors.factor,
    cast(factors.factor_value as double) as factor_value,
    factors.parameter_id,
    factors.basis,
    factors.multiplier_type,
    factors.evidence
from raw.impact_factors as factors
