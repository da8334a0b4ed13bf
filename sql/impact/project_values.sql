-- Grain: one project at one stage and level, in one system.
select
    sums.project_id,
    sums.stage,
    sums.level,
    sums.system,
    sums.perspective,
    sums.is_headline,
    if(hides.it, null, sums.inherent_gbp) as inherent_gbp,
    if(hides.it, null, round(sums.net_gbp, 2) - round(sums.inherent_gbp, 2)) as additional_gbp,
    if(hides.it, null, sums.could_deliver_gbp) as could_deliver_gbp,
    if(hides.it, null, sums.overlap_gbp) as overlap_gbp,
    if(hides.it, null, sums.net_gbp) as net_gbp,
    if(hides.it, null, sums.fiscal_gbp) as fiscal_gbp,
    if(hides.it, null, sums.weighted_net_gbp) as weighted_net_gbp,
    if(hides.it, null, sums.mean_gbp) as mean_gbp,
    sums.cost_gbp,
    if(hides.it, null, sums.npsv_gbp) as npsv_gbp,
    if(hides.it, null, sums.bcr) as bcr,
    if(hides.it, null, sums.bcr_band) as bcr_band,
    if(hides.it, null, sums.bcr_null_reason) as bcr_null_reason,
    if(hides.it, null, sums.switching_share) as switching_share,
    if(hides.it, null, sums.p_bcr_below_one) as p_bcr_below_one,
    if(hides.it, null, sums.lower_rate_net_gbp) as lower_rate_net_gbp,
    sums.evidence_grade,
    sums.outcomes_counted,
    sums.outcomes_not_valued,
    if(hides.it, null, sums.sd_drawn_gbp) as sd_drawn_gbp,
    if(hides.it, null, sums.p5_gbp) as p5_gbp,
    if(hides.it, null, sums.p50_gbp) as p50_gbp,
    if(hides.it, null, sums.p95_gbp) as p95_gbp,
    if(hides.it, null, sums.p_negative) as p_negative,
    sums.draws,
    if(
        hides.it,
        withheld_names(
            [
                ['inherent_gbp', cast(sums.inherent_gbp as varchar)],
                ['additional_gbp', cast(sums.additional_gbp as varchar)],
                ['could_deliver_gbp', cast(sums.could_deliver_gbp as varchar)],
                ['overlap_gbp', cast(sums.overlap_gbp as varchar)],
                ['net_gbp', cast(sums.net_gbp as varchar)],
                ['fiscal_gbp', cast(sums.fiscal_gbp as varchar)],
                ['weighted_net_gbp', cast(sums.weighted_net_gbp as varchar)],
                ['mean_gbp', cast(sums.mean_gbp as varchar)],
                ['npsv_gbp', cast(sums.npsv_gbp as varchar)],
                ['bcr', cast(sums.bcr as varchar)],
                ['bcr_band', cast(sums.bcr_band as varchar)],
                ['switching_share', cast(sums.switching_share as varchar)],
                ['p_bcr_below_one', cast(sums.p_bcr_below_one as varchar)],
                ['lower_rate_net_gbp', cast(sums.lower_rate_net_gbp as varchar)],
                ['sd_drawn_gbp', cast(sums.sd_drawn_gbp as varchar)],
                ['p5_gbp', cast(sums.p5_gbp as varchar)],
                ['p50_gbp', cast(sums.p50_gbp as varchar)],
                ['p95_gbp', cast(sums.p95_gbp as varchar)],
                ['p_negative', cast(sums.p_negative as varchar)]
            ]
        ),
        null
    ) as withheld,
    coalesce(projects.is_announced, false) as is_announced,
    if(
        hides.it,
        null,
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
                ['weighted_net_gbp', if(sums.weighted_net_gbp is null, 'no_incomes', null)],
                ['lower_rate_net_gbp', if(sums.lower_rate_net_gbp is null, 'not_applicable', null)]
            ]
        )
    ) as null_reasons
from stage.impact_sums as sums
left join stage.impact_projects as projects
    on
        sums.project_id = projects.project_id
        and projects.is_in_one_submission
left join stage.impact_withheld_sums as hidden
    on
        sums.project_id = hidden.project_id
        and sums.stage = hidden.stage
        and sums.level = hidden.level
        and sums.system = hidden.system
cross join lateral (select coalesce(hidden.is_total_withheld, false) as it) as hides
-- What was spent, and what a project would have been worth without adjustments, is stated beforehand.
cross join lateral (
    select
        case
            when sums.net_gbp is null then 'not_valued'
            when sums.stage like 'ex_post%' then 'stated_ex_ante_only'
            else 'not_supplied'
        end as why
) as missing
