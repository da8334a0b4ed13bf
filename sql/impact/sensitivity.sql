-- Grain: one parameter of one project at one stage and level.
select
    swings.project_id,
    swings.stage,
    swings.level,
    swings.system,
    swings.parameter_id,
    swings.swing_rank,
    swings.low_input,
    swings.high_input,
    if(hides.it, null, swings.net_at_low_gbp) as net_at_low_gbp,
    if(hides.it, null, swings.net_at_high_gbp) as net_at_high_gbp,
    if(
        hides.it,
        withheld_names(
            [
                ['net_at_low_gbp', cast(swings.net_at_low_gbp as varchar)],
                ['net_at_high_gbp', cast(swings.net_at_high_gbp as varchar)]
            ]
        ),
        null
    ) as withheld,
    coalesce(projects.is_announced, false) as is_announced
from stage.impact_swings as swings
left join stage.impact_projects as projects
    on
        swings.project_id = projects.project_id
        and projects.is_in_one_submission
-- The swing of a factor of one outcome tells its quantity.
left join stage.impact_withheld_sums as hidden
    on
        swings.project_id = hidden.project_id
        and swings.stage = hidden.stage
        and swings.level = hidden.level
        and swings.system = hidden.system
cross join lateral (select hidden.project_id is not null as it) as hides
