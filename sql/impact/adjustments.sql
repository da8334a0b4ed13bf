-- Grain: one adjustment of one project.
select
    contributions.project_id,
    contributions.adjustment_id,
    contributions.title,
    contributions.kind,
    contributions.committed,
    contributions.adjustment_owner,
    contributions.level as headline_level,
    contributions.system as headline_system,
    contributions.extra_cost_gbp,
    contributions.contribution_gbp,
    contributions.value_for_cost,
    contributions.null_reason,
    contributions.value_for_cost_null_reason,
    contributions.withheld,
    contributions.is_announced
from impact.adjustment_values as contributions
where contributions.is_headline
