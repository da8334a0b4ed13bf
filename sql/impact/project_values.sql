-- Grain: one project at one stage and level, in one system.
select
    sums.project_id,
    sums.stage,
    sums.level,
    sums.system,
    sums.perspective,
    sums.is_headline,
    sums.inherent_gbp,
    round(sums.net_gbp, 2) - round(sums.inherent_gbp, 2) as additional_gbp,
    sums.could_deliver_gbp,
    sums.overlap_gbp,
    sums.net_gbp,
    sums.fiscal_gbp,
    sums.mean_gbp,
    sums.cost_gbp,
    sums.npsv_gbp,
    sums.bcr,
    sums.bcr_band,
    sums.bcr_null_reason,
    sums.switching_share,
    sums.p_bcr_below_one,
    sums.lower_rate_net_gbp,
    sums.evidence_grade,
    sums.outcomes_counted,
    sums.outcomes_not_valued,
    sums.sd_drawn_gbp,
    sums.p5_gbp,
    sums.p50_gbp,
    sums.p95_gbp,
    sums.p_negative,
    sums.draws,
    coalesce(projects.is_announced, false) as is_announced,
    null_reasons(
        [
            ['inherent_gbp', if(sums.inherent_gbp is null, missing.why, null)],
            ['additional_gbp', if(sums.inherent_gbp is null, missing.why, null)],
            ['could_deliver_gbp', if(sums.could_deliver_gbp is null, missing.why, null)],
            ['overlap_gbp', if(sums.overlap_gbp is null, missing.why, null)],
            ['net_gbp', if(sums.net_gbp is null, missing.why, null)],
            ['mean_gbp', if(sums.mean_gbp is null, missing.why, null)],
            ['cost_gbp', if(sums.cost_gbp is null, missing.why, null)],
            ['npsv_gbp', if(sums.npsv_gbp is null, missing.why, null)],
            ['bcr', if(sums.bcr is null, coalesce(sums.bcr_null_reason, missing.why), null)],
            ['switching_share', if(sums.switching_share is null, missing.why, null)],
            ['p_bcr_below_one', if(sums.p_bcr_below_one is null, missing.why, null)],
            ['lower_rate_net_gbp', if(sums.lower_rate_net_gbp is null, 'not_applicable', null)]
        ]
    ) as null_reasons
from stage.impact_sums as sums
left join stage.impact_projects as projects
    on
        sums.project_id = projects.project_id
        and projects.is_in_one_submission
-- What was spent, and what a project would have been worth without adjustments, is stated beforehand.
cross join lateral (
    select
        case
            when sums.net_gbp is null then 'not_valued'
            when sums.stage like 'ex_post%' then 'stated_ex_ante_only'
            else 'not_supplied'
        end as why
) as missing
