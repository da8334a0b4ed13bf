-- Grain: one cost of one project in one submission.
select
    costs.submission,
    costs.project_id,
    costs.cost_id,
    costs.stage,
    costs.cost_year,
    costs.price_year,
    cast(costs.amount_gbp as double) as amount_gbp,
    costs.cost_kind = 'capital' as is_capital,
    costs.optimism_category,
    cast(costs.mitigated_share as double) as mitigated_share,
    coalesce(costs.is_sunk, false) as is_sunk,
    coalesce(costs.is_transfer, false) as is_transfer
from raw.impact_costs as costs
