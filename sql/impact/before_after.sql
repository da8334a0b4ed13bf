-- Grain: one outcome of one project at one level, in one system.
with hidden as (
    select
        withheld.project_id,
        withheld.outcome_id,
        withheld.level,
        withheld.system
    from stage.impact_withheld as withheld
    group by withheld.project_id, withheld.outcome_id, withheld.level, withheld.system
)

select
    compared.project_id,
    compared.outcome_id,
    compared.level,
    compared.system,
    compared.ex_post_stage,
    if(hides.it, null, compared.ex_ante_gbp) as ex_ante_gbp,
    if(hides.it, null, compared.ex_ante_restated_gbp) as ex_ante_restated_gbp,
    if(hides.it, null, compared.ex_post_gbp) as ex_post_gbp,
    if(hides.it, null, compared.difference_gbp) as difference_gbp,
    if(hides.it, null, compared.by_quantity_gbp) as by_quantity_gbp,
    if(hides.it, null, compared.by_net_factor_gbp) as by_net_factor_gbp,
    if(hides.it, null, compared.by_unit_value_gbp) as by_unit_value_gbp,
    if(hides.it, null, compared.by_timing_gbp) as by_timing_gbp,
    if(hides.it, null, compared.delivery_ratio) as delivery_ratio,
    compared.pending,
    compared.pending_years,
    if(hides.it, null, compared.null_reason) as null_reason,
    if(hides.it, null, compared.delivery_ratio_null_reason) as delivery_ratio_null_reason,
    if(
        hides.it,
        withheld_names(
            [
                ['ex_ante_gbp', cast(compared.ex_ante_gbp as varchar)],
                ['ex_ante_restated_gbp', cast(compared.ex_ante_restated_gbp as varchar)],
                ['ex_post_gbp', cast(compared.ex_post_gbp as varchar)],
                ['difference_gbp', cast(compared.difference_gbp as varchar)],
                ['by_quantity_gbp', cast(compared.by_quantity_gbp as varchar)],
                ['by_net_factor_gbp', cast(compared.by_net_factor_gbp as varchar)],
                ['by_unit_value_gbp', cast(compared.by_unit_value_gbp as varchar)],
                ['by_timing_gbp', cast(compared.by_timing_gbp as varchar)],
                ['delivery_ratio', cast(compared.delivery_ratio as varchar)]
            ]
        ),
        null
    ) as withheld,
    coalesce(projects.is_announced, false) as is_announced
from stage.impact_comparisons as compared
left join stage.impact_projects as projects
    on
        compared.project_id = projects.project_id
        and projects.is_in_one_submission
left join hidden
    on
        compared.project_id = hidden.project_id
        and compared.outcome_id = hidden.outcome_id
        and compared.level = hidden.level
        and compared.system = hidden.system
cross join lateral (select hidden.outcome_id is not null as it) as hides
