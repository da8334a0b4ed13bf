-- Grain: one outcome of one project at one level, in one system.
select
    compared.project_id,
    compared.outcome_id,
    compared.level,
    compared.system,
    compared.ex_post_stage,
    compared.ex_ante_gbp,
    compared.ex_ante_restated_gbp,
    compared.ex_post_gbp,
    compared.difference_gbp,
    compared.by_quantity_gbp,
    compared.by_net_factor_gbp,
    compared.by_unit_value_gbp,
    compared.by_timing_gbp,
    compared.delivery_ratio,
    compared.pending,
    compared.pending_years,
    compared.null_reason,
    compared.delivery_ratio_null_reason,
    coalesce(projects.is_announced, false) as is_announced
from stage.impact_comparisons as compared
left join stage.impact_projects as projects
    on
        compared.project_id = projects.project_id
        and projects.is_in_one_submission
