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
    if(hides.it, null, contributions.contribution_gbp) as contribution_gbp,
    if(hides.it, null, contributions.value_for_cost) as value_for_cost,
    contributions.null_reason,
    contributions.value_for_cost_null_reason,
    texts.title as title,
    texts.adjustment_owner as adjustment_owner,
    if(
        hides.it,
        withheld_names(
            [
                ['contribution_gbp', cast(contributions.contribution_gbp as varchar)],
                ['value_for_cost', cast(contributions.value_for_cost as varchar)]
            ]
        ),
        null
    ) as withheld,
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
-- What an adjustment adds to an outcome is a share of it.
left join stage.impact_withheld_sums as hidden
    on
        contributions.project_id = hidden.project_id
        and contributions.level = hidden.level
        and contributions.system = hidden.system
        and hidden.stage = 'ex_ante_as_approved'
cross join lateral (select hidden.project_id is not null as it) as hides
