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
    coalesce(projects.is_announced, false) as is_announced
from stage.impact_sums as sums
left join stage.impact_projects as projects
    on
        sums.project_id = projects.project_id
        and projects.is_in_one_submission
