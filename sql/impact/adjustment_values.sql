-- Grain: one adjustment of one project at one level, in one system.
select
    contributions.project_id,
    contributions.adjustment_id,
    contributions.level,
    contributions.system,
    contributions.kind,
    contributions.committed,
    contributions.is_headline,
    contributions.extra_cost_gbp,
    contributions.contribution_gbp,
    contributions.value_for_cost,
    contributions.null_reason,
    contributions.value_for_cost_null_reason,
    texts.title as title,
    texts.adjustment_owner as adjustment_owner,
    coalesce(projects.is_announced, false) as is_announced
from stage.impact_adjustment_values as contributions
inner join stage.impact_adjustments as texts
    on
        contributions.submission = texts.submission
        and contributions.project_id = texts.project_id
        and contributions.adjustment_id = texts.adjustment_id
left join stage.impact_projects as projects
    on
        contributions.project_id = projects.project_id
        and projects.is_in_one_submission
