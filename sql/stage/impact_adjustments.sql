-- Grain: one adjustment of one project in one submission.
select
    adjustments.submission,
    adjustments.project_id,
    adjustments.adjustment_id,
    adjustments.title,
    adjustments.kind,
    adjustments.committed,
    adjustments.legal_minimum,
    cast(adjustments.extra_cost_gbp as double) as extra_cost_gbp,
    adjustments.cost_year,
    adjustments.price_year,
    adjustments.adjustment_owner,
    adjustments.evidence
from raw.impact_adjustments as adjustments
