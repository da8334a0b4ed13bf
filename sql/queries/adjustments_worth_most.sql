-- Which adjustments of announced projects are worth most for what they cost?
-- tier: open
select
    project_id,
    title,
    committed,
    contribution_gbp,
    extra_cost_gbp,
    round(value_for_cost, 2) as value_for_each_pound,
    coalesce(value_for_cost_null_reason, null_reason) as null_reason
from impact.adjustments
order by value_for_cost desc nulls last, project_id, adjustment_id
