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
    swings.net_at_low_gbp,
    swings.net_at_high_gbp,
    coalesce(projects.is_announced, false) as is_announced
from stage.impact_swings as swings
left join stage.impact_projects as projects
    on
        swings.project_id = projects.project_id
        and projects.is_in_one_submission
